"""Teeth, gums, palate and tongue of the default head: sizes, places, and what never goes through what."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from rhytid.core.arkit import ARKIT_INDEX, expression_array
from rhytid.core.head.head import Part
from rhytid.core.head.load import default_head
from rhytid.core.head.tongue_room import within_room
from tests.head.intersections import cutting_triangles

HEAD = default_head()


def component_of_vertex() -> np.ndarray:
    a, b, c = HEAD.triangles.T
    pairs = np.concatenate([a, b]), np.concatenate([b, c])
    graph = sparse.coo_matrix((np.ones(len(pairs[0])), pairs), (len(HEAD.neutral),) * 2)
    return connected_components(graph, directed=False)[1]


COMPONENT = component_of_vertex()
JAW_MOVES = np.linalg.norm(HEAD.expression[ARKIT_INDEX["jawOpen"]].astype(float), axis=1) > 1
TEETH = HEAD.triangles[HEAD.triangle_parts == Part.TEETH]
TONGUE_VERTEX = int(np.flatnonzero(HEAD.expression[ARKIT_INDEX["tongueOut"]].any(axis=1))[-1])
TONGUE = HEAD.triangles[COMPONENT[HEAD.triangles[:, 0]] == COMPONENT[TONGUE_VERTEX]]


def crowns(lower: bool) -> list[np.ndarray]:
    """Vertices of each tooth of a jaw, from the subject's right to the left."""
    vertices = np.unique(TEETH)
    vertices = vertices[JAW_MOVES[vertices] == lower]
    teeth = [HEAD.neutral[vertices[COMPONENT[vertices] == one]] for one in np.unique(COMPONENT[vertices])]
    # Along the arch: by the angle about a point behind the tongue.
    return sorted(teeth, key=lambda tooth: np.arctan2(tooth[:, 0].mean(), tooth[:, 2].mean() - 55))


@pytest.mark.parametrize("lower", [False, True])
def test_each_jaw_has_fourteen_single_teeth_that_only_touch_each_other(lower: bool) -> None:
    teeth = crowns(lower)
    assert len(teeth) == 14
    gaps = [cKDTree(one).query(other)[0].min() for one, other in pairwise(teeth)]
    assert max(gaps) < 1.0
    corners = HEAD.neutral[TEETH].astype(float)
    of_jaw = JAW_MOVES[TEETH[:, 0]] == lower
    for one in np.unique(COMPONENT[TEETH[of_jaw, 0]]):
        own = of_jaw & (COMPONENT[TEETH[:, 0]] == one)
        assert len(cutting_triangles(corners[own], corners[of_jaw & ~own])) < 0.1 * own.sum()


def test_crowns_have_the_sizes_of_dental_anatomy() -> None:
    upper, lower = crowns(False), crowns(True)
    for teeth, number, width, height in ((upper, 7, 8.5, 10.5), (upper, 9, 7.6, 10.0), (lower, 7, 5.3, 9.0)):
        size = np.ptp(teeth[number], axis=0)
        assert size[0] / width == pytest.approx(1, abs=0.2 if number == 9 else 0.08)
        assert size[1] == pytest.approx(height, abs=0.8)
    assert np.ptp(np.concatenate(upper)[:, 0]) == pytest.approx(61, abs=2)
    molars = [np.ptp(tooth[:, 2]) for tooth in (upper[12], lower[12])]
    assert all(9 < length < 12.5 for length in molars)


def test_canines_are_no_fangs() -> None:
    for lower, up in ((False, -1), (True, 1)):
        teeth = crowns(lower)
        for canine, lateral, central in ((teeth[9], teeth[8], teeth[7]), (teeth[4], teeth[5], teeth[6])):
            edge = (up * canine[:, 1]).max()
            assert edge < max((up * one[:, 1]).max() for one in (lateral, central)) + 0.3
            out = canine[:, [0, 2]].mean(axis=0) - [0.0, 55.0]
            along = canine[:, [0, 2]] @ np.array([out[1], -out[0]]) / np.linalg.norm(out)
            near_the_tip = up * canine[:, 1] > edge - 1.0
            assert np.ptp(along[near_the_tip]) > 0.6 * np.ptp(along)  # a tip that is worn


def test_left_and_right_teeth_are_alike_but_not_mirror_images() -> None:
    for lower in (False, True):
        teeth = crowns(lower)
        apart = [
            np.abs(np.sort(left[:, 1]) - np.sort(right[:, 1])).max()
            for left, right in zip(teeth[7:], teeth[6::-1], strict=True)
        ]
        assert 0.01 < max(apart) < 1.0


def test_upper_front_teeth_stand_two_millimetres_over_the_lower_and_before_them() -> None:
    upper, lower = crowns(False)[7], crowns(True)[7]
    edge, lower_edge = upper[upper[:, 1].argmin()], lower[lower[:, 1].argmax()]
    assert lower_edge[1] - edge[1] == pytest.approx(2.0, abs=0.7)
    assert 1.0 < edge[2] - lower_edge[2] < 4.0
    at_rest = HEAD.neutral[TEETH].astype(float)
    below = JAW_MOVES[TEETH[:, 0]]
    assert len(cutting_triangles(at_rest[~below], at_rest[below])) == 0


def test_gum_covers_every_neck_and_leaves_the_crown_bare() -> None:
    of_tongue_or_lining = np.isin(COMPONENT, COMPONENT[[0, TONGUE_VERTEX]])
    soft = HEAD.triangles[HEAD.triangle_parts == Part.MOUTH]
    soft = soft[~of_tongue_or_lining[soft[:, 0]]]
    for lower, up in ((False, -1), (True, 1)):
        gum = HEAD.neutral[soft[JAW_MOVES[soft[:, 0]] == lower]].mean(axis=1)
        for tooth in crowns(lower)[5:9]:
            x, z = tooth[:, 0].mean(), tooth[:, 2].max()
            before = gum[(np.abs(gum[:, 0] - x) < 1.0) & (gum[:, 2] > z - 2.0)]
            before = before[np.abs(before[:, 1] - tooth[:, 1].mean()) < 12]
            margin = (up * before[:, 1]).max()
            neck, edge = (up * tooth[:, 1]).min(), (up * tooth[:, 1]).max()
            assert neck - 0.5 < margin < neck + 0.3 * (edge - neck)


def posed(**weights: float) -> np.ndarray:
    return HEAD.shape([], within_room(expression_array(weights), HEAD)).astype(float)


def test_tongue_cuts_neither_skin_nor_teeth_wherever_it_goes() -> None:
    middle = HEAD.neutral[HEAD.skin_triangles].mean(axis=1)
    near = (np.abs(middle[:, 0]) < 45) & (np.abs(middle[:, 1] + 50) < 40) & (middle[:, 2] > 75)
    around = np.concatenate([HEAD.skin_triangles[near], TEETH])
    asked = product((0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0), (0.0, 0.5, 1.0), (0.0, 0.25, 0.5, 0.75, 1.0))
    given = [within_room(expression_array({"jawOpen": jaw, "mouthFunnel": funnel, "tongueOut": out}), HEAD)
             for jaw, funnel, out in asked]  # fmt: skip
    poses = np.unique(given, axis=0)  # there is room for less than what is asked for in many
    assert 60 < len(poses) < len(given)
    for pose in poses:
        shape = HEAD.shape([], pose).astype(float)
        cut = cutting_triangles(shape[TONGUE], shape[around])
        assert len(cut) == 0, pose[[ARKIT_INDEX[name] for name in ("jawOpen", "mouthFunnel", "tongueOut")]]


def test_tongue_comes_out_over_the_lower_lip_as_far_as_jaw_and_lips_are_open() -> None:
    tip = int(TONGUE[HEAD.neutral[TONGUE][..., 2].max(axis=1).argmax()].max())
    lower_lip = HEAD.landmarks[57]

    def beyond_the_lip(**weights: float) -> float:
        shape = posed(tongueOut=1.0, **weights)
        assert shape[tip, 1] > shape[lower_lip, 1]
        return float(shape[tip, 2] - shape[lower_lip, 2])

    reach = [beyond_the_lip(jawOpen=jaw) for jaw in (0.0, 0.2, 0.4, 0.5, 1.0)]
    assert reach[0] < reach[1] < 0 < reach[2] < reach[3]
    assert min(reach[3:]) > 8
    closed = within_room(expression_array({"jawOpen": 0.5, "mouthClose": 0.5, "tongueOut": 1.0}), HEAD)
    assert closed[ARKIT_INDEX["tongueOut"]] == 0


def test_room_leaves_other_weights_and_smaller_tongues_alone() -> None:
    wide = expression_array({"jawOpen": 1.0, "tongueOut": 0.7, "browInnerUp": 0.3})
    assert within_room(wide, HEAD) is wide
    narrow = expression_array({"jawOpen": 0.1, "tongueOut": 0.7, "browInnerUp": 0.3})
    limited = within_room(narrow, HEAD)
    assert 0 < limited[ARKIT_INDEX["tongueOut"]] < 0.5
    limited[ARKIT_INDEX["tongueOut"]] = narrow[ARKIT_INDEX["tongueOut"]]
    np.testing.assert_array_equal(limited, narrow)
