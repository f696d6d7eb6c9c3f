"""Drawn lines as wrinkles: their relief as it was drawn, and what the painter changes about it.

The relief is stamped from vectors at the resolution asked for and stays sharp at any. The painter's correction
(the face's style, the skin that the line pushes aside, texture along it) is computed at 256 where lines changed, and
enlarged. It is the difference of the face with and without the drawn lines, so skin without lines keeps its bits.
"""

from __future__ import annotations

from copy import copy
from functools import partial
from hashlib import blake2b

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.detail.change import Change, Drawing
from rhytid.core.detail.engine import Control
from rhytid.core.detail.request import DetailRequest
from rhytid.core.detail.stamped_lines import StampedLines
from rhytid.core.learned.line_fields import LineFields
from rhytid.core.learned.semm_faces import Face, SemmFaces
from rhytid.core.maps.rect import EMPTY, Rect
from rhytid.core.maps.resample import resample
from rhytid.core.maps.units import SIDE
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
_FADE_PX = 5  # the correction ends so far from what the lines themselves touch
_BICUBIC_PX = 2  # how far bicubic enlargement reaches
# An artist's depth holds: on the line the painter may fill or deepen the valley by these shares of it, and
# has more and more freedom beside it.
_FILLED, _DEEPENED, _FREEDOM_MM = 0.03, 0.25, 0.05


class PaintedLines:
    """Lines at one resolution, shaped by the face they are drawn on; see `core.detail.engine.ShapedLines`.

    Attributes
    ----------
    values : float32 (H, H), read-only
        mm.
    """

    def __init__(self, resolution: int, faces: SemmFaces) -> None:
        self._resolution = resolution
        self._faces = faces
        self._sharp = StampedLines(resolution, faces.cache)
        self._relief = self._sharp if resolution == SIDE else StampedLines(SIDE, faces.cache)
        self._fields = LineFields(faces.cache)
        self._face: Face | None = None
        self._correction: Float32 = np.zeros((SIDE, SIDE), np.float32)
        self.values: Float32 = read_only(np.zeros((resolution, resolution), np.float32))

    def redrawn(self, drawing: Drawing, change: Change, control: Control) -> tuple[PaintedLines, Rect]:
        """What it is after a change of lines or of the face, and the rectangle of texels that may differ."""
        new = copy(self)
        new._sharp, dirty = self._sharp.redrawn(drawing, change, control.part(0.0, 0.5))
        new._relief, lines = new._sharp, dirty
        if self._relief is not self._sharp:
            new._relief, lines = self._relief.redrawn(drawing, change, control.part(0.5, 0.8))
        new._fields, fields = self._fields.redrawn(change)
        control(0.8)
        painted = new._paint(drawing.request, lines.union(fields))
        dirty = dirty.union(self._at_full_size(painted))
        if not dirty.empty:
            new._compose(dirty)
        return new, dirty

    def _paint(self, request: DetailRequest, lines: Rect) -> Rect:
        """Redo the correction, of which `lines` are others; returns where it may have changed, at 256."""
        touched = (self._relief.values != 0) | (self._fields.all > 0)
        if not touched.any() and not self._correction.any():
            self._face = None
            return EMPTY
        face = self._faces.on(request)
        if face is self._face:
            changed = rect = lines.grown(2 * _FADE_PX, SIDE)
            correction = self._correction.copy()
            correction[rect.slices] = self._corrected(face, touched, rect)
        else:
            rect = _bounds(touched).grown(_FADE_PX, SIDE)
            changed = rect.union(_bounds(self._correction != 0))
            correction = np.zeros_like(self._correction)
            # A preview and its refinement ask for the same.
            key = ("correction", rect, self._digest())
            correction[rect.slices] = face.kept(key, partial(self._corrected, face, touched, rect))
        self._correction = correction
        self._face = face
        return changed

    def _digest(self) -> bytes:
        """Of all lines as the painter sees them."""
        digest = blake2b()
        for values in (self._relief.values, self._fields.strong, self._fields.all):
            digest.update(values.data)
        return digest.digest()

    def _corrected(self, face: Face, touched: npt.NDArray[np.bool_], rect: Rect) -> Float32:
        near = rect.grown(_FADE_PX + 1, SIDE)
        part = touched[near.slices]
        if not part.any():
            return np.zeros((rect.height, rect.width), np.float32)
        own, drawn = face.lines, self._relief.values
        # As reliefs combine: the deepest valley plus the highest bulge.
        relief_mm = np.maximum(own.relief_mm, drawn).clip(0) + np.minimum(own.relief_mm, drawn).clip(None, 0)
        strong = 1 - np.maximum(own.strong, self._fields.strong)
        every = 1 - np.maximum(own.all, self._fields.all)
        painted = face.model.paint(face.decoded, relief_mm, strong, every, rect)
        painted -= face.bare_in(rect)
        painted -= drawn[rect.slices]
        valley = drawn[rect.slices].clip(None, 0)
        free_mm = np.float32(_FREEDOM_MM) * (1 - self._fields.all[rect.slices])
        np.clip(painted, np.float32(_DEEPENED) * valley - free_mm, free_mm - np.float32(_FILLED) * valley, out=painted)
        # A line goes through bumps of the skin, by as much deeper there as it is deep.
        painted -= np.minimum(face.bumps_mm[rect.slices], -valley)
        away = cv2.distanceTransform((~part).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
        fade = np.asarray(np.clip((_FADE_PX - away) / 2, 0, 1), np.float32)
        return painted * fade[rect.relative_to(near).slices]

    def _at_full_size(self, rect: Rect) -> Rect:
        if rect.empty or self._resolution == SIDE:
            return rect
        scale = self._resolution / SIDE
        grown = rect.grown(_BICUBIC_PX, SIDE)
        return Rect(
            int(grown.x0 * scale), int(grown.y0 * scale),
            int(np.ceil(grown.x1 * scale)), int(np.ceil(grown.y1 * scale)),
        )  # fmt: skip

    def _compose(self, dirty: Rect) -> None:
        values = self.values.copy()
        values[dirty.slices] = self._sharp.values[dirty.slices] + self._enlarged(dirty)
        self.values = read_only(values)

    def _enlarged(self, rect: Rect) -> Float32:
        """The correction at full size in a window: bit for bit the crop of the whole enlargement."""
        scale = self._resolution // SIDE
        if self._resolution % SIDE or scale == 1:
            return resample(self._correction, self._resolution)[rect.slices]
        low = Rect(rect.x0 // scale, rect.y0 // scale, -(-rect.x1 // scale), -(-rect.y1 // scale))
        low = low.grown(_BICUBIC_PX + 1, SIDE)
        part = np.ascontiguousarray(self._correction[low.slices])
        size = (low.width * scale, low.height * scale)
        large = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_CUBIC), np.float32)
        y0, x0 = rect.y0 - low.y0 * scale, rect.x0 - low.x0 * scale
        return large[y0 : y0 + rect.height, x0 : x0 + rect.width]


def _bounds(inside: npt.NDArray[np.bool_]) -> Rect:
    if not inside.any():
        return EMPTY
    rows, columns = np.nonzero(inside.any(axis=1))[0], np.nonzero(inside.any(axis=0))[0]
    return Rect(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
