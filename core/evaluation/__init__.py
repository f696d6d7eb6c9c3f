"""Scores of the engines on scanned displacement maps that no network has seen.

- `scores`: what is measured on two maps; `perceptual`: LPIPS where that package is installed.
- `scans`: the folder of scans with expressions and ages; `tasks`: the work in several processes.
- `engines`, `faces`: edits of a scan as the program makes them; `learned_models`: SEMM's own input and output.
- `reconstruction`, `expression`, `drawing`, `erasing`, `locality`, `age`, `ablations`: one experiment each;
  `principal`, `training_maps`: the principal components that the code is compared with.
- `report`, `table`, `pictures`: all of them together, as JSON, as a page to read and side by side.
"""
