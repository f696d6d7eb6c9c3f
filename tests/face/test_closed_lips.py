"""Lips of every person meet at rest, those of a photo stay as they are, and what opens them still does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from document_samples import photo_layer

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.document.state import DocumentState
from rhytid.core.face.closed_lips import closing
from rhytid.core.face.face import Face
from rhytid.core.face.resolve import resolve_pose
from rhytid.core.head.head import Head, Part
from rhytid.core.head.load import default_head
from rhytid.core.photo.rasteriser import NumpyRasteriser

HEAD = default_head()
INNER = ((61, 62, 63), (67, 66, 65))


def gap_mm(vertices: np.ndarray) -> np.ndarray:
    upper, lower = (vertices[HEAD.landmarks[[*row]], 1] for row in INNER)
    return upper - lower


def mouth_seen(vertices: np.ndarray) -> int:
    """Pixels of 0.2 mm in which teeth or mouth show between the lips, from the front."""
    middle = vertices[HEAD.landmarks[48:68]].mean(axis=0)
    seen_from = ((vertices - middle) * [1, -1, -1] + [0, 0, 1000.0]).astype(np.float32)
    fragments = NumpyRasteriser().fragments(seen_from, HEAD.triangles, 5000.0, np.full(2, 200.0), (400, 400))
    parts = np.where(fragments.triangle >= 0, HEAD.triangle_parts[fragments.triangle], Part.SKIN)
    return int(np.isin(parts, (Part.TEETH, Part.MOUTH)).sum())


@pytest.fixture(scope="module")
def face() -> Face:
    return Face()


@pytest.mark.parametrize("seed", [0, 16, 20, 29, 30])
@pytest.mark.parametrize("age", [30.0, 70.0])
def test_lips_of_random_people_meet(face: Face, seed: int, age: float) -> None:
    face.be_random(seed)
    face.age = age
    pose = face.pose()
    assert gap_mm(pose.vertices).max() < gap_mm(HEAD.neutral).max() + 0.02
    assert mouth_seen(pose.vertices) < 60
    open_before = mouth_seen(HEAD.shape(pose.identity, np.zeros(52), pose.ageing))
    if seed == 16 and age == 30:
        assert open_before > 800  # what the modes alone would show


def pressed_mm(vertices: np.ndarray) -> float:
    """How far the lower lip stands in the upper one: their heights seen from above and from below, 0.4 mm apart."""
    triangles = HEAD.skin_triangles
    middle = vertices[HEAD.landmarks[48:68]].mean(axis=0)
    # What the jaw takes with it is the lower lip.
    falls = -HEAD.expression[ARKIT_INDEX["jawOpen"], :, 1].astype(float)
    lower = falls[triangles].mean(axis=1) > falls[HEAD.landmarks[[62, 66]]].mean()
    near = (np.abs(vertices[triangles].mean(axis=1) - middle) < [40, 14, 25]).all(axis=1)
    heights = []
    for lip, up in ((lower, 1.0), (~lower, -1.0)):
        axes = np.array([[up, 0, 0], [0, 0, 1], [0, -up, 0]])
        seen_from = ((vertices - middle) @ axes.T + [0, 0, 5000.0]).astype(np.float32)
        size = np.array([90, 100])  # as far as 18 mm to either side
        fragments = NumpyRasteriser().fragments(seen_from, triangles[near & lip], 12500.0, size / 2, (90, 100))
        height = np.where(fragments.triangle >= 0, 5000.0 - fragments.depth, -50.0) * up
        heights.append(height[:, :: int(up)])
    return float((heights[0] - heights[1]).max())


@pytest.mark.parametrize("seed", [1, 9, 13, 17])
def test_lips_of_random_people_are_not_pressed_into_each_other(face: Face, seed: int) -> None:
    face.be_random(seed)
    face.age = 30.0
    assert pressed_mm(HEAD.shape(face.state.identity, np.zeros(52))) > 0.8
    assert pressed_mm(face.pose().vertices) < 0.55


def test_the_mean_person_stays_to_the_bit(face: Face) -> None:
    assert closing(HEAD, np.zeros(40)) == ()
    face.state = DocumentState()
    np.testing.assert_array_equal(face.pose().rest, HEAD.shape([], np.zeros(52), face.pose().ageing))


def test_only_the_closing_moves_and_jaws_still_open(face: Face) -> None:
    face.be_random(16)
    face.age = 30.0
    weights = closing(HEAD, face.state.identity)
    assert 0.02 < min(weights) < max(weights) < 0.15
    moved = face.pose().rest - HEAD.shape(face.state.identity, np.zeros(52))
    shape = HEAD.expression[ARKIT_INDEX["mouthClose"]].astype(np.float32)
    middle = HEAD.landmarks[[62, 66]]
    np.testing.assert_allclose(moved[middle], weights[1] * shape[middle], atol=1e-4)
    skin = slice(HEAD.n_skin)
    assert (np.abs(moved[skin]) <= max(weights) * np.abs(shape[skin]) + 1e-4).all()
    face.expression = {"jawOpen": 0.5}
    assert gap_mm(face.pose().vertices).max() > 10
    face.expression = {}


def test_a_photo_keeps_its_lips() -> None:
    identity = np.zeros(HEAD.n_identity)
    identity[2] = -3.0
    drawn = DocumentState(identity=tuple(identity.tolist()))
    met = resolve_pose(drawn, HEAD)
    kept = resolve_pose(replace(drawn, photo=photo_layer(), shape_age=drawn.age), HEAD, met)
    np.testing.assert_array_equal(kept.vertices, HEAD.shape(identity, np.zeros(52), kept.ageing))
    assert gap_mm(kept.vertices).max() > 0.8
    assert gap_mm(met.vertices).max() < 0.1


def test_a_head_without_such_a_shape_is_left_alone() -> None:
    content = {name: getattr(HEAD, name) for name in Head.__dataclass_fields__}
    still = HEAD.expression.copy()
    still[ARKIT_INDEX["mouthClose"]] = 0
    assert closing(Head(**content | {"expression": still}), np.full(3, 2.0)) == ()
