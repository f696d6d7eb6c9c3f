"""The expression that brings strokes out, and the way there and back."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX, N_EXPRESSION
from rhytid.core.document.action_units import action_unit_table
from rhytid.core.lines.stroke import Binding, Stroke
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
RISE_S, HOLD_S, FALL_S = 1.0, 0.9, 1.0
DURATION_S = RISE_S + HOLD_S + FALL_S


def expression_of(binding: Binding) -> Float32:
    """The expression at which a binding shows its strokes fully, float32 (52,); all 0 for one that always shows."""
    total = np.zeros(N_EXPRESSION)
    units = action_unit_table().weights
    for name, value in binding.weights:
        if name in ARKIT_INDEX:
            total[ARKIT_INDEX[name]] += value
        elif name in units:
            total += value * units[name]
    return read_only(np.clip(total, 0, 1).astype(np.float32))


def bringing_out(strokes: Iterable[Stroke]) -> Float32 | None:
    """The expression in which all of the strokes show, float32 (52,); None when no expression plays a role."""
    wanted = [expression_of(stroke.binding) for stroke in strokes]
    together: Float32 = np.max(wanted, axis=0, initial=0.0) if wanted else np.zeros(N_EXPRESSION, np.float32)
    return read_only(together.astype(np.float32)) if together.any() else None


def share_shown(time_s: float) -> float:
    """Share of the way to the expression at a time of the show, 0..1: up, a while there, and back."""
    x = min(time_s / RISE_S, (DURATION_S - time_s) / FALL_S, 1.0)
    x = max(x, 0.0)
    return x * x * (3 - 2 * x)
