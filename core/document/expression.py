"""The expression that a state amounts to, the action units in it, and the binding of what is drawn on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_NAMES, expression_array
from rhytid.core.detail.request import SourceDetail
from rhytid.core.document.action_units import action_unit_table
from rhytid.core.document.state import DocumentState
from rhytid.core.given import given_numbers
from rhytid.core.lines.activation import activation
from rhytid.core.lines.stroke import Binding, Onset, Stroke
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


def checked_expression(weights: Mapping[str, float] | Iterable[tuple[str, float]]) -> tuple[float, ...]:
    """52 weights out of some by name, the others 0; raises `ValueError` for an unknown name or what is not 0..1."""
    given = given_numbers(weights, "expression weights")
    unknown = [name for name in given if name not in ARKIT_NAMES]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no ARKit name, such as mouthSmileLeft")
    for name, weight in given.items():
        if not 0.0 <= weight <= 1.0:
            raise ValueError(f"{name} must be 0..1, not {weight:g}")
    return tuple(float(weight) for weight in expression_array(given))


def action_units_of(expression: npt.ArrayLike) -> dict[str, float]:
    """Intensities of the action units in an effective expression (52,), by name; see `ActionUnitTable.intensities`."""
    return dict(action_unit_table().intensities(expression))


def set_or_shown_action_units(state: DocumentState) -> dict[str, float]:
    """The action units that an artist set or, where none is set, those in the expression."""
    return dict(state.action_units) or action_units_of(effective_expression(state))


@dataclass(frozen=True, eq=False)
class ExpressedFace:
    """What of a face decides how strongly a stroke shows.

    Attributes
    ----------
    expression : float32 (52,)
        Effective weights.
    age : float
        Years.
    """

    expression: Float32
    age: float

    @classmethod
    def of(cls, state: DocumentState) -> ExpressedFace:
        return cls(effective_expression(state), state.age)

    @classmethod
    def at_capture(cls, source: SourceDetail) -> ExpressedFace:
        return cls(np.asarray(source.expression, np.float32), source.age)

    @cached_property
    def action_units(self) -> dict[str, float]:
        return action_units_of(self.expression)

    def share_of(self, stroke: Stroke) -> float:
        """Share of the stroke's depth that shows, 0..1."""
        return activation(stroke, self.expression, self.action_units, self.age)


def binding_to(onset: Onset, weights: Iterable[tuple[str, float]]) -> Binding:
    """The binding of a stroke drawn at these weights; small ones play no role, and without any it always shows."""
    kept = tuple(sorted((name, round(float(value), 4)) for name, value in weights if value >= _BINDING_THRESHOLD))
    return Binding(onset, kept) if kept else Binding()


def expression_binding(state: DocumentState) -> Binding:
    """The binding of a stroke drawn on the present expression; always there when the face is neutral."""
    return binding_to(Onset.EXPRESSION, zip(ARKIT_NAMES, effective_expression(state), strict=True))
