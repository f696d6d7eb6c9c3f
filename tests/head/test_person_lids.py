"""Lids of people of the default head: they meet at a blink whoever it is, and never go through the eyeball."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest

from rhytid.core.arkit import ARKIT_INDEX, expression_array
from rhytid.core.head.ageing import part_shares
from rhytid.core.head.eye_flesh import at_eyes
from rhytid.core.head.eye_opening import EyeOpening
from rhytid.core.head.head import Part
from rhytid.core.head.load import default_head
from rhytid.core.head.normals import vertex_normals
from rhytid.core.head.person_lids import BLINKS, PersonLids
from rhytid.core.io.export_meshes import morph_targets

HEAD = default_head()
BALLS = [np.unique(HEAD.triangles[HEAD.triangle_parts == part]) for part in (Part.EYE_LEFT, Part.EYE_RIGHT)]
OPENINGS = [EyeOpening(HEAD, eye) for eye in (0, 1)]
# Spread, seed and age: eyes that would stay open by 2 to 3 mm, and eyes whose lids would pass each other.
OPEN = [(1.0, 2, 78.0), (1.0, 6, 25.0), (2.0, 1, 45.0), (2.0, 7, 60.0)]
NARROW = [(1.5, 9, 50.0), (1.5, 3, 63.0)]


@lru_cache(maxsize=8)
def person(spread: float, seed: int, age: float) -> tuple[np.ndarray, PersonLids]:
    """Shape at rest, and its lids."""
    identity = np.clip(spread * np.random.default_rng(seed).normal(size=HEAD.n_identity), -2.5, 2.5)
    rest = HEAD.shape(identity, np.zeros(52), part_shares(age, identity))
    return rest, PersonLids(HEAD, rest)


def said(rest: np.ndarray, **weights: float) -> np.ndarray:
    """What the shapes say of a person."""
    return rest + np.tensordot(expression_array(weights), HEAD.expression.astype(np.float32), 1)


def heights_mm(vertices: np.ndarray, eye: int) -> np.ndarray:
    """Between the edges of the lids along the eye, below 0 where they pass each other."""
    ball = vertices[BALLS[eye]]
    middle = (ball.min(axis=0) + ball.max(axis=0)) / 2
    edges = OPENINGS[eye].of(vertices, middle - [0, 0, 2.0]).edges
    return 15.5 * (edges[5:19, 1] - edges[5:19, 0])


def apart_mm(vertices: np.ndarray, eye: int) -> float:
    """How much farther apart than those of the mean head, at most."""
    return float(np.abs(heights_mm(vertices, eye) - heights_mm(said(HEAD.neutral, **{BLINKS[eye]: 1.0}), eye)).max())


@pytest.mark.parametrize("who", OPEN + NARROW)
def test_lids_of_people_meet_at_a_blink(who: tuple[float, int, float]) -> None:
    rest, lids = person(*who)
    for eye, name in enumerate(BLINKS):
        blinking = said(rest, **{name: 1.0})
        before, after = apart_mm(blinking, eye), apart_mm(lids.moved(blinking, expression_array({name: 1.0})), eye)
        assert before > 1.4
        assert after < 0.65


@pytest.mark.parametrize("who", OPEN + NARROW)
@pytest.mark.parametrize("weight", [0.25, 0.5, 0.75, 1.0])
def test_lids_do_not_go_through_the_eyeball(who: tuple[float, int, float], weight: float) -> None:
    rest, lids = person(*who)
    expression = dict.fromkeys(BLINKS, weight)
    shown = lids.moved(said(rest, **expression), expression_array(expression))
    normals = vertex_normals(shown, HEAD.triangles)
    for eye in (0, 1):
        assert deepest_mm(shown, rest, normals, eye) < 0


def deepest_mm(shown: np.ndarray, rest: np.ndarray, normals: np.ndarray, eye: int) -> float:
    """How deep the outside of a lid lies in the ball where it does not at rest, by the ball's nearest vertex."""
    moved = np.flatnonzero(np.abs(HEAD.expression[ARKIT_INDEX[BLINKS[eye]], : HEAD.n_skin, 1]) > 0.5)
    lid = moved[vertex_normals(HEAD.neutral[: HEAD.n_skin], HEAD.skin_triangles)[moved, 2] > 0.2]
    ball = BALLS[eye]
    deep = []
    for vertices in (rest, shown):
        nearest = np.linalg.norm(vertices[lid, None] - vertices[ball], axis=2).argmin(axis=1)
        inwards = np.einsum("ij,ij->i", vertices[ball[nearest]] - vertices[lid], normals[ball[nearest]])
        deep.append(inwards)
    return float(deep[1][deep[0] < 0].max())


def test_lids_go_through_the_eyeball_as_the_shapes_say() -> None:
    """What the test above asks is no matter of course."""
    rest, _ = person(1.0, 6, 25.0)
    blinking = said(rest, eyeBlinkLeft=0.5, eyeBlinkRight=0.5)
    assert deepest_mm(blinking, rest, vertex_normals(blinking, HEAD.triangles), 0) > 0.15


def test_open_eyes_stay_and_lids_close_steadily() -> None:
    rest, lids = person(1.0, 6, 25.0)
    smile = {"mouthSmileLeft": 0.4, "jawOpen": 0.3}
    still = said(rest, **smile)
    np.testing.assert_allclose(lids.moved(still, expression_array(smile)), still, atol=0.02)
    assert lids.moved(rest, np.zeros(52)) is rest
    weights = np.linspace(0, 1, 41)
    poses = [lids.posed(ARKIT_INDEX["eyeBlinkLeft"], float(weight)) for weight in weights]
    steps = [np.linalg.norm(after - before, axis=1).max() for before, after in pairwise(poses)]
    assert max(steps) < 3 * np.linalg.norm(poses[-1] - poses[0], axis=1).max() / len(steps)


def test_the_mean_head_blinks_as_it_was_made() -> None:
    lids = PersonLids(HEAD, HEAD.neutral)
    for weight in (0.2, 0.5, 0.8, 1.0):
        expression = dict.fromkeys(BLINKS, weight)
        blinking = said(HEAD.neutral, **expression)
        assert np.array_equal(lids.moved(blinking, expression_array(expression)), blinking)


def test_flesh_between_the_lids_goes_with_them() -> None:
    rest, lids = person(1.0, 6, 25.0)
    blinking = said(rest, eyeBlinkLeft=1.0)
    moved = np.linalg.norm(lids.moved(blinking, expression_array({"eyeBlinkLeft": 1.0})) - blinking, axis=1)
    mouth = np.unique(HEAD.triangles[HEAD.triangle_parts == Part.MOUTH])
    flesh = mouth[(mouth >= HEAD.n_skin) & (at_eyes(HEAD)[mouth] == 0)]
    assert (moved[flesh] > 0.3).mean() > 0.3
    assert moved[BALLS[0]].max() == moved[BALLS[1]].max() == 0
    assert moved[rest[:, 0] < 0].max() == 0


@pytest.mark.parametrize("who", OPEN + NARROW)
def test_straight_ways_close_the_eyes_too(who: tuple[float, int, float]) -> None:
    rest, lids = person(*who)
    for eye, name in enumerate(BLINKS):
        straight = lids.straight(ARKIT_INDEX[name])
        assert apart_mm(rest + straight, eye) < 0.65
        away = [
            np.linalg.norm(rest + np.float32(weight) * straight - lids.posed(ARKIT_INDEX[name], weight), axis=1)
            for weight in (0.25, 0.5, 0.75, 1.0)
        ]
        assert np.max(away) < 0.6


def test_targets_of_exports_are_those_straight_ways() -> None:
    rest, lids = person(*OPEN[1])
    targets = {one.name: one.offsets for one in morph_targets(HEAD, rest, vertex_normals(rest, HEAD.triangles))}
    for name in (*BLINKS, "eyeLookDownLeft", "jawOpen"):
        assert np.array_equal(targets[name], lids.straight(ARKIT_INDEX[name]))
    assert np.array_equal(targets["jawOpen"], HEAD.expression[ARKIT_INDEX["jawOpen"]].astype(np.float32))
    assert not np.array_equal(targets[BLINKS[0]], HEAD.expression[ARKIT_INDEX[BLINKS[0]]].astype(np.float32))
