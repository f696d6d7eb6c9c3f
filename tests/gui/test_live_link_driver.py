"""A telephone drives a document: shown, frozen, recorded and lost, over a socket of this computer."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import numpy as np
import pytest
from live_link_packets import HEAD_YAW, JAW_OPEN, packet
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.detail.engines import Engines
from rhytid.core.detail.request import PREVIEW, DetailMaps
from rhytid.core.document.commands import SetAge
from rhytid.core.document.document import Document
from rhytid.core.maps.field import Field
from rhytid.gui.controllers import live_link
from rhytid.gui.controllers import session as session_module
from rhytid.gui.controllers.live_link import LOOPBACK, LiveLink
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.dialogs.live_link_dialog import EVERYWHERE, LiveLinkDialog

JAW = ARKIT_INDEX["jawOpen"]


class Telephone:
    """Sends frames to a document, each a 60th of a second later."""

    def __init__(self, live: LiveLink) -> None:
        self._live, self.sent = live, 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def send(self, jaw: float, subject: str = "iPhone", yaw: float = 0.2) -> None:
        self.sent += 1
        self.send_bytes(packet({JAW_OPEN: jaw, HEAD_YAW: yaw}, 10 + self.sent / 60, subject))

    def send_bytes(self, data: bytes) -> None:
        self._socket.sendto(data, self._live.address)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def document() -> Document:
    return Document()


@pytest.fixture
def live(qtbot, document) -> Iterator[LiveLink]:
    link = LiveLink(document, lambda: False)
    yield link
    link.stop()


@pytest.fixture
def phone(live) -> Iterator[Telephone]:
    live.start(port=0)
    found = Telephone(live)
    yield found
    found.close()


def jaw(document: Document) -> float:
    return document.state.expression[JAW]


def shown(qtbot, document: Document, value: float) -> None:
    qtbot.waitUntil(lambda: abs(jaw(document) - value) < 1e-6, timeout=3000)


def test_nothing_is_listened_to_before_it_is_wanted_and_loopback_is_the_default(live):
    assert not live.listening
    live.start(port=0)
    assert live.address[0] == LOOPBACK
    live.stop()
    assert not live.listening


def test_the_face_follows_without_history_and_the_expression_before_comes_back(qtbot, live, phone, document):
    steps, before = document.labels, document.state
    for value in (0.25, 0.5):
        phone.send(value)
        shown(qtbot, document, value)
    assert document.state.head_pose.yaw_deg == pytest.approx(11.459, abs=1e-3)
    assert (document.labels, live.source) == (steps, "iPhone")
    assert live.cancel()
    assert document.state == before
    assert not live.cancel()


def test_a_frozen_face_is_one_undo_step_and_is_drawn_on(qtbot, live, phone, document):
    steps = document.labels
    phone.send(0.5)
    shown(qtbot, document, 0.5)
    live.toggle_frozen()
    phone.send(1.0)
    qtbot.waitUntil(lambda: live.feed.counts.taken == 2, timeout=3000)
    qtbot.wait(60)
    assert jaw(document) == 0.5
    document.execute(SetAge(60.0))
    assert document.labels == (*steps, "Expression of iPhone", "Set age")
    live.toggle_frozen()
    shown(qtbot, document, 1.0)
    assert document.state.age == 60.0


def test_an_edit_freezes_the_face(qtbot, live, phone, document):
    phone.send(0.5)
    shown(qtbot, document, 0.5)
    document.execute(SetAge(60.0))
    phone.send(0.75)
    qtbot.waitUntil(lambda: live.frozen, timeout=3000)
    assert jaw(document) == 0.5


def test_another_source_is_chosen_and_the_head_may_stay(qtbot, live, phone, document):
    phone.send(0.25)
    shown(qtbot, document, 0.25)
    live.turns_head = False
    phone.send(0.5, "Second")
    qtbot.waitUntil(lambda: live.feed.sources == ("iPhone", "Second"), timeout=3000)
    live.source = "Second"
    shown(qtbot, document, 0.5)
    assert document.state.head_pose.yaw_deg == 0.0


def test_frames_that_come_too_fast_are_left_out(qtbot, live, phone, document, monkeypatch):
    seen = []
    document.state_changed.connect(lambda new, _old: seen.append(new.expression[JAW]))
    monkeypatch.setattr(live, "_busy", lambda: True)
    for number in range(1, 21):
        phone.send(number / 20)
    qtbot.waitUntil(lambda: live.feed.counts.taken == 20, timeout=3000)
    qtbot.wait(40)
    assert seen == []
    monkeypatch.setattr(live, "_busy", lambda: False)
    shown(qtbot, document, 1.0)
    assert seen == [1.0]


class Talks:
    """Stands in for what makes the detail; while it does, the person at the telephone goes on talking."""

    def __init__(self) -> None:
        self.runs: list[tuple[float, int]] = []
        self.say = lambda _jaw: None

    def head(self, reference):
        return reference

    def pose(self, state, _head, _previous):
        return state.expression

    def run(self, state, _pose, resolution, generation, _cancelled):
        self.runs.append((state.expression[JAW], resolution))
        if len(self.runs) < 15:
            for step in (1, 2, 3):  # the last of them is shown next
                self.say((3 * len(self.runs) + step) / 64)
        field = Field.of(np.zeros((resolution, resolution), np.float32))
        return DetailMaps(field, np.zeros((4, 4), bool), Field.of(np.zeros((4, 4), np.float32)), generation=generation)


def test_each_picture_is_followed_by_the_newest_frame_and_nothing_is_refined_until_it_ends(qtbot, monkeypatch):
    monkeypatch.setattr(session_module, "PLAYED_S", 0.5)
    talks = Talks()
    session = EditorSession(Document(), backend=talks, engines=Engines([]))
    session.skin_color.close()  # would be made once, for nobody
    session.live.start(port=0)
    phone = Telephone(session.live)

    def say(jaw: float) -> None:
        phone.send(jaw)
        while session.live.feed.counts.taken < phone.sent:
            time.sleep(0.001)

    talks.say = say
    phone.send(1 / 64)
    qtbot.waitUntil(lambda: bool(talks.runs), timeout=20_000)
    session.live._timer.stop()  # from now on by the pictures alone
    qtbot.waitUntil(lambda: len(talks.runs) == 16, timeout=20_000)
    said, sizes = zip(*talks.runs, strict=True)
    assert list(said) == sorted(said)  # never an older one
    assert set(sizes[:-1]) == {PREVIEW}
    assert (said[-1], sizes[-1]) == (said[-2], session.preferences.max_resolution)  # only once nobody talks
    session.close()
    phone.close()


def test_a_lost_signal_is_told_once_and_noise_does_no_harm(qtbot, live, phone, document, monkeypatch):
    told = []
    live.lost.connect(lambda source: told.append(f"lost {source}"))
    live.found.connect(lambda source: told.append(f"found {source}"))
    phone.send(0.5)
    shown(qtbot, document, 0.5)
    for data in (b"", b"noise", packet()[:-9], b"\x06" * 5000):
        phone.send_bytes(data)
    qtbot.waitUntil(lambda: live.feed.counts.malformed == 4, timeout=3000)
    monkeypatch.setattr(live_link, "LOST_AFTER_S", 0.05)
    qtbot.waitUntil(lambda: live.silent, timeout=3000)
    assert jaw(document) == 0.5
    monkeypatch.setattr(live_link, "LOST_AFTER_S", 5.0)
    phone.send(0.75)
    shown(qtbot, document, 0.75)
    assert told == ["lost iPhone", "found iPhone"]


def test_a_recording_becomes_a_motion(qtbot, live, phone, document):
    phone.send(0.1)
    shown(qtbot, document, 0.1)
    live.record()
    for number in range(1, 11):
        phone.send(number / 10)
    shown(qtbot, document, 1.0)
    motion = live.recorded()
    assert motion.weights[:, JAW].tolist() == pytest.approx([number / 10 for number in range(1, 11)])
    assert not live.recording


def test_a_port_that_is_taken_is_said(live):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((LOOPBACK, 0))
        with pytest.raises(OSError, match="cannot listen at 127"):
            live.start(port=other.getsockname()[1])
    assert not live.listening


def test_the_dialog_starts_says_and_stops(qtbot, live, document):
    freeze = QAction("freeze")
    freeze.triggered.connect(live.toggle_frozen)
    dialog = LiveLinkDialog(live, freeze)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.where.currentData() == LOOPBACK
    dialog.where.setCurrentIndex(dialog.where.findData(EVERYWHERE))
    assert "without a password" in dialog.meaning.text()
    dialog.where.setCurrentIndex(0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind((LOOPBACK, 0))
        dialog.port.setValue(free.getsockname()[1])
    QTest.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    assert "Waiting" in dialog.status.text()
    phone = Telephone(live)
    phone.send(0.5)
    qtbot.waitUntil(lambda: dialog.source.currentText() == "iPhone", timeout=3000)
    assert dialog.status.text() == "iPhone drives the face"
    QTest.mouseClick(dialog.record, Qt.MouseButton.LeftButton)
    for value in (0.6, 0.7):
        phone.send(value)
    shown(qtbot, document, 0.7)
    QTest.mouseClick(dialog.freeze, Qt.MouseButton.LeftButton)
    assert dialog.status.text().startswith("Frozen")
    with qtbot.waitSignal(dialog.recorded) as told:
        dialog.close()  # gives out what was recorded
    assert len(told.args[0].times_s) == 2
    assert not live.listening
    phone.close()
