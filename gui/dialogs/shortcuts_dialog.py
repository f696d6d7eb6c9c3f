"""All keys and mouse gestures on one sheet."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHeaderView, QLineEdit, QTreeWidget, QTreeWidgetItem, QWidget

from rhytid.gui.dialogs.dialog import Dialog
from rhytid.gui.dialogs.preferences_dialog import BINDINGS
from rhytid.gui.preferences import Navigation
from rhytid.gui.theme import icon

Section = tuple[str, Sequence[tuple[str, str]]]

_ALWAYS: tuple[Section, ...] = (
    ("While drawing", (
        ("Ctrl", "Erase instead of draw"), ("Shift", "Smooth strokes under the brush, or the line you draw"),
        ("Shift+click", "Straight line from where the pen was lifted"),
        ("{mirror}", "Work on both halves of the face"),
        ("{smaller}   {larger}", "Smaller, larger; with Shift in big steps"),
        ("Ctrl + right button", "Sideways the tool's size, up and down its strength"),
        ("B, M (hold) + left button", "The tool's size; its strength (mouse like Maya)"),
        ("Esc", "Give up the stroke"),
    )),
    ("Selecting", (
        ("Click, Shift+click", "Select, select more"), ("Drag on a stroke", "Move what is selected"),
        ("Drag on nothing", "Select with a rectangle (chart)"),
        ("Drag on a point", "Move the point and its neighbours; with Shift it alone (chart)"),
    )),
    ("Comparing A and B", (
        ("{keep_a}, {split}", "Keep the face as A; divide the view"), ("Q (hold)", "See A alone"),
        ("Drag the divider, ← →", "Move it; Shift+arrow in big steps, Home or a double click to the middle"),
        ("{swap_ab}", "Swap: go on with A"),
    )),
    ("Sliders", (
        ("Drag", "Change; Shift finer, Ctrl in steps, Esc gives up"), ("Double click, Backspace", "Reset"),
        ("Click on the number, Return", "Type a value"),
        ("Wheel, arrow keys", "Step (the slider that has the focus); Shift finer, Ctrl coarser"),
    )),
    ("Chart", (
        ("Wheel", "Zoom at the pointer"), ("Middle button, Space + drag, Alt + drag", "Move the chart"),
        ("Home", "Show the whole chart"), ("+   −", "Zoom"),
    )),
)  # fmt: skip


class ShortcutsDialog(Dialog):
    """The sheet, with a search.

    Parameters
    ----------
    actions : sequence of (name, text, keys)
        Actions of the window with their shortcuts in portable notation; those without are left out.
    navigation : Navigation
    """

    def __init__(
        self, actions: Sequence[tuple[str, str, Sequence[str]]], navigation: Navigation = Navigation.MAYA,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__("Keys and mouse", "", parent)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search")
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("search", "text_faint"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._filter)
        self.body.addWidget(self.search)
        self._sections: list[QTreeWidgetItem] = []
        self.tree = QTreeWidget()
        self.tree.setColumnCount(2)
        self.tree.setHeaderHidden(True)
        self.tree.setRootIsDecorated(False)
        self.tree.setIndentation(12)
        self.tree.setItemsExpandable(False)
        self.tree.setSelectionMode(QTreeWidget.SelectionMode.NoSelection)
        self.tree.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        mouse = [(f"{key} + {button} button".strip(" +") if button != "wheel" else "Wheel", what)
                 for key, button, what in BINDINGS[navigation]]  # fmt: skip
        keyed = [("   ".join(_shown(key) for key in keys), text.replace("&", "").rstrip(".…"))
                 for _name, text, keys in actions if keys]  # fmt: skip
        first = {name: _shown(keys[0]) if keys else "no key" for name, _text, keys in actions}
        always = [(title, [(keys.format(**first), what) for keys, what in rows]) for title, rows in _ALWAYS]
        for title, rows in (("Turning the face", mouse), *always, ("Menus", keyed)):
            self._add(title, rows)
        self.body.addWidget(self.tree, 1)
        self.finish_layout()
        self.resize(700, 640)

    def _add(self, title: str, rows: Sequence[tuple[str, str]]) -> None:
        parent = QTreeWidgetItem([title])
        font = self.font()
        font.setBold(True)
        parent.setFont(0, font)
        self.tree.addTopLevelItem(parent)
        self._sections.append(parent)
        parent.setFirstColumnSpanned(True)
        for keys, what in rows:
            parent.addChild(QTreeWidgetItem([keys, what]))
        parent.setExpanded(True)

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        for section in self._sections:
            shown = 0
            for child in (section.child(row) for row in range(section.childCount())):
                keep = all(word in f"{child.text(0)} {child.text(1)}".lower() for word in words)
                child.setHidden(not keep)
                shown += keep
            section.setHidden(not shown)


def _shown(keys: str) -> str:
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
