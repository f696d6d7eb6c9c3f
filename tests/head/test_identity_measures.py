"""Measures of a person: against distances taken by hand, and what a slider moves and holds."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.document.identity import seeded_identity
from rhytid.core.head.anthropometry import MEASURES, landmark_vertices
from rhytid.core.head.identity_measures import MEASURE_NAMES, SEX, identity_measures
from rhytid.core.head.load import default_head

HEAD = default_head()
MODEL = identity_measures(HEAD)
NAMES = MEASURE_NAMES[:-1]
# Of which one is a part of the other.
WHOLE, PARTS = "face_height", {"nose_length", "philtrum", "upper_lip", "lower_lip", "chin_height"}
PEOPLE = [np.array(seeded_identity(seed, HEAD.n_identity)) for seed in range(900, 912)]


def values(weights) -> np.ndarray:
    return np.array(list(MODEL.of(weights).values()))


def of_vertices(weights, name: str) -> float:
    """A measure from the whole head's vertices nearest to where the ibug landmarks have it."""
    points = HEAD.shape(weights, np.zeros(52))[HEAD.landmarks].astype(np.float64)
    pairs = {
        "face_width": [(1, 15)], "eye_width": [(36, 39), (42, 45)], "eye_spacing": [(39, 42)],
        "mouth_width": [(48, 54)], "upper_lip": [(51, 62)], "lower_lip": [(66, 57)], "face_height": [(27, 8)],
    }[name]  # fmt: skip
    return float(np.mean([np.linalg.norm(points[a] - points[b]) for a, b in pairs]))


@pytest.mark.parametrize("name", ["face_width", "eye_width", "eye_spacing", "mouth_width", "upper_lip", "face_height"])
def test_a_measure_is_the_distance_between_the_heads_own_landmarks(name):
    for weights in PEOPLE[:4]:
        assert MODEL.of(weights)[name] == pytest.approx(of_vertices(weights, name), abs=0.05)


def test_every_landmark_lies_on_the_skin_and_mirrored_on_the_other_side():
    vertices = landmark_vertices(HEAD)
    assert set(vertices) <= set(HEAD.skin_triangles.ravel())
    points = HEAD.neutral[vertices]
    n = (len(points) - 13) // 2
    left, right = points[13 : 13 + n], points[13 + n :]
    np.testing.assert_allclose(right * [-1, 1, 1], left, atol=0.2)


def test_means_and_spreads_are_those_of_people():
    # Farkas 1994, adults, mean of women and men, mm or degrees, within what races and methods differ.
    published = {
        "face_width": (133, 148), "face_height": (112, 128), "eye_width": (27, 33), "eye_spacing": (30, 37),
        "nose_width": (31, 41), "nose_length": (48, 56), "mouth_width": (48, 56), "upper_lip": (7, 12),
        "lower_lip": (8, 12), "philtrum": (10, 17), "ear_length": (55, 66), "eye_opening": (8, 12),
        "nose_tip": (18, 24), "eye_tilt": (1, 6),
    }  # fmt: skip
    mean = dict(zip(NAMES, MODEL.mean, strict=True))
    for name, (low, high) in published.items():
        assert low <= mean[name] <= high, name
    assert (MODEL.spread > 0.01 * np.abs(MODEL.mean)).all()


@pytest.mark.parametrize("spreads", [-0.5, 1.0, 2.0])
@pytest.mark.parametrize("name", NAMES)
def test_a_slider_moves_its_measure_as_labelled_and_holds_the_others(name, spreads):
    k = NAMES.index(name)
    related = {k} | {NAMES.index(part) for part in (PARTS if name == WHOLE else {WHOLE} if name in PARTS else ())}
    others = [i for i in range(len(NAMES)) if i not in related]
    moved = []
    for weights in PEOPLE:
        before = values(weights)[:-1]
        wanted = before[k] - np.sign(before[k] - MODEL.mean[k]) * spreads * MODEL.spread[k]
        after = values(MODEL.moved(weights, {name: wanted}))[:-1]
        assert after[k] == pytest.approx(wanted, abs=0.01 * MODEL.spread[k])
        moved.append(np.abs(after - before)[others] / MODEL.spread[others])
    # Cross-talk of the mean person, in spreads of the measure that ought to hold, for one spread of its own.
    assert np.mean(moved, axis=0).max() / abs(spreads) < 0.25


def test_without_holding_the_same_sliders_would_move_other_measures():
    """Control: along the mere regression, most measures drag another one with them by more than is allowed above."""
    rng = np.random.default_rng(1)
    weights = rng.normal(size=(400, HEAD.n_identity))
    people = np.array([values(row)[:-1] for row in weights])
    slopes = np.linalg.lstsq(weights, (people - people.mean(axis=0)) / people.std(axis=0), rcond=None)[0].T
    alone = slopes @ slopes.T / (slopes**2).sum(axis=1, keepdims=True)
    np.fill_diagonal(alone, 0)
    assert (np.abs(alone).max(axis=1) > 0.25).mean() > 0.8


def test_going_back_brings_the_person_back():
    for name in NAMES:
        there = MODEL.of(PEOPLE[0])[name]
        away = MODEL.moved(PEOPLE[0], {name: there + MODEL.spread[NAMES.index(name)]})
        np.testing.assert_allclose(MODEL.moved(away, {name: there}), PEOPLE[0], atol=1e-3)


def test_several_measures_at_once_are_all_reached():
    wanted = {"jaw_width": 132.0, "nose_width": 34.0, "eye_spacing": 38.0, "face_height": 118.0}
    after = MODEL.of(MODEL.moved(PEOPLE[1], wanted))
    for name, value in wanted.items():
        assert after[name] == pytest.approx(value, abs=0.1)


def test_the_sexes_differ_as_published():
    """Kesterke et al. 2016, d of adults, in spreads over both sexes."""
    published = {"face_width": 1.34, "jaw_width": 1.21, "face_height": 1.58, "eye_width": 0.46, "nose_width": 1.57}
    woman, man = (MODEL.of(MODEL.moved((), {SEX: side})) for side in (-1.0, 1.0))
    assert (woman[SEX], man[SEX]) == (pytest.approx(-1), pytest.approx(1))
    for name, d in published.items():
        differ = (man[name] - woman[name]) / MODEL.spread[NAMES.index(name)]
        assert differ == pytest.approx(d / np.sqrt(1 + d**2 / 4), abs=0.25), name


def test_what_a_person_has_beyond_the_modes_is_measured():
    offsets = np.zeros_like(HEAD.neutral)
    offsets[HEAD.landmarks[54]] = offsets[HEAD.landmarks[48]] = [0, 0, 5]
    offsets[HEAD.landmarks[54], 0] = 2
    wider = MODEL.of((), offsets)["mouth_width"] - MODEL.of(())["mouth_width"]
    assert wider == pytest.approx(2.0, abs=0.3)
    reached = MODEL.moved((), {"mouth_width": 50.0}, offsets)
    assert MODEL.of(reached, offsets)["mouth_width"] == pytest.approx(50.0, abs=0.05)


def test_limits_hold_most_people_and_their_ends_are_people():
    people = np.array([values(np.array(seeded_identity(seed, HEAD.n_identity))) for seed in range(300)])
    low, _, high = np.array([MODEL.limits(name) for name in MEASURE_NAMES]).T
    assert ((people >= low) & (people <= high)).mean() > 0.94
    for name in NAMES:
        for end in MODEL.limits(name)[::2]:
            assert np.linalg.norm(MODEL.moved((), {name: end})) < 1.2 * np.sqrt(HEAD.n_identity), name


def test_an_unknown_measure_is_refused_by_name():
    with pytest.raises(ValueError, match="jaw_wdth"):
        MODEL.moved((), {"jaw_wdth": 1.0})


def test_every_measure_has_its_own_title():
    assert len({measure.title for measure in MEASURES}) == len({measure.name for measure in MEASURES}) == len(MEASURES)
