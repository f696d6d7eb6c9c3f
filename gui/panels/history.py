"""Panel of the undo history."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QMenu, QWidget

from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState
from rhytid.core.language import tr
from rhytid.gui.panels.panel import Panel
from rhytid.gui.theme import colour
from rhytid.gui.widgets.labels_and_buttons import tool_button


class HistoryPanel(Panel):
    """Steps from the oldest to the newest; a click goes there. What could be redone is greyed.

    Signals
    -------
    keep_asked(int)
        Keep this step as A.
    """

    keep_asked = Signal(int)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self.undo = tool_button("undo", tr("One step back (Ctrl+Z)"))
        self.redo = tool_button("redo", tr("One step forward (Ctrl+Shift+Z)"))
        self.undo.clicked.connect(document.undo)
        self.redo.clicked.connect(document.redo)
        self.count = QLabel()
        self.count.setProperty("role", "soft")
        bar = QHBoxLayout()
        bar.setContentsMargins(6, 4, 8, 4)
        bar.setSpacing(3)
        bar.addWidget(self.undo)
        bar.addWidget(self.redo)
        bar.addStretch(1)
        bar.addWidget(self.count)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("History"))
        self.list.setUniformItemSizes(True)
        self.list.setStyleSheet("QListWidget { border: 0; border-radius: 0; }")
        self.list.itemClicked.connect(self._go)
        self.list.itemActivated.connect(self._go)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._ask)
        self._stack.addLayout(bar)
        self._stack.addWidget(self.list, 1)
        self._shown: tuple[str, ...] = ()
        self._position = -1
        document.history_changed.connect(self._show_history)
        self._show_history()

    def refresh(self, new: DocumentState, old: DocumentState | None) -> None:
        """The list follows `history_changed`; previews of a gesture are no steps."""

    def _go(self, item: QListWidgetItem) -> None:
        if self.document.settle():
            self.document.go_to(self.list.row(item))

    def _ask(self, at: QPoint) -> None:
        item = self.list.itemAt(at)
        if item is not None:
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            row = self.list.row(item)
            menu.addAction(tr("Keep as A"), lambda: self.keep_asked.emit(row))
            menu.popup(self.list.viewport().mapToGlobal(at))

    def _show_history(self) -> None:
        labels, position = self.document.labels, self.document.position
        same = 0
        for mine, theirs in zip(self._shown, labels, strict=False):
            if mine != theirs:
                break
            same += 1
        while self.list.count() > same:
            self.list.takeItem(self.list.count() - 1)
        for label in labels[same:]:
            self.list.addItem(label)
        for row in self._restyled(same, position):
            self._style(self.list.item(row), row - position)
        self._shown, self._position = labels, position
        current = self.list.item(position)
        self.list.setCurrentItem(current)
        self.list.scrollToItem(current)
        self.undo.setEnabled(position > 0)
        self.redo.setEnabled(position < len(labels) - 1)
        steps = len(labels) - 1
        self.count.setText(tr("{position} of {steps} steps", position=position, steps=steps))

    def _restyled(self, first_new: int, position: int) -> range:
        low = min(first_new, position, max(self._position, 0))
        return range(low, self.list.count())

    @staticmethod
    def _style(item: QListWidgetItem, offset: int) -> None:
        font = QFont()
        font.setBold(offset == 0)
        item.setFont(font)
        item.setForeground(colour("text_faint" if offset > 0 else "text" if offset == 0 else "text_soft"))
        tips = {True: tr("A step that was taken back; click to go there again"),
                False: tr("Click to go back to this step")}
        item.setToolTip(tr("You are here") if offset == 0 else tips[offset > 0])
