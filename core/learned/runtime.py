"""The one place that makes sessions of ONNX Runtime: on the processor, or on another device of the machine.

Work is exact unless its caller says otherwise: it runs on the processor and gives the same bits every time. Exports,
scores, goldens and tests are made so. Work that is only looked at may run on the device in use (`Runtime.on_device`),
whose results are within a ten-thousandth of a millimetre; `core.learned.device_choice` measures which device that is.
A device that fails in mid-work is left with one message; the call that failed is repeated on the processor.

Any thread may call, but a window's own: the library takes a tenth of a second to load, a model of its own more.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy.typing as npt

from rhytid.core.language import tr

Array = npt.NDArray[Any]


class DeviceRefused(RuntimeError):
    """A device that cannot be used here; the message says why, in words for a person."""


@dataclass(frozen=True)
class Device:
    """Something that networks can run on.

    Attributes
    ----------
    name : str
        As preferences keep it.
    title : str
        As the screen shows it.
    provider : str
        ONNX Runtime's name.
    options : tuple of (str, str)
        Options of the provider.
    package : str
        Build of ONNX Runtime that has the provider.
    platforms : tuple of str
        `sys.platform` where there is such a device; () for everywhere.
    """

    name: str
    title: str
    provider: str
    options: tuple[tuple[str, str], ...] = ()
    package: str = "onnxruntime"
    platforms: tuple[str, ...] = ()


AUTOMATIC = "auto"
"""Stands for the fastest device where a name is asked for."""

PROCESSOR = Device("cpu", tr("Processor"), "CPUExecutionProvider")
DEVICES = (
    PROCESSOR,
    # Ten bits of mantissa (TF32) are too few. Crops come in many sizes: searching all algorithms anew for each of
    # them takes longer than the best one saves.
    Device("cuda", tr("NVIDIA graphics card (CUDA)"), "CUDAExecutionProvider",
           (("use_tf32", "0"), ("cudnn_conv_algo_search", "HEURISTIC")), "onnxruntime-gpu", ("linux", "win32")),
    Device("directml", tr("Graphics card (DirectML)"), "DmlExecutionProvider", (), "onnxruntime-directml", ("win32",)),
    # The older format of CoreML computes in half precision.
    Device("coreml", tr("Apple graphics (CoreML)"), "CoreMLExecutionProvider",
           (("ModelFormat", "MLProgram"), ("MLComputeUnits", "CPUAndGPU")), "onnxruntime", ("darwin",)),
)  # fmt: skip


def devices() -> tuple[Device, ...]:
    """The devices that a machine of this platform may have, the processor first."""
    return tuple(device for device in DEVICES if not device.platforms or sys.platform in device.platforms)


@dataclass(frozen=True)
class _Place:
    """Where the work of a context runs, and who is told when that fails."""

    device: Callable[[], Device]
    failed: Callable[[Device, Exception], None]


_place: ContextVar[_Place | None] = ContextVar("place", default=None)


def device_here() -> Device:
    """Where networks run for the caller. Part of every key under which their results are kept."""
    place = _place.get()
    return PROCESSOR if place is None else place.device()


class Session:
    """A network that runs where its caller's work does; outlives the device that it ran on.

    Parameters
    ----------
    runtime : Runtime
    data : bytes
        The ONNX model; kept, to open it on another device.
    """

    def __init__(self, runtime: Runtime, data: bytes) -> None:
        self._runtime = runtime
        self._data = data
        self._exact = runtime.open(data, PROCESSOR)

    def get_inputs(self) -> Sequence[Any]:
        """Inputs of the network as ONNX Runtime describes them."""
        inputs: Sequence[Any] = self._exact.get_inputs()
        return inputs

    def run(self, outputs: Sequence[str] | None, inputs: Mapping[str, Array]) -> list[Array]:
        """Outputs by name, all for None, of inputs by name; raises what ONNX Runtime raises on the processor."""
        place = _place.get()
        device = PROCESSOR if place is None else place.device()
        if place is None or device is PROCESSOR:
            return self._on_processor(outputs, inputs)
        try:
            return self._runtime.run(device, self._data, outputs, inputs)
        except Exception as error:  # the runtime's own exceptions have no public base class
            results = self._on_processor(outputs, inputs)  # raises by itself where the call is what is wrong
            place.failed(device, error)
            return results

    def _on_processor(self, outputs: Sequence[str] | None, inputs: Mapping[str, Array]) -> list[Array]:
        results: list[Array] = self._exact.run(outputs, inputs)
        return results


class Runtime:
    """ONNX Runtime and the device in use.

    Parameters
    ----------
    load : callable, optional
        Gives the module ``onnxruntime``; raises ImportError where it is not installed.

    Attributes
    ----------
    in_use : Device
        Where work runs that need not be exact.
    failures : dict
        Reasons by the names of the devices that failed in mid-work.
    tell : callable
        Gets the message about a device that failed, on the thread where it did; by default a line on stderr.
    """

    def __init__(self, load: Callable[[], Any] | None = None) -> None:
        self._load = load_onnxruntime if load is None else load
        self.in_use = PROCESSOR
        self.failures: dict[str, str] = {}
        self.tell: Callable[[str], None] = _tell_on_stderr
        self._state = Lock()
        # One run at a time: DirectML allows no more, and one card is not faster for two.
        self._turn = Lock()
        self._opened_on = PROCESSOR
        self._opened: dict[bytes, Any] = {}

    @property
    def library(self) -> Any:
        """The module ``onnxruntime``; raises ImportError where it is not installed."""
        return self._load()

    def reason_against(self, device: Device) -> str:
        """Why ONNX Runtime as it is installed has no such device, "" if it has."""
        try:
            library = self.library
        except ImportError as error:
            return f"needs the package {device.package} ({error})"
        if device.provider in library.get_available_providers():
            return ""
        # Not at the top: it takes 10 ms of every start.
        from importlib.metadata import PackageNotFoundError, version

        try:
            version(device.package)
        except PackageNotFoundError:
            return f"needs the package {device.package}, which is not installed"
        if device.package == PROCESSOR.package:
            return "this build of onnxruntime has none"
        return (
            f"another build of onnxruntime lies over {device.package}; "
            f"pip install --force-reinstall --no-deps {device.package}"
        )

    def session(self, data: bytes) -> Session:
        """A session of a model; raises ImportError, or what ONNX Runtime raises for a model that it refuses."""
        return Session(self, data)

    def open(self, data: bytes, device: Device) -> Any:
        """ONNX Runtime's own session of a model on one device.

        Raises
        ------
        DeviceRefused
            ONNX Runtime runs it on the processor instead.
        """
        library = self.library
        options = library.SessionOptions()
        options.intra_op_num_threads = min(2, os.cpu_count() or 1)
        options.inter_op_num_threads = 1
        # Spinning threads fight the renderer for the same two cores.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if device is PROCESSOR:
            options.log_severity_level = 3
            return library.InferenceSession(data, options, providers=[PROCESSOR.provider])
        options.log_severity_level = 4  # what goes wrong comes as an exception
        library.set_default_logger_severity(4)
        if device.name == "directml":
            options.execution_mode = library.ExecutionMode.ORT_SEQUENTIAL
            options.enable_mem_pattern = False
        missing = _preload_cuda(library) if device.name == "cuda" else ""
        providers = [(device.provider, dict(device.options)), PROCESSOR.provider]
        session = library.InferenceSession(data, options, providers=providers, enable_fallback=0)
        if device.provider not in session.get_providers():
            remedy = f"pip install '{device.package}[cuda,cudnn]'" if device.name == "cuda" else "update its driver"
            raise DeviceRefused(f"it cannot be started{f' ({missing})' if missing else ''}; {remedy}")
        session.disable_fallback()
        return session

    def run(
        self, device: Device, data: bytes, outputs: Sequence[str] | None, inputs: Mapping[str, Array]
    ) -> list[Array]:
        """Run a model on a device other than the processor; what it is opened as is kept until another is used."""
        with self._turn:
            if self._opened_on is not device:
                self._opened, self._opened_on = {}, device
            if data not in self._opened:
                self._opened[data] = self.open(data, device)
            results: list[Array] = self._opened[data].run(outputs, inputs)
        return results

    @contextlib.contextmanager
    def on_device(self) -> Iterator[None]:
        """Networks that run in this context may do so on the device in use: what they make is only looked at."""
        token = _place.set(_Place(lambda: self.in_use, self._give_up))
        try:
            yield
        finally:
            _place.reset(token)

    @contextlib.contextmanager
    def trying(self, device: Device) -> Iterator[None]:
        """Networks that run in this context do so on `device`; raises `DeviceRefused` where it fails."""
        token = _place.set(_Place(lambda: device, _refuse))
        try:
            yield
        finally:
            _place.reset(token)

    def use(self, device: Device) -> None:
        """Let work that need not be exact run on `device` from now on. Never slow."""
        with self._state:
            self.failures.pop(device.name, None)
            self.in_use = device

    def _give_up(self, device: Device, error: Exception) -> None:
        reason = plain_reason(error)
        with self._state:
            told = device.name in self.failures
            self.failures[device.name] = reason
            if self.in_use is device:
                self.in_use = PROCESSOR
        if not told:
            self.tell(f"{device.title} failed ({reason}). The processor goes on with the work.")


def plain_reason(error: Exception) -> str:
    """The message of an exception of ONNX Runtime on one line, without its preamble and most of its length."""
    text = " ".join(str(error).split()) or type(error).__name__
    text = re.sub(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ", "", text).rpartition("Status Message: ")[2]
    return text if len(text) <= 160 else text[:157] + "..."


def load_onnxruntime() -> Any:
    """ONNX Runtime, told before it is loaded that it shall neither count nor report what it is used for.

    Otherwise it keeps an id of this machine and a list of events in the user's folder, to send them off.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime


def _preload_cuda(library: Any) -> str:
    """Load CUDA's libraries out of their Python packages; gives what is missing, for it is printed otherwise."""
    if not hasattr(library, "preload_dlls"):
        return ""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        library.preload_dlls()
    missing = [line.split(":")[0].removeprefix("Failed to load ") for line in printed.getvalue().splitlines()
               if line.startswith("Failed to load ")]  # fmt: skip
    return f"missing: {', '.join(missing)}" if missing else ""


def _refuse(device: Device, error: Exception) -> None:
    raise DeviceRefused(plain_reason(error)) from error


def _tell_on_stderr(text: str) -> None:
    print(f"rhytid: {text}", file=sys.stderr)


RUNTIME = Runtime()
"""The runtime of this process; models open their sessions through `core.learned.weights.ModelFiles.onnx`."""
