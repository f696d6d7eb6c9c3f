"""The commands that need no picture, and what all commands share. Each is a module with `add_arguments` and `run`.

A command raises ValueError or OSError with one line that says what to do; `run` prints it and ends with code 2. Files
that the program did not make are replaced only with --overwrite.

- `detail`, `lines`, `export`: edit maps, extract lines, write a project for other programs.
- `photo`, `photo_batch`, `scan`: faces of photos, and of a folder of them; of a scan.
- `job_file`: a job in TOML, told by file, line and key what is wrong with it.
- `resumable`, `cluster`: many jobs in several processes or on a cluster, with a record to go on from.
- `train`, `evaluate`, `head_report`, `synthesis_report`, `test`: for those who work on the program.
- `run`, `options`, `map_options`: parsing, and options that several commands have.
- `opening`, `line_pictures`, `batch`: the face, the lines and the files that a command works on.
- `bootstrap`, `virtual_display`: the first start on a machine with Python alone; a screen where there is none.
"""
