"""A brush covers what lies within its radius on the posed skin, wherever the chart is stretched."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.load import default_head
from rhytid.core.head.skin_brush import SkinBrush

SIDE = 1024


@pytest.fixture(scope="module")
def head():
    return default_head()


@pytest.fixture(scope="module")
def brush(head):
    return SkinBrush(head, head.neutral, SIDE)


def covered(brush, points, radius_mm, hardness=0.0, strengths=None):
    share = np.zeros((SIDE, SIDE), np.float32)
    n = len(points)
    rect = brush.cover(share, points, [radius_mm] * n, strengths or [1.0] * n, hardness)
    return share, rect


@pytest.mark.parametrize("at", [(0.28, 0.5), (0.5, 0.2), (0.5, 0.48), (0.12, 0.45), (0.5, 0.85)])
@pytest.mark.parametrize("radius_mm", [0.8, 4.0, 15.0])
def test_the_rim_lies_at_the_radius_in_mm_everywhere_on_the_face(head, brush, at, radius_mm):
    share, rect = covered(brush, [at], radius_mm, hardness=0.5)
    raster = ChartRaster(head, SIDE)
    places = raster.sample(head.neutral[: head.n_skin])
    centre = raster.position(head.neutral, np.array([at]))[0]
    away = np.linalg.norm(places - centre, axis=-1)
    skin = raster.covered
    inner, outer = skin & (away < 0.5 * radius_mm - 0.35), skin & (away > radius_mm + 0.35)
    assert (share[inner] > 0.98).all()
    assert (share[outer] == 0).all()
    outside = np.ones((SIDE, SIDE), bool)
    outside[rect.slices] = False
    assert (share[outside] == 0).all()


def test_it_follows_the_pose(head, brush):
    larger = SkinBrush(head, head.neutral * np.float32(2), SIDE)
    small, large = (covered(one, [(0.3, 0.5)], 6.0)[0] for one in (larger, brush))
    assert (small > 0).sum() == pytest.approx((large > 0).sum() / 4, rel=0.1)


def test_a_way_is_covered_evenly_and_twice_is_once(brush):
    points = [(0.25 + 0.002 * i, 0.5) for i in range(30)]
    once, _ = covered(brush, points, 3.0)
    twice, _ = covered(brush, [*points, *points[::-1]], 3.0)
    np.testing.assert_allclose(twice, once, atol=0.12)  # points that lie closer than a tenth of the radius are skipped
    middle = once[round(0.5 * SIDE), round(0.255 * SIDE) : round(0.305 * SIDE)]
    assert middle.min() > 0.97
    ends, _ = covered(brush, [points[0], points[-1]], 3.0)
    assert (np.abs(ends - once) > 0.5).mean() < 0.001, "a straight way needs no points between"


def test_pressure_gives_strength_and_radius_along_the_way(brush):
    share = np.zeros((SIDE, SIDE), np.float32)
    brush.cover(share, [(0.25, 0.5), (0.33, 0.5)], [2.0, 6.0], [0.2, 1.0], 0.5)
    left, right = (share[:, round(x * SIDE)] for x in (0.25, 0.33))
    assert left.max() == pytest.approx(0.2, abs=0.03)
    assert right.max() == pytest.approx(1.0, abs=0.03)
    assert (right > 0).sum() > 2 * (left > 0).sum()


def test_hardness_steepens_the_rim_only(brush):
    soft, hard = (covered(brush, [(0.3, 0.5)], 6.0, hardness)[0] for hardness in (0.0, 1.0))
    assert ((hard > 0) == (soft > 0)).mean() > 0.999
    between = [((one > 0.1) & (one < 0.9)).sum() for one in (soft, hard)]
    assert between[1] < 0.2 * between[0]


def test_lips_are_painted_on_their_outside(head, brush):
    """Their insides share the chart with them."""
    share, _ = covered(brush, [(x, 0.66) for x in np.linspace(0.42, 0.58, 40)], 2.5, hardness=0.5)
    middle = share[round(0.66 * SIDE), round(0.43 * SIDE) : round(0.57 * SIDE)]
    assert middle.min() > 0.97
    for column in (0.44, 0.47, 0.5, 0.53, 0.56):
        rows = np.nonzero(share[:, round(column * SIDE)] > 0.5)[0]
        assert 6 < len(rows) == rows[-1] - rows[0] + 1, "one band without holes"
