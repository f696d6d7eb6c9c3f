"""Strengths of bands and locked skin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rhytid.core.detail.finish import LOCK_SIDE, PLAIN, Bands, Finish, SkinLock, SmoothedSkin, rect_under, split
from rhytid.core.detail.pipeline import DetailPipeline
from rhytid.core.lines.layer import MASK_SIDE
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.rect import Rect


def noise(side: int = 512) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.05, (side, side)).astype(np.float32)


def waves(length_mm: float, side: int = 1024) -> np.ndarray:
    x = (np.arange(side) + 0.5) * 200 / side
    return np.broadcast_to(np.sin(2 * np.pi * x / length_mm), (side, side)).astype(np.float32)


def cheek_mask() -> np.ndarray:
    mask = np.zeros((MASK_SIDE, MASK_SIDE), np.uint8)
    mask[120:160, 60:90] = 255
    mask[118:120, 60:90] = 128
    return mask


def locked(side: int) -> np.ndarray:
    """Texels of a map that lie well inside the mask."""
    inside = np.zeros((side, side), bool)
    scale = side // MASK_SIDE
    inside[122 * scale : 158 * scale, 62 * scale : 88 * scale] = True
    return inside


def test_full_strength_gives_back_the_very_map() -> None:
    values = noise()
    assert PLAIN.applied(values) is values
    assert Bands(1.0, 1.0, 1.0).plain


def test_bands_add_up_and_equal_strengths_only_scale() -> None:
    values = noise()
    folds, coarse = split(values)
    assert np.allclose(folds + (coarse - folds) + (values - coarse), values, atol=1e-6)
    assert np.allclose(Bands(0.5, 0.5, 0.5).applied(values), 0.5 * values, atol=1e-6)


@pytest.mark.parametrize(("length_mm", "strongest"), [(16.0, "folds"), (3.0, "fine_lines"), (0.8, "pores")])
def test_each_band_takes_relief_of_its_size(length_mm: float, strongest: str) -> None:
    values = waves(length_mm)
    inside = (slice(100, -100),) * 2
    gone = {
        name: 1 - np.std(replace(Bands(), **{name: 0.0}).applied(values)[inside]) / np.std(values[inside])
        for name in ("folds", "fine_lines", "pores")
    }
    assert max(gone, key=lambda name: gone[name]) == strongest
    assert gone[strongest] > 0.6


def test_bands_cut_alike_at_every_resolution() -> None:
    for side in (512, 1024, 2048):
        left = Bands(folds=0.0).applied(waves(8.0, side))[side // 4 : -side // 4, side // 4 : -side // 4]
        assert np.std(left) == pytest.approx(np.std(Bands(folds=0.0).applied(waves(8.0))[256:-256, 256:-256]), rel=0.05)


def test_a_change_is_told_wherever_a_finished_map_differs() -> None:
    before = noise(256)
    after = before.copy()
    after[100:110, 120:125] += 0.3
    pipeline_dirty = PLAIN.changed(PLAIN, rect_of(100, 110, 120, 125), 256)
    assert pipeline_dirty == rect_of(100, 110, 120, 125)
    finish = Finish(Bands(0.3, 1.5, 0.8), None, SkinLock.of(cheek_mask(), before))
    differs = np.argwhere(finish.applied(before) != finish.applied(after))
    rect = finish.changed(finish, rect_of(100, 110, 120, 125), 256)
    assert rect.y0 <= differs[:, 0].min()
    assert differs[:, 0].max() < rect.y1
    assert rect.x0 <= differs[:, 1].min()
    assert differs[:, 1].max() < rect.x1


def rect_of(y0: int, y1: int, x0: int, x1: int) -> Rect:
    return Rect(x0, y0, x1, y1)


def test_locked_skin_keeps_its_bits_and_free_skin_too() -> None:
    before, after = noise(LOCK_SIDE), noise(LOCK_SIDE) * 2
    lock = SkinLock.of(cheek_mask(), before)
    result = lock.applied(after)
    inside = locked(LOCK_SIDE)
    assert np.array_equal(result[inside], before[inside])
    outside = np.ones_like(inside)
    outside[rect_under(lock.mask, LOCK_SIDE).slices] = False
    assert np.array_equal(result[outside], after[outside])


@pytest.mark.parametrize("side", [256, 512])
def test_coarser_maps_of_locked_skin_do_not_move_either(side: int) -> None:
    lock = SkinLock.of(cheek_mask(), noise(LOCK_SIDE))
    one, other = lock.applied(noise(side)), lock.applied(noise(side) * -3)
    assert np.array_equal(one[locked(side)], other[locked(side)])


def test_smoothed_skin_loses_its_finest_relief_there_alone() -> None:
    values = waves(16.0) + waves(0.8)
    skin = SmoothedSkin(cheek_mask())
    result = skin.applied(values)
    inside = locked(LOCK_SIDE)
    assert np.std((result - waves(16.0))[inside]) < 0.3 * np.std(waves(0.8)[inside])
    outside = np.ones_like(inside)
    outside[rect_under(skin.mask, LOCK_SIDE).slices] = False
    assert np.array_equal(result[outside], values[outside])


def test_whatever_slider_moves_locked_skin_is_bit_identical(make_request) -> None:
    pipeline = DetailPipeline()
    first = pipeline.run(make_request(LOCK_SIDE, age=30.0)).displacement
    finish = Finish(Bands(), None, SkinLock.of(cheek_mask(), first))
    inside = locked(LOCK_SIDE)
    x = np.linspace(0.2, 0.5, 8)
    drawn = Stroke("a", np.stack([x, np.full(8, 0.55)], axis=1), np.ones(8), depth_mm=0.6)
    for options in (
        {"age": 70.0}, {"action_units": {"AU12": 1.0}, "age": 60.0}, {"seed": 9}, {"pores": 0.0}, {"strength": 2.0},
        {"strokes": [drawn]},
    ):  # fmt: skip
        request = make_request(LOCK_SIDE, **options)
        free = pipeline.run(request).displacement
        held = pipeline.run(replace(request, finish=finish)).displacement
        assert not np.array_equal(free[inside], first[inside]), options
        assert np.array_equal(held[inside], first[inside]), options
    banded = replace(make_request(LOCK_SIDE), finish=replace(finish, bands=Bands(0.0, 2.0, 0.0)))
    assert np.array_equal(pipeline.run(banded).displacement[inside], first[inside])


def test_a_pipeline_with_a_past_gives_the_bits_of_a_new_one(make_request) -> None:
    used = DetailPipeline()
    x = np.linspace(0.2, 0.5, 8)
    drawn = Stroke("a", np.stack([x, np.full(8, 0.55)], axis=1), np.ones(8), depth_mm=0.6)
    first = used.run(make_request(256, age=50.0))
    lock = SkinLock.of(cheek_mask(), first.displacement)
    smooth = SmoothedSkin(np.roll(cheek_mask(), 20, axis=0))
    revision = first.revision
    shown = first.displacement
    plain = Bands()
    steps = (Bands(0.5), None, None), (Bands(0.5), None, lock), (plain, smooth, None), (plain, smooth, lock)
    for finish in (*(Finish(*step) for step in steps), PLAIN):
        for strokes in ([], [drawn]):
            request = replace(make_request(256, age=50.0, strokes=strokes), finish=finish)
            maps = used.run(request)
            assert maps.displacement.tobytes() == DetailPipeline().run(request).displacement.tobytes()
            rect = maps.changed_since(revision)
            differs = np.argwhere(maps.displacement != shown)
            if rect is not None and len(differs):
                inside = np.zeros((256, 256), bool)
                inside[rect.slices] = True
                assert inside[tuple(differs.T)].all()
            revision, shown = maps.revision, maps.displacement
