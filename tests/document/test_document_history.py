"""Positions, labels and bytes of the history."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from document_samples import stroke

from rhytid.core.detail.request import SourceDetail
from rhytid.core.document.history import History
from rhytid.core.document.state import DocumentState
from rhytid.core.lines.stroke import Stroke


def big_stroke(stroke_id: str, n_points: int = 10_000) -> Stroke:
    points = np.linspace(0.0, 1.0, 2 * n_points).reshape(n_points, 2)
    return Stroke(stroke_id, points, np.ones(n_points))


def test_push_forgets_what_could_be_redone() -> None:
    states = [DocumentState(age=20.0 + i) for i in range(4)]
    history = History("New", states[0])
    history.push("one", states[1])
    history.push("two", states[2])
    assert history.go_to(1) is states[1]
    history.push("three", states[3])
    assert history.labels == ("New", "one", "three")
    assert history.state is states[3]
    with pytest.raises(IndexError):
        history.go_to(3)
    with pytest.raises(IndexError):
        history.go_to(-1)


def test_shared_strokes_are_counted_once() -> None:
    strokes = tuple(big_stroke(str(i)) for i in range(10))
    history = History("New", DocumentState(strokes=strokes))
    before = history.retained_bytes
    assert before >= 10 * 10_000 * 12
    for i in range(100):
        history.push("age", DocumentState(strokes=strokes, age=20.0 + i / 10))
    assert history.retained_bytes - before < 100 * 2000


def test_oldest_entries_go_when_the_limit_is_reached() -> None:
    one_bytes = big_stroke("x").points.nbytes + big_stroke("x").pressure.nbytes
    history = History("New", DocumentState(), limit_bytes=5 * one_bytes)
    for i in range(20):
        history.push(f"stroke {i}", DocumentState(strokes=(big_stroke(str(i)),)))
    assert history.labels[-1] == "stroke 19"
    assert history.position == len(history.labels) - 1
    assert 4 <= len(history.labels) <= 6
    assert history.retained_bytes <= 7 * one_bytes


def test_one_step_back_always_stays() -> None:
    source = SourceDetail(np.zeros((512, 512), np.float32), (0.0,) * 52, 30.0, "", (), "")
    history = History("New", DocumentState(), limit_bytes=1000)
    history.push("import", DocumentState(source=source))
    assert len(history.labels) == 2
    history.push("remove", DocumentState(age=31.0))
    assert history.labels == ("import", "remove")
    assert history.go_to(0).source is source


def test_what_the_present_state_holds_does_not_count_against_the_limit() -> None:
    source = SourceDetail(np.zeros((512, 512), np.float32), (0.0,) * 52, 30.0, "", (), "")
    state = DocumentState(source=source)
    history = History("New", state, limit_bytes=100_000)
    for i in range(50):
        history.push("age", replace(state, age=20.0 + i))
    assert len(history.labels) == 51


def test_bytes_return_to_where_they_were() -> None:
    base = DocumentState(strokes=(stroke("a"),))
    history = History("New", base)
    history.push("one", replace(base, age=40.0))
    before = history.retained_bytes
    history.push("big", DocumentState(strokes=(big_stroke("b"),)))
    history.go_to(1)
    history.push("small", base)
    assert history.retained_bytes == before
