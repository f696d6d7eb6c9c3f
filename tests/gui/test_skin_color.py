"""The colour of the skin follows the document, off the GUI thread, and is the same wherever it is shown."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from rhytid.core.document.commands import PaintSkin, SetAge, SetComplexion, SetEngine
from rhytid.core.document.document import Document
from rhytid.core.face.skin_color import skin_color
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.core.maps.eye_color import iris_picture
from rhytid.core.maps.paint import COLOR, PAINT_SIDE, Paint, toward
from rhytid.core.maps.rect import Rect
from rhytid.gui.controllers import skin_color as controller
from rhytid.gui.controllers.skin_color import SkinColor


@pytest.fixture
def color(qapp, monkeypatch):
    monkeypatch.setattr(controller, "RESOLUTION", 128)
    document = Document()
    color = SkinColor(document, ArrayCache())
    shown = []
    color.changed.connect(shown.append)
    yield document, color, shown
    color.close()


def test_the_colour_is_the_documents(qtbot, color):
    document, follower, shown = color
    follower.start()
    qtbot.waitUntil(lambda: follower.idle and len(shown) == 1)
    document.execute(SetEngine(seed=9))
    assert not follower.idle
    qtbot.waitUntil(lambda: follower.idle)
    document.execute(SetAge(64.0))
    qtbot.waitUntil(lambda: follower.idle)
    assert len(shown) == 3
    np.testing.assert_array_equal(follower.latest.chart, skin_color(document.state, 128, ArrayCache(), strands=True))
    assert (shown[1].chart != shown[0].chart).any()
    assert (shown[2].chart != shown[1].chart).any()


def test_a_drag_shows_colours_on_its_way_and_ends_with_the_documents(qtbot, color):
    document, follower, shown = color
    follower.start()
    qtbot.waitUntil(lambda: follower.idle)
    gesture = document.begin_gesture("Set age")
    for age in np.linspace(30.0, 62.0, 40).tolist():
        gesture.preview(SetAge(age))
        qtbot.wait(5)
    gesture.commit()
    qtbot.waitUntil(lambda: follower.idle)
    assert 3 <= len(shown) <= 9, "of one age in five a colour, as far as there is time"
    np.testing.assert_array_equal(shown[-1].chart, skin_color(document.state, 128, ArrayCache(), strands=True))


def test_coming_back_before_the_colour_is_made_needs_none(qtbot, color):
    document, follower, shown = color
    follower.start()
    qtbot.waitUntil(lambda: follower.idle)
    document.execute(SetAge(70.0))
    document.undo()
    assert follower.idle
    qtbot.wait(200)
    assert len(shown) == 1


def test_paint_is_a_part_of_what_is_shown_also_after_a_colour_that_nobody_saw(qtbot, color, monkeypatch):
    document, follower, shown = color
    monkeypatch.setattr(controller, "RESOLUTION", PAINT_SIDE)
    follower.start()
    qtbot.waitUntil(lambda: follower.idle)
    document.execute(SetAge(70.0))
    qtbot.waitUntil(lambda: follower._making is not None)
    document.undo()
    qtbot.waitUntil(lambda: follower._making is None)
    assert len(shown) == 1
    share, spot = np.full((90, 100), 0.7, np.float32), Rect(600, 430, 700, 520)
    planes = toward(Paint().planes(spot), share, COLOR, [200, 40, 60, 255])
    document.execute(PaintSkin(Paint().with_planes(spot, planes)))
    qtbot.waitUntil(lambda: follower.idle)
    assert shown[1].changed_since(shown[0].revisions.last) is not None


def test_the_picture_of_the_irises_is_made_behind_and_the_newest_wins(qtbot, color, monkeypatch):
    document, follower, shown = color
    made = []

    def watched(rgb):
        made.append((rgb, threading.current_thread() is threading.main_thread()))
        return iris_picture(rgb)

    monkeypatch.setattr(controller, "iris_picture", watched)
    follower.start()
    qtbot.waitUntil(lambda: follower.idle)
    first = follower.iris
    assert first == document.state.iris
    gesture = document.begin_gesture("Set iris")
    for value in np.linspace(0.1, 0.9, 30).tolist():
        gesture.preview(SetComplexion({"iris": value}))
    gesture.commit()
    assert follower.iris == first, "not before its picture is there"
    qtbot.waitUntil(lambda: follower.idle)
    assert follower.iris == document.state.iris != first
    assert not any(on_main for _, on_main in made)
    assert len(made) <= 4, "those between are left out"
    kept = iris_picture.cache_info().misses
    iris_picture(follower.iris)
    assert iris_picture.cache_info().misses == kept, "who shows it need not make it"
    assert shown[-1].chart is shown[0].chart or (shown[-1].chart == shown[0].chart).all()
