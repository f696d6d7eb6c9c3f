"""Maps and lines that the tests of the evaluation share."""

from __future__ import annotations

import numpy as np

from rhytid.core.lines.relief import relief
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.bands import band

EXPRESSIONS: dict[str, dict[str, float]] = {
    "1_neutral": {},
    "2_smile": {"mouthSmileLeft": 0.6, "mouthSmileRight": 0.6},
    "19_brow_raiser": {"browInnerUp": 0.8, "browOuterUpLeft": 0.8, "browOuterUpRight": 0.8},
}


def line(name: str, start: tuple[float, float], end: tuple[float, float], **values: object) -> Stroke:
    """A straight stroke."""
    points = np.linspace(start, end, 12, dtype=np.float32)
    return Stroke(name, points, np.ones(12, np.float32), **values)


def forehead_line(depth_mm: float = 0.3) -> Stroke:
    """75 px long and level."""
    return line("forehead", (0.36, 0.12), (0.65, 0.12), width=0.02, depth_mm=depth_mm)


def cheek_line(depth_mm: float = 0.3) -> Stroke:
    """50 px long and upright."""
    return line("cheek", (0.28, 0.48), (0.25, 0.68), width=0.02, depth_mm=depth_mm)


def texture(seed: int) -> np.ndarray:
    """Skin without lines, float32 (256, 256) with an RMS of 0.01 mm."""
    noise = np.random.default_rng(seed).normal(size=(256, 256)).astype(np.float32)
    values = band(noise, 0.8, 2.5)
    values *= np.float32(0.01) / values.std()
    return values


def made_scan(seed: int, depth_mm: float) -> np.ndarray:
    """Texture with two lines, float32 (256, 256) mm."""
    strokes = [(forehead_line(depth_mm), 1.0), (cheek_line(depth_mm), 1.0)]
    return texture(seed) + relief(strokes, 256)
