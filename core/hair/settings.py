"""What an artist sets about the hair of a face."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hair:
    """Densities, shape and colour.

    Attributes
    ----------
    brows, lashes, stubble, vellus : float
        Density, 0..2; 1 is common, 0 none.
    length, thickness : float
        Factors, 0.3..2.
    melanin : float
        0..1: white, blond, brown, black.
    redness : float
        0..1, share of the red pigment.
    grey : float
        -1..1, added to the share of grey hairs that the age brings.
    over_albedo : bool
        Strands also over a skin colour that was brought in, which has its own brows and lashes.
    """

    brows: float = 1.0
    lashes: float = 1.0
    stubble: float = 0.0
    vellus: float = 0.0
    length: float = 1.0
    thickness: float = 1.0
    melanin: float = 0.82
    redness: float = 0.25
    grey: float = 0.0
    over_albedo: bool = False
