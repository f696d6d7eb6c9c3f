"""Strokes and made-up scans that the tests of detail share."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from rhytid.core.detail.request import SourceDetail
from rhytid.core.lines.relief import relief
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.bands import band


def blank() -> np.ndarray:
    return np.zeros((256, 256), np.float32)


def line(name: str, start: tuple[float, float], end: tuple[float, float], **values: object) -> Stroke:
    """A straight stroke."""
    points = np.linspace(start, end, 12, dtype=np.float32)
    return Stroke(name, points, np.ones(12, np.float32), **values)


def scan(resolution: int = 256, seed: int = 3) -> np.ndarray:
    """A made-up scan: noise like skin's, three wrinkles along `scan_lines`; float32 read-only."""
    noise = np.random.default_rng(seed).normal(size=(resolution, resolution)).astype(np.float32)
    scale = resolution / 256
    texture = band(noise, 0.8 * scale, 2.5 * scale)
    texture *= np.float32(0.012) / texture.std()
    texture += relief([(stroke, 1.0) for stroke in scan_lines()], resolution)
    texture.setflags(write=False)
    return texture


def scan_lines() -> tuple[Stroke, ...]:
    """The wrinkles of `scan`: two on the forehead, one on the cheek."""
    return (
        line("s1", (0.32, 0.08), (0.66, 0.07), width=0.016, depth_mm=0.25, from_source=True),
        line("s2", (0.34, 0.13), (0.64, 0.12), width=0.016, depth_mm=0.20, from_source=True),
        line("s3", (0.30, 0.52), (0.27, 0.70), width=0.014, depth_mm=0.15, from_source=True),
    )


def source_of(
    displacement: np.ndarray, lines: Sequence[Stroke] | None = None, age: float = 30.0
) -> SourceDetail:
    """A source in neutral expression."""
    digest = hashlib.sha256(displacement.tobytes()).hexdigest()
    return SourceDetail(
        displacement, (0.0,) * 52, age, "scan", tuple(scan_lines() if lines is None else lines), digest
    )
