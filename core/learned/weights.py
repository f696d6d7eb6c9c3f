"""Files of a trained model: checked by size and SHA-256, never unpickled.

A model is `<name>.json` and the files that it lists with their SHA-256: `<name>.safetensors` and ONNX files, all
of whose names begin with the model's. The JSON also tells how the model was trained. Whoever opens a model turns
`WeightsError` into a fall-back: the procedural engine needs no weights.
"""

from __future__ import annotations

import hashlib
import math
import re
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.files.reading import FileRefused, parse_json, read_file, read_json
from rhytid.core.learned.runtime import RUNTIME, Session
from rhytid.core.resources import resource

FORMAT = "rhytid-weights"
VERSION = 1
SEMM, SD_DETAIL, FACEDET3D, SUPER_RESOLUTION, PHOTO_DETAIL, PHOTO_ALBEDO, PHOTO_RENDER = MODELS = (
    "semm", "sd_detail", "facedet3d", "super_resolution", "photo_detail", "photo_albedo", "photo_render",
)  # fmt: skip
EXPRESSION_ENERGY = "expression_energy"  # no network: solved in closed form
WEIGHTS_FOLDER = resource("weights")
MAX_JSON_BYTES = 1 << 20
MAX_FILE_BYTES = 512 << 20
_MAX_FILES = 32
_MAX_HEADER_BYTES = 4 << 20
_DTYPES = {"F16": 2, "F32": 4, "I32": 4, "I64": 8}  # bytes of a value
_NAME = re.compile(r"[a-z0-9_]{1,64}")
_REMEDY = "reinstall the program or train the model: rhytid train --help"


class WeightsError(ValueError):
    """A model that is missing, damaged or not one; the message names the file and the remedy."""


class ModelFiles:
    """A model whose JSON was read and whose files are read, and checked, when they are asked for.

    Attributes
    ----------
    name : str
    folder : Path
    json : dict
        ``format``, ``model``, ``config``, ``training`` (data, steps, minutes, device), ``scores`` and ``files``
        (SHA-256 by file name).
    """

    def __init__(self, name: str, folder: Path, content: dict[str, Any]) -> None:
        self.name = name
        self.folder = folder
        self.json = content

    @property
    def config(self) -> dict[str, Any]:
        """What the networks were built with."""
        return dict(self.json["config"])

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """Tensors of `<name>.safetensors` by name; float16 comes as float32, integers as they are.

        Raises
        ------
        WeightsError
            The file is missing, damaged, of another type, or holds values that are not finite.
        """
        return {
            key: value.astype(np.float32) if value.dtype == np.float16 else value.copy()
            for key, value in self._stored.items()
        }

    @cached_property
    def _stored(self) -> dict[str, npt.NDArray[Any]]:
        from safetensors import SafetensorError
        from safetensors.numpy import load

        path = self.folder / f"{self.name}.safetensors"
        data = self._checked_bytes(path)
        _check_header(path, data)
        try:
            tensors = load(data)
        except (SafetensorError, ValueError, KeyError, TypeError) as error:
            raise WeightsError(f"{path}: damaged safetensors file ({error}); {_REMEDY}") from None
        for key, value in tensors.items():
            if value.dtype.kind == "f" and not np.isfinite(value).all():
                raise WeightsError(f"{path}: {key} holds values that are not finite; {_REMEDY}")
        return tensors

    def onnx(self, name: str = "") -> Session:
        """The network ``<model>_<name>.onnx`` (``<model>.onnx`` for ""), see `core.learned.runtime`.

        Raises
        ------
        WeightsError
            The file is missing or damaged, or ONNX Runtime is not installed or refuses it.
        """
        path = self.folder / (f"{self.name}_{name}.onnx" if name else f"{self.name}.onnx")
        data = self._checked_bytes(path)
        try:
            return RUNTIME.session(data)
        except ImportError as error:
            raise WeightsError(f"{path}: needs the package onnxruntime ({error}); pip install onnxruntime") from None
        except Exception as error:  # the runtime's own exceptions have no public base class
            raise WeightsError(f"{path}: the runtime refuses it ({error}); {_REMEDY}") from None

    def _checked_bytes(self, path: Path) -> bytes:
        """Bytes of a file of the model whose size and SHA-256 are right."""
        expected = self.json["files"].get(path.name)
        if expected is None:
            raise WeightsError(f"{path}: the model {self.name} has no such file; {_REMEDY}")
        try:
            data = read_file(path, MAX_FILE_BYTES, _REMEDY)
        except FileRefused as error:
            raise WeightsError(str(error)) from None
        except OSError as error:
            raise WeightsError(f"{path}: cannot be read ({error.strerror or error}); {_REMEDY}") from None
        if hashlib.sha256(data).hexdigest() != expected:
            raise WeightsError(f"{path}: damaged, its SHA-256 is not that of {self.name}.json; {_REMEDY}")
        return data


def open_model(name: str, folder: Path | None = None) -> ModelFiles:
    """The model `name` of `folder`, by default of the weights that come with the program.

    Raises
    ------
    WeightsError
        Its JSON is missing, too large, damaged or of another model or version.
    """
    if not _NAME.fullmatch(name):
        raise WeightsError(f"{name!r} is no name of a model; {', '.join(MODELS)} are")
    folder = WEIGHTS_FOLDER if folder is None else folder
    path = folder / f"{name}.json"
    try:
        content = read_json(path, MAX_JSON_BYTES, remedy=_REMEDY)
    except FileRefused as error:
        raise WeightsError(str(error)) from None
    except OSError as error:
        raise WeightsError(f"{path}: no weights of {name} ({error.strerror or error}); {_REMEDY}") from None
    _check_description(path, name, content)
    return ModelFiles(name, folder, content)


def _check_description(path: Path, name: str, content: Any) -> None:
    if not isinstance(content, dict) or content.get("format") != FORMAT or content.get("model") != name:
        raise WeightsError(f"{path}: does not describe a model {name}; {_REMEDY}")
    if content.get("version") != VERSION:
        raise WeightsError(f"{path}: version {content.get('version')!r} of weights; {VERSION} is read; {_REMEDY}")
    files = content.get("files")
    for key in ("config", "training", "scores"):
        if not isinstance(content.get(key), dict):
            raise WeightsError(f"{path}: {key} is missing; {_REMEDY}")
    if not isinstance(files, dict) or not 0 < len(files) <= _MAX_FILES:
        raise WeightsError(f"{path}: lists no files; {_REMEDY}")
    for file, digest in files.items():
        plain = re.fullmatch(re.escape(name) + r"[a-z0-9_]*\.(safetensors|onnx)", file)
        if not plain or not isinstance(digest, str) or not re.fullmatch(r"[0-9a-f]{64}", digest):
            raise WeightsError(f"{path}: {file!r} with {digest!r} is no file of a model; {_REMEDY}")


def _check_header(path: Path, data: bytes) -> None:
    """Length of the header, types and places of the tensors, before a parser sees them."""
    n_header = int.from_bytes(data[:8], "little") if len(data) >= 8 else -1
    if not 2 <= n_header <= min(_MAX_HEADER_BYTES, len(data) - 8):
        raise WeightsError(f"{path}: damaged safetensors header; {_REMEDY}")
    n_values = len(data) - 8 - n_header
    try:
        header = parse_json(data[8 : 8 + n_header], f"{path}: safetensors header", remedy=_REMEDY)
        for key, entry in header.items():
            if key == "__metadata__":
                continue
            kind = entry["dtype"]
            if kind not in _DTYPES:
                raise WeightsError(f"{path}: {key} is of type {kind!r:.20}; {sorted(_DTYPES)} are read; {_REMEDY}")
            start, end = entry["data_offsets"]
            if not 0 <= start <= end <= n_values or math.prod(entry["shape"]) * _DTYPES[kind] != end - start:
                raise WeightsError(f"{path}: {key} lies outside the file or is of another size; {_REMEDY}")
    except WeightsError:
        raise
    except FileRefused as error:
        raise WeightsError(str(error)) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsError(f"{path}: damaged safetensors header ({error!r:.200}); {_REMEDY}") from None
