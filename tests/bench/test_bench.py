"""The bench command measures every step and says so in JSON. No time is asserted."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from rhytid.core.cli.virtual_display import has_screen
from rhytid.gui.cli import bench_learned
from rhytid.gui.cli.bench import STEPS
from rhytid.gui.cli.bench_probe import convolved
from rhytid.gui.cli.program import main

RUNS = 2  # as few as have a median and a percentile
SLOW = ("first_frame", "export_4096", "save_4096", "super_resolution_4096", "semm_load")
IN_WINDOW = ("stroke_to_surface_1024", "frame", "playback")


def bench(report: Path, names: list[str]) -> dict:
    assert main(["bench", "--only", ",".join(names), "--runs", str(RUNS), "--json", str(report)]) == 0
    return json.loads(report.read_text())


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """The report of every quick step, some of them in the window as well."""
    names = [name for name in STEPS if name not in (*SLOW, *bench_learned.STEPS)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rhytid.gui.cli.bench.WINDOW_STEPS", IN_WINDOW)
        report = bench(tmp_path_factory.mktemp("bench") / "bench.json", names)
    assert list(report["steps"]) == names
    return report


def test_bench_measures_the_quick_steps(quick: dict) -> None:
    assert set(quick["probe"]) == {"convolution_ms", "product_ms", "copy_ms"}
    for figures in quick["steps"].values():
        assert figures["n"] == RUNS
        assert 0 < figures["median_ms"] <= figures["p95_ms"]
        multiple = figures["median_ms"] / quick["probe"]["convolution_ms"]
        assert figures["per_convolution"] == pytest.approx(multiple, abs=1e-3)
    for name in ("driven_frame_256", "playback"):
        played = quick["steps"][name]
        assert played["frames_per_second"] == pytest.approx(1000 / played["median_ms"], rel=0.05)
    assert quick["steps"]["edit_256"]["engine"] in ("semm", "procedural")


def test_bench_measures_in_the_real_window_or_says_why_not(quick: dict) -> None:
    if not (has_screen() or shutil.which("Xvfb")):
        assert "Xvfb" in quick["skipped"]["window"]
        return
    assert quick["skipped"] == {}
    width, height = quick["viewport_px"]
    assert 300 < width < 1280
    assert 300 < height < 800
    for name, figures in quick["steps"].items():
        if name in IN_WINDOW:
            assert figures["window_n"] == RUNS
            assert 0 < figures["window_median_ms"] <= figures["window_p95_ms"]
        else:
            assert "window_n" not in figures


def test_the_probe_convolves() -> None:
    rng = np.random.default_rng(1)
    planes = rng.standard_normal((3, 8, 9)).astype(np.float32)
    weights = rng.standard_normal((3, 3, 2, 3)).astype(np.float32)
    found = convolved(planes, weights).reshape(2, 6, 7)
    for out in range(2):
        expected = sum(ndimage.correlate(planes[c], weights[:, :, out, c])[1:-1, 1:-1] for c in range(3))
        np.testing.assert_allclose(found[out], expected, rtol=1e-4, atol=1e-4)


def test_bench_measures_the_learned_steps_or_says_why_not(tmp_path: Path) -> None:
    learned = [name for name in bench_learned.STEPS if name not in SLOW]
    report = bench(tmp_path / "bench.json", learned)
    assert sorted([*report["steps"], *report["skipped"]]) == sorted(learned)
    for name, figures in report["steps"].items():
        assert 0 < figures["median_ms"] <= figures["p95_ms"]
        assert figures.get("goal_ms") == bench_learned.GOALS_MS.get(name)
    for reason in report["skipped"].values():
        assert "weights" in reason


def test_steps_whose_weights_are_missing_are_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("rhytid.core.learned.weights.WEIGHTS_FOLDER", tmp_path)
    report = bench(tmp_path / "bench.json", list(bench_learned.STEPS))
    assert report["steps"] == {}
    assert list(report["skipped"]) == list(bench_learned.STEPS)
    assert f"{tmp_path / 'semm.json'}: no weights" in report["skipped"]["semm_edit_256"]
    assert "skipped: " in capsys.readouterr().out
