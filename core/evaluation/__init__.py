"""Scores of the engines on scanned displacement maps that no network has seen.

Run by the command `evaluate`, in several processes; torch is needed for LPIPS alone.

- `scores`, `perceptual`: what is measured on two maps; LPIPS where that package is installed.
- `scans`, `tasks`: the folder of scans with expressions and ages; the work in several processes.
- `faces`, `learned_models`: edits of a scan as the program makes them; SEMM's own input and output.
- `reconstruction`, `expression`, `animation`, `split`, `drawing`, `erasing`, `locality`, `age`, `ablations`: one
  experiment each.
- `coders`: maps by codes alone, of either variant of SEMM.
- `principal`, `training_maps`, `kept_components`: the principal components that the code is compared with.
- `photo_scores`: what is measured on a face that was read out of a photo.
- `report`, `table`, `pictures`: all of them together, as JSON, as a page to read and side by side.
"""
