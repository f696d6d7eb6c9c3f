"""Small pictures of the default head against kept ones.

After a wanted change look at the new pictures and keep them: ``RHYTID_UPDATE_GOLDEN=1 pytest tests/render``.
On failure the test names a picture with kept, drawn and difference side by side.
"""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from rhytid.core.arkit import expression_array
from rhytid.core.document.state import Camera, Lighting
from rhytid.core.hair.settings import Hair
from rhytid.core.head.ageing import SHAPE_AGE, part_shares
from rhytid.core.head.load import default_head
from rhytid.gui.render.offscreen import render_image
from rhytid.gui.render.view_mode import ViewMode

FOLDER = Path(__file__).resolve().parents[1] / "golden"
SIZE = (320, 240)
MEAN_TOLERANCE = 1.5  # of 255
LARGE_DIFFERENCE, LARGE_SHARE = 32, 0.01

CASES = {
    "detailed_front": {"camera": Camera(distance_mm=480.0)},
    "detailed_window_smile": {
        "camera": Camera(yaw_deg=38.0, pitch_deg=6.0, distance_mm=480.0),
        "lighting": Lighting(environment="window"),
    },
    "eye": {"camera": Camera(yaw_deg=12.0, target_mm=(31.0, 36.0, 95.0), distance_mm=150.0)},
    "eye_strands": {
        "camera": Camera(yaw_deg=42.0, target_mm=(31.0, 38.0, 95.0), distance_mm=150.0), "hair": (Hair(), 1, 30.0),
    },
    "mouth_smile": {"camera": Camera(yaw_deg=14.0, target_mm=(0.0, -38.0, 95.0), distance_mm=150.0)},
    "displacement": {"camera": Camera(distance_mm=480.0), "view_mode": ViewMode.DISPLACEMENT},
    "normals": {"camera": Camera(yaw_deg=-30.0, distance_mm=480.0), "view_mode": ViewMode.NORMALS},
    "wireframe": {"camera": Camera(yaw_deg=25.0, distance_mm=300.0), "view_mode": ViewMode.WIREFRAME},
    "chart": {"camera": Camera(yaw_deg=15.0, distance_mm=480.0), "view_mode": ViewMode.CHART},
    # Form alone, whatever becomes of light and colour.
    **{
        f"age_{age:.0f}": {"camera": Camera(yaw_deg=35.0, distance_mm=480.0), "view_mode": ViewMode.NORMALS, "age": age}
        for age in (16.0, 55.0, 80.0)
    },
}


def furrows(resolution: int) -> np.ndarray:
    """Three furrows on the forehead and pores all over, mm."""
    t = (np.arange(resolution) + 0.5) / resolution
    x, y = np.meshgrid(t, t)
    depth = np.zeros((resolution, resolution))
    for row in (0.06, 0.095, 0.13):
        line = y - row - 0.02 * (2 * x - 1) ** 2
        depth -= 0.35 * np.exp(-((line / 0.006) ** 2)) * np.exp(-(((x - 0.5) / 0.2) ** 4))
    return (depth + 0.015 * np.sin(190 * x) * np.sin(230 * y)).astype(np.float32)


@pytest.mark.parametrize("name", list(CASES))
def test_picture_is_as_kept(name, ctx, tmp_path):
    case = dict(CASES[name])
    head = default_head()
    smile = {"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8, "jawOpen": 0.25, "eyeLookInLeft": 0.5}
    weights = expression_array(smile if "smile" in name else {})
    vertices = head.shape((), weights, part_shares(case.pop("age", SHAPE_AGE)))
    image = render_image(head, vertices, furrows(512), size=SIZE, samples=4, ctx=ctx, **case)
    path = FOLDER / f"{name}.png"
    if os.environ.get("RHYTID_UPDATE_GOLDEN"):
        cv2.imwrite(str(path), image[..., ::-1])
    kept = cv2.imread(str(path))
    assert kept is not None, f"{path.name} is missing: run with RHYTID_UPDATE_GOLDEN=1"
    difference = np.abs(image.astype(int) - kept[..., ::-1].astype(int))
    large = (difference.max(axis=2) > LARGE_DIFFERENCE).mean()
    if difference.mean() > MEAN_TOLERANCE or large > LARGE_SHARE:
        picture = tmp_path / f"{name}.png"
        side_by_side = [kept, image[..., ::-1], np.clip(difference[..., ::-1] * 4, 0, 255).astype(np.uint8)]
        cv2.imwrite(str(picture), np.hstack(side_by_side))
        pytest.fail(f"{name}: mean difference {difference.mean():.2f}, {large:.1%} large; see {picture}")
