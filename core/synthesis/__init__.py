"""Synthesis: unlimited labelled samples of facial detail that no scan went into.

- `measure`: statistics of displacement maps, scanned or synthetic: energy by place and octave, lines, shape.
- `figures`: the statistics of the scans that calibrate the generator, `resources/synthesis/figures.json`.
- `report`: how far synthetic maps are from scanned ones.
"""
