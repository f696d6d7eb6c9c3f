"""Values as a caller gives them: what is of a wrong kind is refused by name before anything is done with it."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt


def given_path(path: object) -> Path:
    """A path of text or a `Path`; raises `ValueError` for anything else, and for no text at all."""
    text = os.fspath(path) if isinstance(path, os.PathLike) else path
    if not isinstance(text, str):
        raise ValueError(f"a file or folder is named by text or a Path, not by {type(path).__name__}: {path!r:.80}")
    if not text:
        raise ValueError('the name of a file or folder is empty; name one, or "." for this folder')
    return Path(text)


def given_number(value: object, what: str) -> float:
    """A finite number; raises `ValueError` for anything else."""
    number = _number(value, what)
    if not math.isfinite(number):
        raise ValueError(f"{what} must be finite, got {value}")
    return number


def given_whole(value: object, low: int, high: int, what: str) -> int:
    """A whole number of low..high; raises `ValueError` for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or not low <= value <= high:
        raise ValueError(f"{what} must be a whole number of {low}..{high}, got {value!r:.80}")
    return int(value)


def given_numbers(values: object, what: str) -> dict[str, float]:
    """Numbers by name, of a mapping or of pairs and of any range; raises `ValueError` for anything else."""
    try:
        pairs: dict[Any, Any] = dict(values)  # type: ignore[call-overload]
    except (TypeError, ValueError):
        raise ValueError(f"{what} must be numbers by name, as in a dict, got {values!r:.80}") from None
    return {name: _number(value, str(name)) for name, value in pairs.items()}


def given_array(values: object, what: str) -> npt.NDArray[Any]:
    """Real numbers as an array; raises `ValueError` for anything else."""
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(f"{what} must be an array of numbers whose rows are of one length") from None
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{what} must be an array of real numbers, got {type(values).__name__} of {array.dtype}")
    return array


def given_items(values: object, kind: type, what: str) -> tuple[Any, ...]:
    """Values of one kind; raises `ValueError` for anything else."""
    items = tuple(values) if isinstance(values, Iterable) and not isinstance(values, (str, Mapping)) else (values,)
    for item in items:
        if not isinstance(item, kind):
            raise ValueError(f"{what} must be of kind {kind.__name__}, got {item!r:.80}")
    return items


def known_options(options: Mapping[str, object], known: Iterable[str], what: str) -> None:
    """Raises `ValueError` for the first name of `options` that is not known."""
    names = sorted(known)
    for name in options:
        if name not in names:
            raise ValueError(f"{what} has no {name!r}; there are {', '.join(names)}")


def _number(value: object, what: str) -> float:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise ValueError(f"{what} must be a number, got {value!r:.80}")
    return float(value)
