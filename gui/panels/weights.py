"""A panel of many 0..1 weights: expression shapes or action units, in groups, with search and filter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rhytid.core.document.document import Document
from rhytid.core.language import tr
from rhytid.gui.panels.panel import Panel
from rhytid.gui.theme import icon
from rhytid.gui.widgets.focus import SearchBox
from rhytid.gui.widgets.fold_group import FoldGroup
from rhytid.gui.widgets.labels_and_buttons import scroll_area, text_label, tool_button
from rhytid.gui.widgets.pair_row import CHAIN_PX, PairRow
from rhytid.gui.widgets.slider_row import SliderRow, align_labels


@dataclass
class Entry:
    """One line of the panel: a single weight or a left/right pair.

    Attributes
    ----------
    names : tuple of str
        One name, or left and right.
    widget : SliderRow or PairRow
    group : str
    words : str
        What the search looks through, lower case.
    """

    names: tuple[str, ...]
    widget: SliderRow | PairRow
    group: str
    words: str

    @property
    def rows(self) -> tuple[SliderRow, ...]:
        return self.widget.rows if isinstance(self.widget, PairRow) else (self.widget,)

    def is_zero(self) -> bool:
        return all(row.number == 0.0 for row in self.rows)


class WeightsPanel(Panel):
    """Search, "only what is not zero", link all, reset all, and groups of rows."""

    search_hint = tr("Search")
    all_noun = "values"
    label_share = 0.44  # most of the panel's width that names may take

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self.entries: list[Entry] = []
        self.groups: dict[str, FoldGroup] = {}
        self._by_name: dict[str, tuple[Entry, SliderRow]] = {}
        self.search = SearchBox(self.search_hint)
        self.search.setToolTip(tr("Show only {0} with these letters in their name (Ctrl+F)", self.all_noun))
        self.search.textChanged.connect(self._filter)
        self.only_active = tool_button("filter", tr("Show only {0} that are not zero", self.all_noun), checkable=True)
        self.only_active.toggled.connect(self._filter)
        self.link_all = tool_button("link", tr("Link left and right everywhere"), checkable=True)
        self.link_all.setChecked(True)
        self.link_all.toggled.connect(self._link_all)
        self.reset_all = tool_button("reset", tr("Reset all {0}", self.all_noun))
        self.reset_all.clicked.connect(self.reset_everything)
        bar = QHBoxLayout()
        bar.setContentsMargins(6, 6, 5, 6)
        bar.setSpacing(3)
        bar.addWidget(self.search, 1)
        for button in (self.only_active, self.link_all, self.reset_all):
            bar.addWidget(button)
        self._stack.addLayout(bar)
        inside = QWidget()
        self.column = QVBoxLayout(inside)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(1)
        self.nothing = text_label("", "soft")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.nothing.setContentsMargins(16, 24, 16, 24)
        self.nothing.hide()
        self.column.addWidget(self.nothing)
        self.area = scroll_area(inside)
        self._stack.addWidget(self.area, 1)
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.search.setFocus)

    def reset_everything(self) -> None:
        """Set every weight of the panel to 0 in one step. Each panel has its own."""

    # --- building --------------------------------------------------------------------------------------

    def add_group(self, key: str, title: str) -> FoldGroup:
        group = FoldGroup(title, resettable=True)
        self.groups[key] = group
        self.column.addWidget(group)
        return group

    def add_entry(self, entry: Entry) -> None:
        body = self.groups[entry.group].body
        for row, names in zip(entry.rows, (entry.names, *((name,) for name in entry.names)), strict=False):
            row.channels = names
        if isinstance(entry.widget, PairRow):
            body.addWidget(entry.widget)
            left, right = entry.names
            self._by_name[left] = (entry, entry.widget.left)
            self._by_name[right] = (entry, entry.widget.right)
        else:
            line = QHBoxLayout()
            line.setContentsMargins(0, 0, CHAIN_PX, 0)
            line.addWidget(entry.widget)
            body.addLayout(line)
            self._by_name[entry.names[0]] = (entry, entry.widget)
        self.entries.append(entry)

    def finish_building(self) -> None:
        """Call once after the last entry."""
        self.column.addStretch(1)
        self._align()
        self.refresh(self.document.state, None)

    # --- showing ---------------------------------------------------------------------------------------

    def show_weights(self, changed: Iterable[tuple[str, float]]) -> None:
        """Show weights by name; only what differs from what is shown costs anything."""
        touched: dict[int, Entry] = {}
        pairs: dict[int, dict[str, float]] = {}
        for name, value in changed:
            found = self._by_name.get(name)
            if found is None:
                continue
            entry, row = found
            touched[id(entry)] = entry
            if isinstance(entry.widget, PairRow):
                pairs.setdefault(id(entry), {})[name] = value
            else:
                row.set_number(value)
        for key, values in pairs.items():
            entry = touched[key]
            assert isinstance(entry.widget, PairRow)
            left, right = entry.names
            entry.widget.set_values(values.get(left, entry.widget.left.number),
                                    values.get(right, entry.widget.right.number))  # fmt: skip
        if touched:
            for group in {entry.group for entry in touched.values()}:
                active = sum(not e.is_zero() for e in self.entries if e.group == group)
                self.groups[group].set_note(str(active) if active else "")
            self.reset_all.setEnabled(not all(entry.is_zero() for entry in self.entries))
            # A row that is being dragged must not vanish under the pointer when it reaches zero.
            if self.only_active.isChecked() and not self.document.gesture_active:
                self._filter()

    def _filter(self) -> None:
        words = self.search.text().lower().split()
        only_active = self.only_active.isChecked()
        searching = bool(words) or only_active
        shown: set[str] = set()
        for entry in self.entries:
            keep = all(word in entry.words for word in words) and not (only_active and entry.is_zero())
            entry.widget.setVisible(keep)
            if keep:
                shown.add(entry.group)
        for key, group in self.groups.items():
            group.setVisible(key in shown)
            group.content.setVisible(searching or group.header.isChecked())
        self.nothing.setVisible(not shown)
        if not shown:
            self.nothing.setText(
                tr("No name holds “{0}”.", self.search.text().strip())
                if words
                else tr("All {0} are zero. Switch the filter off to see them.", self.all_noun)
            )

    def _link_all(self, linked: bool) -> None:
        self.link_all.setIcon(icon("link", "text_soft", "accent") if linked else icon("unlink", "text_soft"))
        self.link_all.setToolTip(tr("Set left and right apart everywhere") if linked else tr("Link left and right "
                                                                                             "everywhere"))
        for entry in self.entries:
            if isinstance(entry.widget, PairRow):
                entry.widget.set_linked(linked)

    def _align(self) -> None:
        bar = self.area.verticalScrollBar().sizeHint().width()
        width = self.width() - bar - CHAIN_PX - 5
        align_labels((row for entry in self.entries for row in entry.rows), width, self.label_share)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._align()
