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
    text : str
        Label of the undo step.
    """

    face: DocumentState
    text: str = "Take another face"

    @property
    def label(self) -> str:
        return self.text

    def apply(self, state: DocumentState) -> DocumentState:
        taken = replace(self.face, lighting=state.lighting, camera=state.camera)
        return state if taken == state else taken
