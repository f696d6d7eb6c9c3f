"""Faces to begin with."""

from __future__ import annotations

from dataclasses import dataclass

from rhytid.core.document.commands import ApplyExpressionPreset, SetAge
from rhytid.core.document.state import DocumentState
from rhytid.core.language import tr


@dataclass(frozen=True)
class Starter:
    """One face to begin with.

    Attributes
    ----------
    title : str
    age : float
        Years.
    preset : str
        Name of an expression preset.
    """

    title: str
    age: float
    preset: str = "neutral"

    def of(self, plain: DocumentState) -> DocumentState:
        """The face, from a plain one."""
        return ApplyExpressionPreset(self.preset).apply(SetAge(self.age).apply(plain))


STARTERS: dict[str, Starter] = {
    "start_young": Starter(tr("Young, neutral"), 22.0),
    "start_smiling": Starter(tr("Smiling at 45"), 45.0, "smile"),
    "start_old": Starter("70 years", 70.0),
}
