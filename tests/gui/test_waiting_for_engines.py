"""The hand never waits for the inference runtime: weights are looked for on another thread, however long it takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from rhytid.core.document.commands import AddStrokes, SetAge, SetEngine
from rhytid.core.document.document import Document
from rhytid.core.face import engine_choice
from rhytid.core.learned import register
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.controllers import edits
from rhytid.gui.controllers.files import Files
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.controllers.stroke_gestures import generated_strokes
from rhytid.gui.controllers.stroke_recorder import PenSample
from rhytid.gui.controllers.tool_settings import Tool

AT_ONCE_S = 2.0  # the look is held up for as long as the test wants; without a wait each of these takes milliseconds


@pytest.fixture
def held_up(qapp, monkeypatch) -> Iterator[threading.Event]:
    """Nobody knows which engines can run, and whoever looks waits for the event. Only other threads may look."""
    go_on = threading.Event()

    def look() -> dict[str, str | None]:
        assert threading.current_thread() is not threading.main_thread(), "the GUI thread looks for weights"
        assert go_on.wait(60.0)
        return {"procedural": None, "semm": "its weights are missing", "sd_detail": None}

    monkeypatch.setattr(engine_choice, "_known", engine_choice._Known())
    monkeypatch.setattr(register, "available_engines", look)
    yield go_on
    go_on.set()


@pytest.fixture
def session(held_up) -> Iterator[EditorSession]:
    """A session of an aged "semm" face with one stroke of the artist, whose look for engines is held up."""
    document = Document()
    document.execute(SetEngine(name="semm"))
    document.execute(SetAge(70.0))
    xs = np.linspace(0.3, 0.7, 30, dtype=np.float32)
    document.execute(AddStrokes((Stroke("own", np.stack([xs, np.full_like(xs, 0.5)], 1), np.ones(30)),)))
    session = EditorSession(document)
    session.engines.look()
    yield session
    held_up.set()
    session.close()


def at_once(step: Callable[[], object]) -> None:
    started_s = time.perf_counter()
    step()
    assert time.perf_counter() - started_s < AT_ONCE_S


@pytest.mark.parametrize("tool", [Tool.ERASER, Tool.SELECT, Tool.BRUSH])
def test_a_press_and_a_hover_return_while_the_look_goes_on(session, tool):
    session.tools.tool = tool
    session.tools.radius = 0.02
    pen = session.stroke_tool
    at_once(lambda: pen.pick((0.5, 0.3)))
    at_once(lambda: pen.press(PenSample((0.5, 0.48))))
    at_once(lambda: pen.move([PenSample((0.5, 0.5)), PenSample((0.5, 0.53))]))
    at_once(pen.release)
    assert not session.document.gesture_active
    assert session.document.state.settings.generate_wrinkles, "nobody knows yet which wrinkles there are to adopt"


def test_the_eraser_works_on_the_artists_strokes_meanwhile(session):
    session.tools.tool, session.tools.radius = Tool.ERASER, 0.02
    session.stroke_tool.press(PenSample((0.5, 0.48)))
    session.stroke_tool.move([PenSample((0.5, 0.52))])
    session.stroke_tool.release()
    assert len(session.document.state.strokes) == 2


def test_a_new_face_does_not_wait(session):
    at_once(Files(session).new_project)
    assert session.document.position == 0


def test_adopting_waits_in_a_job_and_takes_the_wrinkles_of_the_engine_that_draws(session, held_up, qtbot):
    at_once(lambda: edits.adopt_generated(session))
    assert session.jobs.busy
    assert session.document.state.settings.generate_wrinkles
    held_up.set()
    qtbot.waitUntil(lambda: not session.document.state.settings.generate_wrinkles, timeout=20_000)
    adopted = {stroke.id for stroke in session.document.state.strokes} - {"own"}
    session.document.undo()
    assert adopted == {stroke.id for stroke in generated_strokes(session.document.state)}
    assert adopted


def test_adopting_keeps_a_stroke_that_is_under_way(session, held_up, qtbot):
    edits.adopt_generated(session)
    session.stroke_tool.press(PenSample((0.2, 0.2)))
    session.stroke_tool.move([PenSample((0.3, 0.2)), PenSample((0.4, 0.25))])
    held_up.set()
    qtbot.waitUntil(lambda: not session.document.state.settings.generate_wrinkles, timeout=20_000)
    assert session.document.labels[-2:] == ("Draw stroke", session.document.labels[-1])
    assert not session.stroke_tool.active


def test_an_engine_without_strokes_gets_none_before_or_after(session, held_up, qtbot):
    session.document.execute(SetEngine(name="sd_detail"))
    assert generated_strokes(session.document.state) == ()
    held_up.set()
    qtbot.waitUntil(lambda: session.engines.known, timeout=20_000)


def test_known_engines_are_asked_at_once():
    state = Document().state
    assert generated_strokes(state) == generated_strokes(state, wait=True) != ()
