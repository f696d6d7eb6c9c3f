"""From what the artist set to what the stages need: one frozen request and one posed head."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import skin_age
from rhytid.core.detail.engines import Engines
from rhytid.core.detail.request import DetailRequest, EngineSettings, Pose
from rhytid.core.document.expression import action_units_of, effective_expression
from rhytid.core.document.state import DocumentState
from rhytid.core.face.folding import fold_factors
from rhytid.core.face.mixing import mixed_source
from rhytid.core.face.mouth_fit import AS_THE_MODES_SAY, MouthFit, mouth_fit, with_fitted_mouth
from rhytid.core.head.ageing import AGED_PARTS, SHAPE_AGE, part_shares
from rhytid.core.head.head import Head
from rhytid.core.head.person_lids import PersonLids
from rhytid.core.head.person_offsets import moved, rows_on
from rhytid.core.head.tension import tension_model
from rhytid.core.head.tongue_room import within_room
from rhytid.core.head.turn import turned, turned_beside
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ResolvedPose:
    """The head in the pose of a document. Compare by identity: an unchanged pose is the same object.

    Attributes
    ----------
    head : Head
    identity : tuple of float
    offsets : float32 (n, 3), read-only, or None
        What the identity has beyond the head's modes, mm, as `core.head.person_offsets` reads it.
    ageing : tuple of float
        Shares of the parts that age.
    expression : float32 (52,), read-only
        Effective weights; `vertices` follow them as far as there is room for the tongue.
    rest, vertices : float32 (V, 3), read-only
        mm at the age, without and with the expression.
    tension : float32 (256, 256), read-only
        Chart map of the tension that the expression brings. Years are no compression: it is that of the head
        without ageing, which engines know.
    turn : tuple of 3 floats
        Degrees by which the head is turned on its neck, as `core.head.turn.turned` takes them.
    mouth : MouthFit
        What brings the lips together at rest and keeps the jaws behind them.
    lids : PersonLids
        What closes the eyes of the person at that age.
    """

    head: Head
    identity: tuple[float, ...]
    offsets: Float32 | None
    ageing: tuple[float, ...]
    expression: Float32
    rest: Float32
    vertices: Float32
    tension: Float32
    lids: PersonLids
    mouth: MouthFit = AS_THE_MODES_SAY
    turn: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @cached_property
    def turned(self) -> Float32:
        """`vertices` of the head as it is turned: what is seen. What is measured and exported stands upright."""
        return turned(self.head, self.vertices, *self.turn)

    @cached_property
    def others(self) -> tuple[Float32, ...]:
        """Vertices of the head's `other_parts` in this pose, turned as it is; mm, each float32 (V, 3)."""
        worn = within_room(self.expression, self.head)
        parts = self.head.other_parts
        return tuple(turned_beside(self.head, part.shape(worn), self.turn) for part in parts)


def resolve_pose(state: DocumentState, head: Head, previous: ResolvedPose | None = None) -> ResolvedPose:
    """Pose of the head for a state.

    `previous`, the pose that the caller got before, saves the work: it is returned itself when nothing of it
    changed, and lends its rest shape when only the expression did, its tension when only the age did.
    """
    pose = _upright(state, head, previous)
    turn = (state.head_pose.yaw_deg, state.head_pose.pitch_deg, state.head_pose.roll_deg)
    return pose if pose.turn == turn else replace(pose, turn=turn)


def _upright(state: DocumentState, head: Head, previous: ResolvedPose | None) -> ResolvedPose:
    """The pose but for how the head is turned, which may be as it was."""
    expression = effective_expression(state)
    identity, offsets = state.identity[: head.n_identity], offsets_of(state, head)
    ageing = ageing_shares(state, head)
    # A photo's person has the lips of the photo.
    mouth = mouth_fit(head, identity, ageing) if state.photo is None else AS_THE_MODES_SAY
    same = previous is not None and previous.head is head and previous.offsets is offsets
    if previous is None or not same or previous.identity != identity:
        return _at(head, identity, offsets, ageing, expression, mouth)
    same_expression = np.array_equal(previous.expression, expression)
    same_ageing = (previous.ageing, previous.mouth) == (ageing, mouth)
    if same_expression and same_ageing:
        return previous
    known = previous.rest, previous.lids
    tension = previous.tension if same_expression else None
    return _at(head, identity, offsets, ageing, expression, mouth, known if same_ageing else None, tension)


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
        shape = None if posed.offsets is None else posed.offsets.tobytes()
        key = ("tension at capture", head.digest, posed.identity, shape, source.expression)
        expression = read_only(np.array(source.expression, np.float32))
        tension = engines.cache.get(key, lambda: _tension(head, posed.identity, posed.offsets, expression))
        captured = _pose_of(expression, tension, source.age, settings)
    detail = detail_pose(posed, state.age, settings)
    folds = fold_factors(state.strokes, head, posed.rest, posed.vertices)
    return DetailRequest(resolution, detail, captured, source, state.strokes, state.layering, state.finish, folds)


def detail_pose(posed: ResolvedPose, age: float, settings: EngineSettings) -> Pose:
    """What detail depends on of a head in a pose."""
    return _pose_of(posed.expression, posed.tension, age, settings)


def _pose_of(expression: Float32, tension: Float32, age: float, settings: EngineSettings) -> Pose:
    return Pose(expression, action_units_of(expression), skin_age(age), tension, settings)


def ageing_shares(state: DocumentState, head: Head) -> tuple[float, ...]:
    """Shares of the head's parts that age, () at the age at which the head stands without."""
    age = state.age if state.shape_age is None else state.shape_age
    shares = dict(zip(AGED_PARTS, part_shares(age, state.identity, _age_at_rest(state)), strict=True))
    factors = dict(state.age_parts)
    ageing = tuple(float(shares.get(name, 0.0)) * factors.get(name, 1.0) for name in head.ageing_names)
    return ageing if any(ageing) else ()


def _age_at_rest(state: DocumentState) -> float:
    """Years at which the head stands without a share of ageing: the mean head's, or the person's in the photo."""
    if state.photo is None:
        return SHAPE_AGE
    for brought in (state.albedo, state.source):
        if brought is not None:
            return brought.age
    return state.age


def offsets_of(state: DocumentState, head: Head) -> Float32 | None:
    """Those of the photo's person, if this is the head that the photo was fitted with."""
    offsets = None if state.photo is None else state.photo.fit.offsets
    return offsets if offsets is not None and rows_on(offsets, head) is not None else None


def _at(
    head: Head,
    identity: tuple[float, ...],
    offsets: Float32 | None,
    ageing: tuple[float, ...],
    expression: Float32,
    mouth: MouthFit,
    known: tuple[Float32, PersonLids] | None = None,
    tension: Float32 | None = None,
) -> ResolvedPose:
    """The head of a person at an age in an expression; `known` rest with its lids, and `tension`, where they are."""
    if known is None:
        rest = _shape(head, identity, offsets, np.zeros_like(expression), ageing, mouth)
        known = rest, PersonLids(head, rest)
    rest, lids = known
    shaped = _shape(head, identity, offsets, expression, ageing, mouth)
    if tension is None:
        # Neither years nor lips that meet nor lids that close are compression.
        as_shown = not ageing and not mouth
        tension = _tension_between(head, rest, shaped) if as_shown else _tension(head, identity, offsets, expression)
    vertices = read_only(lids.moved(shaped, expression))
    return ResolvedPose(head, identity, offsets, ageing, expression, rest, vertices, tension, lids, mouth)


def _tension(head: Head, identity: tuple[float, ...], offsets: Float32 | None, expression: Float32) -> Float32:
    """That of the head without ageing."""
    rest = _shape(head, identity, offsets, np.zeros_like(expression))
    return _tension_between(head, rest, _shape(head, identity, offsets, expression))


def _tension_between(head: Head, rest: Float32, vertices: Float32) -> Float32:
    model = tension_model(head)
    return read_only(model.chart_map(model.per_vertex(rest, vertices)))


def _shape(
    head: Head,
    identity: tuple[float, ...],
    offsets: Float32 | None,
    expression: Float32,
    ageing: tuple[float, ...] = (),
    mouth: MouthFit = AS_THE_MODES_SAY,
) -> Float32:
    shape = head.shape(identity, within_room(expression, head), ageing)
    return read_only(moved(with_fitted_mouth(shape, head, mouth), offsets, head))
