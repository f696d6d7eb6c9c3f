"""Skin outside the chart, on a head of which everything is known."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.load import default_head
from rhytid.core.head.normals import vertex_normals
from rhytid.core.maps.albedo_map import AROUND_FIRST, AROUND_SPAN
from rhytid.core.maps.srgb import linear_from_srgb, srgb_bytes
from rhytid.core.photo.albedo import Albedo
from rhytid.core.photo.light import PhotoLight
from rhytid.core.photo.light_map import MAP_SIDE
from rhytid.core.photo.surroundings import AROUND_SIDE, surroundings
from rhytid.core.photo.tiles import skin_map
from rhytid.core.photo.unwrap import Unwrapped

SIDE = AROUND_SIDE // 3
TONE = np.array([0.4, 0.24, 0.17], np.float32)
CHART = slice(SIDE, 2 * SIDE)


@pytest.fixture(scope="module")
def normals() -> np.ndarray:
    head = default_head()
    raster = ChartRaster(head, AROUND_SIDE, AROUND_FIRST, AROUND_SPAN)
    found = raster.sample(vertex_normals(head.neutral, head.triangles)[: head.n_skin])
    return found / np.maximum(np.linalg.norm(found, axis=2, keepdims=True), 1e-6)


@pytest.fixture(scope="module")
def truth() -> np.ndarray:
    """Skin that is redder to the right and darker below."""
    t = (np.arange(AROUND_SIDE, dtype=np.float32) + 0.5) / AROUND_SIDE - 0.5
    x, y = np.meshgrid(t, t)
    return TONE * np.exp(np.stack([0.15 * x - 0.3 * y, -0.1 * x - 0.3 * y, -0.1 * x - 0.3 * y], axis=2))


def side_light() -> PhotoLight:
    sh9 = np.zeros((9, 3), np.float32)
    sh9[0], sh9[2], sh9[3] = 0.9, 0.5, 0.2
    return PhotoLight(sh9, np.broadcast_to(sh9, (MAP_SIDE, MAP_SIDE, 9, 3)).copy())


def photo_of(truth: np.ndarray, normals: np.ndarray, light: PhotoLight, seen: np.ndarray) -> Unwrapped:
    rgb = (truth * light.even_shading(normals)).astype(np.float32)
    weight = seen.astype(np.float32)
    nowhere = np.zeros((AROUND_SIDE, AROUND_SIDE, 3), np.float32)
    return Unwrapped(rgb, weight, weight, normals.astype(np.float32), nowhere, nowhere[..., :2], 1.0)


def chart_of(truth: np.ndarray) -> Albedo:
    inside = np.ascontiguousarray(truth[CHART, CHART])
    return Albedo(inside, np.ones((SIDE, SIDE), np.float32))


def off(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    return np.abs(np.log(found / truth)).max(axis=2)


def test_ears_and_neck_are_as_the_photo_shows_them_without_its_light(truth, normals):
    facing = normals[..., 2] > 0.3
    found = surroundings(chart_of(truth), [photo_of(truth, normals, side_light(), facing)], [side_light()])
    outside = facing.copy()
    outside[CHART, CHART] = False
    assert outside.sum() > 20_000
    assert np.quantile(off(found, truth)[outside], 0.9) < 0.04
    even = np.broadcast_to(TONE, truth.shape)
    assert np.quantile(off(even, truth)[outside], 0.9) > 0.08  # one tone would not do


def test_one_side_lends_to_the_other_and_the_rest_is_completed(truth, normals):
    half = normals[..., 2] > 0.3
    half[:, : AROUND_SIDE // 2] = False
    even = truth[:, ::-1] * 0.5 + truth * 0.5  # a face with two like halves
    found = surroundings(chart_of(even), [photo_of(even, normals, side_light(), half)], [side_light()])
    mirrored = half[:, ::-1].copy()
    mirrored[CHART, CHART] = False
    assert np.quantile(off(found, even)[mirrored], 0.9) < 0.04
    assert off(found, even).max() < 0.35  # at the crown and in the nape, which nobody saw
    assert np.isfinite(found).all()


def test_hair_and_a_collar_are_no_skin(truth, normals):
    dressed = truth.copy()
    dressed[: SIDE - 20] = (0.03, 0.02, 0.015)
    dressed[2 * SIDE + 90 :] = (0.05, 0.1, 0.4)
    facing = normals[..., 2] > 0.2
    found = surroundings(chart_of(truth), [photo_of(dressed, normals, side_light(), facing)], [side_light()])
    covered = facing.copy()
    covered[SIDE - 20 : 2 * SIDE + 90] = False
    assert covered.sum() > 10_000
    assert off(found, truth)[covered].max() < 0.1


def test_a_photo_that_shows_nothing_outside_leaves_one_smooth_skin(truth, normals):
    nothing = photo_of(truth, normals, side_light(), np.zeros((AROUND_SIDE, AROUND_SIDE)))
    found = surroundings(chart_of(truth), [nothing], [side_light()])
    assert off(found, np.broadcast_to(TONE, truth.shape)).max() < 0.35


def test_chart_and_surroundings_meet_without_a_seam(truth, normals):
    spotted = truth.copy()
    spotted[SIDE : SIDE + 12, CHART] *= 0.3  # hair at the chart's upper border
    albedo = chart_of(spotted)
    facing = normals[..., 2] > 0.3
    around = surroundings(albedo, [photo_of(truth, normals, side_light(), facing)], [side_light()])
    chart = skin_map(albedo, around, 2 * SIDE).astype(int)
    outer = srgb_bytes(around).astype(int)
    for inside, beside in (
        (chart[0, ::2], outer[SIDE - 1, CHART]),
        (chart[-1, ::2], outer[2 * SIDE, CHART]),
        (chart[::2, 0], outer[CHART, SIDE - 1]),
        (chart[::2, -1], outer[CHART, 2 * SIDE]),
    ):
        assert np.abs(inside - beside).max() <= 6
    deep = slice(SIDE // 4, -SIDE // 4)
    assert off(linear_from_srgb(chart[::2, ::2] / 255)[deep, deep], albedo.map[deep, deep]).max() < 0.05
