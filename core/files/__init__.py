"""Files of the disk: opened only when they are what they should be, written completely or not at all.

Every reader of the program opens files through `reading` and every writer through `writing`: what a stranger's
file can do to the program, and what the program can do to an artist's files, is settled here.

- `reading`, `glb`, `obj`, `mtl`, `text`: opening with distrust; binary glTF, OBJ, its materials, and text that came out
  of a file.
- `apart`: reading with a library of others, in a process of its own.
- `pickled`, `pickled_arrays`: pickles as data, which nothing of is run, and the arrays in them.
- `writing`, `file_set`, `leftovers`: whole files, files that come together, what killed writers left behind.
- `outputs`, `digest`: files that the program made, and whether a file is still the one it was.
- `names`, `state_folder`, `failure_log`, `presets`, `failures`: names, the program's own folder, its log, presets,
  the disk's refusals.
"""
