"""The JSON part of a project: frozen dataclasses to plain values and back, checked against their annotations.

Driven by the dataclasses' own fields, so that a field added to the state is saved without further ado.
Points of strokes are not in the JSON; they follow one another in one array (N, 3) of x, y, pressure. Photo, albedo and
layers have a place of their own: `project_photo`, `project_layers`.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields, is_dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from rhytid.core.animation.clip import Clip
from rhytid.core.animation.track import Key
from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES
from rhytid.core.detail.finish import Bands
from rhytid.core.detail.request import SourceDetail
from rhytid.core.document.limits import ACTION_UNIT_NAME, MAX_STROKES, finite
from rhytid.core.document.state import DocumentState, HeadPose, HeadReference, Lighting, Mix, SecondFace
from rhytid.core.files.text import storable
from rhytid.core.hair.settings import Hair
from rhytid.core.lines.stroke import Stroke, Style
from rhytid.core.maps.complexion import Complexion
from rhytid.core.maps.tooth_color import USUAL_SHADE

Float32 = npt.NDArray[np.float32]
T = TypeVar("T")

_ARRAYS = frozenset({"points", "pressure", "breadth", "tangents"})
_ELSEWHERE = frozenset({"photo", "other_photos", "albedo", "layers", "smoothed", "lock", "paint"})  # by other modules
_NEW_IN_6: dict[str, Any] = {
    "taken": [], "hair": asdict(Hair()), "bands": asdict(Bands()), "complexion": asdict(Complexion()),
    "shape_age": None, "age_parts": [], "clip": asdict(Clip()) | {"tracks": []},
    "head_pose": asdict(HeadPose()),
}  # fmt: skip
# Fields that a dataclass got after its first release in a project of this schema.
_NEW_FIELDS: dict[Any, dict[str, Any]] = {
    HeadReference: {"pins": None}, Key: {"arriving": 0.0, "leaving": 0.0}, Complexion: {"teeth": USUAL_SHADE},
    Lighting: {"panorama": None},
}  # fmt: skip
_ALONG = {"breadth": 1, "tangents": 4}  # numbers for each point of strokes that have them
_STROKE_NEW_IN_6: dict[str, Any] = {
    "breadth": [], "tangents": [], "tint": 0.0, "folding": 0.0, "layer": "", "style": Style.AS_DRAWN.value, "seed": 0,
}  # fmt: skip


@lru_cache(maxsize=64)
def _hints(kind: Any) -> dict[str, Any]:
    """Resolved annotations of a dataclass; resolving them costs far more than using them."""
    return typing.get_type_hints(kind)


def state_to_json(state: DocumentState) -> tuple[dict[str, Any], Float32]:
    """The state without its arrays as plain JSON values, and the points of all strokes, float32 (N, 3).

    The map of the source is left out too. Lines shown as the source has them are stored once.
    """
    hints = _hints(DocumentState)
    lines = state.source.lines if state.source else ()
    line_numbers = {id(line): number for number, line in enumerate(lines)}
    own: list[Stroke] = []
    strokes: list[Any] = []
    for stroke in state.strokes:
        number = line_numbers.get(id(stroke))
        if number is None:
            own.append(stroke)
        strokes.append(_stroke_to_json(stroke) if number is None else number)
    kept = [f.name for f in fields(state) if f.name not in {"strokes", "source", "second", *_ELSEWHERE}]
    document = {name: encode(hints[name], getattr(state, name)) for name in kept}
    document["expression"] = dict(zip(ARKIT_NAMES, document["expression"], strict=True))
    document["strokes"] = strokes
    document["source"] = _source_to_json(state.source)
    document["second"] = _second_to_json(state.second)
    columns = [np.column_stack([s.points, s.pressure]) for s in (*lines, *own)]
    points = np.concatenate(columns) if columns else np.zeros((0, 3), np.float32)
    return document, points.astype(np.float32, copy=False)


def state_from_json(
    document: Any, points: Float32, displacement: Float32 | None, second: Float32 | None = None
) -> DocumentState:
    """The state that `state_to_json` wrote, with the maps of its source and its second face.

    Raises
    ------
    ValueError
        A value is missing, unknown or of the wrong type; the message names it. Ranges are not checked here.
    """
    names = [f.name for f in fields(DocumentState) if f.name not in _ELSEWHERE]
    if isinstance(document, dict):
        document = {"second": None, **_NEW_IN_6, **document}  # older projects have none of these
    expect_keys(document, names, "project")
    expression = document["expression"]
    expect_keys(expression, ARKIT_NAMES, "expression")
    hints = _hints(DocumentState)
    values = {
        name: decode(hints[name], document[name], name)
        for name in names
        if name not in ("strokes", "source", "second", "expression")
    }
    for name, _ in values["action_units"]:
        if not ACTION_UNIT_NAME.fullmatch(name):
            raise ValueError(f"action_units: {name!r} is no name of an action unit")
    rows = _Rows(points)
    source = _source_from_json(document["source"], rows, displacement)
    lines = source.lines if source else ()
    if not isinstance(document["strokes"], list):
        raise ValueError("strokes: must be a list")
    if len(document["strokes"]) > MAX_STROKES:
        raise ValueError(f"strokes: at most {MAX_STROKES} are read, got {len(document['strokes'])}")
    strokes = tuple(_listed_stroke(item, i, lines, rows) for i, item in enumerate(document["strokes"]))
    rows.expect_end()
    weights = tuple(finite(expression[name], f"expression.{name}") for name in ARKIT_NAMES)
    other = _second_from_json(document["second"], second)
    return DocumentState(expression=weights, source=source, second=other, strokes=strokes, **values)


def strokes_to_json(strokes: Sequence[Stroke]) -> tuple[list[dict[str, Any]], Float32]:
    """Plain values of strokes, and their points one after the other, float32 (N, 3)."""
    columns = [np.column_stack([stroke.points, stroke.pressure]) for stroke in strokes]
    points = np.concatenate(columns) if columns else np.zeros((0, 3), np.float32)
    return [_stroke_to_json(stroke) for stroke in strokes], points.astype(np.float32, copy=False)


def strokes_from_json(values: Any, points: Float32) -> tuple[Stroke, ...]:
    """The strokes that `strokes_to_json` wrote; raises `ValueError` as `state_from_json` does."""
    if not isinstance(values, list) or len(values) > MAX_STROKES:
        raise ValueError(f"strokes: must be a list of at most {MAX_STROKES}")
    rows = _Rows(points)
    strokes = tuple(_stroke_from_json(value, f"strokes[{i}]", rows) for i, value in enumerate(values))
    rows.expect_end()
    return strokes


def encode(hint: Any, value: Any) -> Any:
    """Plain JSON value of a scalar, an enum, a tuple or a frozen dataclass with the annotation `hint`.

    An int in a float field becomes a float here: it would read back as one and be written differently then.
    """
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        kind: Any = type(value)
        hints = _hints(kind)
        return {f.name: encode(hints[f.name], getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple):
        items = typing.get_args(_there(hint))
        endless = len(items) == 2 and items[1] is Ellipsis
        return [encode(items[0 if endless else i], item) for i, item in enumerate(value)]
    if isinstance(value, str):
        return storable(value)  # what the file holds can be read back, whatever bytes a file's name was made of
    return float(value) if hint is float else value


def decode(hint: Any, value: Any, where: str) -> Any:
    """Inverse of `encode` for an annotation; `where` names the value in errors.

    Raises
    ------
    ValueError
        `value` is not what the annotation says.
    """
    if _there(hint) is not hint:
        return None if value is None else decode(_there(hint), value, where)
    if typing.get_origin(hint) is tuple:
        return _decode_tuple(typing.get_args(hint), value, where)
    if hint is float:
        return finite(value, where)
    if hint in (int, str, bool):
        if type(value) is not hint:
            raise ValueError(f"{where}: must be of type {hint.__name__}, got {value!r:.60}")
        return value
    if isinstance(hint, type) and issubclass(hint, Enum):
        try:
            return hint(value)
        except ValueError:
            known = ", ".join(str(item.value) for item in hint)
            raise ValueError(f"{where}: must be one of {known}, got {value!r:.60}") from None
    names = [f.name for f in fields(hint)]
    if hint in _NEW_FIELDS and isinstance(value, dict):
        value = {**_NEW_FIELDS[hint], **value}
    expect_keys(value, names, where)
    hints = _hints(hint)
    return hint(**{name: decode(hints[name], value[name], f"{where}.{name}") for name in names})


def _there(hint: Any) -> Any:
    """The annotation without its None: that of a value that is there."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return next(item for item in typing.get_args(hint) if item is not type(None))
    return hint


def _decode_tuple(items: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{where}: must be a list, got {value!r:.60}")
    if len(items) == 2 and items[1] is Ellipsis:
        return tuple(decode(items[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if len(items) != len(value):
        raise ValueError(f"{where}: must have {len(items)} items, got {len(value)}")
    return tuple(decode(items[i], item, f"{where}[{i}]") for i, item in enumerate(value))


class _Rows:
    """Hands out the rows of the array of points one stroke after the other."""

    def __init__(self, points: Float32) -> None:
        self._points = points
        self._at = 0

    def take(self, count: int, where: str) -> Float32:
        if count < 2 or self._at + count > len(self._points):
            raise ValueError(f"{where}: says {count} points, but the array of points does not have them")
        self._at += count
        return self._points[self._at - count : self._at]

    def expect_end(self) -> None:
        if self._at != len(self._points):
            raise ValueError(f"{len(self._points) - self._at} points belong to no stroke")


def _stroke_to_json(stroke: Stroke) -> dict[str, Any]:
    hints = _hints(Stroke)
    names = [f.name for f in fields(Stroke) if f.name not in _ARRAYS]
    values = {name: encode(hints[name], getattr(stroke, name)) for name in names}
    values["n_points"] = len(stroke.points)
    for name in _ALONG:
        row = getattr(stroke, name)
        values[name] = [] if row is None else row.ravel().tolist()
    return values


def _stroke_from_json(value: Any, where: str, rows: _Rows) -> Stroke:
    names = [f.name for f in fields(Stroke) if f.name not in _ARRAYS]
    if isinstance(value, dict):
        value = {**_STROKE_NEW_IN_6, **value}
        if isinstance(value.get("binding"), dict):
            value["binding"] = {"growth": [], **value["binding"]}
    expect_keys(value, [*names, *_ALONG, "n_points"], where)
    hints = _hints(Stroke)
    plain = {name: decode(hints[name], value[name], f"{where}.{name}") for name in names}
    for name, _ in plain["binding"].weights:
        if name not in ARKIT_INDEX and not ACTION_UNIT_NAME.fullmatch(name):
            raise ValueError(f"{where}.binding: {name!r} is neither an expression weight nor an action unit")
    taken = rows.take(decode(int, value["n_points"], f"{where}.n_points"), where)
    along: dict[str, Any] = {
        name: _along(value[name], len(taken), width, f"{where}.{name}") for name, width in _ALONG.items()
    }
    return Stroke(points=taken[:, :2], pressure=taken[:, 2], **along, **plain)


def _along(value: Any, count: int, width: int, where: str) -> Float32 | None:
    """Numbers that run along a stroke, `width` for each of its points; None where it has none."""
    if value == []:
        return None
    if not isinstance(value, list) or len(value) != count * width:
        raise ValueError(f"{where}: must be a list of {count * width} numbers or empty")
    numbers = np.array([finite(item, where) for item in value], np.float32)
    return numbers if width == 1 else numbers.reshape(count, width)


def _listed_stroke(value: Any, number: int, lines: Sequence[Stroke], rows: _Rows) -> Stroke:
    where = f"strokes[{number}]"
    if type(value) is int:
        if not 0 <= value < len(lines):
            raise ValueError(f"{where}: the source has no line {value}")
        return lines[value]
    return _stroke_from_json(value, where, rows)


def _source_to_json(source: SourceDetail | None) -> dict[str, Any] | None:
    if source is None:
        return None
    return {
        "expression": dict(zip(ARKIT_NAMES, map(float, source.expression), strict=True)),
        "age": float(source.age),
        "name": storable(source.name),
        "digest": source.digest,
        "lines": [_stroke_to_json(line) for line in source.lines],
    }


def _source_from_json(value: Any, rows: _Rows, displacement: Float32 | None) -> SourceDetail | None:
    if (value is None) != (displacement is None):
        raise ValueError("source: the map and its description must be there both or not at all")
    if value is None or displacement is None:
        return None
    expect_keys(value, ("expression", "age", "name", "digest", "lines"), "source")
    expect_keys(value["expression"], ARKIT_NAMES, "source.expression")
    if not isinstance(value["lines"], list):
        raise ValueError("source.lines: must be a list")
    items = value["lines"]
    lines = tuple(_stroke_from_json(item, f"source.lines[{i}]", rows) for i, item in enumerate(items))
    return SourceDetail(
        displacement=displacement,
        expression=tuple(finite(value["expression"][n], f"source.expression.{n}") for n in ARKIT_NAMES),
        age=finite(value["age"], "source.age"),
        name=decode(str, value["name"], "source.name"),
        lines=lines,
        digest=decode(str, value["digest"], "source.digest"),
    )


def _second_to_json(second: SecondFace | None) -> dict[str, Any] | None:
    if second is None:
        return None
    return {"share": float(second.share), "mix": second.mix.value, "detail": _source_to_json(second.detail)}


def _second_from_json(value: Any, displacement: Float32 | None) -> SecondFace | None:
    if value is None and displacement is None:
        return None
    expect_keys(value, ("share", "mix", "detail"), "second")
    rows = _Rows(np.zeros((0, 3), np.float32))
    detail = _source_from_json(value["detail"], rows, displacement)
    if detail is None:
        raise ValueError("second: its map is missing")
    return SecondFace(detail, finite(value["share"], "second.share"), decode(Mix, value["mix"], "second.mix"))


def expect_keys(value: Any, names: Iterable[str], where: str) -> None:
    """Raises `ValueError` unless `value` is an object with exactly these keys."""
    if not isinstance(value, dict):
        raise ValueError(f"{where}: must be an object, got {value!r:.60}")
    expected = set(names)
    for name in sorted(expected - set(value)):
        raise ValueError(f"{where}: lacks {name!r}")
    for name in sorted(set(value) - expected):
        raise ValueError(f"{where}: has an unknown {name!r:.60}")
