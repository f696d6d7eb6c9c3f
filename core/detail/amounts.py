"""How much of each of many strokes shows in a pose: a slider asks it of hundreds of wrinkles at every step."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import grown_shares
from rhytid.core.detail.request import Pose
from rhytid.core.lines.activation import activation
from rhytid.core.lines.stroke import Binding, Stroke

Float64 = npt.NDArray[np.float64]


def amounts(strokes: tuple[Stroke, ...], *poses: Pose) -> Float64:
    """`Pose.amount` of each stroke in each pose, bit for bit, float64 (poses, strokes)."""
    if not strokes:
        return np.zeros((len(poses), 0))
    birth_age, visible, kinds, kind = _prepared(strokes)
    rows = []
    for pose in poses:
        onset = np.array([activation(one, pose.expression, pose.action_units, pose.age) for one in kinds])
        strength = np.array([pose.strength(one) for one in kinds])
        rows.append(grown_shares(birth_age, pose.age) * visible * onset[kind] * strength[kind])
    return np.array(rows, np.float64)


@lru_cache(maxsize=8)
def _prepared(
    strokes: tuple[Stroke, ...],
) -> tuple[Float64, Float64, tuple[Stroke, ...], npt.NDArray[np.intp]]:
    """Birth ages, 1 for visible strokes, one grown stroke of each binding, and which of them each stroke is like."""
    number: dict[Binding, int] = {}
    kind = np.array([number.setdefault(stroke.binding, len(number)) for stroke in strokes])
    first = np.unique(kind, return_index=True)[1]
    return (
        np.array([stroke.birth_age for stroke in strokes], np.float64),
        np.array([stroke.visible for stroke in strokes], np.float64),
        tuple(replace(strokes[at], birth_age=0.0, visible=True) for at in first),
        kind,
    )
