"""The tour: a card that asks for one thing after the other and waits for the hand to do it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState
from rhytid.core.language import tr
from rhytid.gui.theme import dress
from rhytid.gui.widgets.labels_and_buttons import text_label, tool_button

_MARGIN_PX, _WIDTH_PX = 16, 320
Seen = Callable[[DocumentState, DocumentState], bool]


@dataclass(frozen=True)
class Step:
    """What is asked for.

    Attributes
    ----------
    text : str
    done : callable
        Whether it was done, of the state when it was asked for and the present one.
    """

    text: str
    done: Seen


STEPS: tuple[Step, ...] = (
    Step(tr("<b>Turn the head</b>: drag with the right button, or well beside the head."),
         lambda old, new: abs(new.camera.yaw_deg - old.camera.yaw_deg) > 3.0),
    Step(tr("<b>Let it smile</b>: click <i>Smile</i> among the presets on the right."),
         lambda old, new: (new.expression, new.action_units) != (old.expression, old.action_units)),
    Step(tr("<b>Draw a wrinkle</b>: press <b>B</b> and draw from the corner of an eye outwards."),
         lambda old, new: len(new.strokes) > len(old.strokes)),
    Step(tr("<b>Age it</b>: pull the slider <i>Age</i> on the right."), lambda old, new: abs(new.age - old.age) > 5.0),
    Step(tr("<b>Take it back</b>: Ctrl+Z, as often as you like."), lambda old, new: new.age != old.age),
)  # fmt: skip
END = tr("That is all it takes. <b>Ctrl+Shift+P</b> finds every command, <b>F1</b> explains what is under the pointer.")


class Tour(QFrame):
    """A card in the lower left corner of its parent.

    Parameters
    ----------
    document : Document
        What the hand does shows here.
    """

    def __init__(self, document: Document, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("tour")
        dress(self, "#tour { background: @panel@; border-radius: 6px; }")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._document = document
        self.at = 0
        self._from = document.state
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 10, 12)
        top = QHBoxLayout()
        self.count = text_label("", "soft")
        top.addWidget(self.count, 1)
        close = tool_button("close", tr("End the tour"))
        close.clicked.connect(self.close)
        top.addWidget(close)
        column.addLayout(top)
        self.text = text_label("")
        column.addWidget(self.text)
        row = QHBoxLayout()
        row.addStretch(1)
        self.skip = QPushButton(tr("Skip"))
        self.skip.clicked.connect(self.next)
        row.addWidget(self.skip)
        column.addLayout(row)
        self.setFixedWidth(_WIDTH_PX)
        parent.installEventFilter(self)
        document.state_changed.connect(self._look)
        self._ask()

    def next(self) -> None:
        """Go on; after the end the card goes."""
        if self.at >= len(STEPS):
            self.close()
            return
        self.at += 1
        self._ask()

    def _look(self, new: DocumentState, _old: DocumentState) -> None:
        if self.at < len(STEPS) and STEPS[self.at].done(self._from, new):
            self.next()

    def _ask(self) -> None:
        self._from = self._document.state
        over = self.at >= len(STEPS)
        self.count.setText("" if over else f"{self.at + 1} of {len(STEPS)}")
        self.text.setText(END if over else STEPS[self.at].text)
        self.skip.setText(tr("Done") if over else tr("Skip"))
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is not None:
            self.resize(_WIDTH_PX, self.heightForWidth(_WIDTH_PX))
            self.move(_MARGIN_PX, max(parent.height() - self.height() - _MARGIN_PX, 0))
