"""Commands on what is painted on the skin by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rhytid.core.document.commands.base import Command, changed, refusing
from rhytid.core.document.limits import clamp
from rhytid.core.document.state import DocumentState
from rhytid.core.maps.paint import Paint


@dataclass(frozen=True, eq=False)
class PaintSkin(Command):
    """Give the painted layer these tiles, those of `paint`; its opacity stays as it is."""

    paint: Paint
    text: str = "Paint"

    @property
    def label(self) -> str:
        return self.text

    def apply(self, state: DocumentState) -> DocumentState:
        old = state.paint or Paint()
        new = replace(old, tiles=self.paint.tiles)
        kept = None if new == Paint() else new
        return changed(state, paint=kept)


@dataclass(frozen=True)
class SetPaintLayer(Command):
    """Change how the painted layer shows: opacity, clamped to 0..1, and whether it does; None stays as it is."""

    opacity: float | None = None
    visible: bool | None = None

    @property
    def label(self) -> str:
        if self.visible is None:
            return "Set opacity of paint"
        return "Show paint" if self.visible else "Hide paint"

    def apply(self, state: DocumentState) -> DocumentState:
        new = state.paint or Paint()
        with refusing():
            if self.opacity is not None:
                new = replace(new, opacity=clamp(self.opacity, (0.0, 1.0), "opacity of paint"))
        if self.visible is not None:
            new = replace(new, visible=self.visible)
        return changed(state, paint=None if new == Paint() else new)


@dataclass(frozen=True)
class ClearPaint(Command):
    """Take everything away that was painted; how the layer shows goes back to the usual, too."""

    label = "Clear paint"

    def apply(self, state: DocumentState) -> DocumentState:
        return changed(state, paint=None)
