"""The strokes of a document as a table for Qt's views; changes no more than what an edit changed."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QByteArray, QDataStream, QIODevice, QMimeData, QModelIndex, Qt, Signal

from rhytid.core.arkit import ARKIT_INDEX, linked_name
from rhytid.core.detail.anatomy import CHART_MM
from rhytid.core.document.commands import Command, ReorderStrokes, SetStrokeProperties
from rhytid.core.files.text import shown
from rhytid.core.lines.stroke import Binding, Onset, Profile, Stroke
from rhytid.gui.theme import colour, icon

EYE, NAME, BINDING, DEPTH, WIDTH = range(5)
HEADERS = ("", "Name", "", "Depth", "Width")
_MIME = "application/x-rhytid-strokes"
_Index = QModelIndex

PROFILE_TITLES = {Profile.WRINKLE: "Wrinkle", Profile.CREASE: "Crease", Profile.FOLD: "Fold"}
ONSET_TITLES = {
    Onset.ALWAYS: "Always",
    Onset.EXPRESSION: "With an expression",
    Onset.ACTION_UNITS: "With action units",
}


def default_name(stroke: Stroke) -> str:
    """Name for a stroke that has none: what it is and where on the face, seen from the subject."""
    x, y = (float(v) for v in stroke.points.mean(axis=0))
    side = "" if abs(x - 0.5) < 0.06 else " L" if x > 0.5 else " R"
    if y < 0.22:
        place = "Forehead"
    elif y < 0.33:
        place = "Glabella" if abs(x - 0.5) < 0.1 else "Brow" if y < 0.26 else "Eye"
    elif y < 0.42:
        place = "Nose" if abs(x - 0.5) < 0.09 else "Eye corner" if abs(x - 0.5) > 0.24 else "Lower lid"
    elif y < 0.62:
        place = "Nose" if abs(x - 0.5) < 0.07 else "Nasolabial" if abs(x - 0.5) < 0.2 else "Cheek"
    elif y < 0.78:
        place = "Mouth" if abs(x - 0.5) < 0.17 else "Cheek"
    else:
        place = "Chin" if abs(x - 0.5) < 0.2 else "Jaw"
    return f"{place}{side}"


def binding_summary(binding: Binding) -> str:
    """`binding_text` in few words: sides with equal values as one, three names at most."""
    if binding.onset is Onset.ALWAYS:
        return "Shows with every expression."
    merged: dict[tuple[str, float], None] = {}
    weights = dict(binding.weights)
    for name, value in sorted(binding.weights, key=lambda pair: -pair[1]):
        partner = linked_name(name) if name in ARKIT_INDEX else name
        bare = name.removesuffix("Left").removesuffix("Right")
        merged[(bare if partner != name and weights.get(partner) == value else name, value)] = None
    names = [f"{name} {value:.2f}" for name, value in merged]
    more = f" + {len(names) - 3}" if len(names) > 3 else ""
    return f"Comes with {', '.join(names[:3])}{more}" if names else "Never shows: it is bound to nothing."


def binding_text(binding: Binding) -> str:
    """What makes a stroke appear, in words."""
    if binding.onset is Onset.ALWAYS:
        return "Always there"
    strongest = sorted(binding.weights, key=lambda pair: -pair[1])
    names = ", ".join(f"{name} {value:.2f}" for name, value in strongest[:4])
    if len(strongest) > 4:
        names += f" and {len(strongest) - 4} more"
    return f"Appears with {names}" if names else "Never appears: it is bound to nothing"


class StrokeModel(QAbstractTableModel):
    """Rows are strokes in their order; columns `EYE`, `NAME`, `BINDING`, `DEPTH`, `WIDTH`.

    Signals
    -------
    command_made(Command)
        The artist renamed, hid or moved strokes in the view.
    """

    command_made = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.strokes: tuple[Stroke, ...] = ()
        self._rows: dict[str, int] = {}

    # --- content ---------------------------------------------------------------------------------------

    def show_strokes(self, strokes: tuple[Stroke, ...]) -> None:
        """Take the strokes of a new state."""
        old = self.strokes
        if strokes is old:
            return
        shared = min(len(old), len(strokes))
        head = 0
        while head < shared and old[head].id == strokes[head].id:
            head += 1
        tail = 0
        while tail < shared - head and old[-1 - tail].id == strokes[-1 - tail].id:
            tail += 1
        removed, added = len(old) - head - tail, len(strokes) - head - tail
        if removed and added:
            self.beginResetModel()
            self._take(strokes)
            self.endResetModel()
            return
        if removed:
            self.beginRemoveRows(_Index(), head, head + removed - 1)
            self._take((*old[:head], *old[head + removed :]))
            self.endRemoveRows()
        elif added:
            self.beginInsertRows(_Index(), head, head + added - 1)
            self._take((*old[:head], *strokes[head : head + added], *old[head:]))
            self.endInsertRows()
        changed = [row for row, (a, b) in enumerate(zip(self.strokes, strokes, strict=True)) if a is not b]
        self._take(strokes)
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], len(HEADERS) - 1))

    def _take(self, strokes: tuple[Stroke, ...]) -> None:
        same_order = len(strokes) == len(self.strokes) and all(
            a.id == b.id for a, b in zip(strokes, self.strokes, strict=True)
        )
        self.strokes = strokes
        if not same_order:
            self._rows = {stroke.id: row for row, stroke in enumerate(strokes)}

    def row_of(self, stroke_id: str) -> int:
        """Row of a stroke, -1 when it is not there."""
        return self._rows.get(stroke_id, -1)

    # --- Qt --------------------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex = _Index()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.strokes)

    def columnCount(self, parent: QModelIndex = _Index()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADERS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section in (DEPTH, WIDTH):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        stroke = self.strokes[index.row()]
        column = index.column()
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
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (DEPTH, WIDTH):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(stroke, column)
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
            return "Hide this stroke" if stroke.visible else "Show this stroke"
        if column == WIDTH:
            return f"{stroke.width * CHART_MM:.2f} mm, {stroke.width * 1024:.1f} px of 1024"
        origin = "Found in the imported map" if stroke.from_source else f"{PROFILE_TITLES[stroke.profile]}"
        born = f", from age {stroke.birth_age:.0f}" if stroke.birth_age else ""
        return f"{origin}{born}\n{binding_text(stroke.binding)}\nDouble click to rename"

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        base = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        base |= Qt.ItemFlag.ItemIsDragEnabled
        return base | Qt.ItemFlag.ItemIsEditable if index.column() == NAME else base

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or index.column() != NAME:
            return False
        stroke = self.strokes[index.row()]
        name = str(value).strip()
        if name == stroke.name or (not stroke.name and name == default_name(stroke)):
            return False
        self.command_made.emit(SetStrokeProperties((stroke.id,), name=name))
        return True

    # --- drag and drop -----------------------------------------------------------------------------------

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [_MIME]

    def mimeData(self, indexes: list[QModelIndex]) -> QMimeData:
        data = QByteArray()
        stream = QDataStream(data, QIODevice.OpenModeFlag.WriteOnly)
        for row in sorted({index.row() for index in indexes}):
            stream.writeQString(self.strokes[row].id)
        mime = QMimeData()
        mime.setData(_MIME, data)
        return mime

    def dropMimeData(self, mime: QMimeData, action: Qt.DropAction, row: int, column: int, parent: QModelIndex) -> bool:
        if not mime.hasFormat(_MIME):
            return False
        stream = QDataStream(mime.data(_MIME))
        ids: list[str] = []
        while not stream.atEnd():
            ids.append(stream.readQString())
        at = row if row >= 0 else parent.row() if parent.isValid() else len(self.strokes)
        command = self.reorder(tuple(i for i in ids if i in self._rows), at)
        if command is not None:
            self.command_made.emit(command)
        return False  # the command moves the rows; the view must not remove them as well

    def reorder(self, ids: tuple[str, ...], before_row: int) -> Command | None:
        """The command that moves strokes in front of a row, None when nothing is to move."""
        if not ids:
            return None
        moved = set(ids)
        index = sum(stroke.id not in moved for stroke in self.strokes[:before_row])
        return ReorderStrokes(ids, index)
