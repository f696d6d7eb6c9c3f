"""The whole check of a machine's devices: same results, time of each step, training steps per second; as JSON.

    python tests/gpu/gpu_check.py [--seconds 200] [--runs 20] [--device NAME ...] [--json FILE]

Needs what `pip install -e ".[gpu,train]"` installs and, for networks on the card, onnxruntime-gpu lying over the usual
build (Preferences in the manual has the line). Without a card it says so, and measures the processor all the same.
Ends with 1 where a device that runs gives other results than the processor, and takes less than four minutes: a part
that would begin after `--seconds` is left out and listed under "left_out".

    {"machine": {...}, "gpu": "NVIDIA ..." or null,
     "devices": {"cpu": {"reason": "", "apart_mm": {...}, "steps_ms": {...}}, ...},
     "training_steps_per_s": {"cpu": {"semm": 0.3, "super_resolution": 2.1}, ...}, "left_out": [...], "agrees": true}
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "training")]

import main as program  # noqa: E402, F401  # names the source `rhytid`
from rhytid.core.learned.device_choice import TOLERANCE_MM, machine_key  # noqa: E402
from rhytid.core.learned.runtime import PROCESSOR, RUNTIME, Device, DeviceRefused, devices  # noqa: E402

STEPS = ("semm_edit_256", "semm_slider_256", "semm_encode_256", "super_resolution_1024", "super_resolution_4096")
FEWER_RUNS = {"super_resolution_1024": 5, "super_resolution_4096": 1}
PAIRS = 8  # of a step of training, as `rhytid train` takes them
TRAIN_S = 8.0  # of each network on each device
LIKE_STEPS = 3  # the SEMM trains all its networks in every third step, the painter alone in the others
Maps = dict[str, np.ndarray]


def results() -> Maps:
    """What every model makes of two persons, in mm (codes in their own unit), where the caller's work runs."""
    from rhytid.core.learned.near_field import NearField
    from rhytid.core.learned.semm import SemmModel
    from rhytid.core.learned.super_resolution import SuperResolution
    from rhytid.core.lines.stroke import Stroke
    from rhytid.core.maps.rect import Rect

    model, enlarger = SemmModel.load(), SuperResolution.load()
    smile = np.zeros(52, np.float32)
    smile[23] = smile[24] = 0.8
    line = Stroke("line", np.array([[0.2, 0.3], [0.5, 0.28], [0.8, 0.3]], np.float32), np.ones(3, np.float32))
    made: Maps = {}
    for seed in (1, 2):
        code = model.transform(model.random_code(seed), smile, (model.prior_age, 62.0), smile)
        decoded = model.decode(code)
        near = np.clip(decoded.distance_field * np.float32(2.56), 0, 1)
        whole = model.paint(decoded, decoded.relief_mm, near, near)
        made[f"refiner {seed}"] = np.stack([decoded.base_mm, decoded.relief_mm])
        made[f"painter {seed}"] = whole
        for rect in (Rect(10, 20, 90, 77), Rect(100, 30, 130, 200)):
            made[f"painter {seed} {rect.width} x {rect.height}"] = model.paint(
                decoded, decoded.relief_mm, near, near, rect
            )
        made[f"encoded {seed}"] = model.encode(whole, decoded.distance_field).vector
        made[f"super-resolution {seed}"] = enlarger.enlarge(whole, NearField([line]), 1024)
    return made


def check_device(device: Device, exact: Maps, runs: int, has_time: Callable[[str], bool]) -> dict[str, Any]:
    """Differences from the processor's results, mm, and median milliseconds of each step."""
    reason = RUNTIME.reason_against(device)
    if reason:
        return {"reason": reason}
    try:
        with RUNTIME.trying(device):
            made = results()
            apart = {name: float(np.abs(values - exact[name]).max()) for name, values in made.items()}
            return {"reason": "", "apart_mm": apart, "steps_ms": dict(_timed(device, runs, has_time))}
    except DeviceRefused as error:
        return {"reason": str(error)}


def _timed(device: Device, runs: int, has_time: Callable[[str], bool]) -> Iterator[tuple[str, float]]:
    from rhytid.gui.cli.bench_learned import LearnedBench

    bench = LearnedBench()
    for name in STEPS:
        if has_time(f"{device.name} {name}"):
            times = list(getattr(bench, name)(min(runs, FEWER_RUNS.get(name, runs))))
            yield name, float(np.median(times))


def training_speeds(has_time: Callable[[str], bool]) -> dict[str, dict[str, float]]:
    """Steps per second of the networks that `rhytid train` trains, on the processor and on CUDA where there is any."""
    import torch

    names = ["cuda", "cpu"] if torch.cuda.is_available() else ["cpu"]
    speeds: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        records = _records(Path(folder))
        for name in names:
            speeds[name] = {}
            for network, make, batch in (("semm", _semm, records), ("super_resolution", _enlarger, _fine_batch)):
                if has_time(f"train {network} on {name}"):
                    speeds[name][network] = _steps_per_s(make(name), batch(name))
    return speeds


def _records(folder: Path) -> Callable[[str], Any]:
    from record_samples import made_up_group

    from rhytid.core.training.record_shards import write_index, write_shard
    from rhytid.core.training.records import Records
    from rhytid.core.training.trainer import PoseSource

    write_index(folder, [write_shard(folder, [made_up_group(person) for person in range(PAIRS)])])
    arrays = PoseSource(Records(folder)).batch(PAIRS, np.random.default_rng(0))
    return lambda name: _on(name, arrays)


def _fine_batch(name: str) -> Any:
    from rhytid.core.training.fine_records import network_inputs

    rng = np.random.default_rng(0)
    windows = rng.random((PAIRS, 2, 296, 296), np.float32)
    crops = [network_inputs(high, near) for high, near in windows]
    return _on(name, {key: np.stack([crop[key] for crop in crops])[:, None] for key in crops[0]})


def _on(name: str, arrays: dict[str, Any]) -> dict[str, Any]:
    import torch

    return {key: torch.from_numpy(np.ascontiguousarray(values)).to(name) for key, values in arrays.items()}


def _semm(name: str) -> Any:
    from rhytid.core.networks.semm_config import SemmConfig
    from rhytid.core.training.semm import SemmTrainer

    return SemmTrainer(SemmConfig(), name)


def _enlarger(name: str) -> Any:
    from rhytid.core.training.super_resolution import SuperResolutionTrainer

    return SuperResolutionTrainer(device=name)


def _steps_per_s(trainer: Any, batch: Any) -> float:
    """Losses come back as numbers, so a step is over when it returns."""
    trainer.step(batch)
    started, steps = time.perf_counter(), 0
    while not steps or time.perf_counter() - started < TRAIN_S or steps % LIKE_STEPS:
        trainer.step(batch)
        steps += 1
    return steps / (time.perf_counter() - started)


def cuda_card() -> str:
    """Name of the card that torch sees, "" for none."""
    import torch

    return str(torch.cuda.get_device_name(0)) if torch.cuda.is_available() else ""


def check(runs: int, seconds: float, names: list[str], train: bool = True) -> dict[str, Any]:
    """The report, see the module."""
    until, left_out = time.perf_counter() + seconds, []

    def has_time(part: str) -> bool:
        if time.perf_counter() < until:
            return True
        left_out.append(part)
        return False

    exact = results()
    wanted = [device for device in devices() if not names or device.name in names or device is PROCESSOR]
    # Devices before the processor: it is the slowest, and the one that is known.
    found = {device.name: check_device(device, exact, runs, has_time) for device in reversed(wanted)}
    speeds = training_speeds(has_time) if train else {}
    running = {name: entry for name, entry in found.items() if not entry["reason"]}
    key = machine_key(RUNTIME)
    return {
        "machine": key | {"python": platform.python_version()},
        "gpu": key["cards"] or cuda_card() or ", ".join(name for name in running if name != PROCESSOR.name) or None,
        "devices": found,
        "training_steps_per_s": speeds,
        "left_out": left_out,
        "agrees": all(apart <= TOLERANCE_MM for entry in running.values() for apart in entry["apart_mm"].values()),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=200.0)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--device", action="append", default=[])
    parser.add_argument("--no-training", action="store_true")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    started = time.perf_counter()
    report = check(arguments.runs, arguments.seconds, arguments.device, not arguments.no_training)
    report["took_s"] = round(time.perf_counter() - started, 1)
    text = json.dumps(report, indent=1)
    print(text)
    if arguments.json is not None:
        arguments.json.write_text(text, "utf-8")
    if report["gpu"] is None:
        print("no GPU: only the processor was measured", file=sys.stderr)
    return 0 if report["agrees"] else 1


if __name__ == "__main__":
    sys.exit(main())
