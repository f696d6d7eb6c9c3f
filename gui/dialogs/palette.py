"""The palette of commands: every action and slider by a few letters of its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction, QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from rhytid.core.language import tr
from rhytid.gui.preferences import Preferences
from rhytid.gui.theme import icon
from rhytid.gui.widgets.slider_row import SliderRow

RECENT_LIMIT = 12
SHOWN_LIMIT = 40
ICON_PX = 20
WIDTH_PX = 460
ROW = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class Entry:
    """One line of the palette.

    Attributes
    ----------
    name : str
        Under which it is remembered.
    text : str
    aside : str
        Its keys, or what the slider stands at.
    icon : QIcon
    action : QAction or None
    row : SliderRow or None
    """

    name: str
    text: str
    aside: str
    icon: QIcon
    action: QAction | None = None
    row: SliderRow | None = None


def fit(wanted: str, text: str) -> int | None:
    """How badly `text` fits the letters `wanted`, 0 for best; None where they are not in it in this order."""
    wanted, text = wanted.lower().replace(" ", ""), text.lower()
    place, cost, last = 0, 0, -1
    for letter in wanted:
        place = text.find(letter, place)
        if place < 0:
            return None
        begins_word = place == 0 or not text[place - 1].isalnum()
        if place != last + 1:
            cost += 1 if begins_word else 3 + min(place - last, 8)
        last, place = place, place + 1
    return cost * 100 + len(text)


def split_number(typed: str) -> tuple[str, str]:
    """Name and what follows it from the first digit or sign of a value on: "age 60" is ("age", "60")."""
    words = typed.split()
    for at, word in enumerate(words[1:], start=1):
        if word[0].isdigit() or word[0] in "+-*/.\u2212":
            return " ".join(words[:at]), " ".join(words[at:])
    return typed.strip(), ""


class CommandPalette(QDialog):
    """Type, choose with the arrows, Enter; a number behind the name of a slider sets it.

    Parameters
    ----------
    commands : sequence of (name, keys, icon, QAction)
    sliders : sequence of (panel, SliderRow)
    preferences : Preferences
        Remember what was used last.
    """

    def __init__(
        self,
        commands: Sequence[tuple[str, str, QIcon, QAction]],
        sliders: Sequence[tuple[str, SliderRow]],
        preferences: Preferences,
        parent: QWidget,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("CommandPalette")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._preferences = preferences
        self._entries = [
            Entry(name, action.text().split("\t")[0].replace("&", "").rstrip("."), keys, sign, action=action)
            for name, keys, sign, action in commands
        ]
        self._entries += [
            Entry(f"{panel}: {row.label}", row.label if row.label == panel else f"{panel}: {row.label}",
                  row.shown_number, icon("settings"), row=row)
            for panel, row in sliders
        ]  # fmt: skip
        self.line = QLineEdit()
        self.line.setPlaceholderText(tr("A command, or a slider and its value: age 60"))
        self.line.setAccessibleName(tr("Command"))
        self.line.textChanged.connect(self._fill)
        self.line.installEventFilter(self)
        self.list = QListWidget()
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(lambda _item: self._take())
        self.list.setIconSize(QSize(ICON_PX, ICON_PX))
        self.list.setUniformItemSizes(True)
        nothing = QPixmap(ICON_PX, ICON_PX)
        nothing.fill(Qt.GlobalColor.transparent)
        self._blank = QIcon(nothing)  # so that all names begin at the same place
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.line)
        column.addWidget(self.list)
        self._fill("")

    def open_over(self) -> None:
        """Open in the upper middle of the window."""
        window = self.parentWidget()
        self.resize(min(WIDTH_PX, window.width() - 40), min(420, window.height() - 80))
        at = window.mapToGlobal(window.rect().topLeft())
        self.move(at.x() + (window.width() - self.width()) // 2, at.y() + 60)
        self.show()
        self.line.setFocus()

    def shown(self) -> list[Entry]:
        """The lines, best first."""
        return [self.list.item(at).data(ROW) for at in range(self.list.count())]

    def _recent(self) -> list[str]:
        kept = self._preferences.remembered("palette").get("recent", ())
        return list(kept) if isinstance(kept, (list, tuple)) else []

    def _fill(self, typed: str) -> None:
        wanted, number = split_number(typed)
        recent = {name: at for at, name in enumerate(self._recent())}
        ranked = []
        for entry in self._entries:
            cost = fit(wanted, entry.text)
            if cost is not None and (not number or entry.row is not None):
                used = recent.get(entry.name, RECENT_LIMIT)
                ranked.append((used if not wanted else cost + 10 * used, entry))
        ranked.sort(key=lambda pair: pair[0])
        self.list.clear()
        for _cost, entry in ranked[:SHOWN_LIMIT]:
            aside = f"\u2192 {number}" if number else entry.aside
            sign = self._blank if entry.icon.isNull() else entry.icon
            item = QListWidgetItem(sign, f"{entry.text}    {aside}" if aside else entry.text)
            item.setData(ROW, entry)
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows and Enter work on the list while the line has the keyboard."""
        if watched is not self.line or event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}.get(
            Qt.Key(event.key())
        )
        if step is not None:
            self.list.setCurrentRow(min(max(self.list.currentRow() + step, 0), self.list.count() - 1))
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take()
            return True
        return False

    def _take(self) -> None:
        item = self.list.currentItem()
        if item is None:
            return
        entry: Entry = item.data(ROW)
        number = split_number(self.line.text())[1]
        if entry.row is not None and number and not entry.row.enter(number):
            self.line.selectAll()  # a value that means nothing there is not taken
            return
        recent = [entry.name, *(name for name in self._recent() if name != entry.name)]
        self._preferences.remember("palette", {"recent": tuple(recent[:RECENT_LIMIT])})
        self.close()
        if entry.action is not None:
            entry.action.trigger()
        elif entry.row is not None and not number:
            entry.row.reveal()
