"""Presets of expressions as a strip of small faces."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QShowEvent,
    QStandardItem,
    QStandardItemModel,
    QWheelEvent,
)
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from rhytid.core.document.expression_presets import ExpressionPreset
from rhytid.core.language import tr
from rhytid.gui.theme import colour, pixmap

THUMBNAIL_PX = 60
_IMAGE_ROLE = Qt.ItemDataRole.UserRole + 1
_NAME_ROLE = Qt.ItemDataRole.UserRole + 2
_WORN_ROLE = Qt.ItemDataRole.UserRole + 3
# Between two thumbnails the event loop gets this long, so that drawing them never holds up a pen.
_PAUSE_MS = 30

ThumbnailSource = Callable[[ExpressionPreset], "QImage | None"]


class _FaceDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return QSize(THUMBNAIL_PX + 10, THUMBNAIL_PX + option.fontMetrics.height() + 11)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        box = QRect(option.rect.left() + 5, option.rect.top() + 4, THUMBNAIL_PX, THUMBNAIL_PX)
        shape = QPainterPath()
        shape.addRoundedRect(box, 4, 4)
        painter.fillPath(shape, colour("canvas"))
        painter.setClipPath(shape)
        image = index.data(_IMAGE_ROLE)
        if isinstance(image, QImage) and not image.isNull():
            painter.drawImage(box, image)
        else:
            ghost = pixmap("expression", 30, painter.device().devicePixelRatioF(), "text_faint")
            painter.drawPixmap(box.center().x() - 14, box.center().y() - 14, ghost)
        painter.setClipping(False)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        worn = bool(index.data(_WORN_ROLE))
        rim = "focus" if focused else "accent" if worn else "text_soft" if hovered else "line"
        painter.setPen(QPen(colour(rim), 1.5 if focused or worn else 1.0))
        painter.drawPath(shape)
        painter.setPen(colour("text" if hovered or focused or worn else "text_soft"))
        text = QRect(option.rect.left() + 1, box.bottom() + 3, option.rect.width() - 2, option.fontMetrics.height())
        title = option.fontMetrics.elidedText(str(index.data()), Qt.TextElideMode.ElideRight, text.width())
        painter.drawText(text, Qt.AlignmentFlag.AlignCenter, title)
        painter.restore()


class PresetStrip(QListView):
    """One row of presets; a click or Return sends `preset_chosen(name)`."""

    preset_chosen = Signal(str)

    def __init__(self, presets: Iterable[ExpressionPreset], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presets = {preset.name: preset for preset in presets}
        self._source: ThumbnailSource | None = None
        self._waiting: list[str] = []
        self._items: dict[str, QStandardItem] = {}
        model = QStandardItemModel(self)
        for preset in self._presets.values():
            item = QStandardItem(preset.title)
            item.setData(preset.name, _NAME_ROLE)
            item.setEditable(False)
            shapes = ", ".join(f"{name} {value:g}" for name, value in preset.weights) or tr("every weight 0")
            item.setToolTip(f"<b>{preset.title}</b><br>{shapes}")
            model.appendRow(item)
            self._items[preset.name] = item
        self.setModel(model)
        self.setItemDelegate(_FaceDelegate(self))
        self.setViewMode(QListView.ViewMode.ListMode)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setStyleSheet("QListView { border: 0; background: transparent; } QListView::item { padding: 0; }")
        self.setFixedHeight(THUMBNAIL_PX + self.fontMetrics().height() + 24)
        self.setAccessibleName(tr("Expression presets"))
        self.clicked.connect(self._click)
        self._timer = QTimer(self, interval=_PAUSE_MS)
        self._timer.timeout.connect(self._draw_next)

    def set_thumbnail_source(self, source: ThumbnailSource) -> None:
        """Where the small faces come from.

        `source` is called for one preset at a time, with pauses, while the strip can be seen. It returns a square
        picture, or None when it will hand it in later through `set_thumbnail`.
        """
        self._source = source
        self._waiting = list(self._presets)
        if self.isVisible():
            self._timer.start()

    def set_thumbnail(self, name: str, image: QImage) -> None:
        """Show `image` for the preset `name`."""
        self._items[name].setData(image, _IMAGE_ROLE)

    def show_worn(self, name: str) -> None:
        """Mark the preset that the face wears, "" for none."""
        for other, item in self._items.items():
            item.setData(other == name, _WORN_ROLE)

    @property
    def worn(self) -> str:
        """Name of the preset that is marked, "" for none."""
        return next((name for name, item in self._items.items() if item.data(_WORN_ROLE)), "")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._waiting and self._source is not None:
            self._timer.start()

    def _draw_next(self) -> None:
        if not self._waiting or self._source is None or not self.isVisible():
            self._timer.stop()
            return
        name = self._waiting.pop(0)
        image = self._source(self._presets[name])
        if image is not None:
            self.set_thumbnail(name, image)

    def wheelEvent(self, event: QWheelEvent) -> None:
        bar = self.horizontalScrollBar()
        delta = event.angleDelta().x() or event.angleDelta().y()
        before = bar.value()
        bar.setValue(before - delta // 2)
        event.setAccepted(bar.value() != before)  # at its end the strip lets the panel scroll

    def keyPressEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.currentIndex().isValid():
            self._choose(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _click(self, index: QModelIndex) -> None:
        # The mark is the face's: the one of keys would stay when the face goes on to something else.
        self.selectionModel().clearCurrentIndex()
        self._choose(index)

    def _choose(self, index: QModelIndex) -> None:
        self.preset_chosen.emit(str(index.data(_NAME_ROLE)))
