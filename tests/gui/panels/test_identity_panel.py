"""The identity panel: measures and modes under the hand, undo, reset, search, typed values, heads without people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from rowdriver import drag

from rhytid.core.document.commands import RandomIdentity
from rhytid.core.face.identity import measures_of
from rhytid.core.head.anthropometry import MEASURES
from rhytid.core.head.head import Head
from rhytid.core.head.identity_measures import MEASURE_NAMES, identity_measures
from rhytid.core.head.load import default_head
from rhytid.gui.panels.identity import IdentityPanel
from tests.head.small_head import small_head

HEAD = default_head()


@pytest.fixture
def panel(document, show):
    return show(IdentityPanel(document, HEAD), 1800)


def without_people() -> Head:
    return replace(HEAD, digest="nobody", identity=np.zeros((0, *HEAD.neutral.shape), np.float16))


def test_dice_seed_and_the_average_person(document, panel):
    QTest.mouseClick(panel.dice, Qt.MouseButton.LeftButton)
    assert len(document.state.identity) == HEAD.n_identity
    assert document.labels[-1] == f"Random identity {panel.seed.value()}"
    panel.seed.setValue(7)
    assert document.labels[-1] == "Random identity 7"
    QTest.mouseClick(panel.average, Qt.MouseButton.LeftButton)
    assert document.state.identity == ()
    document.undo()
    assert panel.seed.value() == 7


def test_a_drag_moves_its_measure_in_one_step_and_undo_brings_the_person_back(document, panel):
    document.execute(RandomIdentity(5, HEAD.n_identity))
    before, row = document.state.identity, panel.rows["jaw_width"]
    steps = len(document.labels)
    drag(row, 0.5, 0.8)
    assert len(document.labels) == steps + 1
    assert document.labels[-1] == "Set jaw width"
    measures = measures_of(document.state, HEAD)
    assert measures["jaw_width"] == pytest.approx(row.number, abs=0.02)
    assert row.number > row.default + 0.5 * (row.high - row.default)
    assert panel.rows["nose_width"].number == pytest.approx(measures["nose_width"])
    document.undo()
    assert document.state.identity == before


def test_a_typed_value_is_reached_and_a_value_beyond_people_is_the_last_of_them(document, panel):
    assert panel.rows["nose_width"].enter("34.5")
    assert measures_of(document.state, HEAD)["nose_width"] == pytest.approx(34.5, abs=0.02)
    assert panel.rows["nose_width"].enter("90")
    assert panel.rows["nose_width"].number == pytest.approx(panel.rows["nose_width"].high, abs=0.05)
    panel.rows["nose_width"].reset()
    assert panel.rows["nose_width"].number == pytest.approx(panel.rows["nose_width"].default, abs=0.02)


def test_every_random_person_shows_its_measures(document, panel):
    document.execute(RandomIdentity(11, HEAD.n_identity))
    shown = {name: row.number for name, row in panel.rows.items()}
    assert shown == pytest.approx(measures_of(document.state, HEAD))
    assert set(shown) == set(MEASURE_NAMES)


def test_a_groups_reset_makes_it_the_average_persons_and_keeps_the_rest(document, panel):
    document.execute(RandomIdentity(11, HEAD.n_identity))
    group = next(measure.group for measure in MEASURES if measure.name == "nose_width")
    jaw = panel.rows["jaw_width"].number
    panel.groups[group].reset_button.click()
    for measure in MEASURES:
        if measure.group == group:
            row = panel.rows[measure.name]
            assert row.number == pytest.approx(row.default, abs=0.05), measure.name
    assert panel.groups[group].header.note == ""
    spread = identity_measures(HEAD).spread[MEASURE_NAMES.index("jaw_width")]
    assert abs(panel.rows["jaw_width"].number - jaw) < spread
    assert document.labels[-1] == f"Set {group.lower()}"


def test_search_finds_by_name_and_by_the_anthropometrists_word(panel):
    panel.search.setText("nose")
    shown = {name for name, row in panel.rows.items() if row.isVisible()}
    assert {"nose_width", "nose_length", "nose_tip"} <= shown
    assert "jaw_width" not in shown
    assert not panel.more.isVisible()
    panel.search.setText("bizygomatic")
    assert [name for name, row in panel.rows.items() if row.isVisible()] == ["face_width"]
    panel.search.setText("xyz")
    assert panel.nothing.isVisible()
    panel.search.clear()
    assert all(row.isVisible() for row in panel.rows.values())
    assert not panel.nothing.isVisible()


def test_the_heads_modes_lie_under_more(document, panel):
    assert not panel.modes
    panel.more.header.setChecked(True)
    assert len(panel.modes) == HEAD.n_identity
    drag(panel.modes[1], 0.5, 0.75)
    assert document.state.identity[1] == pytest.approx(1.5, abs=0.3)
    assert panel.rows["face_height"].number == pytest.approx(measures_of(document.state, HEAD)["face_height"])
    document.execute(RandomIdentity(3, HEAD.n_identity))
    assert [row.number for row in panel.modes] == pytest.approx(list(document.state.identity))


def test_the_sexes(document, panel):
    panel.rows["sex"].enter("1")
    man = measures_of(document.state, HEAD)
    panel.rows["sex"].enter("-1")
    woman = measures_of(document.state, HEAD)
    for name in ("face_width", "jaw_width", "face_height", "nose_width", "neck_width"):
        assert man[name] > woman[name]


def test_a_head_without_people_says_so_and_one_with_people_brings_the_sliders_back(panel):
    panel.set_head(without_people())
    assert panel.nothing.isVisible()
    assert "identity modes" in panel.nothing.text()
    assert not any(row.isVisible() for row in panel.rows.values())
    assert not panel.dice.isEnabled()
    panel.set_head(HEAD)
    assert all(row.isVisible() for row in panel.rows.values())


def test_modes_that_change_no_measure_leave_their_sliders_out(panel):
    panel.set_head(small_head())
    assert any(row.low == row.high for row in panel.rows.values())
    assert all(row.isVisible() == (row.low < row.high) for row in panel.rows.values())


def test_what_people_measure_is_learned_when_somebody_looks(document, qtbot):
    panel = IdentityPanel(document, HEAD)
    qtbot.addWidget(panel)
    assert panel.rows["jaw_width"].high == 1.0
    panel.show()
    assert panel.rows["jaw_width"].high > 100.0
