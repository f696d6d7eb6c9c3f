"""The measurement: agreement before speed, kept per machine, made again where what was kept is not to be trusted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from fake_onnxruntime import CARD, SLOW_CARD, FakeLibrary, runtime_of

from rhytid.core.learned import device_choice
from rhytid.core.learned import runtime as runtime_module
from rhytid.core.learned.device_choice import FILE_NAME, Measured, fastest, own_work, remembered, survey, unmeasured
from rhytid.core.learned.runtime import PROCESSOR, RUNTIME, Runtime, device_here
from rhytid.core.learned.weights import WeightsError

X = {"x": np.ones((2, 2), np.float32)}


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with two cards and no state yet; gives the file of the measurement."""
    monkeypatch.setenv("RHYTID_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr(runtime_module, "DEVICES", (PROCESSOR, CARD, SLOW_CARD))
    return tmp_path / "state" / FILE_NAME


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary("CardProvider", "SlowProvider")


class Work:
    """Counts how often it was made; its network adds 1."""

    def __init__(self, runtime: Runtime) -> None:
        self.made = 0
        self._session = runtime.session(b"\x01")

    def __call__(self):  # type: ignore[no-untyped-def]
        self.made += 1
        return lambda: self._session.run(None, X)


def measured(runtime: Runtime, work: Work, again: bool = False) -> dict[str, Measured]:
    return {known.device.name: known for known in survey(runtime, again=again, work=work)}


def test_every_device_is_timed_and_kept(library, machine):
    runtime, _ = runtime_of(library)
    work = Work(runtime)
    first = measured(runtime, work)
    assert list(first) == ["cpu", "card", "slow"]
    assert all(known.ms and not known.reason for known in first.values())
    assert {"CPUExecutionProvider", "CardProvider", "SlowProvider"} == set(library.ran)
    assert measured(runtime, work) == first
    assert work.made == 1, "what was measured is kept"
    measured(runtime, work, again=True)
    assert work.made == 2
    assert device_here() is PROCESSOR


def test_a_machine_without_a_choice_measures_only_when_asked(machine):
    library = FakeLibrary()
    runtime, _ = runtime_of(library)
    work = Work(runtime)
    known = measured(runtime, work)
    assert (work.made, known["cpu"].ms, machine.exists()) == (0, None, False)
    assert known["card"].reason
    asked = measured(runtime, work, again=True)
    assert asked["cpu"].ms
    assert measured(runtime, work) == asked


def test_results_that_differ_are_not_offered(library):
    runtime, _ = runtime_of(library)
    library.off = {"CardProvider": 3e-4, "SlowProvider": 5e-5}
    known = measured(runtime, Work(runtime))
    assert known["card"].ms is None
    assert "differ from the processor's by 0.0003 mm" in known["card"].reason
    assert known["slow"].reason == "", "half a ten-thousandth of a millimetre is no difference"


def test_not_a_number_is_a_difference(library):
    runtime, _ = runtime_of(library)
    library.off = {"CardProvider": float("nan")}
    assert "differ" in measured(runtime, Work(runtime))["card"].reason


@pytest.mark.parametrize("wrong", ["silent", "refuses", "fails"])
def test_a_device_that_does_not_work_says_why(library, wrong):
    runtime, told = runtime_of(library)
    work = Work(runtime)
    setattr(library, wrong, {"CardProvider", "SlowProvider"} if wrong == "silent" else "no driver")
    known = measured(runtime, work)
    assert known["cpu"].ms
    assert known["card"].reason
    assert known["card"].ms is None
    assert fastest(tuple(known.values())) is PROCESSOR
    assert told == [], "a trial is nothing to tell about"


def test_the_fastest_is_the_processor_unless_another_is_clearly_faster():
    def of(cpu: float, card: float, slow: float) -> tuple[Measured, ...]:
        return (Measured(PROCESSOR, cpu), Measured(CARD, card), Measured(SLOW_CARD, slow))

    assert fastest(of(10.0, 9.0, 30.0)) is PROCESSOR
    assert fastest(of(10.0, 3.0, 5.0)) is CARD
    assert fastest(of(10.0, 7.0, 5.0)) is SLOW_CARD
    refused = (Measured(CARD, 1.0, "differs"), Measured(SLOW_CARD, None, "is not there"))
    assert fastest((Measured(PROCESSOR, 10.0), *refused)) is PROCESSOR
    assert fastest(()) is PROCESSOR


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "[" * 50_000,
        lambda text: text + " " * (1 << 15),
        lambda text: text.replace('"version": 1', '"version": 2'),
        lambda text: text.replace('"card"', '"cart"'),
        lambda text: json.dumps(json.loads(text) | {"devices": []}),
        lambda text: json.dumps(json.loads(text) | {"devices": {"cpu": 1, "card": 2, "slow": 3}}),
        lambda text: text.replace('"reason": ""', '"reason": 7'),
        lambda text: text.replace('"reason": ""', '"reason": "no"'),
        lambda text: text.replace('"ms": ', '"ms": -'),
        lambda text: text.replace("FakeLibrary", "").replace("9.9", "9.8"),
    ],
)
def test_a_damaged_file_or_another_machine_is_measured_again(library, machine, change):
    runtime, _ = runtime_of(library)
    work = Work(runtime)
    measured(runtime, work)
    damaged = change(machine.read_text())
    assert damaged != machine.read_text()
    machine.write_text(damaged)
    known = measured(runtime, work)
    assert work.made == 2
    assert known["card"].ms
    assert measured(runtime, work) == known


def test_a_folder_that_cannot_be_written_is_no_error(library, machine):
    machine.parent.write_text("a file in the way")
    runtime, _ = runtime_of(library)
    assert measured(runtime, Work(runtime))["card"].ms


def test_without_a_runtime_or_models_nothing_is_measured(library, monkeypatch):
    def none():
        raise ImportError("No module named 'onnxruntime'")

    runtime, _ = runtime_of(library)
    work = Work(runtime)
    assert survey(Runtime(none), again=True, work=work)[0].reason

    def no_models(_name):
        raise WeightsError("no weights")

    monkeypatch.setattr(device_choice, "open_model", no_models)
    assert survey(runtime, again=True, work=work) == unmeasured(runtime)
    assert work.made == 0


def test_the_programs_own_models_on_the_processor():
    known = survey(RUNTIME, again=True)
    assert known[0].device is PROCESSOR
    assert 0 < known[0].ms < 10_000
    results = own_work()()
    assert [values.shape for values in results] == [(256, 256)] * 3
    assert all(np.isfinite(values).all() and values.any() for values in results)
    assert remembered(device_choice.machine_key(RUNTIME)) == known
