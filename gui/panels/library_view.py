"""What the panel of the wrinkle library shows: pictures of items to drag away, and a form for an item."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QByteArray, QMimeData, QModelIndex, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QIcon, QImage, QKeyEvent, QPixmap, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QWidget,
)

from rhytid.core.document.wrinkle_library import LibraryItem, tags_of
from rhytid.core.document.wrinkle_set import wrinkles_to_json
from rhytid.core.files.text import shown
from rhytid.core.language import tr
from rhytid.gui.controllers.edits import WRINKLES_MIME
from rhytid.gui.controllers.library import PICTURE_PX
from rhytid.gui.theme import icon, pixmap

THUMBNAIL_PX = PICTURE_PX // 2
_ITEM_ROLE = Qt.ItemDataRole.UserRole + 1


class ItemView(QListView):
    """Pictures of items with their names.

    Attributes
    ----------
    depth_of_drag : callable
        Factor on the depth of what is dragged away.

    Signals
    -------
    chosen(LibraryItem)
        By a double click or Return.
    delete_pressed(), edit_pressed()
    """

    chosen = Signal(object)
    delete_pressed = Signal()
    edit_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.depth_of_drag = lambda: 1.0
        self._model = _ItemModel(self)
        self.setModel(self._model)
        self.take_theme()
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setWordWrap(True)
        self.setUniformItemSizes(True)
        self.setIconSize(QSize(THUMBNAIL_PX, THUMBNAIL_PX))
        self.setGridSize(QSize(THUMBNAIL_PX + 6, THUMBNAIL_PX + 2 * self.fontMetrics().lineSpacing() + 8))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setStyleSheet("QListView { border: 0; border-radius: 0; } QListView::item { padding: 0; }")
        self.setAccessibleName(tr("Wrinkle library"))
        self.doubleClicked.connect(self._choose)

    def take_theme(self) -> None:
        self._empty = QIcon(pixmap("strokes", THUMBNAIL_PX, 1.0, "line"))

    def show_items(
        self, items: Sequence[LibraryItem], picture_of: Callable[[LibraryItem], QImage | None]
    ) -> None:
        """Show these items with the pictures that are there."""
        before = self.current_item()
        self._model.clear()
        for item in items:
            row = QStandardItem(shown(item.name))
            row.setEditable(False)
            row.setData(item, _ITEM_ROLE)
            tags = ", ".join(item.wrinkles.tags)
            row.setToolTip(shown(f"{item.folder}: {item.name}") + (f"\n{shown(tags)}" if tags else ""))
            row.setTextAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
            image = picture_of(item)
            row.setIcon(self._empty if image is None else QIcon(QPixmap.fromImage(image)))
            self._model.appendRow(row)
            if before is not None and item.path == before.path:
                self.setCurrentIndex(row.index())

    def set_picture(self, digest: str, image: QImage) -> None:
        """A picture has been made."""
        for number in range(self._model.rowCount()):
            row = self._model.item(number)
            if row.data(_ITEM_ROLE).digest == digest:
                row.setIcon(QIcon(QPixmap.fromImage(image)))

    def items(self) -> list[LibraryItem]:
        """What is shown, in order."""
        return [self._model.item(number).data(_ITEM_ROLE) for number in range(self._model.rowCount())]

    def current_item(self) -> LibraryItem | None:
        """The item that the keyboard or the last click chose."""
        item: LibraryItem | None = self.currentIndex().data(_ITEM_ROLE)
        return item

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._choose(self.currentIndex())
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_pressed.emit()
        elif key == Qt.Key.Key_F2:
            self.edit_pressed.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event) -> bool:  # type: ignore[no-untyped-def]
        override = event.type() == event.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if override and event.key() == Qt.Key.Key_Delete:
            event.accept()  # the item is meant, not the strokes
            return True
        return bool(super().event(event))

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(index.data(_ITEM_ROLE))


class _ItemModel(QStandardItemModel):
    """Gives strokes for the face and the file for other programs when an item is dragged away."""

    def __init__(self, view: ItemView) -> None:
        super().__init__(view)
        self._view = view

    def mimeTypes(self) -> list[str]:
        return [WRINKLES_MIME, "text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        mime = QMimeData()
        for index in indexes:
            item: LibraryItem = index.data(_ITEM_ROLE)
            depth = self._view.depth_of_drag()
            strokes = [replace(stroke, depth_mm=stroke.depth_mm * depth) for stroke in item.wrinkles.strokes]
            mime.setData(WRINKLES_MIME, QByteArray(wrinkles_to_json(strokes)))
            mime.setUrls([QUrl.fromLocalFile(str(item.path))])
        return mime


class ItemForm(QWidget):
    """Name, folder and tags of an item.

    Signals
    -------
    kept(name, folder, tags)
    """

    kept = Signal(str, str, tuple)

    def __init__(self) -> None:
        super().__init__()
        self.name, self.tags = QLineEdit(), QLineEdit()
        self.folder = QComboBox()
        self.folder.setEditable(True)
        self.tags.setPlaceholderText(tr("with commas between them"))
        self.keep = QPushButton(icon("save"), tr("Keep"))
        self.cancel = QPushButton(tr("Cancel"))
        self.keep.clicked.connect(self._keep)
        self.cancel.clicked.connect(self.hide)
        for line in (self.name, self.tags):
            line.returnPressed.connect(self._keep)
        form = QFormLayout(self)
        form.setContentsMargins(8, 6, 8, 6)
        form.addRow(tr("Name"), self.name)
        form.addRow(tr("Folder"), self.folder)
        form.addRow(tr("Tags"), self.tags)
        buttons = QHBoxLayout()
        buttons.addWidget(self.keep)
        buttons.addWidget(self.cancel)
        form.addRow(buttons)

    def ask(self, name: str, folder: str, tags: Sequence[str], folders: Sequence[str]) -> None:
        """Show the form with these values, ready to type."""
        self.name.setText(name)
        self.folder.clear()
        self.folder.addItems(list(folders))
        self.folder.setCurrentText(folder)
        self.tags.setText(", ".join(tags))
        self.show()
        self.name.setFocus()
        self.name.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def _keep(self) -> None:
        self.kept.emit(self.name.text(), self.folder.currentText(), tags_of(self.tags.text()))
