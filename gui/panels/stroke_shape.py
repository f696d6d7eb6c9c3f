"""What the selected strokes look like: their cross-section, length, colour, and what runs along them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rhytid.core.document.commands import ReplaceStrokes, ScaleStrokes, SetStrokeProperties
from rhytid.core.document.document import Document
from rhytid.core.language import tr
from rhytid.core.lines.reshape import depth_along, length_of, width_along, with_depth_along, with_width_along
from rhytid.core.lines.response import LEVEL, MOST_POINTS, Points, Response
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.units import CHART_MM
from rhytid.gui.controllers.slider_gesture import Drag, bind_row
from rhytid.gui.panels.section_plot import SectionPlot
from rhytid.gui.widgets.curve_editor import CurveEditor
from rhytid.gui.widgets.fold_group import FoldGroup
from rhytid.gui.widgets.labels_and_buttons import text_label
from rhytid.gui.widgets.slider_row import SliderRow

_LENGTH_MM = (2.0, 150.0)
_ALIKE = 0.06  # a curve that a stroke keeps within this of the edited one is shown as it was edited
_SHARES = np.linspace(0, 1, 33)
_ALONG_TIP = tr("From one end of the stroke to the other. Drag a point or press beside one to make another; a double "
                "click or Del takes it away")


class StrokeShape(QWidget):
    """Shape of the strokes that are shown; each change is one undo step."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._strokes: tuple[Stroke, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self.length_row = SliderRow(tr("Length"), *_LENGTH_MM, 40.0, step=0.5, decimals=1, suffix=" mm",
                                    tip=tr("Length of the stroke; it grows about its middle"))  # fmt: skip
        self.tint_row = SliderRow(tr("Colour"), -1.0, 1.0, 0.0, step=0.01,
                                  tip=tr("Colour of the skin along the stroke: pale below 0, red above"))  # fmt: skip
        bind_row(self.length_row, document, lambda value: ScaleStrokes(self._ids(), value), self._length_mm)
        bind_row(self.tint_row, document, lambda value: SetStrokeProperties(self._ids(), tint=value))
        self.section = SectionPlot()
        self.along = FoldGroup(tr("Along the stroke"), folded=True)
        self.depth_curve = self._curve(tr("Depth"), with_depth_along, tr("Depth along the stroke"))
        self.width_curve = self._curve(tr("Width"), with_width_along, tr("Width along the stroke"))
        for widget in (*self.rows(), self.section, self.along):
            column.addWidget(widget)

    def rows(self) -> tuple[SliderRow, ...]:
        """The sliders, to be aligned with others."""
        return self.length_row, self.tint_row

    def _curve(self, title: str, shaped: Callable[[Stroke, Response], Stroke], label: str) -> CurveEditor:
        editor = CurveEditor(label, MOST_POINTS)
        editor.points = LEVEL.points
        editor.setToolTip(_ALONG_TIP)
        drag = Drag(self._document, label)

        def preview(points: Points) -> None:
            curve = Response(points)
            drag.preview(ReplaceStrokes(tuple(shaped(stroke, curve) for stroke in self._strokes), label))

        editor.changing.connect(preview)
        editor.finished.connect(drag.finish)
        editor.cancelled.connect(drag.cancel)
        line = QHBoxLayout()
        line.setContentsMargins(6, 1, 4, 1)
        caption = text_label(title, "soft", wrap=False)
        caption.setFixedWidth(48)
        line.addWidget(caption)
        line.addWidget(editor, 1)
        self.along.body.addLayout(line)
        return editor

    def _ids(self) -> tuple[str, ...]:
        return tuple(stroke.id for stroke in self._strokes)

    def _length_mm(self) -> float:
        return length_of(self._strokes[-1]) * CHART_MM

    def show_strokes(self, strokes: Sequence[Stroke]) -> None:
        """Show these, at least one; section and curves are those of the last."""
        self._strokes = tuple(strokes)
        active = self._strokes[-1]
        lengths = [length_of(stroke) * CHART_MM for stroke in self._strokes]
        self.length_row.set_number(lengths[-1], mixed=max(lengths) - min(lengths) > 0.05)
        tints = {stroke.tint for stroke in self._strokes}
        self.tint_row.set_number(active.tint, mixed=len(tints) > 1)
        self.section.show_stroke(active)
        for editor, along in ((self.depth_curve, depth_along), (self.width_curve, width_along)):
            _show(editor, partial(along, active))


def _show(editor: CurveEditor, along: Callable[[], Response]) -> None:
    curve = along()
    if np.abs(curve.at(_SHARES) - Response(editor.points).at(_SHARES)).max() > _ALIKE:
        editor.points = curve.points
