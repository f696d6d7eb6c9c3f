"""The expression that a state amounts to, and the binding of what is drawn on it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.document.action_units import action_unit_table
from rhytid.core.document.state import DocumentState
from rhytid.core.lines.stroke import Binding, Onset
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]

# Below this weight a shape moves the skin by less than a tenth of a millimetre; a binding leaves it out.
_BINDING_THRESHOLD = 0.02


def effective_expression(state: DocumentState) -> Float32:
    """ARKit weights and action units together, float32 (52,) read-only, clipped to 0..1.

    Action units that the table does not have (a project from a program with a larger table) count as 0.
    """
    total = np.asarray(state.expression, np.float64)
    weights = action_unit_table().weights
    for name, intensity in state.action_units:
        if name in weights:
            total = total + intensity * weights[name]
    return read_only(np.clip(total, 0.0, 1.0).astype(np.float32))


def expression_binding(state: DocumentState) -> Binding:
    """The binding of a stroke drawn on the present expression; always there when the face is neutral."""
    expression = effective_expression(state)
    weights = tuple(
        sorted(
            (name, round(float(value), 4))
            for name, value in zip(ARKIT_NAMES, expression, strict=True)
            if value >= _BINDING_THRESHOLD
        )
    )
    return Binding(Onset.EXPRESSION, weights) if weights else Binding()
