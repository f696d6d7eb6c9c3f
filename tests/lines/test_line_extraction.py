"""Lines come out of displacement maps where they are, as deep and as wide as they are."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from line_samples import arc
from scipy.ndimage import distance_transform_edt

from rhytid.core.lines import polyline
from rhytid.core.lines.curve import curve
from rhytid.core.lines.extract import extract_lines
from rhytid.core.lines.raster import draw_line_map
from rhytid.core.lines.relief import relief
from rhytid.core.lines.stroke import Profile, Stroke
from rhytid.core.lines.tracing import thinned, trace

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "facescape-sample"
WRINKLES = [
    Stroke(
        id=f"w{i}", points=np.stack([x, y + 0.02 * np.sin(9 * x + i)], axis=1), pressure=np.ones(40),
        width=width, depth_mm=depth_mm,
    )
    for i, (x, y, width, depth_mm) in enumerate(
        [
            (np.linspace(0.2, 0.8, 40), 0.2, 0.016, 0.25),
            (np.linspace(0.15, 0.6, 40), 0.4, 0.022, 0.35),
            (np.linspace(0.3, 0.85, 40), 0.6, 0.03, 0.2),
            (np.linspace(0.2, 0.7, 40), 0.8, 0.02, 0.15),
        ]
    )
]  # fmt: skip


def noisy_map(resolution: int, seed: int = 0, noise_mm: float = 0.01) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, noise_mm, (resolution, resolution))
    return (relief([(stroke, 1.0) for stroke in WRINKLES], resolution) + noise).astype(np.float32)


def length(stroke: Stroke) -> float:
    return float(polyline.arc_length(stroke.points.astype(np.float64))[-1])


def beyond(points: np.ndarray, end: int) -> np.ndarray:
    """A point one texel of 256 beyond an end of a polyline, (1, 2)."""
    out = points[end] - points[1 if end == 0 else -2]
    return (points[end] + out / np.linalg.norm(out) / 256)[None]


@pytest.mark.parametrize("resolution", [256, 512, 1024])
def test_known_wrinkles_are_found_with_place_depth_and_width(resolution: int) -> None:
    found = [stroke for stroke in extract_lines(noisy_map(resolution)) if length(stroke) > 0.1]
    assert len(found) == len(WRINKLES)
    for wrinkle in WRINKLES:
        fine = curve(wrinkle, 1024)[:, :2] / 1024
        (match,) = [s for s in found if polyline.nearest_on(fine, s.points.mean(0))[0] < 0.03]
        course = curve(match, 1024)[:, :2] / 1024
        fine = np.concatenate([beyond(fine, 0), fine, beyond(fine, -1)])  # a valley ends with a round tip
        assert max(polyline.nearest_on(fine, point)[0] for point in course) < 1.2 / 256
        assert length(match) > 0.85 * length(wrinkle)
        assert match.depth_mm == pytest.approx(wrinkle.depth_mm, rel=0.25)
        assert match.width == pytest.approx(wrinkle.width, rel=0.35)
        assert match.from_source
        assert match.profile is Profile.WRINKLE


def test_extracted_strokes_drawn_again_resemble_the_map() -> None:
    original = noisy_map(512, noise_mm=0.0)
    again = relief([(stroke, 1.0) for stroke in extract_lines(original)], 512)
    inside = np.abs(original) > 0.02
    assert np.corrcoef(again[inside], original[inside])[0, 1] > 0.93


@pytest.mark.parametrize("resolution", [64, 100, 257])
def test_flat_maps_have_no_lines(resolution: int) -> None:
    assert extract_lines(np.zeros((resolution, resolution), np.float32)) == ()
    assert extract_lines(np.full((resolution, resolution), 0.3)) == ()


def test_noise_is_not_full_of_long_lines() -> None:
    noise = np.random.default_rng(1).normal(0, 0.05, (256, 256)).astype(np.float32)
    assert max(length(stroke) for stroke in extract_lines(noise)) < 0.12
    assert extract_lines(noise * np.float32(0.02)) == ()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([64, 200, 256, 300]), st.floats(1e-6, 1e3))
def test_any_finite_map_gives_valid_strokes(seed: int, resolution: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    values = cv2.GaussianBlur(rng.normal(0, scale, (resolution, resolution)).astype(np.float32), (0, 0), 2)
    strokes = extract_lines(values)
    assert strokes == extract_lines(values)
    assert len({stroke.id for stroke in strokes}) == len(strokes)
    for stroke in strokes:
        assert (stroke.points >= 0).all()
        assert (stroke.points <= 1).all()
        assert stroke.depth_mm > 0
        assert 0 < stroke.width < 0.1


@pytest.mark.parametrize(
    "values",
    [
        np.zeros((63, 63)),
        np.zeros((64, 65)),
        np.zeros(64),
        np.full((64, 64), np.nan),
        np.broadcast_to(0.0, (8193, 8193)),
    ],
)
def test_bad_maps_are_refused(values: np.ndarray) -> None:
    with pytest.raises(ValueError, match="displacement map"):
        extract_lines(values)


def test_tracing_goes_straight_on_at_a_crossing() -> None:
    picture = np.zeros((64, 64), bool)
    picture[32, 5:60] = True
    picture[5:60, 30] = True
    lines = trace(picture, 4, 4)
    assert [len(line) for line in lines] == [55, 55]
    for line in lines:
        assert min(np.ptp(line[:, 0]), np.ptp(line[:, 1])) == 0


def test_tracing_keeps_rings_whole_and_drops_spurs_and_specks() -> None:
    picture = np.zeros((80, 80), np.uint8)
    cv2.circle(picture, (40, 40), 20, 1)
    picture[40, 61:63] = 1  # a spur
    picture[5, 5:8] = 1  # a speck
    (ring,) = trace(thinned(picture > 0), 4, 6)
    assert (ring[0] == ring[-1]).all()
    assert np.hypot(*(ring - 40).T) == pytest.approx(20, abs=1)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 5000), min_size=1, max_size=8, unique=True))
def test_every_pixel_of_a_thin_picture_is_traced(found: list[int]) -> None:
    picture = thinned(draw_line_map([arc(seed) for seed in found], 200))
    traced = np.zeros_like(picture)
    for line in trace(picture, 0, 2):
        column, row = line.astype(int).T
        assert (np.abs(np.diff(line, axis=0)).max(axis=1) == 1).all()
        traced[row, column] = True
    assert not (traced & ~picture).any()
    assert (picture & ~traced).sum() == 0


@pytest.mark.skipif(not SHARED.is_dir(), reason="the scanned sample maps are not on this machine")
def test_lines_of_scans_agree_with_the_reference_extractor() -> None:
    mask = cv2.imread(str(SHARED / "skin_mask.png"), cv2.IMREAD_GRAYSCALE) > 127
    scores = []
    for path in sorted(SHARED.glob("*/displacement/*.png")):
        if int(path.stem.split("_")[0]) % 5 != 4:
            continue
        displacement = (cv2.imread(str(path), cv2.IMREAD_UNCHANGED).astype(np.float32) / 32768 - 1) * 0.914
        reference = cv2.imread(str(path.parents[1] / "lines" / path.name), cv2.IMREAD_GRAYSCALE) > 127
        line_map = draw_line_map(extract_lines(displacement), len(displacement))
        found, expected = thinned(line_map) & mask, thinned(reference) & mask
        precision = (distance_transform_edt(~expected)[found] <= 2).mean()
        recall = (distance_transform_edt(~found)[expected] <= 2).mean()
        scores.append(2 * precision * recall / (precision + recall))
    assert len(scores) >= 20
    assert np.mean(scores) >= 0.85
