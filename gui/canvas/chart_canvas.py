"""The chart canvas: maps of the face unrolled, strokes over them, drawn on with the same tools as the face."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from rhytid.core.detail.anatomy import CHART_MM
from rhytid.core.detail.request import DetailMaps
from rhytid.core.document.document import Document
from rhytid.core.document.expression import ExpressedFace
from rhytid.core.document.state import DocumentState
from rhytid.core.language import tr
from rhytid.core.lines.stroke import Onset, Stroke
from rhytid.core.maps.albedo_map import SkinColors
from rhytid.core.maps.rect import Rect
from rhytid.gui.canvas.chart_view import ChartView
from rhytid.gui.canvas.layers import LIGHT_LAYERS, Layer, changed_rect, paint, rgb_words
from rhytid.gui.controllers.handles import held_line
from rhytid.gui.controllers.mask_gesture import MASK_SETTINGS, masks_differ, veil
from rhytid.gui.controllers.selection import Selection
from rhytid.gui.controllers.stroke_tool import StrokeTool
from rhytid.gui.controllers.tool_settings import Tool, ToolSettings
from rhytid.gui.render.colormaps import NICE_RANGES, nice_range
from rhytid.gui.widgets.labels_and_buttons import tool_button

_LAYERS = (
    (Layer.DISPLACEMENT, tr("Height"), tr("Displacement in false colours: blue valleys, red ridges")),
    (Layer.RELIEF, tr("Relief"), tr("Displacement as grey relief, lit from the upper left")),
    (Layer.LINES, tr("Lines"), tr("The line map: all visible strokes, one texel wide")),
    (Layer.DISTANCE, tr("Distance"), tr("Distance to the nearest line, up to 5 % of the width")),
    (Layer.ALBEDO, tr("Albedo"), tr("Skin colour")),
)
_GREY_WORD = 0xFF2A2A2A


class ChartCanvas(QWidget):
    """Shows `DetailMaps` and lets the pen work on the chart.

    Parameters
    ----------
    document : Document
    tools : ToolSettings
    selection : Selection
    stroke_tool : StrokeTool
        The one that the viewport feeds too.

    Signals
    -------
    input_arrived()
        A pen or mouse event is about to change the document.
    """

    input_arrived = Signal()

    def __init__(
        self, document: Document, tools: ToolSettings, selection: Selection, stroke_tool: StrokeTool,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setObjectName("chart_canvas")
        self.document, self.tools, self.selection = document, tools, selection
        self.view = ChartView(document, tools, selection, stroke_tool)
        self.view.pointer_moved.connect(self._show_readout)
        self.view.input_arrived.connect(self.input_arrived)
        self._layer = Layer.RELIEF
        self._maps: DetailMaps | None = None
        self._painted: tuple[tuple[Layer, float, int], DetailMaps] | None = None
        self._colors: SkinColors | None = None
        self._painted_revision: int | None = None  # of the colours that are shown
        self._layer_before: Layer | None = None
        self._range_mm = 0.5
        self._auto_range = True
        self._waiting_maps: DetailMaps | None = None
        self._pointer: QPointF | None = None
        self._shares: dict[str, tuple[Stroke, float]] = {}
        self.painted_rect = Rect(0, 0, 0, 0)  # texels written by the last `set_maps`
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._bar())
        column.addWidget(self.view, 1)
        self.readout = QLabel()
        self.readout.setProperty("role", "soft")
        self.readout.setContentsMargins(8, 3, 8, 3)
        column.addWidget(self.readout)
        self.setFocusProxy(self.view)
        document.state_changed.connect(self._state_changed)
        selection.changed.connect(self._selection_changed)
        selection.point_changed.connect(lambda _index: self._selection_changed(selection.ids))
        tools.events.connect(self._tools_changed)
        self._show_strokes(document.state, None)
        self._show_readout(None)
        self.set_layer(self._layer)

    def _bar(self) -> QHBoxLayout:
        bar = QHBoxLayout()
        bar.setContentsMargins(6, 4, 6, 4)
        bar.setSpacing(2)
        self.layer_buttons: dict[Layer, QToolButton] = {}
        choice = QButtonGroup(self)
        for layer, text, tip in _LAYERS:
            button = QToolButton()
            button.setText(text)
            button.setToolTip(tip)
            button.setCheckable(True)
            button.setAutoRaise(True)
            button.clicked.connect(lambda _=False, layer=layer: self.set_layer(layer))
            choice.addButton(button)
            bar.addWidget(button)
            self.layer_buttons[layer] = button
        bar.addStretch(1)
        self.range_box = QComboBox()
        self.range_box.setToolTip(tr("False colours span minus to plus this many mm"))
        self.range_box.addItem(tr("Auto"), None)
        for value in NICE_RANGES:
            self.range_box.addItem(f"±{value:g} mm", value)
        self.range_box.activated.connect(lambda _: self.set_range(self.range_box.currentData()))
        bar.addWidget(self.range_box)
        self.show_strokes = tool_button("strokes", tr("Show the strokes over the map"), checkable=True)
        self.show_strokes.setChecked(True)
        self.show_strokes.toggled.connect(self.view.strokes.setVisible)
        self.show_guides = tool_button("guides", tr("Show landmarks and outlines of the features"), checkable=True)
        self.show_guides.toggled.connect(self.view.guides.setVisible)
        self.view.guides.setVisible(False)
        self.show_grid = tool_button("grid", tr("Show the texels' grid when zoomed in"), checkable=True)
        self.show_grid.setChecked(True)
        self.show_grid.toggled.connect(self._set_grid)
        fit = tool_button("frame", tr("Show the whole chart (Home)\nWheel zooms, middle button or Space drags"))
        fit.clicked.connect(self.view.fit)
        for button in (self.show_strokes, self.show_guides, self.show_grid, fit):
            bar.addWidget(button)
        return bar

    # --- maps ------------------------------------------------------------------------------------------

    @property
    def layer(self) -> Layer:
        return self._layer

    @property
    def range_mm(self) -> float:
        """The false colours span minus to plus this."""
        return self._range_mm

    def set_maps(self, maps: DetailMaps) -> None:
        """Show new maps; writes and paints only texels that differ from what is shown.

        While the canvas is hidden it only remembers them.
        """
        if not self.isVisible():
            self._waiting_maps = maps
            return
        self._waiting_maps = None
        self._maps = maps
        if self._auto_range and self._layer is Layer.DISPLACEMENT:
            self._range_mm = max(nice_range(maps.displacement), 0.1)
        self._draw()
        self._show_readout(self._pointer)

    def set_albedo(self, colors: SkinColors) -> None:
        """Skin colour for the albedo layer."""
        self._colors = colors
        if self._layer is Layer.ALBEDO:
            self._draw()

    def set_layer(self, layer: Layer | str) -> None:
        """Choose what lies under the strokes."""
        self._layer = Layer(layer)
        self.layer_buttons[self._layer].setChecked(True)
        self.range_box.setVisible(self._layer is Layer.DISPLACEMENT)
        self.view.strokes.set_paper(self._layer in LIGHT_LAYERS)
        if self._maps is not None and self._auto_range and self._layer is Layer.DISPLACEMENT:
            self._range_mm = max(nice_range(self._maps.displacement), 0.1)
        self._draw()

    def set_range(self, range_mm: float | None) -> None:
        """Range of the false colours; None follows the maps."""
        self._auto_range = range_mm is None
        if range_mm is not None:
            self._range_mm = range_mm
        elif self._maps is not None:
            self._range_mm = max(nice_range(self._maps.displacement), 0.1)
        self.range_box.setCurrentIndex(max(self.range_box.findData(range_mm), 0))
        self._draw()

    def set_landmarks(self, points: npt.ArrayLike) -> None:
        """Chart coordinates (N, 2) of the head's landmarks, for the guides."""
        self.view.guides.set_landmarks(points)

    def _draw(self) -> None:
        view, maps = self.view, self._maps
        view.legend_mm = self._range_mm if self._layer is Layer.DISPLACEMENT and maps is not None else None
        self.painted_rect = Rect(0, 0, 0, 0)
        if self._layer is Layer.ALBEDO:
            self._painted = None
            self._draw_colors()
        elif maps is not None:
            self._painted_revision = None
            look = (self._layer, self._range_mm, maps.resolution)
            shown = self._painted[1] if self._painted is not None and self._painted[0] == look else None
            if shown is None:
                view.map.set_buffer(np.empty(maps.line_map.shape, np.uint32))
            rect = changed_rect(maps, self._layer, shown)
            self.painted_rect = paint(view.map.pixels, maps, self._layer, rect, self._range_mm)
            view.map.touched(self.painted_rect)
            self._painted = (look, maps)
        view.viewport().update(0, view.viewport().height() - 60, 200, 60)

    def _draw_colors(self) -> None:
        """Only texels that differ from those that are shown."""
        colors, shown = self._colors, self.view.map
        if colors is None:
            shown.set_buffer(np.full((2, 2), _GREY_WORD, np.uint32))
            return
        rect = None if self._painted_revision is None else colors.changed_since(self._painted_revision)
        if rect is None:
            shown.set_buffer(rgb_words(colors.chart))
        elif not rect.empty:
            shown.pixels[rect.slices] = rgb_words(colors.chart[rect.slices])
            shown.touched(rect)
        self.painted_rect = Rect.whole(len(colors.chart)) if rect is None else rect
        self._painted_revision = None if colors.revisions is None else colors.revisions.last

    def _set_grid(self, on: bool) -> None:
        self.view.map.grid = on
        self.view.map.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._waiting_maps is not None:
            self.set_maps(self._waiting_maps)
        self._show_strokes(self.document.state, None)

    def hideEvent(self, event: QHideEvent) -> None:
        self.view.pen.lose()
        super().hideEvent(event)

    # --- strokes -----------------------------------------------------------------------------------------

    def _state_changed(self, new: DocumentState, old: DocumentState) -> None:
        if self.isVisible():
            self._show_strokes(new, old)
            if masks_differ(new, old):
                self._show_mask(new)

    def _show_mask(self, state: DocumentState) -> None:
        """Veil what the mask tool would change; nothing under other tools."""
        self.view.mask.show_mask(veil(state, self.tools))

    def _show_strokes(self, new: DocumentState, old: DocumentState | None) -> None:
        moved = old is None or new.strokes is not old.strokes or new.layers is not old.layers
        if moved:
            self.view.strokes.set_strokes(new.layering.seen(new.strokes))
            self._selection_changed(self.selection.ids)
        posed = old is None or (
            new.expression is not old.expression or new.action_units is not old.action_units or new.age != old.age
        )
        if posed:
            self._shares.clear()
        if moved or posed:
            self._show_shares(new)

    def _show_shares(self, state: DocumentState) -> None:
        """Fade what the present face does not show; strokes that did not change keep what was found for them."""
        face = ExpressedFace.of(state)
        known, self._shares = self._shares, {}
        for stroke in state.layering.seen(state.strokes):
            if stroke.birth_age or stroke.binding.onset is not Onset.ALWAYS:
                found = known.get(stroke.id)
                if found is None or found[0] is not stroke:
                    found = (stroke, face.share_of(stroke))
                self._shares[stroke.id] = found
        self.view.strokes.set_shares({stroke_id: share for stroke_id, (_, share) in self._shares.items()})

    def _selection_changed(self, ids: tuple[str, ...]) -> None:
        line = held_line(self.document, self.selection, self.tools)
        self.view.strokes.set_selection(ids, "" if line is None else line.id, self.selection.point)

    def _tools_changed(self, info: Any) -> None:
        self.view.tools_changed()
        if info.signal.name in ("tool", "handling"):
            self._selection_changed(self.selection.ids)
        if info.signal.name == "tool":
            self._show_paint()
        if info.signal.name in MASK_SETTINGS:
            self._show_mask(self.document.state)

    def _show_paint(self) -> None:
        """Show the skin's colour while it is painted, and then what was there before."""
        painting = self.tools.tool == Tool.PAINT
        if painting and self._layer is not Layer.ALBEDO:
            self._layer_before = self._layer
            self.set_layer(Layer.ALBEDO)
        elif not painting and self._layer_before is not None:
            layer, self._layer_before = self._layer_before, None
            if self._layer is Layer.ALBEDO:
                self.set_layer(layer)

    # --- readout -----------------------------------------------------------------------------------------

    def _show_readout(self, at: QPointF | None) -> None:
        self._pointer = at
        if at is None or not (0.0 <= at.x() < 1.0 and 0.0 <= at.y() < 1.0):
            self.readout.setText(tr("Chart: forehead on top, the subject's right on the left"))
            return
        text = f"{at.x() * CHART_MM:.1f}, {at.y() * CHART_MM:.1f} mm"
        if self._maps is not None:
            side = self._maps.resolution
            column, row = int(at.x() * side), int(at.y() * side)
            height = float(self._maps.displacement[row, column])
            text = tr("{column}, {row} px of {side}   {text}   height {height:+.3f} mm", column=column, row=row,
                      side=side, text=text, height=height).replace("-", "−")
        self.readout.setText(text)
