"""What the pages of the export dialog share: a choice by name in plain values, there and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QWidget

Choice = Mapping[str, Any]
"""Texts, numbers, switches and lists of texts by the names of `ExportOptions`, and of what only the dialog has."""


class Page(QWidget):
    """Some controls of the export dialog.

    Each has `choice()`, which gives the values of its controls by name, and `take(choice)`, which sets them: names that
    are missing, and values that there are none of, leave a control as it is.

    Signals
    -------
    changed()
        A control has another value.
    """

    changed = Signal()


def take_in(box: QComboBox, choice: Choice, name: str) -> None:
    """Choose the entry of a box whose data is that value, if there is one."""
    if name in choice:
        at = next((i for i in range(box.count()) if str(box.itemData(i)) == str(choice[name])), -1)
        if at >= 0:
            box.setCurrentIndex(at)


def form() -> QFormLayout:
    """Rows of a label and a control."""
    rows = QFormLayout()
    rows.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    rows.setHorizontalSpacing(10)
    rows.setVerticalSpacing(6)
    rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return rows
