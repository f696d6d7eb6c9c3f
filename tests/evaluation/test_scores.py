"""Scores of maps: their limits, and their agreement with the reference tool on real scans."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from evaluation_samples import cheek_line, forehead_line, made_scan, texture

from rhytid.core.evaluation.scans import ScanSet
from rhytid.core.evaluation.scores import (
    REGIONS_PX,
    Reference,
    energy_change_correlation,
    mean_score,
    region_energy,
    valley_lines,
)
from rhytid.core.lines.raster import draw_line_map
from rhytid.core.lines.relief import relief
from rhytid.core.maps.bands import REGIONS

SHARED = Path(__file__).resolve().parents[3] / "shared"
DATA = SHARED / "data" / "facescape-sample"
TOOL = SHARED / "tools" / "score_detail.py"
EVERYWHERE = np.ones((256, 256), bool)


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    if not TOOL.exists() or not DATA.exists():
        pytest.skip("the reference scores and the sample scans are not on this machine")
    spec = importlib.util.spec_from_file_location("score_detail", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_map_is_like_itself():
    scan = made_scan(1, 0.3)
    score = Reference(scan, EVERYWHERE).score(scan)
    assert (score.line_f1, score.band_ratios) == (1.0, (1.0, 1.0, 1.0, 1.0))
    assert score.correlation == pytest.approx(1)
    assert score.ms_ssim == pytest.approx(1)


def test_scores_fall_with_what_is_missing():
    scan = made_scan(1, 0.3)
    reference = Reference(scan, EVERYWHERE)
    one_line = texture(1) + relief([(forehead_line(), 1.0)], 256)
    other_skin = made_scan(2, 0.3)
    whole, less, other = (reference.score(values) for values in (scan, one_line, other_skin))
    assert less.line_f1 < 0.85
    assert other.line_f1 > less.line_f1
    assert whole.correlation > less.correlation > 0
    assert whole.ms_ssim > max(less.ms_ssim, other.ms_ssim)
    assert less.band_ratios[1] < 0.95


def test_a_flat_map_scores_nothing():
    score = Reference(made_scan(1, 0.3), EVERYWHERE).score(np.zeros((256, 256), np.float32))
    assert (score.line_f1, score.correlation, score.band_ratios) == (0.0, 0.0, (0.0, 0.0, 0.0, 0.0))


def test_only_the_mask_counts():
    mask = EVERYWHERE.copy()
    mask[:, :128] = False
    scan = made_scan(1, 0.3)
    spoiled = scan.copy()
    spoiled[:, :60] += texture(9)[:, :60] * 10
    score = Reference(scan, mask).score(spoiled)
    assert score.correlation == pytest.approx(1)
    assert score.line_f1 == 1


def test_valley_lines_lie_on_the_lines():
    found = valley_lines(relief([(forehead_line(), 1.0)], 256))
    drawn = draw_line_map([forehead_line()], 256)
    rows, columns = np.nonzero(found)
    assert np.abs(rows - np.nonzero(drawn)[0].mean()).max() < 2
    assert columns.max() - columns.min() > 45


def test_energy_of_a_region_is_that_of_its_lines():
    quiet = np.full((256, 256), 0.0, np.float32)
    with_line = relief([(cheek_line(), 1.0)], 256)
    energy = dict(zip(REGIONS_PX, region_energy(with_line, EVERYWHERE), strict=True))
    assert energy["cheek_right"] > 0.01
    assert energy["forehead"] == 0
    assert (region_energy(quiet, EVERYWHERE) == 0).all()


def test_regions_are_those_of_the_program():
    for (name, pixels), (same, fractions) in zip(REGIONS_PX.items(), REGIONS.items(), strict=True):
        assert name == same
        assert np.allclose(np.array(pixels) / 256, fractions, atol=0.003)


def test_a_region_outside_the_mask_does_not_count():
    mask = EVERYWHERE.copy()
    mask[:70] = False
    energy = region_energy(made_scan(1, 0.3), mask)
    assert np.isnan(energy[:2]).all()
    assert np.isfinite(energy[2:]).all()
    assert energy_change_correlation(energy * 2, energy) == pytest.approx(1)
    assert energy_change_correlation(energy[:2], energy[:2]) == 0


def test_correlation_of_changes():
    real = np.array([[0.1, -0.2, 0.3]])
    assert energy_change_correlation(real * 2, real) == pytest.approx(1)
    assert energy_change_correlation(-real, real) == pytest.approx(-1)
    assert energy_change_correlation(np.zeros((1, 3)), real) == 0


def test_wrong_sizes_are_refused():
    with pytest.raises(ValueError, match="256 x 256"):
        Reference(np.zeros((128, 128), np.float32), np.ones((128, 128), bool))
    with pytest.raises(ValueError, match="mask"):
        Reference(np.zeros((256, 256), np.float32), ~EVERYWHERE)


@pytest.mark.parametrize(("one", "other"), [(0, 3), (25, 21), (64, 70), (110, 139), (5, 5)])
def test_the_reference_tool_agrees_on_real_maps(tool, one, other):
    scans = ScanSet(DATA)
    a, b = scans.scans[one], scans.scans[other]
    assert (scans.mask == tool.load_mask(str(DATA / "skin_mask.png"))).all()
    assert np.allclose(a.displacement, tool.load_map(a.path), atol=1e-6)
    edited = (0.8 * a.displacement + 0.2 * texture(7)).astype(np.float32)
    wanted = tool.map_scores(edited, b.displacement, scans.mask)
    score = scans.reference(b).score(edited)
    assert score.line_f1 == pytest.approx(wanted["line_f1"], abs=1e-3)
    assert score.correlation == pytest.approx(wanted["correlation"], abs=1e-3)
    assert score.ms_ssim == pytest.approx(wanted["ms_ssim"], abs=1e-3)
    assert score.band_ratios == pytest.approx(wanted["band_rms_ratio"], abs=1e-3)


def test_the_reference_tool_agrees_on_changes(tool):
    scans = ScanSet(DATA)
    maps = [scan.displacement for scan in scans.scans]
    triples = [(maps[i], maps[i + 2], maps[i + 5]) for i in range(0, 40, 7)]
    energy = np.log([[region_energy(values, scans.mask) for values in triple] for triple in triples])
    mine = energy_change_correlation(energy[:, 1] - energy[:, 0], energy[:, 2] - energy[:, 0])
    assert mine == pytest.approx(tool.change_scores(triples, scans.mask)["energy_change_correlation"], abs=1e-3)


def test_mean_of_scores():
    reference = Reference(made_scan(1, 0.3), EVERYWHERE)
    one, two = reference.score(made_scan(1, 0.3)), reference.score(made_scan(2, 0.2))
    mean = mean_score([one, two])
    assert mean.line_f1 == pytest.approx((one.line_f1 + two.line_f1) / 2)
    assert mean.band_ratios[2] == pytest.approx((one.band_ratios[2] + two.band_ratios[2]) / 2)
