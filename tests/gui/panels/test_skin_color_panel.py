"""The panel of the complexion, with real clicks."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from document_samples import albedo_map
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from rowdriver import drag

from rhytid.core.document.commands import RandomComplexion, SetAlbedo
from rhytid.core.maps.complexion import TONES, Complexion
from rhytid.gui.panels.skin_color import SkinColorPanel


def test_every_strength_has_a_slider_that_sets_it_in_one_step(document, show):
    panel = show(SkinColorPanel(document), 1400)
    assert set(panel.rows) == {field.name for field in fields(Complexion)}
    for number, (name, row) in enumerate(panel.rows.items()):
        drag(row, 0.1, 0.8)
        assert getattr(document.state.complexion, name) == pytest.approx(0.8, abs=0.06)
        assert len(document.labels) == number + 2


def test_swatches_set_the_tone_and_leave_the_layers(document, show):
    panel = show(SkinColorPanel(document))
    document.execute(RandomComplexion(3))
    before = document.state.complexion
    QTest.mouseClick(panel.tones["Brown"], Qt.MouseButton.LeftButton)
    brown = next(tone for tone in TONES if tone.name == "Brown")
    assert document.state.complexion.melanin == brown.melanin
    assert document.state.complexion.freckles == before.freckles
    assert document.labels[-1] == "Brown skin"
    shades = [np.array(panel.tones[t.name].icon().pixmap(8, 8).toImage().pixelColor(3, 3).getRgb()[:3]) for t in TONES]
    assert (np.diff([shade.sum() for shade in shades]) < 0).all()


def test_dice_and_resets(document, show):
    panel = show(SkinColorPanel(document))
    QTest.mouseClick(panel.dice, Qt.MouseButton.LeftButton)
    rolled = document.state.complexion
    assert rolled != Complexion()
    panel.groups["Tone"].reset_requested.emit()
    assert document.state.complexion.melanin == Complexion().melanin
    assert document.state.complexion.iris == rolled.iris
    QTest.mouseClick(panel.usual, Qt.MouseButton.LeftButton)
    assert document.state.complexion == Complexion()
    assert not panel.usual.isEnabled()
    document.undo()
    assert document.state.complexion.iris == rolled.iris


def test_a_colour_that_was_brought_in_is_told_and_removed(document, show):
    panel = show(SkinColorPanel(document))
    assert not panel.brought.isVisible()
    document.execute(SetAlbedo(albedo_map()))
    assert panel.brought.isVisible()
    QTest.mouseClick(panel.remove, Qt.MouseButton.LeftButton)
    assert document.state.albedo is None
    assert not panel.brought.isVisible()
    document.undo()
    assert document.state.albedo is not None
    assert panel.brought.isVisible()
