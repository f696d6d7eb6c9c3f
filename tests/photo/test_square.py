"""Squares cut out of pictures: where their pixels come from, and that nothing is aliased."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rhytid.core.photo.square import Square


def ramps(height, width):
    """A picture whose first channel is x and second y of the middle of each px."""
    y, x = np.mgrid[:height, :width] + 0.5
    return np.stack([x, y, np.full_like(x, 77)], axis=-1).astype(np.uint8)


@pytest.mark.parametrize("side", [20.0, 64.0, 100.0, 193.0])
@pytest.mark.parametrize("angle", [0.0, 0.3, -2.0, math.pi / 2])
def test_each_pixel_comes_from_its_place(side, angle):
    square = Square(125.3, 118.8, side, angle)
    cut = square.cut(ramps(240, 250), 64)
    y, x = np.mgrid[:64, :64] + 0.5
    places = square.to_picture(np.stack([x.ravel(), y.ravel()], 1), 64).reshape(64, 64, 2)
    inside = ((places > 6) & (places < (244, 234))).all(axis=2)
    assert inside.mean() > 0.7
    assert np.abs(cut[..., :2] + 0.5 - places)[inside].max() < 1.1


def test_a_square_goes_beyond_the_picture():
    cut = Square(0, 0, 100).cut(ramps(100, 100), 50)
    assert (cut[:24, :] == 0).all()
    assert (cut[:, :24] == 0).all()
    assert (cut[27:, 27:, 2] == 77).all()
    assert (Square(-500, 40, 100).cut(ramps(100, 100), 50) == 0).all()
    assert (Square(50, 400, 100, 0.5).cut(ramps(100, 100), 50) == 0).all()


def test_stripes_too_fine_to_be_seen_are_grey():
    stripes = np.zeros((512, 512, 3), np.uint8)
    stripes[:, ::2] = 255
    for factor in (4, 8):
        cut = Square(256.5, 256, 512).cut(stripes, 512 // factor).astype(int)
        assert np.abs(cut[4:-4, 4:-4] - 127.5).max() < 3


def test_only_what_is_covered_costs_time():
    """The picture is not even read elsewhere: a cut of a corner is the cut of that corner alone."""
    picture = np.random.default_rng(1).integers(0, 255, (900, 900, 3), np.uint8)
    square = Square(150, 140, 200, 0.2)
    assert (square.cut(picture, 64) == square.cut(picture[:400, :400], 64)).all()
