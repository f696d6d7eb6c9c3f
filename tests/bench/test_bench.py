"""The bench command measures every step and says so in JSON. No time is asserted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rhytid.gui.cli import bench_learned
from rhytid.gui.cli.bench import STEPS
from rhytid.gui.cli.program import main

SLOW = ("first_frame", "export_4096", "super_resolution_4096", "semm_load")


def bench(report: Path, names: list[str]) -> dict:
    assert main(["bench", "--only", ",".join(names), "--runs", "3", "--json", str(report)]) == 0
    return json.loads(report.read_text())


def test_bench_measures_the_quick_steps(tmp_path: Path) -> None:
    quick = [name for name in STEPS if name not in (*SLOW, *bench_learned.STEPS)]
    report = bench(tmp_path / "bench.json", quick)
    assert list(report["steps"]) == quick
    assert report["skipped"] == {}
    for figures in report["steps"].values():
        assert figures["n"] == 3
        assert 0 < figures["median_ms"] <= figures["p95_ms"]
    assert report["steps"]["edit_256"]["engine"] in ("semm", "procedural")


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
