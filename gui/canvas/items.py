"""What is drawn in the chart's view: map, mask, guides, strokes, brush ring. Item coordinates are chart units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from rhytid.core.detail.anatomy import AXIS_X, BROW_RIGHT, EYE_RIGHT, LIPS, MOUTH_OPENING, NOSTRIL_RIGHT
from rhytid.core.lines.curve import course_of
from rhytid.core.lines.stroke import Onset, Stroke
from rhytid.core.maps.rect import Rect
from rhytid.gui.controllers.handles import HANDLE_PX, Handles
from rhytid.gui.theme import colour

GRID_FROM_PX = 9.0  # screen pixels per texel from which the texel grid shows
SHARP_FROM_PX = 2.5  # from here texels are drawn as squares
_UNIT = QRectF(0.0, 0.0, 1.0, 1.0)
# Lines on dark maps and on light ones.
BINDING_COLOURS = {
    Onset.ALWAYS: (QColor(240, 240, 240), QColor(24, 24, 24)),
    Onset.EXPRESSION: (QColor(255, 190, 90), QColor(168, 84, 0)),
    Onset.ACTION_UNITS: (QColor(130, 210, 250), QColor(0, 92, 150)),
}


def _scale(painter: QPainter) -> float:
    """Logical pixels per chart unit."""
    return float(abs(painter.worldTransform().m11()))


class MapItem(pg.GraphicsObject):
    """A picture of the chart in a buffer of its own; only touched texels are painted again."""

    def __init__(self) -> None:
        super().__init__()
        self.setFlag(self.GraphicsItemFlag.ItemUsesExtendedStyleOption)  # tells `paint` what is exposed
        self.pixels: npt.NDArray[np.uint32] = np.full((2, 2), 0xFF2A2A2A, np.uint32)
        self._image = QImage()
        self.grid = True
        self._wrap()

    def _wrap(self) -> None:
        height, width = self.pixels.shape
        self._image = QImage(self.pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)

    def set_buffer(self, pixels: npt.NDArray[np.uint32]) -> None:
        """Show another buffer (H, H) of RGB32 words."""
        self.pixels = pixels
        self._wrap()
        self.update()

    def touched(self, rect: Rect) -> None:
        """The texels of `rect` were written."""
        if not rect.empty:
            side = len(self.pixels)
            self.update(QRectF(rect.x0 / side, rect.y0 / side, rect.width / side, rect.height / side))

    def boundingRect(self) -> QRectF:
        return _UNIT

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        side = len(self.pixels)
        texel_px = _scale(painter) / side
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, texel_px < SHARP_FROM_PX)
        exposed = option.exposedRect.intersected(_UNIT)
        # Whole texels with a margin, so that pieces painted one after the other meet without a seam.
        x0, y0 = max(int(exposed.left() * side) - 2, 0), max(int(exposed.top() * side) - 2, 0)
        x1, y1 = min(int(exposed.right() * side) + 3, side), min(int(exposed.bottom() * side) + 3, side)
        if x1 <= x0 or y1 <= y0:
            return
        target = QRectF(x0 / side, y0 / side, (x1 - x0) / side, (y1 - y0) / side)
        painter.drawImage(target, self._image, QRectF(x0, y0, x1 - x0, y1 - y0))
        if self.grid and texel_px >= GRID_FROM_PX:
            pen = QPen(QColor(0, 0, 0, 60), 1.0)
            pen.setCosmetic(True)
            painter.setPen(pen)
            for x in range(x0, x1 + 1):
                painter.drawLine(QPointF(x / side, y0 / side), QPointF(x / side, y1 / side))
            for y in range(y0, y1 + 1):
                painter.drawLine(QPointF(x0 / side, y / side), QPointF(x1 / side, y / side))


class MaskItem(pg.GraphicsObject):
    """What a mask hides or locks, as a veil over the map."""

    def __init__(self) -> None:
        super().__init__()
        self._pixels = np.zeros((1, 1), np.uint32)
        self._image = QImage()

    def show_mask(self, hidden: npt.NDArray[np.uint8] | None) -> None:
        """Veil a chart map, uint8 (M, M) with 255 for the thickest; None for no veil."""
        alpha = np.zeros((1, 1), np.uint32) if hidden is None else hidden.astype(np.uint32) * 150 // 255
        red, green, blue = (alpha * part // 255 for part in (230, 90, 60))  # colours go with their alpha
        self._pixels = np.ascontiguousarray(alpha << 24 | red << 16 | green << 8 | blue)
        side = len(alpha)
        self._image = QImage(self._pixels.data, side, side, 4 * side, QImage.Format.Format_ARGB32_Premultiplied)
        self.update()

    def boundingRect(self) -> QRectF:
        return _UNIT

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(_UNIT, self._image)


class GuideItem(pg.GraphicsObject):
    """Outlines of eyes, brows, nostrils and lips, the axis and, where a head is known, its landmarks."""

    def __init__(self) -> None:
        super().__init__()
        self._path = QPainterPath()
        self._landmarks: list[QPointF] = []
        for outline, twice in ((EYE_RIGHT, True), (BROW_RIGHT, True), (NOSTRIL_RIGHT, True), (LIPS, False),
                               (MOUTH_OPENING, False)):  # fmt: skip
            points = np.array(outline)
            self._add(points)
            if twice:
                self._add(np.stack([2 * AXIS_X - points[:, 0], points[:, 1]], axis=1))
        self._path.moveTo(AXIS_X, 0.0)
        self._path.lineTo(AXIS_X, 1.0)

    def _add(self, points: npt.NDArray[np.float64]) -> None:
        self._path.addPolygon(QPolygonF([QPointF(x, y) for x, y in points.tolist()]))
        self._path.closeSubpath()

    def set_landmarks(self, points: npt.ArrayLike) -> None:
        """Chart coordinates (N, 2) of the head's landmarks."""
        self._landmarks = [QPointF(x, y) for x, y in np.asarray(points, float).tolist()]
        self.update()

    def boundingRect(self) -> QRectF:
        return _UNIT

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for shade, width in ((QColor(0, 0, 0, 90), 2.2), (QColor(255, 255, 255, 120), 1.0)):
            pen = QPen(shade, width, Qt.PenStyle.DashLine)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawPath(self._path)
        pixel = 1.0 / max(_scale(painter), 1e-9)
        painter.setPen(Qt.PenStyle.NoPen)
        for shade, radius in ((QColor(0, 0, 0, 150), 2.8 * pixel), (QColor(255, 255, 255, 220), 1.8 * pixel)):
            painter.setBrush(shade)
            for point in self._landmarks:
                painter.drawEllipse(point, radius, radius)


@dataclass(frozen=True)
class _Drawn:
    """A stroke with its path and the path's bounds."""

    stroke: Stroke
    path: QPainterPath
    bounds: QRectF

    @staticmethod
    def of(stroke: Stroke) -> _Drawn:
        path = QPainterPath()
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in course_of(stroke)[:, :2].tolist()]))
        # A straight line has bounds without area, which would never count as exposed.
        return _Drawn(stroke, path, path.controlPointRect().adjusted(-1e-6, -1e-6, 1e-6, 1e-6))


@lru_cache(maxsize=512)
def _plain_pen(onset: Onset, visible: bool, on_light: bool, alpha: int) -> QPen:
    shade = QColor(BINDING_COLOURS[onset][on_light])
    shade.setAlpha(alpha)
    style = Qt.PenStyle.SolidLine if visible else Qt.PenStyle.DotLine
    pen = QPen(shade, 1.3, style, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    pen.setCosmetic(True)
    return pen


class StrokeItem(pg.GraphicsObject):
    """All strokes as lines; selected ones with their points."""

    def __init__(self) -> None:
        super().__init__()
        self.setFlag(self.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self._paths: dict[str, _Drawn] = {}
        self._share: dict[str, float] = {}
        self._selected: frozenset[str] = frozenset()
        self._handles_of, self._held = "", -1
        self._hovered = ""
        self._on_light = False

    def set_paper(self, light: bool) -> None:
        """Whether the map below is light, so that lines are drawn dark."""
        if light != self._on_light:
            self._on_light = light
            self.update()

    def set_strokes(self, strokes: tuple[Stroke, ...]) -> None:
        """Show the strokes of a state; only those that changed are painted again."""
        before = self._paths
        after: dict[str, _Drawn] = {}
        for stroke in strokes:
            known = before.get(stroke.id)
            if known is not None and known.stroke is stroke:
                after[stroke.id] = known
            else:
                after[stroke.id] = drawn = _Drawn.of(stroke)
                self._repaint(drawn)
                if known is not None:
                    self._repaint(known)
                if self._held >= 0 and stroke.id == self._handles_of:
                    self.update()  # tangents reach beyond the line
        for stroke_id, drawn in before.items():
            if stroke_id not in after:
                self._repaint(drawn)
        self._paths = after

    def path(self, stroke_id: str) -> QPainterPath:
        """The line that a stroke is drawn as."""
        return self._paths[stroke_id].path

    def set_shares(self, shares: dict[str, float]) -> None:
        """How much of each stroke shows on the face, 0..1: faded where it does not."""
        changed = [i for i in shares.keys() | self._share.keys() if shares.get(i) != self._share.get(i)]
        self._share = shares
        if len(changed) > 64:  # an expression or age slider: one repaint is cheaper than many small ones
            self.update()
            return
        for stroke_id in changed:
            self._repaint_id(stroke_id)

    def set_selection(self, selected: Iterable[str], handles_of: str, held: int = -1) -> None:
        """Which strokes are selected, the one whose points can be taken hold of, and the one that was held last."""
        chosen = frozenset(selected)
        if (chosen, handles_of, held) != (self._selected, self._handles_of, self._held):
            for stroke_id in (*(chosen ^ self._selected), handles_of, self._handles_of):
                self._repaint_id(stroke_id)
            if held != self._held:
                self.update()
            self._selected, self._handles_of, self._held = chosen, handles_of, held

    def set_hovered(self, stroke_id: str) -> None:
        if stroke_id != self._hovered:
            self._repaint_id(stroke_id)
            self._repaint_id(self._hovered)
            self._hovered = stroke_id

    def _repaint_id(self, stroke_id: str) -> None:
        known = self._paths.get(stroke_id)
        if known is not None:
            self._repaint(known)

    def _repaint(self, drawn: _Drawn) -> None:
        margin = 8.0 / abs(self.sceneTransform().m11() or 1.0)
        self.update(drawn.bounds.adjusted(-margin, -margin, margin, margin))

    def boundingRect(self) -> QRectF:
        return _UNIT.adjusted(-0.02, -0.02, 0.02, 0.02)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        margin = 6.0 / max(_scale(painter), 1e-9)
        exposed = option.exposedRect.adjusted(-margin, -margin, margin, margin)
        on_top: list[_Drawn] = []
        for drawn in self._paths.values():
            if not drawn.bounds.intersects(exposed):
                continue
            stroke = drawn.stroke
            if stroke.id in self._selected or stroke.id == self._hovered:
                on_top.append(drawn)
                continue
            share = self._share.get(stroke.id, 1.0) if stroke.visible else 0.0
            alpha = 76 + 16 * round(share * 10.0)  # few steps, so that pens can be kept
            painter.setPen(_plain_pen(stroke.binding.onset, stroke.visible, self._on_light, alpha))
            painter.drawPath(drawn.path)
        for drawn in on_top:
            self._emphasised(painter, drawn)
        if self._handles_of in self._paths:
            self._handles(painter, self._paths[self._handles_of].stroke)

    def _emphasised(self, painter: QPainter, drawn: _Drawn) -> None:
        """A selected or hovered stroke: broader, with a dark rim."""
        stroke = drawn.stroke
        selected = stroke.id in self._selected
        shade = colour("accent").lighter(118) if selected else BINDING_COLOURS[stroke.binding.onset][0]
        style = Qt.PenStyle.SolidLine if stroke.visible else Qt.PenStyle.DotLine
        for line_colour, width in ((QColor(0, 0, 0, 190), 4.2), (shade, 2.4 if selected else 2.0)):
            pen = QPen(line_colour, width, style, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawPath(drawn.path)

    def _handles(self, painter: QPainter, stroke: Stroke) -> None:
        scale = max(_scale(painter), 1e-9)
        handles = Handles.of(stroke, self._held)
        shown = handles.shown(handles.charts * scale).tolist()
        points = [QPointF(x, y) for x, y in handles.charts.tolist()]
        light = colour("accent").lighter(130)
        arms = [row for row in shown if row >= handles.n_points]
        for row in arms:
            for shade, width in ((QColor(20, 20, 20), 2.6), (light, 1.2)):
                painter.setPen(_cosmetic(shade, width))
                painter.drawLine(points[handles.held], points[row])
        painter.setPen(_cosmetic(QColor(20, 20, 20), 1.2))
        half = HANDLE_PX / scale
        for row in shown:
            painter.setBrush(QColor(255, 255, 255) if row == handles.held else light)
            box = QRectF(points[row].x() - half, points[row].y() - half, 2 * half, 2 * half)
            (painter.drawEllipse if row in arms else painter.drawRect)(box)


def _cosmetic(shade: QColor, width: float) -> QPen:
    pen = QPen(shade, width)
    pen.setCosmetic(True)
    return pen


class RingItem(pg.GraphicsObject):
    """Brush ring with its mirror image, and the rubber band."""

    def __init__(self) -> None:
        super().__init__()
        self._centre: QPointF | None = None
        self._radius = 0.0
        self._mirrored = False
        self._band: QRectF | None = None

    def set_ring(self, centre: QPointF | None, radius: float, mirrored: bool) -> None:
        """Ring of `radius` chart units, None = none."""
        state = (centre, radius, mirrored)
        if state != (self._centre, self._radius, self._mirrored):
            self._touch()
            self._centre, self._radius, self._mirrored = state
            self._touch()

    def set_band(self, band: QRectF | None) -> None:
        """Rectangle that is being drawn to select."""
        for rect in (self._band, band):
            if rect is not None:
                self.update(rect.adjusted(-0.01, -0.01, 0.01, 0.01))
        self._band = band

    def _touch(self) -> None:
        for rect in self._circles():
            margin = 4.0 / abs(self.sceneTransform().m11() or 1.0)
            self.update(rect.adjusted(-margin, -margin, margin, margin))

    def _circles(self) -> Sequence[QRectF]:
        if self._centre is None:
            return ()
        r = self._radius
        circles = [QRectF(self._centre.x() - r, self._centre.y() - r, 2 * r, 2 * r)]
        if self._mirrored:
            circles.append(QRectF(2 * AXIS_X - self._centre.x() - r, self._centre.y() - r, 2 * r, 2 * r))
        return circles

    def boundingRect(self) -> QRectF:
        return _UNIT.adjusted(-0.3, -0.3, 0.3, 0.3)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for at, circle in enumerate(self._circles()):
            for shade, width in ((QColor(0, 0, 0, 150), 2.6), (QColor(255, 255, 255, 230 if at == 0 else 120), 1.2)):
                pen = QPen(shade, width)
                pen.setCosmetic(True)
                painter.setPen(pen)
                painter.drawEllipse(circle)
        if self._band is not None:
            pen = QPen(colour("focus"), 1.0, Qt.PenStyle.DashLine)
            pen.setCosmetic(True)
            painter.setPen(pen)
            fill = colour("focus")
            fill.setAlpha(36)
            painter.setBrush(fill)
            painter.drawRect(self._band)
