"""Margins of the lids, tears and caruncles of the default head: where they show, and that nothing comes through."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.arkit import expression_array
from rhytid.core.head.ageing import part_shares
from rhytid.core.head.eye_flesh import at_eyes, parts_in_pictures
from rhytid.core.head.head import Head, Part
from rhytid.core.head.load import default_head
from rhytid.core.photo.rasteriser import NumpyRasteriser

HEAD = default_head()
SIDE_PX, FOCAL_PX, DISTANCE_MM = 240, 7000.0, 1000.0
MM_PER_PX = DISTANCE_MM / FOCAL_PX
FLESH = (HEAD.triangle_parts == Part.MOUTH) & (at_eyes(HEAD)[HEAD.triangles] >= 0).all(axis=1)


def parts_seen(vertices: np.ndarray, eye: int) -> np.ndarray:
    """What each pixel round an eye shows from the front: a `Part`, `MOUTH` for its flesh, -1 for nothing."""
    lids = np.unique(HEAD.triangles[FLESH & (at_eyes(HEAD)[HEAD.triangles[:, 0]] == eye)])
    middle = vertices[lids].mean(axis=0)
    seen_from = ((vertices - middle) * [1, -1, -1] + [0, 0, DISTANCE_MM]).astype(np.float32)
    fragments = NumpyRasteriser().fragments(
        seen_from, HEAD.triangles, FOCAL_PX, np.full(2, SIDE_PX / 2), (SIDE_PX, SIDE_PX)
    )
    return np.where(fragments.triangle >= 0, HEAD.triangle_parts[fragments.triangle].astype(int), -1)


def shape(identity: np.ndarray | list[float] = (), age: float = 30.0, **weights: float) -> np.ndarray:
    return HEAD.shape(identity, expression_array(weights), part_shares(age, identity))


POSES = {
    "rest": {},
    "half closed": {"eyeBlinkLeft": 0.5, "eyeBlinkRight": 0.5},
    "down": {"eyeLookDownLeft": 1.0, "eyeLookDownRight": 1.0},
    "up": {"eyeLookUpLeft": 1.0, "eyeLookUpRight": 1.0},
    "squint": {"eyeSquintLeft": 1.0, "eyeSquintRight": 1.0},
}


@pytest.mark.parametrize("age", [20.0, 75.0])
@pytest.mark.parametrize("pose", POSES)
@pytest.mark.parametrize("eye", [0, 1])
def test_a_margin_lies_between_the_lower_lid_and_the_eyeball(eye: int, pose: str, age: float) -> None:
    parts = parts_seen(shape(age=age, **POSES[pose]), eye)
    ball = parts == (Part.EYE_LEFT, Part.EYE_RIGHT)[eye]
    columns = np.flatnonzero(ball.sum(axis=0) > 3)
    columns = columns[len(columns) // 4 : -(len(columns) // 8)]
    bottom = SIDE_PX - 1 - ball[::-1].argmax(axis=0)[columns]
    below = np.array([parts[row + 1, column] for row, column in zip(bottom, columns, strict=True)])
    assert (below == Part.MOUTH).mean() > 0.97
    height = [(parts[row:, column] == Part.MOUTH).sum() for row, column in zip(bottom, columns, strict=True)]
    assert 0.15 < np.median(height) * MM_PER_PX < 1.5


@pytest.mark.parametrize("seed", range(4))
def test_no_person_has_a_hole_between_lids_and_eyeball(seed: int) -> None:
    identity = np.random.default_rng(seed).normal(size=HEAD.n_identity)
    for eye in (0, 1):
        parts = parts_seen(shape(identity), eye)
        assert (parts >= 0).all()
        assert (parts == Part.MOUTH).sum() * MM_PER_PX**2 > 8.0


def test_the_corner_at_the_nose_is_filled_with_flesh() -> None:
    parts = parts_seen(shape(), 0)
    inner = np.flatnonzero((parts != Part.SKIN).any(axis=0))[0]
    corner = parts[:, inner : inner + round(1.5 / MM_PER_PX)]
    assert not (corner == Part.EYE_LEFT).any()
    assert (corner == Part.MOUTH).sum() * MM_PER_PX**2 > 1.0


def test_a_closed_eye_hides_all_of_it() -> None:
    closed = shape(eyeBlinkLeft=1.0, eyeBlinkRight=1.0)
    for eye in (0, 1):
        assert (parts_seen(closed, eye) == Part.MOUTH).mean() < 0.0005


def test_tears_end_on_the_eyeball() -> None:
    vertices = np.unique(HEAD.triangles[FLESH])
    vertices = vertices[vertices >= HEAD.n_skin]
    centre = HEAD.eye_centers[at_eyes(HEAD)[vertices]]
    ball = np.unique(HEAD.triangles[HEAD.triangle_parts == Part.EYE_LEFT])
    radius = np.linalg.norm(HEAD.neutral[ball] - HEAD.eye_centers[0], axis=1)
    height = np.linalg.norm(HEAD.neutral[vertices] - centre, axis=1) - radius.min()
    assert height.min() < -0.1
    assert 1.0 < height.max() < 3.0


def test_pictures_count_the_flesh_as_the_eye() -> None:
    parts = parts_in_pictures(HEAD)
    np.testing.assert_array_equal(parts[~FLESH], HEAD.triangle_parts[~FLESH])
    assert set(parts[FLESH]) == {Part.EYE_LEFT, Part.EYE_RIGHT}
    x = HEAD.neutral[HEAD.triangles[FLESH], 0].mean(axis=1)
    np.testing.assert_array_equal(parts[FLESH] == Part.EYE_LEFT, x > 0)


def test_heads_without_eyes_have_none() -> None:
    content = {**HEAD.__dict__}
    far = Head(**{name: content[name] for name in Head.__dataclass_fields__} | {"eye_centers": np.full((2, 3), 1e3)})
    assert (at_eyes(far) < 0).all()
    np.testing.assert_array_equal(parts_in_pictures(far), HEAD.triangle_parts)
