"""Strokes with a colour lie on the skin as soft stripes, in every place where its colour is used."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rhytid.core.document.commands import AddStrokes
from rhytid.core.document.state import DocumentState
from rhytid.core.face.skin_color import skin_color, skin_color_key
from rhytid.core.lines.layer import StrokeLayer
from rhytid.core.lines.stroke import Profile, Stroke
from rhytid.core.maps.array_cache import ArrayCache

SIDE = 256
SCAR = Stroke("scar", np.array([[0.3, 0.2], [0.7, 0.2]]), np.ones(2), width=0.02, profile=Profile.SCAR, tint=1.0)


@pytest.fixture(scope="module")
def cache() -> ArrayCache:
    return ArrayCache()


def colour_of(cache: ArrayCache, *strokes: Stroke, **changes: object) -> np.ndarray:
    state = AddStrokes(strokes).apply(DocumentState())
    return skin_color(replace(state, **changes), SIDE, cache).astype(int)  # type: ignore[arg-type]


def test_a_red_scar_is_redder_and_a_pale_one_lighter_and_the_rest_stays(cache: ArrayCache) -> None:
    plain, red, pale = (colour_of(cache, replace(SCAR, tint=tint)) for tint in (0.0, 1.0, -1.0))
    on, beside = (int(0.2 * SIDE), SIDE // 2), (slice(70, 250), slice(None))
    assert (red[on] - plain[on])[1] < -15
    assert abs((red[on] - plain[on])[0]) <= 1
    assert ((pale[on] - plain[on]) > 3).all()
    assert (red[beside] == plain[beside]).all()
    edge = np.abs(np.diff((red - plain)[40:62, SIDE // 2, 1]))
    assert edge.max() < 0.6 * np.abs((red - plain)[..., 1]).max()


def test_a_stripe_comes_with_its_stroke(cache: ArrayCache) -> None:
    plain, red = colour_of(cache), colour_of(cache, SCAR)
    half = colour_of(cache, replace(SCAR, tint=0.5))
    on = int(0.2 * SIDE), SIDE // 2, 1
    assert red[on] < half[on] < plain[on]
    assert (colour_of(cache, replace(SCAR, visible=False)) == plain).all()
    assert (colour_of(cache, replace(SCAR, birth_age=50.0), age=30.0) == colour_of(cache, age=30.0)).all()
    assert (colour_of(cache, replace(SCAR, birth_age=50.0), age=65.0) != colour_of(cache, age=65.0)).any()
    hidden = colour_of(cache, SCAR, layers=(StrokeLayer("l", visible=False),),
                       strokes=(replace(SCAR, layer="l"),))  # fmt: skip
    assert (hidden == plain).all()


def test_only_strokes_with_a_colour_make_another_skin() -> None:
    plain = AddStrokes((replace(SCAR, tint=0.0),)).apply(DocumentState())
    assert skin_color_key(plain) == skin_color_key(DocumentState())
    assert skin_color_key(AddStrokes((SCAR,)).apply(DocumentState())) != skin_color_key(DocumentState())
