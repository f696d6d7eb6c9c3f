"""The program `rhytid` and the commands that need a picture or a window; the others are in `core.cli`.

Each command is a module with `add_arguments` and `run`, imported when it is asked for: a command that needs no window
must not wait for Qt.

- `program`: the commands by name.
- `editor`: the window.
- `render`: a picture of a face.
- `animate`, `turntable`: a face that is driven, as a film or pictures.
- `wrinkle_pack`: wrinkle maps for engines, and their check by pictures.
- `batch`, `batch_plan`, `batch_task`: many faces, ages and expressions; what their job asks for, and one output of it.
- `view_options`: the options that these three share.
- `bench`, `bench_learned`, `bench_in_photo`, `bench_played`, `bench_window`: how long an artist waits, in the stages
  and in the real window.
- `bench_live`: what a telephone would send meanwhile.
- `evaluate_photo`, `evaluate_in_photo`: scores of what is read out of photos, and of edits in them.
- `evaluate_people`: whether random people read as people.
- `calibrate_photo`: what pictures of random people teach of finding faces and fitting heads.
- `render_records`: what the rendering network learns from.
- `bench_times`, `bench_probe`: asking the window in a process of its own; how fast the machine is right now.
"""
