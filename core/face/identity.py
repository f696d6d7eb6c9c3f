"""What the person of a document measures, and commands that change it."""

from __future__ import annotations

from collections.abc import Mapping

from rhytid.core.document.commands import SetIdentity
from rhytid.core.document.state import DocumentState
from rhytid.core.face.resolve import offsets_of
from rhytid.core.head.head import Head
from rhytid.core.head.identity_measures import MEASURE_NAMES, identity_measures

_SLACK = 1e-6


def measures_of(state: DocumentState, head: Head) -> dict[str, float]:
    """The person's measures by `MEASURE_NAMES`, what a photo's person has beyond the head's modes included.

    Raises
    ------
    ValueError
        The head has no identity modes.
    """
    return identity_measures(head).of(state.identity, offsets_of(state, head))


def set_measures(
    state: DocumentState, head: Head, values: Mapping[str, float], what: str = "measures of the face"
) -> SetIdentity:
    """The command that gives a document's person new measures and holds the others.

    Raises
    ------
    ValueError
        A measure that there is not, one beyond what people have, or a head without identity modes.
    """
    model = identity_measures(head)
    for name, value in values.items():
        if name in MEASURE_NAMES:
            low, _, high = model.limits(name)
            if not low - _SLACK <= value <= high + _SLACK:
                raise ValueError(f"{name} must lie in {low:.1f}..{high:.1f}, got {value:g}")
    return SetIdentity(model.moved(state.identity, values, offsets_of(state, head)), what)
