"""Recordings of ARKit weights as JSON, in the shapes in which programs write them.

    {"fps": 60, "frames": [{"time": 0, "blendShapes": {"jawOpen": 0.1}, "head": {"yaw": 0, "pitch": 0, "roll": 0}}]}
    [{"timestamp": 0, "jawOpen": 0.1}]                                      frames alone, weights beside the time
    {"names": ["jawOpen"], "frames": [{"weights": [0.1], "time": 0}]}       weights in the order of a list of names
    {"exportFps": 30, "facsNames": ["jawOpen"], "weightMat": [[0.1]]}       and without times
    {"frames": [{"blendshapes": [{"categoryName": "jawOpen", "score": 1}]}]}  weights as a list of pairs
    {"time": [0], "jawOpen": [0.1]}                                         a list for each shape

Names of keys may be written in any case, with _ or without.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from rhytid.core.files.reading import parse_json
from rhytid.core.files.text import shown
from rhytid.core.io.motion_table import MAX_COLUMNS, MAX_ROWS, Table

_MAX_VALUES = 30_000_000
_FRAMES = ("frames", "weightmat", "data", "animation", "samples", "keyframes", "weights", "blendshapes")
_WEIGHTS = ("blendshapes", "faceblendshapes", "blendshapeweights", "weights", "shapes", "values", "categories",
            "coefficients", "expressions", "facs", "curves")  # fmt: skip
_NAMES = ("names", "facsnames", "blendshapenames", "shapenames", "posenames", "keys", "blendshapes", "shapes")
_FPS = ("fps", "exportfps", "framerate", "rate", "samplerate")
_PAIR_NAMES = ("name", "categoryname", "key", "shape", "blendshape")
_PAIR_VALUES = ("value", "score", "weight", "coefficient")
_HEAD = ("head", "headrotation", "headpose", "rotation")
_TURNS = ("yaw", "pitch", "roll")

Cells = dict[str, str]


def json_table(path: Path, data: bytes, remedy: str) -> tuple[Table, float | None]:
    """A recording as a table, and its frames a second where it says so.

    Raises
    ------
    MotionError
        It holds no frames of weights.
    core.files.reading.FileRefused
        It is no valid JSON.
    """
    reader = _Reader(Table(path, [], [], [], remedy))
    content = parse_json(data, str(path), _MAX_VALUES, remedy)
    rate = _first(content, _FPS) if isinstance(content, dict) else None
    frames = reader.frames(content)
    if len(frames) > MAX_ROWS:
        raise reader.error(f"holds {len(frames)} frames, at most {MAX_ROWS} are read")
    names: dict[str, None] = {}
    for frame in frames:
        names |= dict.fromkeys(frame)
        if len(names) > MAX_COLUMNS:
            raise reader.error(f"has more than {MAX_COLUMNS} names")
    # Exports leave weights that are 0 out; a frame without any shows no face.
    rows = [[frame.get(name, "0") for name in names] if frame else [] for frame in frames]
    lines = [f"frame {number}" for number in range(1, len(frames) + 1)]
    told = float(rate) if isinstance(rate, (int, float)) and not isinstance(rate, bool) and 0 < rate <= 1000 else None
    return Table(path, list(names), rows, lines, remedy), told


class _Reader:
    """Takes content apart; says where it is not as it should be."""

    def __init__(self, empty: Table) -> None:
        self.error = empty.error

    def frames(self, content: Any) -> list[Cells]:
        """Cells by name of each frame."""
        if isinstance(content, list):
            return self._listed(content, None)
        if isinstance(content, dict):
            names = next((value for value in _all(content, _NAMES) if _are_names(value)), None)
            for value in _all(content, _FRAMES):
                if isinstance(value, list) and value and isinstance(value[0], (dict, list)):
                    return self._listed(value, names)
            for columns in (*(value for value in _all(content, _WEIGHTS) if isinstance(value, dict)), content):
                lists = {name: value for name, value in columns.items() if _are_numbers(value)}
                if lists:
                    return self._columns(content, lists)
        raise self.error("holds no frames with the weights of shapes, such as jawOpen")

    def _listed(self, frames: list[Any], names: list[str] | None) -> list[Cells]:
        return [self._frame(frame, names, f"frame {number}") for number, frame in enumerate(frames, 1)]

    def _columns(self, content: dict[str, Any], lists: dict[str, list[Any]]) -> list[Cells]:
        """Of a list for each shape; times may stand beside the object that holds them."""
        lists = {name: value for name, value in content.items() if _are_numbers(value)} | lists
        lengths = {len(value) for value in lists.values()}
        if len(lengths) > 1:
            raise self.error(f"has lists of {min(lengths)} and of {max(lengths)} numbers")
        return [
            {name: _cell(value) for name, value in zip(lists, row, strict=True)}
            for row in zip(*lists.values(), strict=True)
        ]

    def _frame(self, frame: Any, names: list[str] | None, where: str) -> Cells:
        if isinstance(frame, list):
            return self._weights(frame, names, where)
        if not isinstance(frame, dict):
            raise self.error(f"{where} is {_short(frame)} where weights belong")
        cells = {name: _cell(value) for name, value in frame.items() if _is_number(value)}
        weights = _first(frame, _WEIGHTS)
        found = {} if weights is None else self._weights(weights, names, where)
        if weights is not None and not found:
            return {}  # there are weights, and none in this frame
        cells |= found
        for value in _all(frame, _HEAD):
            if isinstance(value, dict):
                angles = {_plain(name).removeprefix("head"): angle for name, angle in value.items()}
                if all(_is_number(angles.get(turn)) for turn in _TURNS):
                    cells |= {f"head{turn}": _cell(angles[turn]) for turn in _TURNS}
        for name, value in frame.items():  # timecodes
            if isinstance(value, str) and ":" in value and "time" in _plain(name):
                cells[name] = value
        return cells

    def _weights(self, weights: Any, names: list[str] | None, where: str) -> Cells:
        if isinstance(weights, dict):
            return {name: _cell(value) for name, value in weights.items()}
        if isinstance(weights, list) and len(weights) == 1 and isinstance(weights[0], dict):
            inner = _first(weights[0], ("categories",))
            weights = weights if inner is None else inner
        if not isinstance(weights, list):
            raise self.error(f"{where} has {_short(weights)} where weights belong")
        if all(isinstance(pair, dict) for pair in weights):
            pairs = {str(_first(pair, _PAIR_NAMES)): _first(pair, _PAIR_VALUES) for pair in weights}
            return {name: _cell(value) for name, value in pairs.items()}
        if names is None:
            raise self.error(f"{where} is a list of weights, and no list of names says which they are")
        if len(weights) not in (0, len(names)):
            raise self.error(f"{where} has {len(weights)} weights where {len(names)} names are")
        return {name: _cell(value) for name, value in zip(names, weights)}  # noqa: B905  # none, or as many


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _all(content: dict[str, Any], names: tuple[str, ...]) -> list[Any]:
    """Values of those of the names that are there, in the order of `names`."""
    plain = {_plain(name): value for name, value in reversed(content.items())}
    return [plain[name] for name in names if name in plain]


def _first(content: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next(iter(_all(content, names)), None)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _are_numbers(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_number, value))


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(name, str) for name in value)


def _cell(value: Any) -> str:
    """As a table has it; what is no number is found when the table is read."""
    return repr(value) if _is_number(value) else _short(value)


def _short(value: Any) -> str:
    return value[:40] if isinstance(value, str) else shown(repr(value)[:40])
