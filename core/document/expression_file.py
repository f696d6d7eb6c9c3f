"""Expressions as small JSON files, in the form that other programs exchange: names and weights."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from os import PathLike
from pathlib import Path

from core.arkit import ARKIT_NAMES, parse_weights

_MAX_BYTES = 1_000_000


class ExpressionFileError(ValueError):
    """An expression file cannot be used; the message names the file and what is wrong."""


def read_expression(path: str | PathLike[str]) -> tuple[dict[str, float], tuple[str, ...]]:
    """Weights of an expression file, and the names in it that `core.arkit.parse_weights` does not know.

    The file holds an object of names and numbers, or one that has such an object under "weights",
    "blendshapes" or "blendShapes".

    Raises
    ------
    ExpressionFileError
        Not such a file, or it names no weight at all.
    OSError
        It cannot be opened.
    """
    source = Path(path)
    if source.stat().st_size > _MAX_BYTES:
        raise ExpressionFileError(f"{source}: larger than {_MAX_BYTES} bytes; this is no expression file")
    try:
        document = json.loads(source.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ExpressionFileError(f"{source}: is not JSON ({error})") from error
    for key in ("weights", "blendshapes", "blendShapes"):
        if isinstance(document, dict) and isinstance(document.get(key), dict):
            document = document[key]
    if not isinstance(document, dict):
        raise ExpressionFileError(f"{source}: needs an object of ARKit names and weights")
    try:
        weights, skipped = parse_weights(document)
    except ValueError as error:
        raise ExpressionFileError(f"{source}: {error}") from error
    if not weights:
        raise ExpressionFileError(f"{source}: names none of the 52 ARKit weights, such as {ARKIT_NAMES[0]}")
    return weights, skipped


def write_expression(path: str | PathLike[str], weights: Mapping[str, float]) -> None:
    """Write weights by ARKit name, zeros left out; an older file stays as it was unless all went well."""
    kept = {name: round(float(weights[name]), 6) for name in ARKIT_NAMES if weights.get(name, 0.0) > 0.0}
    if not kept:
        kept = dict.fromkeys(
            ARKIT_NAMES[:1], 0.0
        )  # a neutral face is an expression too, and reads back as one
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(json.dumps({"weights": kept}, indent=2) + "\n", encoding="utf-8")
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
