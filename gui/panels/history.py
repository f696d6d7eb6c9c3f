"""Panel of the undo history."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QEvent, QIODevice, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QFont, QHelpEvent, QHideEvent, QIcon, QImage, QPixmap, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QMenu, QToolTip, QWidget

from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState
from rhytid.core.language import tr
from rhytid.gui.controllers.history_pictures import HistoryPictures
from rhytid.gui.panels.panel import Panel
from rhytid.gui.theme import colour
from rhytid.gui.widgets.labels_and_buttons import tool_button

PICTURE_PX = 44


class HistoryPanel(Panel):
    """Steps from the oldest to the newest; a click goes there. What could be redone is greyed.

    Parameters
    ----------
    document : Document
    pictures : HistoryPictures, optional
        Those of the steps; the list is without any by default.

    Signals
    -------
    keep_asked(int)
        Keep this step as A.
    """

    keep_asked = Signal(int)

    def __init__(
        self, document: Document, pictures: HistoryPictures | None = None, parent: QWidget | None = None
    ) -> None:
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
        self._pictures = pictures
        self._pictured: dict[int, int] = {}  # by row, the entry whose picture it shows
        if pictures is not None:
            self.list.setIconSize(QSize(PICTURE_PX, PICTURE_PX))
            self.list.verticalScrollBar().valueChanged.connect(self._show_pictures)
            self.list.viewport().installEventFilter(self)
            pictures.made.connect(self._show_pictures)
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
        self._show_pictures()

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

    def take_theme(self) -> None:
        for row in range(self.list.count()):
            self._style(self.list.item(row), row - self._position)
            if self._pictured.get(row) == -1:
                self.list.item(row).setIcon(_small(None, self.devicePixelRatioF()))
        self.list.scrollToItem(self.list.currentItem())

    # ---- pictures ------------------------------------------------------------------------------------

    def _rows_in_sight(self) -> range:
        area = self.list.viewport().rect()
        first, last = self.list.indexAt(area.topLeft()), self.list.indexAt(area.bottomLeft())
        return range(max(first.row(), 0), last.row() + 1 if last.isValid() else self.list.count())

    def _show_pictures(self, *_what: object) -> None:
        """Show those that are there, and ask for the others in sight, latest first."""
        if self._pictures is None:
            return
        ids = self.document.entry_ids
        known = range(min(self.list.count(), len(ids)))  # a list that is being shortened scrolls on its way
        rows = range(min(self._rows_in_sight().start, len(known)), min(self._rows_in_sight().stop, len(known)))
        for row in known:
            image = self._pictures.picture(ids[row]) if row in rows else None
            shown = -1 if image is None else ids[row]
            item = self.list.item(row)
            if item.icon().isNull() or (row in rows and self._pictured.get(row) != shown):
                item.setIcon(_small(image, self.devicePixelRatioF()))
                self._pictured[row] = shown
        self._pictures.want([ids[row] for row in reversed(rows)] if self.isVisible() else [])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._show_pictures()
        elif event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            return self._show_large(event)
        return super().eventFilter(watched, event)

    def _show_large(self, event: QHelpEvent) -> bool:
        """A step's picture beside the pointer; False where there is none."""
        item = self.list.itemAt(event.pos())
        ids = self.document.entry_ids
        if item is None or self._pictures is None:
            return False
        image = self._pictures.picture(ids[self.list.row(item)])
        if image is None:
            return False
        text = f'<img src="data:image/png;base64,{_base64(image)}"><br>{item.toolTip()}'
        QToolTip.showText(event.globalPos(), text, self.list.viewport(), self.list.visualItemRect(item))
        return True

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_pictures()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._pictures is not None:
            self._pictures.want([])


def _small(image: QImage | None, ratio: float) -> QIcon:
    """The picture of a row, or a grey place for it."""
    side = round(PICTURE_PX * ratio)
    if image is None:
        pixels = QPixmap(side, side)
        pixels.fill(colour("canvas"))
    else:
        pixels = QPixmap.fromImage(image.scaledToWidth(side, Qt.TransformationMode.SmoothTransformation))
    pixels.setDevicePixelRatio(ratio)
    icon = QIcon(pixels)
    icon.addPixmap(pixels, QIcon.Mode.Selected)  # the chosen step's is tinted otherwise
    return icon


def _base64(image: QImage) -> str:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().toBase64().data()).decode("ascii")
