"""Tables of what expressions do to relief, solved on a few synthetic people."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.learned.expression_energy import CELLS, ExpressionEnergy, face_cells
from rhytid.core.maps.bands import log_energies
from rhytid.core.synthesis import KEY_EXPRESSIONS, static_map, synthesise
from rhytid.core.training.expression_energy import solved
from rhytid.gui.cli import program


@pytest.fixture(scope="module")
def tensors():
    return solved(n_people=6, n_mixtures=2)


def test_a_person_who_was_not_among_them_changes_as_they_say(tensors):
    table, cells = ExpressionEnergy(tensors), face_cells()
    correlations = []
    for name in ("4_anger", "19_brow_raiser", "16_grin"):
        expression = KEY_EXPRESSIONS[name]
        rest, own = static_map(77, 40.0), synthesise(77, 40.0, expression, scan=False).displacement
        real = log_energies(own * 10, CELLS) - log_energies(rest * 10, CELLS)
        found, control = (
            np.corrcoef(table.brought(40.0, weights)[:, cells].ravel(), real[:, cells].ravel())[0, 1]
            for weights in (expression, KEY_EXPRESSIONS["12_lip_puckerer"])
        )
        assert found > control + 0.2
        correlations.append(found)
    assert np.mean(correlations) > 0.5


def test_part_of_a_deviation_goes_with_the_expression(tensors):
    assert ((tensors["momentary"] > 0) & (tensors["momentary"] < 0.9)).all()


def test_the_command_writes_a_model_that_is_read_again(tmp_path, capsys):
    assert program.main(["train", "expression-energy", "--people", "2", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "expression_energy.json")
    assert ExpressionEnergy.load(tmp_path).brought(40.0, KEY_EXPRESSIONS["2_smile"]).any()
    assert program.main(["train", "expression-energy", "--people", "0", "--out", str(tmp_path)]) != 0
    assert "--people" in capsys.readouterr().err
