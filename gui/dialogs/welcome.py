"""The page of the start: faces to begin with, recent projects, a photo, the tour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QKeyEvent, QPixmap
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from rhytid.core.files.text import shown
from rhytid.core.language import tr
from rhytid.gui.preferences import Preferences
from rhytid.gui.theme import dress, icon
from rhytid.gui.widgets.labels_and_buttons import text_label, tool_button

FACE_PX = 120
RECENT_SHOWN = 5
_OTHERS = (("new_from_photo", "photo", tr("New from a photo\u2026")), ("open", "open", tr("Open\u2026")),
           ("tour", "play", tr("One-minute tour")))  # fmt: skip


class Welcome(QFrame):
    """A page over the middle of the face, as far as the window has room there; whatever is chosen closes it.

    Parameters
    ----------
    starters : dict of action to title
    recent : sequence of Path
    preferences : Preferences
        Say whether it comes at the next start.
    face : QWidget
    window : QWidget
        It holds the page, which may be wider than the face's part of a small window.

    Signals
    -------
    action_chosen(str), path_chosen(Path)
    """

    action_chosen = Signal(str)
    path_chosen = Signal(object)

    def __init__(
        self, starters: Mapping[str, str], recent: Sequence[Path], preferences: Preferences, face: QWidget,
        window: QWidget,
    ) -> None:  # fmt: skip
        super().__init__(window)
        self._face = face
        self.setObjectName("welcome")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        dress(self, "#welcome { background: @window@; border-radius: 8px; }")
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 14, 14, 18)
        column.setSpacing(10)
        top = QHBoxLayout()
        top.addWidget(text_label(tr("Begin with a face"), "title"), 1)
        close = tool_button("close", tr("Close: go on with the face that is there (Esc)"))
        close.clicked.connect(self.hide)
        top.addWidget(close)
        column.addLayout(top)
        faces = QHBoxLayout()
        self.starters: dict[str, QToolButton] = {}
        for name, title in starters.items():
            button = QToolButton()
            button.setText(title)
            button.setIcon(icon("expression", "text_faint"))
            button.setIconSize(QSize(FACE_PX, FACE_PX))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setAutoRaise(True)
            button.clicked.connect(lambda _=False, name=name: self._choose(name))
            faces.addWidget(button)
            self.starters[name] = button
        column.addLayout(faces)
        row = QHBoxLayout()
        self.others: dict[str, QPushButton] = {}
        for name, sign, text in _OTHERS:
            button = QPushButton(icon(sign), text)
            button.clicked.connect(lambda _=False, name=name: self._choose(name))
            row.addWidget(button)
            self.others[name] = button
        column.addLayout(row)
        self.recent: list[QToolButton] = []
        if recent:
            column.addWidget(text_label(tr("Recent"), "heading"))
        for path in recent[:RECENT_SHOWN]:
            entry = QToolButton()
            entry.setText(shown(path.name))
            entry.setToolTip(shown(str(path)))
            entry.setAutoRaise(True)
            entry.clicked.connect(lambda _=False, path=path: self._open(path))
            column.addWidget(entry)
            self.recent.append(entry)
        self.again = QCheckBox(tr("Show this at the start"))
        self.again.setChecked(preferences.welcome)
        self.again.clicked.connect(lambda on: setattr(preferences, "welcome", on))
        column.addWidget(self.again)
        for widget in (face, window):
            widget.installEventFilter(self)
        self.adjustSize()
        self._place()

    def show_face(self, name: str, picture: QImage) -> None:
        """The portrait of a starter."""
        pixmap = QPixmap.fromImage(picture)
        pixmap.setDevicePixelRatio(picture.width() / FACE_PX)
        self.starters[name].setIcon(QIcon(pixmap))

    def _choose(self, name: str) -> None:
        self.hide()
        self.action_chosen.emit(name)

    def _open(self, path: Path) -> None:
        self.hide()
        self.path_chosen.emit(path)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._place()
        return False

    def _place(self) -> None:
        window = self.parentWidget()
        wanted = self._face.mapTo(window, self._face.rect().center()) - self.rect().center()
        room = window.size() - self.size()
        self.move(min(max(wanted.x(), 0), max(room.width(), 0)), min(max(wanted.y(), 0), max(room.height(), 0)))
