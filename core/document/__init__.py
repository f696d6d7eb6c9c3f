"""The document: all that an artist can change, as one frozen value, and how it came about.

Only commands change a document, each a pure function from state to state; a *gesture* is many previews and one step of
the history. A state is shared freely between threads; a `Document` belongs to the thread of its window. What a face
looks like is no matter of the document: `core.face` makes it of a state.

- `state`, `limits`: the value and its ranges.
- `document`, `history`, `commands`: the present state, undo, and all edits there are.
- `expression`, `action_units`, `expression_presets`, `emotions`, `identity`: expressions and people by name and
  number.
- `channels`: what can have keys, and how a state follows them.
- `project`, `project_archive`, `packed_map`, `project_json`, `project_photo`, `project_layers`, `project_paint`: the
  file; `.rhytid` is a zip of JSON, NPY, PNG and a photo as it was.
- `bringing_out`: the expression in which strokes show.
- `wrinkle_set`: strokes by themselves, for clipboard and files.
- `wrinkle_library`, `wrinkle_placing`, `own_wrinkles`: such files in folders, where their strokes go on a face, and
  those that come with the program.
- `project_lock`, `file_lock`: one window for one project.
- `autosave`, `recovery`: work that a crash would lose, written on a thread of its own.
"""
