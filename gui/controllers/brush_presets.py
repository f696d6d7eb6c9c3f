"""Brushes: settings of the pen under a name, the program's own and the artist's, kept with the other preferences.

What is kept is foreign text: it is read as any file is, and a brush with a value out of its range is none.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

import numpy as np

from rhytid.core.ageing import AGE_MAX
from rhytid.core.detail.anatomy import CHART_MM
from rhytid.core.files.reading import FileRefused, parse_json
from rhytid.core.language import tr
from rhytid.core.lines.response import Response
from rhytid.core.lines.stroke import Profile, Stroke, Style
from rhytid.gui.controllers.named_presets import NamedPresets
from rhytid.gui.controllers.tool_settings import (
    DEPTH_MAX_MM,
    DEPTH_MIN_MM,
    WIDTH_MAX,
    WIDTH_MIN,
    ToolSettings,
)
from rhytid.gui.preferences import Preferences

_KEPT = "brushes"
_SHOWN = {"width", "depth_mm"}  # which every brush has
_MOST_VALUES = 400
Brush = Mapping[str, Any]


def _within(low: float, high: float) -> Callable[[Any], float]:
    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"{value!r:.40} is not within {low:g}..{high:g}")
        return float(value)

    return check


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r:.40} is neither true nor false")
    return value


def _curve(value: Any) -> Response:
    if not isinstance(value, list):
        raise ValueError("a curve is a list of points")
    return Response(tuple((float(x), float(y)) for x, y in value))


_READ: dict[str, Callable[[Any], Any]] = {
    "width": _within(WIDTH_MIN, WIDTH_MAX),
    "depth_mm": _within(DEPTH_MIN_MM, DEPTH_MAX_MM),
    "profile": Profile,
    "style": Style,
    "tint": _within(-1.0, 1.0),
    "folding": _within(0.0, 1.0),
    "birth_age": _within(0.0, AGE_MAX),
    "smooth": _within(0.0, 1.0),
    "along_tension": _within(0.0, 1.0),
    "pressure_to_depth": _switch,
    "pressure_to_width": _switch,
    "pressure_exponent": _within(0.25, 4.0),
    "depth_curve": _curve,
    "width_curve": _curve,
}
"""What a brush holds of the tool's settings, and how each is read."""


def _own(width_mm: float, depth_mm: float, profile: Profile, *, tint: float = 0.0, smooth: float = 0.3) -> Brush:
    return {"width": width_mm / CHART_MM, "depth_mm": depth_mm, "profile": profile, "style": Style.NATURAL,
            "tint": tint, "birth_age": 0.0, "smooth": smooth, "along_tension": 0.0}  # fmt: skip


OWN_BRUSHES: dict[str, Brush] = {
    tr("Fine line"): _own(1.2, 0.08, Profile.FINE_LINE),
    tr("Crow's foot"): _own(2.0, 0.30, Profile.WRINKLE),
    tr("Furrow"): _own(3.0, 0.45, Profile.WRINKLE, smooth=0.4),
    tr("Crease"): _own(2.4, 0.35, Profile.CREASE),
    tr("Fold"): _own(7.0, 0.60, Profile.FOLD, smooth=0.6),
    tr("Soft hollow"): _own(14.0, 0.50, Profile.FINE_LINE, smooth=0.6),
    tr("Old scar"): _own(2.4, 0.30, Profile.SCAR, tint=-0.45),
    tr("Fresh scar"): _own(2.6, -0.25, Profile.SCAR, tint=0.5),
}
"""The program's own; they leave the pen's pressure as the artist has it."""


def brush_of(tools: ToolSettings) -> Brush:
    """The pen as it is."""
    return {name: getattr(tools, name) for name in _READ}


def take(tools: ToolSettings, brush: Brush) -> None:
    """Draw with a brush from now on."""
    for name, value in brush.items():
        setattr(tools, name, value)


def text_of(brush: Brush) -> str:
    """A brush as JSON."""

    def plain(value: Any) -> Any:
        if isinstance(value, Response):
            return [list(point) for point in value.points]
        return value.value if isinstance(value, Enum) else value

    return json.dumps({name: plain(value) for name, value in brush.items()}, sort_keys=True)


def brush_from(text: str) -> Brush:
    """The brush in a text; raises `ValueError` for one that is none, with the reason."""
    try:
        content = parse_json(text.encode(), "brush", _MOST_VALUES)
    except FileRefused as error:
        raise ValueError(str(error)) from error
    if not isinstance(content, dict) or not content.keys() <= _READ.keys() or not content.keys() >= _SHOWN:
        raise ValueError("a brush holds settings of the pen by name")
    try:
        return {name: _READ[name](value) for name, value in content.items()}
    except (TypeError, OverflowError) as error:
        raise ValueError(f"a setting of the brush is none: {error}") from error


def drawn_with(brush: Brush) -> Stroke:
    """A stroke of the brush, for its picture; it rises and falls in pressure as a hand's does."""
    t = np.linspace(0.0, 1.0, 13)
    points = np.column_stack([0.46 + 0.08 * t, 0.5 + 0.006 * np.sin(2 * np.pi * t)])
    pressure = np.clip(np.sin(np.pi * (0.06 + 0.88 * t)) ** 0.7, 0.05, 1.0)
    return Stroke(
        "brush", points.astype(np.float32), pressure.astype(np.float32), width=brush["width"],
        depth_mm=brush["depth_mm"], profile=brush.get("profile", Profile.WRINKLE),
        style=brush.get("style", Style.NATURAL), tint=brush.get("tint", 0.0), seed=7,
    )  # fmt: skip


class BrushPresets(NamedPresets[Brush]):
    """The artist's own brushes.

    Parameters
    ----------
    preferences : Preferences
        Keep them.
    """

    def __init__(self, preferences: Preferences) -> None:
        super().__init__(preferences, _KEPT, brush_from, text_of, OWN_BRUSHES, tr("brush"), tr("brushes"))
