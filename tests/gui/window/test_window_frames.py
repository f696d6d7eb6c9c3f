"""One event of a hand makes one picture of the window: the face is painted once, and the window put together once."""

from __future__ import annotations

from collections.abc import Iterator

import moderngl
import pytest
from pen_hands import Hands
from PySide6.QtCore import QEvent, QObject, QPointF

from rhytid.core.document.commands import SetAge
from rhytid.gui.controllers.tool_settings import Tool
from rhytid.gui.render.renderer import FaceRenderer

CHEEK = (0.30, 0.52)
LONG_S = 20.0  # longer than any machine takes for the detail


class Paints(QObject):
    """Notes when a widget is painted."""

    def __init__(self, log: list[str], word: str) -> None:
        super().__init__()
        self._log, self._word = log, word

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self._log.append(self._word)
        return False


@pytest.fixture
def seen(driver, monkeypatch) -> Iterator[list[str]]:
    """What happened, in order: the "face" was painted, the window "composed", the driver was "read".

    However slow the machine is, ring and panels wait for the picture of the face.
    """
    log: list[str] = []

    def noted(kind: type, name: str, word: str) -> None:
        real = getattr(kind, name)
        monkeypatch.setattr(kind, name, lambda *a, **k: (log.append(word), real(*a, **k))[1])

    def composed() -> None:
        log.append("composed")

    def portrait(*arguments: object) -> object:
        """Pictures of presets are drawn when nobody is waiting, and belong to no event."""
        n_before = len(log)
        drawn = draw_portrait(*arguments)
        del log[n_before:]
        return drawn

    noted(FaceRenderer, "render", "face")
    noted(moderngl.Framebuffer, "read", "read")
    draw_portrait = driver.viewport.scene.portrait
    monkeypatch.setattr(driver.viewport.scene, "portrait", portrait)
    monkeypatch.setattr("rhytid.gui.viewport.viewport_input.RING_DELAY_S", LONG_S)
    hold = driver.viewport._pacing._hold
    usual_ms = hold.interval()
    hold.setInterval(int(1000 * LONG_S))
    driver.viewport.frameSwapped.connect(composed)
    yield log
    driver.viewport.frameSwapped.disconnect(composed)
    hold.setInterval(usual_ms)


def until_shown(driver) -> None:
    """Until everything asked for is on the screen, but not until the picture is refined."""
    driver.wait(lambda: driver.viewport.shows_refined and not driver.viewport._pacing.waiting)


def until_composed(driver, seen) -> None:
    """The same, when something was asked for: a frame that is due may still wait for the last one to be swapped."""
    driver.wait(lambda: "composed" in seen)
    until_shown(driver)


def until_quiet(driver, seen, seconds: float) -> None:
    """Until nothing was painted or put together for so long: what came late belongs to the event before."""
    for _ in range(60):
        seen.clear()
        driver.wait_s(seconds)
        if not seen:
            return
    raise AssertionError("the window paints without end")


def test_a_sample_of_the_pen_is_one_read_one_painting_and_one_window(driver, seen):
    driver.use(Tool.BRUSH)
    hands = Hands(driver.viewport)
    start = QPointF(driver.at(CHEEK))
    hands.press(start, "pen")
    until_shown(driver)
    until_quiet(driver, seen, 0.5)
    for k in range(1, 7):
        until_quiet(driver, seen, 0.1)
        hands.move(start + QPointF(5.0 * k, 0.0), "pen")
        until_composed(driver, seen)
        assert seen == ["read", "face", "composed"]
    hands.release(start + QPointF(30.0, 0.0), "pen")
    assert len(driver.document.state.strokes) == 1


def test_a_hovering_pointer_is_one_read_and_one_painting(driver, seen):
    hands = Hands(driver.viewport)
    start = QPointF(driver.at(CHEEK))
    hands.hover(start)
    until_shown(driver)
    driver.wait(lambda: not driver.viewport.renderer.needs_refinement)  # whose frames belong to no event
    until_quiet(driver, seen, 0.5)
    hands.hover(start + QPointF(7.0, 3.0))
    until_composed(driver, seen)
    assert seen == ["read", "face", "composed"]
    assert driver.window.status.readout.text().startswith("x 0.3")


@pytest.fixture
def panel(driver, seen) -> Iterator[None]:
    """The age's slider is in sight, and what happened tells when its "row" was painted."""
    driver.window.docks["age"].raise_()
    driver.wait(lambda: driver.window.docks["age"].panel is not None)
    paints = Paints(seen, "row")
    row = driver.window.docks["age"].panel.row
    row.installEventFilter(paints)
    row.update()
    driver.wait(lambda: "row" in seen)
    driver.settle()
    seen.clear()
    yield
    row.removeEventFilter(paints)


def test_a_panel_is_painted_with_the_face_that_answers_to_it(driver, seen, panel):
    driver.document.execute(SetAge(55.0))
    driver.wait(lambda: "face" in seen and "composed" in seen[seen.index("face") :])
    frames = " ".join(seen).split("composed")  # one that was on its way already may come first
    first = next(frame for frame in frames if "face" in frame or "row" in frame)
    assert "row" in first
    assert "face" in first


def test_a_panel_does_not_wait_where_the_face_cannot_be_painted(driver, seen, panel):
    driver.viewport.hide()
    try:
        seen.clear()
        driver.document.execute(SetAge(47.0))
        driver.wait(lambda: "row" in seen, limit_s=0.5 * LONG_S)
    finally:
        driver.viewport.show()
        driver.settle()
