"""The program `rhytid` and the commands that need a picture or a window; the others are in `core.cli`.

Each command is a module with `add_arguments` and `run`, imported when it is asked for: a command that needs no window
must not wait for Qt.

- `program`: the commands by name.
- `editor`: the window.
- `render`: a picture of a face.
- `bench`, `bench_learned`: how long an artist waits.
"""
