"""The near field is the distance field where super-resolution looks, on any window."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.learned.near_field import NearField
from rhytid.core.learned.super_resolution import REACH_PX, nearness
from rhytid.core.lines.distance import distance_field
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.rect import Rect

BENT = Stroke("a", np.array([[0.1, 0.2], [0.5, 0.45], [0.93, 0.9]], np.float32), np.ones(3, np.float32))
SHORT = Stroke("b", np.array([[0.7, 0.2], [0.72, 0.21]], np.float32), np.ones(2, np.float32))
HIDDEN = Stroke("c", np.array([[0.1, 0.8], [0.4, 0.8]], np.float32), np.ones(2, np.float32), visible=False)


@pytest.mark.parametrize("resolution", [256, 1024])
def test_it_is_the_distance_field_near_lines(resolution: int) -> None:
    exact = distance_field([BENT, SHORT, HIDDEN], resolution)
    near = NearField([BENT, SHORT, HIDDEN])(resolution, Rect.whole(resolution))
    np.testing.assert_allclose(nearness(near, resolution), nearness(exact, resolution), atol=1e-5)
    within = exact * (0.05 * resolution) < min(REACH_PX, 0.05 * resolution) - 1e-3
    np.testing.assert_allclose(near[within], exact[within], atol=1e-6)
    assert within.any()


def test_a_window_is_the_crop_of_the_whole() -> None:
    field = NearField([BENT, SHORT])
    whole = field(1024, Rect.whole(1024))
    for rect in (Rect(0, 0, 280, 280), Rect(500, 430, 530, 600), Rect(1000, 900, 1024, 1024), Rect(5, 5, 5, 9)):
        np.testing.assert_array_equal(field(1024, rect), whole[rect.slices])


def test_no_lines() -> None:
    assert (NearField([])(512, Rect(0, 0, 20, 10)) == 1).all()
    assert (NearField([HIDDEN])(512, Rect.whole(512)) == 1).all()
