"""Group of the second face: another face's detail or wrinkles mixed into this one's."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from rhytid.core.document.commands import RemoveSecondFace, SetMix
from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState, Mix
from rhytid.core.files.text import shown
from rhytid.core.language import tr
from rhytid.gui.controllers.slider_gesture import bind_row, execute
from rhytid.gui.theme import icon
from rhytid.gui.widgets.fold_group import FoldGroup
from rhytid.gui.widgets.labels_and_buttons import text_label, tool_button
from rhytid.gui.widgets.segments import Segments
from rhytid.gui.widgets.slider_row import SliderRow

_HINT = (
    tr("Blend this face's detail with that of another map or project, or take another face's wrinkles over. "
       "The head keeps its shape.")
)


class SecondFaceGroup(FoldGroup):
    """See the module.

    Signals
    -------
    second_requested(), keep_requested()
        Work that the window does: choose another face, make the mixture the face's own.
    """

    second_requested = Signal()
    keep_requested = Signal()

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(tr("Second face"))
        self.body.setContentsMargins(0, 5, 0, 7)
        self.hint = text_label(_HINT, "soft")
        self.name = QLabel()
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        self.name.setProperty("role", "heading")
        self.reason = text_label("", "warning")
        self.reason.setTextFormat(Qt.TextFormat.PlainText)
        self.choose = QPushButton(icon("open"), tr("Choose a face…"))
        self.choose.setToolTip(tr("A project or a displacement map whose detail is mixed in"))
        self.choose.clicked.connect(self.second_requested)
        self.remove = tool_button("trash", tr("Go on without the second face"))
        self.remove.clicked.connect(lambda: execute(document, RemoveSecondFace()))
        self.mix = Segments(
            (
                (Mix.BLEND.value, tr("All detail"), tr("A face between the two")),
                (Mix.WRINKLES.value, tr("Wrinkles"), tr("The other's wrinkles on this face's skin texture")),
            )
        )
        self.mix.chosen.connect(lambda name: execute(document, SetMix(mix=Mix(name))))
        self.share = SliderRow(tr("Share"), 0.0, 1.0, 0.5, step=0.01, tip=tr("0 is this face alone, 1 the other alone"))
        bind_row(self.share, document, lambda value: SetMix(share=value))
        self.keep = QPushButton(icon("check"), tr("Keep the mixture"))
        self.keep.setToolTip(tr("Make it this face's own detail, with lines that can be erased, moved and deepened"))
        self.keep.clicked.connect(self.keep_requested)
        chosen = QHBoxLayout()
        chosen.addWidget(self.name, 1)
        chosen.addWidget(self.remove)
        chosen.setContentsMargins(8, 0, 8, 0)
        for label in (self.hint, self.reason):
            label.setContentsMargins(8, 2, 8, 2)
            self.body.addWidget(label)
        self.body.addLayout(chosen)
        for widget in (self.mix, self.share, self.keep, self.choose):
            if widget is self.share:
                self.body.addWidget(widget)
                continue
            line = QHBoxLayout()
            line.setContentsMargins(8, 2, 8, 2)
            line.addWidget(widget)
            self.body.addLayout(line)

    def show_state(self, state: DocumentState, reason: str) -> None:
        """Show the second face of a state; `reason` tells why none can be mixed in, "" if one can."""
        second = state.second
        for widget in (self.name, self.remove, self.mix, self.share, self.keep):
            widget.setVisible(second is not None)
        self.hint.setVisible(second is None)
        self.reason.setText(tr("Needs SEMM, which cannot run: {reason}", reason=reason) if reason else "")
        self.reason.setVisible(bool(reason))
        for widget in (self.choose, self.mix, self.share, self.keep):
            widget.setEnabled(not reason)
        self.choose.setText(tr("Choose a face…") if second is None else tr("Another face…"))
        if second is not None:
            self.name.setText(shown(second.detail.name) or tr("Second face"))
            self.mix.choose(second.mix.value)
            self.share.set_number(second.share)
        self.set_note("" if second is None else f"{second.share:.0%}")
