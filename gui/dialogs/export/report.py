"""What came out of an export."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHeaderView, QPushButton, QTreeWidget, QTreeWidgetItem, QWidget

from rhytid.core.io.export_options import ExportReport
from rhytid.core.language import tr
from rhytid.gui.dialogs.dialog import Dialog
from rhytid.gui.dialogs.export.what_page import WHAT_TEXT
from rhytid.gui.theme import icon
from rhytid.gui.widgets.labels_and_buttons import text_label

_KINDS = {**WHAT_TEXT, "shape": (tr("Shape"), "")}


class ExportReportDialog(Dialog):
    """The files of a finished export with their sizes, and what reading them back showed."""

    def __init__(self, report: ExportReport, parent: QWidget | None = None) -> None:
        super().__init__(tr("Export finished"), "", parent)
        self.report = report
        total = sum(file.n_bytes for file in report.files)
        done = tr("{0} files, {1}, in {2:.1f} s", len(report.files), _bytes(total), report.elapsed_s)
        head = text_label(done, "title")
        self.body.addWidget(head)
        where = text_label(str(report.folder), "soft")
        where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.body.addWidget(where)
        for remark in report.remarks:
            self.body.addWidget(text_label(remark, "warning"))
        tree = QTreeWidget()
        tree.setRootIsDecorated(False)
        tree.setHeaderLabels([tr("File"), tr("What"), tr("Size"), tr("Read back")])
        checks: dict[str, list[bool]] = {}
        notes: dict[str, list[str]] = {}
        for check in report.checks:
            checks.setdefault(check.file, []).append(check.passed)
            notes.setdefault(check.file, []).append(f"{check.what}: {check.found}")
        for file in report.files:
            passed = checks.get(file.name)
            kind = _KINDS.get(file.kind, ("About the export", ""))[0].split(" (")[0]
            outcome = "" if passed is None else "same" if all(passed) else "differs"
            item = QTreeWidgetItem([file.name, kind, _bytes(file.n_bytes), outcome])
            if passed is not None:
                item.setIcon(3, icon("check", "good") if all(passed) else icon("warning", "warning"))
            item.setToolTip(3, "\n".join(notes.get(file.name, ())))
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight)
            tree.addTopLevelItem(item)
        tree.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        tree.header().setStretchLastSection(True)
        self.files = tree
        self.body.addWidget(tree, 1)
        self.open_folder = QPushButton(icon("folder"), tr("Open folder"))
        self.open_folder.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(report.folder))))
        self.buttons.addButton(self.open_folder, self.buttons.ButtonRole.ActionRole)
        self.finish_layout()
        self.resize(680, 420)


def _bytes(number: int) -> str:
    return f"{number / 1e6:.1f} MB" if number >= 100_000 else f"{number / 1e3:.0f} kB"
