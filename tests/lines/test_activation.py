"""When and how strongly strokes show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from line_samples import arc

from rhytid.core.ageing import DEEPENING_YEARS
from rhytid.core.arkit import expression_array
from rhytid.core.lines.activation import activation
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
