"""Displacement maps that the commands work on: the program's own skin, aged 60, smiling."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import rhytid
from rhytid.core.io.map_meaning import FACESCAPE
from rhytid.core.io.map_pixels import write_png


@pytest.fixture(scope="session")
def skin() -> np.ndarray:
    """float32 (256, 256) mm."""
    face = rhytid.Face()
    face.engine = "procedural"
    face.age = 60
    face.expression = {"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8}
    return face.maps(256).displacement


@pytest.fixture
def scan(tmp_path: Path, skin: np.ndarray) -> Path:
    """The skin as a scan's file: 16-bit PNG in FaceScape's convention, no JSON beside it."""
    path = tmp_path / "scan.png"
    values = np.rint(skin / FACESCAPE.scale_mm * 65535 + 32768)
    write_png(path, np.clip(values, 0, 65535).astype(np.uint16))
    return path
