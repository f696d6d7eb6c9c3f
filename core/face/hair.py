"""The hair that a document's face wears, and how much of its painted brows shows below."""

from __future__ import annotations

from rhytid.core.document.state import DocumentState
from rhytid.core.hair.settings import Hair
from rhytid.core.hair.wig import Wig, Worn
from rhytid.core.head.head import Head

_UNDER_BROWS = 0.4  # of the painted brows' opacity below strands of density 1


def worn_hair(state: DocumentState) -> Hair | None:
    """What is shown as strands; None over a skin colour with hair of its own, unless the artist wants both."""
    return state.hair if state.albedo is None or state.hair.over_albedo else None


def hair_by_kind(state: DocumentState, head: Head) -> dict[str, Worn]:
    """Strands and colours of each kind that is worn."""
    hair = worn_hair(state)
    return {} if hair is None else Wig(head, state.settings.seed).by_kind(hair, state.age)


def painted_brows(state: DocumentState) -> float:
    """Opacity 0..1 of the brows in the procedural skin colour where strands are shown.

    In steps, so that few colours serve a slider.
    """
    hair = worn_hair(state)
    return 1.0 if hair is None else round(_UNDER_BROWS * min(hair.brows, 1.0) * hair.melanin, 1)
