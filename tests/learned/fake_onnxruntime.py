"""Stands for ONNX Runtime: a network adds its model's one byte to `x`; providers can be missing, broken or off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rhytid.core.learned.runtime import Device, Runtime

CARD = Device("card", "Graphics card", "CardProvider", (("exact", "1"),), "onnxruntime-card")
SLOW_CARD = Device("slow", "Old card", "SlowProvider", (), "onnxruntime-card")


class Options:
    """As `onnxruntime.SessionOptions`."""

    def __init__(self) -> None:
        self.entries: dict[str, str] = {}

    def add_session_config_entry(self, key: str, value: str) -> None:
        self.entries[key] = value


class FakeSession:
    """As `onnxruntime.InferenceSession`."""

    def __init__(self, library: FakeLibrary, data: bytes, options: Options, providers: Sequence[Any]) -> None:
        self.library, self.options = library, options
        self.wanted = [provider if isinstance(provider, str) else provider[0] for provider in providers]
        if library.refuses and self.wanted[0] != "CPUExecutionProvider":
            raise RuntimeError(library.refuses)
        self.add = data[0]

    def get_providers(self) -> list[str]:
        return [name for name in self.wanted if name not in self.library.silent]

    def disable_fallback(self) -> None:
        self.library.falls_back = False

    def get_inputs(self) -> list[str]:
        return ["x"]

    def run(self, outputs: Sequence[str] | None, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        provider = self.get_providers()[0]
        self.library.ran.append(provider)
        if inputs["x"].ndim != 2:
            raise ValueError("x has another rank")
        if provider != "CPUExecutionProvider" and self.library.fails:
            raise RuntimeError(self.library.fails)
        return [inputs["x"] + np.float32(self.add) + np.float32(self.library.off.get(provider, 0.0))]


class FakeLibrary:
    """As the module ``onnxruntime``; attributes say what is wrong with its providers."""

    __version__ = "9.9"
    SessionOptions = Options

    class ExecutionMode:
        ORT_SEQUENTIAL = "sequential"

    def __init__(self, *providers: str) -> None:
        self.providers = [*providers, "CPUExecutionProvider"]
        self.silent: set[str] = set()  # that run on the processor instead and do not say so
        self.refuses = ""  # no session opens
        self.fails = ""  # every run fails
        self.off: dict[str, float] = {}  # error of a provider's results
        self.ran: list[str] = []
        self.sessions: list[FakeSession] = []
        self.falls_back = True

    def get_available_providers(self) -> list[str]:
        return list(self.providers)

    def set_default_logger_severity(self, _severity: int) -> None:
        pass

    def InferenceSession(
        self, data: bytes, options: Options, providers: Sequence[Any], enable_fallback: int = 1
    ) -> FakeSession:
        self.falls_back = bool(enable_fallback)
        self.sessions.append(FakeSession(self, data, options, providers))
        return self.sessions[-1]


def runtime_of(library: FakeLibrary) -> tuple[Runtime, list[str]]:
    """A runtime on a fake library, and the list of what it tells."""
    runtime, told = Runtime(lambda: library), []
    runtime.tell = told.append
    return runtime, told
