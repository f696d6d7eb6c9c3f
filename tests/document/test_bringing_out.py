"""The expression that brings strokes out: in it they are full, and the way there and back is smooth."""

from __future__ import annotations

import numpy as np
import pytest
from document_samples import stroke

from rhytid.core.detail.wrinkles import generated_strokes
from rhytid.core.document.bringing_out import DURATION_S, RISE_S, bringing_out, share_shown
from rhytid.core.document.expression import action_units_of
from rhytid.core.lines.activation import activation
from rhytid.core.lines.stroke import Onset

BOUND = [s for s in generated_strokes(4) if s.binding.onset is not Onset.ALWAYS and s.birth_age < 40]


@pytest.mark.parametrize("one", BOUND[::6], ids=lambda s: s.id)
def test_in_it_a_stroke_shows_nearly_fully(one) -> None:
    expression = bringing_out([one])
    assert activation(one, expression, action_units_of(expression), 70.0) > 0.85


def test_several_strokes_show_together() -> None:
    some = BOUND[:3] + BOUND[-3:]
    expression = bringing_out(some)
    shown = [activation(s, expression, action_units_of(expression), 70.0) for s in some]
    assert min(shown) > 0.8


def test_strokes_that_always_show_need_none() -> None:
    assert bringing_out([stroke("a")]) is None
    assert bringing_out([]) is None


def test_the_way_is_there_and_back_without_a_jump() -> None:
    times = np.linspace(-0.1, DURATION_S + 0.1, 400)
    shares = np.array([share_shown(float(t)) for t in times])
    assert shares[0] == shares[-1] == 0
    assert share_shown(RISE_S) == 1
    assert np.abs(np.diff(shares)).max() < 0.02
