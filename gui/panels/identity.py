"""Panel of the identity: who the head is."""

from __future__ import annotations

from random import SystemRandom

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSpinBox, QVBoxLayout, QWidget

from rhytid.core.document.commands import Command, RandomIdentity, SetIdentity, SetIdentityMode
from rhytid.core.document.document import Document
from rhytid.core.document.identity import seeded_identity
from rhytid.core.document.limits import SEED_MAX
from rhytid.core.document.state import DocumentState
from rhytid.core.face.identity import measures_of, set_measures
from rhytid.core.head.anthropometry import MEASURES, Measure
from rhytid.core.head.head import Head
from rhytid.core.head.identity_measures import SEX, IdentityMeasures, identity_measures
from rhytid.core.language import tr
from rhytid.gui.controllers.slider_gesture import bind_row
from rhytid.gui.panels.panel import Panel
from rhytid.gui.theme import icon
from rhytid.gui.widgets.focus import SearchBox
from rhytid.gui.widgets.fold_group import FoldGroup
from rhytid.gui.widgets.labels_and_buttons import scroll_area, text_label, tool_button
from rhytid.gui.widgets.slider_row import SliderRow, align_labels

_MODE_SPREAD = 3.0  # standard deviations that the sliders of the modes reach
_NOTED = 0.1  # spreads from the mean person, from which on a measure counts as changed


class IdentityPanel(Panel):
    """A seed with a die, sliders for what a person measures, and the head's modes behind them.

    What people measure is learned of the head when the panel is seen for the first time.
    """

    def __init__(self, document: Document, head: Head | None = None, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self._head: Head | None = None
        self._n_modes = 30
        self._model: IdentityMeasures | None = None
        self.rows: dict[str, SliderRow] = {}
        self.groups: dict[str, FoldGroup] = {}
        self.modes: list[SliderRow] = []
        self._stack.addLayout(self._bar())
        self.face = QPushButton(icon("dice"), tr("Random face with skin"))
        self.face.setToolTip(tr("Another random person: shape, pores and wrinkles; without an imported map"))
        self.face.clicked.connect(lambda: self.requested.emit("random_face"))
        self.search = SearchBox(tr("Search"))
        self.search.setToolTip(tr("Show only measures with these letters in their name (Ctrl+F)"))
        self.search.textChanged.connect(self._filter)
        find = QShortcut(QKeySequence.StandardKey.Find, self)
        find.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.search.setFocus)
        for widget in (self.face, self.search):
            line = QHBoxLayout()
            line.setContentsMargins(6, 0, 5, 6)
            line.addWidget(widget)
            self._stack.addLayout(line)
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(1)
        self._add_measures()
        self.more = FoldGroup(tr("More"), folded=True)
        self.more.header.setToolTip(tr("The head's own modes of shape, which the measures above are made of"))
        self.more.header.toggled.connect(self._add_modes)
        self._column.addWidget(self.more)
        self.nothing = text_label("", "soft")
        self.nothing.setContentsMargins(8, 16, 8, 6)
        self.nothing.hide()
        self._column.addWidget(self.nothing)
        self._column.addStretch(1)
        self._stack.addWidget(scroll_area(inside), 1)
        self._filter()
        if head is not None:
            self.set_head(head)
        self.refresh(document.state, None)

    # --- building --------------------------------------------------------------------------------------

    def _bar(self) -> QHBoxLayout:
        self.seed = QSpinBox()
        self.seed.setRange(0, SEED_MAX)
        self.seed.setToolTip(tr("Seed of a random person; the same number gives the same person on every machine"))
        self.seed.setAccessibleName(tr("Identity seed"))
        self.seed.setKeyboardTracking(False)
        self.seed.valueChanged.connect(self._apply_seed)
        self.dice = QPushButton(icon("dice"), tr("Random"))
        self.dice.setToolTip(tr("Another random person"))
        self.dice.setStyleSheet("QPushButton { padding: 4px 9px; }")
        self.dice.clicked.connect(self.roll)
        self.average = tool_button("reset", tr("Back to the average person"))
        self.average.clicked.connect(lambda: self.execute(SetIdentity(())))
        bar = QHBoxLayout()
        bar.setContentsMargins(6, 6, 5, 6)
        bar.setSpacing(4)
        bar.addWidget(self.dice)
        bar.addWidget(text_label(tr("Seed"), "soft", wrap=False))
        bar.addWidget(self.seed, 1)
        bar.addWidget(self.average)
        return bar

    def _add_measures(self) -> None:
        for measure in MEASURES:
            if measure.group not in self.groups:
                group = FoldGroup(measure.group, resettable=True)
                group.reset_requested.connect(lambda name=measure.group: self._reset_group(name))
                self.groups[measure.group] = group
                self._column.addWidget(group)
        first = MEASURES[0].group
        tip = tr("Feminine below 0, masculine above: from -1, the mean woman, to 1, the mean man")
        self._add_row(SEX, first, SliderRow(tr("Masculinity"), -1.0, 1.0, 0.0, step=0.05, tip=tip))
        for measure in MEASURES:
            suffix = measure.unit if measure.unit == "°" else f" {measure.unit}"
            row = SliderRow(measure.title, 0.0, 1.0, 0.0, step=0.1, decimals=1, suffix=suffix, tip=_told(measure))
            self._add_row(measure.name, measure.group, row)

    def _add_row(self, name: str, group: str, row: SliderRow) -> None:
        row.setAccessibleName(row.label)
        bind_row(row, self.document, lambda value: self._command({name: value}, row.label))
        self.groups[group].body.addWidget(row)
        self.rows[name] = row

    def _add_modes(self) -> None:
        for index in range(len(self.modes), self._n_modes):
            row = SliderRow(
                tr("Mode {0}", index + 1), -_MODE_SPREAD, _MODE_SPREAD, 0.0, step=0.05,
                tip=tr("Identity mode {0}, in standard deviations of people", index + 1),
            )  # fmt: skip
            bind_row(row, self.document, lambda value, index=index: SetIdentityMode(index, value))
            self.more.body.addWidget(row)
            self.modes.append(row)
        self._show_modes(self.document.state)
        self._align()

    # --- the head --------------------------------------------------------------------------------------

    def set_head(self, head: Head) -> None:
        """Show the people of another head."""
        self._head, self._n_modes, self._model = head, head.n_identity, None
        while len(self.modes) > self._n_modes:
            self.modes.pop().deleteLater()
        if self.more.header.isChecked():
            self._add_modes()
        for widget in (self.dice, self.seed, self.search, self.more):
            widget.setEnabled(bool(head.n_identity))
        self._learn()
        self._filter()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._learn()

    def _learn(self) -> None:
        """Ranges and means of the head's people; once, and only for who looks."""
        if self._model is not None or self._head is None or not self._head.n_identity or not self.isVisible():
            return
        self._model = identity_measures(self._head)
        for name, row in self.rows.items():
            low, middle, high = self._model.limits(name)
            row.set_range(low, high, middle)
        self._show_measures(self.document.state)
        self._filter()
        self._align()

    # --- the hand --------------------------------------------------------------------------------------

    def roll(self) -> None:
        """Another random person."""
        self.execute(RandomIdentity(SystemRandom().randrange(100_000), self._n_modes))

    def _apply_seed(self, seed: int) -> None:
        self.execute(RandomIdentity(seed, self._n_modes))

    def _command(self, values: dict[str, float], what: str) -> Command:
        if self._head is None:
            raise RuntimeError("a slider of the identity was moved without a head")
        return set_measures(self.document.state, self._head, values, what.lower())

    def _reset_group(self, group: str) -> None:
        names = [measure.name for measure in MEASURES if measure.group == group]
        self.execute(self._command({name: self.rows[name].default for name in names}, group))

    def _filter(self) -> None:
        words = self.search.text().lower().split()
        shown: set[str] = set()
        of_head = self._head is not None and bool(self._head.n_identity)
        groups = {measure.name: measure.group for measure in MEASURES} | {SEX: MEASURES[0].group}
        for name, row in self.rows.items():
            text = f"{row.label} {row.toolTip()} {name}".lower()
            keep = of_head and row.low < row.high and all(word in text for word in words)
            row.setVisible(keep)
            if keep:
                shown.add(groups[name])
        for name, group in self.groups.items():
            group.setVisible(name in shown)
            group.content.setVisible(bool(words) or group.header.isChecked())
        self.more.setVisible(of_head and not words)
        self.nothing.setVisible(not shown and self._head is not None)
        self.nothing.setText(
            tr("No name holds “{0}”.", self.search.text().strip())
            if of_head
            else tr("This head has no identity modes; it is the person it was loaded as.")
        )

    # --- showing ---------------------------------------------------------------------------------------

    def refresh(self, new: DocumentState, old: DocumentState | None) -> None:
        if old is not None and new.identity is old.identity and new.photo is old.photo:
            return
        self._show_modes(new)
        self._show_measures(new)
        self.average.setEnabled(bool(new.identity))
        label = self.document.labels[self.document.position]
        seed = label.removeprefix("Random identity ").removeprefix("Random face ")
        self.seed.blockSignals(True)
        if not new.identity:
            self.seed.setValue(0)
        elif label != seed and seed.isdigit() and seeded_identity(int(seed), self._n_modes) == new.identity:
            self.seed.setValue(int(seed))
        self.seed.blockSignals(False)

    def _show_modes(self, state: DocumentState) -> None:
        for row, value in zip(self.modes, (*state.identity, *(0.0,) * self._n_modes), strict=False):
            row.set_number(value)

    def _show_measures(self, state: DocumentState) -> None:
        if self._model is None or self._head is None:
            return
        values = measures_of(state, self._head)
        for name, value in values.items():
            self.rows[name].set_number(value)
        changed = {name: 0 for name in self.groups}
        for measure, spread in zip(MEASURES, self._model.spread, strict=True):
            off = abs(values[measure.name] - self.rows[measure.name].default)
            changed[measure.group] += off > _NOTED * spread
        for name, group in self.groups.items():
            group.set_note(str(changed[name]) if changed[name] else "")

    def _align(self) -> None:
        align_labels([*self.rows.values(), *self.modes], self.width() - 16)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._align()


def _told(measure: Measure) -> str:
    return tr("{0}. Double click for the average person's.", measure.meaning[:1].upper() + measure.meaning[1:])
