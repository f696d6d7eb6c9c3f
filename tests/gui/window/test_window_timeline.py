"""The timeline in the real window: keys by button, key and menu; curves under the mouse; playing by the clock."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QCursor, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from rhytid.core.animation.clip import Clip
from rhytid.core.animation.edit import with_keys
from rhytid.core.animation.track import Key, Tangent
from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.document.commands import SetAge, SetExpressionWeights, TakeClip
from rhytid.core.io.motion_file import read_motion
from rhytid.gui.widgets.slider_face import KeyMark

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
JAW = ARKIT_INDEX["jawOpen"]
KEYS = (("age", Key(0.0, 30.0)), ("age", Key(2.0, 60.0)), ("jawOpen", Key(0.0, 0.0)), ("jawOpen", Key(1.0, 0.8)),
        ("jawOpen", Key(2.0, 0.2)))  # fmt: skip


@pytest.fixture
def panel(driver):
    """The timeline, up and with room, over a face that has no keys."""
    dock = driver.window.docks["timeline"]
    driver.window.docks.show_timeline()
    driver.wait(lambda: dock.panel is not None and dock.panel.curves.height() > 60)
    yield dock.panel
    driver.session.timeline.rest()
    driver.session.timeline.auto_key = False
    dock.hide()
    driver.settle()


@pytest.fixture
def keyed(driver, panel):
    driver.document.execute(TakeClip(with_keys(Clip(end_s=2.0), KEYS)))
    return panel


@pytest.fixture
def clock(driver):
    now = [100.0]
    timeline = driver.session.timeline
    before, timeline.clock = timeline.clock, lambda: now[0]
    yield now
    timeline.clock = before


def jaw(driver) -> float:
    return driver.document.state.expression[JAW]


def row_of(driver, name: str):
    driver.window.docks["expression"].raise_()
    panel = driver.window.docks["expression"].build()
    return panel._by_name[name][1]


def click(widget) -> None:
    QTest.mouseClick(widget, LEFT)


def drag(view, start: QPointF, end: QPointF, keys=NONE) -> None:
    """A drag with the left button through three places."""
    port = view.viewport()
    QTest.mousePress(port, LEFT, keys, start.toPoint())
    for share in (0.3, 0.7, 1.0):
        place = QPointF((start + (end - start) * share).toPoint())
        move = QMouseEvent(QEvent.Type.MouseMove, place, port.mapToGlobal(place), LEFT, LEFT, keys)
        QApplication.sendEvent(port, move)
        QApplication.processEvents()
    QTest.mouseRelease(port, LEFT, keys, end.toPoint())


def test_the_diamond_keys_the_face_and_sliders_say_so(driver, panel):
    row = row_of(driver, "jawOpen")
    driver.document.execute(SetExpressionWeights({"jawOpen": 0.4}))
    assert row.key_mark is KeyMark.NONE
    click(panel.set_key)
    clip = driver.document.state.clip
    assert clip.by_name["jawOpen"].keys == (Key(0.0, 0.4),)
    assert driver.document.labels[-1] == "Set key of jawOpen"
    assert row.key_mark is KeyMark.HERE
    driver.session.timeline.scrub(1.0)
    assert row.key_mark is KeyMark.ELSEWHERE
    driver.document.undo()  # the way through time
    assert driver.document.state.clip.now_s == 0.0
    driver.document.undo()
    assert driver.document.state.clip.tracks == ()
    assert row.key_mark is KeyMark.NONE


def test_a_sliders_menu_sets_and_removes_its_key(driver, panel):
    row = row_of(driver, "jawOpen")
    driver.document.execute(SetExpressionWeights({"jawOpen": 0.6, "cheekPuff": 0.5}))

    def entry(text: str):
        at = row.rect().center()
        QApplication.sendEvent(row, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, row.mapToGlobal(at)))
        (menu,) = [menu for menu in row.findChildren(QMenu) if menu.isVisible()]
        (found,) = [action for action in menu.actions() if action.text() == text]
        enabled = found.isEnabled()
        found.trigger()
        menu.close()
        driver.wait(lambda: not [menu for menu in row.findChildren(QMenu) if menu.isVisible()])
        return enabled

    assert not entry("Remove key")
    assert entry("Set key")
    assert [track.name for track in driver.document.state.clip.tracks] == ["jawOpen"]
    assert entry("Remove key")
    assert driver.document.state.clip.tracks == ()
    assert jaw(driver) == pytest.approx(0.6)


def point(driver, place: QPoint) -> None:
    """Put the pointer there."""
    QCursor.setPos(place)
    driver.wait(lambda: QCursor.pos() == place)


def test_ctrl_k_over_a_slider_keys_it_alone_and_over_the_face_all(driver, panel):
    driver.document.execute(SetExpressionWeights({"jawOpen": 0.6, "cheekPuff": 0.5}))
    row = row_of(driver, "jawOpen")
    row.reveal()
    driver.settle()
    point(driver, row.mapToGlobal(row.rect().center()))
    driver.window.actions_by_name["set_key"].trigger()
    assert [track.name for track in driver.document.state.clip.tracks] == ["jawOpen"]
    point(driver, driver.viewport.mapToGlobal(QPoint(40, 40)))
    driver.take_keyboard()
    driver.key(Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert [track.name for track in driver.document.state.clip.tracks] == ["cheekPuff", "jawOpen"]
    driver.key(Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier | SHIFT)
    assert driver.document.state.clip.tracks == ()


def test_the_ruler_scrubs_without_steps_and_the_face_follows(driver, keyed):
    steps = driver.document.labels
    curves = keyed.curves
    ruler = curves.place(1.0, 0.5)
    drag(curves, QPointF(curves.place(0.0, 0.5).x(), 8), QPointF(ruler.x(), 8))
    assert driver.document.state.clip.now_s == pytest.approx(1.0, abs=0.05)
    assert jaw(driver) == pytest.approx(0.8, abs=0.02)
    assert driver.document.state.age == pytest.approx(45, abs=3)
    assert driver.document.labels == steps
    driver.document.execute(SetAge(20.0))
    assert driver.document.labels[len(steps) :] == (f"Go to {driver.document.state.clip.now_s:.2f} s", "Set age")
    driver.document.undo()
    driver.document.undo()
    assert driver.document.state.clip.now_s == 0.0
    assert jaw(driver) == 0.0


def test_a_key_is_dragged_by_whole_frames_in_one_step(driver, keyed):
    curves = keyed.curves
    before, steps = driver.document.state, len(driver.document.labels)
    drag(curves, curves.place(1.0, 0.8), curves.place(1.517, 0.5))
    track = driver.document.state.clip.by_name["jawOpen"]
    assert track.keys[1].time_s == pytest.approx(1.0 + round(0.517 * 30) / 30, abs=0.034)
    assert track.keys[1].time_s * 30 == pytest.approx(round(track.keys[1].time_s * 30), abs=1e-6)
    assert track.keys[1].value == pytest.approx(0.5, abs=0.05)
    assert curves.chosen == {("jawOpen", track.keys[1].time_s)}
    assert len(driver.document.labels) == steps + 1
    driver.document.undo()
    assert driver.document.state == before


def test_esc_gives_a_drag_up(driver, keyed):
    curves, before = keyed.curves, driver.document.state
    start = curves.place(1.0, 0.8).toPoint()
    QTest.mousePress(curves.viewport(), LEFT, NONE, start)
    QTest.mouseMove(curves.viewport(), start + QPoint(30, 20))
    driver.wait(lambda: driver.document.state != before)
    QTest.keyClick(curves, Qt.Key.Key_Escape)
    assert driver.document.state.clip == before.clip
    QTest.mouseRelease(curves.viewport(), LEFT, NONE, start)
    assert driver.document.state.clip == before.clip


def test_a_box_chooses_tangents_bend_and_del_removes(driver, keyed):
    curves = keyed.curves
    drag(curves, curves.place(0.8, 1.05), curves.place(2.2, -0.05))
    assert curves.chosen == {("jawOpen", 1.0), ("jawOpen", 2.0), ("age", 2.0)}
    click(keyed.tangents[Tangent.STEP])
    assert driver.document.state.clip.by_name["jawOpen"].keys[1].tangent is Tangent.STEP
    QTest.mouseClick(curves.viewport(), LEFT, SHIFT, curves.place(2.0, 0.2).toPoint())
    assert ("jawOpen", 2.0) not in curves.chosen
    strokes = driver.document.state.strokes
    curves.setFocus()
    QTest.keyClick(curves, Qt.Key.Key_Delete)
    assert [len(track.keys) for track in driver.document.state.clip.tracks] == [1, 2]
    assert driver.document.state.strokes == strokes
    assert curves.chosen == frozenset()


def test_keys_are_copied_to_the_playhead(driver, keyed):
    curves = keyed.curves
    QTest.mouseClick(curves.viewport(), LEFT, NONE, curves.place(1.0, 0.8).toPoint())
    curves.setFocus()
    QTest.keyClick(curves, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    driver.session.timeline.scrub(1.5)
    QTest.keyClick(curves, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert driver.document.state.clip.by_name["jawOpen"].key_at(1.5) == Key(1.5, 0.8)
    assert curves.chosen == {("jawOpen", 1.5)}


def test_it_plays_by_the_clock_loops_and_stops(driver, keyed, clock):
    steps = driver.document.labels
    click(keyed.play)
    assert driver.session.timeline.playing
    for now, expected in ((1.0, 0.8), (2.5, 0.0)):  # behind the end it begins again
        clock[0] = 100.0 + now
        driver.wait(lambda expected=expected: abs(jaw(driver) - expected) < 0.02)
    driver.wait(lambda: not driver.session.awaits_picture)
    driver.key(Qt.Key.Key_Space, SHIFT)
    assert not driver.session.timeline.playing
    assert driver.document.labels == steps
    click(keyed.loop)
    click(keyed.play)
    clock[0] += 9.0
    driver.wait(lambda: not driver.session.timeline.playing)
    assert driver.document.state.clip.now_s == pytest.approx(2.0)


def test_frames_are_left_out_while_the_last_one_is_computed(driver, keyed, clock, monkeypatch):
    timeline = driver.session.timeline
    click(keyed.play)
    shown: list[float] = []
    driver.document.state_changed.connect(lambda new, _old: shown.append(new.clip.now_s))
    monkeypatch.setattr(timeline, "_busy", lambda: True)
    clock[0] += 0.5
    driver.wait_s(0.15)
    assert shown == []
    clock[0] += 0.5
    monkeypatch.setattr(timeline, "_busy", lambda: False)
    driver.wait(lambda: bool(shown))
    assert shown[0] == pytest.approx(1.0)


def test_keys_set_themselves_when_a_slider_is_dragged(driver, panel):
    click(panel.auto_key)
    driver.session.timeline.scrub(0.5)
    row = row_of(driver, "jawOpen")
    row.reveal()
    driver.settle()
    groove = row.groove_rect()
    QTest.mouseClick(row, LEFT, NONE, QPoint(round(groove.left() + 0.5 * groove.width()), round(groove.center().y())))
    (key,) = driver.document.state.clip.by_name["jawOpen"].keys
    assert (key.time_s, key.value) == (0.5, pytest.approx(0.5, abs=0.05))


def test_a_recording_becomes_keys_and_keys_a_recording(driver, panel, tmp_path, monkeypatch, errors):
    take = tmp_path / "take.csv"
    rows = "".join(f"{k / 30:.4f},{min(k / 30, 1.0):.4f}\n" for k in range(46))
    take.write_text("time,jawOpen\n" + rows)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", staticmethod(lambda *_args: (str(take), "")))
    click(panel.bring_in)
    driver.wait(lambda: not driver.session.jobs.busy)
    clip = driver.document.state.clip
    assert clip.end_s == pytest.approx(1.5)
    assert 2 <= len(clip.by_name["jawOpen"].keys) < 20
    assert "take.csv" in driver.window.messages.text
    for name in ("out.csv", "out.json"):
        out = tmp_path / name
        monkeypatch.setattr(QFileDialog, "getSaveFileName", staticmethod(lambda *_args, out=out: (str(out), "")))
        driver.window.actions_by_name["export_keys"].trigger()
        driver.wait(lambda: not driver.session.jobs.busy)
    again = read_motion(Path(tmp_path / "out.csv"))
    assert max(abs(again.weights[k, JAW] - min(k / 30, 1.0)) for k in range(46)) < 0.006
    driver.document.undo()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", staticmethod(lambda *_args: (str(tmp_path / "out.json"), "")))
    click(panel.bring_in)
    driver.wait(lambda: not driver.session.jobs.busy)
    assert driver.document.state.clip == clip
    assert errors == []


def test_onsets_are_marked_where_a_bound_stroke_begins_to_show(driver, panel):
    from document_samples import stroke

    from rhytid.core.document.commands import AddStrokes
    from rhytid.core.lines.stroke import Binding, Onset

    bound = Binding(Onset.EXPRESSION, (("jawOpen", 0.8),))
    driver.document.execute(AddStrokes((stroke("a", name="Fold", binding=bound),)))
    linear = with_keys(Clip(end_s=2.0), [("jawOpen", Key(0.0, 0.0, Tangent.LINEAR)), ("jawOpen", Key(2.0, 0.8))])
    driver.document.execute(TakeClip(linear))
    driver.wait(lambda: bool(panel.curves._marks))
    (mark,) = panel.curves._marks
    assert mark.names == ("Fold",)
    assert 0.05 < mark.time_s < 0.4  # the first fiftieth of its depth shows after a twelfth of the way


def test_a_scrubbed_project_is_not_modified_and_closes_without_a_question(driver, keyed, tmp_path):
    driver.document.save(tmp_path / "a.rhytid")
    driver.session.timeline.scrub(1.0)
    driver.session.finish_edits()
    assert not driver.document.is_modified
    assert driver.document.state.clip.now_s == 1.0


def test_a_clip_and_a_turntable_are_written_in_the_background(driver, keyed, tmp_path, monkeypatch, errors):
    from rhytid.gui.dialogs.film_dialog import FilmDialog

    out = tmp_path / "frames"
    out.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", staticmethod(lambda *_args: str(out)))

    def ask(dialog, turn: bool):
        dialog.pictures.setChecked(True)
        (dialog.turntable if turn else dialog.of_clip).setChecked(True)
        dialog.fps.setValue(2.0)
        dialog.seconds.setValue(1.0)
        dialog.width_px.setValue(64)
        dialog.height_px.setValue(48)
        dialog.samples.setCurrentIndex(0)
        dialog.resolution.setCurrentIndex(0)
        told = dialog.count.text()
        dialog.accept_button.click()
        return told, dialog.result()

    before, told = driver.document.state, []
    for turn, count in ((False, 5), (True, 2)):
        monkeypatch.setattr(
            FilmDialog, "exec", lambda dialog, turn=turn: told.append(ask(dialog, turn)) or dialog.result()
        )
        click(keyed.give_out)
        driver.wait(lambda: not driver.session.jobs.busy, limit_s=60.0)
        assert f"{count} frames" in told[-1][0]
        assert f"{count} pictures" in driver.window.messages.text
        if not turn:
            assert sorted(file.name for file in out.iterdir()) == [f"frame_00000{k}.png" for k in range(1, 6)]
    assert driver.document.state == before
    assert errors == []


def test_a_cancelled_film_leaves_an_empty_folder(driver, keyed, tmp_path, monkeypatch):
    from PySide6.QtWidgets import QDialog, QToolButton

    from rhytid.gui.dialogs.film_dialog import FilmDialog

    out = tmp_path / "frames"
    out.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", staticmethod(lambda *_args: str(out)))

    def ask(dialog):
        dialog.pictures.setChecked(True)
        dialog.fps.setValue(240.0)
        dialog.width_px.setValue(64)
        dialog.height_px.setValue(48)
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(FilmDialog, "exec", ask)
    click(keyed.give_out)
    driver.wait(lambda: driver.session.jobs.busy)
    driver.wait(lambda: driver.window.status.progress.isVisible())
    click(driver.window.status.progress.findChild(QToolButton, "cancelJob"))
    driver.wait(lambda: not driver.session.jobs.busy, limit_s=60.0)
    assert list(out.iterdir()) == []
