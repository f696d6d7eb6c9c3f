"""The hand never waits for the inference runtime: weights are looked for on another thread, however long it takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from rhytid.core.detail.engine import EngineInfo
from rhytid.core.detail.engines import Engines
from rhytid.core.detail.procedural import ProceduralEngine
from rhytid.core.document.commands import AddStrokes, SetAge, SetEngine, SetHead
from rhytid.core.document.document import Document
from rhytid.core.document.state import HeadReference
from rhytid.core.face.engine_choice import generated_strokes
from rhytid.core.head.load import DEFAULT_HEAD
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.gui.controllers import edits
from rhytid.gui.controllers.files import Files
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.controllers.stroke_recorder import PenSample
from rhytid.gui.controllers.tool_settings import Tool

AT_ONCE_S = 2.0  # the look is held up for as long as the test wants; without a wait each of these takes milliseconds


@pytest.fixture
def held_up(qapp) -> Iterator[threading.Event]:
    """Whoever makes a learned engine waits for the event."""
    go_on = threading.Event()
    yield go_on
    go_on.set()


def held_up_engines(go_on: threading.Event) -> Engines:
    """Engines that only other threads may make, once the event is set: a "semm" without weights, and "sd_detail"."""

    def waited(cache: ArrayCache) -> Plain:
        assert threading.current_thread() is not threading.main_thread(), "the GUI thread makes an engine"
        assert go_on.wait(60.0)
        return Plain(cache)

    def missing(cache: ArrayCache) -> Plain:
        waited(cache)
        raise ValueError("its weights are missing")

    return Engines([EngineInfo("semm", "SEMM", "", missing), EngineInfo("sd_detail", "SD-DeTail", "", waited)])


class Plain(ProceduralEngine):
    """An engine without wrinkles of its own."""

    def strokes(self, settings):
        return ()


@pytest.fixture
def session(held_up) -> Iterator[EditorSession]:
    """A session of an aged "semm" face with one stroke of the artist, whose look for engines is held up."""
    document = Document()
    document.execute(SetEngine(name="semm"))
    document.execute(SetAge(70.0))
    xs = np.linspace(0.3, 0.7, 30, dtype=np.float32)
    document.execute(AddStrokes((Stroke("own", np.stack([xs, np.full_like(xs, 0.5)], 1), np.ones(30)),)))
    session = EditorSession(document, engines=held_up_engines(held_up))
    session.engine_choices.look()
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
    assert adopted == {stroke.id for stroke in generated_strokes(session.document.state, session.engines)}
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
    assert generated_strokes(session.document.state, session.engines) == ()
    held_up.set()
    qtbot.waitUntil(lambda: session.engines.reason_so_far("sd_detail") == "", timeout=20_000)


def test_known_engines_are_asked_at_once():
    state, engines = Document().state, Engines()
    assert generated_strokes(state, engines) == generated_strokes(state, engines, wait=True) != ()


@pytest.mark.parametrize(("edits_too", "engine"), [(False, "semm"), (True, "procedural")])
def test_a_head_that_came_first_leaves_the_new_face_its_best_engine(held_up, qtbot, edits_too, engine):
    runnable = EngineInfo("semm", "SEMM", "", lambda cache: held_up.wait(60.0) and Plain(cache))
    session = EditorSession(Document(), engines=Engines([runnable]))
    session.start()
    head = HeadReference(str(DEFAULT_HEAD))
    session.document.execute(SetHead(head))
    if edits_too:
        session.document.execute(SetAge(70.0))
    with qtbot.waitSignal(session.engine_choices.changed, timeout=20_000):
        held_up.set()
    assert session.document.state.settings.name == engine
    assert session.document.state.head == head
    session.close()
