"""Files in the real window: save, open, bad input, recovery, dropped files, unsaved work."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QMessageBox

from rhytid.core.document.autosave import Autosave
from rhytid.core.document.commands import SetAge
from rhytid.core.document.state import DocumentState
from rhytid.core.face.engine_choice import new_state
from rhytid.core.head.load import default_head, load_head
from rhytid.core.io.displacement_file import source_detail
from tests.head.small_head import small_head

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def choose(monkeypatch):
    """The next file dialog answers with this path."""

    def answer(path):
        reply = staticmethod(lambda *_args, **_kw: (str(path), ""))
        monkeypatch.setattr(QFileDialog, "getOpenFileName", reply)
        monkeypatch.setattr(QFileDialog, "getSaveFileName", reply)

    return answer


@pytest.fixture
def answer(monkeypatch):
    """The next question about unsaved work is answered with this button; asked questions are counted."""
    asked = []

    def set_answer(button):
        def reply(*_args, **_kw):
            asked.append(button)
            return button

        monkeypatch.setattr(QMessageBox, "warning", staticmethod(reply))
        return asked

    return set_answer


def done(driver):
    driver.wait(lambda: not driver.session.jobs.busy)
    driver.settle()


def test_save_new_and_open_bring_the_same_picture_back(driver, tmp_path, choose, answer):
    driver.draw((0.30, 0.55), (0.42, 0.60))
    driver.document.execute(SetAge(55.0))
    picture, state = driver.picture(), driver.document.state
    assert driver.window.isWindowModified()
    choose(tmp_path / "smile.rhytid")
    driver.key(Qt.Key.Key_S, CTRL)
    done(driver)
    assert driver.document.path == tmp_path / "smile.rhytid"
    assert not driver.window.isWindowModified()
    assert "smile.rhytid" in driver.window.windowTitle()
    driver.key(Qt.Key.Key_N, CTRL)
    assert driver.document.state.strokes == ()
    driver.key(Qt.Key.Key_O, CTRL)
    done(driver)
    assert driver.document.state == state
    assert np.array_equal(driver.picture(), picture)
    assert driver.window.preferences.recent_files[0] == str(tmp_path / "smile.rhytid")


@pytest.mark.parametrize("content", [b"", b"this is no project", b"PK\x03\x04 broken"])
def test_a_bad_project_leaves_the_open_work_untouched_and_says_so(driver, tmp_path, choose, answer, content):
    driver.draw((0.30, 0.55), (0.42, 0.60))
    state, labels = driver.document.state, driver.document.labels
    bad = tmp_path / "bad.rhytid"
    bad.write_bytes(content)
    answer(QMessageBox.StandardButton.Discard)
    choose(bad)
    driver.key(Qt.Key.Key_O, CTRL)
    done(driver)
    assert driver.document.state == state
    assert driver.document.labels == labels
    assert "bad.rhytid" in driver.window.messages.text


def import_map(driver, path):
    """Import a map as the dialog does, with the convention that the file itself states or suggests."""
    age = driver.document.state.age
    driver.window.files.import_map(lambda _control: source_detail(path, (0.0,) * 52, age), path.name)


@pytest.mark.parametrize("name", ["map.png", "map.npy", "map.exr"])
def test_a_bad_map_is_refused_with_a_reason(driver, tmp_path, name):
    state = driver.document.state
    (tmp_path / name).write_bytes(b"\x89PNG nothing more")
    import_map(driver, tmp_path / name)
    done(driver)
    assert driver.document.state == state
    assert name in driver.window.messages.text


def test_a_map_arrives_with_its_lines_and_leaves_again(driver, tmp_path):
    y = np.linspace(0, 1, 256, dtype=np.float32)[:, None]
    valley = -0.4 * np.exp(-(((y - 0.2) / 0.006) ** 2)) * np.ones((1, 256), np.float32)
    valley[:, :64] = valley[:, 192:] = 0.0
    np.save(tmp_path / "valley.npy", valley.astype(np.float32))
    import_map(driver, tmp_path / "valley.npy")
    done(driver)
    assert driver.document.state.source is not None
    assert any(s.from_source for s in driver.document.state.strokes)
    driver.window.actions_by_name["remove_source"].trigger()
    assert driver.document.state.source is None


def test_an_import_and_its_pose_are_one_step(driver, tmp_path):
    np.save(tmp_path / "flat.npy", np.zeros((128, 128), np.float32))
    steps = len(driver.document.labels)
    state = driver.document.state
    driver.window.files.import_map(
        lambda _control: source_detail(tmp_path / "flat.npy", state.expression, 64.0), "flat.npy", SetAge(64.0)
    )
    done(driver)
    assert driver.document.state.age == 64.0
    assert len(driver.document.labels) == steps + 1
    driver.document.undo()
    assert driver.document.state == state


def test_a_bad_head_is_refused(driver, tmp_path):
    state = driver.document.state
    (tmp_path / "head.npz").write_bytes(b"no head")
    driver.window.open_path(tmp_path / "head.npz")
    done(driver)
    assert driver.document.state == state
    assert "head.npz" in driver.window.messages.text


def test_unsaved_work_is_asked_about(driver, answer):
    driver.document.execute(SetAge(50.0))
    asked = answer(QMessageBox.StandardButton.Cancel)
    driver.window.close()
    assert len(asked) == 1
    assert driver.window.isVisible()
    assert driver.document.state.age == 50.0
    driver.key(Qt.Key.Key_N, CTRL)
    assert driver.document.state.age == 50.0
    answer(QMessageBox.StandardButton.Discard)
    driver.key(Qt.Key.Key_N, CTRL)
    assert driver.document.state == new_state(driver.session.engines)


def test_work_of_a_crashed_run_is_offered_and_taken_up(driver, private_state):
    crashed = Autosave()
    crashed.save(DocumentState(age=64.0))
    assert crashed.wait(5.0)
    crashed._lock.release()
    files = driver.window.files
    driver.window.projects.offer_recovery()
    assert "was kept" in driver.window.messages.text
    (recovery,) = files.recoveries()
    files.recover(recovery)
    done(driver)
    assert driver.document.state.age == 64.0
    assert driver.document.is_modified
    assert files.recoveries() == []


def test_edits_are_autosaved_and_forgotten_when_saved(driver, private_state, tmp_path):
    files = driver.window.files
    files.set_autosave(True)
    try:
        for age in range(31, 53):
            driver.document.execute(SetAge(float(age)))
        files.autosave_if_due()
        assert files._autosave.wait(5.0)
        (project,) = private_state.glob("autosave/*/project.rhytid")
        files.save_project(tmp_path / "kept.rhytid")
        done(driver)
        assert not project.exists()
    finally:
        files.close()


def test_autosave_follows_the_preferences_while_the_program_runs(driver, private_state):
    files = driver.window.files
    files.set_autosave(True, 3600.0)
    try:
        driver.document.execute(SetAge(40.0))
        assert not files._autosave.due(time.monotonic() + 100.0)
        files.set_autosave(True, 30.0)
        assert files._autosave.due(time.monotonic() + 31.0)
        files.set_autosave(False)
        assert list(private_state.glob("autosave/*")) == []
        files.set_autosave(True, 30.0)
        assert files._autosave.due(time.monotonic() + 31.0), "work from before autosave began counts"
    finally:
        files.close()


def test_an_obj_stands_for_the_folder_of_its_head(driver, tmp_path):
    (tmp_path / "generic_neutral_mesh.obj").write_text("v 0 0 0\nv 1 0 0\n")
    driver.window.open_path(tmp_path / "generic_neutral_mesh.obj")
    done(driver)
    text = driver.window.messages.text
    assert "failed" in text
    assert "npz" not in text
    assert driver.document.state.head.path == ""


def test_a_failing_stroke_ends_with_a_message_and_the_work_as_it_was(driver, monkeypatch):
    from rhytid.core.lines import edit

    before = driver.document.state

    def broken(*_args):
        raise RuntimeError("no line today")

    monkeypatch.setattr(edit, "simplify", broken)
    driver.draw((0.30, 0.55), (0.42, 0.60))
    monkeypatch.undo()
    assert driver.document.state == before
    assert not driver.document.gesture_active
    assert "no line today" in driver.window.messages.text


def test_a_picture_whose_name_with_its_ending_is_taken_needs_a_yes(driver, tmp_path, choose, answer):
    taken = tmp_path / "anna.v002.png"
    taken.write_bytes(b"somebody's")
    asked = answer(QMessageBox.StandardButton.Cancel)
    choose(tmp_path / "anna.v002")
    driver.window.dialogs.save_picture()
    done(driver)
    assert len(asked) == 1
    assert taken.read_bytes() == b"somebody's"
    answer(QMessageBox.StandardButton.Yes)
    driver.window.dialogs.save_picture()
    done(driver)
    assert taken.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("typed", "written"), [("a.v2", "a.v2.png"), ("b.JPG", "b.JPG"), ("佐藤 ü.png", "佐藤 ü.png")])
def test_a_picture_has_the_name_that_was_typed(driver, tmp_path, choose, typed, written):
    (tmp_path / "pictures").mkdir()
    choose(tmp_path / "pictures" / typed)
    driver.window.dialogs.save_picture()
    done(driver)
    assert [path.name for path in (tmp_path / "pictures").iterdir()] == [written]
    assert f"Saved {written}" in driver.window.messages.text


def test_a_picture_that_cannot_be_written_says_why(driver, tmp_path, choose):
    (tmp_path / "a.png").mkdir()
    choose(tmp_path / "a.png")
    driver.window.dialogs.save_picture()
    done(driver)
    assert f"a.png cannot be written into {tmp_path}: a folder has this name" in driver.window.messages.text


def test_an_export_asks_before_it_replaces_what_the_artist_has(driver, tmp_path, answer, monkeypatch):
    from rhytid.core.io.export_options import ExportOptions
    from rhytid.gui.dialogs.export.report import ExportReportDialog
    from rhytid.gui.dialogs.export_dialog import ExportDialog

    options = ExportOptions(what=frozenset({"albedo"}), resolution=1024, name="anna.v002")
    monkeypatch.setattr(ExportDialog, "exec", lambda _self: QDialog.DialogCode.Accepted)
    monkeypatch.setattr(ExportDialog, "options", lambda _self: options)
    monkeypatch.setattr(ExportDialog, "folder", lambda _self: tmp_path / "out")
    monkeypatch.setattr(ExportReportDialog, "open", lambda _self: None)
    (tmp_path / "out").mkdir()
    picture = tmp_path / "out" / "anna.v002_albedo.1001.png"
    picture.write_bytes(b"the artist's")
    asked = answer(QMessageBox.StandardButton.Cancel)
    driver.window.dialogs.export()
    done(driver)
    assert len(asked) == 1
    assert [path.name for path in picture.parent.iterdir()] == [picture.name]
    assert picture.read_bytes() == b"the artist's"
    answer(QMessageBox.StandardButton.Yes)
    driver.window.dialogs.export()
    done(driver)
    assert len(asked) == 2
    assert picture.read_bytes().startswith(b"\x89PNG")
    driver.window.dialogs.export()
    done(driver)
    assert len(asked) == 2  # its own files need no question
    assert "Exported 5 files" in driver.window.messages.text


def test_a_head_that_lies_in_a_glb_is_opened_and_the_window_says_what_was_done(driver, tmp_path):
    from rhytid.core.arkit import ARKIT_INDEX
    from rhytid.core.head.load import default_head
    from rhytid.core.io.export_meshes import base_mesh
    from rhytid.core.io.gltf_file import GltfMaterial, GltfPrimitive, MorphTarget, write_glb

    head = default_head()
    lying = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], np.float32)
    mesh = base_mesh(head, head.neutral @ lying.T)
    offsets = head.expression[ARKIT_INDEX["jawOpen"]].astype(np.float32) @ lying.T
    jaw = MorphTarget("JawOpen", offsets, np.zeros_like(offsets))
    skin = GltfPrimitive(mesh.material <= 1, GltfMaterial("face"))
    write_glb(tmp_path / "Anna.glb", mesh, [skin], [jaw])
    told = []
    driver.session.message_posted.connect(lambda text, _severity: told.append(text))
    driver.window.open_path(tmp_path / "Anna.glb")
    done(driver)
    assert any("Head: Anna; turned by -90 degrees about X; scaled from metres" in text for text in told)
    assert driver.document.state.head.path == str(tmp_path / "Anna.glb")
    shown = driver.viewport.pose.head.neutral
    np.testing.assert_allclose(np.ptp(shown, axis=0), np.ptp(head.neutral[: head.n_skin], axis=0), atol=0.1)


def test_a_file_that_is_no_head_leaves_the_head_and_says_what_can_be_opened(driver, tmp_path):
    (tmp_path / "Anna.blend").write_bytes(b"BLENDER-v405")
    driver.window.files.use_head(tmp_path / "Anna.blend")
    done(driver)
    assert "export it as GLB, with its shape keys" in driver.window.messages.text
    assert driver.document.state.head.path == ""


def test_the_head_is_kept_in_a_file_that_opens_as_the_same_head(driver, tmp_path, monkeypatch):
    target = tmp_path / "kept.npz"
    monkeypatch.setattr("rhytid.gui.dialogs.save_file.ask_save", lambda *_a, **_k: target)
    driver.window.action("head_save").trigger()
    done(driver)
    assert load_head(target).digest == default_head().digest
    monkeypatch.setattr("rhytid.gui.dialogs.save_file.ask_save", lambda *_a, **_k: None)
    driver.window.action("head_save").trigger()
    done(driver)
    assert list(tmp_path.glob("*.*")) == [target]


def test_small_faces_may_be_of_a_head_that_is_not_on_the_screen_yet(driver):
    other = small_head()
    first, second = (driver.viewport.portrait(head, head.neutral, 60) for head in (other, default_head()))
    assert first.width() == second.width() == 60
    assert first != second
