"""Where a set of strokes goes: its site, the other half, both, or where it is dropped."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import numpy as np
import pytest

from rhytid.core.document.own_wrinkles import own_wrinkles
from rhytid.core.document.wrinkle_placing import Side, at_site, centre, dropped, half_of
from rhytid.core.lines.stroke import Stroke

ITEMS = {item.name: item.strokes for item in own_wrinkles().values()}
FEET, FOREHEAD, FOLD = ITEMS["Crow's feet, deep"], ITEMS["Forehead lines, deep"], ITEMS["Nasolabial fold, deep"]


def new_id():  # type: ignore[no-untyped-def]
    numbers = count()
    return lambda: f"n{next(numbers)}"


def test_the_half_of_a_set_is_known() -> None:
    assert half_of(FEET) is Side.RIGHT
    assert half_of(at_site(FEET, Side.LEFT, new_id())) is Side.LEFT
    assert half_of(FOREHEAD) is Side.BOTH


@pytest.mark.parametrize("strokes", [FEET, FOLD], ids=["feet", "fold"])
def test_the_other_half_is_the_mirror_image_and_twice_mirrored_is_the_same(strokes: tuple[Stroke, ...]) -> None:
    left = at_site(strokes, Side.LEFT, new_id())
    for old, new in zip(strokes, left, strict=True):
        image = new.points * np.array([-1, 1]) + np.array([1, 0])
        assert np.abs(np.sort(image, axis=0) - np.sort(old.points, axis=0)).max() < 1e-6
        assert {n[-1] for n, _ in new.binding.weights if n[-1] in "LR"} == {"L"}
        assert new.layer.endswith("-l")
        assert new.binding.growth == old.binding.growth
    back = at_site(left, Side.RIGHT, new_id())
    for old, new in zip(strokes, back, strict=True):
        assert np.abs(new.points - old.points).max() < 1e-6
        assert replace(new, points=old.points, id=old.id) == old


def test_both_halves_are_the_set_and_its_twin_that_differs_a_little() -> None:
    pair = at_site(FEET, Side.BOTH, new_id(), asymmetry=0.5)
    assert len(pair) == 2 * len(FEET)
    right, left = pair[: len(FEET)], pair[len(FEET) :]
    assert all(np.array_equal(a.points, b.points) for a, b in zip(right, FEET, strict=True))
    x, y = centre(left)
    assert x > 0.5
    assert abs(y - centre(FEET)[1]) < 0.03
    exact = at_site(FEET, Side.LEFT, new_id())
    assert any(a.points.shape != b.points.shape or np.abs(a.points - b.points).max() > 1e-3
               for a, b in zip(left, exact, strict=True))  # fmt: skip


def test_a_middle_set_is_the_same_on_either_half() -> None:
    for side in Side:
        assert [s.points.tobytes() for s in at_site(FOREHEAD, side, new_id())] == [s.points.tobytes() for s in FOREHEAD]


def test_strength_is_depth() -> None:
    for old, new in zip(FEET, at_site(FEET, Side.RIGHT, new_id(), depth=0.5), strict=True):
        assert new.depth_mm == pytest.approx(0.5 * old.depth_mm)


def test_every_stroke_gets_an_id_of_its_own() -> None:
    ids = [stroke.id for stroke in at_site(FEET, Side.BOTH, new_id())]
    assert len(set(ids)) == len(ids)


def test_dropped_near_its_site_a_set_goes_there_exactly() -> None:
    x, y = centre(FEET)
    placed = dropped(FEET, (x + 0.03, y - 0.03), new_id())
    assert all(np.array_equal(a.points, b.points) for a, b in zip(placed, FEET, strict=True))
    mirrored = dropped(FEET, (1 - x + 0.03, y), new_id())
    assert half_of(mirrored) is Side.LEFT
    assert np.allclose(centre(mirrored), (1 - x, y), atol=1e-6)


def test_dropped_elsewhere_it_goes_there_as_a_whole() -> None:
    placed = dropped(FEET, (0.30, 0.60), new_id())
    assert np.allclose(centre(placed), (0.30, 0.60), atol=1e-6)
    offset = placed[0].points - FEET[0].points
    for old, new in zip(FEET, placed, strict=True):
        assert np.abs(new.points - old.points - offset[0]).max() < 1e-6
    assert not any(stroke.layer.startswith("site:crows-feet") for stroke in placed)


def test_dropped_at_the_border_it_stays_whole_in_the_chart() -> None:
    placed = dropped(FEET, (0.0, 1.0), new_id())
    assert all((s.points >= 0).all() and (s.points <= 1).all() for s in placed)
    offset = placed[0].points[0] - FEET[0].points[0]
    for old, new in zip(FEET, placed, strict=True):
        assert np.abs(new.points - old.points - offset).max() < 1e-6
