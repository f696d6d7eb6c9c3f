"""The import dialog asks what a file leaves open, and imports what its fields say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from rhytid.core.document.document import Document
from rhytid.core.io.displacement_file import read_displacement, read_map
from rhytid.core.io.displacement_writing import write_displacement
from rhytid.core.io.map_meaning import MapReading
from rhytid.core.maps.normal_map import normal_map
from rhytid.gui.dialogs.import_displacement import ImportDialog
from rhytid.gui.dialogs.map_picture import PREVIEW_PX
from tests.head.small_head import small_head


def relief(seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal((64, 64)).astype(np.float32)
    return cv2.GaussianBlur(noise, (0, 0), 2.0)


@pytest.fixture
def opened(qtbot):
    def _open(path: Path) -> ImportDialog:
        dialog = ImportDialog(path, Document().state)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitUntil(lambda: dialog.range.text().strip() != "", timeout=10000)
        return dialog

    return _open


def pick(box, text: str) -> None:
    """Choose an entry with the keys, as a person does."""
    box.setFocus()
    box.showPopup()
    view = box.view()
    row = next(i for i in range(box.count()) if text in box.itemText(i))
    view.setCurrentIndex(box.model().index(row, 0))
    QTest.keyClick(view, Qt.Key.Key_Return)


def test_the_channel_is_asked_for_and_named(opened, qtbot, tmp_path):
    path = tmp_path / "m.exr"
    OpenEXR.File({}, {"one": relief(1), "two": relief(2), "A": relief(3)}).write(str(path))
    dialog = opened(path)
    assert not dialog.accept_button.isEnabled()
    assert "A, one, two" in dialog.warning.text()
    assert "--" not in dialog.warning.text(), "options of the command line say nothing here"
    pick(dialog.channel_box, "two")
    qtbot.waitUntil(dialog.accept_button.isEnabled, timeout=10000)
    np.testing.assert_array_equal(read_displacement(path, dialog.reading()), relief(2))


def test_a_normal_map_is_integrated_when_chosen(opened, qtbot, tmp_path):
    turn = np.tile(np.array((-1, 0, 0, 1), np.float32) / np.float32(200), (4, 4, 1))
    path = tmp_path / "m.png"
    cv2.imwrite(str(path), normal_map(relief(), turn, "opengl", 16)[..., ::-1])
    dialog = opened(path)
    assert "normal map" in dialog.warning.text()
    assert not dialog.accept_button.isEnabled()
    pick(dialog.normal_box, "as it fits best")
    qtbot.waitUntil(dialog.accept_button.isEnabled, timeout=10000)
    dialog.scale.setValue(100.0)
    found = read_map(path, dialog.reading())
    assert "opengl" in found.channel
    assert found.scaling.scale_mm == 100.0


def test_missing_texels_are_filled_by_a_box(opened, qtbot, tmp_path):
    values = relief()
    values[:5] = -10000
    OpenEXR.File({}, {"Y": values}).write(str(tmp_path / "m.exr"))
    dialog = opened(tmp_path / "m.exr")
    assert "320 texels hold -10000" in dialog.warning.text()
    assert not dialog.accept_button.isEnabled()
    QTest.mouseClick(dialog.fill_box, Qt.MouseButton.LeftButton, pos=dialog.fill_box.rect().center() * 0.2)
    qtbot.waitUntil(dialog.accept_button.isEnabled, timeout=2000)
    assert np.abs(read_displacement(tmp_path / "m.exr", dialog.reading())).max() < 5


def test_a_square_is_cut_from_a_wide_picture(opened, qtbot, tmp_path):
    np.save(tmp_path / "m.npy", np.concatenate([relief(1), relief(2)], axis=1))
    dialog = opened(tmp_path / "m.npy")
    assert "square" in dialog.warning.text()
    pick(dialog.part_box, "on the right")
    qtbot.waitUntil(dialog.accept_button.isEnabled, timeout=10000)
    np.testing.assert_array_equal(read_displacement(tmp_path / "m.npy", dialog.reading()), relief(2))


def test_metres_are_doubted(opened, tmp_path):
    np.save(tmp_path / "m.npy", relief() / np.float32(1000))
    dialog = opened(tmp_path / "m.npy")
    assert "metres" in dialog.warning.text()
    assert dialog.reason.text().startswith("Likely")
    dialog.convention_box.setCurrentIndex(dialog.convention_box.findData("m"))
    dialog.convention_box.activated.emit(dialog.convention_box.currentIndex())
    assert dialog.warning.text() == ""
    np.testing.assert_allclose(read_displacement(tmp_path / "m.npy", dialog.reading()), relief(), atol=1e-6)


def test_a_sum_of_bands_follows_its_zero(opened, qtbot, tmp_path):
    path = tmp_path / "m.exr"
    bands = {c: relief(i) / np.float32(8) + np.float32(0.5) for i, c in enumerate("RGB")}
    OpenEXR.File({}, bands).write(str(path))
    dialog = opened(path)
    pick(dialog.channel_box, "Sum")
    qtbot.waitUntil(dialog.accept_button.isEnabled, timeout=10000)
    dialog.mid.setValue(0.5)
    dialog.scale.setValue(8.0)
    mm = read_displacement(path, dialog.reading())
    np.testing.assert_allclose(mm, relief(0) + relief(1) + relief(2), atol=1e-4)
    assert f"{mm.max():+.3f}" in dialog.range.text()


def test_what_was_overtaken_is_not_shown(opened, qtbot, tmp_path):
    path = tmp_path / "m.exr"
    OpenEXR.File({}, {"one": relief(1), "two": relief(2)}).write(str(path))
    dialog = opened(path)
    pick(dialog.channel_box, "one")
    pick(dialog.channel_box, "two")
    qtbot.waitUntil(dialog.accept_button.isEnabled, timeout=10000)
    assert dialog.reading() == MapReading(channel="two", scale_mm=1.0, mid=0.0)
    qtbot.wait(50)
    assert f"{relief(2).max():.5g}" in dialog.facts.text()


def test_the_dialog_says_which_channel_it_read(opened, qtbot, tmp_path):
    path = tmp_path / "m.exr"
    OpenEXR.File({}, {"one": relief(1), "two": relief(2)}).write(str(path))
    dialog = opened(path)
    pick(dialog.channel_box, "two")
    qtbot.waitUntil(dialog.accept_button.isEnabled, timeout=10000)
    assert "Channel two" in dialog.facts.text()


def test_scale_and_zero_wait_for_values(opened, qtbot, tmp_path):
    path = tmp_path / "m.exr"
    OpenEXR.File({}, {"one": relief(1), "two": relief(2)}).write(str(path))
    dialog = opened(path)
    meaning = (dialog.convention_box, dialog.scale, dialog.mid)
    assert not any(field.isEnabled() for field in meaning)
    pick(dialog.channel_box, "one")
    qtbot.waitUntil(dialog.accept_button.isEnabled, timeout=10000)
    assert all(field.isEnabled() for field in meaning)


def test_the_reason_stands_with_the_suggestion_alone(opened, qtbot, tmp_path):
    np.save(tmp_path / "m.npy", relief())
    dialog = opened(tmp_path / "m.npy")
    pick(dialog.convention_box, "Metres")
    assert dialog.reason.text() == ""
    pick(dialog.convention_box, "suggests")
    assert dialog.reason.text().startswith("Likely")


def test_small_ranges_are_shown_with_their_digits(opened, tmp_path):
    values = np.linspace(-0.0003, 0.0001, 64 * 64, dtype=np.float32).reshape(64, 64)
    np.save(tmp_path / "m.npy", values)
    assert "−0.000300 to +0.000100 mm" in opened(tmp_path / "m.npy").range.text()


def test_a_head_with_its_own_layout_is_asked_which_one_it_is(qtbot, tmp_path):
    head = small_head()
    uv = head.uv[:, ::-1].copy()
    uv[: len(uv) // 2] = uv[: len(uv) // 2, ::-1] * (-1, 1) + (1, 0)  # many lie upon others
    head = replace(head, uv=np.clip(uv, 0, 0.999))
    path = tmp_path / "m.exr"
    write_displacement(path, relief())
    dialog = ImportDialog(path, Document().state, head=head)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(dialog.accept_button.isEnabled, timeout=10000)
    assert dialog.layout_box.currentText() == "Chart", "so it states itself"
    pick(dialog.layout_box, "The head's own")
    qtbot.waitUntil(dialog.accept_button.isEnabled, timeout=10000)
    assert (dialog.reading().layout, dialog.reading().tile) == ("own", None)
    assert "share texels" in dialog.warning.text()
    picture = dialog.picture.pixmap().toImage()
    middle = [picture.pixelColor(x, PREVIEW_PX // 2) for x in range(PREVIEW_PX)]
    assert any(colour.red() > 150 > colour.blue() + 30 for colour in middle), "they are shown"
    pick(dialog.normal_box, "OpenGL")
    qtbot.waitUntil(lambda: dialog.warning.text() != "", timeout=10000)
    assert dialog.reading().scale_mm is None
