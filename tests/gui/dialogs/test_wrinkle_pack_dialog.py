"""What the wrinkle pack's dialog asks, and what its report shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QDialog

from rhytid.core.io.map_pixels import write_png
from rhytid.core.pack.heat_map import heat_picture
from rhytid.core.pack.options import ERRORS_NAME, PackOptions
from rhytid.core.pack.residual import ExpressionError, RegionError, Residual
from rhytid.core.pack.writing import PackReport
from rhytid.gui.dialogs.wrinkle_pack_dialog import WrinklePackDialog, WrinklePackReportDialog
from rhytid.gui.preferences import Preferences


def choose(box, value):
    box.setCurrentIndex(next(i for i in range(box.count()) if box.itemData(i) == value))


def test_a_pack_wants_a_folder_and_a_budget_that_its_layout_has_room_for(qtbot, tmp_path: Path) -> None:
    dialog = WrinklePackDialog(Preferences(), 60.0)
    qtbot.addWidget(dialog)
    dialog.folder_line.setText("")
    assert not dialog.accept_button.isEnabled()
    dialog.folder_line.setText(str(tmp_path))
    assert dialog.accept_button.isEnabled()
    choose(dialog.layout_box, "metahuman")
    dialog.budget.setValue(4)
    assert not dialog.accept_button.isEnabled()
    assert "room for 3" in dialog.problem.text()
    dialog.budget.setValue(2)
    choose(dialog.size_box, 512)
    assert dialog.options() == PackOptions("metahuman", 2, 512)
    dialog.accept()
    assert dialog.result() == QDialog.DialogCode.Accepted
    again = WrinklePackDialog(Preferences(), 60.0)
    qtbot.addWidget(again)
    assert again.options() == dialog.options()
    assert again.folder() == tmp_path


def test_the_report_shows_the_error_and_the_worst_expressions(qtbot, tmp_path: Path) -> None:
    worst = tuple(ExpressionError(f"expression {n}", 9.0 - n, 20.0, 12.0) for n in range(8))
    residual = Residual(np.ones((64, 64), np.float32), (RegionError("chin", 1, 2, 3),), worst, 4.25, 17.0, 6.5, 0.3)
    write_png(tmp_path / ERRORS_NAME, heat_picture(residual))
    dialog = WrinklePackReportDialog(PackReport(tmp_path, (), residual, "", 1.0))
    qtbot.addWidget(dialog)
    assert "expression 4" in dialog.worst.text()
    assert "expression 5" not in dialog.worst.text()
    assert dialog.heat.pixmap().width() == 300

