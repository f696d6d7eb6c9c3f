"""All keys and mouse gestures on one sheet."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHeaderView, QLineEdit, QTreeWidget, QTreeWidgetItem, QWidget

from rhytid.core.language import tr
from rhytid.gui.dialogs.dialog import Dialog
from rhytid.gui.dialogs.preferences_dialog import BINDINGS
from rhytid.gui.preferences import Navigation
from rhytid.gui.theme import icon

Section = tuple[str, Sequence[tuple[str, str]]]

_ALWAYS: tuple[Section, ...] = (
    (tr("While drawing"), (
        ("Ctrl", tr("Erase instead of draw")), ("Shift", tr("Smooth strokes under the brush, or the line you draw")),
        ("Shift+click", tr("Straight line from where the pen was lifted")),
        ("{mirror}", tr("Work on both halves of the face")),
        ("{smaller}   {larger}", tr("Smaller, larger; with Shift in big steps")),
        (tr("Ctrl + right button"), tr("Sideways the tool's size, up and down its strength")),
        (tr("B, M (hold) + left button"), tr("The tool's size; its strength (mouse like Maya)")),
        ("Esc", tr("Give up the stroke")),
    )),
    (tr("Selecting"), (
        (tr("Click, Shift+click"), tr("Select, select more")), (tr("Drag on a stroke"), tr("Move what is selected")),
        (tr("Drag on nothing"), tr("Select with a rectangle (chart)")),
        (tr("Drag on a point"), tr("Move the point and its neighbours; with Shift it alone (chart)")),
    )),
    (tr("Comparing A and B"), (
        ("{keep_a}, {split}", tr("Keep the face as A; divide the view")), ("Q (hold)", tr("See A alone")),
        (tr("Drag the divider, ← →"), tr("Move it; Shift+arrow in big steps, Home or a double click to the middle")),
        ("{swap_ab}", tr("Swap: go on with A")),
    )),
    (tr("Sliders"), (
        (tr("Drag"), tr("Change; Shift finer, Ctrl in steps, Esc gives up")),
        (tr("Double click, Backspace"), tr("Reset")),
        (tr("Click on the number, Return"), tr("Type a value")),
        (tr("Wheel, arrow keys"), tr("Step (the slider that has the focus); Shift finer, Ctrl coarser")),
    )),
    (tr("Chart"), (
        (tr("Wheel"), tr("Zoom at the pointer")), (tr("Middle button, Space + drag, Alt + drag"), tr("Move the chart")),
        ("Home", tr("Show the whole chart")), ("+   −", tr("Zoom")),
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
        super().__init__(tr("Keys and mouse"), "", parent)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search"))
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
        mouse = [(f"{key} + {button} button".strip(" +") if button != "wheel" else tr("Wheel"), what)
                 for key, button, what in BINDINGS[navigation]]  # fmt: skip
        keyed = [("   ".join(_shown(key) for key in keys), text.replace("&", "").rstrip(".…"))
                 for _name, text, keys in actions if keys]  # fmt: skip
        first = {name: _shown(keys[0]) if keys else tr("no key") for name, _text, keys in actions}
        always = [(title, [(keys.format(**first), what) for keys, what in rows]) for title, rows in _ALWAYS]
        for title, rows in ((tr("Turning the face"), mouse), *always, (tr("Menus"), keyed)):
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
