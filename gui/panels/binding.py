"""What strokes come with: chips of action units or weights, how they grow with them, and a look at it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from rhytid.core.arkit import ARKIT_INDEX, linked_name
from rhytid.core.document.action_units import action_unit_table
from rhytid.core.document.bringing_out import expression_of
from rhytid.core.document.commands import Batch, Command, SetStrokeProperties
from rhytid.core.document.document import Document
from rhytid.core.document.expression import effective_expression, expression_binding, set_or_shown_action_units
from rhytid.core.document.state import DocumentState
from rhytid.core.language import tr
from rhytid.core.lines.activation import USUAL_GROWTH
from rhytid.core.lines.stroke import MAX_GROWTH_POINTS, Binding, Onset, Stroke
from rhytid.gui.controllers.slider_gesture import Drag, execute
from rhytid.gui.theme import dress, icon
from rhytid.gui.widgets.curve_editor import CurveEditor
from rhytid.gui.widgets.labels_and_buttons import text_label, tool_button

Pairs = tuple[tuple[str, float], ...]
_CHIP_PX = 86
_MOST_PROPOSED = 6
_LEAST_PROPOSED = 0.1


def chips_of(weights: Pairs) -> list[tuple[str, Pairs]]:
    """Weights as chips, the strongest first: a title and the weights it stands for, both sides in one where equal."""
    chips: list[tuple[str, Pairs]] = []
    given, done = dict(weights), set()
    for name, value in sorted(weights, key=lambda pair: (-pair[1], pair[0])):
        partner = partner_of(name)
        if name in done:
            continue
        both = partner != name and given.get(partner) == value
        names = (name, partner) if both else (name,)
        done.update(names)
        chips.append((bare(name) if both else name, tuple((one, value) for one in names)))
    return chips


def partner_of(name: str) -> str:
    """The same weight or unit of the other side; the name itself where there is none."""
    if name in ARKIT_INDEX:
        return linked_name(name) or name
    return {"L": name[:-1] + "R", "R": name[:-1] + "L"}.get(name[-1:], name)


def bare(name: str) -> str:
    """A name without its side."""
    return name.removesuffix("Left").removesuffix("Right") if name in ARKIT_INDEX else name.rstrip("LR")


def sideless(binding: Binding) -> Binding:
    """The binding without sides, so that those of twins are the same."""
    return replace(binding, weights=tuple(sorted({(bare(name), value) for name, value in binding.weights})))


def proposals(state: DocumentState, binding: Binding) -> list[tuple[str, Pairs]]:
    """Chips of the present expression that the binding lacks, by the names that it uses, which are units at first."""
    if binding.onset is Onset.EXPRESSION:
        shown = expression_binding(state).weights
    else:
        units = set_or_shown_action_units(state)
        # A unit of both sides says it all; its sides would only repeat it.
        shown = tuple((n, round(v, 2)) for n, v in units.items() if not (n[-1] in "LR" and n[:-1] in units))
    known = {bare(name) for name, _ in binding.weights}
    chips = chips_of(tuple((n, v) for n, v in shown if v >= _LEAST_PROPOSED and bare(n) not in known))
    return chips[:_MOST_PROPOSED]


class BindingEditor(QWidget):
    """Chips, curve and look of the selected strokes' binding.

    Signals
    -------
    show_me()
        The artist wants to see the expression that brings the strokes out.
    """

    show_me = Signal()

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._strokes: tuple[Stroke, ...] = ()
        self.chips: dict[str, QToolButton] = {}
        self.proposed: dict[str, QToolButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 0, 2, 2)
        column.setSpacing(3)
        self._grid = QGridLayout()
        self._grid.setSpacing(3)
        column.addLayout(self._grid)
        self.caption = text_label(tr("Growth"), "soft", wrap=False)
        self.usual = tool_button("reset", tr("The usual growth: a soft beginning and end, nothing at rest"))
        self.usual.clicked.connect(lambda: self._change(lambda binding: replace(binding, growth=())))
        self.show_button = QPushButton(icon("play"), tr("Show me"))
        self.show_button.setToolTip(tr("Make the expression that brings the strokes out, and come back; Esc stops"))
        self.show_button.setStyleSheet("QPushButton { padding: 2px 6px; }")
        self.show_button.clicked.connect(self.show_me)
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.caption, 1)
        line.addWidget(self.usual)
        line.addWidget(self.show_button)
        column.addLayout(line)
        self.curve = CurveEditor(tr("Growth with the expression"), MAX_GROWTH_POINTS)
        self.curve.setToolTip(tr(
            "From the face at rest, left, to the full expression, right: how much of the depth shows. Drag points; a "
            "press on the curve adds one, the right button takes one away"
        ))  # fmt: skip
        self._drag = Drag(document, tr("Set stroke growth"))
        self.curve.changing.connect(self._grow)
        self.curve.finished.connect(self._drag.finish)
        self.curve.cancelled.connect(self._drag.cancel)
        column.addWidget(self.curve)
        document.state_changed.connect(self._state_changed)

    @property
    def binding(self) -> Binding:
        """That of the stroke that was selected last."""
        return self._strokes[-1].binding if self._strokes else Binding()

    @property
    def _several(self) -> bool:
        """The selected strokes have different bindings, as those of both sides have."""
        return len({stroke.binding for stroke in self._strokes}) > 1

    def show_strokes(self, strokes: Sequence[Stroke]) -> None:
        """Show what these strokes come with; chips are those of the last one."""
        self._strokes = tuple(strokes)
        self._show()

    def _state_changed(self, new: DocumentState, old: DocumentState) -> None:
        moved = new.expression is not old.expression or new.action_units is not old.action_units
        if moved and self._strokes and self.isVisible():
            self._show()

    def _show(self) -> None:
        binding, state = self.binding, self._document.state
        bound = binding.onset is not Onset.ALWAYS
        self._show_chips(chips_of(binding.weights) if bound else [], proposals(state, binding))
        for widget in (self.caption, self.curve, self.usual, self.show_button):
            widget.setVisible(bound)
        self.usual.setEnabled(bool(binding.growth))
        self.curve.points = binding.growth or USUAL_GROWTH
        self.curve.marker = _way(state, binding) if bound else None

    def _show_chips(self, bound: list[tuple[str, Pairs]], proposed: list[tuple[str, Pairs]]) -> None:
        if self._several:
            bound = [(bare(title), pairs) for title, pairs in bound]
        texts = [f"{title} {pairs[0][1]:.2f}" for title, pairs in bound]
        if texts == [chip.text() for chip in self.chips.values()] and [t for t, _ in proposed] == list(self.proposed):
            return
        while (item := self._grid.takeAt(0)) is not None:
            chip = item.widget()
            if chip is not None:
                chip.hide()
                chip.deleteLater()
        self.chips, self.proposed = {}, {}
        for (title, pairs), text in zip(bound, texts, strict=True):
            chip = self.chips[title] = _chip(text, "close", "@selected@", "solid")
            chip.setToolTip(_about(title) + tr("A click takes it out"))
            chip.clicked.connect(lambda _on=False, pairs=pairs: self._take_out(pairs))
        for title, pairs in proposed:
            chip = self.proposed[title] = _chip(title, "plus", "transparent", "dashed")
            chip.setToolTip(_about(title) + tr("In the present expression: a click binds the strokes to it, too"))
            chip.clicked.connect(lambda _on=False, pairs=pairs: self._put_in(pairs))
        for number, chip in enumerate((*self.chips.values(), *self.proposed.values())):
            columns = max(self.width() // _CHIP_PX, 1)
            self._grid.addWidget(chip, number // columns, number % columns)

    def _command(self, change: Callable[[Binding], Binding]) -> Command:
        """Change the binding of each selected stroke by itself: those of twins name different sides."""
        groups: dict[Binding, list[str]] = {}
        for stroke in self._strokes:
            groups.setdefault(stroke.binding, []).append(stroke.id)
        return Batch(
            tuple(SetStrokeProperties(tuple(ids), binding=change(binding)) for binding, ids in groups.items()),
            tr("Set stroke binding"),
        )

    def _change(self, change: Callable[[Binding], Binding]) -> None:
        execute(self._document, self._command(change))

    def _grow(self, points: Pairs) -> None:
        self._drag.preview(self._command(
            lambda binding: binding if binding.onset is Onset.ALWAYS else replace(binding, growth=points)
        ))  # fmt: skip

    def _take_out(self, pairs: Pairs) -> None:
        gone = {name for name, _ in pairs}
        if self._several:
            gone |= {partner_of(name) for name in gone}

        def change(binding: Binding) -> Binding:
            left = tuple(pair for pair in binding.weights if pair[0] not in gone)
            return replace(binding, weights=left) if left else Binding()

        self._change(change)

    def _put_in(self, pairs: Pairs) -> None:
        by_weights = self.binding.onset is Onset.EXPRESSION

        def change(binding: Binding) -> Binding:
            onset = Onset.EXPRESSION if by_weights else Onset.ACTION_UNITS
            known = dict(binding.weights) if binding.onset is onset else {}
            return Binding(onset, tuple(sorted({**known, **dict(pairs)}.items())), binding.growth)

        self._change(change)


def _way(state: DocumentState, binding: Binding) -> float | None:
    """How far the present face is on the way to the binding's expression, 0..1."""
    there, now = expression_of(binding), effective_expression(state)
    length = float(there @ there)
    return None if length < 1e-8 else min(max(float(there @ now) / length, 0.0), 1.0)


def _chip(text: str, icon_name: str, fill: str, rim: str) -> QToolButton:
    chip = QToolButton()
    chip.setText(text)
    chip.setIcon(icon(icon_name, "text_soft"))
    chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    chip.setAccessibleName(text)
    dress(chip, f"QToolButton {{ border: 1px {rim} @text_faint@; border-radius: 9px; padding: 1px 6px; "
                f"background: {fill}; }} QToolButton:hover {{ border-color: @focus@; }}")  # fmt: skip
    return chip


def _about(name: str) -> str:
    """What an action unit is called and which muscles make it, as a line; nothing for a weight."""
    unit = action_unit_table().by_name.get(name) or action_unit_table().by_name.get(f"{name}L")
    return "" if unit is None else f"{unit.title}: {', '.join(unit.muscles)}\n"
