"""Driving the face in the real window: a project, a photo that shows none, and a recording with its bar."""

from __future__ import annotations

import socket
from pathlib import Path

import numpy as np
import pytest
from live_link_packets import HEAD_YAW, JAW_OPEN, packet
from photo_hands import drop
from photo_stand_in import Finder, true_landmarks
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.document.commands import SetActionUnits, SetAge, SetExpressionWeights
from rhytid.core.document.expression import effective_expression
from rhytid.core.document.project import save_project
from rhytid.core.document.state import DocumentState
from rhytid.core.face import driven
from rhytid.core.photo import photo_face
from rhytid.core.photo.masks import Masks
from rhytid.core.photo.observation import Observation
from rhytid.gui.dialogs.choose_face import ChooseFaceDialog
from rhytid.gui.dialogs.live_link_dialog import LiveLinkDialog
from rhytid.gui.window.path_questions import DRIVER_SUFFIXES

JAW = ARKIT_INDEX["jawOpen"]


@pytest.fixture
def driven_by(driver, monkeypatch):
    """Chooses a driver in the menu and waits until it was read."""

    def choose(path: Path) -> None:
        monkeypatch.setattr(QFileDialog, "getOpenFileName", staticmethod(lambda *_args: (str(path), "")))
        driver.window.actions_by_name["drive"].trigger()
        driver.wait(lambda: not driver.session.jobs.busy)

    yield choose
    driver.session.playback.cancel()


@pytest.fixture
def take(tmp_path: Path) -> Path:
    path = tmp_path / "take.csv"
    path.write_text("time,jawOpen\n0,0.2\n1,0.4\n2,1.0\n")
    return path


@pytest.fixture
def clock(driver):
    """The time that playback goes by, in s."""
    now = [100.0]
    playback = driver.session.playback
    before, playback.clock = playback.clock, lambda: now[0]
    yield now
    playback.clock = before


def jaw(driver) -> float:
    return driver.document.state.expression[JAW]


def bar(driver):
    return driver.window.player


def click(driver, widget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_another_face_gives_its_expression_in_one_undo_step(driver, driven_by, tmp_path, errors):
    other = SetActionUnits({"AU12": 0.6}).apply(SetExpressionWeights({"jawOpen": 0.5}).apply(DocumentState()))
    save_project(tmp_path / "other.rhytid", other)
    driver.document.execute(SetActionUnits({"AU4": 1.0}))
    steps = driver.document.labels
    driven_by(tmp_path / "other.rhytid")
    state = driver.document.state
    assert tuple(effective_expression(state)) == tuple(effective_expression(other))
    assert driver.document.labels == (*steps, "Expression of other.rhytid")
    assert not bar(driver).isVisible()
    driver.document.undo()
    assert driver.document.state.action_units == (("AU4", 1.0),)
    assert errors == []


def test_a_recording_that_is_dropped_on_the_window_plays_in_the_bar(driver, take, tmp_path, errors):
    labels = driver.document.labels
    drop(driver, take)
    driver.wait(lambda: not driver.session.jobs.busy)
    assert bar(driver).isVisible()
    assert driver.session.playback.motion.name == "take.csv"
    assert jaw(driver) == pytest.approx(0.2, abs=0.25)
    loud = tmp_path / "LOUD.CSV"
    loud.write_text("time,jawOpen\n0,0.9\n1,1.0\n")
    drop(driver, loud)  # takes the other one's place
    driver.wait(lambda: not driver.session.jobs.busy)
    assert driver.session.playback.motion.name == "LOUD.CSV"
    driver.session.playback.cancel()
    assert driver.document.labels == labels
    assert errors == []
    (tmp_path / "bad.csv").write_text("name,price\nbread,3\n")
    drop(driver, tmp_path / "bad.csv")
    driver.wait(lambda: not driver.session.jobs.busy)
    assert "bad.csv" in driver.window.messages.text
    assert not bar(driver).isVisible()
    assert len(errors) == 1


def test_of_several_faces_in_a_photo_one_is_chosen(driver, reader, photo, driven_by, monkeypatch):
    seen, answers = [], [QDialog.DialogCode.Rejected, QDialog.DialogCode.Accepted]

    def choose(dialog):
        dialog.choice.choose(1)
        dialog.deleteLater()
        return answers.pop(0)

    def observe(taken, _finder, face):
        seen.append(face)
        nothing = np.zeros(taken.pixels.shape[:2], np.float32)
        return Observation(taken.pixels, taken.pixels, true_landmarks(), Masks(nothing, nothing, nothing), None)

    monkeypatch.setattr(photo_face.PhotoTools, "finder", Finder(2))
    monkeypatch.setattr(ChooseFaceDialog, "exec", choose)
    monkeypatch.setattr(driven, "observe", observe)
    before = driver.document.state
    driven_by(photo)
    assert answers == [QDialog.DialogCode.Accepted]
    assert seen == []
    assert driver.document.state is before
    driven_by(photo)
    driver.wait(lambda: not driver.session.jobs.busy)
    assert [face.box[0] for face in seen] == [240 / 2]
    smiles = [driver.document.state.expression[ARKIT_INDEX[f"mouthSmile{side}"]] for side in ("Left", "Right")]
    assert min(smiles) > 0.3
    assert max(before.expression) == 0
    assert driver.document.labels[-1] == "Expression of anna.jpg"
    assert driver.document.state.photo is None


def test_a_bad_driver_is_told_in_one_line_and_changes_nothing(driver, driven_by, tmp_path):
    for name, reason in (("prices.csv", "no column with the name of an ARKit shape"), ("gone.csv", "gone.csv")):
        if name != "gone.csv":
            (tmp_path / name).write_text("day,price\n1,2\n")
        state, steps = driver.document.state, driver.document.labels
        driven_by(tmp_path / name)
        assert reason in driver.window.messages.text
        assert driver.document.state is state
        assert driver.document.labels == steps
        assert not bar(driver).isVisible()


def test_a_recording_plays_without_history_and_esc_gives_the_expression_back(driver, driven_by, take, clock, errors):
    driver.document.execute(SetExpressionWeights({"jawOpen": 0.1}))
    before, steps = driver.document.state, driver.document.labels
    driven_by(take)
    assert bar(driver).isVisible()
    assert jaw(driver) == pytest.approx(0.2)
    for now, expected in ((0.5, 0.3), (1.5, 0.7), (2.5, 0.2)):  # behind the end it begins again
        clock[0] = 100.0 + now
        driver.wait(lambda expected=expected: abs(jaw(driver) - expected) < 1e-3)
    assert driver.document.labels == steps
    driver.wait(lambda: not driver.session.awaits_picture)
    driver.key(Qt.Key.Key_Escape)
    assert driver.document.state == before
    assert driver.document.labels == steps
    assert not bar(driver).isVisible()
    assert not driver.session.playback.playing
    assert errors == []


def test_a_recording_turns_the_head_and_the_eyes(driver, driven_by, clock, tmp_path):
    before = driver.document.state
    (tmp_path / "turn.json").write_text(
        '{"fps": 1, "frames": [{"jawOpen": 0, "headYaw": 0.5, "headPitch": 0, "headRoll": 0.1, "eyeLookUpLeft": 1},'
        '{"jawOpen": 1, "headYaw": 0.5, "headPitch": 0, "headRoll": 0.1, "eyeLookUpLeft": 1}]}'
    )
    driven_by(tmp_path / "turn.json")
    pose = driver.document.state.head_pose
    assert (pose.yaw_deg, pose.roll_deg) == (pytest.approx(28.65, abs=0.01), pytest.approx(5.73, abs=0.01))
    assert driver.document.state.expression[ARKIT_INDEX["eyeLookUpLeft"]] == 1.0
    driver.key(Qt.Key.Key_Escape)
    assert driver.document.state == before


def test_a_frame_that_is_used_is_one_undo_step(driver, driven_by, take, clock):
    before, steps = driver.document.state, driver.document.labels
    driven_by(take)
    click(driver, bar(driver).toggle)
    assert not driver.session.playback.playing
    slider = bar(driver).slider
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_End)
    assert jaw(driver) == pytest.approx(1.0)
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() // 2, slider.height() // 2))
    assert jaw(driver) == pytest.approx(0.4, abs=0.02)
    QTest.keyClick(slider, Qt.Key.Key_End)
    assert bar(driver).time.text() == "2.00 / 2.00 s"
    click(driver, bar(driver).use)
    assert jaw(driver) == pytest.approx(1.0)
    assert driver.document.labels == (*steps, "Expression of take.csv")
    assert not bar(driver).isVisible()
    driver.document.undo()
    assert driver.document.state == before


def test_frames_are_left_out_while_the_last_one_is_computed(driver, driven_by, take, clock, monkeypatch):
    driven_by(take)
    shown = []
    driver.document.state_changed.connect(lambda new, _old: shown.append(new.expression[JAW]))
    playback = driver.session.playback
    monkeypatch.setattr(playback, "_busy", lambda: True)
    clock[0] += 0.5
    driver.wait_s(0.15)
    assert shown == []
    clock[0] += 0.5
    monkeypatch.setattr(playback, "_busy", lambda: False)
    driver.wait(lambda: bool(shown))
    assert shown[0] == pytest.approx(0.4)


def test_without_loop_it_stops_at_the_end_and_begins_again_when_played(driver, driven_by, take, clock):
    driven_by(take)
    click(driver, bar(driver).loop)
    try:
        clock[0] += 5.0
        driver.wait(lambda: not driver.session.playback.playing)
        assert jaw(driver) == pytest.approx(1.0)
        click(driver, bar(driver).toggle)
        driver.wait(lambda: abs(jaw(driver) - 0.2) < 1e-3)
    finally:
        driver.session.playback.cancel()
        bar(driver).loop.setChecked(True)


def test_another_edit_keeps_the_frame_and_undo_gives_it_up(driver, driven_by, take, clock):
    before, steps = driver.document.state, driver.document.labels
    driven_by(take)
    driver.document.execute(SetAge(50.0))
    assert driver.document.labels == (*steps, "Expression of take.csv", "Set age")
    assert not bar(driver).isVisible()
    driver.document.undo()
    driver.document.undo()
    driven_by(take)
    driver.document.undo()
    assert driver.document.state == before
    assert not bar(driver).isVisible()


def test_leaving_and_new_projects_keep_nothing_of_it(driver, driven_by, take, asked):
    driven_by(take)
    driver.window.actions_by_name["new"].trigger()
    assert not bar(driver).isVisible()
    assert jaw(driver) == 0.0


def test_full_screen_lets_it_play_on(driver, driven_by, take):
    driven_by(take)
    driver.session.finish_edits()
    assert driver.session.playback.playing
    assert bar(driver).isVisible()


def test_live_link_drives_the_face_is_frozen_by_its_key_and_becomes_keys(driver, errors):
    live, steps = driver.session.live, driver.document.labels
    driver.window.actions_by_name["live_link"].trigger()
    dialog = driver.window.findChild(LiveLinkDialog)
    assert dialog.isVisible()
    assert not live.listening
    live.start(port=0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:

        def send(value: float, time_s: float) -> None:
            phone.sendto(packet({JAW_OPEN: value, HEAD_YAW: 0.5}, time_s), live.address)
            driver.wait(lambda: abs(jaw(driver) - value) < 1e-6)

        send(0.5, 1.0)
        assert driver.document.state.head_pose.yaw_deg == pytest.approx(28.65, abs=0.01)
        driver.window.actions_by_name["freeze_live"].trigger()
        assert driver.document.labels == (*steps, "Expression of iPhone")
        driver.window.actions_by_name["freeze_live"].trigger()
        send(0.25, 2.0)
        click(driver, dialog.record)
        for number in range(1, 6):
            send(number / 5, 2.0 + number / 10)
        click(driver, dialog.record)
        driver.wait(lambda: not driver.session.jobs.busy)
    assert {"jawOpen", "head_yaw_deg"} <= set(driver.document.state.clip.by_name)
    assert driver.document.state.clip.end_s == pytest.approx(0.4, abs=0.01)
    dialog.close()
    assert not live.listening
    assert errors == []


def test_the_dialog_offers_what_drives_a_face():
    assert DRIVER_SUFFIXES == driven.DRIVER_SUFFIXES
