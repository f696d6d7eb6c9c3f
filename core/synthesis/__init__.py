"""Synthesis: unlimited labelled samples of facial detail that no scan went into.

Statistics of scans calibrate the generator (`resources/synthesis`); the maps themselves never enter it. The same seed
gives the same sample. Training draws from it in worker processes.

- `person`, `sample`, `key_expressions`: who it is, one pose of it, which poses.
- `wrinkle_lines`, `fading`, `features`, `streaks`, `texture`, `hair`: what skin is made of.
- `scanner`, `drift`: what capturing adds.
- `calibrate`, `calibration`, `figures`: amplitudes that make synthetic faces as rough as scanned ones.
- `photo_shading`, `skin_paint`, `camera_faults`: photographs of relief, made in the chart.
- `lit_face`, `skin_prior`: faces of known colour under light; the space of colours that painted skins span.
- `measure`, `report`: statistics of maps; how far synthetic ones are from scanned ones.
"""

from rhytid.core.synthesis.key_expressions import KEY_EXPRESSIONS, random_expression
from rhytid.core.synthesis.sample import Sample, compressed_map, static_map, stretched_map, synthesise, tension_map

__all__ = [
    "KEY_EXPRESSIONS", "Sample", "compressed_map", "random_expression", "static_map", "stretched_map", "synthesise",
    "tension_map",
]  # fmt: skip
