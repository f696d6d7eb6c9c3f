"""What an expression can be in a fit: the ARKit weights, both eyes looking the same way."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES, N_EXPRESSION, linked_name

Float64 = npt.NDArray[np.float64]

_LEFT_OUT = ("tongueOut",)  # no landmark lies on the tongue
# The mean of a weight that is not known, by its name or what that begins with; the first that fits counts.
_USUAL = {
    "eyeLook": 0.20, "eyeBlink": 0.20, "jawOpen": 0.15, "mouthRoll": 0.07, "mouthShrug": 0.07, "mouthPucker": 0.07,
    "mouthFunnel": 0.07, "cheekPuff": 0.06, "jawForward": 0.04, "mouthClose": 0.04,
}  # fmt: skip
_USUAL_OTHERS = 0.10


def _names() -> tuple[str, ...]:
    """One name for each control: of the two eyes' looks that go together, the left eye's."""
    looks_right = {linked_name(name) for name in ARKIT_NAMES if name.startswith("eyeLook") and name.endswith("Left")}
    return tuple(name for name in ARKIT_NAMES if name not in looks_right and name not in _LEFT_OUT)


CONTROLS = _names()
N_CONTROLS = len(CONTROLS)


def _matrix() -> Float64:
    matrix = np.zeros((N_CONTROLS, N_EXPRESSION))
    for row, name in enumerate(CONTROLS):
        matrix[row, ARKIT_INDEX[name]] = 1.0
        if name.startswith("eyeLook"):
            matrix[row, ARKIT_INDEX[linked_name(name)]] = 1.0
    return matrix


EXPRESSION_FROM_CONTROLS = _matrix()
"""Rows (47, 52): ``controls @ EXPRESSION_FROM_CONTROLS`` is the expression."""


def controls_of(expression: npt.NDArray[np.floating]) -> Float64:
    """Controls (47,) of an expression (52,): of two eyes that do not look the same way, the mean."""
    share = EXPRESSION_FROM_CONTROLS / EXPRESSION_FROM_CONTROLS.sum(axis=1, keepdims=True)
    controls: Float64 = np.clip(share @ np.asarray(expression, np.float64), 0.0, 1.0)
    return controls


def _usual(name: str) -> float:
    return next((mean for start, mean in _USUAL.items() if name.startswith(start)), _USUAL_OTHERS)


USUAL_STRENGTH: Float64 = np.array([_usual(name) for name in CONTROLS])
"""Mean of each control a priori, (47,): most are 0 in most pictures."""
