"""Panel of expression against age: a pad to drag over, emotions by intensity, expressions of one's own."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from rhytid.core.ageing import AGE_MAX, AGE_MIN
from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES, linked_name, parse_expression
from rhytid.core.document.action_units import action_unit_table
from rhytid.core.document.commands import Batch, SetActionUnits, SetAge, SetExpressionWeights
from rhytid.core.document.document import Document
from rhytid.core.document.emotions import (
    EMOTIONS,
    INTENSITIES,
    blended,
    mirrored,
    random_expression,
    show_emotion,
    weights_text,
)
from rhytid.core.document.expression_presets import expression_presets
from rhytid.core.document.state import DocumentState
from rhytid.core.language import tr
from rhytid.gui.controllers.slider_gesture import Drag
from rhytid.gui.panels.expression import region_of, title_of
from rhytid.gui.panels.panel import Panel
from rhytid.gui.preferences import Preferences
from rhytid.gui.widgets.fold_group import FoldGroup
from rhytid.gui.widgets.labels_and_buttons import scroll_area, text_label, tool_button
from rhytid.gui.widgets.plane import Plane
from rhytid.gui.widgets.slider_row import SliderRow

_KEPT = "expressions"
_LETTERS = {"A": "trace", "B": "slight", "C": "marked", "D": "severe", "E": "maximum"}


def _axes() -> dict[str, tuple[tuple[str, float], ...]]:
    """What may lie along the pad: presets, then single shapes with their other side."""
    axes = {preset.title: preset.weights for preset in expression_presets().values() if preset.weights}
    for name in ARKIT_NAMES:
        title = f"{tr(region_of(name).capitalize())}: {title_of(name).lower()}"
        axes.setdefault(title, tuple((side, 1.0) for side in dict.fromkeys((name, linked_name(name)))))
    return axes


class PadPanel(Panel):
    """Everything about an expression that is not a slider.

    Parameters
    ----------
    preferences : Preferences
        Keep the artist's own expressions.
    """

    def __init__(self, document: Document, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(document, parent)
        self._preferences = preferences
        self._axes = _axes()
        self._drag = Drag(document, tr("Expression and age"))
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        for group in (self._pad_group(), self._emotion_group(), self._own_group(), self._mix_group()):
            column.addWidget(group)
        column.addStretch(1)
        self._stack.addWidget(scroll_area(inside), 1)
        self._fill_own()
        self._follow_axis()

    # ---- the pad -------------------------------------------------------------------------------------

    def _pad_group(self) -> FoldGroup:
        group = FoldGroup(tr("Expression and age"))
        self.axis = QComboBox()
        self.axis.addItems(list(self._axes))
        self.axis.setToolTip(tr("The expression that grows to the right; age grows upwards"))
        self.axis.currentTextChanged.connect(lambda _title: self._follow_axis())
        self.pad = Plane(tr("Expression and age"))
        self.pad.changing.connect(self._change)
        self.pad.drag_finished.connect(self._drag.finish)
        self.pad.drag_cancelled.connect(self._drag.cancel)
        self.sheet = tool_button("grid", tr("Contact sheet: this expression at several strengths and ages"),
                                 text=tr("Sheet"))
        self.sheet.clicked.connect(lambda: self.requested.emit("contact_sheet"))
        top = QHBoxLayout()
        top.setContentsMargins(6, 4, 6, 2)
        top.addWidget(self.axis, 1)
        top.addWidget(self.sheet)
        group.body.addLayout(top)
        group.body.addWidget(self.pad)
        return group

    @property
    def weights(self) -> tuple[tuple[str, float], ...]:
        """What lies along the pad at its right end, by ARKit name."""
        return self._axes[self.axis.currentText()]

    def _change(self, x: float, y: float) -> None:
        weights = {name: x * value for name, value in self.weights}
        age = AGE_MIN + y * (AGE_MAX - AGE_MIN)
        self._drag.preview(Batch((SetExpressionWeights(weights), SetAge(age)), tr("Expression and age")))

    def _follow_axis(self) -> None:
        self.pad.texts = ("", self.axis.currentText(), f"{AGE_MIN:.0f} years", f"{AGE_MAX:.0f} years")
        self.pad.update()
        self.refresh(self.document.state, None)

    # ---- emotions ------------------------------------------------------------------------------------

    def _emotion_group(self) -> FoldGroup:
        group = FoldGroup(tr("Emotions and action units"))
        self.emotion = QComboBox()
        for name, (title, units) in EMOTIONS.items():
            self.emotion.addItem(title, ("emotion", name))
            self.emotion.setItemData(self.emotion.count() - 1, " + ".join(units), 3)
        self.emotion.insertSeparator(self.emotion.count())
        for unit in action_unit_table().weights:
            self.emotion.addItem(unit, ("unit", unit))
        self.emotion.setToolTip(tr("An emotion takes the place of the expression; an action unit adds to it"))
        self.letters: dict[str, QPushButton] = {}
        row = QHBoxLayout()
        row.setContentsMargins(6, 3, 6, 4)
        row.setSpacing(2)
        row.addWidget(self.emotion, 1)
        for letter, share in INTENSITIES.items():
            button = QPushButton(letter)
            button.setStyleSheet("QPushButton { padding: 3px 0; min-width: 24px; max-width: 24px; }")
            button.setToolTip(tr("Intensity {letter}: {0}, {share:.0%} of the largest movement", _LETTERS[letter],
                                 letter=letter, share=share))
            button.clicked.connect(partial(self._show_emotion, share))
            row.addWidget(button)
            self.letters[letter] = button
        group.body.addLayout(row)
        return group

    def _show_emotion(self, share: float, _checked: bool = False) -> None:
        kind, name = self.emotion.currentData()
        self.execute(show_emotion(name, share) if kind == "emotion" else SetActionUnits({name: share}))

    # ---- one's own -----------------------------------------------------------------------------------

    def _own_group(self) -> FoldGroup:
        group = FoldGroup(tr("My expressions"))
        self.own = QComboBox()
        self.own.setPlaceholderText(tr("None yet"))
        self.own.setToolTip(tr("Wear it"))
        self.own.activated.connect(lambda _at: self._wear(self.own.currentData()))
        self.name = QLineEdit()
        self.name.setPlaceholderText(tr("Name"))
        self.name.setMaxLength(40)
        self.keep = tool_button("plus", tr("Keep the present expression under this name"))
        self.keep.clicked.connect(self._keep_own)
        self.name.returnPressed.connect(self._keep_own)
        self.forget = tool_button("trash", tr("Delete the chosen expression"))
        self.forget.clicked.connect(self._forget_own)
        row = QHBoxLayout()
        row.setContentsMargins(6, 3, 6, 4)
        for widget, stretch in ((self.own, 1), (self.forget, 0), (self.name, 1), (self.keep, 0)):
            row.addWidget(widget, stretch)
        group.body.addLayout(row)
        return group

    def _fill_own(self) -> None:
        self.own.clear()
        for name, text in self._preferences.remembered(_KEPT).items():
            if isinstance(text, str) and text:
                self.own.addItem(name, text)
        self.own.setCurrentIndex(-1)
        self.forget.setEnabled(self.own.count() > 0)

    def _keep_own(self) -> None:
        name, text = self.name.text().strip(), weights_text(self.document.state)
        if name and text:
            self._preferences.remember(_KEPT, {name: text})
            self.name.clear()
            self._fill_own()
            self.own.setCurrentIndex(self.own.findText(name))

    def _forget_own(self) -> None:
        if self.own.currentIndex() >= 0:
            self._preferences.remember(_KEPT, {self.own.currentText(): ""})
            self._fill_own()

    # ---- copy, paste, mirror, blend ------------------------------------------------------------------

    def _mix_group(self) -> FoldGroup:
        group = FoldGroup(tr("Copy and mix"))
        grid = QGridLayout()
        grid.setContentsMargins(6, 3, 6, 2)
        self.buttons: dict[str, QPushButton] = {}
        for at, (name, tip, run) in enumerate((
            (tr("Copy"), tr("The expression that shows, as text that the command line reads too"), self._copy),
            (tr("Paste"), tr("Wear the expression in the clipboard"), self._paste),
            (tr("Mirror"), tr("Left becomes right"), lambda: self.execute(mirrored(self.document.state))),
            (tr("Random"), tr("Another expression that a face may wear"), self._roll),
        )):  # fmt: skip
            button = QPushButton(name)
            button.setToolTip(tip)
            button.clicked.connect(run)
            grid.addWidget(button, 0, at)
            self.buttons[name] = button
        group.body.addLayout(grid)
        self.blend = SliderRow(tr("Blend"), 0.0, 1.0, 0.0,
                               tip=tr("From the present expression to the one in the clipboard"))
        blending = Drag(self.document, tr("Blend expressions"))
        self.blend.value_changing.connect(lambda share: self._blend(blending, share))
        self.blend.drag_finished.connect(lambda: self._end_blend(blending, kept=True))
        self.blend.drag_cancelled.connect(lambda: self._end_blend(blending, kept=False))
        self.blend.value_entered.connect(self._blend_at_once)
        group.body.addWidget(self.blend)
        self.told = text_label("", "soft")
        self.told.setContentsMargins(8, 0, 8, 2)
        group.body.addWidget(self.told)
        self._from: DocumentState | None = None
        return group

    def _copy(self) -> None:
        text = weights_text(self.document.state)
        QGuiApplication.clipboard().setText(text or "jawOpen=0")

    def _paste(self) -> None:
        self._wear(QGuiApplication.clipboard().text())

    def _roll(self) -> None:
        self.execute(random_expression(np.random.default_rng()))

    def _wear(self, text: str) -> None:
        weights = self._read(text)
        if weights is not None:
            self.execute(blended(self.document.state, weights, 1.0))

    def _read(self, text: str) -> dict[str, float] | None:
        """Weights by name, None for a text that has none, which is said."""
        try:
            weights = parse_expression(text)
        except ValueError:
            weights = {}
        self.told.setText("" if weights else tr("No expression in the clipboard: copy one first"))
        return weights or None

    def _blend(self, drag: Drag, share: float) -> None:
        weights = self._read(QGuiApplication.clipboard().text())
        if self._from is None:
            self._from = self.document.state
        if weights is not None:
            drag.preview(blended(self._from, weights, share))

    def _end_blend(self, drag: Drag, *, kept: bool) -> None:
        self._from = None
        if kept:
            drag.finish()
        else:
            drag.cancel()
        self.blend.set_number(0.0)

    def _blend_at_once(self, share: float) -> None:
        weights = self._read(QGuiApplication.clipboard().text())
        if weights is not None:
            self.execute(blended(self.document.state, weights, share))
        self.blend.set_number(0.0)

    # ---- showing -------------------------------------------------------------------------------------

    def refresh(self, new: DocumentState, old: DocumentState | None) -> None:
        if old is not None and new.expression is old.expression and new.age == old.age:
            return
        name, most = max(self.weights, key=lambda pair: pair[1])
        share = new.expression[ARKIT_INDEX[name]] / most
        self.pad.show_place(share, (new.age - AGE_MIN) / (AGE_MAX - AGE_MIN))
