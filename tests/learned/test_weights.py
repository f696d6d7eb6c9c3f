"""Models are opened only when every file is what their description says; nothing hostile gets through."""

from __future__ import annotations

import hashlib
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, save

from rhytid.core.learned.weights import WEIGHTS_FOLDER, WeightsError, open_model

NAME = "super_resolution"


def write_model(folder: Path, contents: dict[str, bytes], /, **changes: object) -> None:
    for file, data in contents.items():
        (folder / file).write_bytes(data)
    description = {
        "format": "rhytid-weights",
        "version": 1,
        "model": NAME,
        "config": {"channels": 4},
        "training": {"data": "synthetic", "steps": 1, "minutes": 0.1, "device": "cpu"},
        "scores": {},
        "files": {file: hashlib.sha256(data).hexdigest() for file, data in contents.items()},
    } | changes
    (folder / f"{NAME}.json").write_text(json.dumps(description), "utf-8")


@pytest.fixture
def data() -> bytes:
    values = np.linspace(-1, 1, 300, dtype=np.float32).reshape(3, 100)
    return save({"a.weight": values.astype(np.float16), "steps": np.array([3], np.int32)})


def test_tensors_come_as_float32(tmp_path: Path, data: bytes) -> None:
    write_model(tmp_path, {f"{NAME}.safetensors": data})
    model = open_model(NAME, tmp_path)
    tensors = model.tensors()
    assert model.config == {"channels": 4}
    assert (tensors["a.weight"].dtype, tensors["steps"].dtype) == (np.float32, np.int32)
    np.testing.assert_array_equal(tensors["a.weight"], load(data)["a.weight"])
    tensors["a.weight"][:] = 0  # a caller's changes stay the caller's
    assert model.tensors()["a.weight"].any()


def test_missing_model_is_told_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"semm\.json: no weights of semm .*rhytid train"):
        open_model("semm", tmp_path)
    with pytest.raises(WeightsError, match="no name of a model"):
        open_model("../semm", tmp_path)


def test_missing_file_is_told(tmp_path: Path, data: bytes) -> None:
    write_model(tmp_path, {f"{NAME}.safetensors": data})
    (tmp_path / f"{NAME}.safetensors").unlink()
    model = open_model(NAME, tmp_path)
    with pytest.raises(WeightsError, match=r"super_resolution\.safetensors: cannot be read"):
        model.tensors()
    with pytest.raises(WeightsError, match=r"super_resolution\.onnx: the model super_resolution has no such file"):
        model.onnx()


@pytest.mark.parametrize("cut", [0, 7, 40, 200, -1])
def test_truncated_file_is_told(tmp_path: Path, data: bytes, cut: int) -> None:
    write_model(tmp_path, {f"{NAME}.safetensors": data})
    (tmp_path / f"{NAME}.safetensors").write_bytes(data[:cut])
    with pytest.raises(WeightsError, match="SHA-256"):
        open_model(NAME, tmp_path).tensors()


def test_one_changed_bit_is_told(tmp_path: Path, data: bytes) -> None:
    write_model(tmp_path, {f"{NAME}.safetensors": data})
    changed = bytearray(data)
    changed[-5] ^= 1
    (tmp_path / f"{NAME}.safetensors").write_bytes(changed)
    with pytest.raises(WeightsError, match="SHA-256"):
        open_model(NAME, tmp_path).tensors()


def header(content: object) -> bytes:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return struct.pack("<Q", len(text)) + text


HOSTILE = {
    "no header": b"\x01\x02",
    "huge header": struct.pack("<Q", 1 << 60) + b"{}",
    "header longer than the file": struct.pack("<Q", 900) + b"{}",
    "not JSON": header(b"\xff" * 30),
    "deep": header(b"[" * 100_000),
    "a list": header([1, 2]),
    "entry without type": header({"a": {"shape": [1]}}),
    "type list": header({"a": {"dtype": ["F32"], "shape": [1], "data_offsets": [0, 4]}}) + bytes(4),
    "doubles": header({"a": {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]}}) + bytes(8),
    "huge shape": header({"a": {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 4]}}) + bytes(4),
    "overlap": header(
        {
            "a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
            "b": {"dtype": "F32", "shape": [1], "data_offsets": [2, 6]},
        }
    )
    + bytes(6),
    "outside": header({"a": {"dtype": "F32", "shape": [9], "data_offsets": [4, 40]}}) + bytes(4),
    "nan": save({"a": np.array([1, np.nan], np.float32)}),
    "infinite": save({"a": np.array([1, np.inf], np.float16)}),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_tensors_with_the_right_digest(tmp_path: Path, kind: str) -> None:
    write_model(tmp_path, {f"{NAME}.safetensors": HOSTILE[kind]})
    with pytest.raises(WeightsError, match=r"super_resolution\.safetensors: .*rhytid train"):
        open_model(NAME, tmp_path).tensors()


@pytest.mark.parametrize("content", [b"", b"nonsense", bytes(1000), b"\x08\x07" * 40])
def test_hostile_networks_with_the_right_digest(tmp_path: Path, content: bytes) -> None:
    write_model(tmp_path, {f"{NAME}.onnx": content})
    with pytest.raises(WeightsError, match=r"super_resolution\.onnx: the runtime refuses it"):
        open_model(NAME, tmp_path).onnx()


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "other"},
        {"model": "semm"},
        {"version": 2},
        {"config": None},
        {"scores": 3},
        {"files": []},
        {"files": {}},
        {"files": {"../super_resolution.onnx": "0" * 64}},
        {"files": {"super_resolution.pkl": "0" * 64}},
        {"files": {"super_resolution.onnx": "0"}},
        {"files": {"super_resolution.onnx": None}},
        {"files": {f"super_resolution{i}.onnx": "0" * 64 for i in range(100)}},
    ],
)
def test_wrong_descriptions(tmp_path: Path, data: bytes, changes: dict[str, object]) -> None:
    write_model(tmp_path, {f"{NAME}.safetensors": data}, **changes)
    with pytest.raises(WeightsError, match=r"super_resolution\.json"):
        open_model(NAME, tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, " " * ((1 << 20) + 1), "null", '"a"'])
def test_damaged_descriptions(tmp_path: Path, text: str) -> None:
    (tmp_path / f"{NAME}.json").write_text(text, "utf-8")
    with pytest.raises(WeightsError, match=r"super_resolution\.json"):
        open_model(NAME, tmp_path)


def test_too_large_a_file_is_not_read(tmp_path: Path, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    write_model(tmp_path, {f"{NAME}.safetensors": data})
    monkeypatch.setattr("rhytid.core.learned.weights.MAX_FILE_BYTES", len(data) - 1)
    model = open_model(NAME, tmp_path)
    monkeypatch.setattr("rhytid.core.files.reading.os.fdopen", lambda *_: pytest.fail("read"))
    with pytest.raises(WeightsError, match="larger than"):
        model.tensors()


def test_shipped_weights_are_whole_and_small() -> None:
    descriptions = sorted(WEIGHTS_FOLDER.glob("*.json"))
    if not descriptions:
        pytest.skip("no weights are shipped yet")
    for path in descriptions:
        model = open_model(path.stem)
        for file in model.json["files"]:
            model._checked_bytes(WEIGHTS_FOLDER / file)
        assert model.tensors()
    assert sum(path.stat().st_size for path in WEIGHTS_FOLDER.iterdir()) < 40 << 20


@pytest.mark.skipif(sys.platform == "win32", reason="the runtime asks Windows for the user's folder, not HOME")
def test_the_runtime_keeps_nothing_of_the_user(tmp_path):
    code = "import main; from rhytid.core.learned.weights import open_model; open_model('semm').onnx('painter')"
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    subprocess.run([sys.executable, "-c", code], cwd=root, env=environment, check=True)
    assert list(tmp_path.rglob("*")) == []
