from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.arkit import ARKIT_INDEX, expression_array
from rhytid.core.document.action_units import action_unit_table
from rhytid.core.synthesis import KEY_EXPRESSIONS, random_expression
from rhytid.core.synthesis.key_expressions import action_units, key_expression_index


def test_there_are_twenty_key_expressions_in_order():
    assert len(KEY_EXPRESSIONS) == 20
    assert [int(name.split("_")[0]) for name in KEY_EXPRESSIONS] == list(range(1, 21))
    assert KEY_EXPRESSIONS["3_mouth_stretch"][ARKIT_INDEX["jawOpen"]] == pytest.approx(0.7)


def test_key_expressions_are_recognised():
    assert [key_expression_index(weights) for weights in KEY_EXPRESSIONS.values()] == list(range(20))
    assert key_expression_index(expression_array({"tongueOut": 0.5})) == -1


@pytest.mark.parametrize("name", list(KEY_EXPRESSIONS))
def test_action_units_are_those_of_the_program(name):
    assert action_units(KEY_EXPRESSIONS[name]) == pytest.approx(
        dict(action_unit_table().intensities(KEY_EXPRESSIONS[name])), abs=1e-5
    )


def test_mixtures_are_weights_and_vary():
    rng = np.random.default_rng(1)
    drawn = np.stack([random_expression(rng) for _ in range(50)])
    assert drawn.shape == (50, 52)
    assert drawn.min() >= 0
    assert drawn.max() <= 1
    assert len(np.unique(drawn, axis=0)) > 40
