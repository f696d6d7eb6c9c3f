"""The state of a training run as safetensors and JSON: exact, and without pickles.

A state is nested dicts, lists and tuples of tensors, numbers, strings, booleans and None, as `state_dict` of
modules and optimisers gives it. Tensors go into `state.safetensors`, everything else into `state.json`, in which a
tensor is named by its place.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from rhytid.core.files.writing import replacing

TENSORS_NAME, VALUES_NAME = "state.safetensors", "state.json"
_MAX_BYTES = {TENSORS_NAME: 16 << 30, VALUES_NAME: 64 << 20}


class CheckpointError(ValueError):
    """A checkpoint that cannot be read; the message names the file and the remedy."""


def write_state(folder: Path, state: dict[str, Any]) -> None:
    """Write `state` into `folder`, which is made; `state.json` comes last and makes it whole."""
    tensors: dict[str, torch.Tensor] = {}
    values = _split(state, "", tensors)
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(folder / TENSORS_NAME) as temporary:
        temporary.write_bytes(save(tensors))
    with replacing(folder / VALUES_NAME) as temporary:
        temporary.write_text(json.dumps(values) + "\n", "utf-8")


def read_state(folder: Path) -> dict[str, Any]:
    """The state that `write_state` wrote, tensors on the CPU.

    Raises
    ------
    CheckpointError
        A file is missing or damaged.
    """
    try:
        for name, limit in _MAX_BYTES.items():
            if (folder / name).stat().st_size > limit:
                raise CheckpointError(f"{folder / name}: too large for a checkpoint; remove {folder}")
        tensors = load((folder / TENSORS_NAME).read_bytes())
        values = json.loads((folder / VALUES_NAME).read_text("utf-8"))
        state = _joined(values, tensors)
    except CheckpointError:
        raise
    except (OSError, SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise CheckpointError(f"{folder}: damaged checkpoint ({error}); remove it to resume an earlier one") from None
    if not isinstance(state, dict):
        raise CheckpointError(f"{folder}: damaged checkpoint (no state); remove it to resume an earlier one")
    return state


def _split(value: Any, place: str, tensors: dict[str, torch.Tensor]) -> Any:
    if isinstance(value, torch.Tensor):
        # A clone, because safetensors refuses tensors that share memory.
        tensors[place] = value.detach().cpu().contiguous().clone()
        return {"tensor": place}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        # Pairs, because the keys of an optimiser's state are integers and JSON knows only strings.
        return {"dict": [[key, _split(item, f"{place}/{key}", tensors)] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        kind = "list" if isinstance(value, list) else "tuple"
        return {kind: [_split(item, f"{place}/{i}", tensors) for i, item in enumerate(value)]}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"{place or 'the state'}: {type(value).__name__} cannot be part of a checkpoint")


def _joined(value: Any, tensors: dict[str, torch.Tensor]) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "tensor":
        return tensors[content]
    if kind == "dict":
        return {key: _joined(item, tensors) for key, item in content}
    items = [_joined(item, tensors) for item in content]
    return items if kind == "list" else tuple(items)
