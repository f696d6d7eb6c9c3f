"""Synthesis: unlimited labelled samples of facial detail that no scan went into.

- `measure`: statistics of displacement maps, scanned or synthetic: energy by place and octave, lines, shape.
- `figures`: the statistics of the scans that calibrate the generator, `resources/synthesis/figures.json`.
- `report`: how far synthetic maps are from scanned ones.
"""

from rhytid.core.synthesis.expressions import KEY_EXPRESSIONS, random_expression
from rhytid.core.synthesis.sample import Sample, compressed_map, static_map, stretched_map, synthesise, tension_map

__all__ = [
    "KEY_EXPRESSIONS", "Sample", "compressed_map", "random_expression", "static_map", "stretched_map", "synthesise",
    "tension_map",
]  # fmt: skip
