"""Gums, teeth and palate of random people stay behind the skin of the nose and the cheeks."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.face.face import Face
from rhytid.core.head.head import Part
from rhytid.core.photo.rasteriser import NumpyRasteriser

SIDE_PX, FOCAL_PX, DISTANCE_MM = 400, 2000.0, 1000.0
LIPS = slice(48, 68)


@pytest.fixture(scope="module")
def face() -> Face:
    return Face()


@pytest.mark.parametrize("seed", [2, 4, 11, 12, 33, 39])
@pytest.mark.parametrize("yaw_deg", [0.0, 40.0])
def test_nothing_of_the_mouth_is_seen_beside_the_lips(face: Face, seed: int, yaw_deg: float) -> None:
    face.be_random(seed)
    head, vertices = face.head, face.pose().vertices
    yaw = np.radians(yaw_deg)
    turn = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, -1, 0], [-np.sin(yaw), 0, -np.cos(yaw)]])
    seen_from = (vertices @ turn.T + [0, 0, DISTANCE_MM]).astype(np.float32)
    middle = np.full(2, SIDE_PX / 2)
    fragments = NumpyRasteriser().fragments(seen_from, head.triangles, FOCAL_PX, middle, (SIDE_PX, SIDE_PX))
    parts = np.where(fragments.triangle >= 0, head.triangle_parts[fragments.triangle], Part.SKIN)
    assert (parts == Part.SKIN).mean() > 0.9
    pixels = seen_from[head.landmarks[LIPS], :2] / seen_from[head.landmarks[LIPS], 2:] * FOCAL_PX + middle
    (left, top), (right, bottom) = pixels.min(axis=0) - 3, pixels.max(axis=0) + 3
    lids = seen_from[head.landmarks[28], 1] / seen_from[head.landmarks[28], 2] * FOCAL_PX + middle[1]
    y, x = np.nonzero(np.isin(parts, (Part.TEETH, Part.MOUTH)))
    outside = (y > lids) & ~((x > left) & (x < right) & (y > top) & (y < bottom))  # above it lie the eyes' corners
    assert not outside.any()
