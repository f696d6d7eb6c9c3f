"""When and how strongly strokes show."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from line_samples import arc

from rhytid.core.ageing import DEEPENING_YEARS
from rhytid.core.arkit import expression_array
from rhytid.core.lines.activation import activation, growth_at
from rhytid.core.lines.stroke import Binding, Onset, Stroke

NEUTRAL = np.zeros(52, np.float32)
SMILE = Binding(Onset.EXPRESSION, (("mouthSmileLeft", 0.8), ("mouthSmileRight", 0.8)))


def at(stroke: Stroke, age: float = 40, action_units: dict[str, float] | None = None, **weights: float) -> float:
    return activation(stroke, expression_array(weights), action_units or {}, age)


def test_always_means_always_unless_hidden() -> None:
    assert at(arc(1)) == 1
    assert at(replace(arc(1), visible=False)) == 0


def test_an_expression_stroke_follows_its_expression_smoothly() -> None:
    stroke = replace(arc(1), binding=SMILE)
    shown = [at(stroke, mouthSmileLeft=v, mouthSmileRight=v) for v in np.linspace(0, 1, 21)]
    assert shown[0] == 0
    assert shown[16] == pytest.approx(1)
    assert shown[20] == 1
    assert (np.diff(shown) >= 0).all()
    assert np.diff(shown).max() < 0.12
    assert at(stroke, mouthSmileLeft=0.8) == pytest.approx(0.5)


def test_other_weights_do_not_move_it() -> None:
    stroke = replace(arc(1), binding=SMILE)
    assert at(stroke, jawOpen=1.0, eyeBlinkLeft=1.0) == 0
    both = {"mouthSmileLeft": 0.4, "mouthSmileRight": 0.4}
    assert at(stroke, eyeBlinkLeft=1.0, **both) == at(stroke, **both)


def test_an_action_unit_stroke_follows_its_action_unit() -> None:
    stroke = replace(arc(1), binding=Binding(Onset.ACTION_UNITS, (("AU4", 0.5),)))
    assert at(stroke) == 0
    assert at(stroke, action_units={"AU4": 0.5}) == 1
    assert 0 < at(stroke, action_units={"AU4": 0.2}) < 1
    assert activation(stroke, NEUTRAL, (("AU4", 0.5),), 40) == 1


def test_a_stroke_bound_to_a_neutral_face_shows_always() -> None:
    assert at(replace(arc(1), binding=Binding(Onset.EXPRESSION, (("jawOpen", 0.0),)))) == 1


def test_age_brings_a_stroke_slowly() -> None:
    stroke = replace(arc(1), birth_age=35.0)
    assert at(stroke, age=34) == at(stroke, age=35) == 0
    assert at(stroke, age=35 + DEEPENING_YEARS / 2) == pytest.approx(0.5)
    assert at(stroke, age=35 + DEEPENING_YEARS) == 1
    bound = replace(stroke, binding=SMILE)
    assert at(bound, age=30, mouthSmileLeft=1, mouthSmileRight=1) == 0


def test_a_growth_says_where_a_stroke_begins_and_how_it_grows() -> None:
    late = replace(SMILE, growth=((0.5, 0.0), (0.75, 0.9), (1.0, 1.0)))
    stroke = replace(arc(1), binding=late)
    shown = [at(stroke, mouthSmileLeft=0.8 * v, mouthSmileRight=0.8 * v) for v in (0, 0.25, 0.5, 0.75, 1.0, 1.25)]
    assert shown[:3] == pytest.approx([0, 0, 0], abs=1e-6)
    assert shown[3] == pytest.approx(0.9)
    assert shown[4:] == [1, 1]


def test_a_growth_may_leave_a_share_at_rest() -> None:
    stroke = replace(arc(1), binding=replace(SMILE, growth=((0.0, 0.3), (1.0, 1.0))))
    assert at(stroke) == pytest.approx(0.3)
    assert at(stroke, mouthSmileLeft=0.8, mouthSmileRight=0.8) == 1


@given(st.lists(st.tuples(st.integers(0, 100), st.floats(0, 1)), min_size=2, max_size=8, unique_by=lambda p: p[0]))
def test_a_growth_goes_through_its_points_and_stays_between_neighbours(points: list[tuple[int, float]]) -> None:
    growth = tuple(sorted((way / 100, share) for way, share in points))
    for way, share in growth:
        assert growth_at(growth, way) == pytest.approx(share, abs=2e-6)
    for (a, low), (b, high) in pairwise(growth):
        for way in np.linspace(a, b, 9):
            assert min(low, high) - 2e-6 <= growth_at(growth, float(way)) <= max(low, high) + 2e-6


@pytest.mark.parametrize("growth", [
    ((0.0, 0.0),), ((0.5, 0.0), (0.5, 1.0)), ((0.6, 0.0), (0.5, 1.0)), ((0.0, -0.1), (1.0, 1.0)),
    ((0.0, 0.0), (1.1, 1.0)), ((0.0, float("nan")), (1.0, 1.0)), tuple((i / 9, 0.5) for i in range(9)),
])  # fmt: skip
def test_what_is_no_growth_is_refused(growth) -> None:
    with pytest.raises(ValueError, match="growth"):
        Binding(Onset.EXPRESSION, SMILE.weights, growth)
