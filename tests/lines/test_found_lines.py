"""Of a map's lines those that one sees come first, whole, and without the closed net of fine skin."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from rhytid.core.lines import polyline
from rhytid.core.lines.cells import opened
from rhytid.core.lines.curve import curve
from rhytid.core.lines.extract import extract_lines, found_lines
from rhytid.core.lines.gaps import joined_over_gaps
from rhytid.core.lines.raster import draw_line_map
from rhytid.core.lines.relief import relief
from rhytid.core.lines.stroke import Stroke
from rhytid.core.lines.tracing import thinned, trace


def length(stroke: Stroke) -> float:
    return float(polyline.length(stroke.points))


def grain(seed: int, rms_mm: float, size: int = 512) -> np.ndarray:
    noise = cv2.GaussianBlur(np.random.default_rng(seed).normal(0, 1, (size, size)).astype(np.float32), (0, 0), 1.5)
    return noise * np.float32(rms_mm / noise.std())


def furrow(y: float, interrupted_mm: float, depth_mm: float = 0.2, span: tuple[float, float] = (0.15, 0.85)) -> Stroke:
    """A level furrow that is hardly there over some millimetres in its middle."""
    x = np.linspace(*span, 240)
    beside_mm = np.abs(x - np.mean(span)) * 200 - interrupted_mm / 2
    pressure = np.clip(beside_mm / 2, 0.1, 1).astype(np.float32)
    points = np.stack([x, y + 0.02 * np.sin(6 * x)], axis=1)
    return Stroke(f"f{y}", points, pressure, width=0.014, depth_mm=depth_mm)


def enclosed(line_map: np.ndarray, largest_px: int) -> int:
    """How many cells of at most that many texels lines close, found with another connectivity rule than the code."""
    _, _, stats, _ = cv2.connectedComponentsWithStats((~line_map).astype(np.uint8), connectivity=4)
    return int((stats[1:, cv2.CC_STAT_AREA] <= largest_px).sum())


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("gap_mm", [2.0, 4.0])
def test_a_furrow_is_one_line_over_a_gap(seed: int, gap_mm: float) -> None:
    wrinkle = furrow(0.5, gap_mm)
    found = found_lines(relief([(wrinkle, 1.0)], 512) + grain(seed, 0.02)).strokes
    assert length(found[0]) > 0.93 * length(wrinkle)
    fine = curve(wrinkle, 1024)[:, :2] / 1024
    assert max(polyline.nearest_on(fine, point)[0] for point in found[0].points[2:-2]) < 3 / 256


def test_lines_stay_apart_over_a_ridge_a_step_aside_or_a_turn() -> None:
    strength = np.full((64, 64), -1.0, np.float32)
    left = np.stack([np.arange(2.0, 28.0), np.full(26, 30.0)], axis=1)
    right = left + np.array([32.0, 0.0])
    for path in (left, right):
        column, row = path.astype(int).T
        strength[row, column] = 1.0
    assert len(joined_over_gaps([left, right], strength)) == 2  # a ridge between them
    bridged = strength.copy()
    bridged[30, 28:34] = 0.4
    (whole,) = joined_over_gaps([left, right], bridged)
    assert (np.diff(whole[:, 0]) > 0).all() or (np.diff(whole[:, 0]) < 0).all()
    assert np.ptp(whole[:, 0]) == right[-1, 0] - left[0, 0]
    for other in (right + np.array([0.0, 6.0]), np.stack([np.full(26, 34.0), np.arange(30.0, 56.0)], axis=1)):
        column, row = other.astype(int).T
        bridged[row, column] = 1.0
        assert len(joined_over_gaps([left, other], bridged)) == 2


def test_joining_never_closes_a_ring() -> None:
    angle = np.linspace(0.3, 2 * np.pi - 0.3, 60)
    ring = 40 + 18 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    (line,) = joined_over_gaps([ring], np.ones((80, 80), np.float32))
    np.testing.assert_array_equal(line, ring)


def test_small_cells_are_opened_where_they_are_weakest_and_large_ones_stay() -> None:
    picture = np.zeros((96, 96), np.uint8)
    cv2.polylines(picture, [np.array([[10, 20], [26, 20], [26, 30], [10, 30]])], True, 1)
    cv2.line(picture, (18, 20), (18, 30), 1)
    cv2.circle(picture, (65, 65), 22, 1)
    thin = thinned(picture > 0)
    strength = np.ones(thin.shape, np.float32)
    strength[22:29, 18] = 0.2
    strength[30, 21:24] = 0.5
    assert enclosed(thin, 160) == 2
    left = opened(thin, strength, 160)
    assert enclosed(left, 160) == 0
    assert enclosed(left, 4000) == 1  # the circle
    assert (left <= thin).all()
    gone = set(map(tuple, np.argwhere(thin & ~left).tolist()))
    assert {column for _, column in gone if column != 18} <= set(range(20, 26))  # first the middle, then below it
    assert any(column == 18 for _, column in gone)
    assert any(row == 30 for row, _ in gone)
    assert left[20, 12:25].all()  # the strongest side
    assert len(gone) <= 12


def test_a_net_of_fine_skin_is_not_closed_and_comes_after_the_furrows() -> None:
    rng = np.random.default_rng(4)
    net = np.zeros((512, 512), np.uint8)
    for _ in range(55):
        start, turn = rng.uniform(120, 390, 2), rng.uniform(0, np.pi)
        reach = 60 * np.array([np.cos(turn), np.sin(turn)])
        cv2.line(net, tuple((start - reach).astype(int).tolist()), tuple((start + reach).astype(int).tolist()), 255, 3)
    fine = -cv2.GaussianBlur(net.astype(np.float32) / 255, (0, 0), 1.6) * np.float32(0.05)
    furrows = [furrow(y, 0.0, 0.3) for y in (0.12, 0.88)]
    found = found_lines(fine + relief([(s, 1.0) for s in furrows], 512) + grain(5, 0.004))
    assert len(found.strokes) > 20
    assert (np.diff(found.importance) <= 0).all()
    for stroke in found.strokes[:2]:
        assert min(abs(stroke.points[:, 1].mean() - s.points[:, 1].mean()) for s in furrows) < 0.02
    assert 2 <= len(found.seen()) < len(found.strokes)
    assert found.seen() == found.strokes[: len(found.seen())]
    assert enclosed(draw_line_map(found.seen(), 256), 160) <= 2


def test_contrast_counts() -> None:
    """The same furrow on calm skin comes before its twin on rough skin."""
    rough = grain(8, 0.05, 512)
    rough[:, :256] *= 0.05
    pair = [furrow(0.5, 0.0, 0.2, span) for span in ((0.1, 0.4), (0.6, 0.9))]
    found = found_lines(rough + relief([(s, 1.0) for s in pair], 512)).strokes
    assert found[0].points[:, 0].mean() < 0.5
    distance = distance_transform_edt(~draw_line_map([pair[0]], 256))
    column, row = np.floor(found[0].points * 256).astype(int).T
    assert distance[row, column].max() <= 2


def test_all_lines_are_those_found() -> None:
    values = relief([(furrow(0.4, 0.0), 1.0)], 256) + grain(2, 0.03, 256)
    assert extract_lines(values) == found_lines(values).strokes
    assert [s.id for s in extract_lines(values)][:2] == ["line-001", "line-002"]
    assert found_lines(np.zeros((128, 128))).seen() == ()


def test_rays_stay_rays() -> None:
    """Crow's feet that nearly meet at one point, with fine skin across them, are one line each."""
    rays = []
    for turn in np.deg2rad([-35, -12, 11, 34]):
        along = np.linspace(0.05, 0.19, 30)
        points = np.array([0.4, 0.5]) + along[:, None] * [np.cos(turn), np.sin(turn)]
        rays.append(Stroke(f"r{turn}", points, np.linspace(1, 0.5, 30), width=0.012, depth_mm=0.25))
    values = relief([(ray, 1.0) for ray in rays], 512) + grain(3, 0.012)
    seen = [line for line in found_lines(values).seen() if length(line) > 0.04]
    assert len(seen) == 4
    for ray in rays:
        fine = curve(ray, 1024)[:, :2] / 1024
        off = [np.median([polyline.nearest_on(fine, p)[0] for p in curve(s, 256)[:, :2] / 256]) for s in seen]
        (own,) = [s for s, distance in zip(seen, off, strict=True) if distance < 1.2 / 256]
        assert length(own) > 0.75 * length(ray)


def test_a_traced_ring_is_left_as_it_is() -> None:
    picture = np.zeros((80, 80), np.uint8)
    cv2.circle(picture, (40, 40), 20, 1)
    (ring,) = trace(thinned(picture > 0), 2, 3)
    (joined,) = joined_over_gaps([ring], np.ones((80, 80), np.float32))
    np.testing.assert_array_equal(joined, ring)
