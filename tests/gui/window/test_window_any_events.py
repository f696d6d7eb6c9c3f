"""Whatever order the events of pens, keys and windows come in: nothing raises, and the next stroke works."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pen_hands import LEFT, NO_BUTTON, RIGHT, Hands
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from rhytid.core.document.commands import SetEngine
from rhytid.gui.controllers.tool_settings import Tool

EXAMPLES = 25
NO_KEY, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
CONTROL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
PENS = ("mouse", "finger", "pen", "eraser")
KEYS = {
    "escape": (Qt.Key.Key_Escape, NO_KEY),
    "undo": (Qt.Key.Key_Z, CONTROL),
    "redo": (Qt.Key.Key_Y, CONTROL),
    "brush": (Qt.Key.Key_B, NO_KEY),
    "eraser": (Qt.Key.Key_E, NO_KEY),
    "select": (Qt.Key.Key_V, NO_KEY),
    "mirror": (Qt.Key.Key_X, NO_KEY),
    "delete": (Qt.Key.Key_Delete, NO_KEY),
    "all": (Qt.Key.Key_A, CONTROL),
    "twins": (Qt.Key.Key_M, CONTROL),
}
WINDOW = (QEvent.Type.Leave, QEvent.Type.FocusOut, QEvent.Type.WindowDeactivate, QEvent.Type.WindowBlocked)
PRESSURES = st.sampled_from([0.0, 0.3, 1.0, 4.0, -1.0, float("nan"), float("inf")])
MODIFIERS = st.sampled_from([NO_KEY, NO_KEY, NO_KEY, SHIFT, CONTROL, ALT])
BUTTONS = st.sampled_from([LEFT, LEFT, LEFT, RIGHT, Qt.MouseButton.MiddleButton])
PLACES = st.tuples(st.floats(-0.1, 1.1), st.floats(-0.1, 1.1)) | st.tuples(st.floats(0.35, 0.5), st.floats(0.5, 0.65))

STEPS = st.sampled_from(["press", "move", "move", "release", "hover"])
OTHERS = st.sampled_from(["wheel", "reach", "new", "adopt", "double", "job"])
touches = st.tuples(STEPS, st.sampled_from(PENS), PLACES, PRESSURES, MODIFIERS, BUTTONS)
others = st.tuples(st.sampled_from(sorted(KEYS)) | st.sampled_from(WINDOW) | OTHERS)
ON_SKIN = ((0.42, 0.55), (0.44, 0.56), (0.46, 0.55))


@st.composite
def scenes(draw: st.DrawFn) -> list[tuple]:
    """One pen begins a stroke, something comes between, the same pen goes on; it may or may not lift."""
    pen = draw(st.sampled_from(PENS))
    down = [(step, pen, at, 0.5, NO_KEY, LEFT) for step, at in zip(("press", "move", "move"), ON_SKIN, strict=True)]
    between = draw(st.lists(others | touches, min_size=1, max_size=4))
    on = [("move", pen, at, 0.5, NO_KEY, LEFT) for at in ON_SKIN]
    lift = [("release", pen, ON_SKIN[0], 0.0, NO_KEY, LEFT)] if draw(st.booleans()) else []
    return [*down, *between, *on, *lift]


events = st.lists(scenes() | st.lists(others | touches, min_size=1, max_size=6), min_size=1, max_size=4)


class Storm:
    """Sends any event to one surface.

    Parameters
    ----------
    surface, keys : QWidget
    """

    def __init__(self, driver, surface, keys) -> None:
        self.driver, self.surface, self.keys = driver, surface, keys
        self.hands = Hands(surface)

    def send(self, event: tuple) -> None:
        kind, *rest = event
        if kind in KEYS:
            QTest.keyClick(self.keys, *KEYS[kind])
        elif isinstance(kind, QEvent.Type):
            QApplication.sendEvent(self.keys, QEvent(kind))
            QApplication.sendEvent(self.surface, QEvent(kind))
        elif rest:
            self._touch(kind, *rest)
        else:
            getattr(self, f"_{kind}")()

    def lift_all(self) -> None:
        """Every pen is up and out of reach."""
        at = QPointF(self.surface.rect().center())
        for pen in PENS:
            self.hands.release(at, pen)
            self.hands.hover(at, pen)
        self.hands.leave_reach()

    def _touch(self, kind, pen, place, pressure, keys, button) -> None:
        at = QPointF(place[0] * self.surface.width(), place[1] * self.surface.height())
        options = {"keys": keys}
        if pen in ("pen", "eraser"):
            options["pressure"] = pressure
        if kind == "hover":
            self.hands.hover(at, pen)
        elif kind == "move":
            getattr(self.hands, kind)(at, pen, **options)
        elif pen == "mouse":
            mouse = QEvent.Type.MouseButtonPress if kind == "press" else QEvent.Type.MouseButtonRelease
            self.hands.mouse(mouse, at, button, button if kind == "press" else NO_BUTTON, keys)
        else:
            getattr(self.hands, kind)(at, pen, **options)

    def _wheel(self) -> None:
        at = QPointF(self.surface.rect().center())
        QApplication.sendEvent(self.surface, QWheelEvent(
            at, self.surface.mapToGlobal(at), QPoint(), QPoint(0, 120), NO_BUTTON, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False))  # fmt: skip

    def _reach(self) -> None:
        self.hands.leave_reach()

    def _new(self) -> None:
        self.driver.window.files.new_project()

    def _adopt(self) -> None:
        self.driver.window.actions_by_name["adopt"].trigger()

    def _double(self) -> None:
        at = QPointF(self.surface.rect().center())
        self.hands.mouse(QEvent.Type.MouseButtonDblClick, at)
        self.hands.release(at)

    def _job(self) -> None:
        self.driver.session.execute(SetEngine(seed=self.driver.document.state.settings.seed + 1))


def weather(storm: Storm, errors: list[str], way: Callable[[], list[QPointF]]) -> None:
    """Any events, then a plain stroke."""
    driver, document, session = storm.driver, storm.driver.document, storm.driver.session

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True,
              suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])  # fmt: skip
    @given(events)
    def run(sequence: list[list[tuple]]) -> None:
        for event in itertools.chain.from_iterable(sequence):
            storm.send(event)
        storm.lift_all()
        assert errors == []
        assert not document.gesture_active
        assert not session.stroke_tool.active
        session.tools.tool, session.tools.mirror_x = Tool.BRUSH, False
        strokes, position = len(document.state.strokes), document.position
        points = way()
        storm.hands.draw(points)
        assert errors == []
        assert len(document.state.strokes) == strokes + 1
        assert document.position == position + 1
        assert document.labels[-1] == "Draw stroke"
        session.selection.clear()
        document.new()
        document.execute(SetEngine(generate_wrinkles=False))

    run()
    driver.wait_s(0.05)


def test_any_events_on_the_chart(driver, errors):
    driver.window.show_canvas(True)
    driver.wait_s(0.05)
    view = driver.window.canvas.view

    def way() -> list[QPointF]:
        view.fit()
        return [view.position_of(0.3 + 0.01 * i, 0.5) for i in range(13)]

    weather(Storm(driver, view.viewport(), view), errors, way)
    driver.window.show_canvas(False)


def test_any_events_on_the_face(driver, errors):
    camera = driver.document.state.camera

    def way() -> list[QPointF]:
        driver.viewport.set_camera(camera)
        driver.viewport.grabFramebuffer()
        return [QPointF(point) for point in driver.way((0.30, 0.55), (0.42, 0.60))]

    weather(Storm(driver, driver.viewport, driver.viewport), errors, way)
