"""Strokes by themselves, as JSON: what the clipboard, and a file of wrinkles, carry from one document to another.

Points are in the chart, so strokes lie in the same place on every head. What belongs to a document alone stays behind:
ids, layers other than those of places, and whether a stroke was found in its imported map.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rhytid.core.detail.site_layers import site_layer
from rhytid.core.document.limits import check_strokes, check_text, clamp_stroke
from rhytid.core.document.project_json import strokes_from_json, strokes_to_json
from rhytid.core.files.reading import FileRefused, parse_json
from rhytid.core.lines.stroke import Stroke

FORMAT, VERSION = "rhytid wrinkles", 1
MAX_BYTES = 8 * 1024 * 1024
MAX_TAGS, MAX_TAG = 24, 40
_DECIMALS = 5  # of the chart: 2 um of the face; pressure to a hundred thousandth


@dataclass(frozen=True)
class WrinkleSet:
    """Strokes under a name.

    Attributes
    ----------
    strokes : tuple of Stroke
    name : str
        "" for those of the clipboard.
    tags : tuple of str
        Words to find them by.
    """

    strokes: tuple[Stroke, ...]
    name: str = ""
    tags: tuple[str, ...] = ()


def wrinkles_to_json(strokes: Sequence[Stroke]) -> bytes:
    """Strokes as JSON text, ASCII, bit for bit; the same strokes give the same bytes."""
    return _text(*strokes_to_json([_alone(stroke) for stroke in strokes]))


def wrinkle_set_to_json(wrinkles: WrinkleSet) -> bytes:
    """The same with name and tags, and shorter: ids are numbers, points are rounded to a few micrometres."""
    named = [replace(_alone(stroke), id=str(number)) for number, stroke in enumerate(wrinkles.strokes)]
    values, points = strokes_to_json(named)
    rounded = np.round(points.astype(float), _DECIMALS)
    return _text(values, rounded, name=wrinkles.name, tags=list(wrinkles.tags))


def _text(values: object, points: np.ndarray, **more: object) -> bytes:
    content = {"format": FORMAT, "version": VERSION, "strokes": values, "points": points.astype(float).tolist(), **more}
    return json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def wrinkles_from_json(data: bytes, new_id: Callable[[], str]) -> tuple[Stroke, ...]:
    """The strokes that were written, under ids of their own.

    Raises
    ------
    FileRefused
        It is no such text, is too large, or holds a value that is wrong or out of range.
    """
    return wrinkle_set_from_json(data, new_id, "the wrinkles", "copy them again").strokes


def wrinkle_set_from_json(data: bytes, new_id: Callable[[], str], where: str, remedy: str) -> WrinkleSet:
    """What `wrinkle_set_to_json` or `wrinkles_to_json` wrote, the strokes under ids of their own.

    Parameters
    ----------
    where, remedy : str
        Begin and end of the message when it is refused: the file, and what to do instead.

    Raises
    ------
    FileRefused
        It is no such text, is too large, or holds a value that is wrong or out of range.
    """
    if len(data) > MAX_BYTES:
        raise FileRefused(f"{where}: {len(data)} bytes are too many; {remedy}")
    content = parse_json(data, where, remedy=remedy)
    if not isinstance(content, dict) or content.get("format") != FORMAT or content.get("version") != VERSION:
        raise FileRefused(f"{where}: this is no text of wrinkles, or of a newer version; {remedy}")
    try:
        points = np.array(content.get("points"), np.float32)
        if points.ndim != 2 or points.shape[1] != 3:
            raise ValueError("points must be rows of x, y and pressure")
        strokes = strokes_from_json(content.get("strokes"), points)
        check_strokes(strokes)
        for stroke in strokes:
            if clamp_stroke(stroke) is not stroke:
                raise ValueError(f"stroke {stroke.id!r} has a value out of range")
        name, tags = content.get("name", ""), content.get("tags", [])
        check_text(name, "the name")
        if not isinstance(tags, list) or len(tags) > MAX_TAGS:
            raise ValueError(f"tags must be a list of at most {MAX_TAGS} words")
        for tag in tags:
            check_text(tag, "a tag", empty=False, length=MAX_TAG)
    except (ValueError, TypeError, OverflowError) as error:
        raise FileRefused(f"{where}: {error}; {remedy}") from error
    return WrinkleSet(tuple(replace(_alone(stroke), id=new_id()) for stroke in strokes), name, tuple(tags))


def _alone(stroke: Stroke) -> Stroke:
    """A stroke without what holds in its document only."""
    return replace(stroke, layer=stroke.layer if site_layer(stroke.layer) is not None else "", from_source=False)
