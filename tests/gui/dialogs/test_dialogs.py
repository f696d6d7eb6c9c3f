"""The dialogs: what they ask, refuse and remember."""

from __future__ import annotations

import json
from pathlib import Path
from threading import enumerate as enumerate_threads

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.document.commands import ApplyExpressionPreset, SetAge
from rhytid.core.document.document import Document
from rhytid.core.document.expression import effective_expression
from rhytid.core.document.recovery import Comparison, Standing
from rhytid.core.io.displacement_file import read_displacement
from rhytid.gui.controllers.compute import Compute
from rhytid.gui.dialogs.about_dialog import AboutDialog
from rhytid.gui.dialogs.first_steps import FirstSteps
from rhytid.gui.dialogs.import_displacement import ImportDialog
from rhytid.gui.dialogs.preferences_dialog import PreferencesDialog
from rhytid.gui.dialogs.recovery_dialog import RecoveryDialog, recovery_text, standing_text
from rhytid.gui.dialogs.shortcuts_dialog import ShortcutsDialog
from rhytid.gui.preferences import Navigation, Preferences
from rhytid.gui.window.actions import SPECS

LEFT = Qt.MouseButton.LeftButton


def write_map(path: Path, low: int = 24000, high: int = 41000) -> Path:
    values = np.linspace(low, high, 64 * 64).reshape(64, 64).astype(np.uint16)
    cv2.imwrite(str(path), values)
    return path


@pytest.fixture
def opened(qtbot):
    def _open(dialog):
        qtbot.addWidget(dialog)
        dialog.show()
        if isinstance(dialog, ImportDialog):
            qtbot.waitUntil(lambda: dialog.range.text().strip() != "", timeout=5000)
        return dialog

    return _open


def choose(box, data):
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


# --- import ----------------------------------------------------------------------------------------------


def test_an_untouched_import_is_what_the_reader_would_do(opened, tmp_path):
    path = write_map(tmp_path / "4_anger.png")
    document = Document()
    document.execute(SetAge(52.0))
    dialog = opened(ImportDialog(path, document.state))
    assert np.array_equal(read_displacement(path, dialog.reading()), read_displacement(path))
    assert dialog.age() == 52.0
    assert dialog.expression_box.currentText() == "Anger", "guessed from the file's name"
    assert dialog.expression()[ARKIT_INDEX["browDownLeft"]] == pytest.approx(0.95)
    assert dialog.accept_button.isEnabled()
    assert not dialog.picture.pixmap().isNull()


def test_an_import_poses_the_face_as_captured_unless_told_not_to(opened, tmp_path):
    document = Document()
    dialog = opened(ImportDialog(write_map(tmp_path / "4_anger.png"), document.state))
    dialog.age_box.setValue(22)
    document.execute(dialog.pose_command())
    assert effective_expression(document.state).tolist() == pytest.approx(dialog.expression())
    assert document.state.age == 22.0
    dialog.wear_box.click()
    assert dialog.pose_command() is None


def test_the_range_follows_scale_zero_and_warns(opened, tmp_path):
    dialog = opened(ImportDialog(write_map(tmp_path / "map.png"), Document().state))
    assert dialog.warning.text() == ""
    dialog.scale.setValue(40.0)
    assert "5 mm" in dialog.warning.text()
    assert dialog.convention_box.currentData() == "own"
    assert dialog.reading().scale_mm == 40.0
    dialog.scale.setValue(1.828)
    dialog.mid.setValue(0.0)
    assert "one side" in dialog.warning.text()
    assert "+0.6" in dialog.range.text()
    dialog.scale.setValue(0.0)
    assert not dialog.accept_button.isEnabled()
    choose(dialog.convention_box, "facescape")
    assert dialog.warning.text() == ""
    assert dialog.accept_button.isEnabled()


def test_flips_turn_the_picture(opened, tmp_path):
    dialog = opened(ImportDialog(write_map(tmp_path / "map.png"), Document().state))
    top = dialog.picture.pixmap().toImage().pixelColor(150, 5).blue()
    dialog.flip_y.click()
    assert dialog.reading().flip_y
    assert dialog.picture.pixmap().toImage().pixelColor(150, 5).blue() != top


def test_a_map_with_its_json_is_believed(opened, tmp_path):
    path = write_map(tmp_path / "own.png")
    sidecar = {"format": "rhytid-displacement", "file": "own.png", "scale_mm": 3.0, "mid": 0.5}
    path.with_suffix(".json").write_text(json.dumps(sidecar))
    dialog = opened(ImportDialog(path, Document().state))
    assert dialog.reading().scale_mm == 3.0
    assert "own.json" in dialog.reason.text()


def test_captured_at_the_present_face(opened, tmp_path):
    document = Document()
    document.execute(ApplyExpressionPreset("smile"))
    dialog = opened(ImportDialog(write_map(tmp_path / "map.png"), document.state))
    assert dialog.expression()[ARKIT_INDEX["mouthSmileLeft"]] == pytest.approx(0.65)


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n broken"])
def test_a_file_that_is_no_map_cannot_be_imported(opened, tmp_path, content):
    path = tmp_path / "bad.png"
    path.write_bytes(content)
    dialog = opened(ImportDialog(path, Document().state))
    assert not dialog.accept_button.isEnabled()
    assert "bad.png" in dialog.warning.text()


def test_closing_while_reading_is_harmless(qtbot, tmp_path):
    path = write_map(tmp_path / "map.png")
    for _ in range(5):
        dialog = ImportDialog(path, Document().state)
        dialog.close()
        dialog.deleteLater()
        del dialog
        qtbot.wait(1)
    qtbot.waitUntil(lambda: not [t for t in enumerate_threads() if t.name == "map preview"], timeout=5000)


# --- preferences -----------------------------------------------------------------------------------------


def test_preferences_are_kept_and_taken_back(opened, private_state):
    preferences = Preferences()
    dialog = opened(PreferencesDialog(preferences, Compute()))
    dialog.navigation[Navigation.BLENDER].click()
    dialog.interval.setValue(120)
    QTest.mouseClick(dialog.accept_button, LEFT)
    assert Preferences().navigation is Navigation.BLENDER
    assert Preferences().autosave_interval_s == 120
    assert (private_state / "preferences.json").exists()
    dialog = opened(PreferencesDialog(preferences, Compute()))
    dialog.navigation[Navigation.MAYA].click()
    dialog.reject()
    assert preferences.navigation is Navigation.BLENDER


def test_restored_defaults(opened):
    preferences = Preferences()
    preferences.pressure_exponent = 2.0
    preferences.undo_memory_mb = 64
    preferences.remember("export", {"folder": "somewhere"})
    dialog = opened(PreferencesDialog(preferences, Compute()))
    dialog._restore_defaults()
    assert preferences.pressure_exponent == 1.0
    assert preferences.undo_memory_mb == Preferences.undo_memory_mb.default
    assert (dialog.memory.value(), dialog.cache.value()) == (preferences.undo_memory_mb, preferences.cache_memory_mb)
    assert preferences.remembered("export") == {"folder": "somewhere"}


def test_preferences_survive_a_damaged_store():
    preferences = Preferences()
    damage = {"view/navigation": "3ds", "document/autosave_interval_s": "soon", "document/autosave": "ja",
              "tablet/pressure_exponent": "1e9", "files/recent": 7}  # fmt: skip
    preferences.keep(damage)
    assert preferences.navigation is Navigation.MAYA
    assert preferences.autosave_interval_s == 60
    assert preferences.autosave is True
    assert preferences.pressure_exponent == 4.0
    assert preferences.recent_files == ()


def test_preferences_tell_what_changed():
    preferences = Preferences()
    told = []
    preferences.changed.connect(lambda name, value: told.append((name, value)))
    preferences.show_statistics = True
    preferences.show_statistics = True
    assert told == [("show_statistics", True)]


def test_recent_files_are_few_and_unique():
    preferences = Preferences()
    for i in [*range(14), 5]:
        preferences.add_recent(f"/x/{i}.rhytid")
    assert preferences.recent_files[:2] == ("/x/5.rhytid", "/x/13.rhytid")
    assert len(preferences.recent_files) == 10
    assert Preferences().recent_files == preferences.recent_files


# --- the small ones --------------------------------------------------------------------------------------


def test_shortcuts_are_all_there_and_found(opened):
    dialog = opened(ShortcutsDialog([(spec.name, spec.text, spec.keys) for spec in SPECS], Navigation.BLENDER))
    QTest.keyClicks(dialog.search, "export")
    shown = []
    for i in range(dialog.tree.topLevelItemCount()):
        section = dialog.tree.topLevelItem(i)
        shown += [section.child(r).text(1) for r in range(section.childCount()) if not section.child(r).isHidden()]
    assert shown == ["Export"]


def test_about_names_versions(opened):
    dialog = opened(AboutDialog("llvmpipe"))
    assert "llvmpipe" in dialog.facts.toPlainText()
    assert "PySide6" in dialog.facts.toPlainText()


class FakeRecovery:
    def __init__(self, name, saved_at_s):
        self.original = Path(f"/x/{name}") if name else None
        self.saved_at_s = saved_at_s


def test_recovery_offers_the_newest_and_can_discard(opened):
    found = [FakeRecovery("smile.rhytid", 1000.0), FakeRecovery("", 400.0)]
    compared = [Comparison(Standing.NEWER, 240.0), Comparison(Standing.NO_FILE)]
    dialog = opened(RecoveryDialog(found, compared, 1300.0))
    assert dialog.chosen() is found[0]
    QTest.keyClick(dialog.list, Qt.Key.Key_Down)
    assert dialog.chosen() is found[1]
    text = recovery_text(found[0], compared[0], 1300.0)
    assert "5 minutes ago" in text
    assert "Newer than the file, by 4 minutes" in text
    assert text == dialog.list.item(0).text()
    assert "without a file" in recovery_text(found[1], compared[1], 1300.0)
    dialog._discard()
    assert dialog.discard_all
    assert dialog.result() == QDialog.DialogCode.Rejected


@pytest.mark.parametrize(
    ("comparison", "says"),
    [
        (Comparison(Standing.NEWER, 7200.0), "Newer than the file, by 2 hours"),
        (Comparison(Standing.NEWER, -50.0), "Newer than the file: the file is as it was"),
        (Comparison(Standing.SAME, 3.0), "nothing is lost"),
        (Comparison(Standing.CHANGED, -90.0), "OLDER than the file, by 2 minutes"),
        (Comparison(Standing.CHANGED, 45.0), "45 seconds before this work: they differ"),
        (Comparison(Standing.GONE), "only copy"),
        (Comparison(Standing.NO_FILE), "never saved"),
    ],
)
def test_recovery_says_how_the_work_stands_to_its_file(comparison, says):
    assert says in standing_text(comparison)


def test_recovery_of_work_from_the_future_says_that_the_clock_was_changed():
    assert "clock was set back" in recovery_text(FakeRecovery("a", 1e6), Comparison(Standing.GONE), 1000.0)


def test_the_hint_is_dismissed_for_good(qtbot):
    preferences, window = Preferences(), QWidget()
    qtbot.addWidget(window)
    window.resize(800, 600)
    window.show()
    hint = FirstSteps(preferences, window)
    hint.show()
    assert not preferences.hint_dismissed
    window.resize(900, 700)
    assert hint.geometry().bottom() < 700
    assert hint.geometry().bottom() > 640
    QTest.mouseClick(hint.got_it, LEFT)
    assert not hint.isVisible()
    assert Preferences().hint_dismissed


def test_keys_go_to_the_face_once_the_hint_is_closed(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    face = QWidget()
    face.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    column.addWidget(face)
    window.resize(900, 700)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    hint = FirstSteps(Preferences(), face)
    column.addWidget(QLineEdit())  # next in the order of focus
    hint.show()
    QTest.mouseClick(hint.got_it, LEFT)
    qtbot.waitUntil(lambda: window.focusWidget() is face)
