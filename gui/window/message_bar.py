"""A bar over the lower edge of the viewport for messages that do not stop the work."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from rhytid.core.files.failure_log import log_path
from rhytid.core.language import tr
from rhytid.gui.theme import dress, icon, pixmap

MAX_WIDTH_PX, MARGIN_PX = 760, 14
HIDE_AFTER_MS = {"info": 6000, "warning": 12000}
_ICONS = {"info": ("info", "text_soft"), "warning": ("warning", "warning"), "error": ("error", "error")}


class MessageBar(QFrame):
    """Shows the newest message; errors stay until they are closed, or out of date.

    Lies over its parent's lower edge, so that the picture above does not change its size.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        parent.installEventFilter(self)
        dress(self, "#messageBar { background: @panel@; border: 1px solid @line@; border-radius: 6px; }")
        self._severity = "info"
        self.setObjectName("messageBar")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._sign = QLabel()
        self._text = QLabel()
        self._text.setObjectName("messageText")
        self._text.setTextFormat(Qt.TextFormat.PlainText)  # names out of files are no HTML
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._action = QPushButton()
        self._action.setVisible(False)
        self._log = QPushButton(tr("Open log"))
        self._log.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(log_path()))))
        close = QToolButton()
        close.setIcon(icon("close"))
        close.setAutoRaise(True)
        close.setToolTip(tr("Close"))
        close.setAccessibleName(tr("Close message"))
        close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 6, 6)
        row.setSpacing(10)
        for widget in (self._sign, self._text, self._action, self._log, close):
            row.addWidget(widget)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.hide)
        self._run: Callable[[], None] | None = None
        self._action.clicked.connect(self._run_action)
        self.setVisible(False)

    @property
    def text(self) -> str:
        """The message that is shown, "" when there is none."""
        return self._text.text() if self.isVisibleTo(self.parentWidget()) else ""

    def show_message(
        self, text: str, severity: str = "info", action: str = "", run: Callable[[], None] | None = None
    ) -> None:
        """Show a message.

        Parameters
        ----------
        severity : str
            "info", "warning" or "error".
        action : str
            Text of a button beside the message.
        run : callable, optional
            What the button does.
        """
        self._severity = severity
        self.take_theme()
        self._text.setText(text)
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self._log.setVisible(severity == "error")
        self._run = run
        self.setVisible(True)
        self.raise_()
        self._place()
        if severity in HIDE_AFTER_MS and not action:
            self._timer.start(HIDE_AFTER_MS[severity])
        else:
            self._timer.stop()

    def take_theme(self) -> None:
        name, tint = _ICONS[self._severity]
        self._sign.setPixmap(pixmap(name, 18, self.devicePixelRatioF(), tint))

    def withdraw(self, *beginnings: str) -> None:
        """Hide the message if it begins with one of these: it is out of date."""
        if self.text.startswith(beginnings):
            self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _place(self) -> None:
        parent = self.parentWidget()
        width = min(MAX_WIDTH_PX, parent.width() - 2 * MARGIN_PX)
        height = max(self.heightForWidth(width), self.minimumSizeHint().height())
        left = (parent.width() - width) // 2
        self.setGeometry(left, parent.height() - height - MARGIN_PX, width, height)

    def _run_action(self) -> None:
        run, self._run = self._run, None
        self.hide()
        if run is not None:
            run()
