"""From what the artist set to what the stages need: one frozen request and one posed head."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.engines import Engines
from rhytid.core.detail.request import DetailRequest, EngineSettings, Pose
from rhytid.core.document.expression import action_units_of, effective_expression
from rhytid.core.document.state import DocumentState
from rhytid.core.face.mixing import mixed_source
from rhytid.core.head.head import Head
from rhytid.core.head.tension import tension_model
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]


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


def resolve_pose(state: DocumentState, head: Head, previous: ResolvedPose | None = None) -> ResolvedPose:
    """Pose of the head for a state.

    `previous`, the pose that the caller got before, saves the work: it is returned itself when neither
    identity nor expression changed, and lends its rest shape when only the expression did.
    """
    expression = effective_expression(state)
    identity = state.identity[: head.n_identity]
    if previous is None or previous.head is not head or previous.identity != identity:
        return _at(head, identity, expression)
    if np.array_equal(previous.expression, expression):
        return previous
    return _at(head, identity, expression, previous.rest)


def resolve(
    state: DocumentState,
    head: Head,
    resolution: int,
    engines: Engines,
    pose: ResolvedPose | None = None,
) -> DetailRequest:
    """The request that the detail pipeline needs for a state.

    Parameters
    ----------
    state : DocumentState
    head : Head
    resolution : int
        Side of the maps in texels.
    engines : Engines
        Say which of them draws, and mix a second face in.
    pose : ResolvedPose, optional
        What `resolve_pose` gave for this state or an earlier one; saves posing the head again.
    """
    posed = resolve_pose(state, head, pose)
    settings, source = engines.runnable(state.settings), mixed_source(state, resolution, engines)
    captured = None
    if source is not None:
        key = ("tension at capture", head.digest, posed.identity, source.expression)
        expression = read_only(np.array(source.expression, np.float32))
        tension = engines.cache.get(key, lambda: _at(head, posed.identity, expression).tension)
        captured = _pose_of(expression, tension, source.age, settings)
    return DetailRequest(resolution, detail_pose(posed, state.age, settings), captured, source, state.strokes)


def detail_pose(posed: ResolvedPose, age: float, settings: EngineSettings) -> Pose:
    """What detail depends on of a head in a pose."""
    return _pose_of(posed.expression, posed.tension, age, settings)


def _pose_of(expression: Float32, tension: Float32, age: float, settings: EngineSettings) -> Pose:
    return Pose(expression, action_units_of(expression), age, tension, settings)


def _at(head: Head, identity: tuple[float, ...], expression: Float32, rest: Float32 | None = None) -> ResolvedPose:
    """The head in an identity and an expression; `rest` is its rest shape where that is known."""
    if rest is None:
        rest = read_only(head.shape(identity, np.zeros_like(expression)))
    vertices = read_only(head.shape(identity, expression))
    model = tension_model(head)
    tension = read_only(model.chart_map(model.per_vertex(rest, vertices)))
    return ResolvedPose(head, identity, expression, rest, vertices, tension)


