"""Comparison of synthetic figures with those of scans, and the command that prints it."""

from __future__ import annotations

import json
import sys
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from rhytid.core.cli import synthesis_report
from rhytid.core.cli.run import run_command
from rhytid.core.synthesis.figures import read_figures, summarised
from rhytid.core.synthesis.measure import N_REGIONS, PLACES, Measures, measure_map, stacked
from rhytid.core.synthesis.report import (
    compare,
    comparison_record,
    comparison_text,
    held_out,
    patch_sheet,
    share_within_goal,
    side_by_side,
)

SIZE = 256
EXPRESSIONS = ("1_neutral", "2_smile", "4_anger")
SAMPLE = Path(__file__).resolve().parents[3] / "shared" / "data" / "facescape-sample"


def skin() -> np.ndarray:
    mask = np.zeros((SIZE, SIZE), np.uint8)
    cv2.ellipse(mask, (128, 118), (96, 118), 0, 0, 360, 1, -1)
    for x0, y0, x1, y1 in ((60, 40, 108, 60), (148, 40, 196, 60), (70, 75, 106, 92), (150, 75, 186, 92)):
        cv2.rectangle(mask, (x0, y0), (x1, y1), 0, -1)
    cv2.rectangle(mask, (106, 118), (150, 148), 0, -1)
    cv2.rectangle(mask, (96, 165), (160, 188), 0, -1)
    return mask > 0


def person(seed: int, strength: float = 1.0) -> np.ndarray:
    """Skin that wrinkles at the brow in anger and at the mouth in a smile, float32 (3, 256, 256)."""
    rng = np.random.default_rng(seed)
    base = cv2.GaussianBlur(rng.standard_normal((SIZE, SIZE)).astype(np.float32), (0, 0), 1) * np.float32(0.1)
    smile, anger = np.ones((2, SIZE, SIZE), np.float32)
    smile[130:200], anger[:60] = 2, 3
    return np.float32(strength) * np.stack([base, base * smile, base * anger])


@lru_cache
def measured(seeds: range, strength: float = 1.0) -> Measures:
    return stacked([stacked([measure_map(item, skin()) for item in person(seed, strength)]) for seed in seeds])


@pytest.fixture(scope="module")
def real() -> Measures:
    return measured(range(4))


def test_equal_processes_are_within_the_goal(real: Measures) -> None:
    found = compare(summarised(measured(range(10, 14)), EXPRESSIONS), summarised(real, EXPRESSIONS))
    assert found.neutral_share > 0.85
    assert found.overall_share > 0.85
    assert found.change_correlation > 0.95
    assert found.change_slope == pytest.approx(1, abs=0.1)
    np.testing.assert_allclose(found.spectrum, 1, atol=0.15)


def test_doubled_strength_shows_as_a_ratio_of_two(real: Measures) -> None:
    found = compare(summarised(measured(range(4), 2), EXPRESSIONS), summarised(real, EXPRESSIONS))
    np.testing.assert_allclose(found.neutral, 2, rtol=1e-3)
    np.testing.assert_allclose(found.overall, 2, rtol=1e-3)
    np.testing.assert_allclose(found.spectrum, 2, rtol=1e-3)
    assert found.neutral_share == 0
    assert found.change_correlation == pytest.approx(1, abs=1e-3)
    assert (found.line_density[:N_REGIONS] >= 1).all()


def test_changes_that_fail_to_come_show(real: Measures) -> None:
    still = real[:, [0, 0, 0]]
    found = compare(summarised(still, EXPRESSIONS), summarised(real, EXPRESSIONS))
    assert found.change_correlation == 0
    assert found.change_slope == 0
    forehead = PLACES.index("forehead")
    np.testing.assert_allclose(found.by_expression[2, forehead], 1 / 3, rtol=0.05)
    np.testing.assert_allclose(found.by_expression[0], 1)


def test_different_expressions_are_not_compared(real: Measures) -> None:
    with pytest.raises(ValueError, match="same expressions"):
        compare(summarised(real, EXPRESSIONS), summarised(real, ("1_neutral", "a", "b")))


def test_some_subjects_predict_the_others(real: Measures) -> None:
    found = held_out(real, EXPRESSIONS, 2)
    assert (found.n_known, found.n_unseen) == (2, 2)
    assert found.neutral_share > 0.7
    assert found.change_correlation > 0.9
    with pytest.raises(ValueError, match="divided"):
        held_out(real, EXPRESSIONS, 3)


def test_text_and_record_say_the_same(real: Measures) -> None:
    found = compare(summarised(measured(range(4), 2), EXPRESSIONS), summarised(real, EXPRESSIONS))
    text, record = comparison_text(found), comparison_record(found)
    for name in PLACES:
        assert name in text
    assert "2.00!" in text
    assert json.loads(json.dumps(record))["neutral"]["chin"] == pytest.approx([2] * 4, rel=1e-2)
    assert share_within_goal(np.array([0.79, 0.8, 1.25, 1.26])) == 0.5


def test_pictures_have_one_contrast() -> None:
    flat = np.zeros((2, 3, 32, 32), np.float32)
    picture = side_by_side(flat, flat + 0.1)
    assert picture.shape == (4 * 40, 3 * 40)
    assert abs(int(picture[20, 20]) - 127) <= 1
    assert picture[60, 20] == pytest.approx(0.75 * 255, abs=1)
    assert picture[0, 0] == 0
    assert picture[40, 0] == 255
    assert patch_sheet(flat[0, :2], flat[1, :2]).shape == (160, 40)


def write_set(folder: Path, seeds: range) -> None:
    for seed in seeds:
        maps = folder / str(seed) / "displacement"
        maps.mkdir(parents=True)
        for name, values in zip(EXPRESSIONS, person(seed), strict=True):
            stored = np.clip(np.round(values / 0.914 * 32768) + 32768, 0, 65535).astype(np.uint16)
            cv2.imwrite(str(maps / f"{name}.png"), stored)
    cv2.imwrite(str(folder / "skin_mask.png"), skin().astype(np.uint8) * 255)


def call(*arguments: object) -> int:
    return run_command("synthesis-report", synthesis_report, [str(item) for item in arguments], {})


def test_command_writes_figures_of_some_subjects(tmp_path: Path) -> None:
    write_set(tmp_path / "set", range(3))
    target = tmp_path / "figures.json"
    assert call("--data", tmp_path / "set", "--subjects", "0,2", "--write-figures", target) == 0
    found = read_figures(target)
    assert found.n_subjects == 2
    assert found.expressions == EXPRESSIONS
    assert sorted(path.name for path in tmp_path.iterdir()) == ["figures.json", "set"]


def test_command_reports_on_the_generator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_set(tmp_path / "set", range(4))

    def synthetic(n_persons: int, expressions: tuple[str, ...], first_seed: int) -> np.ndarray:
        assert expressions == EXPRESSIONS
        return np.stack([person(first_seed % 1000 + i) for i in range(n_persons)])

    monkeypatch.setattr(synthesis_report, "synthetic_maps", synthetic)
    target, pictures = tmp_path / "report.json", tmp_path / "pictures"
    options = ("--samples", 3, "--first-seed", 50, "--json", target, "--pictures", pictures)
    assert call("--data", tmp_path / "set", *options) == 0
    printed = capsys.readouterr().out
    record = json.loads(target.read_text("utf-8"))
    assert f"{record['neutral_share']:.0%}" in printed
    assert record["held_out"]["n_known"] == 2
    assert record["change_correlation"] > 0.9
    assert cv2.imread(str(pictures / "faces.png"), cv2.IMREAD_UNCHANGED).ndim == 2


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda folder: (folder / "skin_mask.png").unlink(), "skin_mask"),
        (lambda folder: (folder / "1" / "displacement" / "2_smile.png").unlink(), "2_smile"),
        (lambda folder: (folder / "0" / "displacement" / "4_anger.png").write_bytes(b"x"), "4_anger"),
    ],
)
def test_sets_with_gaps_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: object, says: str
) -> None:
    write_set(tmp_path / "set", range(2))
    damage(tmp_path / "set")
    assert call("--data", tmp_path / "set", "--write-figures", tmp_path / "f.json") == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "f.json").exists()


def test_folders_of_something_else_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--data", tmp_path) == 2
    assert "SUBJECT/displacement" in capsys.readouterr().err
    write_set(tmp_path / "set", range(2))
    assert call("--data", tmp_path / "set", "--subjects", "0,9") == 2
    assert "9" in capsys.readouterr().err
    assert call("--data", tmp_path / "set", "--samples", 1) == 2
    assert "--samples" in capsys.readouterr().err


def test_two_sample_test_needs_torch_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rhytid.core.training.two_sample", None)
    with pytest.raises(ValueError, match="torch"):
        synthesis_report._two_sample(SimpleNamespace(steps=1, pictures=None), None, None)


def test_synthetic_persons_stay_themselves_between_expressions() -> None:
    maps = synthesis_report.synthetic_maps(2, ("1_neutral", "19_brow_raiser"), 5)
    assert maps.shape == (2, 2, SIZE, SIZE)
    assert np.isfinite(maps).all()
    same = np.corrcoef(maps[0, 0].ravel(), maps[0, 1].ravel())[0, 1]
    other = np.corrcoef(maps[0, 0].ravel(), maps[1, 0].ravel())[0, 1]
    assert same > other + 0.1
    with pytest.raises(ValueError, match="surprise"):
        synthesis_report.synthetic_maps(2, ("1_neutral", "surprise"), 5)


@pytest.mark.skipif(not SAMPLE.is_dir(), reason="the scanned sample is not beside the project")
def test_shipped_figures_are_those_of_the_sample() -> None:
    scans = synthesis_report.read_scans(SAMPLE)
    from rhytid.core.synthesis.figures import figures

    assert figures().expressions == scans.expressions
    neutral = np.stack([measure_map(maps[0], scans.mask).log_rms for maps in scans.maps])
    np.testing.assert_allclose(figures().neutral_mean, neutral.mean(0), atol=1e-3)
