"""Commands on what happens to the detail at the end: its bands, and locked skin."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rhytid.core.detail.finish import Float32, SkinLock, SmoothedSkin, UInt8
from rhytid.core.document.commands.base import Command, changed, refusing
from rhytid.core.document.limits import BAND_STRENGTH, clamp
from rhytid.core.document.state import DocumentState


@dataclass(frozen=True)
class SetBands(Command):
    """Set strengths of bands of the whole detail, clamped to 0..2; None stays as it is."""

    folds: float | None = None
    fine_lines: float | None = None
    pores: float | None = None

    @property
    def label(self) -> str:
        given = [name for name, value in vars(self).items() if value is not None]
        return f"Set strength of {given[0].replace('_', ' ')}" if len(given) == 1 else "Set strengths of bands"

    def apply(self, state: DocumentState) -> DocumentState:
        given = {name: value for name, value in vars(self).items() if value is not None}
        with refusing():
            inside = {name: clamp(value, BAND_STRENGTH, name) for name, value in given.items()}
        return changed(state, bands=replace(state.bands, **inside))


@dataclass(frozen=True, eq=False)
class SmoothSkin(Command):
    """Leave skin without pores where a mask says, uint8 (256, 256); nothing anywhere brings all of them back."""

    mask: UInt8

    label = "Smooth skin"

    def apply(self, state: DocumentState) -> DocumentState:
        with refusing():
            return changed(state, smoothed=SmoothedSkin(self.mask) if self.mask.any() else None)


@dataclass(frozen=True, eq=False)
class LockSkin(Command):
    """Lock skin where a mask says, and free it elsewhere.

    Attributes
    ----------
    mask : uint8 (256, 256)
        255 where skin is to be locked; nothing anywhere takes the lock away.
    detail : float32 (H, H)
        The face's finished detail as it is now, mm.
    """

    mask: UInt8
    detail: Float32

    @property
    def label(self) -> str:
        return "Lock skin" if self.mask.any() else "Free all skin"

    def apply(self, state: DocumentState) -> DocumentState:
        with refusing():
            lock = SkinLock.of(self.mask, self.detail) if self.mask.any() else None
        return replace(state, lock=lock) if lock is not state.lock else state
