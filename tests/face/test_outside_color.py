"""Colour outside the chart: blotches of one size on the skin, none in the chart, none where none are wanted."""

from __future__ import annotations

import numpy as np

from rhytid.core.face.outside_color import blotched
from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.load import default_head
from rhytid.core.maps.albedo_map import AROUND_FIRST, AROUND_SPAN

SIDE = 384
EVEN = np.full((SIDE, SIDE, 3), (201, 156, 135), np.uint8)


def test_the_chart_keeps_its_colour_and_none_is_none():
    colors = blotched(EVEN, 0.3)
    inside = slice(SIDE // 3 + 1, 2 * SIDE // 3 - 1)
    np.testing.assert_array_equal(colors[inside, inside], EVEN[inside, inside])
    assert blotched(EVEN, 0.0) is EVEN
    assert len(blotched(EVEN[:1, :1], 0.5)) == 1


def test_blood_tells_the_colours_apart_and_keeps_the_mean():
    change = blotched(EVEN, 0.3).astype(float) - EVEN
    assert change[..., 1].std() > 1.4 * change[..., 0].std() > 0.5
    assert np.abs(change.mean(axis=(0, 1))).max() < 2


def test_blotches_are_as_long_as_wide_on_the_skin():
    """The scalp's colour changes as fast along the chart's x as along its y, per mm, however these are stretched."""
    head, side = default_head(), 1536
    raster = ChartRaster(head, side, AROUND_FIRST, AROUND_SPAN)
    place = raster.sample(head.neutral[: head.n_skin])
    stretched = raster.covered & (place[..., 1] > 100)
    green = blotched(np.full((side, side, 3), (201, 156, 135), np.uint8), 1.0)[..., 1].astype(float)
    slope = []
    for axis in (0, 1):
        both = stretched & np.roll(stretched, -1, axis)
        length_mm = np.linalg.norm(np.roll(place, -1, axis) - place, axis=2)[both]
        rise = (np.roll(green, -1, axis) - green)[both]
        slope.append((np.abs(rise) / length_mm).mean())
    assert 0.8 < slope[0] / slope[1] < 1.25
