"""Preferences > Compute: the artist's choice or the measurement's, live, and never on the hand's thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel

from rhytid.core.document.document import Document
from rhytid.core.learned.device_choice import Measured
from rhytid.core.learned.runtime import DEVICES, PROCESSOR, Runtime
from rhytid.gui.controllers.compute import Compute
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.dialogs.compute_page import ComputePage
from rhytid.gui.preferences import Preferences

CUDA, DIRECTML = (replace(card, platforms=()) for card in DEVICES[1:3])
KNOWN = (Measured(PROCESSOR, 30.0), Measured(CUDA, 4.0), Measured(DIRECTML, None, "it is not there"))


class Surveys:
    """Answers with `known`; notes the threads that asked and whether they wanted it measured again."""

    def __init__(self) -> None:
        self.known = KNOWN
        self.asked: list[tuple[threading.Thread, bool]] = []

    def __call__(self, _runtime: Runtime, again: bool) -> tuple[Measured, ...]:
        self.asked.append((threading.current_thread(), again))
        return self.known


@pytest.fixture(autouse=True)
def platform(monkeypatch) -> None:
    """One with the processor and two kinds of cards."""
    monkeypatch.setattr("rhytid.core.learned.runtime.DEVICES", (PROCESSOR, CUDA, DIRECTML))


@pytest.fixture
def surveys() -> Surveys:
    return Surveys()


@pytest.fixture
def compute(qapp, surveys) -> Iterator[Compute]:
    compute = Compute(None, Runtime(), surveys)
    yield compute
    compute.close()


@pytest.fixture
def page(compute, qtbot) -> ComputePage:
    preferences = Preferences()
    preferences.changed.connect(lambda _name, _value: setattr(compute, "wanted", preferences.compute_device))
    page = ComputePage(preferences, compute)
    qtbot.addWidget(page)
    page.show()
    return page


def texts(page: ComputePage) -> str:
    return " | ".join(label.text() for label in page.findChildren(QLabel) if label.isVisibleTo(page))


def found(compute: Compute, qtbot, begin: Callable[[], None]) -> None:
    begin()
    qtbot.waitUntil(lambda: not compute.busy, timeout=20_000)


def in_use(compute: Compute) -> list[str]:
    return [row.device.name for row in compute.rows() if row.in_use]


def test_the_fastest_is_used_until_a_person_names_one(compute, qtbot):
    assert compute.rows() == []
    found(compute, qtbot, compute.start)
    assert in_use(compute) == ["cuda"]
    compute.wanted = "cpu"
    assert in_use(compute) == ["cpu"]
    compute.wanted = "directml"  # which is not offered
    assert in_use(compute) == ["cpu"]
    compute.wanted = "auto"
    assert in_use(compute) == ["cuda"]


def test_looking_waits_for_the_picture_and_for_another_thread(compute, surveys, qtbot):
    quiet = threading.Event()
    compute.start(quiet.is_set)
    qtbot.wait(250)
    assert surveys.asked == []
    assert compute.busy
    quiet.set()
    qtbot.waitUntil(lambda: not compute.busy, timeout=20_000)
    assert [(thread is threading.main_thread(), again) for thread, again in surveys.asked] == [(False, False)]


def test_closing_ends_the_wait(compute, surveys):
    compute.start(lambda: False)
    compute.close()
    assert not compute._thread.is_alive()
    assert surveys.asked == []


def test_a_failure_is_told_once_and_the_device_is_not_chosen_again_by_itself(compute, qtbot):
    found(compute, qtbot, compute.start)
    runtime, noticed = compute._runtime, []
    compute.noticed.connect(noticed.append)

    def fail() -> None:
        for _ in range(2):
            runtime._give_up(CUDA, RuntimeError("out of memory"))

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(noticed), timeout=20_000)
    assert noticed == ["NVIDIA graphics card (CUDA) failed (out of memory). The processor goes on with the work."]
    assert in_use(compute) == ["cpu"]
    assert compute.rows()[1].reason == "it failed: out of memory"
    compute.wanted = "cpu"
    compute.wanted = "auto"
    assert in_use(compute) == ["cpu"]
    found(compute, qtbot, compute.measure_again)
    assert in_use(compute) == ["cuda"], "measured again, it gets another chance"


def test_the_session_posts_the_failure(qapp, qtbot):
    session, posted = EditorSession(Document()), []
    session.message_posted.connect(lambda text, severity: posted.append((text, severity)))
    session.compute._failed.emit("The card failed")
    qtbot.waitUntil(lambda: bool(posted), timeout=20_000)
    session.close()
    assert posted == [("The card failed", "warning")]


def test_the_page_says_what_is_known(page, compute, qtbot):
    assert texts(page).count("not looked for yet") == 3
    found(compute, qtbot, compute.start)
    assert "now: NVIDIA graphics card (CUDA)" in texts(page)
    assert "in use, 4.0 ms" in texts(page)
    assert "30.0 ms" in texts(page)
    assert "It is not there." in texts(page)
    assert [(name, box.isEnabled(), box.isChecked()) for name, box in page.choices.items()] == [
        ("auto", True, True), ("cpu", True, False), ("cuda", True, False), ("directml", False, False),
    ]  # fmt: skip


def test_a_choice_acts_at_once_and_is_kept(page, compute, qtbot):
    found(compute, qtbot, compute.start)
    page.choices["cpu"].click()
    assert in_use(compute) == ["cpu"]
    assert Preferences().compute_device == "cpu"
    assert page.choices["cpu"].isChecked()
    assert "in use, 30.0 ms" in texts(page)


def test_measure_again_measures(page, compute, surveys, qtbot):
    found(compute, qtbot, compute.start)
    surveys.known = (Measured(PROCESSOR, 2.0), *KNOWN[1:])
    page.again.click()
    assert (page.again.isEnabled(), page.again.text()) == (False, "Measuring ...")
    qtbot.waitUntil(lambda: page.again.isEnabled(), timeout=20_000)
    assert surveys.asked[-1][1]
    assert "now: Processor" in texts(page)


@pytest.mark.parametrize("stored", ["gpu9", 7, ["cuda"], ""])
def test_an_unknown_device_in_the_settings_is_automatic(stored, private_state):
    preferences = Preferences()
    preferences.keep({"compute/device": stored})
    assert preferences.compute_device == "auto"


def test_a_closed_window_takes_no_more_messages(compute, qtbot):
    found(compute, qtbot, compute.start)
    assert compute._runtime.tell == compute._tell
    compute.close()
    assert compute._runtime.tell is Runtime().tell
