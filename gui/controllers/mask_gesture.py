"""Masks under the pen, between its press and its release: those of layers, locked skin, pores that are rubbed away."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from rhytid.core.detail.finish import Float32, UInt8
from rhytid.core.document.commands import Command, LockSkin, SetMask, SmoothSkin
from rhytid.core.document.document import Document
from rhytid.core.document.state import DocumentState
from rhytid.core.language import tr
from rhytid.core.lines.layer import MASK_SIDE, brush_share, painted
from rhytid.gui.controllers.stroke_gestures import PenGesture
from rhytid.gui.controllers.stroke_recorder import PenSample, RubbedWay
from rhytid.gui.controllers.tool_settings import Band, MaskTarget, Tool, ToolSettings

_NOTHING = np.zeros((MASK_SIDE, MASK_SIDE), np.uint8)


class MaskGesture(PenGesture):
    """Takes a mask towards a value under a soft brush; going over skin twice in one gesture does it once.

    Parameters
    ----------
    mask : uint8 (256, 256) or None
        As it is before; None is full everywhere.
    value : float
        0..1, what it becomes.
    """

    def __init__(self, document: Document, settings: ToolSettings, mask: UInt8 | None, value: float) -> None:
        super().__init__(document, settings)
        self._mask, self._value = mask, value
        self._way = RubbedWay()
        self._share = np.zeros((MASK_SIDE, MASK_SIDE))

    @abstractmethod
    def command(self, mask: UInt8) -> Command:
        """What gives the document this mask."""

    def collect(self, sample: PenSample) -> None:
        self._way.add(sample)

    def move(self, sample: PenSample) -> None:
        self.collect(sample)
        paths = self._way.take(self.settings.mirror_x)
        for path in paths:
            self._cover(path.points)
        if paths:
            self.show(self.command(painted(self._mask, self._share, self._value)))

    def _cover(self, path: list[tuple[float, float]]) -> None:
        self._share = np.maximum(self._share, brush_share(path, self.settings.radius))


class MaskRefused(ValueError):
    """There is nothing that the mask could be painted on yet; the message says what to do."""


class LayerMaskGesture(MaskGesture):
    """Hides strokes of the layer that new strokes go into, or shows them again (`back`).

    Raises
    ------
    MaskRefused
        There is no such layer.
    """

    label = tr("Paint mask")

    def __init__(self, document: Document, settings: ToolSettings, *, back: bool) -> None:
        layer = next((a for a in document.state.layers if a.id == settings.layer), None)
        if layer is None:
            raise MaskRefused(tr("choose the layer to mask in the Strokes panel first"))
        super().__init__(document, settings, layer.mask, 1.0 if back else 0.0)
        self._layer = layer.id

    def command(self, mask: UInt8) -> Command:
        return SetMask(self._layer, None if (mask == 255).all() else mask)


class LockGesture(MaskGesture):
    """Locks skin with the detail that is seen, float32 (H, H), or frees it (`back`).

    Raises
    ------
    MaskRefused
        The detail is not known yet.
    """

    def __init__(self, document: Document, settings: ToolSettings, detail: Float32 | None, *, back: bool) -> None:
        if detail is None:
            raise MaskRefused(tr("the face is still being worked out; lock it in a moment"))
        lock = document.state.lock
        super().__init__(document, settings, _NOTHING if lock is None else lock.mask, 0.0 if back else 1.0)
        self._detail = detail
        self.label = tr("Free skin") if back else tr("Lock skin")

    def command(self, mask: UInt8) -> Command:
        return LockSkin(mask, self._detail)


MASK_SETTINGS = frozenset({"tool", "mask_target", "layer", "band", "show_mask"})
"""Settings that choose the mask that shows."""


def masks_differ(new: DocumentState, old: DocumentState) -> bool:
    """Whether any mask may have changed."""
    return any(getattr(new, name) is not getattr(old, name) for name in ("layers", "lock", "smoothed"))


def veil(state: DocumentState, settings: ToolSettings) -> UInt8 | None:
    """What the mask that a tool would change hides or locks, 255 for all of it; None under other tools."""
    if not settings.show_mask:
        return None
    if settings.tool == Tool.ERASER and settings.band == Band.PORES:
        return None if state.smoothed is None else state.smoothed.mask
    if settings.tool != Tool.MASK:
        return None
    if settings.mask_target == MaskTarget.SKIN:
        return None if state.lock is None else state.lock.mask
    mask = next((layer.mask for layer in state.layers if layer.id == settings.layer), None)
    return None if mask is None else np.asarray(255 - mask, np.uint8)


class PoresGesture(MaskGesture):
    """Rubs pores and the finest texture away, or brings them back (`back`)."""

    def __init__(self, document: Document, settings: ToolSettings, *, back: bool) -> None:
        smoothed = document.state.smoothed
        super().__init__(document, settings, _NOTHING if smoothed is None else smoothed.mask, 0.0 if back else 1.0)
        self.label = tr("Bring pores back") if back else tr("Erase pores")

    def command(self, mask: UInt8) -> Command:
        return SmoothSkin(mask)
