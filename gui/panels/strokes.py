"""Panel of the strokes: layers and strokes above, properties of the selected ones below."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QSize,
    QSortFilterProxyModel,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QSplitter,
    QStackedWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from rhytid.core.document.commands import MoveToLayer, ReorderStrokes, SetLayer, SetStrokeProperties
from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState
from rhytid.core.language import tr
from rhytid.core.lines.layer import StrokeLayer
from rhytid.gui.controllers import edits, layer_edits
from rhytid.gui.controllers.selection import Selection
from rhytid.gui.controllers.tool_settings import MaskTarget, Tool, ToolSettings
from rhytid.gui.panels.layer_properties import LayerProperties
from rhytid.gui.panels.panel import Panel
from rhytid.gui.panels.stroke_model import BINDING, DEPTH, EYE, NAME, WIDTH, StrokeModel
from rhytid.gui.panels.stroke_properties import StrokeProperties
from rhytid.gui.theme import icon
from rhytid.gui.widgets.focus import SearchBox
from rhytid.gui.widgets.labels_and_buttons import text_label, tool_button

_WIDTH_FROM_PX = 312
_SELECT = QItemSelectionModel.SelectionFlag


class _StrokeFilter(QSortFilterProxyModel):
    """Rows whose name, or that of their layer, holds what is typed; passes drops on by the row below them."""

    def dropMimeData(self, data, action, row, column, parent) -> bool:  # type: ignore[no-untyped-def]
        model = self.sourceModel()
        below = self.index(row, 0, parent) if row >= 0 else QModelIndex()
        at = self.mapToSource(below).row() if below.isValid() else -1
        return bool(model.dropMimeData(data, action, at, 0, self.mapToSource(parent.siblingAtColumn(0))))


class _StrokeView(QTreeView):
    delete_pressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.state() != self.State.EditingState:
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)


class StrokesPanel(Panel):
    """All strokes of the document; the selection is shared with canvas and viewport."""

    def __init__(
        self, document: Document, selection: Selection, tools: ToolSettings | None = None,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(document, parent)
        self.selection = selection
        self.tools = tools if tools is not None else ToolSettings()
        self._mirroring = False
        self._sign = "eye"
        self.model = StrokeModel()
        self.model.setParent(self)
        self.model.command_made.connect(self.execute)
        self._unfolded: frozenset[str] = frozenset()
        self._chosen_layers: tuple[str, ...] = ()
        self.filter = _StrokeFilter(self)
        self.filter.setSourceModel(self.model)
        self.filter.setFilterKeyColumn(NAME)
        self.filter.setRecursiveFilteringEnabled(True)
        self.filter.setAutoAcceptChildRows(True)
        self.filter.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._stack.addLayout(self._tools())
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        self.view = self._view()
        self.empty = text_label(
            tr("No strokes yet.\n\nTake the brush (B) and draw on the face or the chart. Draw while the face smiles, "
               "and "
               "the wrinkle will come and go with the smile."), "soft")  # fmt: skip
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setContentsMargins(24, 16, 24, 16)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.view)
        self.pages.addWidget(self.empty)
        splitter.addWidget(self.pages)
        self.properties = StrokeProperties(document)
        self.properties.binding.show_me.connect(lambda: self.requested.emit("show_me"))
        splitter.addWidget(self.properties)
        self.layer_properties = LayerProperties(document)
        self.layer_properties.duplicate_requested.connect(lambda: layer_edits.duplicate_layers(self))
        self.layer_properties.strokes_requested.connect(lambda: layer_edits.select_strokes(self))
        self.layer_properties.mask_requested.connect(self._paint_mask)
        self.layer_properties.hide()
        splitter.addWidget(self.layer_properties)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 0)
        self._stack.addWidget(splitter, 1)
        selection.changed.connect(self._selection_changed)
        self.tools.events.layer.connect(self.model.show_drawn_into)
        self.refresh(document.state, None)

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(self.minimumSizeHint())

    def _tools(self) -> QVBoxLayout:
        self.search = SearchBox(tr("Search strokes"))
        self.search.textChanged.connect(self.filter.setFilterFixedString)
        self.new_layer = tool_button("folder", tr("New layer, with the selected strokes in it"))
        self.new_layer.clicked.connect(lambda: layer_edits.new_layer(self))
        self.show_all = tool_button("eye", tr("Show or hide all strokes"))
        self.show_all.clicked.connect(self.toggle_all_visible)
        self.duplicate_button = tool_button("duplicate", tr("Duplicate the selected strokes (Ctrl+D)"))
        self.duplicate_button.clicked.connect(lambda: edits.duplicate_selected(self))
        self.mirror_button = tool_button("mirror", tr("Put a twin of the selected strokes on the other half (Ctrl+M)"))
        self.mirror_button.clicked.connect(lambda: edits.mirror_selected(self))
        self.smooth_button = tool_button("smooth", tr("Smooth the selected strokes"))
        self.smooth_button.clicked.connect(lambda: edits.smooth_selected(self))
        self.delete_button = tool_button("trash", tr("Delete the selected strokes (Del)"))
        self.delete_button.clicked.connect(self.delete_chosen)
        bar = QHBoxLayout()
        bar.setContentsMargins(6, 6, 5, 6)
        bar.setSpacing(2)
        bar.addWidget(self.search, 1)
        self._on_selected = (self.duplicate_button, self.mirror_button, self.smooth_button, self.delete_button)
        for button in (self.new_layer, self.show_all, *self._on_selected):
            bar.addWidget(button)
        rows = QVBoxLayout()
        rows.addLayout(bar)
        return rows

    def _view(self) -> QTreeView:
        view = _StrokeView()
        view.setModel(self.filter)
        view.setRootIsDecorated(False)
        view.setTreePosition(NAME)
        view.setIndentation(14)
        view.setUniformRowHeights(True)
        view.setAllColumnsShowFocus(True)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        view.setDragDropOverwriteMode(False)
        view.setDropIndicatorShown(True)
        view.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._open_menu)
        view.setAccessibleName(tr("Strokes"))
        view.setStyleSheet("QTreeView { border: 0; border-radius: 0; } QTreeView::item { padding: 1px 2px; }")
        header = view.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(22)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column, width in ((EYE, 25), (BINDING, 24), (DEPTH, 50), (WIDTH, 50)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, width)
        header.setSectionsClickable(False)
        header.setStyleSheet("QHeaderView::section { padding: 3px 4px; }")
        header.setToolTip(tr("Depth and width in mm"))
        self.filter.modelAboutToBeReset.connect(self._note_unfolded)
        self.filter.modelReset.connect(self._unfold_again)  # the view, connected before, has folded all by then
        view.clicked.connect(self._clicked)
        view.selectionModel().selectionChanged.connect(self._view_selected)
        view.delete_pressed.connect(self.delete_chosen)
        return view

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.view.setColumnHidden(WIDTH, self.width() < _WIDTH_FROM_PX)  # names come first where room is short

    # --- showing -----------------------------------------------------------------------------------------

    def refresh(self, new: DocumentState, old: DocumentState | None) -> None:
        if old is not None and new.strokes is old.strokes and new.layers is old.layers:
            return
        self._mirroring = True
        self.model.show_strokes(new.strokes, new.layers)
        self._mirroring = False
        self.view.setRootIsDecorated(bool(new.layers))
        self.pages.setCurrentWidget(self.view if new.strokes or new.layers else self.empty)
        known = {layer.id for layer in new.layers}
        self._chosen_layers = tuple(layer_id for layer_id in self._chosen_layers if layer_id in known)
        self.show_all.setEnabled(bool(new.strokes))
        sign = "eye" if not new.strokes or any(stroke.visible for stroke in new.strokes) else "eye_off"
        if sign != self._sign:  # another icon lays the whole dock out anew
            self._sign = sign
            self.show_all.setIcon(icon(sign))
        self._show_selection()

    def _paint_mask(self) -> None:
        self.tools.mask_target, self.tools.tool = MaskTarget.LAYER, Tool.MASK

    def _note_unfolded(self) -> None:
        layers = self.model.layers
        self._unfolded = frozenset(a.id for a in layers if self.view.isExpanded(self._layer_index(a.id)))

    def _unfold_again(self) -> None:
        for layer in self.model.layers:
            if layer.id in self._unfolded:
                self.view.expand(self._layer_index(layer.id))

    def _layer_index(self, layer_id: str) -> QModelIndex:
        return self.filter.mapFromSource(self.model.index_of_layer(layer_id))

    def _selection_changed(self, ids: tuple[str, ...]) -> None:
        if ids:
            self._chosen_layers = ()
        self._show_selection()
        if not self._mirroring:
            self._show_active()

    def _show_active(self) -> None:
        index = self._index(self.selection.active) if self.selection.active else QModelIndex()
        if index.isValid():
            self.view.scrollTo(index)

    def _index(self, stroke_id: str) -> QModelIndex:
        return self.filter.mapFromSource(self.model.index_of(stroke_id))

    def chosen_layers(self) -> tuple[StrokeLayer, ...]:
        """The layers whose rows are selected, in the order of the list."""
        return tuple(layer for layer in self.model.layers if layer.id in self._chosen_layers)

    def _show_selection(self) -> None:
        strokes = edits.selected_strokes(self)
        self.properties.show_strokes(strokes)
        if strokes and self.properties.isHidden():
            QTimer.singleShot(0, self._show_active)  # the list gets lower and may lose the row from sight
        self.properties.setVisible(bool(strokes))
        layers = self.chosen_layers()
        self.layer_properties.show_layers(layers)
        self.layer_properties.setVisible(bool(layers))
        for button in self._on_selected:
            button.setEnabled(bool(strokes))
        self.delete_button.setEnabled(bool(strokes or layers))
        if self._mirroring:
            return
        self._mirroring = True
        chosen = QItemSelection()
        for stroke_id in self.selection.ids:
            index = self._index(stroke_id)
            if index.isValid():
                chosen.select(index, index)
        for layer_id in self._chosen_layers:
            index = self._layer_index(layer_id)
            if index.isValid():
                chosen.select(index, index)
        model = self.view.selectionModel()
        model.select(chosen, _SELECT.ClearAndSelect | _SELECT.Rows)
        self._mirroring = False

    def _view_selected(self) -> None:
        if self._mirroring:
            return
        self._mirroring = True
        rows = [self.filter.mapToSource(index) for index in self.view.selectionModel().selectedRows()]
        current = self.model.stroke_at(self.filter.mapToSource(self.view.currentIndex()))
        chosen = {stroke.id for row in rows if (stroke := self.model.stroke_at(row)) is not None}
        ordered = [stroke.id for stroke in self.model.strokes if stroke.id in chosen]
        if current is not None and current.id in chosen:
            ordered.remove(current.id)
            ordered.append(current.id)
        self.selection.set(ordered)
        self._chosen_layers = () if ordered else tuple(
            layer.id for row in rows if (layer := self.model.layer_at(row)) is not None
        )  # fmt: skip
        self._mirroring = False
        if self._chosen_layers or ordered:
            self.tools.layer = self._chosen_layers[-1] if self._chosen_layers else self._layer_of(ordered[-1])
        self._show_selection()

    def _layer_of(self, stroke_id: str) -> str:
        stroke = self.model.stroke_at(self.model.index_of(stroke_id))
        return "" if stroke is None else stroke.layer

    def _clicked(self, index: QModelIndex) -> None:
        at = self.filter.mapToSource(index)
        stroke, layer = self.model.stroke_at(at), self.model.layer_at(at)
        if layer is not None and index.column() in (EYE, BINDING):
            chosen = self._chosen_layers if layer.id in self._chosen_layers else (layer.id,)
            change = {"visible": not layer.visible} if index.column() == EYE else {"locked": not layer.locked}
            self.execute(SetLayer(chosen, **change))
        elif stroke is not None and index.column() == EYE:
            ids = self.selection.ids if stroke.id in self.selection else (stroke.id,)
            self.execute(SetStrokeProperties(ids, visible=not stroke.visible))

    # --- edits -------------------------------------------------------------------------------------------

    def delete_chosen(self) -> None:
        """Delete the selected strokes, or the selected layers with all that is in them."""
        if self._chosen_layers:
            layer_edits.delete_layers(self)
        else:
            edits.delete_selected(self)

    def toggle_all_visible(self) -> None:
        """Hide all strokes, or show them when all are hidden."""
        ids = tuple(stroke.id for stroke in self.model.strokes)
        if ids:
            self.execute(SetStrokeProperties(ids, visible=not any(s.visible for s in self.model.strokes)))

    def menu(self) -> QMenu:
        """The context menu of the selected strokes."""
        menu = QMenu(self)
        some = bool(self.selection)
        menu.addAction(tr("Rename"), lambda: self.view.edit(self._index(self.selection.active))).setEnabled(some)
        menu.addSeparator()
        menu.addAction(icon("duplicate"), tr("Duplicate"), partial(edits.duplicate_selected, self)).setEnabled(some)
        menu.addAction(tr("Copy"), partial(edits.copy_selected, self)).setEnabled(some)
        menu.addAction(tr("Paste"), partial(edits.paste_strokes, self)).setEnabled(edits.clipboard_has_strokes())
        menu.addAction(icon("mirror"), tr("Mirror"), partial(edits.mirror_selected, self)).setEnabled(some)
        menu.addAction(icon("smooth"), tr("Smooth"), partial(edits.smooth_selected, self)).setEnabled(some)
        menu.addSeparator()
        into = menu.addMenu(icon("folder"), tr("Put into layer"))
        into.setEnabled(some)
        into.addAction(tr("New layer"), partial(layer_edits.new_layer, self))
        into.addAction(tr("No layer"), lambda: self.execute(MoveToLayer(self.selection.ids, "")))
        for layer in self.model.layers:
            move = MoveToLayer(self.selection.ids, layer.id)
            into.addAction(layer.name or tr("Layer"), partial(self.execute, move))
        menu.addAction(tr("Sort all into layers by place"), partial(layer_edits.sort_by_place, self))
        menu.addSeparator()
        menu.addAction(tr("To the top"), lambda: self._move_to(0)).setEnabled(some)
        menu.addAction(tr("To the bottom"), lambda: self._move_to(len(self.model.strokes))).setEnabled(some)
        menu.addSeparator()
        menu.addAction(icon("trash"), tr("Delete"), partial(edits.delete_selected, self)).setEnabled(some)
        return menu

    def _open_menu(self, position: QPoint) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.view.viewport().mapToGlobal(position))

    def _move_to(self, index: int) -> None:
        ids = tuple(stroke.id for stroke in edits.selected_strokes(self))
        if ids:
            self.execute(ReorderStrokes(ids, index))
