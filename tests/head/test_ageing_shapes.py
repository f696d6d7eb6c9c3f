"""What the years do to the head's shape, measured as anthropometry does."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from rhytid.core.arkit import ARKIT_INDEX, N_EXPRESSION, expression_array
from rhytid.core.document.identity import seeded_identity
from rhytid.core.head.ageing import AGED_PARTS, SHAPE_AGE, part_shares
from rhytid.core.head.head import Head, Part
from rhytid.core.head.load import default_head
from rhytid.core.head.quality import flipped_triangles

NASION, PRONASALE, SUBNASALE, UPPER_LIP, STOMION, LOWER_STOMION, LOWER_LIP, MENTON = 27, 30, 33, 51, 62, 66, 57, 8
BROW_TAIL, MIDDLE_BROW, INNER_BROW = 26, 24, 22
AGES = (16.0, 25.0, 30.0, 35.0, 45.0, 55.0, 65.0, 70.0, 80.0)
STILL = np.zeros(N_EXPRESSION, np.float32)


@pytest.fixture(scope="module")
def head() -> Head:
    return default_head()


def aged(head: Head, age: float, seed: int | None = None, expression: np.ndarray = STILL) -> np.ndarray:
    identity = () if seed is None else seeded_identity(seed, head.n_identity)
    return head.shape(identity, expression, part_shares(age, identity))


def between(head: Head, age: float, first: int, second: int) -> float:
    at = aged(head, age)[head.landmarks[[first, second]]]
    return float(np.linalg.norm(at[0] - at[1]))


def grown(head: Head, first: int, second: int, age: float = 70.0) -> float:
    return between(head, age, first, second) - between(head, SHAPE_AGE, first, second)


def test_the_head_carries_a_shape_for_each_part_that_has_a_clock(head: Head) -> None:
    assert head.ageing_names == AGED_PARTS
    assert head.ageing.shape == (len(AGED_PARTS), *head.neutral.shape)
    assert all(shape.any() for shape in head.ageing)


@pytest.mark.parametrize("seed", [None, 3, 8])
def test_at_thirty_the_head_is_what_its_identity_says(head: Head, seed: int | None) -> None:
    identity = () if seed is None else seeded_identity(seed, head.n_identity)
    assert np.array_equal(aged(head, SHAPE_AGE, seed), head.shape(identity, STILL))
    assert not part_shares(52.0, identity, since=52.0).any()


def test_shares_only_grow_with_the_years_and_people_differ() -> None:
    people = [(), *(seeded_identity(seed, 40) for seed in range(30))]
    years = np.array([[part_shares(age, who) for age in np.arange(16.0, 81.0)] for who in people])
    growth = np.diff(years[:, :, :-1], axis=1)
    assert (growth >= 0).all()
    assert (growth[:, -1] > 0).all()
    assert (np.diff(years[:, :, -1], axis=1) <= 0).all(), "youth goes"
    at_70 = years[:, 54, :-1]
    assert np.allclose(at_70[0, [0, 6, 11]], 1.0)
    assert 0.08 < at_70[1:].std(axis=0).min() < at_70[1:].std(axis=0).max() < 0.35
    assert at_70.min() > 0.5


def test_people_who_are_alike_age_alike() -> None:
    who = np.array(seeded_identity(5, 40))
    near = part_shares(70.0, who + 0.02)
    assert np.abs(near - part_shares(70.0, who)).max() < 0.02
    assert np.array_equal(part_shares(70.0, who), part_shares(70.0, [*who, 0.0, 0.0]))


def test_upper_lip_grows_longer_and_its_vermilion_lower(head: Head) -> None:
    # Ramaut et al. 2019: 18 to 19 % in about 47 years, that is 15 to 16 % in 40.
    longer = grown(head, SUBNASALE, STOMION) / between(head, SHAPE_AGE, SUBNASALE, STOMION)
    assert 0.09 < longer < 0.17
    assert 2.5 < grown(head, SUBNASALE, UPPER_LIP) < 5.0
    assert -3.0 < grown(head, UPPER_LIP, STOMION) < -1.5
    assert -3.5 < grown(head, LOWER_LIP, LOWER_STOMION) < -1.5


def test_lips_come_down_over_the_upper_teeth(head: Head) -> None:
    # Vig and Brundo 1978: 3.4 mm less of the upper incisors from 29 years to beyond 60.
    down = aged(head, 70.0)[head.landmarks[STOMION], 1] - head.neutral[head.landmarks[STOMION], 1]
    assert -4.2 < down < -2.6


def test_nose_grows_longer_and_its_tip_lower(head: Head) -> None:
    assert 1.2 < grown(head, NASION, PRONASALE) < 3.5
    assert 0.5 < grown(head, NASION, SUBNASALE) < 2.5
    tip, base = (aged(head, 70.0) - head.neutral)[head.landmarks[[PRONASALE, SUBNASALE]], 1]
    assert tip < base < 0
    assert grown(head, NASION, PRONASALE, 16.0) < -0.3


def test_ears_grow_by_a_fifth_of_a_millimetre_a_year(head: Head) -> None:
    # Heathcote 1995: 0.22 mm a year, 95 % interval 0.17 to 0.27.
    skin, old = head.neutral[: head.n_skin], aged(head, 70.0)[: head.n_skin]
    ear = (skin[:, 0] > 75) & (np.abs(skin[:, 2]) < 26) & (np.abs(skin[:, 1] - 12) < 40)
    ear &= (skin[:, 0] > 84) | (skin[:, 1] < 0)
    yearly = (np.ptp(old[ear, 1]) - np.ptp(skin[ear, 1])) / 40
    assert 0.17 < yearly < 0.27


def test_the_outer_brow_descends_and_the_inner_hardly(head: Head) -> None:
    drop = (head.neutral - aged(head, 70.0))[head.landmarks[[INNER_BROW, MIDDLE_BROW, BROW_TAIL]], 1]
    assert drop[0] < 0.8 < drop[1] < drop[2]
    assert 1.5 < drop[2] < 3.5
    assert -2.5 < grown(head, MIDDLE_BROW, 44) < -1.0


def test_tissue_is_lost_where_it_was_measured(head: Head) -> None:
    # Wysong et al. 2013, 2014: temple 2.9 to 3.4 mm, middle of the cheek 2.7 to 3.2, its side 1.6 to 2.4.
    moved = aged(head, 70.0)[: head.n_skin] - head.neutral[: head.n_skin]
    out = head.neutral[: head.n_skin] - np.array([0, 0, 10], np.float32)
    out[:, 1] = 0
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    inward = -(moved * out).sum(axis=1)
    for place, least, most in (((66, 62, 66), 2.3, 3.5), ((55, -16, 86), 1.5, 3.4), ((42, 10, 95), 1.2, 3.3)):
        at = np.linalg.norm(head.neutral[: head.n_skin] - place, axis=1).argmin()
        assert least < inward[at] < most, place


def test_jowls_break_the_line_of_the_jaw(head: Head) -> None:
    moved = aged(head, 70.0)[: head.n_skin] - head.neutral[: head.n_skin]
    jowl, before = (
        np.linalg.norm(head.neutral[: head.n_skin] - place, axis=1).argmin() for place in ((40, -64, 78), (25, -71, 94))
    )
    assert moved[jowl, 1] < -2.5
    assert moved[before, 1] > moved[jowl, 1] + 2.0


@pytest.mark.parametrize("seed", [None, 1, 4])
def test_eyes_close_at_eighty_as_at_thirty(head: Head, seed: int | None) -> None:
    blink = expression_array({"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0})
    for gap_old, gap_young in zip(lid_gaps(head, 80.0, seed, blink), lid_gaps(head, 30.0, seed, blink), strict=True):
        assert np.abs(gap_old - gap_young).max() < 0.3


def lid_gaps(head: Head, age: float, seed: int | None, expression: np.ndarray) -> list[np.ndarray]:
    """Height between the edges of the lids along each eye, mm."""
    from rhytid.core.head.build.source import boundary_loops, rings

    faces = head.faces[head.parts == Part.SKIN].astype(np.int32)
    loops = sorted(boundary_loops(faces), key=lambda loop: float(head.neutral[loop, 1].mean()))[2:]
    gaps = []
    for loop in loops:
        edge = rings(faces, loop, 6)[0][-1]
        rest, shown = head.neutral[edge], aged(head, age, seed, expression)[edge]
        ends = rest[[rest[:, 0].argmin(), rest[:, 0].argmax()], :2]
        upper = rest[:, 1] > np.interp(rest[:, 0], *ends.T)
        low = shown[~upper][shown[~upper][:, 0].argsort()]
        gaps.append(shown[upper, 1] - np.interp(shown[upper, 0], low[:, 0], low[:, 1]))
    return gaps


def test_lids_stay_outside_the_eyes(head: Head) -> None:
    for expression in (STILL, expression_array({"eyeBlinkLeft": 1.0}), expression_array({"eyeWideLeft": 1.0})):
        young, old = (
            np.linalg.norm(aged(head, age, None, expression)[: head.n_skin] - head.eye_centers[0], axis=1)
            for age in (30.0, 80.0)
        )
        assert old.min() > young.min() - 0.1


def test_teeth_eyes_and_tongue_stay_where_they_are(head: Head) -> None:
    moved = np.linalg.norm(aged(head, 80.0) - head.neutral, axis=1)
    stiff = head.faces[np.isin(head.parts, (Part.EYE_LEFT, Part.EYE_RIGHT, Part.TEETH))]
    assert moved[stiff[stiff >= 0]].max() == 0


@pytest.mark.parametrize("seed", [None, 0, 1, 2, 3])
def test_no_triangle_turns_over_at_any_age(head: Head, seed: int | None) -> None:
    identity = () if seed is None else seeded_identity(seed, head.n_identity)
    before = set(flipped_triangles(head.shape(identity, STILL), head.skin_triangles))
    for age in AGES:
        assert set(flipped_triangles(aged(head, age, seed), head.skin_triangles)) <= before, age


def test_expressions_at_eighty_turn_over_no_more_than_at_thirty(head: Head) -> None:
    rng = np.random.default_rng(12)
    for _ in range(20):
        expression = np.zeros(N_EXPRESSION, np.float32)
        expression[rng.choice(N_EXPRESSION - 1, 4, replace=False)] = rng.uniform(0.3, 1.0, 4)
        expression[ARKIT_INDEX["tongueOut"]] = 0
        young, old = (
            len(flipped_triangles(aged(head, age, None, expression), head.skin_triangles)) for age in (30.0, 80.0)
        )
        assert old <= young + 20


def test_a_person_stays_nearer_to_themselves_than_to_others(head: Head) -> None:
    people = {(seed, age): aged(head, age, seed)[head.landmarks] for seed in range(8) for age in (25.0, 70.0)}

    def apart(one: np.ndarray, other: np.ndarray) -> float:
        middle = [points - points.mean(axis=0) for points in (one, other)]
        return float(np.linalg.norm(middle[0] - middle[1], axis=1).mean())

    own = [apart(people[seed, 25.0], people[seed, 70.0]) for seed in range(8)]
    others = [apart(people[a, 70.0], people[b, 70.0]) for a, b in itertools.combinations(range(8), 2)]
    assert max(own) < min(others)
    assert np.mean(own) < 0.6 * np.mean(others)


def test_weights_that_do_not_fit_are_refused(head: Head) -> None:
    with pytest.raises(ValueError, match="weights of ageing are needed, not 2"):
        head.shape((), STILL, (1.0, 0.5))
    with pytest.raises(ValueError, match="finite"):
        head.shape((), STILL, np.full(len(AGED_PARTS), np.nan))
