"""Shaping a head and cutting its faces."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from rhytid.core.arkit import expression_array
from rhytid.core.head.head import Part, split_faces

from .small_head import SIDE, small_head


def test_shape_adds_weighted_modes_and_expressions() -> None:
    head = small_head()
    weights = expression_array({"jawOpen": 0.5, "eyeLookUpLeft": 1.0})
    expected = (
        head.neutral
        + 1.5 * head.identity[0].astype(np.float32)
        - 2.0 * head.identity[1].astype(np.float32)
        + np.tensordot(weights, head.expression.astype(np.float32), 1)
    )
    shaped = head.shape([1.5, -2.0], weights)
    assert shaped.dtype == np.float32
    np.testing.assert_allclose(shaped, expected, atol=1e-4)


def test_shape_gives_each_caller_an_array_of_its_own() -> None:
    head = small_head()
    first = head.shape([1.0], np.zeros(52))
    first[:] = 0
    np.testing.assert_allclose(head.shape([1.0], np.zeros(52))[0], head.neutral[0] + [0, 2, 0], atol=1e-4)
    np.testing.assert_array_equal(head.shape([], np.zeros(52)), head.neutral)


def test_another_identity_replaces_the_remembered_one() -> None:
    head = small_head()
    for weight in (1.0, -1.0, 0.0, 1.0):
        moved = head.shape([weight], np.zeros(52))[5] - head.neutral[5]
        np.testing.assert_allclose(moved, [0, 2 * weight, 0], atol=1e-4)


@pytest.mark.parametrize(
    ("identity", "expression"),
    [
        ([0, 0, 0, 1.0], np.zeros(52)),
        ([np.nan], np.zeros(52)),
        ([], np.zeros(51)),
        ([], np.full(52, np.inf)),
    ],
)
def test_weights_that_do_not_fit_are_refused(identity: list[float], expression: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"weight|modes"):
        small_head().shape(identity, expression)


def test_surplus_identity_weights_of_zero_are_fine() -> None:
    head = small_head()
    np.testing.assert_array_equal(head.shape(np.zeros(50), np.zeros(52)), head.neutral)


def test_triangles_follow_faces_and_keep_their_winding() -> None:
    faces = np.array([[0, 1, 2, 3], [4, 5, 6, -1], [7, 8, 9, 10]], np.int32)
    triangles, face = split_faces(faces)
    assert triangles.tolist() == [[0, 1, 2], [0, 2, 3], [4, 5, 6], [7, 8, 9], [7, 9, 10]]
    assert face.tolist() == [0, 0, 1, 2, 2]


def test_triangle_parts_belong_to_their_faces() -> None:
    head = small_head()
    assert len(head.triangles) == len(head.triangle_parts) == 2 * (SIDE - 1) ** 2 + 1
    assert head.triangle_parts[-1] == Part.EYE_LEFT
    assert (head.skin_triangles < head.n_skin).all()


def test_digest_follows_content() -> None:
    head = small_head()
    assert head.digest == small_head().digest
    moved = head.neutral.copy()
    moved[0, 0] += 1e-3
    assert small_head(neutral=moved).digest != head.digest
    assert small_head(name="other").digest != head.digest


def test_a_head_cannot_be_changed() -> None:
    head = small_head()
    with pytest.raises(ValueError, match="read-only"):
        head.neutral[0] = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        head.name = "x"  # type: ignore[misc]
