"""Shapes at the lips of a stranger's head where a few vertices were laid onto the wrong lip."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.head.fit.even_lips import TELLING, EvenLips
from rhytid.core.head.load import default_head
from rhytid.core.head.normals import vertex_normals

HEAD = default_head()
N = HEAD.n_skin
SKIN = HEAD.neutral[:N].astype(np.float64)
SHAPES = ("jawOpen", "mouthClose", "mouthFunnel", "mouthSmileLeft", "mouthPucker")


def carried(name: str, where: np.ndarray) -> np.ndarray:
    return HEAD.expression[ARKIT_INDEX[name], where].astype(np.float64)


def even(where: np.ndarray) -> EvenLips:
    """Of the head's own skin, each vertex laid onto the one that `where` says."""
    telling = HEAD.expression[TELLING, :N].astype(np.float64)[:, where]
    return EvenLips(SKIN[where], SKIN, HEAD.skin_triangles, HEAD, np.concatenate(list(telling), axis=1))


@pytest.fixture(scope="module")
def strays() -> np.ndarray:
    """Vertices outside on the lower lip near a corner of the mouth, none beside another."""
    ahead = vertex_normals(HEAD.neutral[:N], HEAD.skin_triangles)[:, 2] > 0.2
    corner = np.linalg.norm(SKIN - SKIN[HEAD.landmarks[48]], axis=1)
    chosen: list[int] = []
    for one in np.flatnonzero(ahead & (corner < 15) & (carried("jawOpen", np.arange(N))[:, 1] < -20)):
        if not chosen or np.linalg.norm(SKIN[chosen] - SKIN[one], axis=1).min() > 4:
            chosen.append(int(one))
    assert len(chosen) > 4
    return np.array(chosen)


def test_a_vertex_on_the_wrong_lip_goes_with_its_neighbours(strays: np.ndarray) -> None:
    still = np.flatnonzero(np.abs(carried("jawOpen", np.arange(N))[:, 1]) < 10)
    where = np.arange(N)
    where[strays] = still[np.linalg.norm(SKIN[strays, None] - SKIN[still], axis=2).argmin(axis=1)]
    evened = even(where)
    for name in ("jawOpen", "mouthClose"):
        true, made = carried(name, np.arange(N)), carried(name, where)
        before = np.linalg.norm(made - true, axis=1)
        evened.even(made)
        after = np.linalg.norm(made - true, axis=1)
        assert before[strays].min() > 8
        assert (after[strays] < 0.5).mean() > 0.85  # one at a rim, with neighbours on one side alone, stays astray
        assert np.delete(after, strays).max() < 2.5


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_that_are_right_stay(name: str) -> None:
    where = np.arange(N)
    true, made = carried(name, where), carried(name, where)
    even(where).even(made)
    moved = np.linalg.norm(made - true, axis=1)
    lips = np.linalg.norm(SKIN[:, None] - SKIN[HEAD.landmarks[48:68]], axis=2).min(axis=1)
    assert moved[lips > 16].max() == 0
    assert moved[lips < 8].mean() < 0.1
    assert moved.max() < 2.5


def test_a_skin_without_lips_is_left_alone() -> None:
    forehead = np.linalg.norm(SKIN - SKIN[HEAD.landmarks[27]], axis=1) < 15
    triangles = HEAD.skin_triangles[forehead[HEAD.skin_triangles].all(axis=1)]
    offsets = np.ones((N, 3))
    EvenLips(SKIN, SKIN, triangles, HEAD, np.ones((N, 6))).even(offsets)
    assert np.array_equal(offsets, np.ones((N, 3)))
