"""The mask tool between the pen's press and its release: masks of layers, and skin that is locked."""

from __future__ import annotations

import math

import numpy as np

from rhytid.core.detail.finish import Float32, UInt8
from rhytid.core.document.commands import Command, LockSkin, SetMask
from rhytid.core.document.document import Document
from rhytid.core.lines.layer import MASK_SIDE, brush_share, painted
from rhytid.gui.controllers.stroke_gestures import PenGesture
from rhytid.gui.controllers.stroke_recorder import JUMP, PenSample
from rhytid.gui.controllers.tool_settings import MaskTarget, ToolSettings


class MaskGesture(PenGesture):
    """Paints the mask of the layer that new strokes go into, or the lock of the skin.

    Parameters
    ----------
    detail : float32 (H, H) or None
        The face's detail as it is seen; skin is locked with it.
    back : bool
        Show again what the mask hides; free the skin.

    Raises
    ------
    ValueError
        There is no layer to mask, or the detail is not known yet; the message says what to do.
    """

    def __init__(self, document: Document, settings: ToolSettings, detail: Float32 | None, back: bool) -> None:
        super().__init__(document, settings)
        self._path: list[tuple[float, float]] = []
        self._share = np.zeros((MASK_SIDE, MASK_SIDE))
        self._detail = detail
        self._mask: UInt8 | None
        self._of_skin = settings.mask_target == MaskTarget.SKIN
        if self._of_skin:
            if detail is None:
                raise ValueError("the face is still being worked out; lock it in a moment")
            lock = self.base.lock
            self._mask = np.zeros((MASK_SIDE, MASK_SIDE), np.uint8) if lock is None else lock.mask
            self._value = 0.0 if back else 1.0
            self.label = "Free skin" if back else "Lock skin"
            return
        layer = next((a for a in self.base.layers if a.id == settings.layer), None)
        if layer is None:
            raise ValueError("choose the layer to mask in the Strokes panel first")
        self._mask = layer.mask
        self._value = 1.0 if back else 0.0
        self.label = "Paint mask"

    def collect(self, sample: PenSample) -> None:
        if sample.chart is None:
            self._path.clear()
            return
        if self._path and sample.on_surface and math.dist(self._path[-1], sample.chart) > JUMP:
            self._path.clear()
        self._path.append(sample.chart)

    def move(self, sample: PenSample) -> None:
        self.collect(sample)
        if not self._path:
            return
        self._cover(self._path)
        if self.settings.mirror_x:
            self._cover([(1.0 - x, y) for x, y in self._path])
        del self._path[:-1]
        self.show(self._command())

    def _cover(self, path: list[tuple[float, float]]) -> None:
        self._share = np.maximum(self._share, brush_share(path, self.settings.radius))

    def _command(self) -> Command:
        mask = painted(self._mask, self._share, self._value)
        if self._of_skin:
            assert self._detail is not None
            return LockSkin(mask, self._detail)
        return SetMask(self.settings.layer, None if (mask == 255).all() else mask)
