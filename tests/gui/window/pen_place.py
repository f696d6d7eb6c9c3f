"""The face and the chart as places to draw on, and the strokes that tests interrupt there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pen_hands import NO_KEY, Hands
from PySide6.QtCore import QPointF, Qt

from rhytid.core.document.commands import SetEngine
from rhytid.gui.controllers.tool_settings import Tool

CHEEK = ((0.30, 0.55), (0.42, 0.60))
LOWER = ((0.30, 0.66), (0.40, 0.70))
_ATTEMPTS = 3


class Place:
    """The face or the chart, and hands on it."""

    def __init__(self, driver, name: str) -> None:
        self.driver, self.name = driver, name
        self.on_face = name == "face"
        canvas = driver.window.canvas
        self.surface = driver.viewport if self.on_face else canvas.view.viewport()
        self.keys = driver.viewport if self.on_face else canvas.view
        self.source = driver.window.viewport_input.pen if self.on_face else canvas.view.pen
        self.hands = Hands(self.surface)

    def way(self, charts) -> list[QPointF]:
        if self.on_face:
            return [QPointF(point) for point in self.driver.way(*charts)]
        (x0, y0), (x1, y1) = charts
        view = self.driver.window.canvas.view
        return [view.position_of(x0 + (x1 - x0) * i / 12, y0 + (y1 - y0) * i / 12) for i in range(13)]

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = NO_KEY) -> None:
        self.driver.key(key, keys, self.keys)


@contextmanager
def case(place: Place, name: str, pen: str) -> Iterator[None]:
    """One of many cases of a test: it begins on a plain face, and its failure says which it was."""
    place.driver.session.tools.tool = Tool.BRUSH
    place.driver.document.new()
    place.driver.document.execute(SetEngine(generate_wrinkles=False))
    place.driver.window.activateWindow()
    place.keys.setFocus()
    try:
        yield
    except AssertionError as error:
        raise AssertionError(f"{name}, with the {pen}: {error}") from error


def half_a_stroke(place: Place, pen: str) -> list[QPointF]:
    """The pen is down and has drawn; the rest of its way is given back.

    Late words of the window system, on focus or size, rightly let go of the pen: then it draws once more.
    """
    document = place.driver.document
    for _ in range(_ATTEMPTS):
        position, way = document.position, place.way(CHEEK)
        place.hands.press(way[0], pen)
        for at in way[1:8]:
            place.hands.move(at, pen)
        if place.driver.session.stroke_tool.active:
            break
        place.hands.release(way[7], pen)
        while document.position > position:
            document.undo()
        place.driver.settle()
    assert place.driver.session.stroke_tool.active
    assert len(place.driver.document.state.strokes) == 1
    return way[8:]


def the_rest(place: Place, way: list[QPointF], pen: str) -> None:
    """The pen goes on as if nothing had been, and lifts."""
    for at in way:
        place.hands.move(at, pen)
    place.hands.release(way[-1], pen)


def assert_the_next_works(place: Place, errors: list[str], pen: str) -> None:
    driver, document = place.driver, place.driver.document
    driver.session.tools.tool = Tool.BRUSH
    assert not document.gesture_active
    assert not driver.session.stroke_tool.active
    if place.surface.isVisible():
        strokes, position = len(document.state.strokes), document.position
        place.hands.draw(place.way(LOWER), pen)
        assert len(document.state.strokes) == strokes + 1
        assert document.position == position + 1
        assert document.labels[-1] == "Draw stroke"
    assert errors == []
