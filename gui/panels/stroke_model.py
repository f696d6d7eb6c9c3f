"""The strokes of a document and their layers as a tree for Qt's views; changes no more than what an edit changed.

The rows of the first level are the layers and behind them the strokes of no layer; the rows of a layer are its strokes.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QByteArray,
    QDataStream,
    QIODevice,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont

from rhytid.core.detail.anatomy import CHART_MM
from rhytid.core.document.commands import Command, MoveLayers, SetLayer, SetStrokeProperties
from rhytid.core.files.text import shown
from rhytid.core.language import tr
from rhytid.core.lines.layer import StrokeLayer
from rhytid.core.lines.stroke import Onset, Stroke
from rhytid.gui.panels.stroke_order import dropped
from rhytid.gui.panels.stroke_words import PROFILE_TITLES, binding_text, default_name
from rhytid.gui.theme import colour, icon

EYE, NAME, BINDING, DEPTH, WIDTH = range(5)
HEADERS = ("", tr("Name"), "", tr("Depth"), tr("Width"))
_STROKES, _LAYERS = "application/x-rhytid-strokes", "application/x-rhytid-layers"
_Index = QModelIndex
_AnyIndex = QModelIndex | QPersistentModelIndex


class StrokeModel(QAbstractItemModel):
    """Columns `EYE`, `NAME`, `BINDING` (of a layer its lock), `DEPTH` (of a layer its strength), `WIDTH`.

    Signals
    -------
    command_made(Command)
        The artist renamed or moved something in the view.
    """

    command_made = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.strokes: tuple[Stroke, ...] = ()
        self.layers: tuple[StrokeLayer, ...] = ()
        self._groups: dict[str, list[Stroke]] = {"": []}
        self._rows: dict[str, tuple[str, int]] = {}
        self._numbers: dict[str, int] = {"": 0}  # of layers, in indexes of their strokes; 0 for the first level
        self._ids: list[str] = [""]
        self._drawn_into = ""

    # --- content ---------------------------------------------------------------------------------------

    def show_strokes(self, strokes: tuple[Stroke, ...], layers: tuple[StrokeLayer, ...] = ()) -> None:
        """Take strokes and layers of a new state."""
        if strokes is self.strokes and layers is self.layers:
            return
        if [layer.id for layer in layers] != [layer.id for layer in self.layers]:
            self._reset(strokes, layers)
            return
        old_layers, self.layers = self.layers, layers
        groups = _grouped(strokes, layers)
        if any(not self._follow(layer_id, new) for layer_id, new in groups.items()):
            self._reset(strokes, layers)
            return
        self.strokes = strokes
        self._rows = _rows_of(groups)
        for row, (old, layer) in enumerate(zip(old_layers, layers, strict=True)):
            if old is not layer:
                self._tell(self.index(row, 0), self.index(row, len(HEADERS) - 1))

    def show_drawn_into(self, layer_id: str) -> None:
        """Mark the layer that new strokes go into; "" for none."""
        before, self._drawn_into = self._drawn_into, layer_id
        for one in (before, layer_id):
            index = self.index_of_layer(one, NAME)
            if index.isValid():
                self._tell(index, index)

    def _reset(self, strokes: tuple[Stroke, ...], layers: tuple[StrokeLayer, ...]) -> None:
        self.beginResetModel()
        self.strokes, self.layers, self._groups = strokes, layers, _grouped(strokes, layers)
        self._rows = _rows_of(self._groups)
        for layer in layers:
            if layer.id not in self._numbers:
                self._numbers[layer.id] = len(self._ids)
                self._ids.append(layer.id)
        self.endResetModel()

    def _follow(self, layer_id: str, new: list[Stroke]) -> bool:
        """Turn the rows of one group into others; False where that needs a reset."""
        old, parent, first = self._groups[layer_id], self._parent_of(layer_id), self._first_row(layer_id)
        shared, head, tail = min(len(old), len(new)), 0, 0
        while head < shared and old[head].id == new[head].id:
            head += 1
        while tail < shared - head and old[-1 - tail].id == new[-1 - tail].id:
            tail += 1
        removed, added = len(old) - head - tail, len(new) - head - tail
        if removed and added:
            return False
        if removed:
            self.beginRemoveRows(parent, first + head, first + head + removed - 1)
            self._groups[layer_id] = old[:head] + old[head + removed :]
            self.endRemoveRows()
        elif added:
            self.beginInsertRows(parent, first + head, first + head + added - 1)
            self._groups[layer_id] = old[:head] + new[head : head + added] + old[head:]
            self.endInsertRows()
        changed = [row for row, (a, b) in enumerate(zip(self._groups[layer_id], new, strict=True)) if a is not b]
        self._groups[layer_id] = new
        if changed:
            last = len(HEADERS) - 1
            self._tell(self.index(first + changed[0], 0, parent), self.index(first + changed[-1], last, parent))
        if layer_id and (removed or added):
            row = parent.row()
            self._tell(self.index(row, NAME), self.index(row, NAME))
        return True

    def _tell(self, first: QModelIndex, last: QModelIndex) -> None:
        self.dataChanged.emit(first, last)

    def _first_row(self, layer_id: str) -> int:
        return 0 if layer_id else len(self.layers)

    def _parent_of(self, layer_id: str) -> QModelIndex:
        return self.index_of_layer(layer_id) if layer_id else _Index()

    def row_of(self, stroke_id: str) -> int:
        """Row of a stroke beside those of its layer, -1 when it is not there."""
        layer_id, row = self._rows.get(stroke_id, ("", -1))
        return row if row < 0 else self._first_row(layer_id) + row

    def index_of(self, stroke_id: str, column: int = NAME) -> QModelIndex:
        """Of a stroke; invalid when it is not there."""
        layer_id, _ = self._rows.get(stroke_id, ("", -1))
        row = self.row_of(stroke_id)
        return _Index() if row < 0 else self.index(row, column, self._parent_of(layer_id))

    def index_of_layer(self, layer_id: str, column: int = 0) -> QModelIndex:
        """Of a layer; invalid when it is not there."""
        row = next((row for row, layer in enumerate(self.layers) if layer.id == layer_id), -1)
        return _Index() if row < 0 else self.index(row, column)

    def layer_at(self, index: _AnyIndex) -> StrokeLayer | None:
        """The layer of a row; None for that of a stroke."""
        if not index.isValid() or index.internalId() or index.row() >= len(self.layers):
            return None
        return self.layers[index.row()]

    def stroke_at(self, index: _AnyIndex) -> Stroke | None:
        """The stroke of a row; None for that of a layer."""
        if not index.isValid() or self.layer_at(index) is not None:
            return None
        layer_id = self._ids[index.internalId()]
        return self._groups[layer_id][index.row() - self._first_row(layer_id)]

    def strokes_in(self, layer_id: str) -> tuple[Stroke, ...]:
        """The strokes of a layer."""
        return tuple(self._groups.get(layer_id, ()))

    # --- Qt --------------------------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: _AnyIndex = _Index()) -> QModelIndex:  # noqa: B008
        if not self.hasIndex(row, column, parent):
            return _Index()
        layer = self.layer_at(parent)
        return self.createIndex(row, column, 0 if layer is None else self._numbers[layer.id])

    def parent(self, index: _AnyIndex) -> QModelIndex:  # type: ignore[override]
        number = index.internalId() if index.isValid() else 0
        return self.index_of_layer(self._ids[number]) if number else _Index()

    def rowCount(self, parent: _AnyIndex = _Index()) -> int:  # noqa: B008
        if not parent.isValid():
            return len(self.layers) + len(self._groups[""])
        layer = self.layer_at(parent)
        return 0 if layer is None or parent.column() else len(self._groups[layer.id])

    def columnCount(self, parent: _AnyIndex = _Index()) -> int:  # noqa: B008
        return len(HEADERS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section in (DEPTH, WIDTH):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: _AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column = index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (DEPTH, WIDTH):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        layer = self.layer_at(index)
        if layer is not None:
            return self._layer_data(layer, column, role)
        stroke = self.stroke_at(index)
        if stroke is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(stroke, column)
        if role == Qt.ItemDataRole.EditRole and column == NAME:
            return stroke.name or default_name(stroke)
        if role == Qt.ItemDataRole.DecorationRole:
            return self._icon(stroke, column)
        if role == Qt.ItemDataRole.ForegroundRole:
            if not stroke.visible:
                return colour("text_faint")
            return colour("text" if column == NAME and stroke.name else "text_soft")
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(stroke, column)
        return None

    def _layer_data(self, layer: StrokeLayer, column: int, role: int) -> Any:
        shade = "text_soft" if layer.visible else "text_faint"
        if role == Qt.ItemDataRole.EditRole and column == NAME:
            return layer.name
        if role == Qt.ItemDataRole.DisplayRole:
            count = len(self._groups[layer.id])
            return {NAME: f"{shown(layer.name) or 'Layer'}  ({count})", DEPTH: f"{layer.strength:.0%}"}.get(column)
        if role == Qt.ItemDataRole.FontRole and layer.id == self._drawn_into:
            font = QFont()
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.ForegroundRole:
            return colour("text" if layer.visible else "text_faint")
        if role == Qt.ItemDataRole.DecorationRole:
            names = {
                EYE: "eye" if layer.visible else "eye_off",
                NAME: "solo" if layer.solo else "mask" if layer.mask is not None else "folder",
                BINDING: "lock" if layer.locked else "unlock",
            }
            bright = "accent" if (column == NAME and layer.solo) or (column == BINDING and layer.locked) else shade
            return icon(names[column], bright) if column in names else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return {
                EYE: tr("Hide this layer") if layer.visible else tr("Show this layer"),
                BINDING: tr("Unlock this layer") if layer.locked else tr("Lock this layer: no tool changes it"),
                DEPTH: tr("Strength of the layer"),
            }.get(column, "New strokes go into the layer that is bold: a click chooses it.\nDouble click to rename.")
        return None

    @staticmethod
    def _text(stroke: Stroke, column: int) -> str | None:
        if column == NAME:
            return shown(stroke.name) or default_name(stroke)
        if column == DEPTH:
            return f"{stroke.depth_mm:.2f}"
        if column == WIDTH:
            return f"{stroke.width * CHART_MM:.1f}"
        return None

    @staticmethod
    def _icon(stroke: Stroke, column: int) -> Any:
        shade = "text_soft" if stroke.visible else "text_faint"
        if column == EYE:
            return icon("eye" if stroke.visible else "eye_off", shade)
        if column == NAME:
            return icon("stroke_source" if stroke.from_source else "stroke", shade)
        if column == BINDING:
            bound = stroke.visible and stroke.binding.onset is not Onset.ALWAYS
            return icon(f"bind_{stroke.binding.onset.value}", "accent" if bound else "text_faint")
        return None

    @staticmethod
    def _tip(stroke: Stroke, column: int) -> str:
        if column == EYE:
            return tr("Hide this stroke") if stroke.visible else tr("Show this stroke")
        if column == WIDTH:
            return tr("{0:.2f} mm, {1:.1f} px of 1024", stroke.width * CHART_MM, stroke.width * 1024)
        origin = tr("Found in the imported map") if stroke.from_source else f"{PROFILE_TITLES[stroke.profile]}"
        born = tr(", from age {0:.0f}", stroke.birth_age) if stroke.birth_age else ""
        return tr("{origin}{born}\n{0}\nDouble click to rename", binding_text(stroke.binding), origin=origin, born=born)

    def flags(self, index: _AnyIndex) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        base = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
        if self.layer_at(index) is not None:
            base |= Qt.ItemFlag.ItemIsDropEnabled
        return base | Qt.ItemFlag.ItemIsEditable if index.column() == NAME else base

    def setData(self, index: _AnyIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or index.column() != NAME:
            return False
        name, layer, stroke = str(value).strip(), self.layer_at(index), self.stroke_at(index)
        if layer is not None:
            if name != layer.name:
                self.command_made.emit(SetLayer((layer.id,), name=name))
            return name != layer.name
        if stroke is None or name == stroke.name or (not stroke.name and name == default_name(stroke)):
            return False
        self.command_made.emit(SetStrokeProperties((stroke.id,), name=name))
        return True

    # --- drag and drop -----------------------------------------------------------------------------------

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [_STROKES, _LAYERS]

    def mimeData(self, indexes: list[QModelIndex]) -> QMimeData:
        rows = {(index.internalId(), index.row()): index for index in indexes}
        mime = QMimeData()
        layers = [layer.id for key in sorted(rows) if (layer := self.layer_at(rows[key])) is not None]
        strokes = [stroke.id for key in sorted(rows) if (stroke := self.stroke_at(rows[key])) is not None]
        mime.setData(*((_LAYERS, _packed(layers)) if layers else (_STROKES, _packed(strokes))))
        return mime

    def dropMimeData(
        self, mime: QMimeData, action: Qt.DropAction, row: int, column: int, parent: _AnyIndex
    ) -> bool:
        command: Command | None = None
        layer = self.layer_at(parent)
        if mime.hasFormat(_LAYERS):
            ids = tuple(i for i in _unpacked(mime.data(_LAYERS)) if self.index_of_layer(i).isValid())
            at = parent.row() if layer is not None else row if row >= 0 else len(self.layers)
            command = MoveLayers(ids, sum(a.id not in ids for a in self.layers[:at])) if ids else None
        elif mime.hasFormat(_STROKES):
            ids = tuple(i for i in _unpacked(mime.data(_STROKES)) if i in self._rows)
            layer_id = "" if layer is None else layer.id
            group = self._groups[layer_id]
            at = max(row - self._first_row(layer_id), 0) if row >= 0 else len(group)
            command = dropped(self.strokes, ids, layer_id, group[at:])
        if command is not None:
            self.command_made.emit(command)
        return False  # the command moves the rows; the view must not remove them as well


def _grouped(strokes: tuple[Stroke, ...], layers: tuple[StrokeLayer, ...]) -> dict[str, list[Stroke]]:
    groups: dict[str, list[Stroke]] = {"": [], **{layer.id: [] for layer in layers}}
    for stroke in strokes:
        groups.get(stroke.layer, groups[""]).append(stroke)
    return groups


def _rows_of(groups: dict[str, list[Stroke]]) -> dict[str, tuple[str, int]]:
    return {stroke.id: (layer_id, row) for layer_id, group in groups.items() for row, stroke in enumerate(group)}


def _packed(ids: list[str]) -> QByteArray:
    data = QByteArray()
    stream = QDataStream(data, QIODevice.OpenModeFlag.WriteOnly)
    for one in ids:
        stream.writeQString(one)
    return data


def _unpacked(data: QByteArray) -> list[str]:
    stream = QDataStream(data)
    ids: list[str] = []
    while not stream.atEnd():
        ids.append(stream.readQString())
    return ids
