"""How the head is turned on its neck: three sliders of the expression panel."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from rhytid.core.document.commands import SetHeadPose
from rhytid.core.document.document import Document
from rhytid.core.document.limits import HEAD_POSE_RANGES
from rhytid.core.document.state import DocumentState
from rhytid.core.language import tr
from rhytid.gui.controllers.slider_gesture import bind_row, execute
from rhytid.gui.widgets.fold_group import FoldGroup
from rhytid.gui.widgets.slider_row import SliderRow, align_labels

_WORDS = {
    "yaw_deg": (tr("Turn"), tr("To the subject's left (+) or right")),
    "pitch_deg": (tr("Nod"), tr("Down (+) or up")),
    "roll_deg": (tr("Tilt"), tr("Onto the subject's right (+) or left shoulder")),
}


class HeadPoseGroup(FoldGroup):
    """Edits `DocumentState.head_pose`; `show_pose` shows it."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(tr("Head"), resettable=True, parent=parent)
        self.rows: dict[str, SliderRow] = {}
        for name, (title, tip) in _WORDS.items():
            row = SliderRow(title, *HEAD_POSE_RANGES[name], 0.0, step=1.0, decimals=1, suffix="°", tip=tip)
            bind_row(row, document, lambda value, name=name: SetHeadPose(**{name: value}))
            row.channels = (f"head_{name}",)
            self.body.addWidget(row)
            self.rows[name] = row
        self.reset_requested.connect(lambda: execute(document, SetHeadPose(0.0, 0.0, 0.0)))

    def show_pose(self, state: DocumentState) -> None:
        """Show how the head of a state is turned."""
        for name, row in self.rows.items():
            row.set_number(getattr(state.head_pose, name))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        align_labels(self.rows.values(), self.width() - 16)
