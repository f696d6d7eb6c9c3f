"""What expressions do to the strength of relief."""

from __future__ import annotations

import numpy as np
import pytest
from expression_energy_sample import BROUGHT, BROW_CELLS, SMILE_CELLS, expression_energy, expression_energy_tensors

from rhytid.core.arkit import expression_array
from rhytid.core.learned.expression_energy import CELLS, ExpressionEnergy, deviation, face_cells, moved
from rhytid.core.learned.weights import WeightsError
from rhytid.core.training.shipping import save_model

NEUTRAL = np.zeros(52, np.float32)
SMILE = expression_array({"mouthSmileLeft": 1.0, "mouthSmileRight": 1.0})
BROW = expression_array({"browInnerUp": 1.0})


def test_an_expression_brings_what_its_weights_say_where_they_say_it():
    table = expression_energy()
    assert not table.brought(40.0, NEUTRAL).any()
    smile = table.brought(40.0, SMILE)
    np.testing.assert_allclose(smile[SMILE_CELLS], 2 * BROUGHT, rtol=1e-3)
    assert not smile[BROW_CELLS].any()
    np.testing.assert_allclose(table.brought(70.0, BROW)[BROW_CELLS], 1.5, rtol=1e-3)
    np.testing.assert_allclose(table.brought(16.0, BROW)[BROW_CELLS], 0.5, rtol=1e-3)
    np.testing.assert_allclose(table.expected(70.0, NEUTRAL), -1.75, rtol=1e-3)


def test_an_ordinary_map_changes_by_what_the_expressions_bring_and_comes_back():
    table = expression_energy()
    smiling = table.expected(40.0, SMILE)
    to_rest = table.change(smiling, (40.0, SMILE), (40.0, NEUTRAL))
    np.testing.assert_allclose(to_rest, -table.brought(40.0, SMILE), atol=1e-5)
    back = table.change(smiling + to_rest, (40.0, NEUTRAL), (40.0, SMILE))
    np.testing.assert_allclose(back, -to_rest, atol=1e-5)


def test_an_unchanged_expression_changes_nothing_whatever_the_map():
    own = np.random.default_rng(0).normal(size=(4, CELLS, CELLS)).astype(np.float32)
    assert not expression_energy().change(own, (40.0, SMILE), (40.0, SMILE)).any()


def test_what_an_expression_gave_a_person_beyond_others_goes_with_it():
    table = expression_energy()
    own = table.expected(40.0, SMILE).copy()
    own[SMILE_CELLS] += 1.0
    own[BROW_CELLS] += 1.0
    change = table.change(own, (40.0, SMILE), (40.0, NEUTRAL))
    middle = change[:, 18, 9]
    np.testing.assert_allclose(middle, -2 * BROUGHT - np.array([0.4, 0.3, 0.2, 0.1]), atol=0.02)
    assert not change[BROW_CELLS].any()  # a smile does nothing there: what is there is the person's


def test_a_capture_that_is_softer_everywhere_stays_so():
    expected = np.random.default_rng(0).normal(size=(4, CELLS, CELLS)).astype(np.float32)
    softer = expected - np.float32([3, 2, 1, 0.5])[:, None, None]
    softer[:, :, :2] = -9  # beyond the face
    assert not face_cells()[:, :2].any()
    np.testing.assert_allclose(deviation(softer, expected)[:, :, 8:], 0, atol=1e-3)


def test_small_changes_move_little():
    values = moved(np.float32([0, 0.03, 0.3, 3]))
    assert values[0] == 0
    assert values[1] < 0.02
    assert values[3] > 0.99


@pytest.mark.parametrize("name", ["rest", "brought", "momentary"])
def test_damaged_tensors_are_refused_by_name(name):
    tensors = expression_energy_tensors()
    for damaged in (None, tensors[name][:-1], np.full_like(tensors[name], np.nan)):
        with pytest.raises(WeightsError, match=f"{name} .*weights again"):
            ExpressionEnergy(tensors | {name: damaged})


def test_a_folder_without_tables_gets_those_of_the_program(tmp_path):
    shipped = ExpressionEnergy.load()
    np.testing.assert_array_equal(ExpressionEnergy.load(tmp_path).brought(40.0, SMILE), shipped.brought(40.0, SMILE))
    save_model(tmp_path, "expression_energy", expression_energy_tensors(), {}, {})
    own = ExpressionEnergy.load(tmp_path)
    np.testing.assert_allclose(own.brought(40.0, SMILE), expression_energy().brought(40.0, SMILE), atol=1e-3)


def test_the_programs_tables_know_where_expressions_draw_lines():
    """A smile deepens the folds beside nose and mouth, a raised brow the forehead."""
    table = ExpressionEnergy.load()
    folds, forehead = np.s_[1:3, 15:22, 10:14], np.s_[1:3, 1:5, 10:22]
    assert table.brought(40.0, SMILE)[folds].mean() > table.brought(40.0, SMILE)[forehead].mean() + 0.2
    assert table.brought(40.0, BROW)[forehead].mean() > table.brought(40.0, BROW)[folds].mean() + 0.2
