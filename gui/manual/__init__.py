"""The manual inside the program: pages of Markdown, and which paragraph explains which control."""
