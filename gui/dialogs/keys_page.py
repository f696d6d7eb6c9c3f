"""The page of the preferences with the keys of all actions."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from rhytid.core.language import tr
from rhytid.gui.controllers.key_map import PRESETS, KeyMap
from rhytid.gui.preferences import Preferences
from rhytid.gui.theme import colour
from rhytid.gui.widgets.focus import SearchBox
from rhytid.gui.widgets.labels_and_buttons import text_label

NAME = Qt.ItemDataRole.UserRole
PORTABLE = QKeySequence.SequenceFormat.PortableText


class KeysPage(QWidget):
    """A preset, a search, a list, and a field that takes the next keys pressed.

    Parameters
    ----------
    actions : sequence of (name, text, keys)
        The program's own keys of every action.
    preferences : Preferences
    """

    def __init__(
        self, actions: Sequence[tuple[str, str, tuple[str, ...]]], preferences: Preferences,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setObjectName("KeysPage")
        self.keys = KeyMap({name: keys for name, _text, keys in actions}, preferences)
        self._texts = {name: text for name, text, _keys in actions}
        self.preset = QComboBox()
        for name, preset in PRESETS.items():
            self.preset.addItem(preset.title, name)
        self.preset.setToolTip(tr("Keys and mouse habits of a program that you know; keys chosen by hand stay"))
        self.preset.activated.connect(lambda _at: self.keys.use(self.preset.currentData()))
        self.search = SearchBox(tr("Search actions and keys"))
        self.search.textChanged.connect(lambda _text: self._filter())
        top = QHBoxLayout()
        top.addWidget(text_label(tr("Keys like"), wrap=False))
        top.addWidget(self.preset)
        top.addWidget(self.search, 1)
        self.list = QTreeWidget()
        self.list.setColumnCount(2)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.list.currentItemChanged.connect(lambda _new, _old: self._show_current())
        for name, text, _keys in actions:
            item = QTreeWidgetItem([text, ""])
            item.setData(0, NAME, name)
            self.list.addTopLevelItem(item)
        self.field = QKeySequenceEdit()
        self.field.setMaximumSequenceLength(1)
        self.field.setToolTip(tr("Click here and press the new keys"))
        self.field.editingFinished.connect(self._take)
        self.none = QPushButton(tr("No key"))
        self.none.clicked.connect(lambda: self._set(()))
        self.back = QPushButton(tr("Preset's key"))
        self.back.clicked.connect(self._back)
        self.reset = QPushButton(tr("Reset all"))
        self.reset.setToolTip(tr("Only the keys of the preset"))
        self.reset.clicked.connect(self.keys.reset)
        bottom = QHBoxLayout()
        bottom.addWidget(self.field, 1)
        for button in (self.none, self.back, self.reset):
            bottom.addWidget(button)
        self.problem = text_label("", "warning")
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 16, 14, 12)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.list, 1)
        column.addLayout(bottom)
        column.addWidget(self.problem)
        preferences.changed.connect(self._changed)
        self.show_keys()

    def choose(self, name: str) -> None:
        """Go to an action."""
        for item in self._items():
            if item.data(0, NAME) == name:
                self.list.setCurrentItem(item)

    def show_keys(self) -> None:
        """Show the keys as they are now, those that several actions share in another colour."""
        self.preset.setCurrentIndex(self.preset.findData(self.keys.preset))
        shared = self.keys.conflicts()
        clashing = {action for actions in shared.values() for action in actions}
        for item in self._items():
            name = item.data(0, NAME)
            item.setText(1, "   ".join(_native(key) for key in self.keys.of(name)))
            shade = "error" if name in clashing else "accent" if self.keys.is_own(name) else "text"
            item.setForeground(1, colour(shade))
        self.problem.setText("; ".join(
            f"{_native(key)}: {' and '.join(self._texts[name] for name in names)}" for key, names in shared.items()
        ))  # fmt: skip
        self._show_current()

    def take_theme(self) -> None:
        self.show_keys()

    def _changed(self, name: str, _value: object) -> None:
        if name in ("key_preset", "own_keys"):
            self.show_keys()

    def _items(self) -> list[QTreeWidgetItem]:
        return [self.list.topLevelItem(at) for at in range(self.list.topLevelItemCount())]

    def _current(self) -> str:
        item = self.list.currentItem()
        return "" if item is None else str(item.data(0, NAME))

    def _show_current(self) -> None:
        name = self._current()
        keys = self.keys.of(name) if name else ()
        self.field.setKeySequence(QKeySequence(keys[0]) if keys else QKeySequence())
        for widget in (self.field, self.none, self.back):
            widget.setEnabled(bool(name))

    def _take(self) -> None:
        name, key = self._current(), self.field.keySequence().toString(PORTABLE)
        if name and key and key != next(iter(self.keys.of(name)), ""):
            self._set((key, *self.keys.of(name)[1:]))

    def _set(self, keys: tuple[str, ...]) -> None:
        if self._current():
            self.keys.set(self._current(), keys)

    def _back(self) -> None:
        self._set(self.keys.preset_keys(self._current()))

    def _filter(self) -> None:
        words = self.search.text().lower().split()
        for item in self._items():
            item.setHidden(not all(word in f"{item.text(0)} {item.text(1)}".lower() for word in words))


def _native(keys: str) -> str:
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
