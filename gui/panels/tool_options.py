"""Panel of what the pen does: size, depth, profile, onset, mirror, pressure."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QComboBox, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from rhytid.core.ageing import AGE_MAX
from rhytid.core.detail.anatomy import CHART_MM
from rhytid.core.language import tr
from rhytid.core.lines.stroke import Onset
from rhytid.gui.controllers.brush_presets import BrushPresets
from rhytid.gui.controllers.tool_settings import (
    DEPTH_MAX_MM,
    DEPTH_MIN_MM,
    RADIUS_MAX,
    RADIUS_MIN,
    WIDTH_MAX,
    WIDTH_MIN,
    Band,
    MaskTarget,
    Paints,
    Tool,
    ToolSettings,
)
from rhytid.gui.panels.brush_presets import BrushGroup
from rhytid.gui.panels.pen_curves import PenCurves
from rhytid.gui.panels.stroke_words import PROFILE_TIP, PROFILE_TITLES, STYLE_TIP, STYLE_TITLES
from rhytid.gui.preferences import Preferences
from rhytid.gui.settings_file import SettingsFile
from rhytid.gui.theme import icon
from rhytid.gui.widgets.color_swatch import ColorSwatch
from rhytid.gui.widgets.fold_group import FoldGroup
from rhytid.gui.widgets.labels_and_buttons import scroll_area, text_label, tool_button
from rhytid.gui.widgets.slider_row import SliderRow, align_labels

_DEFAULTS = ToolSettings()
_TOOLS = (
    (Tool.BRUSH, "brush", tr("Brush (B)\nDraw wrinkles. Ctrl erases, Shift smooths.")),
    (Tool.ERASER, "eraser", tr("Eraser (E)\nSplits and trims strokes.")),
    (Tool.SELECT, "select", tr("Select (V)\nSelect and move strokes.")),
    (Tool.PAINT, "paint", tr("Paint (Shift+B)\nPaint colour, pigments or gloss. Ctrl erases, Shift smooths.")),
    (Tool.MASK, "mask", tr("Mask (Shift+K)\nHide strokes of a layer, or lock skin. Ctrl takes it back.")),
)
_BANDS = {Band.ALL: tr("All strokes"), Band.FOLDS: tr("Folds only"), Band.FINE_LINES: tr("Fine lines only"),
          Band.PORES: tr("Pores")}
_MASK_TARGETS = {MaskTarget.LAYER: tr("Mask of the bold layer"), MaskTarget.SKIN: tr("Lock of the skin")}
_PAINTS = {Paints.COLOR: tr("Colour"), Paints.MELANIN: tr("Melanin"), Paints.BLOOD: tr("Redness"),
           Paints.YELLOW: tr("Yellow"), Paints.FRECKLES: tr("Freckles"), Paints.GLOSS: tr("Gloss"),
           Paints.ORIGINAL: tr("As generated")}  # fmt: skip
_IN_SKIN = frozenset(Paints) - {Paints.COLOR, Paints.ORIGINAL}
_OF_TOOLS: dict[str, tuple[Tool, ...]] = {
    **dict.fromkeys(("width", "depth_mm", "birth_age", "smooth", "profile", "style", "tint", "onset"), (Tool.BRUSH,)),
    **dict.fromkeys(("along_tension", "folding"), (Tool.BRUSH,)),
    "radius": (Tool.ERASER, Tool.SELECT, Tool.MASK, Tool.PAINT),
    "band": (Tool.ERASER,), "mask_target": (Tool.MASK,), "show_mask": (Tool.MASK,),
    **dict.fromkeys(("paints", "strength", "hardness", "amount"), (Tool.PAINT,)),
}  # fmt: skip
"""Settings that only some tools have."""
_ONSETS = {
    Onset.ALWAYS: tr("Always"),
    Onset.EXPRESSION: tr("With this expression"),
    Onset.ACTION_UNITS: tr("With its action units"),
}


class ToolOptionsPanel(QWidget):
    """Options of the current tool. They belong to no document and make no undo step.

    Parameters
    ----------
    settings : ToolSettings
    preferences : Preferences, optional
        Keep the artist's brushes; those of this run alone by default.
    """

    def __init__(
        self, settings: ToolSettings, preferences: Preferences | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.settings = settings
        self.setObjectName(type(self).__name__)
        self.setMinimumWidth(240)
        self.rows: dict[str, SliderRow] = {}
        self._scales: dict[str, float] = {}  # what is shown per unit of the setting
        self.checks: dict[str, QCheckBox] = {}
        self.combos: dict[str, QComboBox] = {}
        self._kinds: dict[str, Any] = {}  # of enum that a combo shows
        self.tools: dict[Tool, QToolButton] = {}
        stack = QVBoxLayout(self)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(0)
        stack.addLayout(self._tool_line())
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        self.brush_group, self.pen_group, self.mirror_group = self._brush(), self._pen(), self._mirror()
        kept = preferences if preferences is not None else Preferences(SettingsFile(None))
        self.brushes = BrushGroup(settings, BrushPresets(kept))
        for group in (self.brushes, self.brush_group, self.mirror_group, self.pen_group):
            column.addWidget(group)
        column.addStretch(1)
        stack.addWidget(scroll_area(inside), 1)
        settings.events.connect(self._changed)
        self._show_all()

    def _tool_line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setContentsMargins(6, 6, 6, 6)
        line.setSpacing(3)
        choice = QButtonGroup(self)
        for tool, name, tip in _TOOLS:
            button = tool_button(name, tip, checkable=True)
            button.setText(tr(tool.value.capitalize()))
            button.clicked.connect(lambda _=False, tool=tool: setattr(self.settings, "tool", tool))
            choice.addButton(button)
            line.addWidget(button, 1)
            self.tools[tool] = button
        return line

    def _row(self, group: FoldGroup, field: str, label: str, low: float, high: float, *, scale: float = 1.0,
             step: float, decimals: int = 2, suffix: str = "", tip: str) -> None:  # fmt: skip
        row = SliderRow(label, low * scale, high * scale, getattr(_DEFAULTS, field) * scale, step=step,
                        decimals=decimals, suffix=suffix, tip=tip)  # fmt: skip

        def take(value: float) -> None:
            setattr(self.settings, field, value / scale)

        row.value_changing.connect(take)
        row.value_entered.connect(take)
        row.reset_requested.connect(lambda _: take(row.default))
        self._scales[field] = scale
        group.body.addWidget(row)
        self.rows[field] = row

    def _check(self, group: FoldGroup, field: str, label: str, tip: str) -> None:
        box = QCheckBox(label)
        box.setToolTip(tip)
        box.clicked.connect(lambda on: setattr(self.settings, field, on))
        line = QHBoxLayout()
        line.setContentsMargins(6, 2, 6, 2)
        line.addWidget(box)
        group.body.addLayout(line)
        self.checks[field] = box

    def _combo(
        self, group: FoldGroup, field: str, label: str, titles: dict[Any, str], tip: str, icons: str = ""
    ) -> None:
        combo = QComboBox()
        combo.setToolTip(tip)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for value, title in titles.items():
            if icons:
                combo.addItem(icon(f"{icons}{value.value}", "text_soft"), title, value)
            else:
                combo.addItem(title, value)
        kind = self._kinds[field] = type(next(iter(titles)))
        combo.activated.connect(lambda _: setattr(self.settings, field, kind(combo.currentData())))
        holder = QWidget()
        line = QHBoxLayout(holder)
        line.setContentsMargins(6, 1, 4, 2)
        line.setSpacing(4)
        caption = text_label(label, "soft", wrap=False)
        caption.setFixedWidth(64)
        line.addWidget(caption)
        line.addWidget(combo, 1)
        group.body.addWidget(holder)
        self.combos[field] = combo

    def _brush(self) -> FoldGroup:
        group = FoldGroup(tr("Stroke"))
        self._row(group, "width", tr("Width"), WIDTH_MIN, WIDTH_MAX, scale=CHART_MM, step=0.1, decimals=1, suffix=" mm",
                  tip=tr("Width of new strokes from shoulder to shoulder ([ and ])"))  # fmt: skip
        self._row(group, "radius", tr("Radius"), RADIUS_MIN, RADIUS_MAX, scale=CHART_MM, step=0.2, decimals=1,
                  suffix=" mm",
                  tip=tr("How far eraser and select tool reach ([ and ])"))  # fmt: skip
        self._row(group, "depth_mm", tr("Depth"), DEPTH_MIN_MM, DEPTH_MAX_MM, step=0.01, suffix=" mm",
                  tip=tr("Depth of new strokes at full pressure; negative draws a ridge"))  # fmt: skip
        self._combo(group, "profile", tr("Profile"), PROFILE_TITLES,
                    PROFILE_TIP)  # fmt: skip
        self._combo(group, "style", tr("Skin"), STYLE_TITLES, STYLE_TIP)
        self._row(group, "tint", tr("Colour"), -1.0, 1.0, step=0.01,
                  tip=tr("Below 0 the skin along new strokes is paler, as an old scar is, above 0 redder"))
        self._combo(group, "onset", tr("Shows"), _ONSETS,
                    tr("When new strokes show. On a neutral face they always do."), "bind_")  # fmt: skip
        self._row(group, "birth_age", tr("From age"), 0.0, AGE_MAX, step=1.0, decimals=0, suffix=" y",
                  tip=tr("Age at which new strokes appear; 0 = always there"))  # fmt: skip
        self._row(group, "smooth", tr("Steady"), 0.0, 1.0, step=0.01,
                  tip=tr("How far the line lags behind the pen to be calm"))
        self._row(group, "along_tension", tr("Along skin"), 0.0, 1.0, step=0.01,
                  tip=tr("How far new strokes turn towards the lines of skin tension (G) when the pen is up"))
        self._row(group, "folding", tr("Folds"), 0.0, 1.0, step=0.01,
                  tip=tr("How far new wrinkles deepen where the skin is pushed together across them"))
        self._combo(group, "band", tr("Works on"), _BANDS,
                    tr("Folds are strokes from 4 mm on. Shift smooths these, too. Ctrl brings pores back.")
        )  # fmt: skip
        self._combo(group, "mask_target", tr("Paints"), _MASK_TARGETS,
                    tr("A mask that hides strokes of the bold layer, or a lock that keeps skin as it is"))  # fmt: skip
        self._check(group, "show_mask", tr("Tint it on the face (Shift+M)"), tr("Show what the mask hides or locks"))
        self._combo(group, "paints", tr("Paints"), _PAINTS,
                    tr("Colour over the skin, more or less of what is in it, or nothing: as it is generated"))
        self._color(group)
        self._row(group, "amount", tr("Amount"), -1.0, 1.0, step=0.01,
                  tip=tr("Below 0 there is less of it in the skin, above 0 more"))
        self._row(group, "strength", tr("Strength"), 0.0, 1.0, step=0.01,
                  tip=tr("How much one stroke does; going over skin again does more"))
        self._row(group, "hardness", tr("Hardness"), 0.0, 1.0, step=0.01,
                  tip=tr("From a brush that falls off softly to one with a sharp rim"))
        return group

    def _color(self, group: FoldGroup) -> None:
        self.color = ColorSwatch(tr("Colour to paint with"))
        self.color.color_chosen.connect(lambda *rgb: setattr(self.settings, "paint_color", rgb))
        self.picking = tool_button("eyedropper", tr("Take a colour from the skin (Shift+I)"), checkable=True)
        self.picking.clicked.connect(lambda on: setattr(self.settings, "picking", on))
        self._color_holder = QWidget()
        line = QHBoxLayout(self._color_holder)
        line.setContentsMargins(6, 1, 4, 2)
        line.setSpacing(4)
        caption = text_label(tr("Colour"), "soft", wrap=False)
        caption.setFixedWidth(64)
        for widget in (caption, self.color, self.picking):
            line.addWidget(widget)
        line.addStretch(1)
        group.body.addWidget(self._color_holder)

    def _mirror(self) -> FoldGroup:
        group = FoldGroup(tr("Mirror"))
        self._check(group, "mirror_x", tr("Work on both halves (X)"),
                    tr("Draw, erase and move on both halves of the face"))
        self._row(group, "mirror_asymmetry", tr("Variation"), 0.0, 1.0, step=0.01,
                  tip=tr("How much the twin differs in length, place and depth, as on a real face"))  # fmt: skip
        return group

    def _pen(self) -> FoldGroup:
        group = FoldGroup(tr("Pen pressure"))
        self._check(group, "pressure_to_depth", tr("Deepens the stroke"),
                    tr("Pressing harder makes the stroke deeper, or paint stronger"))
        self._check(group, "pressure_to_width", tr("Widens the stroke"), tr("Pressing harder makes the stroke wider"))
        self._row(group, "pressure_exponent", tr("Response"), 0.25, 4.0, step=0.02,
                  tip=tr("1 = linear; larger needs a firmer hand, smaller a lighter one"))  # fmt: skip
        self.pen_curves = PenCurves(self.settings)
        group.body.addWidget(self.pen_curves)
        return group

    def _changed(self, info: Any) -> None:
        self._show(info.signal.name)

    def _show_all(self) -> None:
        for field in (*self.rows, *self.checks, *self.combos, "paint_color", "picking", "tool"):
            self._show(field)

    def _show(self, field: str) -> None:
        value = getattr(self.settings, field)
        if field in self.rows:
            row = self.rows[field]
            row.set_number(value * self._scales[field])
        elif field in self.checks:
            self.checks[field].setChecked(value)
        elif field in self.combos:
            self.combos[field].setCurrentIndex(self.combos[field].findData(self._kinds[field](value)))
        elif field == "tool":
            self.tools[Tool(value)].setChecked(True)
            self.pen_group.setVisible(value in (Tool.BRUSH, Tool.PAINT))
            self.brushes.setVisible(value == Tool.BRUSH)
        elif field == "paint_color":
            self.color.show_color(*value)
        elif field == "picking":
            self.picking.setChecked(value)
        if field in ("tool", "paints"):
            self._show_settings()

    def _show_settings(self) -> None:
        """Only those of the tool."""
        tool, paints = Tool(self.settings.tool), Paints(self.settings.paints)
        for name, tools in _OF_TOOLS.items():
            widget = self.rows.get(name) or self.checks.get(name) or self.combos[name].parentWidget()
            widget.setVisible(tool in tools)
        self.rows["amount"].setVisible(tool == Tool.PAINT and paints in _IN_SKIN)
        self._color_holder.setVisible(tool == Tool.PAINT and paints is Paints.COLOR)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        align_labels(self.rows.values(), self.width() - 16)
        self._name_tools(True)
        gaps = 12 + 3 * len(self.tools)
        if sum(button.sizeHint().width() for button in self.tools.values()) + gaps > self.width():
            self._name_tools(False)

    def _name_tools(self, named: bool) -> None:
        """Tools with their names beside the icons; a narrow panel has room for the icons alone."""
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if named else Qt.ToolButtonStyle.ToolButtonIconOnly
        for button in self.tools.values():
            button.setToolButtonStyle(style)
