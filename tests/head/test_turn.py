"""A turned head: rigid where it is bone, still where the neck ends, and the way that the words say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist

from rhytid.core.head.load import default_head
from rhytid.core.head.turn import turned

NOSE, CHIN, RIGHT_EDGE, LEFT_EDGE = 30, 8, 0, 16


def test_an_upright_head_is_the_very_same():
    head = default_head()
    assert turned(head, head.neutral, 0.0, 0.0, 0.0) is head.neutral


@settings(max_examples=12, deadline=None)
@given(st.floats(-90, 90), st.floats(-60, 60), st.floats(-60, 60))
def test_the_face_is_rigid_and_the_neck_ends_where_it_did(yaw, pitch, roll):
    head = default_head()
    there = turned(head, head.neutral, yaw, pitch, roll)
    face = head.landmarks
    np.testing.assert_allclose(pdist(there[face]), pdist(head.neutral[face]), atol=2e-3)
    eyes = np.arange(head.n_skin, len(head.neutral), 97)
    np.testing.assert_allclose(pdist(there[eyes]), pdist(head.neutral[eyes]), atol=2e-3)
    lowest = int(np.argmin(head.neutral[: head.n_skin, 1] + 0.28 * head.neutral[: head.n_skin, 2]))
    np.testing.assert_allclose(there[lowest], head.neutral[lowest], atol=1e-3)
    assert there.dtype == np.float32


@pytest.mark.parametrize(
    ("angles", "landmark", "axis", "sign"),
    [((30, 0, 0), NOSE, 0, 1), ((0, 20, 0), NOSE, 1, -1), ((0, 0, 20), LEFT_EDGE, 1, 1),
     ((0, 0, 20), RIGHT_EDGE, 1, -1)],
)  # fmt: skip
def test_angles_go_the_way_that_they_are_called(angles, landmark, axis, sign):
    head = default_head()
    at = head.landmarks[landmark]
    moved = turned(head, head.neutral, *angles)[at] - head.neutral[at]
    assert moved[axis] * sign > 5.0


def test_the_neck_bends_without_a_fold():
    head = default_head()
    there = turned(head, head.neutral, 60.0, 20.0, 10.0)
    edges = np.concatenate([head.skin_triangles[:, [0, 1]], head.skin_triangles[:, [1, 2]]])

    def lengths(vertices):
        return np.linalg.norm(vertices[edges[:, 0]] - vertices[edges[:, 1]], axis=1)

    stretched = lengths(there) / np.maximum(lengths(head.neutral), 1e-3)
    assert 0.3 < np.quantile(stretched, 0.001) < np.quantile(stretched, 0.999) < 2.5
