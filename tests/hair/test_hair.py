"""Hair grows from the skin, follows it, keeps off the eyeball and is the same for the same seed."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from rhytid.core.arkit import expression_array
from rhytid.core.hair.color import grey_share, strand_colors
from rhytid.core.hair.lashes import lashes
from rhytid.core.hair.settings import Hair
from rhytid.core.hair.strands import N_POINTS, Strands
from rhytid.core.hair.wig import KINDS, Wig
from rhytid.core.head.head import Part
from rhytid.core.head.load import default_head

HEAD = default_head()
ONLY = {kind: replace(Hair(brows=0, lashes=0), **{kind: 1.0}) for kind in KINDS}


def grown(kind: str, seed: int = 1) -> Strands:
    return Wig(HEAD, seed).worn(ONLY[kind], 30.0).strands


def posed(**weights: float) -> np.ndarray:
    both = {f"{name}{side}": value for name, value in weights.items() for side in ("Left", "Right")}
    return HEAD.shape(np.zeros(0, np.float32), expression_array(both))


def upper(strands: Strands) -> np.ndarray:
    """Lashes of the upper lids: they end above their roots on the resting head."""
    points = strands.positions(HEAD.neutral)
    return points[:, -1, 1] > points[:, 0, 1]


@pytest.mark.parametrize("kind", KINDS)
def test_roots_stay_on_the_skin_and_strands_keep_their_length(kind):
    strands = grown(kind)
    rest = strands.positions(HEAD.neutral)
    length = np.linalg.norm(np.diff(rest, axis=1), axis=2)
    for shape in (posed(eyeBlink=1.0), posed(browDown=1.0, mouthSmile=1.0), HEAD.shape([2.0, -2.0], np.zeros(52))):
        points = strands.positions(shape)
        skin = np.einsum("nj,njk->nk", strands.weights, shape[strands.root])
        assert np.linalg.norm(points[:, 0] - skin, axis=1).max() < 0.5
        np.testing.assert_allclose(np.linalg.norm(np.diff(points, axis=1), axis=2), length, atol=2e-3)


def test_upper_lashes_go_down_with_a_blink_and_brows_do_not():
    strands = grown("lashes")
    above = upper(strands)
    open_, closed = strands.positions(HEAD.neutral), strands.positions(posed(eyeBlink=1.0))
    half = strands.positions(posed(eyeBlink=0.5))
    sunk = (open_ - closed)[above, :, 1]
    assert sunk[:, 0].mean() > 5.0  # the lid's way, mm
    assert np.median(sunk[:, -1] - sunk[:, 0]) > 1.0  # and they turn down on it
    assert ((open_ - half)[above, 0, 1].mean() / sunk[:, 0].mean()) == pytest.approx(0.5, abs=0.1)
    assert np.abs((open_ - closed)[~above, 0]).mean() < 1.5
    brow = grown("brows")
    assert np.abs(brow.positions(HEAD.neutral) - brow.positions(posed(eyeBlink=1.0))).max() < 1.5


@pytest.mark.parametrize(
    "weights",
    [{}, {"eyeBlink": 0.5}, {"eyeBlink": 1.0}, {"eyeWide": 1.0}, {"eyeSquint": 1.0}, {"eyeLookUp": 1.0},
     {"eyeLookDown": 1.0}, {"eyeLookOut": 1.0}, {"eyeLookIn": 1.0}],
)  # fmt: skip
def test_no_lash_passes_through_the_eyeball(weights):
    shape = posed(**weights)
    strands = grown("lashes")
    points = strands.positions(shape).reshape(-1, 3)
    for part, side in ((Part.EYE_LEFT, 1), (Part.EYE_RIGHT, -1)):
        ball = shape[np.unique(HEAD.triangles[HEAD.triangle_parts == part])]
        centre = HEAD.eye_centers[0 if side > 0 else 1]
        own = points[points[:, 0] * side > 0]
        direction = (own - centre) / np.linalg.norm(own - centre, axis=1, keepdims=True)
        away = ball - centre
        radius = np.linalg.norm(away, axis=1)
        surface = radius[(direction @ (away / radius[:, None]).T).argmax(axis=1)]
        assert (np.linalg.norm(own - centre, axis=1) > surface).all()


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_grows_the_same_hair_and_another_seed_other_hair(kind):
    first, again, other = grown(kind), grown(kind), grown(kind, seed=2)
    for f in fields(first):
        np.testing.assert_array_equal(getattr(first, f.name), getattr(again, f.name))
    assert len(first) != len(other) or not np.array_equal(first.local, other.local)


@pytest.mark.parametrize("kind", KINDS)
def test_both_sides_have_the_same_hair_but_not_hair_for_hair(kind):
    strands = Wig(HEAD, 1).worn(replace(ONLY[kind], **{kind: 2.0}), 30.0).strands
    points = strands.positions(HEAD.neutral)
    left, right = points[points[:, 0, 0] > 0], points[points[:, 0, 0] < 0] * np.array([-1, 1, 1], np.float32)
    assert len(left) == pytest.approx(len(right), rel=0.1)
    for at in (0, -1):
        np.testing.assert_allclose(left[:, at].mean(axis=0), right[:, at].mean(axis=0), atol=1.0)
        np.testing.assert_allclose(left[:, at].std(axis=0), right[:, at].std(axis=0), atol=1.0)
    n = min(len(left), len(right))
    assert not np.allclose(left[:n], right[:n], atol=0.2)


def test_brows_stand_at_the_nose_and_lie_out_and_down_in_the_tail():
    points = grown("brows").positions(HEAD.neutral)
    left = points[points[:, 0, 0] > 0]
    run = left[:, -1] - left[:, 0]
    order = left[:, 0, 0].argsort()
    nose, tail = run[order[: len(order) // 10]].mean(axis=0), run[order[-len(order) // 10 :]].mean(axis=0)
    assert nose[1] > abs(nose[0])
    assert tail[1] < 0 < tail[0]
    assert np.hypot(tail[0], tail[2]) > abs(tail[1])


def test_density_adds_hairs_and_leaves_those_that_are_there():
    wig = Wig(HEAD, 1)
    counts, before = [], set()
    for density in (0.0, 0.5, 1.0, 2.0):
        ranks = set(wig.worn(replace(ONLY["brows"], brows=density), 30.0).strands.rank.tolist())
        assert before <= ranks
        counts.append(len(ranks))
        before = ranks
    assert counts[0] == 0
    assert counts[2] == pytest.approx(counts[3] / 2, rel=0.1)


def test_what_can_be_worn_is_bounded():
    wig = Wig(HEAD, 3)
    assert 800 < len(wig.worn(Hair(), 30.0).strands) < 2000
    everything = wig.worn(Hair(brows=2, lashes=2, stubble=2, vellus=2), 30.0).strands
    assert len(everything) < 22_000
    assert np.isfinite(everything.local).all()


def test_length_and_thickness_are_factors():
    wig = Wig(HEAD, 1)
    plain, longer = (wig.worn(Hair(length=k, thickness=k), 30.0).strands for k in (1.0, 1.5))
    np.testing.assert_allclose(longer.local, 1.5 * plain.local, rtol=1e-5)
    np.testing.assert_allclose(longer.width_mm, 1.5 * plain.width_mm, rtol=1e-5)


def test_ribbons_are_as_wide_as_the_strands():
    strands = grown("lashes")
    vertices, triangles = strands.ribbons(HEAD.neutral)
    assert vertices.shape == (2 * N_POINTS * len(strands), 3)
    assert triangles.shape == (2 * (N_POINTS - 1) * len(strands), 3)
    np.testing.assert_array_equal(np.unique(triangles), np.arange(len(vertices)))
    pairs = vertices.reshape(-1, 2, 3)
    np.testing.assert_allclose(np.linalg.norm(pairs[:, 1] - pairs[:, 0], axis=1), strands.width_mm.ravel(), rtol=1e-3)
    strand = np.arange(len(vertices)) // (2 * N_POINTS)
    assert (strand[triangles] == strand[triangles[:, :1]]).all()


def test_hair_greys_with_age_and_darkens_with_melanin():
    shares = [grey_share("brows", age, 0.0) for age in (16, 40, 55, 70)]
    assert shares[0] == shares[1] == 0.0 < shares[2] < shares[3] < 1.0
    assert grey_share("brows", 20, 1.0) == 1.0
    assert grey_share("brows", 70, -1.0) == 0.0
    tint, grey_at = np.full(3, 0.5, np.float32), np.array([0.1, 0.5, 0.9], np.float32)
    old = strand_colors("brows", Hair(), 70.0, tint, grey_at)
    assert old[0].min() > 0.3 > old[2].max()
    tones = [strand_colors("brows", Hair(melanin=m), 20.0, tint, grey_at)[0].mean() for m in (0.0, 0.4, 0.8, 1.0)]
    assert tones == sorted(tones, reverse=True)
    red = strand_colors("brows", Hair(melanin=0.5, redness=1.0), 20.0, tint, grey_at)[0]
    brown = strand_colors("brows", Hair(melanin=0.5, redness=0.0), 20.0, tint, grey_at)[0]
    assert red[0] / red[2] > brown[0] / brown[2]


def test_a_head_without_an_opening_at_its_eyes_has_no_lashes():
    assert len(lashes(replace(HEAD, eye_centers=np.zeros((2, 3), np.float32)), 1)) == 0


def test_brows_begin_with_few_fine_hairs_that_stand():
    strands = grown("brows")
    points = strands.positions(HEAD.neutral)
    left = points[:, 0, 0] > 0
    from_nose = points[left, 0, 0] - points[left, 0, 0].min()
    count, _ = np.histogram(from_nose, np.arange(0.0, 16.0, 2.5))
    assert 0 < count[0] < 0.4 * count[2]
    assert count[0] < count[1] < count[2]
    run = points[left, -1] - points[left, 0]
    upright = run[:, 1] / np.linalg.norm(run, axis=1)
    assert np.median(upright[from_nose < 3.5]) > 0.85
    assert np.median(upright[from_nose > 14]) < np.median(upright[from_nose < 3.5]) - 0.2
    width = strands.width_mm[left, 0]
    assert width[from_nose < 3.0].mean() < 0.85 * width[from_nose > 12].mean()


def crossing_share(curves: np.ndarray) -> float:
    """Share of neighbours, of curves (n, N_POINTS, 2) in order of their roots, that cross in a picture."""

    def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]

    begin, end, crossed = curves[:, :-1], curves[:, 1:], []
    for apart in (1, 2, 3):
        a, b = begin[:-apart, :, None], end[:-apart, :, None]
        c, d = begin[apart:, None], end[apart:, None]
        parted = (cross(b - a, c - a) * cross(b - a, d - a) < 0) & (cross(d - c, a - c) * cross(d - c, b - c) < 0)
        crossed.append(parted.any(axis=(1, 2)))
    return float(np.concatenate(crossed).mean())


@pytest.mark.parametrize("seed", [1, 2])
def test_upper_lashes_are_a_clean_fan_at_every_blink(seed):
    strands = grown("lashes", seed)
    rest = strands.positions(HEAD.neutral)
    left = np.flatnonzero(upper(strands) & (rest[:, 0, 0] > 0))
    left = left[rest[left, 0, 0].argsort()]
    assert np.diff(rest[left, 0, 0]).max() < 0.8  # no gap in the row
    near = np.abs(rest[left, None, 0, 0] - rest[left, 0, 0]) < 1.5
    for blink, most_crossing in ((0.0, 0.2), (0.3, 0.46), (0.5, 0.6), (0.7, 0.4), (1.0, 0.2)):
        points = strands.positions(posed(eyeBlink=blink))[left]
        assert crossing_share(points[..., :2]) < most_crossing, blink  # from the front
        tip = points[:, -1] - points[:, 0]
        astray = tip - near @ tip / near.sum(axis=1, keepdims=True)
        assert np.sqrt((astray**2).sum(axis=1).mean()) < 0.9, blink
