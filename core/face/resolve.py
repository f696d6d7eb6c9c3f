"""From what the artist set to what the stages need: one frozen request and one posed head."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.request import DetailRequest, EngineSettings, Pose
from rhytid.core.document.expression import action_units_of, effective_expression
from rhytid.core.document.state import DocumentState
from rhytid.core.face.engine_choice import runnable
from rhytid.core.face.mixing import mixed_source
from rhytid.core.head.head import Head
from rhytid.core.read_only import read_only

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
    """

    head: Head
    identity: tuple[float, ...]
    expression: Float32
    rest: Float32
    vertices: Float32
    tension: Float32


def resolve_pose(
    state: DocumentState, head: Head, tension_model: Tension, previous: ResolvedPose | None = None
) -> ResolvedPose:
    """Pose of the head for a state.

    `previous`, the pose that the caller got before, saves the work: it is returned itself when neither
    identity nor expression changed, and lends its rest shape when only the expression did.
    """
    expression = effective_expression(state)
    identity = state.identity[: head.n_identity]
    if previous is None or previous.head is not head or previous.identity != identity:
        return _at(head, tension_model, identity, expression)
    if np.array_equal(previous.expression, expression):
        return previous
    return _at(head, tension_model, identity, expression, previous.rest)


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
    posed = resolve_pose(state, head, tension_model, pose)
    settings, source = runnable(state.settings), mixed_source(state, resolution)
    captured = None
    if source is not None:
        at_capture = _posed(head, tension_model, posed.identity, source.expression)
        captured = detail_pose(at_capture, source.age, settings)
    return DetailRequest(resolution, detail_pose(posed, state.age, settings), captured, source, state.strokes)


def detail_pose(posed: ResolvedPose, age: float, settings: EngineSettings) -> Pose:
    """What detail depends on of a head in a pose: the one place where action units and tension are read off it."""
    units = action_units_of(posed.expression)
    return Pose(posed.expression, units, age, posed.tension, settings)


@lru_cache(maxsize=2)
def _posed(
    head: Head, tension_model: Tension, identity: tuple[float, ...], expression: tuple[float, ...]
) -> ResolvedPose:
    """The head at capture of a source: the same at every step of a slider."""
    return _at(head, tension_model, identity, read_only(np.array(expression, np.float32)))


def _at(
    head: Head, tension_model: Tension, identity: tuple[float, ...], expression: Float32, rest: Float32 | None = None
) -> ResolvedPose:
    """The head in an identity and an expression; `rest` is its rest shape where that is known."""
    if rest is None:
        rest = read_only(head.shape(identity, np.zeros_like(expression)))
    vertices = read_only(head.shape(identity, expression))
    tension = read_only(tension_model.chart_map(tension_model.per_vertex(rest, vertices)))
    return ResolvedPose(head, identity, expression, rest, vertices, tension)


