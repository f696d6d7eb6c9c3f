"""A small head and maps that every test of files can write within milliseconds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from rhytid.core.arkit import ARKIT_INDEX, N_EXPRESSION
from rhytid.core.detail.request import DetailMaps
from rhytid.core.head.head import Head, Part
from rhytid.core.maps.field import Field

SIDE = 17  # vertices of the skin's grid per side
RADIUS_MM = 80.0


def _grid(n: int, first: int = 0) -> np.ndarray:
    """Quads of an n x n grid, counter-clockwise when x is right and rows go down."""
    row, column = np.divmod(np.arange((n - 1) * (n - 1)), n - 1)
    corner = first + row * n + column
    return np.stack([corner, corner + n, corner + n + 1, corner + 1], axis=1).astype(np.int32)


def make_head() -> Head:
    """A dome of skin (inner part in tile 1001, rim in 1002), one eye, a mouth that hangs on the rim."""
    chart_x, chart_y = np.meshgrid(np.linspace(-0.25, 1.25, SIDE), np.linspace(-0.25, 1.25, SIDE))
    chart = np.stack([chart_x.ravel(), chart_y.ravel()], axis=1).astype(np.float32)
    x, y = (chart[:, 0] - 0.5) * 120, (0.5 - chart[:, 1]) * 120
    skin = np.stack([x, y, np.sqrt(np.maximum(RADIUS_MM**2 * 2 - x**2 - y**2, 0)) - 60], axis=1)
    eye = np.array([[0, 0, 90], [10, 0, 80], [0, 10, 80], [-10, 0, 80], [0, -10, 80]], float)
    lip = skin[:SIDE] + np.array([0, 5, -5])
    vertices = np.concatenate([skin, eye, lip]).astype(np.float32)
    n_skin = len(skin)

    quads = _grid(SIDE)
    split = quads[:4]  # some triangles among the quads
    triangles = np.concatenate([split[:, [0, 1, 2]], split[:, [0, 2, 3]]])
    eye_triangles = n_skin + np.array([[0, 1, 2], [0, 2, 3], [0, 3, 4], [0, 4, 1]])
    first_lip = n_skin + len(eye)
    strip = np.arange(SIDE - 1)
    mouth = np.stack([strip, strip + 1, first_lip + strip + 1, first_lip + strip], axis=1)

    def padded(faces: np.ndarray) -> np.ndarray:
        return np.concatenate([faces, np.full((len(faces), 1), -1)], axis=1)

    faces = np.concatenate([padded(triangles), quads[4:], padded(eye_triangles), mouth]).astype(np.int32)
    counts = [len(triangles) + len(quads) - 4, len(eye_triangles), len(mouth)]
    parts = np.repeat([Part.SKIN, Part.EYE_LEFT, Part.MOUTH], counts).astype(np.uint8)

    valid = faces >= 0
    corner_chart = np.where((parts == Part.SKIN)[:, None, None], chart[np.minimum(faces, n_skin - 1)], 0.5)
    outside = ((corner_chart < 0) | (corner_chart > 1)).any(axis=2)
    in_chart = (parts == Part.SKIN) & ~(outside & valid).any(axis=1)
    of_chart = np.stack([chart[:, 0], 1 - chart[:, 1]], axis=1)
    elsewhere = (vertices[:, :2] / 400 + 0.5) + (1, 0)
    uv = np.concatenate([of_chart, elsewhere]).astype(np.float32)
    face_uv = np.where(in_chart[:, None], faces, faces + n_skin)
    face_uv = np.where(valid, face_uv, -1).astype(np.int32)

    random = np.random.default_rng(0)
    expression = np.zeros((N_EXPRESSION, len(vertices), 3), np.float16)
    for index in range(N_EXPRESSION - 1):  # tongueOut stays empty
        centre = vertices[random.integers(n_skin)]
        near = np.exp(-((vertices - centre) ** 2).sum(axis=1) / (2 * 15.0**2))
        near[near < 0.01] = 0
        expression[index] = near[:, None] * random.normal(0, 3, 3)
    border = np.minimum(chart, 1 - chart).min(axis=1)
    return Head(
        name="dome",
        digest="0" * 64,
        neutral=vertices,
        faces=faces,
        parts=parts,
        n_skin=n_skin,
        chart=chart,
        detail_weight=np.clip((border - 0.05) / 0.15, 0, 1).astype(np.float32),
        uv=uv,
        face_uv=face_uv,
        identity=np.zeros((1, len(vertices), 3), np.float16),
        expression=expression,
        landmarks=np.zeros(68, np.int32),
    )


def _maps(resolution: int) -> DetailMaps:
    """Waves of 0.3 mm, a line across, its distance field."""
    position = (np.arange(resolution, dtype=np.float32) + 0.5) / resolution
    x, y = np.meshgrid(position, position)
    displacement = (0.3 * np.sin(2 * np.pi * 6 * x) * np.cos(2 * np.pi * 4 * y)).astype(np.float32)
    line_map = np.zeros((resolution, resolution), bool)
    line_map[resolution // 3] = True
    rows = np.abs(np.arange(resolution, dtype=np.float32) - resolution // 3)
    distance = np.minimum(rows / (0.05 * resolution), 1)[:, None].repeat(resolution, axis=1)
    return DetailMaps(Field.of(displacement), line_map, Field.of(distance.astype(np.float32)))


@pytest.fixture(scope="session")
def head() -> Head:
    assert ARKIT_INDEX["tongueOut"] == N_EXPRESSION - 1
    return make_head()


@pytest.fixture(scope="session")
def make_maps() -> Callable[[int], DetailMaps]:
    return _maps
