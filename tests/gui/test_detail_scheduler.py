"""Newest state first: previews, refinement, strokes, cancelling, failures. No Qt, no real pipeline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from rhytid.core.cancelled import Cancelled
from rhytid.core.detail.request import DetailMaps
from rhytid.core.document.state import DocumentState
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.field import Field
from rhytid.gui.controllers import detail_scheduler
from rhytid.gui.controllers.detail_scheduler import DetailScheduler


def stroke(stroke_id: str) -> Stroke:
    return Stroke(stroke_id, np.array([[0.1, 0.1], [0.2, 0.2]]), np.ones(2))


def wait_for(happened: Callable[[], object]) -> None:
    end_s = time.perf_counter() + 10
    while not happened():
        assert time.perf_counter() < end_s
        time.sleep(0.001)


class Backend:
    """Counts what it is asked and can be held in the middle of a run."""

    def __init__(self) -> None:
        self.runs: list[tuple[float, int, int]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.fail_at_age: float | None = None

    def head(self, reference):
        return reference

    def pose(self, state, head, previous):
        same = previous is not None and previous.expression == state.expression
        return previous if same else SimpleNamespace(expression=state.expression)

    def run(self, state, pose, resolution, generation, cancelled: Callable[[], bool]):
        self.entered.set()
        if state.age == self.fail_at_age:
            raise ValueError("this age is broken")
        while not self.gate.wait(0.005):
            if cancelled():
                raise Cancelled
        self.runs.append((state.age, len(state.strokes), resolution))
        empty = np.zeros((4, 4), np.float32)
        field = Field.of(np.full((resolution, resolution), state.age, np.float32))
        return DetailMaps(field, empty > 0, Field.of(empty), generation=generation)


@pytest.fixture
def bench():
    backend, deliveries, failures = Backend(), [], []
    scheduler = DetailScheduler(backend, deliveries.append, failures.append)
    yield backend, scheduler, deliveries, failures
    backend.gate.set()
    scheduler.close()


def test_a_new_pose_comes_as_a_preview_with_its_vertices_and_is_refined(bench):
    _, scheduler, deliveries, _ = bench
    generation = scheduler.submit(DocumentState())
    assert scheduler.wait_idle(5)
    preview, refined = deliveries
    assert (preview.maps.resolution, refined.maps.resolution) == (256, 1024)
    assert preview.pose is not None
    assert refined.pose is None
    assert (preview.refined, refined.refined) == (False, True)
    assert preview.generation == refined.generation == generation
    assert (preview.strokes_only, refined.strokes_only) == (False, False)


def test_what_plays_is_refined_once_no_frame_follows(bench):
    backend, scheduler, deliveries, _ = bench
    for age in (40.0, 50.0):
        generation = scheduler.submit(replace(DocumentState(), age=age), moment_s=60.0)
        wait_for(lambda age=age: deliveries and deliveries[-1].state.age == age)
        scheduler.note_seen(generation)
    scheduler.submit(replace(DocumentState(), age=60.0))
    assert scheduler.wait_idle(5)
    assert backend.runs == [(40.0, 0, 256), (50.0, 0, 256), (60.0, 0, 256), (60.0, 0, 1024)]


def test_strokes_go_straight_to_full_resolution(bench):
    backend, scheduler, deliveries, _ = bench
    state = DocumentState()
    scheduler.submit(state)
    assert scheduler.wait_idle(5)
    backend.runs.clear()
    scheduler.submit(replace(state, strokes=(stroke("a"),)), input_s=7.0)
    assert scheduler.wait_idle(5)
    assert backend.runs == [(30.0, 1, 1024)]
    assert (deliveries[-1].strokes_only, deliveries[-1].input_s) == (True, 7.0)


def test_a_state_that_looks_the_same_asks_for_nothing(bench):
    backend, scheduler, _, _ = bench
    state = DocumentState()
    first = scheduler.submit(state)
    assert scheduler.wait_idle(5)
    n_runs = len(backend.runs)
    assert scheduler.submit(replace(state, camera=replace(state.camera, yaw_deg=30.0))) == first
    assert scheduler.wait_idle(5)
    assert len(backend.runs) == n_runs


def test_a_drag_never_queues_and_the_newest_state_wins(bench):
    backend, scheduler, deliveries, _ = bench
    state = DocumentState()
    backend.gate.clear()
    scheduler.submit(state)
    assert backend.entered.wait(5)
    for age in range(31, 61):
        scheduler.submit(replace(state, age=float(age)))
    backend.gate.set()
    assert scheduler.wait_idle(5)
    ages = [age for age, _, _ in backend.runs]
    assert len(ages) <= 4
    assert ages[-1] == 60.0
    assert deliveries[-1].refined
    assert deliveries[-1].state.age == 60.0


def test_refining_gives_way_to_a_newer_pose_but_not_to_strokes(bench):
    backend, scheduler, deliveries, _ = bench
    state = DocumentState()
    scheduler.submit(state)
    assert scheduler.wait_idle(5)
    backend.gate.clear()
    backend.entered.clear()
    scheduler.submit(replace(state, strokes=(stroke("a"),)))
    assert backend.entered.wait(5)
    scheduler.submit(replace(state, strokes=(stroke("a"), stroke("b"))))
    backend.gate.set()
    assert scheduler.wait_idle(5)
    assert [len(d.state.strokes) for d in deliveries[2:]] == [1, 2]

    backend.gate.clear()
    backend.entered.clear()
    scheduler.submit(replace(state, strokes=(stroke("c"),)))
    assert backend.entered.wait(5)
    scheduler.submit(replace(state, age=50.0))
    backend.gate.set()
    assert scheduler.wait_idle(5)
    assert deliveries[-1].state.age == 50.0


def test_nothing_is_refined_while_a_hand_moves(bench, monkeypatch):
    monkeypatch.setattr(detail_scheduler, "SEEN_WITHIN_S", 60)
    backend, scheduler, deliveries, _ = bench
    state = DocumentState()
    for age in (31.0, 32.0, 33.0):
        n = len(deliveries)
        scheduler.submit(replace(state, age=age))
        wait_for(lambda n=n: len(deliveries) > n)
    assert [(age, side) for age, _, side in backend.runs] == [(31.0, 256), (32.0, 256), (33.0, 256)]

    scheduler.note_seen(scheduler.last_generation)
    assert scheduler.wait_idle(5)
    assert backend.runs[-1] == (33.0, 0, 1024)


def test_what_nobody_shows_is_refined_all_the_same(bench):
    _, scheduler, deliveries, _ = bench
    scheduler.submit(DocumentState())
    assert scheduler.wait_idle(5)
    assert deliveries[-1].refined


def test_a_preview_that_waits_to_be_seen_does_not_hold_up_the_end(bench, monkeypatch):
    monkeypatch.setattr(detail_scheduler, "SEEN_WITHIN_S", 60)
    _, scheduler, deliveries, _ = bench
    scheduler.submit(DocumentState())
    wait_for(lambda: deliveries)
    started_s = time.perf_counter()
    scheduler.close()
    assert time.perf_counter() - started_s < 10


def test_after_a_failure_the_next_state_is_computed(bench):
    backend, scheduler, deliveries, failures = bench
    backend.fail_at_age = 40.0
    state = DocumentState()
    scheduler.submit(replace(state, age=40.0))
    assert scheduler.wait_idle(5)
    assert [str(error) for error in failures] == ["this age is broken"]
    assert deliveries == []
    scheduler.submit(replace(state, age=41.0))
    assert scheduler.wait_idle(5)
    assert deliveries[0].pose is not None, "the pose of the state that failed was shown by nobody"
    assert deliveries[-1].state.age == 41.0


def test_another_resolution_is_computed_at_once(bench):
    backend, scheduler, deliveries, _ = bench
    scheduler.submit(DocumentState(), input_s=7.0)
    assert scheduler.wait_idle(5)
    assert {delivery.input_s for delivery in deliveries} == {7.0}
    scheduler.set_full_resolution(512)
    assert scheduler.wait_idle(5)
    assert deliveries[-1].maps.resolution == 512
    assert deliveries[-1].input_s is None, "no hand waits for it"
    assert backend.runs[-1][2] == 512
