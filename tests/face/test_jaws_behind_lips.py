"""Teeth and gums of people up to 2.5 spreads stay behind the outside of lips, chin and cheeks in every expression."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from rhytid.core.arkit import ARKIT_INDEX, expression_array
from rhytid.core.document.expression_presets import expression_presets
from rhytid.core.face.face import Face
from rhytid.core.face.mouth_fit import MouthFit, mouth_fit, with_fitted_mouth
from rhytid.core.face.set_back_jaws import set_back
from rhytid.core.head.eye_flesh import at_eyes
from rhytid.core.head.head import Part
from rhytid.core.head.load import default_head
from rhytid.core.photo.rasteriser import NumpyRasteriser

HEAD = default_head()
PRESETS = {name: expression_array(preset.weights) for name, preset in expression_presets().items()}
LIPS = HEAD.landmarks[48:68]
PX_MM, FAR_MM, SIZE = 0.5, 5000.0, (136, 112)
THROUGH_MM = 5.0  # what stands farther before skin is seen through the lips' opening
AMONG = 24


def seen(vertices: np.ndarray, triangles: np.ndarray, yaw_deg: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Triangles and their depth in mm round the mouth; -1 and not finite where there are none."""
    yaw = np.radians(yaw_deg)
    turn = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, -1, 0], [-np.sin(yaw), 0, -np.cos(yaw)]])
    at = ((vertices - vertices[LIPS].mean(axis=0)) @ turn.T + [0, 0, FAR_MM]).astype(np.float32)
    fragments = NumpyRasteriser().fragments(at, triangles, FAR_MM / PX_MM, np.array(SIZE) / 2, SIZE)
    return fragments.triangle, fragments.depth


def outside_of_the_skin() -> np.ndarray:
    near = np.abs(HEAD.neutral[HEAD.skin_triangles].mean(axis=1) - HEAD.neutral[LIPS].mean(axis=0)) < [40, 32, 35]
    skin = HEAD.skin_triangles[near.all(axis=1)]
    shown = np.concatenate([np.unique(seen(HEAD.neutral, skin, yaw)[0]) for yaw in (-40, 0, 40)])
    return skin[np.unique(shown[shown >= 0])]


def teeth_and_gums() -> np.ndarray:
    triangles = HEAD.triangles[np.isin(HEAD.triangle_parts, (Part.TEETH, Part.MOUTH))]
    pairs = np.concatenate([triangles[:, :2], triangles[:, 1:]]).T
    graph = sparse.coo_matrix((np.ones(pairs.shape[1]), pairs), (len(HEAD.neutral),) * 2)
    piece = connected_components(graph, directed=False)[1]
    lining = np.unique(piece[triangles[triangles < HEAD.n_skin]])
    tongue = np.unique(piece[HEAD.expression[ARKIT_INDEX["tongueOut"]].any(axis=1)])
    first = triangles[:, 0]
    before = HEAD.neutral[first, 2] > HEAD.neutral[LIPS, 2].mean() - 40  # of the arches' front
    return triangles[before & ~np.isin(piece[first], np.union1d(lining, tongue)) & (at_eyes(HEAD)[first] < 0)]


OUTSIDE, HARD = outside_of_the_skin(), teeth_and_gums()


def through_mm(vertices: np.ndarray, yaw_deg: float = 0.0) -> float:
    """How far teeth and gums stand out of the skin."""
    (skin, skin_mm), (hard, hard_mm) = (seen(vertices, part, yaw_deg) for part in (OUTSIDE, HARD))
    both = (skin >= 0) & (hard >= 0)
    before = skin_mm[both] - hard_mm[both]
    return float(before[before < THROUGH_MM].max(initial=0.0))


def people() -> list[tuple[float, ...]]:
    spread = np.random.default_rng(5).normal(scale=1.6, size=(AMONG, HEAD.n_identity))
    return [tuple(one.tolist()) for one in spread.clip(-2.5, 2.5)]


def test_no_tooth_and_no_gum_comes_through_the_skin() -> None:
    worst, fits = {}, {}
    for identity in people():
        fits[identity] = mouth_fit(HEAD, identity, ())
        for name, yaw_deg in (("neutral", 40.0), ("rage", 0.0), ("disgust", 0.0)):
            vertices = with_fitted_mouth(HEAD.shape(identity, PRESETS[name]), HEAD, fits[identity])
            worst[name, len(fits)] = through_mm(vertices, yaw_deg)
    assert max(worst.values()) < 0.1, max(worst, key=lambda one: worst[one])
    farthest = sorted(fits, key=lambda one: fits[one].back_mm)[-3:]
    assert max(through_mm(HEAD.shape(one, PRESETS["rage"])) for one in farthest) > 1.0  # what the modes alone do


@pytest.mark.parametrize("sign", [-2.5, 2.5])
def test_single_modes_do_not_bring_them_through(sign: float) -> None:
    for mode in range(12):
        identity = tuple(sign if one == mode else 0.0 for one in range(HEAD.n_identity))
        shape = HEAD.shape(identity, PRESETS["rage"])
        assert through_mm(with_fitted_mouth(shape, HEAD, mouth_fit(HEAD, identity, ()))) < 0.1, mode


def test_the_jaws_move_as_one_and_only_as_far_as_they_must() -> None:
    assert mouth_fit(HEAD, (0.0,) * HEAD.n_identity, ()) == MouthFit()
    face = Face()
    face.be_random(15)
    assert set_back(HEAD, face.state.identity) == 0.0
    face.be_random(12)
    back = set_back(HEAD, face.state.identity)
    assert 1.0 < back < 4.0
    face.age = 30.0
    pose = face.pose()
    moved = pose.rest - with_fitted_mouth(
        HEAD.shape(pose.identity, PRESETS["neutral"], pose.ageing), HEAD, pose.mouth._replace(back_mm=0.0)
    )
    assert pose.mouth.back_mm == pytest.approx(back, abs=0.3)
    np.testing.assert_allclose(moved[np.unique(HARD)], [[0, 0, -pose.mouth.back_mm]] * len(np.unique(HARD)), atol=1e-3)
    assert not moved[: HEAD.n_skin].any()
