from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.head.head import Part
from rhytid.core.head.load import default_head
from rhytid.core.photo.embedding import landmark_places
from rhytid.core.photo.landmarks import LIDS, N_MESH
from rhytid.core.photo.offset_fields import N_FIELDS, offsets_of, weights_of, with_fields

HEAD = default_head()
WIDE = with_fields(HEAD)
FIELDS = WIDE.identity[HEAD.n_identity :].astype(np.float32)


def random_weights(seed: int, size: float = 1.0) -> np.ndarray:
    own = np.random.default_rng(seed).normal(0, size, N_FIELDS)
    return np.concatenate([np.zeros(HEAD.n_identity), np.clip(own, -3, 3)])


def test_only_the_face_moves_and_lids_stay():
    assert FIELDS.shape == (N_FIELDS, *HEAD.neutral.shape)
    skin = np.zeros(len(HEAD.neutral), bool)
    skin[: HEAD.n_skin] = HEAD.detail_weight > 0
    assert not FIELDS[:, ~skin].any()
    assert np.abs(landmark_places(HEAD).of(FIELDS)[:, list(LIDS)]).max() < 0.02
    eyes = np.isin(HEAD.triangle_parts, (Part.EYE_LEFT, Part.EYE_RIGHT))
    assert not FIELDS[:, np.unique(HEAD.triangles[eyes])].any()
    # The modes before the fields are those of the head.
    assert np.array_equal(WIDE.identity[: HEAD.n_identity], HEAD.identity)


def test_the_face_moves_by_half_a_millimetre_or_so():
    sizes = [np.linalg.norm(offsets_of(random_weights(k), HEAD)[: HEAD.n_skin], axis=1) for k in range(40)]
    rms = np.sqrt((np.stack(sizes) ** 2).mean(axis=0))[HEAD.detail_weight > 0.9]
    assert 0.2 < np.median(rms) < 0.8


@pytest.mark.parametrize("seed", range(6))
def test_no_skin_is_torn_or_turned_over_by_the_strongest(seed):
    moved = HEAD.neutral + offsets_of(random_weights(seed, 2.5), HEAD)

    def normals(vertices):
        a, b, c = (vertices[HEAD.skin_triangles[:, k]] for k in range(3))
        return np.cross(b - a, c - a)

    before, after = normals(HEAD.neutral), normals(moved)
    cosine = np.einsum("ij,ij->i", before, after) / (np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1))
    assert cosine.min() > 0.3
    # Lips that touch stay together: what lies on both sides of the line between them moves alike.
    places = landmark_places(HEAD).of(offsets_of(random_weights(seed), HEAD))[:N_MESH]
    assert np.linalg.norm(places[13] - places[14]) < 0.3


def test_weights_are_found_again_and_other_offsets_have_the_nearest():
    weights = random_weights(3)
    offsets = offsets_of(weights, HEAD)
    assert np.allclose(weights_of(offsets, HEAD), weights[HEAD.n_identity :], atol=1e-3)
    assert np.allclose(offsets, WIDE.shape(weights, np.zeros(52)) - HEAD.neutral, atol=1e-3)
    rest = np.full_like(HEAD.neutral, 0.2)
    nearest = weights_of(rest, HEAD)
    none = np.zeros(HEAD.n_identity)
    left = [((offsets_of(np.concatenate([none, nearest + step]), HEAD) - rest) ** 2).sum() for step in (0, 0.2, -0.2)]
    assert left[0] == min(left)
