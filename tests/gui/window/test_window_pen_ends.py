"""However a stroke ends, on the face and on the chart: it ends cleanly, and the next one works."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from pen_hands import LEFT, NO_BUTTON, NO_KEY, PEN, RIGHT, Hands
from pen_place import CHEEK, LOWER, Place, assert_the_next_works, case, half_a_stroke, the_rest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QMessageBox

from rhytid.core.document.commands import SetEngine
from rhytid.core.document.state import HeadReference
from rhytid.core.head.load import DEFAULT_HEAD

PENS = ("mouse", "pen")


@pytest.fixture(params=["face", "chart"])
def place(driver, errors, request) -> Iterator[Place]:
    window = driver.window
    if request.param == "chart":
        window.show_canvas(True)
        driver.wait_s(0.05)
    yield Place(driver, request.param)
    window.show_canvas(False)


def test_escape_takes_the_stroke_back_and_nothing_happens_until_the_pen_lifts(place, errors):
    document = place.driver.document
    for pen in PENS:
        with case(place, "Esc", pen):
            before, steps = document.state, document.labels
            rest = half_a_stroke(place, pen)
            place.key(Qt.Key.Key_Escape)
            assert document.state == before
            for at in rest:
                place.hands.move(at, pen)
                assert document.state == before
            place.hands.release(rest[-1], pen)
            assert document.labels == steps
            assert_the_next_works(place, errors, pen)


def deactivate(place: Place) -> None:
    QApplication.sendEvent(place.driver.window, QEvent(QEvent.Type.WindowDeactivate))


def open_menu(place: Place) -> None:
    menu = place.driver.window.menuBar().actions()[0].menu()
    assert isinstance(menu, QMenu)
    menu.popup(place.surface.mapToGlobal(QPoint(40, 40)))
    place.driver.wait(menu.isVisible)
    if QApplication.focusWidget() is None:  # no window manager made the window active, so Qt tells nobody
        QApplication.sendEvent(place.keys, QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.PopupFocusReason))
    menu.close()


def open_dialog(place: Place) -> None:
    dialog = QDialog(place.driver.window)
    dialog.setModal(True)
    dialog.open()
    place.driver.wait(dialog.isVisible)
    dialog.close()
    dialog.deleteLater()
    place.driver.window.activateWindow()


def full_screen(place: Place) -> None:
    place.driver.window.actions_by_name["full_screen"].trigger()


def another_size(place: Place) -> None:
    window = place.driver.window
    window.resize(window.width() + 60, window.height() + 40)
    place.driver.wait_s(0.02)


def lose_release(place: Place) -> None:
    place.hands.hover(place.way(CHEEK)[-1], "mouse")
    place.hands.hover(place.way(CHEEK)[-1], "pen")


LOSSES = {
    "the window is deactivated": deactivate,
    "a menu opens": open_menu,
    "a dialog opens": open_dialog,
    "another widget takes the keyboard": lambda place: QApplication.sendEvent(
        place.keys, QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.TabFocusReason)),
    "full screen": full_screen,
    "another size": another_size,
    "the release went elsewhere": lose_release,
    "hidden": lambda place: place.surface.window().hide(),
}


def test_a_stroke_that_is_lost_is_kept_as_one_step(place, errors):
    document = place.driver.document
    for how, pen in product(LOSSES, PENS):
        with case(place, how, pen):
            position = document.position
            rest = half_a_stroke(place, pen)
            LOSSES[how](place)
            assert not document.gesture_active
            assert len(document.state.strokes) == 1
            assert document.position == position + 1
            the_rest(place, rest, pen)
            assert document.position == position + 1
            back(place)
            assert_the_next_works(place, errors, pen)


def back(place: Place) -> None:
    """The window as it was, with a picture that can be drawn on."""
    driver = place.driver
    full_screen = driver.window.actions_by_name["full_screen"]
    if full_screen.isChecked():
        full_screen.trigger()
    driver.window.resize(1100, 760)
    driver.window.show()
    driver.window.activateWindow()
    driver.wait_s(0.05)
    driver.wait(lambda: not place.on_face or driver.viewport.pick(place.way(LOWER)[:1]) != [None])


def test_a_chart_that_is_closed_under_the_pen_keeps_the_stroke(driver, errors):
    driver.window.show_canvas(True)
    place = Place(driver, "chart")
    driver.window.activateWindow()
    place.keys.setFocus()
    driver.settle()
    rest = half_a_stroke(place, "mouse")
    driver.window.show_canvas(False)
    assert not driver.document.gesture_active
    assert len(driver.document.state.strokes) == 1
    the_rest(place, rest, "mouse")
    driver.settle()
    assert_the_next_works(Place(driver, "face"), errors, "mouse")


GOES_ON = {
    "undo": lambda place: place.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier),
    "redo": lambda place: place.key(Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier),
    "eraser by key": lambda place: place.key(Qt.Key.Key_E),
    "select tool by key": lambda place: place.key(Qt.Key.Key_V),
    "mirror by key": lambda place: (place.key(Qt.Key.Key_X), place.key(Qt.Key.Key_X)),
    "engine": lambda place: place.driver.window.window_actions.choose_engine("semm"),
    "head": lambda place: place.driver.window.actions_by_name["head_default"].trigger(),
    "delete": lambda place: place.key(Qt.Key.Key_Delete),
    "adopt": lambda place: place.driver.window.actions_by_name["adopt"].trigger(),
    "wheel": lambda place: wheel(place),
    "a second button": lambda place: second_button(place),
    "a finger": lambda place: place.hands.draw(place.way(LOWER), "finger"),
    "the eraser's end": lambda place: place.hands.draw(place.way(LOWER), "eraser"),
    "the window draws": lambda place: place.driver.wait_s(0.05),
    "a press once more": lambda place: None,
}


def wheel(place: Place) -> None:
    at = place.way(CHEEK)[0]
    everywhere = place.surface.mapToGlobal(at)
    event = QWheelEvent(at, everywhere, QPoint(), QPoint(0, 240), LEFT, NO_KEY, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(place.surface, event)


def second_button(place: Place) -> None:
    at, both = place.way(CHEEK)[6], LEFT | RIGHT
    place.hands.mouse(QEvent.Type.MouseButtonPress, at, RIGHT, both)
    place.hands.mouse(QEvent.Type.MouseButtonRelease, at, RIGHT, LEFT)


def test_a_stroke_goes_on_through(place, errors):
    document, driver = place.driver.document, place.driver
    for what, pen in product(GOES_ON, PENS):
        with case(place, what, pen):
            position, settings, camera = document.position, document.state.settings, document.state.camera
            rest = half_a_stroke(place, pen)
            GOES_ON[what](place)
            if what == "a press once more":
                place.hands.press(place.way(CHEEK)[7], pen)
            assert driver.session.stroke_tool.active
            the_rest(place, rest, pen)
            assert len(document.state.strokes) == 1
            assert document.position == position + 1
            assert document.state.strokes[0].points[-1] == pytest.approx(CHEEK[1], abs=0.012)
            assert document.state.settings == settings
            assert document.state.camera == camera
            assert_the_next_works(place, errors, pen)


def discard(monkeypatch) -> list[str]:
    asked: list[str] = []

    def answer(*texts: object) -> QMessageBox.StandardButton:
        asked.append(str(texts[2]))
        return QMessageBox.StandardButton.Discard

    monkeypatch.setattr(QMessageBox, "warning", answer)
    return asked


def test_a_new_face_in_the_middle_of_a_stroke_asks_for_it_and_begins_anew(place, errors, monkeypatch):
    asked = discard(monkeypatch)
    driver, document = place.driver, place.driver.document
    document.mark_saved(document.state, "face.rhytid")
    rest = half_a_stroke(place, "pen")
    driver.window.actions_by_name["new"].trigger()
    assert len(asked) == 1, "the stroke would be lost"
    assert document.state.strokes == ()
    the_rest(place, rest, "pen")
    assert document.position == 0
    document.execute(SetEngine(generate_wrinkles=False))
    assert_the_next_works(place, errors, "pen")


def test_another_document_under_the_pen_leaves_nothing_of_the_stroke(place, errors):
    document = place.driver.document
    other = document.committed_state
    rest = half_a_stroke(place, "pen")
    document.adopt(other)
    the_rest(place, rest, "pen")
    assert document.state == other
    assert document.position == 0
    assert_the_next_works(place, errors, "pen")


def test_what_a_job_found_waits_for_nobody_and_keeps_the_stroke(place, errors):
    driver, document = place.driver, place.driver.document
    position = document.position
    rest = half_a_stroke(place, "pen")
    driver.window.files.use_head(DEFAULT_HEAD)
    driver.wait(lambda: not driver.session.jobs.busy)
    assert document.labels[position + 1] == "Draw stroke"
    assert document.state.head != HeadReference()
    the_rest(place, rest, "pen")
    assert document.position == position + 2
    document.undo()
    assert_the_next_works(place, errors, "pen")


def test_two_pens_at_once_on_face_and_chart(driver, errors):
    driver.window.show_canvas(True)
    driver.settle()
    face, chart = Place(driver, "face"), Place(driver, "chart")
    position = driver.document.position
    rest = half_a_stroke(face, "pen")
    chart.hands.draw(chart.way(LOWER), "mouse")
    the_rest(face, rest, "pen")
    assert not driver.document.gesture_active
    assert driver.document.position - position in (1, 2)
    assert_the_next_works(face, errors, "pen")
    driver.settle()
    place = Place(driver, "chart")
    assert_the_next_works(place, errors, "mouse")
    driver.window.show_canvas(False)


@pytest.mark.parametrize("button", [Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton])
def test_a_drag_of_the_camera_or_of_the_chart_ends_the_same_ways(place, errors, button):
    driver, hands, way = place.driver, place.hands, place.way(CHEEK)

    def view() -> object:
        if place.on_face:
            return driver.document.state.camera
        return driver.window.canvas.view.position_of(0.5, 0.5).toTuple()

    before = view()
    hands.mouse(QEvent.Type.MouseButtonPress, way[0], button, button)
    hands.mouse(QEvent.Type.MouseMove, way[-1], NO_BUTTON, button)
    moved = view()
    assert (moved != before) is (place.on_face or button == Qt.MouseButton.MiddleButton)
    place.key(Qt.Key.Key_Escape)
    assert view() == (before if place.on_face else pytest.approx(before, abs=1e-6))
    hands.mouse(QEvent.Type.MouseMove, way[3], NO_BUTTON, button)
    assert view() == (before if place.on_face else pytest.approx(before, abs=1e-6))
    hands.mouse(QEvent.Type.MouseButtonRelease, way[3], button, NO_BUTTON)
    hands.mouse(QEvent.Type.MouseButtonPress, way[0], button, button)
    hands.mouse(QEvent.Type.MouseMove, way[-1], NO_BUTTON, button)
    hands.hover(way[2])  # its release went elsewhere
    kept = view()
    hands.hover(way[6])
    assert view() == kept
    assert_the_next_works(place, errors, "mouse")


def test_a_window_closed_in_the_middle_of_a_stroke_asks_for_it(place, errors, monkeypatch):
    driver, document = place.driver, place.driver.document
    asked: list[str] = []

    def stay(*texts: object) -> QMessageBox.StandardButton:
        asked.append(str(texts[2]))
        return QMessageBox.StandardButton.Cancel

    monkeypatch.setattr(QMessageBox, "warning", stay)
    document.mark_saved(document.state, "face.rhytid")
    rest = half_a_stroke(place, "mouse")
    driver.window.close()
    assert len(asked) == 1
    assert driver.window.isVisible()
    assert len(document.state.strokes) == 1
    the_rest(place, rest, "mouse")
    assert_the_next_works(place, errors, "mouse")


def test_the_pens_tip_reaches_the_divider(driver, errors):
    """A pen on something over the face is not the face's."""
    session = driver.session
    driver.window.window_actions.see_a(True)
    session.comparison.pinned = False
    session.comparison.split = True
    driver.settle()
    bar = driver.viewport.split_bar
    assert bar.isVisible()
    hands = Hands(driver.viewport)
    on_bar = QPointF(bar.geometry().center())
    assert not hands.tablet(QEvent.Type.TabletPress, on_bar, by=PEN)
    assert not hands.tablet(QEvent.Type.TabletRelease, on_bar, by=PEN)
    assert not session.stroke_tool.active
    session.comparison.forget()
