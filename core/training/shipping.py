"""Writes what `core.learned.weights` opens: a model's tensors as float16, its ONNX files and its description."""

from __future__ import annotations

import hashlib
import json
import math
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save

from rhytid.core.files.writing import replacing
from rhytid.core.learned.weights import FORMAT, VERSION

_LARGEST_HALF = 65504.0
_DTYPES = (np.float16, np.float32, np.int32, np.int64)


def save_model(
    folder: Path,
    name: str,
    tensors: Mapping[str, npt.NDArray[Any]],
    config: Mapping[str, Any],
    training: Mapping[str, Any],
    scores: Mapping[str, Any] | None = None,
    export_onnx: Callable[[Path], object] | None = None,
) -> Path:
    """Write the model `name` into `folder` and give the path of its JSON, which is written last.

    Parameters
    ----------
    tensors : mapping of arrays
        float32 is stored as float16, integers and float16 as they are.
    config, training, scores : mapping
        What goes into the JSON: what the networks were built with; data, steps, minutes and device; figures.
    export_onnx : callable, optional
        Writes the model's ``<name>*.onnx`` into the folder that it is given.

    Raises
    ------
    ValueError
        A tensor that is not finite, or too large for float16, or of another type.
    """
    contents = {f"{name}.safetensors": save({key: _stored(key, value) for key, value in tensors.items()})}
    if export_onnx is not None:
        with tempfile.TemporaryDirectory() as temporary:
            export_onnx(Path(temporary))
            for path in sorted(Path(temporary).glob(f"{name}*.onnx")):
                contents[path.name] = path.read_bytes()
    folder.mkdir(parents=True, exist_ok=True)
    for file, data in contents.items():
        with replacing(folder / file) as target:
            target.write_bytes(data)
    description = {
        "format": FORMAT,
        "version": VERSION,
        "model": name,
        "config": dict(config),
        "training": dict(training),
        "scores": dict(scores or {}),
        "files": {file: hashlib.sha256(data).hexdigest() for file, data in sorted(contents.items())},
    }
    path = folder / f"{name}.json"
    with replacing(path) as target:
        target.write_text(json.dumps(description, indent=2, allow_nan=False) + "\n", "utf-8")
    return path


def _stored(name: str, value: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if value.dtype not in _DTYPES:
        raise ValueError(f"{name}: weights of type {value.dtype} cannot be stored; float32 can")
    if value.dtype.kind == "f":
        largest = float(np.abs(value).max(initial=0.0))
        if not math.isfinite(largest) or largest > _LARGEST_HALF:
            raise ValueError(f"{name}: reaches {largest:g}; weights are stored as float16")
    return np.ascontiguousarray(value.astype(np.float16) if value.dtype == np.float32 else value)
