"""A made-up scan to edit."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.lines.relief import relief
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.bands import band


@pytest.fixture(scope="session")
def scan() -> np.ndarray:
    """float32 (256, 256) mm, read-only: noise like skin's and three wrinkles."""
    texture = band(np.random.default_rng(3).normal(size=(256, 256)).astype(np.float32), 0.8, 2.5)
    texture *= np.float32(0.012) / texture.std()
    ends = {"s1": ((0.32, 0.08), (0.66, 0.07)), "s2": ((0.34, 0.13), (0.64, 0.12)), "s3": ((0.30, 0.52), (0.27, 0.70))}
    lines = [
        Stroke(name, np.linspace(*between, 12), np.ones(12), width=0.016, depth_mm=0.25 - 0.05 * number)
        for number, (name, between) in enumerate(ends.items())
    ]
    texture += relief([(line, 1.0) for line in lines], 256)
    texture.setflags(write=False)
    return texture
