"""Strokes as SVG and back: one path per stroke, what SVG cannot say in data- attributes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

import numpy as np

from rhytid.core.lines.stroke import Binding, Onset, Profile, Stroke

VIEW_BOX = 1000.0
MOST_BYTES = 64 * 2**20
MOST_STROKES = 20_000
MOST_POINTS = 100_000


class SvgError(ValueError):
    """The text is not an SVG with strokes in it."""


def strokes_to_svg(strokes: Sequence[Stroke]) -> str:
    """SVG of all strokes, viewBox 1000 x 1000 for the chart.

    Any drawing program shows it. It holds all of a stroke, so that reading it gives equal strokes.
    """
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 1000" fill="none" stroke="#000"'
        ' stroke-linecap="round" stroke-linejoin="round">',
        *(_path(stroke) for stroke in strokes),
        "</svg>",
        "",
    ]
    return "\n".join(lines)


def _path(stroke: Stroke) -> str:
    xy = [f"{_number(x * VIEW_BOX)},{_number(y * VIEW_BOX)}" for x, y in stroke.points.astype(np.float64).tolist()]
    attributes = {
        "id": stroke.id,
        "d": "M" + " L".join(xy),
        "stroke-width": _number(stroke.width * VIEW_BOX),
        "data-pressure": " ".join(f"{value:.9g}" for value in stroke.pressure.tolist()),
        "data-depth-mm": repr(float(stroke.depth_mm)),
        "data-width": repr(float(stroke.width)),
        "data-profile": stroke.profile.value,
        "data-onset": stroke.binding.onset.value,
        "data-birth-age": repr(float(stroke.birth_age)),
    }
    if stroke.binding.weights:
        attributes["data-weights"] = json.dumps(dict(stroke.binding.weights), separators=(",", ":"))
    if stroke.name:
        attributes["data-name"] = stroke.name
    if stroke.from_source:
        attributes["data-from-source"] = "true"
    if not stroke.visible:
        attributes["visibility"] = "hidden"
    return "  <path " + " ".join(f"{key}={quoteattr(value)}" for key, value in attributes.items()) + "/>"


def _number(value: float) -> str:
    return f"{value:.10g}"


def strokes_from_svg(text: str | bytes) -> tuple[Stroke, ...]:
    """Strokes of an SVG that `strokes_to_svg` wrote or a drawing program saved from it.

    Paths may hold straight lines and Bezier curves and several subpaths; polylines and lines count too.
    What is missing falls back to a new stroke's settings.

    Raises
    ------
    SvgError
        No XML, no SVG, entity declarations, arcs, transforms, or too large; the message says which.
    """
    data = text.encode() if isinstance(text, str) else text
    if len(data) > MOST_BYTES:
        raise SvgError(f"an SVG of {len(data)} bytes is larger than the {MOST_BYTES} that are read")
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reader.start
    parser.EntityDeclHandler = _refuse_entity
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise SvgError(f"no well-formed SVG: {error}") from error
    return tuple(reader.strokes)


def _refuse_entity(*declaration: object) -> None:
    raise SvgError("the SVG declares XML entities; save it as plain SVG")


class _Reader:
    def __init__(self) -> None:
        self.strokes: list[Stroke] = []
        self._depth = 0
        self._taken: set[str] = set()
        self._scale = np.ones(2)
        self._origin = np.zeros(2)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if self._depth == 0:
            if name != "svg":
                raise SvgError(f"the file's outermost element is <{name}>, not <svg>")
            self._set_view_box(attributes)
        self._depth += 1
        if "transform" in attributes and name in ("g", "path", "polyline", "line"):
            raise SvgError(f"<{name}> has a transform; apply it in the drawing program before saving")
        if name == "path":
            lines = _subpaths(attributes.get("d", ""))
        elif name == "polyline":
            lines = [_pairs(attributes.get("points", "").replace(",", " ").split())]
        elif name == "line":
            lines = [_pairs([attributes.get(key, "0") for key in ("x1", "y1", "x2", "y2")])]
        else:
            return
        for number, line in enumerate(lines, 1):
            self._add(line, attributes, number if len(lines) > 1 else 0)

    def _set_view_box(self, attributes: dict[str, str]) -> None:
        box = attributes.get("viewBox", "0 0 1000 1000").replace(",", " ").split()
        x, y, width, height = (_float(value) for value in box) if len(box) == 4 else (0.0, 0.0, 0.0, 0.0)
        if width <= 0 or height <= 0:
            raise SvgError("the SVG's viewBox is not four numbers with a positive size")
        self._origin, self._scale = np.array([x, y]), np.array([width, height])

    def _add(self, line: list[tuple[float, float]], attributes: dict[str, str], number: int) -> None:
        if len(line) < 2:
            return
        if len(line) > MOST_POINTS or len(self.strokes) >= MOST_STROKES:
            raise SvgError(f"more than {MOST_STROKES} strokes or {MOST_POINTS} points in one")
        points = (np.array(line, np.float64) - self._origin) / self._scale
        pressure = np.array([_float(value) for value in attributes.get("data-pressure", "").split()])
        if len(pressure) != len(points):
            pressure = np.ones(len(points))
        try:
            stroke = Stroke(
                id=self._free_id(attributes.get("id", ""), number),
                points=np.clip(points, 0, 1).astype(np.float32),
                pressure=np.clip(pressure, 0, 1).astype(np.float32),
                name=attributes.get("data-name", ""),
                visible=attributes.get("visibility") != "hidden",
                from_source=attributes.get("data-from-source") == "true",
                **self._settings(attributes),
            )
        except (ValueError, TypeError, AttributeError) as error:
            raise SvgError(f"stroke {attributes.get('id', '')!r} of the SVG: {error}") from error
        self.strokes.append(stroke)

    def _settings(self, attributes: dict[str, str]) -> dict[str, Any]:
        settings: dict[str, Any] = {}
        if "data-width" in attributes:
            settings["width"] = _float(attributes["data-width"])
        elif "stroke-width" in attributes:
            settings["width"] = _float(attributes["stroke-width"].removesuffix("px")) / float(self._scale[0])
        if "data-depth-mm" in attributes:
            settings["depth_mm"] = _float(attributes["data-depth-mm"])
        if "data-birth-age" in attributes:
            settings["birth_age"] = _float(attributes["data-birth-age"])
        if "data-profile" in attributes:
            settings["profile"] = Profile(attributes["data-profile"])
        if "data-onset" in attributes:
            weights = json.loads(attributes.get("data-weights", "{}"))
            pairs = tuple(sorted((str(name), _float(value)) for name, value in weights.items()))
            settings["binding"] = Binding(Onset(attributes["data-onset"]), pairs)
        if not 0 < settings.get("width", 0.01) <= 1:
            raise SvgError(f"a stroke's width of {settings['width']:g} charts is not in 0..1")
        return settings

    def _free_id(self, wanted: str, number: int) -> str:
        base = wanted or "svg"
        name = f"{base}.{number}" if number else base
        count = 1
        while name in self._taken:
            count += 1
            name = f"{base}.{count}"
        self._taken.add(name)
        return name


def _float(value: object) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise SvgError(f"{value!r} in the SVG is no number") from None
    if not np.isfinite(number):
        raise SvgError(f"{value!r} in the SVG is no finite number")
    return number


def _pairs(values: list[str]) -> list[tuple[float, float]]:
    numbers = [_float(value) for value in values]
    return list(zip(numbers[::2], numbers[1::2], strict=False))


_OPERANDS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2}
_CURVE_PIECES = 16


def _subpaths(d: str) -> list[list[tuple[float, float]]]:
    """Points of each subpath of path data; Bezier curves are cut into straight pieces."""
    lines: list[list[tuple[float, float]]] = []
    command, here, handle = "", 0j, 0j
    tokens = _tokens(d)
    i = 0
    while i < len(tokens):
        if tokens[i].isalpha():
            command = tokens[i]
            i += 1
            if command in "zZ":
                if lines:
                    lines[-1].append(lines[-1][0])
                    here = handle = complex(*lines[-1][0])
                continue
        kind = command.upper()
        if kind not in _OPERANDS:
            raise SvgError(f"path command {command or tokens[i]!r} is neither a line nor a Bezier curve")
        wide = _OPERANDS[kind]
        if i + wide > len(tokens):
            raise SvgError("path data ends in the middle of a point")
        values = [_float(token) for token in tokens[i : i + wide]]
        i += wide
        targets = _targets(kind, values, here, command.islower())
        if kind == "M":
            lines.append([])
            command = "l" if command.islower() else "L"
        elif not lines:
            raise SvgError("path data does not begin with a move")
        if kind in "ST":  # the first handle is the last one's mirror image
            targets = [2 * here - handle, *targets]
        points = _flattened([here, *targets]) if kind in "CSQT" else targets
        lines[-1] += [(point.real, point.imag) for point in points]
        handle = targets[-2] if kind in "CSQT" else targets[-1]
        here = targets[-1]
    return lines


def _targets(kind: str, values: list[float], here: complex, relative: bool) -> list[complex]:
    """Absolute points that a command names."""
    origin = here if relative else 0j
    if kind == "H":
        return [complex(values[0] + origin.real, here.imag)]
    if kind == "V":
        return [complex(here.real, values[0] + origin.imag)]
    return [origin + complex(x, y) for x, y in zip(values[::2], values[1::2], strict=True)]


def _flattened(control: list[complex]) -> list[complex]:
    """Points of a Bezier curve after its first (de Casteljau)."""
    points = []
    for step in range(1, _CURVE_PIECES + 1):
        t, level = step / _CURVE_PIECES, control
        while len(level) > 1:
            level = [(1 - t) * a + t * b for a, b in pairwise(level)]
        points.append(level[0])
    return points


def _tokens(d: str) -> list[str]:
    """Commands and numbers of path data."""
    tokens: list[str] = []
    number = ""
    for character in d + " ":
        signed = character in "+-" and number[-1:] not in ("e", "E")
        second_point = character == "." and ("." in number or "e" in number or "E" in number)
        exponent = character in "eE" and number
        if number and (character.isspace() or character == "," or signed or second_point
                       or (character.isalpha() and not exponent)):  # fmt: skip
            tokens.append(number)
            number = ""
        if character.isalpha() and not exponent:
            tokens.append(character)
        elif not character.isspace() and character != ",":
            number += character
    return tokens
