"""Panel of reference pictures: drop them on it, lay them out, lay one over the face."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPixmap,
    QWheelEvent,
)
from PySide6.QtWidgets import QCheckBox, QGraphicsItem, QGraphicsPixmapItem, QGraphicsScene, QGraphicsView, QWidget

from rhytid.core.detail.engine import Control
from rhytid.core.document.document import Document
from rhytid.core.files.text import shown
from rhytid.core.language import tr
from rhytid.core.photo.image import PhotoError, read_photo
from rhytid.gui.controllers.jobs import Jobs
from rhytid.gui.panels.panel import Panel
from rhytid.gui.preferences import Preferences
from rhytid.gui.widgets.labels_and_buttons import text_label
from rhytid.gui.widgets.slider_row import SliderRow

PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".heic")
MOST = 24
_WIDTH, _GAP = 400.0, 20.0
_ZOOM = 1.15
_KEPT = "reference"


class ReferencePanel(Panel):
    """A board of pictures.

    Parameters
    ----------
    jobs : Jobs
        Read the files.
    preferences : Preferences
        Keep which pictures were on the board.

    Signals
    -------
    overlay_changed(object, float)
        QImage to lay over the face, None for none; its opacity 0..1.
    """

    overlay_changed = Signal(object, float)

    def __init__(
        self, document: Document, jobs: Jobs, preferences: Preferences, parent: QWidget | None = None
    ) -> None:
        super().__init__(document, parent)
        self._jobs, self._preferences = jobs, preferences
        self.board = Board()
        self.board.dropped.connect(self.add)
        self.board.changed.connect(self._changed)
        self.hint = text_label(tr("Drop pictures here. Drag moves one, the wheel zooms, Del removes it."), "soft")
        self.hint.setContentsMargins(10, 8, 10, 4)
        self.over = QCheckBox(tr("Over the face"))
        self.over.setToolTip(tr("Lay the selected picture over the view"))
        self.over.toggled.connect(lambda _on: self._tell())
        self.opacity = SliderRow(tr("Opacity"), 0.0, 1.0, 0.4, tip=tr("Of the picture that lies over the face"))
        self.opacity.set_number(0.4)
        for signal in (self.opacity.value_changing, self.opacity.value_entered):
            signal.connect(self._set_opacity)
        self.opacity.reset_requested.connect(lambda _replaces: self._set_opacity(self.opacity.default))
        self._stack.addWidget(self.hint)
        self._stack.addWidget(self.board, 1)
        self._stack.addWidget(self.over)
        self._stack.addWidget(self.opacity)
        kept = preferences.remembered(_KEPT).get("pictures", ())
        self.add(Path(text) for text in (kept if isinstance(kept, (list, tuple)) else ()))

    def add(self, paths: Iterable[Path]) -> None:
        """Read pictures in the background and put them on the board; those that cannot be read are left out."""
        wanted = list(paths)[:MOST]
        if not wanted:
            return

        def read(_control: Control) -> list[tuple[Path, QImage]]:
            found = []
            for path in wanted:
                try:
                    pixels = read_photo(path).pixels
                except (PhotoError, OSError):
                    continue
                height, width = pixels.shape[:2]
                image = QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
                found.append((path, image.copy()))
            return found

        self._jobs.start(tr("Read pictures"), read, self._put)

    def _put(self, pictures: list[tuple[Path, QImage]]) -> None:
        for path, image in pictures:
            if len(self.board.pictures()) < MOST:
                self.board.put(path, image)
        self._changed()

    def _changed(self) -> None:
        paths = tuple(str(item.path) for item in self.board.pictures())
        self._preferences.remember(_KEPT, {"pictures": paths})
        self.hint.setVisible(not paths)
        self._tell()

    def _set_opacity(self, value: float) -> None:
        self.opacity.set_number(value)
        self._tell()

    def _tell(self) -> None:
        chosen = self.board.chosen()
        shown_one = chosen if self.over.isChecked() else None
        self.overlay_changed.emit(None if shown_one is None else shown_one.image, self.opacity.number)


class Picture(QGraphicsPixmapItem):
    """One picture of the board."""

    def __init__(self, path: Path, image: QImage) -> None:
        super().__init__(QPixmap.fromImage(image))
        self.path, self.image = path, image
        self.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        self.setScale(_WIDTH / max(image.width(), 1))
        self.setToolTip(shown(path.name))
        self.setFlags(
            QGraphicsItem.GraphicsItemFlag.ItemIsMovable | QGraphicsItem.GraphicsItemFlag.ItemIsSelectable
        )


class Board(QGraphicsView):
    """Pictures to pan, zoom and move.

    Signals
    -------
    dropped(list of Path)
    changed()
        Another picture is selected, or one was removed.
    """

    dropped = Signal(object)
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setScene(QGraphicsScene(self))
        self.setAccessibleName(tr("Reference pictures"))
        self.setAcceptDrops(True)
        self.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setMinimumHeight(120)
        self.scene().selectionChanged.connect(self.changed)

    def pictures(self) -> list[Picture]:
        """From the oldest to the newest."""
        items = self.scene().items(Qt.SortOrder.AscendingOrder)
        return [item for item in items if isinstance(item, Picture)]

    def chosen(self) -> Picture | None:
        """The selected picture, or the only one."""
        pictures = self.pictures()
        selected = [item for item in pictures if item.isSelected()]
        return selected[0] if selected else pictures[0] if len(pictures) == 1 else None

    def put(self, path: Path, image: QImage) -> None:
        """Add a picture right of the others and show all of them."""
        right = max((item.sceneBoundingRect().right() + _GAP for item in self.pictures()), default=0.0)
        item = Picture(path, image)
        item.setPos(QPointF(right, 0.0))
        self.scene().addItem(item)
        self.fit()

    def fit(self) -> None:
        """Show the whole board."""
        box = self.scene().itemsBoundingRect()
        self.setSceneRect(box.adjusted(-box.width(), -box.height(), box.width(), box.height()))
        self.fitInView(QRectF(0, 0, 1, 1) if box.isEmpty() else box, Qt.AspectRatioMode.KeepAspectRatio)

    def wheelEvent(self, event: QWheelEvent) -> None:
        factor = _ZOOM ** ((event.angleDelta().y() or event.angleDelta().x()) / 120.0)
        self.scale(factor, factor)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            for item in self.pictures():
                if item.isSelected():
                    self.scene().removeItem(item)
            self.changed.emit()
        elif event.key() == Qt.Key.Key_Home:
            self.fit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if override and event.key() == Qt.Key.Key_Delete and any(item.isSelected() for item in self.pictures()):
            event.accept()  # the picture is meant, not the strokes
            return True
        return bool(super().event(event))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if pictures_in(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.dropped.emit(pictures_in(event.mimeData()))


def pictures_in(data: QMimeData) -> list[Path]:
    """Files of pictures among what is dragged."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix.lower() in PICTURES]
