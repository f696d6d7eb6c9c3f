"""Landmarks of a head that a person put in place, so that the default head is laid onto it as they say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

N_LANDMARKS = 68
FARTHEST_MM = 2000.0


@dataclass(frozen=True)
class HeadPin:
    """Where one landmark belongs.

    Attributes
    ----------
    landmark : int
        0..67, of iBUG's.
    place_mm : (float, float, float)
        On the skin of the neutral shape, as `Head.neutral` has it.
    """

    landmark: int
    place_mm: tuple[float, float, float]


def check_pins(pins: Sequence[HeadPin]) -> None:
    """Raises `ValueError` unless each pin has a landmark of its own and a place near a head."""
    numbers = [pin.landmark for pin in pins]
    if any(not 0 <= number < N_LANDMARKS for number in numbers) or len(set(numbers)) < len(numbers):
        raise ValueError(f"pins of a head must be of different landmarks, 0 to {N_LANDMARKS - 1}")
    for pin in pins:
        if any(not math.isfinite(value) or abs(value) > FARTHEST_MM for value in pin.place_mm):
            raise ValueError(f"the pin of landmark {pin.landmark} must lie within {FARTHEST_MM:.0f} mm")
