"""What an export writes: the face as the viewport shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rhytid.core.arkit import N_EXPRESSION
from rhytid.core.detail.request import DetailMaps
from rhytid.core.document.state import DocumentState
from rhytid.core.hair.wig import Worn
from rhytid.core.head.head import Float32, Head
from rhytid.core.io.morph_motion import MorphMotion
from rhytid.core.maps.albedo_map import SkinColors

MapsFor = Callable[[int], DetailMaps]
ColorFor = Callable[[int], SkinColors]


def posed_state(state: DocumentState, pose: str) -> DocumentState:
    """The state whose maps an export of `pose` needs: "neutral" takes all expression away."""
    if pose == "current":
        return state
    return replace(state, expression=(0.0,) * N_EXPRESSION, action_units=())


@dataclass(frozen=True)
class ShownFace:
    """What the viewport shows of a face: all that an export writes.

    Attributes
    ----------
    state : DocumentState
        What `vertices` and the maps are made from.
    head : Head
    vertices, rest : float32 (V, 3)
        Current shape and the same identity without expression, mm.
    maps_for : callable
        Detail maps at a resolution, for ``posed_state(state, options.pose)``; called at most once.
    color_for : callable
        Skin colour at a resolution; called at most once.
    hair_for : callable
        The hair that it wears, by kind.
    motion_for : callable
        Weights of expressions and ages over time, where the document has keys; else None.
    """

    state: DocumentState
    head: Head
    vertices: Float32
    rest: Float32
    maps_for: MapsFor
    color_for: ColorFor
    hair_for: Callable[[], dict[str, Worn]] = dict
    motion_for: Callable[[], MorphMotion | None] = lambda: None
