"""The bench command measures every step and says so in JSON. No time is asserted."""

from __future__ import annotations

import json
from pathlib import Path

from gui.cli.bench import STEPS
from main import main


def test_bench_measures_the_quick_steps(tmp_path: Path) -> None:
    report = tmp_path / "bench.json"
    quick = [name for name in STEPS if name not in ("first_frame", "export_4096")]
    assert main(["bench", "--only", ",".join(quick), "--runs", "3", "--json", str(report)]) == 0
    steps = json.loads(report.read_text())["steps"]
    assert list(steps) == quick
    for figures in steps.values():
        assert figures["n"] == 3
        assert 0 < figures["median_ms"] <= figures["p95_ms"]
