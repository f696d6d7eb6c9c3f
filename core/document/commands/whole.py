"""Commands that take over a face as a whole."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rhytid.core.document.commands.base import Command
from rhytid.core.document.state import DocumentState


@dataclass(frozen=True)
class TakeFace(Command):
    """Become another face: head, identity, expression, age, detail and strokes; lights and camera stay.

    Attributes
    ----------
    face : DocumentState
    label : str
    """

    face: DocumentState
    label: str = "Take another face"

    def apply(self, state: DocumentState) -> DocumentState:
        taken = replace(self.face, lighting=state.lighting, camera=state.camera)
        return state if taken == state else taken
