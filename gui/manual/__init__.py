"""The manual inside the program: pages of Markdown, and which paragraph explains which control.

The pages are `resources/help`. Every control that an artist sees has a line in the table; a test visits them all.

- `pages`, `page_view`, `window`: reading the pages, showing one, the window around it.
- `action_topics`, `topic_table`, `topics`: control to paragraph.
- `opening`: the manual at what is under the pointer.
"""
