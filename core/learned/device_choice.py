"""Which device networks run on: measured with the program's own models at first use, and kept per machine.

The measurement takes about a second. Its work is a step of a slider at 256 texels and one tile of super-resolution, on
each device that ONNX Runtime offers; a device whose results differ from the processor's is not offered.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.files.reading import read_json
from rhytid.core.files.state_folder import state_dir
from rhytid.core.files.writing import write_text
from rhytid.core.learned.runtime import PROCESSOR, Device, DeviceRefused, Runtime, devices
from rhytid.core.learned.weights import WeightsError, open_model

Float32 = npt.NDArray[np.float32]
Work = Callable[[], list[Float32]]
"""Runs networks; gives what they make, in mm."""

FORMAT, VERSION = "rhytid-devices", 1
FILE_NAME = "devices.json"
TOLERANCE_MM = 1e-4
_SECONDS, _LEAST_RUNS, _MOST_RUNS = 0.3, 3, 9  # of each device
_GAIN = 0.8  # a device is worth its ways only if it takes no more than this share of the processor's time
_MAX_BYTES, _MAX_VALUES, _MAX_TEXT = 1 << 14, 100, 400
_SMI_S = 5.0


@dataclass(frozen=True)
class Measured:
    """What is known of a device.

    Attributes
    ----------
    device : Device
    ms : float or None
        Median time of the work; None where it did not run.
    reason : str
        Why the device is not offered, "" if it is.
    """

    device: Device
    ms: float | None = None
    reason: str = ""


def own_work() -> Work:
    """A step of a slider at 256 texels and one tile of super-resolution, of the models that come with the program.

    Raises
    ------
    WeightsError
        One of them is missing or damaged.
    """
    from rhytid.core.learned.semm import SemmModel
    from rhytid.core.learned.super_resolution import TILE, SuperResolution

    model, enlarger = SemmModel.load(), SuperResolution.load()
    code = model.random_code(1)
    far = np.ones((TILE * 4, TILE * 4), np.float32)

    def work() -> list[Float32]:
        decoded = model.decode(code)
        near = np.clip(decoded.distance_field * np.float32(2.56), 0, 1)
        painted = model.paint(decoded, decoded.relief_mm, near, near)
        part = np.ascontiguousarray(painted[96 : 96 + TILE, 96 : 96 + TILE])
        return [decoded.base_mm, painted, enlarger.enlarge(part, lambda _side, rect: far[rect.slices], TILE * 4)]

    return work


def measure(runtime: Runtime, work: Work) -> tuple[Measured, ...]:
    """Every device of the platform, the processor first, with its time or the reason against it."""
    exact = work()
    return tuple(_measured(runtime, device, work, exact) for device in devices())


def unmeasured(runtime: Runtime) -> tuple[Measured, ...]:
    """Every device of the platform with the reason against it, as far as it is known without measuring."""
    return tuple(Measured(device, None, runtime.reason_against(device)) for device in devices())


def fastest(measured: tuple[Measured, ...]) -> Device:
    """The device to use: the processor unless another one is clearly faster."""
    times = {known.device: known.ms for known in measured if not known.reason and known.ms is not None}
    limit = times.get(PROCESSOR, math.inf) * _GAIN
    others = [(ms, device.name, device) for device, ms in times.items() if device is not PROCESSOR and ms <= limit]
    return min(others)[2] if others else PROCESSOR


def _measured(runtime: Runtime, device: Device, work: Work, exact: list[Float32]) -> Measured:
    reason = runtime.reason_against(device)
    if reason:
        return Measured(device, None, reason)
    try:
        with runtime.trying(device):
            apart = max(_apart(a, b) for a, b in zip(work(), exact, strict=True))
            if not apart <= TOLERANCE_MM:
                return Measured(device, None, f"its results differ from the processor's by {apart:.2g} mm")
            return Measured(device, _median_ms(work))
    except DeviceRefused as error:
        return Measured(device, None, str(error))


def _apart(a: Float32, b: Float32) -> float:
    apart = float(np.abs(a - b).max())
    return apart if math.isfinite(apart) else math.inf


def _median_ms(work: Work) -> float:
    times: list[float] = []
    until = time.perf_counter() + _SECONDS
    while len(times) < _LEAST_RUNS or (time.perf_counter() < until and len(times) < _MOST_RUNS):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1e3)
    return float(np.median(times))


def machine_key(runtime: Runtime) -> dict[str, str]:
    """What a measurement holds for: processor, cards and drivers, packages, models; short texts by name.

    Raises
    ------
    WeightsError
        A model is missing.
    """
    library = runtime.library
    models = [open_model(name).json["files"] for name in ("semm", "super_resolution")]
    key = {
        "processor": f"{platform.system()} {platform.machine()} {platform.processor()} x{os.cpu_count()}",
        "onnxruntime": f"{library.__version__} {' '.join(library.get_available_providers())}",
        "packages": _digest(_packages()),
        "cards": _cards(library),
        "models": _digest(models),
    }
    return {name: text[:_MAX_TEXT] for name, text in key.items()}


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _packages() -> list[str]:
    """Builds of ONNX Runtime and libraries of CUDA that are installed, with their versions."""
    from importlib.metadata import distributions  # takes 10 ms

    found = ((package.metadata["Name"] or "", package.version) for package in distributions())
    return sorted(f"{name} {version}" for name, version in found if name.lower().startswith(("onnxruntime", "nvidia")))


def _cards(library: Any) -> str:
    """Names of the cards with their drivers, as far as the machine tells."""
    if "CUDAExecutionProvider" in library.get_available_providers():
        command = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # a console would flash up on Windows
        try:
            told = subprocess.run(command, capture_output=True, text=True, timeout=_SMI_S, creationflags=flags)
        except (OSError, subprocess.SubprocessError):
            return ""
        return " ".join(told.stdout.split()) if told.returncode == 0 else ""
    if sys.platform == "win32" and hasattr(library, "get_ep_devices"):
        cards = {f"{found.device.vendor_id:04x}:{found.device.device_id:04x}" for found in library.get_ep_devices()}
        return " ".join(sorted(cards))
    return ""


def remembered(key: Mapping[str, str]) -> tuple[Measured, ...] | None:
    """What was measured on this very machine; None where nothing was, or the file is not what was written."""
    try:
        content = read_json(state_dir() / FILE_NAME, _MAX_BYTES, _MAX_VALUES)
        if not isinstance(content, dict) or content.get("format") != FORMAT or content.get("version") != VERSION:
            return None
        if content["machine"] != dict(key):
            return None
        return tuple(_read(device, content["devices"][device.name]) for device in devices())
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _read(device: Device, entry: Mapping[str, Any]) -> Measured:
    ms, reason = entry["ms"], entry["reason"]
    if not isinstance(reason, str) or len(reason) > _MAX_TEXT or set(entry) != {"ms", "reason"}:
        raise ValueError(reason)
    timed = isinstance(ms, float) and 0 < ms < 1e6
    if timed == bool(reason) or (ms is not None and not timed):
        raise ValueError(ms)
    return Measured(device, ms, reason)


def remember(key: Mapping[str, str], measured: tuple[Measured, ...]) -> None:
    """Keep a measurement for this machine; without a folder to keep it in, the next start measures again."""
    entries = {known.device.name: {"ms": known.ms, "reason": known.reason[:_MAX_TEXT]} for known in measured}
    content = {"format": FORMAT, "version": VERSION, "machine": dict(key), "devices": entries}
    try:
        path: Path = state_dir() / FILE_NAME
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps(content, indent=1))
    except OSError:
        return


def survey(runtime: Runtime, *, again: bool = False, work: Callable[[], Work] = own_work) -> tuple[Measured, ...]:
    """What is known of the devices: remembered, else measured where there is a choice, or with `again` in any case.

    Nothing is measured without a runtime or without models.
    """
    known = unmeasured(runtime)
    if known[0].reason:
        return known
    try:
        key = machine_key(runtime)
        measured = None if again else remembered(key)
        if measured is None and (again or not all(one.reason for one in known[1:])):
            measured = measure(runtime, work())
            remember(key, measured)
    except WeightsError:
        return known
    return known if measured is None else measured
