"""Strokes as SVG: one path per stroke, what SVG cannot say in data- attributes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

import numpy as np

from rhytid.core.lines.stroke import Stroke

VIEW_BOX = 1000.0


def strokes_to_svg(strokes: Sequence[Stroke]) -> str:
    """SVG of all strokes, viewBox 1000 x 1000 for the chart.

    Any drawing program shows it, and it holds all of a stroke.
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
