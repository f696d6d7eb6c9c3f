"""The first-run hint: a small card over the viewport that says how to begin."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from rhytid.core.language import tr
from rhytid.gui.preferences import Navigation, Preferences
from rhytid.gui.theme import dress, pixmap
from rhytid.gui.widgets.labels_and_buttons import text_label, tool_button

_TURN = {
    Navigation.MAYA: tr("Turn the face with <b>Alt + left button</b>, zoom with the wheel."),
    Navigation.BLENDER: tr("Turn the face with the <b>middle button</b>, zoom with the wheel."),
}
_MARGIN_PX = 16


class FirstSteps(QFrame):
    """A card in the lower left corner of its parent; "Got it" dismisses it for good.
    """

    def __init__(self, preferences: Preferences, parent: QWidget) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self.setObjectName("first_steps")
        dress(self, "#first_steps { background: @panel@; border: 1px solid @line@; border-radius: 6px; }")
        self._signs: dict[str, QLabel] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 10, 12)
        column.setSpacing(8)
        top = QHBoxLayout()
        top.addWidget(text_label(tr("First steps"), "heading"), 1)
        close = tool_button("close", tr("Close this hint for now"))
        close.clicked.connect(self.hide)
        top.addWidget(close)
        column.addLayout(top)
        steps = QGridLayout()
        steps.setHorizontalSpacing(11)
        steps.setVerticalSpacing(7)
        for row, (name, text) in enumerate((
            ("brush", tr("<b>Draw</b> on the face with the brush (B). Ctrl erases, Shift smooths.")),
            ("expression",
             tr("<b>Smile</b> with the sliders on the right. What you draw on a smile can come and go with "
                "it.")),
            ("age", tr("<b>Age</b> the face with one slider.")),
            ("view_front", _TURN[preferences.navigation]),
        )):  # fmt: skip
            sign = self._signs[name] = QLabel()
            steps.addWidget(sign, row, 0, Qt.AlignmentFlag.AlignTop)
            steps.addWidget(text_label(text), row, 1)
        steps.setColumnStretch(1, 1)
        column.addLayout(steps)
        bottom = QHBoxLayout()
        bottom.addWidget(text_label(tr("F1 over anything: more"), "soft", wrap=False))
        bottom.addStretch(1)
        self.got_it = QPushButton(tr("Got it"))
        self.got_it.setToolTip(tr("Do not show this again (Help > First Steps brings it back)"))
        self.got_it.clicked.connect(self.dismiss)
        bottom.addWidget(self.got_it)
        column.addLayout(bottom)
        self.setFixedWidth(330)
        parent.installEventFilter(self)
        self.take_theme()
        self.adjustSize()
        self._place()

    def take_theme(self) -> None:
        for name, sign in self._signs.items():
            sign.setPixmap(pixmap(name, 20, self.devicePixelRatioF(), "accent"))

    def dismiss(self) -> None:
        """Close the hint and remember that it was read."""
        self._preferences.hint_dismissed = True
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        parent = self.parentWidget()
        if parent is not None and not event.spontaneous():
            parent.setFocus()  # else it goes to the next field, which would swallow the tools' keys

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is not None:
            self.resize(self.width(), self.heightForWidth(self.width()) if self.hasHeightForWidth() else self.height())
            self.move(_MARGIN_PX, max(parent.height() - self.height() - _MARGIN_PX, 0))
