"""Exact work stays on the processor; other work may leave it, and comes back when the device fails."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from fake_onnxruntime import CARD, SLOW_CARD, FakeLibrary, runtime_of

from rhytid.core.learned.runtime import (
    DEVICES,
    PROCESSOR,
    DeviceRefused,
    Runtime,
    device_here,
    load_onnxruntime,
    plain_reason,
)
from rhytid.core.learned.weights import open_model

X = {"x": np.ones((2, 2), np.float32)}
ON_CPU, ON_CARD = "CPUExecutionProvider", "CardProvider"


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary(ON_CARD, "SlowProvider")


def test_work_is_exact_unless_it_says_otherwise(library):
    runtime, _ = runtime_of(library)
    session = runtime.session(b"\x05")
    runtime.use(CARD)
    assert session.run(None, X)[0].max() == 6
    assert device_here() is PROCESSOR
    with runtime.on_device():
        assert device_here() is CARD
        session.run(None, X)
        # Another thread's work is its own.
        other = threading.Thread(target=session.run, args=(None, X))
        other.start()
        other.join()
    session.run(None, X)
    assert library.ran == [ON_CPU, ON_CARD, ON_CPU, ON_CPU]


def test_the_processor_in_use_is_the_exact_session(library):
    runtime, _ = runtime_of(library)
    session = runtime.session(b"\x05")
    with runtime.on_device():
        session.run(None, X)
    assert len(library.sessions) == 1


def test_the_processors_options_are_those_of_exact_work(library):
    runtime_of(library)[0].session(b"\x01")
    (session,) = library.sessions
    assert session.wanted == [ON_CPU]
    assert session.options.entries == {"session.intra_op.allow_spinning": "0"}
    assert (session.options.inter_op_num_threads, session.options.log_severity_level) == (1, 3)
    assert not hasattr(session.options, "enable_mem_pattern")


def test_directml_runs_in_sequence_and_plans_no_memory():
    directml = next(device for device in DEVICES if device.name == "directml")
    library = FakeLibrary(directml.provider)
    runtime, _ = runtime_of(library)
    runtime.open(b"\x01", directml)
    assert library.sessions[0].options.execution_mode == "sequential"
    assert library.sessions[0].options.enable_mem_pattern is False


def test_one_run_at_a_time_on_a_device(library, monkeypatch):
    runtime, _ = runtime_of(library)
    session = runtime.session(b"\x01")
    runtime.use(CARD)
    inside, most, lock = 0, 0, threading.Lock()
    together = threading.Event()

    def run(_self, _outputs, _inputs):
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        together.wait(0.02)
        with lock:
            inside -= 1
        return []

    def work():
        with runtime.on_device():
            session.run(None, X)

    monkeypatch.setattr("fake_onnxruntime.FakeSession.run", run)
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_device_that_fails_in_mid_work_is_left_with_one_message(library):
    runtime, told = runtime_of(library)
    one, two = runtime.session(b"\x01"), runtime.session(b"\x02")
    runtime.use(CARD)
    with runtime.on_device():
        one.run(None, X)
        library.fails = "[ONNXRuntimeError] : 1 : FAIL : CUDA failure 2: out of memory"
        assert one.run(None, X)[0].max() == 2, "the same call on the processor"
        assert two.run(None, X)[0].max() == 3
    assert runtime.in_use is PROCESSOR
    assert told == ["Graphics card failed (CUDA failure 2: out of memory). The processor goes on with the work."]
    assert library.ran == [ON_CARD, ON_CARD, ON_CPU, ON_CPU]
    library.fails = ""
    runtime.use(CARD)  # by a person's choice
    assert runtime.failures == {}
    with runtime.on_device():
        one.run(None, X)
    assert library.ran[-1] == ON_CARD


def test_a_device_that_cannot_be_opened_is_left_too(library):
    runtime, told = runtime_of(library)
    session = runtime.session(b"\x01")
    runtime.use(CARD)
    library.refuses = "driver gone"
    with runtime.on_device():
        assert session.run(None, X)[0].max() == 2
    assert len(told) == 1
    assert "driver gone" in told[0]


def test_a_wrong_call_is_not_the_devices_fault(library):
    runtime, told = runtime_of(library)
    session = runtime.session(b"\x01")
    runtime.use(CARD)
    with runtime.on_device(), pytest.raises(ValueError, match="rank"):
        session.run(None, {"x": np.ones(3, np.float32)})
    assert runtime.in_use is CARD
    assert told == []


def test_the_message_goes_to_stderr_where_nobody_else_takes_it(library, capsys):
    runtime = Runtime(lambda: library)
    session = runtime.session(b"\x01")
    runtime.use(CARD)
    library.fails = "device\nlost"
    with runtime.on_device():
        session.run(None, X)
        session.run(None, X)
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "rhytid: Graphics card failed (device lost). The processor goes on with the work.\n"


def test_a_silent_fall_back_counts_as_not_available(library):
    library.silent = {ON_CARD}
    runtime, _ = runtime_of(library)
    with pytest.raises(DeviceRefused, match="cannot be started"):
        runtime.open(b"\x01", CARD)
    assert not library.falls_back, "the runtime shall not fall back by itself, and print that it does"


def test_a_device_that_is_tried_does_not_fall_back(library):
    runtime, told = runtime_of(library)
    session = runtime.session(b"\x01")
    library.fails = "no kernel image"
    with pytest.raises(DeviceRefused, match="no kernel image"), runtime.trying(SLOW_CARD):
        session.run(None, X)
    assert told == []
    assert device_here() is PROCESSOR


def test_why_a_device_is_not_offered(library, monkeypatch):
    runtime, _ = runtime_of(library)
    assert runtime.reason_against(CARD) == ""
    library.providers.remove(ON_CARD)
    assert "onnxruntime-card, which is not installed" in runtime.reason_against(CARD)
    monkeypatch.setattr("importlib.metadata.version", lambda name: "1.0")
    assert "pip install --force-reinstall --no-deps onnxruntime-card" in runtime.reason_against(CARD)

    def missing():
        raise ImportError("No module named 'onnxruntime'")

    runtime._load = missing
    assert "onnxruntime-card" in runtime.reason_against(CARD)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Non-zero status code returned while running Conv node. "
         "Name:'a' Status Message: CUDA failure 2: out of memory", "CUDA failure 2: out of memory"),
        ("two\n  lines", "two lines"),
        ("", "ValueError"),
        ("x" * 500, "x" * 157 + "..."),
    ],
)  # fmt: skip
def test_reasons_are_short(text, plain):
    assert plain_reason(ValueError(text)) == plain


def test_the_real_runtime_gives_the_bits_of_a_plain_session():
    """What models get is the session that they always had: same options, same bits."""
    onnxruntime = load_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = 2, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    model = open_model("semm")
    data = model._checked_bytes(model.folder / "semm_painter.onnx")
    plain = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    inputs = {"condition": np.random.default_rng(0).standard_normal((1, 8, 48, 64)).astype(np.float32)}
    np.testing.assert_array_equal(model.onnx("painter").run(["x"], inputs)[0], plain.run(["x"], inputs)[0])
