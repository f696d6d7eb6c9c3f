"""From what the artist set to what the stages need: one frozen request and one posed head."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, TypedDict

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.request import DetailRequest
from rhytid.core.document.action_units import action_unit_table
from rhytid.core.document.expression import effective_expression
from rhytid.core.document.state import DocumentState
from rhytid.core.face.engine_choice import runnable
from rhytid.core.face.mixing import mixed_source
from rhytid.core.head.head import Head

Float32 = npt.NDArray[np.float32]


class Tension(Protocol):
    """What `resolve_pose` asks of `core.head.tension.TensionModel`."""

    def per_vertex(self, rest: Float32, current: Float32) -> Float32:
        """Tension (n_skin,) of skin vertices: 1 - mean(edge / rest edge)."""

    def chart_map(self, values: Float32) -> Float32:
        """Values (n_skin,) as a chart map (256, 256)."""

    def __hash__(self) -> int:
        """By identity: the tension of a source's pose is kept per model."""


@dataclass(frozen=True, eq=False)
class ResolvedPose:
    """The head in the pose of a document. Compare by identity: an unchanged pose is the same object.

    Attributes
    ----------
    head : Head
    identity : tuple of float
    expression : float32 (52,), read-only
        Effective weights.
    rest, vertices : float32 (V, 3), read-only
        mm, without and with the expression.
    tension : float32 (256, 256), read-only
        Chart map of the tension between them.
    tension_per_vertex : float32 (n_skin,), read-only
    """

    head: Head
    identity: tuple[float, ...]
    expression: Float32
    rest: Float32
    vertices: Float32
    tension: Float32
    tension_per_vertex: Float32


def resolve_pose(
    state: DocumentState, head: Head, tension_model: Tension, previous: ResolvedPose | None = None
) -> ResolvedPose:
    """Pose of the head for a state.

    `previous`, the pose that the caller got before, saves the work: it is returned itself when neither
    identity nor expression changed, and lends its rest shape when only the expression did.
    """
    expression = effective_expression(state)
    identity = state.identity[: head.n_identity]
    same_rest = previous is not None and previous.head is head and previous.identity == identity
    if previous is not None and same_rest:
        if np.array_equal(previous.expression, expression):
            return previous
        rest = previous.rest
    else:
        rest = _read_only(head.shape(identity, np.zeros_like(expression)))
    vertices = _read_only(head.shape(identity, expression))
    per_vertex = _read_only(tension_model.per_vertex(rest, vertices))
    tension = _read_only(tension_model.chart_map(per_vertex))
    return ResolvedPose(head, identity, expression, rest, vertices, tension, per_vertex)


def resolve(
    state: DocumentState,
    head: Head,
    tension_model: Tension,
    resolution: int,
    pose: ResolvedPose | None = None,
) -> DetailRequest:
    """The request that the detail pipeline needs for a state.

    Parameters
    ----------
    state : DocumentState
    head : Head
    tension_model : TensionModel
    resolution : int
        Side of the maps in texels.
    pose : ResolvedPose, optional
        What `resolve_pose` gave for this state or an earlier one; saves posing the head again.
    """
    pose = resolve_pose(state, head, tension_model, pose)
    return DetailRequest(
        resolution=resolution,
        expression=pose.expression,
        action_units=action_unit_table().intensities(pose.expression),
        age=state.age,
        tension=pose.tension,
        source=mixed_source(state, resolution),
        strokes=state.strokes,
        settings=runnable(state.settings),
        **_capture(state, head, tension_model, pose),
    )


class _Capture(TypedDict, total=False):
    """The part of a request that tells how the source detail was captured."""

    source_action_units: tuple[tuple[str, float], ...]
    source_tension: Float32


def _capture(state: DocumentState, head: Head, tension_model: Tension, pose: ResolvedPose) -> _Capture:
    if state.source is None:
        return {}
    expression = state.source.expression
    return {
        "source_action_units": action_unit_table().intensities(expression),
        "source_tension": _tension_at(head, tension_model, pose.identity, expression),
    }


@lru_cache(maxsize=2)
def _tension_at(
    head: Head, tension_model: Tension, identity: tuple[float, ...], expression: tuple[float, ...]
) -> Float32:
    """Chart map of the tension of an expression, float32 (256, 256) read-only."""
    rest = head.shape(identity, np.zeros(len(expression), np.float32))
    vertices = head.shape(identity, np.asarray(expression, np.float32))
    return _read_only(tension_model.chart_map(tension_model.per_vertex(rest, vertices)))


def _read_only(array: Float32) -> Float32:
    array.setflags(write=False)
    return array
