"""Colour, pigments and gloss under the pen, between its press and its release."""

from __future__ import annotations

import cv2
import numpy as np

from rhytid.core.detail.anatomy import CHART_MM
from rhytid.core.document.commands import PaintSkin
from rhytid.core.document.document import Document
from rhytid.core.head.skin_brush import SkinBrush
from rhytid.core.language import tr
from rhytid.core.maps.paint import COLOR, NONE_OF_IT, PAINT_SIDE, UNPAINTED, Paint, Pigment, UInt8, plane_of, toward
from rhytid.core.maps.rect import Rect
from rhytid.gui.controllers.stroke_gestures import PenGesture
from rhytid.gui.controllers.stroke_recorder import PenSample, RubbedPath, RubbedWay
from rhytid.gui.controllers.tool_settings import Paints, ToolSettings

_LABELS = {
    Paints.COLOR: "Paint colour", Paints.MELANIN: "Paint melanin", Paints.BLOOD: "Paint redness",
    Paints.YELLOW: "Paint yellow", Paints.FRECKLES: "Paint freckles", Paints.GLOSS: "Paint gloss",
    Paints.ORIGINAL: "Erase paint",
}  # fmt: skip
_BLUR = 0.3  # of the brush's radius


class PaintRefused(ValueError):
    """Nothing can be painted now; the message says what to do."""


class PaintGesture(PenGesture):
    """Takes the paint under a brush towards what is painted; going over skin twice in one gesture does it once.

    Parameters
    ----------
    brush : SkinBrush or None
        Of the face as it is seen.
    back : bool
        Take away what was painted of this kind.
    smooth : bool
        Blur it instead.

    Raises
    ------
    PaintRefused
        The face is not known yet, or paint is hidden.
    """

    def __init__(
        self, document: Document, settings: ToolSettings, brush: SkinBrush | None, *, back: bool, smooth: bool
    ) -> None:
        super().__init__(document, settings)
        paint = self.base.paint or Paint()
        if brush is None:
            raise PaintRefused(tr("the face is still being worked out; paint in a moment"))
        if paint.share == 0:
            raise PaintRefused(tr("what is painted is hidden; show it in the Skin panel first"))
        self._brush = brush
        self._before = self._now = paint
        self._smooth = smooth
        self._way = RubbedWay()
        self._share = np.zeros((PAINT_SIDE, PAINT_SIDE), np.float32)
        kind = Paints(settings.paints)
        self._planes: slice | list[int]
        if kind is Paints.ORIGINAL:
            self._planes, target = slice(None), UNPAINTED
        elif kind is Paints.COLOR:
            self._planes, target = COLOR, np.array((*settings.paint_color, 255), np.uint8)
        else:
            self._planes = [plane_of(Pigment(kind.value))]
            target = np.array([round(NONE_OF_IT + 127 * settings.amount)], np.uint8)
        self._target = UNPAINTED[self._planes] if back else target
        self.label = "Smooth paint" if smooth else "Erase paint" if back else _LABELS[kind]

    def collect(self, sample: PenSample) -> None:
        self._way.add(sample)

    def move(self, sample: PenSample) -> None:
        self.collect(sample)
        for path in self._way.take(self.settings.mirror_x):
            self._rub(path)
        if self._now is not self._before or self.shown is not None:
            self.show(PaintSkin(self._now, self.label))

    def _rub(self, path: RubbedPath) -> None:
        settings = self.settings
        depth, width = settings.shape_pressure(path.pressures)
        radii = (settings.radius * CHART_MM * width).tolist()
        strengths = (settings.strength * depth).tolist()
        rect = self._brush.cover(self._share, path.points, radii, strengths, settings.hardness)
        if rect.empty:
            return
        old = self._before.planes(rect)
        target = self._blurred(rect) if self._smooth else self._target
        values = toward(old, self._share[rect.slices], self._planes, target)
        self._now = self._now.with_planes(rect, values)

    def _blurred(self, rect: Rect) -> UInt8:
        sigma = max(_BLUR * self.settings.radius * PAINT_SIDE, 1.0)
        wide = rect.grown(int(np.ceil(3 * sigma)), PAINT_SIDE)
        values = self._before.planes(wide)
        # OpenCV blurs four planes at a time at most.
        parts = [
            cv2.GaussianBlur(np.ascontiguousarray(values[..., k : k + 3]), (0, 0), sigma)
            for k in range(0, values.shape[2], 3)
        ]
        inside = rect.relative_to(wide)
        return np.concatenate(parts, axis=2)[inside.slices][..., self._planes].astype(np.uint8, copy=False)


class PickGesture(PenGesture):
    """Takes the colour of the skin under the pen as what is painted, until the pen is lifted."""

    label = "Pick colour"

    def __init__(self, document: Document, settings: ToolSettings, colors: UInt8 | None) -> None:
        super().__init__(document, settings)
        self._colors = colors
        settings.picking = False
        settings.paints = Paints.COLOR

    def collect(self, sample: PenSample) -> None:
        """Only the last place matters."""

    def move(self, sample: PenSample) -> None:
        if sample.chart is None or self._colors is None:
            return
        side = len(self._colors)
        column, row = (min(max(int(value * side), 0), side - 1) for value in sample.chart)
        red, green, blue = self._colors[row, column].tolist()
        self.settings.paint_color = (red, green, blue)
