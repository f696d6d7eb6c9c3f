"""Curves through keys, against scipy's splines, and edits of keys against what a hand means by them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicHermiteSpline

from rhytid.core.animation.clip import Clip, check_clip
from rhytid.core.animation.edit import (
    Side,
    bent,
    chosen_keys,
    mended,
    moved,
    pasted,
    set_values,
    with_keys,
    with_tangents,
    without_keys,
)
from rhytid.core.animation.reduce import reduced
from rhytid.core.animation.track import Key, Tangent, track_of

TIMES = np.array([0.0, 0.5, 0.7, 1.9, 3.0])
VALUES = np.array([0.1, 0.9, 0.92, 0.3, 0.3])
FINE = np.linspace(0.0, 3.0, 997)


def track(tangent: Tangent = Tangent.AUTO):
    return track_of("jawOpen", (Key(t, v, tangent) for t, v in zip(TIMES.tolist(), VALUES.tolist(), strict=True)))


def unit(_name: str) -> tuple[float, float]:
    return (0.0, 1.0)


def test_auto_has_the_slopes_of_parabolas_but_is_level_at_ends_and_turns():
    slopes = np.gradient(VALUES, TIMES)
    slopes[[0, 2, 3, 4]] = 0.0  # ends, the turn at 0.7 s, and the flat piece from 1.9 s on
    slopes[1] = 3 * (0.92 - 0.9) / 0.2  # more would overshoot
    np.testing.assert_allclose(track().values(FINE), CubicHermiteSpline(TIMES, VALUES, slopes)(FINE), atol=1e-12)


def test_flat_linear_and_step_are_what_their_names_say():
    level = CubicHermiteSpline(TIMES, VALUES, np.zeros(5))
    np.testing.assert_allclose(track(Tangent.FLAT).values(FINE), level(FINE), atol=1e-12)
    np.testing.assert_allclose(track(Tangent.LINEAR).values(FINE), np.interp(FINE, TIMES, VALUES), atol=1e-12)
    held = VALUES[np.searchsorted(TIMES, FINE, side="right") - 1]
    np.testing.assert_array_equal(track(Tangent.STEP).values(FINE), held)


def test_each_side_of_a_key_follows_that_keys_tangent():
    mixed = track_of("age", [Key(0.0, 0.0, Tangent.LINEAR), Key(1.0, 1.0, Tangent.FLAT), Key(2.0, 0.0, Tangent.STEP)])
    fine = np.linspace(0, 1, 101)
    oracle = CubicHermiteSpline([0.0, 1.0], [0.0, 1.0], [1.0, 0.0])
    np.testing.assert_allclose(mixed.values(fine), oracle(fine), atol=1e-12)


def test_outside_its_keys_a_track_holds():
    assert track().values([-5.0, 9.0]).tolist() == [VALUES[0], VALUES[-1]]
    assert track_of("age", [Key(2.0, 40.0)]).values([0.0, 2.0, 7.0]).tolist() == [40.0] * 3


KEYS = st.lists(
    st.tuples(st.integers(0, 500), st.floats(0, 1), st.sampled_from([t for t in Tangent if t is not Tangent.FREE])),
    min_size=1, max_size=12, unique_by=lambda key: key[0],
)  # fmt: skip


@given(KEYS, st.lists(st.floats(-1, 6), min_size=1, max_size=30))
def test_no_curve_leaves_the_two_keys_it_runs_between(keys, times):
    random = track_of("a", (Key(frame / 100, value, tangent) for frame, value, tangent in keys))
    key_times = np.array([key.time_s for key in random.keys])
    for time_s, value in zip(times, random.values(times), strict=True):
        right = int(np.searchsorted(key_times, time_s))
        near = [key.value for key in random.keys[max(right - 1, 0) : right + 1]]
        assert min(near) <= value <= max(near)
    np.testing.assert_array_equal(random.values(key_times), [key.value for key in random.keys])


@given(KEYS, st.lists(st.floats(-1, 6), min_size=1, max_size=30))
def test_a_key_set_free_leaves_the_curve_as_it_is_but_for_where_it_held(keys, times):
    made = [Key(frame / 100, value, tangent) for frame, value, tangent in keys if tangent is not Tangent.STEP]
    clip = with_keys(Clip(end_s=600.0), (("a", key) for key in made))
    free = with_tangents(clip, [("a", key.time_s) for key in made], Tangent.FREE)
    for before, after in zip(clip.tracks, free.tracks, strict=True):
        np.testing.assert_allclose(after.values(times), before.values(times), atol=1e-9)


@given(st.floats(-50, 50), st.floats(-50, 50))
def test_a_bent_key_has_the_slopes_that_the_hand_gave_it(arriving, leaving):
    clip = with_keys(Clip(), (("a", Key(t, v)) for t, v in ((0.0, 0.2), (1.0, 0.9), (2.0, 0.5))))
    together = bent(clip, ("a", 1.0), Side.LEAVING, leaving)
    (key,) = [key for _name, key in chosen_keys(together, [("a", 1.0)])]
    assert key == Key(1.0, 0.9, Tangent.FREE, leaving, leaving)
    broken = bent(bent(together, ("a", 1.0), Side.LEAVING, leaving, alone=True), ("a", 1.0), Side.ARRIVING, arriving,
                  alone=True)  # fmt: skip
    curve = broken.by_name["a"]
    times = np.linspace(0, 2, 201)
    left = CubicHermiteSpline([0.0, 1.0], [0.2, 0.9], [0.0, arriving])
    right = CubicHermiteSpline([1.0, 2.0], [0.9, 0.5], [leaving, 0.0])
    np.testing.assert_allclose(curve.values(times), np.where(times <= 1, left(times), right(times)), atol=1e-9)
    if arriving != leaving:  # what is broken stays so
        again = bent(broken, ("a", 1.0), Side.LEAVING, 1.5).by_name["a"].keys[1]
        assert (again.arriving, again.leaving) == (arriving, 1.5)
    mean = mended(broken, [("a", 1.0)]).by_name["a"].keys[1]
    assert mean.arriving == mean.leaving == (arriving + leaving) / 2


def test_a_key_at_an_end_takes_the_slope_of_its_only_side():
    clip = with_keys(Clip(), (("a", Key(t, v, Tangent.LINEAR)) for t, v in ((0.0, 0.0), (1.0, 1.0), (2.0, 0.0))))
    first, inner, last = with_tangents(clip, [("a", t) for t in (0.0, 1.0, 2.0)], Tangent.FREE).by_name["a"].keys
    assert (first.arriving, first.leaving, inner.arriving, inner.leaving) == (1.0, 1.0, 1.0, -1.0)
    assert (last.arriving, last.leaving) == (-1.0, -1.0)


@given(KEYS, st.floats(-2, 2), st.floats(-0.4, 0.4))
def test_keys_moved_there_and_back_are_where_they_were(keys, by_s, by_share):
    inner = [Key(10 + frame, 0.5 + 0.05 * value, tangent) for frame, value, tangent in keys]
    clip = with_keys(Clip(end_s=600.0), (("a", key) for key in inner))
    there, ids = moved(clip, [("a", key.time_s) for key in inner], by_s, by_share, unit)
    back, _ids = moved(there, ids, -by_s, -by_share, unit)
    for was, now in zip(clip.by_name["a"].keys, back.by_name["a"].keys, strict=True):
        assert now.tangent is was.tangent
        assert now.time_s == pytest.approx(was.time_s, abs=1e-9)
        assert now.value == pytest.approx(was.value, abs=1e-9)


def test_a_moved_key_takes_the_place_of_the_one_it_lands_on_and_stays_in_range():
    clip = with_keys(Clip(), (("a", Key(t, v)) for t, v in ((0.0, 0.2), (1.0, 0.9), (2.0, 0.5))))
    there, ids = moved(clip, [("a", 0.0)], 1.0, 0.95, unit)
    assert there.by_name["a"].keys == (Key(1.0, 1.0), Key(2.0, 0.5))
    assert ids == (("a", 1.0),)
    stopped, _ids = moved(clip, [("a", 1.0)], -5.0, 0.0, unit)
    assert [key.time_s for key in stopped.by_name["a"].keys] == [0.0, 2.0]


def test_setting_a_key_again_keeps_its_tangent_and_removing_the_last_one_removes_the_track():
    clip = with_tangents(set_values(Clip(), 1.0, {"a": 0.3, "b": 0.4}), [("a", 1.0)], Tangent.STEP)
    again = set_values(clip, 1.0, {"a": 0.8})
    assert again.by_name["a"].keys == (Key(1.0, 0.8, Tangent.STEP),)
    assert [one.name for one in without_keys(again, [("a", 1.0)]).tracks] == ["b"]
    assert without_keys(again, [("a", 1.5)]) is again


def test_pasted_keys_keep_their_distances():
    clip = with_keys(Clip(), [("a", Key(0.5, 0.1)), ("a", Key(1.0, 0.7, Tangent.LINEAR)), ("b", Key(0.75, 1.0))])
    copied = chosen_keys(clip, [("a", 0.5), ("a", 1.0), ("b", 0.75)])
    there, ids = pasted(clip, copied, 2.0)
    assert sorted(ids) == [("a", 2.0), ("a", 2.5), ("b", 2.25)]
    assert there.by_name["a"].keys[-1] == Key(2.5, 0.7, Tangent.LINEAR)
    assert without_keys(there, ids).tracks == clip.tracks


@pytest.mark.parametrize("tolerance", [0.002, 0.02])
def test_few_keys_pass_all_samples_within_the_error(tolerance):
    times = np.arange(400) / 60
    values = 0.5 + 0.3 * np.sin(2 * times) + 0.1 * np.sin(9 * times)
    few = reduced("a", times, values, tolerance)
    assert np.abs(few.values(times) - values).max() <= tolerance
    assert len(few.keys) < len(times) / 4
    noise = np.random.default_rng(1).uniform(0, 1, 400)
    assert np.abs(reduced("a", times, noise, tolerance).values(times) - noise).max() <= tolerance


def test_frames_of_a_range_hold_both_ends():
    np.testing.assert_allclose(Clip(fps=12, start_s=0.5, end_s=1.5).frame_times(), 0.5 + np.arange(13) / 12)
    assert Clip(fps=24).snapped(1.02) == pytest.approx(24 / 24)


@pytest.mark.parametrize(
    "wrong",
    [
        {"fps": 0.0}, {"start_s": 4.0}, {"end_s": 9999.0}, {"now_s": -1.0},
        {"tracks": (track_of("b", [Key(0, 0)]), track_of("a", [Key(0, 0)]))},
        {"tracks": (replace(track_of("a", [Key(0, 0)]), keys=()),)},
        {"tracks": (replace(track_of("a", [Key(0, 0)]), keys=(Key(1, 0), Key(0, 0))),)},
    ],
)  # fmt: skip
def test_a_clip_that_breaks_its_contract_is_refused(wrong):
    with pytest.raises(ValueError, match=r"."):
        check_clip(replace(Clip(), **wrong))
