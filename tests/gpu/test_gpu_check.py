"""The check of a machine's devices: all of it where there is a card, its logic everywhere."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import gpu_check
import numpy as np
import pytest

from rhytid.core.learned import runtime as runtime_module
from rhytid.core.learned.runtime import PROCESSOR, RUNTIME, Device, devices

# A provider that every build has and that leaves all work to the processor.
TWIN = Device("twin", "The processor once more", "AzureExecutionProvider")


@pytest.fixture
def twin(monkeypatch) -> None:
    """A machine with a second device, and a quick check of it."""
    if RUNTIME.reason_against(TWIN):
        pytest.skip("this build of ONNX Runtime has no second provider")
    monkeypatch.setattr(runtime_module, "DEVICES", (PROCESSOR, TWIN))
    monkeypatch.setattr(gpu_check, "STEPS", ("semm_edit_256",))
    monkeypatch.setattr(gpu_check, "cuda_card", lambda: "")


def test_the_whole_check_on_a_machine_with_a_card(tmp_path: Path):
    card = gpu_check.cuda_card()
    offered = [device.name for device in devices() if device is not PROCESSOR and not RUNTIME.reason_against(device)]
    if not card and not offered:
        pytest.skip("no GPU: torch sees no CUDA card, and ONNX Runtime offers the processor alone")
    path = tmp_path / "report.json"
    command = [sys.executable, str(Path(gpu_check.__file__)), "--json", str(path)]
    assert subprocess.run(command, timeout=400, check=False).returncode == 0
    report = json.loads(path.read_text("utf-8"))
    assert report["gpu"]
    assert report["took_s"] < 240
    assert set(report["devices"]) == {device.name for device in devices()}


def test_a_second_device_is_compared_and_timed(twin):
    report = gpu_check.check(1, 200.0, [], train=False)
    assert report["agrees"]
    assert report["gpu"] == "twin"
    assert report["left_out"] == []
    for entry in report["devices"].values():
        assert set(entry["apart_mm"].values()) == {0.0}
        assert entry["steps_ms"]["semm_edit_256"] > 0
    assert len(report["devices"]["twin"]["apart_mm"]) == 12


def test_other_results_fail_the_check(twin, monkeypatch):
    real = RUNTIME.run
    monkeypatch.setattr(RUNTIME, "run", lambda *args: [values + np.float32(0.01) for values in real(*args)])
    report = gpu_check.check(1, 200.0, ["twin"], train=False)
    assert not report["agrees"]
    apart = report["devices"]["twin"]["apart_mm"]
    assert all(apart[name] > 1e-4 for name in apart if not name.startswith("encoded"))
    assert set(report["devices"]["cpu"]["apart_mm"].values()) == {0.0}


def test_a_device_that_does_not_start_says_why(twin, monkeypatch):
    def refuse(*_args):
        raise RuntimeError("no driver")

    monkeypatch.setattr(RUNTIME, "run", refuse)
    report = gpu_check.check(1, 200.0, [], train=False)
    assert report["devices"]["twin"] == {"reason": "no driver"}
    assert report["gpu"] is None
    assert report["agrees"]


def test_what_there_is_no_time_for_is_listed(twin):
    report = gpu_check.check(1, 0.0, ["cpu"], train=False)
    assert report["left_out"] == ["cpu semm_edit_256"]
    assert report["devices"]["cpu"]["steps_ms"] == {}
    assert report["gpu"] is None


def test_training_is_timed_on_the_processor(monkeypatch):
    monkeypatch.setattr(gpu_check, "TRAIN_S", 0.0)
    monkeypatch.setattr(gpu_check, "PAIRS", 1)
    speeds = gpu_check.training_speeds(lambda part: "super_resolution" in part)
    assert speeds["cpu"]["super_resolution"] > 0
    assert "semm" not in speeds["cpu"]
