"""Saving would lose what is in a file: the question what to do."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from rhytid.core.files.text import shown
from rhytid.core.language import tr


class Answer(Enum):
    REPLACE = "replace"
    SAVE_AS = tr("save as")
    CANCEL = "cancel"


def ask_replace(path: Path, was_ours: bool, parent: QWidget | None = None) -> Answer:
    """Ask whether to replace `path`; `was_ours` when it is the document's own file, changed by another one since."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle(tr("Save"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    name = shown(path.name)
    if was_ours:
        box.setText(tr("{name} was changed by another program since you opened or saved it.", name=name))
        box.setInformativeText(tr("Replacing it loses what the other one wrote."))
    else:
        box.setText(tr("There is a file {name} already.", name=name))
        box.setInformativeText(tr("Replacing it loses what is in it."))
    other = box.addButton(tr("Save As\u2026"), QMessageBox.ButtonRole.AcceptRole)
    replace = box.addButton(tr("Replace"), QMessageBox.ButtonRole.DestructiveRole)
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(other)
    box.exec()
    if box.clickedButton() is replace:
        return Answer.REPLACE
    return Answer.SAVE_AS if box.clickedButton() is other else Answer.CANCEL
