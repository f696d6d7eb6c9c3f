"""How strongly a stroke shows: its onset, times its age, times whether it is visible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import grown_share
from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.lines.response import Response
from rhytid.core.lines.stroke import Onset, Stroke

USUAL_GROWTH = tuple((x / 4, (x / 4) ** 2 * (3 - x / 2)) for x in range(5))
"""Points on the curve of strokes without a growth of their own."""


def activation(
    stroke: Stroke,
    expression: npt.NDArray[np.float32],
    action_units: Mapping[str, float] | Iterable[tuple[str, float]],
    age: float,
) -> float:
    """Share of the stroke's depth that shows, 0..1.

    Parameters
    ----------
    expression : float32 (52,)
        Current ARKit weights.
    action_units : mapping or pairs of name and intensity
        Current action units, missing ones 0.
    age : float
        Years.
    """
    if not stroke.visible:
        return 0.0
    grown = grown_share(stroke.birth_age, age)
    if grown == 0.0 or stroke.binding.onset is Onset.ALWAYS:
        return grown
    if stroke.binding.onset is Onset.EXPRESSION:
        current = {
            name: float(expression[ARKIT_INDEX[name]]) for name, _ in stroke.binding.weights if name in ARKIT_INDEX
        }
    else:
        current = dict(action_units)
    return grown * onset_share(stroke.binding.weights, current, stroke.binding.growth)


def onset_share(
    captured: Iterable[tuple[str, float]], current: Mapping[str, float], growth: tuple[tuple[float, float], ...] = ()
) -> float:
    """Projection of the current weights on those at which the stroke was drawn, as it grows, 0..1.

    1 at the captured weights and beyond; weights that the stroke was not drawn with play no role, so a blink
    does not move a smile line. A stroke that was drawn without any weight shows always.
    """
    pairs = [(weight, current.get(name, 0.0)) for name, weight in captured]
    norm = sum(weight * weight for weight, _ in pairs)
    if norm <= 1e-8:
        return 1.0
    return growth_at(growth, sum(weight * now for weight, now in pairs) / norm)


def growth_at(growth: tuple[tuple[float, float], ...], way: float) -> float:
    """Share of a stroke's depth at a share of the way to its expression, 0..1; see `Binding.growth`."""
    if not growth:
        return _ease(way)
    return growth_curve(growth)(way)


@lru_cache(maxsize=256)
def growth_curve(growth: tuple[tuple[float, float], ...]) -> Response:
    """The curve of a growth, all along its way; the usual one for none."""
    return Response.through(growth or USUAL_GROWTH)


def _ease(x: float) -> float:
    """Smoothstep: 0 below 0, 1 above 1, flat at both ends."""
    x = min(max(x, 0.0), 1.0)
    return x * x * (3 - 2 * x)
