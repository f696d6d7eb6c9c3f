"""The main window: panels round the face, and what each action of menus, keys and tool bar does.

An *action* has a name; one table holds text, keys and icon of all, and several classes say what they do.
They get what they use (session, viewport, preferences), not the window. All on the thread of Qt.

- `main_window`: puts everything together; layout, chart and keys.
- `drops`: what is dropped on it.
- `actions`, `action_states`: the table; check marks and greyed actions.
- `window_actions`, `dialog_actions`, `project_actions`: edits and views; dialogs; projects and what may be lost.
- `photo_actions`, `scan_actions`: faces of photos, however they come; of scans.
- `driver_actions`: faces that drive this one.
- `time_actions`: the clip: playing, keys, recordings in and out.
- `hand_actions`: menus round the pointer, the palette of commands, drags of the brush.
- `line_bars`: the bars beside the selected lines.
- `first_minute`: the page of the start, the tour.
- `library_actions`: the wrinkle library.
- `environment_actions`: opening an environment for the light.
- `path_questions`: which file.
- `docks`, `workspaces`, `panel_links`: the panels and where they stand; layouts for kinds of work, and the artist's
  own; what panels are given.
- `engine_menu`, `message_bar`, `status`: engines to choose, messages, the status bar.
"""
