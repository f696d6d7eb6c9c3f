"""Editor of what the selected strokes are like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from rhytid.core.ageing import AGE_MAX
from rhytid.core.detail.anatomy import CHART_MM
from rhytid.core.document.action_units import action_unit_table
from rhytid.core.document.commands import SetStrokeProperties
from rhytid.core.document.document import Document
from rhytid.core.document.expression import binding_to, expression_binding, set_or_shown_action_units
from rhytid.core.language import tr
from rhytid.core.lines.stroke import Binding, Onset, Profile, Stroke, Style
from rhytid.gui.controllers.slider_gesture import bind_row, execute
from rhytid.gui.panels.binding import BindingEditor, sideless
from rhytid.gui.panels.stroke_shape import StrokeShape
from rhytid.gui.panels.stroke_words import (
    FOLDING_TIP,
    ONSET_TITLES,
    PROFILE_TIP,
    PROFILE_TITLES,
    STYLE_TIP,
    STYLE_TITLES,
    binding_summary,
    binding_text,
)
from rhytid.gui.theme import icon
from rhytid.gui.widgets.labels_and_buttons import scroll_area, text_label
from rhytid.gui.widgets.slider_row import SliderRow, align_labels

T = TypeVar("T")


def captured_action_units(document: Document) -> Binding:
    """Binding to the action units of the present face; to nothing in particular when it is neutral."""
    units = set_or_shown_action_units(document.state)
    # A unit of both sides says it all; its sides would only repeat it.
    return binding_to(Onset.ACTION_UNITS, (
        (name, value) for name, value in units.items() if not (name[-1] in "LR" and name[:-1] in units)
    ))  # fmt: skip


class StrokeProperties(QWidget):
    """Width, depth, profile, onset and birth age of one or many strokes."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.strokes: tuple[Stroke, ...] = ()
        inside = QWidget()
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(scroll_area(inside))
        column = QVBoxLayout(inside)
        column.setContentsMargins(2, 4, 5, 6)
        column.setSpacing(2)
        self.depth_row = SliderRow(tr("Depth"), -3.0, 5.0, 0.15, step=0.01, suffix=" mm",
                               tip=tr("Depth of the valley at full pressure; negative makes a ridge"))  # fmt: skip
        self.width_row = SliderRow(tr("Width"), 0.2, 30.0, 2.4, step=0.1, decimals=1, suffix=" mm",
                                   tip=tr("Width of the valley from shoulder to shoulder"))  # fmt: skip
        self.birth = SliderRow(
            tr("From age"), 0.0, AGE_MAX, 0.0, step=1.0, decimals=0, suffix=" y",
            tip=tr("Age at which the stroke appears; it deepens over some years. 0 = always there"),
        )  # fmt: skip
        bind_row(self.depth_row, document, lambda value: SetStrokeProperties(self._ids(), depth_mm=value))
        bind_row(self.width_row, document, lambda value: SetStrokeProperties(self._ids(), width=value / CHART_MM))
        bind_row(self.birth, document, lambda value: SetStrokeProperties(self._ids(), birth_age=value))
        self.folding = SliderRow(tr("Folds"), 0.0, 1.0, 0.0, step=0.01, tip=FOLDING_TIP)
        bind_row(self.folding, document, lambda value: SetStrokeProperties(self._ids(), folding=value))
        for row in (self.depth_row, self.width_row, self.birth, self.folding):
            column.addWidget(row)
        self.profile = QComboBox()
        self.profile.setPlaceholderText("mixed")
        self.profile.setToolTip(PROFILE_TIP)
        for profile, title in PROFILE_TITLES.items():
            self.profile.addItem(title, profile)
        self.profile.activated.connect(lambda _: self._set(profile=Profile(self.profile.currentData())))
        column.addLayout(self._line(tr("Profile"), self.profile))
        self.shape = StrokeShape(document)
        column.addWidget(self.shape)
        self.style_of_stroke = QComboBox()
        self.style_of_stroke.setPlaceholderText("mixed")
        self.style_of_stroke.setToolTip(STYLE_TIP)
        for style, title in STYLE_TITLES.items():
            self.style_of_stroke.addItem(title, style)
        self.style_of_stroke.activated.connect(lambda _: self._set(style=Style(self.style_of_stroke.currentData())))
        column.addLayout(self._line(tr("Skin"), self.style_of_stroke))
        self.onset = QComboBox()
        self.onset.setPlaceholderText("mixed")
        self.onset.setToolTip(tr("When the stroke shows"))
        for onset, title in ONSET_TITLES.items():
            self.onset.addItem(icon(f"bind_{onset.value}", "text_soft"), title, onset)
        self.onset.activated.connect(self._choose_onset)
        column.addLayout(self._line(tr("Shows"), self.onset))
        self.bound_to = text_label("", "soft")
        self.bound_to.setContentsMargins(6, 1, 4, 1)
        # A splitter gives wrapped text no room of its own: keep two lines free.
        self.bound_to.setFixedHeight(2 * self.fontMetrics().lineSpacing() + 3)
        self.bound_to.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        column.addWidget(self.bound_to)
        self.binding = BindingEditor(document)
        column.addWidget(self.binding)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(6, 1, 2, 0)
        buttons.setSpacing(4)
        self.capture = QPushButton(icon("capture"), tr("Use this face"))
        self.capture.setToolTip(tr("Bind the strokes to the face's present expression (Ctrl+B): they are at full "
                                   "depth in "
                                   "it and fade with it"))  # fmt: skip
        self.capture.clicked.connect(self._capture)
        self.units = QPushButton(icon("action_units"), tr("Action units…"))
        self.units.setToolTip(tr("Choose the action units that the strokes come with"))
        self.units.clicked.connect(self._open_units)
        for button in (self.capture, self.units):
            button.setStyleSheet("QPushButton { padding: 4px 6px; }")
            buttons.addWidget(button, 1)
        column.addLayout(buttons)
        document.state_changed.connect(self._state_changed)

    def _rows(self) -> tuple[SliderRow, ...]:
        return self.depth_row, self.width_row, self.birth, self.folding, *self.shape.rows()

    def _line(self, title: str, widget: QWidget) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setContentsMargins(6, 1, 2, 1)
        line.setSpacing(4)
        caption = text_label(title, "soft", wrap=False)
        caption.setFixedWidth(64)
        line.addWidget(caption)
        line.addWidget(widget, 1)
        return line

    def _ids(self) -> tuple[str, ...]:
        return tuple(stroke.id for stroke in self.strokes)

    def _set(self, **changes: Any) -> None:
        if self.strokes:
            execute(self.document, SetStrokeProperties(self._ids(), **changes))

    def show_strokes(self, strokes: Sequence[Stroke]) -> None:
        """Show the properties of `strokes`; where they differ the rows say "mixed"."""
        self.strokes = tuple(strokes)
        self.setEnabled(bool(strokes))
        if not strokes:
            return
        self._show_row(self.depth_row, lambda stroke: stroke.depth_mm)
        self._show_row(self.width_row, lambda stroke: stroke.width * CHART_MM)
        self.shape.show_strokes(strokes)
        self._show_row(self.birth, lambda stroke: stroke.birth_age)
        self._show_row(self.folding, lambda stroke: stroke.folding)
        self.profile.setCurrentIndex(self._common_index(self.profile, lambda stroke: stroke.profile))
        self.style_of_stroke.setCurrentIndex(self._common_index(self.style_of_stroke, lambda stroke: stroke.style))
        self.onset.setCurrentIndex(self._common_index(self.onset, lambda stroke: stroke.binding.onset))
        bindings = {sideless(stroke.binding) for stroke in strokes}
        one = len(bindings) == 1
        self.bound_to.setText(binding_summary(strokes[0].binding) if one else tr("Bound to different things"))
        self.bound_to.setToolTip(binding_text(strokes[0].binding) if one else "")
        self.bound_to.setVisible(not one or strokes[0].binding.onset is Onset.ALWAYS)  # chips say it otherwise
        self._show_capture()
        self.binding.show_strokes(strokes)

    def _show_row(self, row: SliderRow, value_of: Callable[[Stroke], float]) -> None:
        values = {value_of(stroke) for stroke in self.strokes}
        row.set_number(value_of(self.strokes[-1]), mixed=len(values) > 1)

    def _common_index(self, combo: QComboBox, value_of: Callable[[Stroke], T]) -> int:
        values = {value_of(stroke) for stroke in self.strokes}
        return combo.findData(values.pop()) if len(values) == 1 else -1

    def _state_changed(self, new: Any, old: Any) -> None:
        if new.expression is not old.expression or new.action_units is not old.action_units:
            self._show_capture()

    def _show_capture(self) -> None:
        neutral = expression_binding(self.document.state).onset is Onset.ALWAYS
        self.capture.setEnabled(not neutral)

    def _choose_onset(self) -> None:
        onset = Onset(self.onset.currentData())
        if onset is Onset.ALWAYS:
            self._set(binding=Binding())
            return
        by_units = onset is Onset.ACTION_UNITS
        capture = captured_action_units(self.document) if by_units else expression_binding(self.document.state)
        if capture.onset is onset:
            self._set(binding=capture)
        elif onset is Onset.ACTION_UNITS:
            self._open_units()
        self.show_strokes(self.strokes)
        if capture.onset is not onset and onset is Onset.EXPRESSION:
            self.bound_to.setText(tr("The face is neutral. Make an expression first, then press “Use this face”."))

    def _capture(self) -> None:
        by_units = all(stroke.binding.onset is Onset.ACTION_UNITS for stroke in self.strokes)
        self._set(binding=captured_action_units(self.document) if by_units else expression_binding(self.document.state))

    def unit_menu(self) -> QMenu:
        """Menu with every action unit, those that the strokes are bound to checked."""
        menu = QMenu(self)
        bound = dict(self.strokes[-1].binding.weights) if self.strokes else {}
        if self.strokes and self.strokes[-1].binding.onset is not Onset.ACTION_UNITS:
            bound = {}
        table = action_unit_table()
        regions: dict[str, QMenu] = {}
        for unit in table.units:
            sub = regions.get(unit.region)
            if sub is None:
                sub = regions[unit.region] = menu.addMenu(tr(unit.region.capitalize()))
            side = {"L": ", left", "R": ", right"}.get(unit.side, "")
            action = sub.addAction(f"{unit.facs}  {unit.title}{side}")
            action.setCheckable(True)
            action.setChecked(unit.name in bound)
            action.toggled.connect(lambda on, name=unit.name: self._toggle_unit(name, on))
        for sub in regions.values():
            if any(action.isChecked() for action in sub.actions()):
                sub.setIcon(icon("check", "accent"))
        return menu

    def _open_units(self) -> None:
        menu = self.unit_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.units.mapToGlobal(QPoint(0, self.units.height())))

    def _toggle_unit(self, name: str, on: bool) -> None:
        if not self.strokes:
            return
        binding = self.strokes[-1].binding
        weights = dict(binding.weights) if binding.onset is Onset.ACTION_UNITS else {}
        if on:
            weights[name] = 1.0
        else:
            weights.pop(name, None)
        pairs = tuple(sorted(weights.items()))
        self._set(binding=Binding(Onset.ACTION_UNITS, pairs) if pairs else Binding())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        align_labels(self._rows(), self.width(), 0.3)
