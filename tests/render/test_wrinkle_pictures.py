"""Small pictures of wrinkles: the relief is there, where it lies, whatever would hide it on a face."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rhytid.core.document.own_wrinkles import own_wrinkles
from rhytid.core.document.wrinkle_placing import Side, at_site
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.render.wrinkle_pictures import WrinklePictures

ITEMS = {item.name: item.strokes for item in own_wrinkles().values()}
FEET = ITEMS["Crow's feet, deep"]
SIDE = 96


@pytest.fixture
def pictures():
    with WrinklePictures(SIDE) as pictures:
        yield pictures


def flat(strokes: tuple[Stroke, ...]) -> tuple[Stroke, ...]:
    """The same view without relief."""
    return tuple(replace(stroke, depth_mm=1e-6) for stroke in strokes)


def relief(pictures: WrinklePictures, strokes: tuple[Stroke, ...]) -> np.ndarray:
    """What the strokes change, float (side, side)."""
    with_them, without = (pictures.picture(some).astype(float) for some in (strokes, flat(strokes)))
    return np.abs(with_them - without).mean(axis=2)


@pytest.mark.parametrize("name", ["Crow's feet", "Forehead lines", "Marionette lines", "Under-eye lines"])
def test_deeper_wrinkles_show_more_and_the_middle_of_the_picture_has_them(pictures, name: str) -> None:
    light, deep = (relief(pictures, ITEMS[f"{name}, {strength}"]) for strength in ("light", "deep"))
    middle = np.s_[SIDE // 3 : -SIDE // 3, SIDE // 3 : -SIDE // 3]  # beside them the skin's own texture changes, too
    assert deep[middle].mean() > 1.4 * light[middle].mean() > 0
    rim = np.ones((SIDE, SIDE), bool)
    rim[8:-8, 8:-8] = False
    assert deep[~rim].mean() > 4 * deep[rim].mean()


def test_what_would_hide_wrinkles_on_a_face_hides_none_here(pictures) -> None:
    shown = pictures.picture(FEET)
    hidden = tuple(replace(stroke, birth_age=70.0, visible=False) for stroke in FEET)
    assert np.array_equal(pictures.picture(hidden), shown)


def test_the_other_half_looks_like_a_mirror_image(pictures) -> None:
    left = at_site(FEET, Side.LEFT, iter(f"n{i}" for i in range(99)).__next__)
    mirrored = relief(pictures, left)[:, ::-1]
    right = relief(pictures, FEET)
    alike = np.corrcoef(mirrored.ravel(), right.ravel())[0, 1]
    assert alike > 0.9
    assert np.corrcoef(mirrored[:, ::-1].ravel(), right.ravel())[0, 1] < 0.8
