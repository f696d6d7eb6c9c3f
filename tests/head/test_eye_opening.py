from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rhytid.core.arkit import expression_array
from rhytid.core.head.eye_opening import N_AZIMUTHS, WIDEST, EyeOpening
from rhytid.core.head.lid_margin import lid_margin
from rhytid.core.head.load import default_head

HEAD = default_head()


def opened(eye: int = 0, **weights: float):
    both = {f"{name}{side}": value for name, value in weights.items() for side in ("Left", "Right")}
    shape = HEAD.shape(np.zeros(0, np.float32), expression_array(both))
    return EyeOpening(HEAD, eye).of(shape, HEAD.eye_centers[eye])


def height(opening) -> float:
    """Degrees between the lids straight ahead."""
    return float(np.degrees(np.diff(opening.edges[N_AZIMUTHS // 2])[0]))


def test_lids_close_with_a_blink_and_open_wide():
    rest, half, closed, wide = (
        height(one) for one in (opened(), opened(eyeBlink=0.5), opened(eyeBlink=1.0), opened(eyeWide=1.0))
    )
    assert 25.0 < rest < 45.0
    assert abs(closed) < 2.5
    assert half == pytest.approx(0.5 * (rest + closed), abs=5.0)
    assert wide > rest + 5.0


def test_both_eyes_mirror():
    left, right = opened(0), opened(1)
    np.testing.assert_allclose(left.edges, right.edges[::-1], atol=2e-3)
    np.testing.assert_allclose(left.inner_corner, np.multiply(right.inner_corner, (-1, 1)), atol=2e-3)
    assert -WIDEST < left.inner_corner[0] < 0


def test_beyond_the_corners_the_lids_meet():
    opening = opened()
    gap = opening.edges[:, 1] - opening.edges[:, 0]
    assert gap[0] == gap[-1] == 0
    assert (gap > 0).sum() > N_AZIMUTHS // 2


def test_a_head_without_lids_is_open_everywhere():
    blind = replace(HEAD, eye_centers=np.zeros((2, 3), np.float32))
    opening = EyeOpening(blind, 0).of(HEAD.neutral, blind.eye_centers[0])
    assert (np.diff(opening.edges, axis=1) > 3.1).all()


def test_lashes_grow_at_lids_however_far_a_few_rings_of_vertices_reach(monkeypatch):
    """A coarse mesh is at the cheek and the brow within the rings that are lids of a fine one."""
    monkeypatch.setattr("rhytid.core.head.lid_margin._RINGS", 16)
    for eye in (0, 1):
        margin = lid_margin(replace(HEAD, name="coarse"), eye, (0.12, 0.28, 0.45))
        for triangles, weights in margin.lines:
            places = np.einsum("sej,sjk->sek", weights, HEAD.neutral[triangles]).reshape(-1, 3)
            assert np.linalg.norm(places - margin.centre, axis=1).max() < 22  # at the cheek it is 36
