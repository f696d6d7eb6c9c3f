"""Natural strokes: uneven as skin folds, the same at every resolution, local, mirrored, and as deep as asked."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from line_samples import arc, seeds

from rhytid.core.lines import edit
from rhytid.core.lines.chart_noise import chart_noise
from rhytid.core.lines.natural import threads
from rhytid.core.lines.relief import affected_rect, relief, stroke_rect
from rhytid.core.lines.stroke import SEED_LIMIT, Profile, Stroke, Style, seed_of
from rhytid.core.maps.rect import Rect

RESOLUTION = 192
PX_MM = 200 / 2048


def natural(seed: int = 1, y: float = 0.5, span: tuple[float, float] = (0.1, 0.9), **changes: object) -> Stroke:
    """A level stroke whose wrinkle is the one of `seed`."""
    shape: dict[str, object] = {"width": 0.012, "depth_mm": 0.3, "style": Style.NATURAL, "seed": seed} | changes
    points = np.array([[x, y] for x in np.linspace(*span, 9)])
    return Stroke("natural", points, np.ones(9), **shape)  # type: ignore[arg-type]


natural_sets = st.lists(seeds, min_size=1, max_size=4, unique=True).map(
    lambda found: [replace(arc(n), style=list(Style)[n % 3 // 2], seed=n - 5000) for n in found]
)


@settings(max_examples=25, deadline=None)
@given(natural_sets, st.tuples(*[st.integers(0, RESOLUTION - 20)] * 2), st.integers(2, 90))
def test_a_window_is_the_crop_of_the_whole_in_any_order(
    strokes: list[Stroke], corner: tuple[int, int], side: int
) -> None:
    active = [(stroke, 0.8) for stroke in strokes]
    whole = relief(active, RESOLUTION)
    window = Rect(*corner, min(corner[0] + side, RESOLUTION), min(corner[1] + side, RESOLUTION))
    assert relief(active, RESOLUTION, window).tobytes() == whole[window.slices].tobytes()
    assert relief(active[::-1], RESOLUTION).tobytes() == whole.tobytes()


@settings(max_examples=25, deadline=None)
@given(natural_sets, natural_sets, st.integers(2, 23))
def test_nothing_changes_outside_the_affected_rectangle(
    before: list[Stroke], after: list[Stroke], shortened: int
) -> None:
    old = [(stroke, 1.0) for stroke in before]
    cut = replace(before[0], points=before[0].points[:shortened], pressure=before[0].pressure[:shortened])
    moved = before[0].points.copy()
    moved[shortened] = np.clip(moved[shortened] + 0.01, 0, 1)
    others = ([(s, 1.0) for s in after], [(cut, 1.0), *old[1:]], [(replace(before[0], points=moved), 1.0), *old[1:]])
    for new in others:
        patched = relief(old, RESOLUTION)
        rect = affected_rect(old, new, RESOLUTION)
        patched[rect.slices] = relief(new, RESOLUTION, rect)
        assert patched.tobytes() == relief(new, RESOLUTION).tobytes()


def test_what_is_drawn_on_or_cut_off_changes_no_more_than_that_end() -> None:
    points = np.stack([np.linspace(0.05, 0.95, 200), 0.5 + 0.02 * np.sin(np.linspace(0, 6, 200))], axis=1)
    whole = Stroke("a", points, np.ones(200), width=0.012, style=Style.NATURAL, seed=3)
    grown = affected_rect([(replace(whole, points=points[:150], pressure=np.ones(150)), 1.0)], [(whole, 1.0)], 1024)
    assert grown.x0 > 0.64 * 1024
    cut = affected_rect([(replace(whole, points=points[60:], pressure=np.ones(140)), 1.0)], [(whole, 1.0)], 1024)
    assert cut.x1 < 0.42 * 1024
    bent = points.copy()
    bent[100, 1] += 0.01
    here = affected_rect([(replace(whole, points=bent), 1.0)], [(whole, 1.0)], 1024)
    assert 0.42 * 1024 < here.x0 < here.x1 < 0.58 * 1024


@settings(max_examples=15, deadline=None)
@given(seeds, st.sampled_from(list(Profile)))
def test_the_mirror_image_of_a_wrinkle_is_its_mirror_image(seed: int, profile: Profile) -> None:
    stroke = replace(arc(seed, profile=profile), style=Style.NATURAL, seed=seed + 1)
    twin = edit.mirror(stroke, "twin")
    flipped = relief([(stroke, 1.0)], RESOLUTION)[:, ::-1]
    np.testing.assert_allclose(relief([(twin, 1.0)], RESOLUTION), flipped, atol=2e-4)
    back = edit.mirror(twin, stroke.id)
    assert (back.seed, back.style) == (stroke.seed, stroke.style)
    # The mirror of the chart is exact only to a float32's last place near its right border.
    np.testing.assert_allclose(back.points, stroke.points, atol=1e-7)


@settings(max_examples=10, deadline=None)
@given(seeds)
def test_a_wrinkle_that_is_drawn_from_its_other_end_is_the_same(seed: int) -> None:
    stroke = replace(arc(seed, profile=Profile.WRINKLE), style=Style.NATURAL, seed=seed + 1)
    there, back = (relief([(s, 1.0)], RESOLUTION) for s in (stroke, edit.reverse(stroke)))
    assert np.abs(there - back).max() < 0.1 * np.abs(there).max()  # but for where the samples along it lie
    assert np.corrcoef(there.ravel(), back.ravel())[0, 1] > 0.995


@pytest.mark.parametrize("profile", list(Profile))
@pytest.mark.parametrize("width_mm", [1.2, 2.4, 8.0])
def test_depth_is_on_average_what_was_asked(profile: Profile, width_mm: float) -> None:
    found = []
    for seed in range(1, 13):
        stroke = natural(seed, 0.15 + 0.05 * seed, width=width_mm / 200, profile=profile)
        found.append(-relief([(stroke, 1.0)], 2048)[:, 512:1536].min(0).mean() / 0.3)
    assert np.mean(found) == pytest.approx(1, abs=0.1)
    assert np.abs(np.array(found) - 1).max() < 0.3  # any one of them over ten centimetres


def test_width_is_on_average_what_was_asked() -> None:
    found = [_width_mm(natural(seed, 0.1 + 0.06 * seed, width=width / 200)) / width
             for seed in range(1, 7) for width in (1.2, 2.4, 8.0)]  # fmt: skip
    assert np.mean(found) == pytest.approx(1, abs=0.1)
    assert np.abs(np.array(found) - 1).max() < 0.15


def _width_mm(stroke: Stroke) -> float:
    """Mean length of the valley across the line, from where skin is level to where it is level again."""
    part = relief([(stroke, 1.0)], 2048)[:, 600:1400:16]
    widths = []
    for column in part.T:
        low = high = int(np.argmin(column))
        while column[low] < 0:
            low -= 1
        while column[high] < 0:
            high += 1
        widths.append((high - low - 1) * PX_MM)
    return float(np.mean(widths))


def test_a_wrinkle_is_uneven_where_a_drawn_stroke_is_not() -> None:
    rough, even = natural(5), natural(5, style=Style.AS_DRAWN)
    for stroke, least, most in ((rough, 0.1, 0.6), (even, 0.0, 0.001)):
        part = relief([(stroke, 1.0)], 1024)[:, 300:700]
        depth = part.min(0)
        assert least <= depth.std() / 0.3 <= most
        wander_mm = np.argmin(part, axis=0).std() * 200 / 1024
        assert (wander_mm > 0.1) == (stroke is rough)
        above, below = part[:512].max(0), part[512:].max(0)
        assert (np.abs(above - below).mean() > 0.1 * 0.3 * 0.3) == (stroke is rough)


def test_ends_run_out() -> None:
    depth = -relief([(natural(4, span=(0.3, 0.7)), 1.0)], 2048).min(0)
    end = int(0.3 * 2048)
    assert depth[: end - 12].max() == 0
    assert depth[end : end + 8].max() < 0.02 * 0.3
    assert depth[end : end + 40].max() < 0.4 * 0.3
    assert depth[end + 110 : end + 700].mean() > 0.8 * 0.3


@pytest.mark.parametrize("profile", list(Profile))
def test_every_resolution_shows_the_same_wrinkle(profile: Profile) -> None:
    strokes = [(natural(seed, 0.3 + 0.1 * seed, profile=profile, width=0.008 * seed), 1.0) for seed in (1, 2, 3)]
    coarse, fine = relief(strokes, 1024), relief(strokes, 4096)
    shrunk = cv2.resize(fine, (1024, 1024), interpolation=cv2.INTER_AREA)
    assert np.abs(shrunk - coarse).max() < 0.05
    assert np.abs(shrunk - coarse).std() < 0.05 * coarse.std()
    power = [np.abs(np.fft.rfft2(values)[:150, :150]) ** 2 for values in (coarse, fine / 16)]
    for low, high in ((1, 8), (8, 30), (30, 75), (75, 150)):
        bands = [values[low:high, low:high].sum() for values in power]
        assert bands[0] == pytest.approx(bands[1], rel=0.1)
    small = relief(strokes, 256)
    shrunk = cv2.resize(coarse, (256, 256), interpolation=cv2.INTER_AREA)
    assert np.corrcoef(small.ravel(), shrunk.ravel())[0, 1] > 0.97


def test_neighbours_share_the_skin_between_them() -> None:
    one, other = natural(1, 0.5), natural(2, 0.5 + 3 / 200)
    between = slice(int(0.5 * 2048) + 8, int((0.5 + 3 / 200) * 2048) - 8)
    alone = [relief([(stroke, 1.0)], 2048)[between, 500:1500].max(0).clip(0) for stroke in (one, other)]
    together = relief([(one, 1.0), (other, 1.0)], 2048)[between, 500:1500].max(0).clip(0)
    assert (together <= np.maximum(*alone) + 1e-6).all()
    assert together.mean() < 0.65 * np.maximum(*alone).mean()
    drawn = [(replace(stroke, style=Style.AS_DRAWN), 1.0) for stroke in (one, other)]
    assert together.mean() < 0.65 * relief(drawn, 2048)[between, 500:1500].max(0).clip(0).mean()


def test_a_far_neighbour_takes_nothing() -> None:
    pair = [natural(1, 0.4), natural(2, 0.6)]
    apart = sum(relief([(stroke, 1.0)], 512) for stroke in pair)
    np.testing.assert_allclose(relief([(stroke, 1.0) for stroke in pair], 512), apart, atol=1e-6)


def test_a_fold_has_a_cushion_a_crease_and_a_soft_slope() -> None:
    rows = []
    for seed in range(1, 9):
        stroke = natural(seed, 0.3, width=8 / 200, depth_mm=1.2, profile=Profile.FOLD)
        part = relief([(stroke, 1.0)], 1024)[:, 350:650]
        at = np.argmin(part, axis=0)
        rows.append([part[at + step, np.arange(300)].mean() for step in range(-70, 71)])
    section = np.mean(rows, axis=0)  # from 13.7 mm left of the crease to as much right of it
    assert section[:70].max() == pytest.approx(0.3 * 1.2, rel=0.3)
    assert section[71:].max() < 0.01
    slope = np.abs(np.diff(section)) * 1024 / 200  # mm per mm
    assert slope[62:70].max() > 2 * slope[80:].max()  # steep beside the crease, soft on the other side
    assert np.abs(section[[0, -1]]).max() < 0.02


def test_seeds() -> None:
    assert 0 < seed_of("a") < SEED_LIMIT
    assert seed_of("a") == seed_of("a") != seed_of("b")
    first, second = (relief([(natural(seed), 1.0)], 256) for seed in (1, 2))
    assert np.abs(first - second).max() > 0.05
    for wrong in (SEED_LIMIT, -SEED_LIMIT, 0.5):
        with pytest.raises(ValueError, match="seed of a stroke"):
            natural(wrong)  # type: ignore[arg-type]


def test_a_stroke_without_length_has_no_threads() -> None:
    assert threads(replace(natural(), points=np.full((9, 2), 0.5)), 256) == ()
    assert stroke_rect(replace(natural(), points=np.full((9, 2), 0.5)), 256).empty


def test_noise_has_unit_variance_and_belongs_to_places() -> None:
    places = np.random.default_rng(1).uniform(0, 200, (4000, 2))
    one, other = chart_noise(7, (1, 2), places, (3.0, 9.0))
    for values in (one, other):
        assert values.mean() == pytest.approx(0, abs=0.12)
        assert values.std() == pytest.approx(1, abs=0.12)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.06
    np.testing.assert_array_equal(chart_noise(7, (2,), places[50:60], (9.0,))[0], other[50:60])
    step = chart_noise(7, (1,), places + np.array([0.01, 0.0]), (3.0,))[0] - one
    assert np.abs(step).max() < 0.1  # 0.01 mm farther it is nearly the same
    assert np.abs(chart_noise(8, (1,), places, (3.0,))[0] - one).max() > 1


def test_a_broad_fold_has_no_seam_across_it() -> None:
    """Along an 8 mm fold nothing changes faster than such a mass of skin can: no step, no blob, no cut end."""
    for seed in range(1, 13):
        stroke = natural(seed, 0.5, span=(0.3, 0.6), width=8 / 200, depth_mm=1.2, profile=Profile.FOLD)
        depth = cv2.blur(relief([(stroke, 1.0)], 1024), (7, 1))[500:524].min(0)  # without the notches of pores
        slope = np.abs(np.diff(depth)) * 1024 / 200  # mm per mm
        assert slope.max() < 0.2
