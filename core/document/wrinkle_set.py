"""Strokes by themselves, as JSON: what the clipboard carries from one document to another.

Points are in the chart, so strokes lie in the same place on every head. What belongs to a document alone stays behind:
ids, layers other than those of places, and whether a stroke was found in its imported map.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from rhytid.core.detail.site_layers import site_layer
from rhytid.core.document.limits import check_strokes, clamp_stroke
from rhytid.core.document.project_json import strokes_from_json, strokes_to_json
from rhytid.core.files.reading import FileRefused, parse_json
from rhytid.core.lines.stroke import Stroke

FORMAT, VERSION = "rhytid wrinkles", 1
MAX_BYTES = 8 * 1024 * 1024
_WHERE, _REMEDY = "the wrinkles", "copy them again"


def wrinkles_to_json(strokes: Sequence[Stroke]) -> bytes:
    """Strokes as JSON text, ASCII; the same strokes give the same bytes."""
    values, points = strokes_to_json([_alone(stroke) for stroke in strokes])
    content = {"format": FORMAT, "version": VERSION, "strokes": values, "points": points.astype(float).tolist()}
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def wrinkles_from_json(data: bytes, new_id: Callable[[], str]) -> tuple[Stroke, ...]:
    """The strokes that `wrinkles_to_json` wrote, under ids of their own.

    Raises
    ------
    FileRefused
        It is no such text, is too large, or holds a value that is wrong or out of range.
    """
    if len(data) > MAX_BYTES:
        raise FileRefused(f"{_WHERE}: {len(data)} bytes are too many; {_REMEDY}")
    content = parse_json(data, _WHERE, remedy=_REMEDY)
    if not isinstance(content, dict) or content.get("format") != FORMAT or content.get("version") != VERSION:
        raise FileRefused(f"{_WHERE}: this is no text of wrinkles, or of a newer version; {_REMEDY}")
    try:
        points = np.array(content.get("points"), np.float32)
        if points.ndim != 2 or points.shape[1] != 3:
            raise ValueError("points must be rows of x, y and pressure")
        strokes = strokes_from_json(content.get("strokes"), points)
        check_strokes(strokes)
        for stroke in strokes:
            if clamp_stroke(stroke) is not stroke:
                raise ValueError(f"stroke {stroke.id!r} has a value out of range")
    except (ValueError, TypeError, OverflowError) as error:
        raise FileRefused(f"{_WHERE}: {error}; {_REMEDY}") from error
    return tuple(replace(_alone(stroke), id=new_id()) for stroke in strokes)


def _alone(stroke: Stroke) -> Stroke:
    """A stroke without what holds in its document only."""
    return replace(stroke, layer=stroke.layer if site_layer(stroke.layer) is not None else "", from_source=False)
