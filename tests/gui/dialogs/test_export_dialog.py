"""The export dialog: what it asks, what it fills in for a program, what it keeps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QScrollArea

from rhytid.core.head.load import default_head
from rhytid.core.head.subdivide import MAX_FACES
from rhytid.core.io.clients import CLIENTS
from rhytid.core.io.export_options import FURTHER, WHAT, Check, ExportedFile, ExportReport, options_for, planned_files
from rhytid.core.io.mesh_density import DEFAULT_EDGE_MM, face_count_limits
from rhytid.gui.dialogs.export.report import ExportReportDialog
from rhytid.gui.dialogs.export_dialog import ExportDialog
from rhytid.gui.preferences import Preferences

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def opened(qtbot):
    def _open(dialog):
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return _open


def choose(box, data):
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


@pytest.fixture(scope="module")
def head():
    return default_head()


def test_export_wants_something_and_a_folder(opened, head, tmp_path):
    dialog = opened(ExportDialog(head, head.neutral, Preferences()))
    assert not dialog.accept_button.isEnabled()
    dialog.folder_line.setText(str(tmp_path))
    assert dialog.accept_button.isEnabled()
    for box in dialog.what.what.values():
        box.setChecked(False)
    assert not dialog.accept_button.isEnabled()
    assert "at least one" in dialog.problem.text()
    dialog.what.what["normal_map"].setChecked(True)
    assert dialog.options().what == {"normal_map"}
    assert not dialog.meshes.mesh_format.isEnabled()
    dialog.name.setText("a/b")
    assert not dialog.accept_button.isEnabled()


def test_export_folder_that_is_a_file(opened, head, tmp_path):
    file = tmp_path / "file"
    file.write_text("x")
    dialog = opened(ExportDialog(head, head.neutral, Preferences()))
    dialog.folder_line.setText(str(file))
    assert not dialog.accept_button.isEnabled()
    assert "is a file" in dialog.problem.text()


def test_the_estimate_follows_the_density(opened, head):
    dialog = opened(ExportDialog(head, head.neutral, Preferences()))
    assert dialog.options().target_edge_mm == DEFAULT_EDGE_MM
    fine = dialog.meshes.estimate.text()
    dialog.meshes.edge.setValue(5.0)
    assert dialog.meshes.estimate.text() != fine
    assert "0 subdivisions" in dialog.meshes.estimate.text()
    dialog.meshes.by_count.setChecked(True)
    dialog.meshes.count.setValue(300)
    options = dialog.options()
    assert options.face_count == 300_000
    assert options.target_edge_mm is None
    least, _ = face_count_limits(head)
    dialog.meshes.count.setValue(0)
    assert least <= dialog.options().face_count < least + 1000
    assert "0 subdivisions" in dialog.meshes.estimate.text()
    assert f"this head makes {least / 1000:.0f} thousand to" in dialog.meshes.estimate.text()
    dialog.meshes.count.setValue(1e9)
    assert dialog.options().face_count == MAX_FACES
    assert dialog.problem.isHidden()
    assert "faces at least" in dialog.meshes.count.toolTip()


def test_export_remembers_the_last_choice(opened, head, tmp_path):
    dialog = opened(ExportDialog(head, head.neutral, Preferences()))
    dialog.folder_line.setText(str(tmp_path))
    dialog.what.what["albedo"].setChecked(False)
    choose(dialog.meshes.mesh_format, "ply")
    choose(dialog.maps.green, "directx")
    choose(dialog.maps.resolution, 2048)
    dialog.meshes.by_count.setChecked(True)
    dialog.maps.padding.setValue(8)
    before = dialog.options()
    QTest.mouseClick(dialog.accept_button, LEFT)
    assert dialog.result() == QDialog.DialogCode.Accepted
    again = opened(ExportDialog(head, head.neutral, Preferences()))
    assert again.options() == before
    assert again.folder() == tmp_path


def test_further_maps_and_their_formats_arrive_and_are_remembered(opened, head, tmp_path):
    dialog = opened(ExportDialog(head, head.neutral, Preferences()))
    dialog.folder_line.setText(str(tmp_path))
    dialog.tabs.setCurrentWidget(dialog.formats.parentWidget())
    assert not dialog.formats.packing.isEnabled()
    assert not dialog.formats.tiff_bits.isEnabled()
    for name in FURTHER:
        dialog.what.what[name].setChecked(True)
    dialog.formats.map_formats["exr"].setChecked(False)
    dialog.formats.map_formats["tiff"].setChecked(True)
    dialog.formats.picture_formats["exr"].setChecked(True)
    choose(dialog.formats.packing, "both")
    choose(dialog.formats.tiff_bits, 32)
    choose(dialog.formats.float_bits, 16)
    assert not dialog.formats.float_bits.isEnabled()
    before = dialog.options()
    assert before.what == {*WHAT, *FURTHER}
    assert (before.map_formats, before.picture_formats) == ({"png", "tiff"}, {"exr"})
    assert (before.packing, before.tiff_bits, before.float_bits) == ("both", 32, 16)
    assert "face_band_pores.1001.tif" in dialog.summary.toolTip().splitlines()
    assert " more" in dialog.summary.text()
    QTest.mouseClick(dialog.accept_button, LEFT)
    again = opened(ExportDialog(head, head.neutral, Preferences()))
    assert again.options() == before


def test_maps_with_a_unit_need_a_format_and_others_do_not(opened, head, tmp_path):
    dialog = opened(ExportDialog(head, head.neutral, Preferences()))
    dialog.folder_line.setText(str(tmp_path))
    for check in dialog.formats.map_formats.values():
        check.setChecked(False)
    assert "no maps as nothing" in dialog.problem.text()
    assert not dialog.accept_button.isEnabled()
    dialog.what.what["displacement"].setChecked(False)
    assert dialog.accept_button.isEnabled()


def test_a_small_screen_shows_every_tab_whole(opened, head, monkeypatch):
    class Screen:
        availableSize = staticmethod(lambda: QSize(1280, 800))

    monkeypatch.setattr(ExportDialog, "screen", lambda _self: Screen)
    dialog = opened(ExportDialog(head, head.neutral, Preferences()))
    for box in dialog.what.what.values():
        box.setChecked(True)
    area = dialog.findChild(QScrollArea)
    for tab in range(dialog.tabs.count()):
        dialog.tabs.setCurrentIndex(tab)
        QApplication.processEvents()
        assert area.verticalScrollBar().maximum() == area.horizontalScrollBar().maximum() == 0, dialog.tabs.tabText(tab)


def test_a_program_fills_in_what_it_takes_and_each_can_be_changed(opened, head):
    dialog = opened(ExportDialog(head, head.neutral, Preferences()))
    assert dialog.options().client == "blender"
    for name, client in CLIENTS.items():
        choose(dialog.client.box, f"client:{name}")
        options = dialog.options()
        assert replace(options, what=options.what) == options_for(
            name, what=options.what, target_edge_mm=DEFAULT_EDGE_MM, resolution=4096
        )
        assert options.placing("obj").unit == client.unit
    choose(dialog.client.box, "client:maya")
    choose(dialog.meshes.unit, "mm")
    dialog.meshes.base_formats["glb"].setChecked(True)
    assert dialog.options().placing("obj").unit == "mm"
    assert dialog.options().base_formats == options_for("maya").base_formats | {"glb"}
    assert dialog.options().shapes_obj
    dialog.meshes.base_formats["obj"].setChecked(False)
    assert not dialog.options().shapes_obj
    assert not dialog.meshes.shapes_obj.isEnabled()
    dialog.meshes.base_formats["obj"].setChecked(True)
    assert dialog.options().client == "maya"
    assert "OBJ: mm, Y up" in dialog.meshes.placed.text()


def test_choices_are_kept_renamed_and_forgotten(opened, head, monkeypatch):
    answers = iter([("Our rig", True), ("Blender", True), ("The rig", True)])
    monkeypatch.setattr("rhytid.gui.dialogs.export.client_row.QInputDialog.getText", lambda *_: next(answers))
    dialog = opened(ExportDialog(head, head.neutral, Preferences()))
    choose(dialog.client.box, "client:maya")
    choose(dialog.meshes.up_axis, "z")
    QTest.mouseClick(dialog.client.keep, LEFT)
    assert dialog.client.box.currentText() == "Our rig"
    QTest.mouseClick(dialog.client.keep, LEFT)
    assert "a name of its own" in dialog.client.note.text()
    choose(dialog.client.box, "client:unreal")
    assert dialog.options().up_axis == "auto"
    assert not dialog.client.rename.isEnabled()
    again = opened(ExportDialog(head, head.neutral, Preferences()))
    choose(again.client.box, "own:Our rig")
    assert (again.options().client, again.options().up_axis) == ("maya", "z")
    QTest.mouseClick(again.client.rename, LEFT)
    assert again.client.box.currentText() == "The rig"
    QTest.mouseClick(again.client.delete, LEFT)
    assert again.client.box.currentText() == "Maya"
    assert again.client.box.findData("own:The rig") < 0


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"what": 7}', '{"what": ["hair"], "count": 1e400}', '{"unit": {}}', '{"what": [["hair"]]}']
)
def test_a_damaged_choice_is_none(opened, head, text):
    preferences = Preferences()
    preferences.remember("export", {"choice": text, "folder": "somewhere"})
    preferences.remember("export presets", {"broken": text})
    dialog = opened(ExportDialog(head, head.neutral, preferences))
    assert dialog.options().client == "blender"
    assert dialog.options().what


def test_planned_files_name_every_kind(opened, head):
    dialog = opened(ExportDialog(head, head.neutral, Preferences()))
    names = planned_files(dialog.options())
    assert len(names) == len(set(names))
    assert {"face_displaced.obj", "face_base.glb", "face_displacement.1001.exr"} <= set(names)
    assert set(dialog.what.what) == {*WHAT, *FURTHER}
    assert dialog.what.names() == set(WHAT)
    spaced = {*planned_files(replace(dialog.options(), name="my face"))}
    assert {"my face_displaced.obj", "my_face_displaced.mtl", "my_face_albedo.1001.png"} <= spaced


def test_a_head_of_another_layout_keeps_it_unless_the_chart_is_chosen(opened, head, tmp_path):
    assert opened(ExportDialog(head, head.neutral, Preferences())).options().layout == "chart"
    turned = replace(head, uv=head.uv[:, ::-1] + np.float32([1, 0]))
    dialog = opened(ExportDialog(turned, head.neutral, Preferences()))
    dialog.folder_line.setText(str(tmp_path))
    assert dialog.maps.layout_box.isVisibleTo(dialog.maps)
    assert dialog.options().layout == "own"
    assert "face_albedo.1002.png" in dialog.summary.toolTip()
    assert "face_albedo.1003.png" not in dialog.summary.toolTip()
    dialog.maps.layout_box.setCurrentIndex(1)
    assert "face_albedo.1003.png" in dialog.summary.toolTip()
    QTest.mouseClick(dialog.accept_button, LEFT)
    assert opened(ExportDialog(turned, head.neutral, Preferences())).options().layout == "chart"


def test_the_report_says_what_the_files_lack(opened, tmp_path):
    dialog = opened(ExportReportDialog(ExportReport(tmp_path, (), (), 4.2, {}, ("halves are one",))))
    assert "halves are one" in [label.text() for label in dialog.findChildren(QLabel)]


def test_the_report_lists_files_and_checks(opened, tmp_path):
    files = (ExportedFile("a.obj", "displaced_mesh", 2_000_000, ""), ExportedFile("n.png", "normal_map", 3000, ""))
    report = ExportReport(tmp_path, files, (Check("a.obj", "vertices", True, "0"), Check("n.png", "angle", False, "9")),
                          4.2, {})  # fmt: skip
    dialog = opened(ExportReportDialog(report))
    texts = [[dialog.files.topLevelItem(i).text(c) for c in range(4)] for i in range(2)]
    assert texts == [["a.obj", "Displaced mesh", "2.0 MB", "same"], ["n.png", "Normal map", "3 kB", "differs"]]
