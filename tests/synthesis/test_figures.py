"""Figures measured on maps, and the file that carries them."""

from __future__ import annotations

import json
from dataclasses import fields
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from rhytid.core.maps.bands import REGIONS
from rhytid.core.synthesis.figures import (
    FIGURES_PATH,
    Figures,
    FiguresError,
    figures,
    figures_text,
    read_figures,
    summarised,
)
from rhytid.core.synthesis.measure import PLACES, measure_map, place_masks, stacked

SIZE = 256
EXPRESSIONS = ("1_neutral", "2_smile")


def skin() -> np.ndarray:
    mask = np.zeros((SIZE, SIZE), np.uint8)
    cv2.ellipse(mask, (128, 118), (96, 118), 0, 0, 360, 1, -1)
    for x, y, rx, ry in ((85, 51, 25, 10), (171, 51, 25, 10), (90, 83, 18, 8), (166, 83, 18, 8)):
        cv2.ellipse(mask, (x, y), (rx, ry), 0, 0, 360, 0, -1)
    cv2.rectangle(mask, (106, 118), (150, 148), 0, -1)
    cv2.rectangle(mask, (96, 165), (160, 188), 0, -1)
    return mask > 0


def noise(seed: int, sigma: float, rms_mm: float) -> np.ndarray:
    raw = np.random.default_rng(seed).standard_normal((SIZE, SIZE)).astype(np.float32)
    smooth = cv2.GaussianBlur(raw, (0, 0), sigma)
    return smooth * np.float32(rms_mm / smooth.std())


@lru_cache
def faces() -> Figures:
    rows = []
    for seed in range(3):
        neutral = noise(seed, 1, 0.05)
        rows.append(stacked([measure_map(neutral, skin()), measure_map(2 * neutral, skin())]))
    return summarised(stacked(rows), EXPRESSIONS)


def test_strength_shows_in_every_place_and_band() -> None:
    weak, strong = (measure_map(noise(1, 1, rms), skin()) for rms in (0.02, 0.04))
    np.testing.assert_allclose(strong.log_rms - weak.log_rms, np.log(2), atol=1e-4)
    np.testing.assert_allclose(strong.log_wrinkle - weak.log_wrinkle, np.log(2), atol=1e-4)


def test_wrinkle_energy_is_that_of_the_scores() -> None:
    from scipy.ndimage import gaussian_filter

    displacement, mask = noise(2, 1.5, 0.05), skin()
    band = gaussian_filter(displacement, 1) - gaussian_filter(displacement, 4)
    places = place_masks(displacement, mask)
    expected = [np.sqrt((band[places[name]] ** 2).mean()) for name in REGIONS]
    np.testing.assert_allclose(np.exp(measure_map(displacement, mask).log_wrinkle), expected, rtol=1e-3)


@pytest.mark.parametrize(("along_x", "bin_of_lines"), [(True, 0), (False, 4)])
def test_direction_and_density_of_lines(along_x: bool, bin_of_lines: int) -> None:
    displacement = np.zeros((SIZE, SIZE), np.float32)
    line = slice(20, 23)
    displacement[(line, slice(90, 166)) if along_x else (slice(6, 40), slice(127, 130))] = -0.4
    displacement = cv2.GaussianBlur(displacement, (0, 0), 1) + noise(0, 1, 0.002)
    displacement[200:] += noise(1, 1, 0.02)[200:]  # something in the ring
    found = measure_map(displacement, skin())
    at = PLACES.index("forehead")
    assert found.orientation[at].argmax() == bin_of_lines
    assert found.orientation[at].max() > 0.8 * found.line_density[at] > 0
    assert found.line_depth_mm[at] == pytest.approx(0.2, abs=0.15)


def test_mirror_image_and_sharp_valleys_show() -> None:
    half = noise(5, 1.5, 0.05)
    symmetrical = half + half[:, ::-1]
    assert (measure_map(symmetrical, skin()).mirror > 0.95).all()
    assert abs(measure_map(half, skin()).mirror[0]) < 0.1
    valleys = -(np.abs(noise(6, 1, 0.05)) ** 2)
    assert measure_map(valleys, skin()).skewness[PLACES.index("rest"), 1] < -0.3


def test_spectrum_peaks_where_the_map_does() -> None:
    x = np.arange(SIZE) / 32
    wave = (0.05 * np.sin(2 * np.pi * 5 * x))[None].repeat(SIZE, 0).astype(np.float32)
    assert measure_map(wave, skin()).log_spectrum.argmax() == 5 - 1


def test_changes_are_against_the_same_persons_neutral() -> None:
    found = faces()
    np.testing.assert_allclose(found.change_mean[1], np.log(2), atol=1e-4)
    np.testing.assert_allclose(found.change_sd, 0, atol=1e-4)
    assert (found.change_mean[0] == 0).all()
    assert (found.neutral_sd > 0).all()


def test_figures_survive_their_file(tmp_path: Path) -> None:
    found = faces()
    path = tmp_path / "figures.json"
    path.write_text(figures_text(found), encoding="utf-8")
    again = read_figures(path)
    for field in fields(Figures):
        before, after = getattr(found, field.name), getattr(again, field.name)
        if isinstance(before, (np.ndarray, float)):
            np.testing.assert_allclose(after, before, atol=6e-5)
        else:
            assert after == before
    assert not again.neutral_mean.flags.writeable


def test_shipped_figures_are_small_and_complete() -> None:
    found = figures()
    assert FIGURES_PATH.stat().st_size < 300_000
    assert found.n_subjects == 7
    assert len(found.expressions) == 20
    assert "Licence" in FIGURES_PATH.read_text("utf-8")
    typical = np.exp(found.neutral_mean)
    assert (typical > 0.0005).all()
    assert (typical < 0.2).all()


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("neutral_mean", [[0.0]], "neutral_mean"),
        ("change_sd", "many", "change_sd"),
        ("mirror", None, "mirror"),
        ("places", ["forehead"], "places"),
        ("version", 99, "version"),
        ("expressions", 3, "expressions"),
    ],
)
def test_damaged_figures_are_refused(tmp_path: Path, key: str, value: object, says: str) -> None:
    document = json.loads(figures_text(faces())) | {key: value}
    path = tmp_path / "figures.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(FiguresError, match=says):
        read_figures(path)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[1]", b"{"])
def test_files_of_something_else_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "figures.json"
    path.write_bytes(content)
    with pytest.raises(FiguresError, match=r"figures\.json"):
        read_figures(path)
    with pytest.raises(FiguresError, match=r"absent\.json"):
        read_figures(tmp_path / "absent.json")


def test_maps_that_cannot_be_measured_are_refused() -> None:
    with pytest.raises(ValueError, match="256"):
        measure_map(np.zeros((128, 128), np.float32), skin())
    with pytest.raises(ValueError, match="finite"):
        measure_map(np.full((SIZE, SIZE), np.nan, np.float32), skin())
    with pytest.raises(ValueError, match="mouth"):
        measure_map(noise(0, 1, 0.05), np.ones((SIZE, SIZE), bool))
