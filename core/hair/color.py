"""Colour of hair from its pigments, and how many hairs are grey at an age."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.hair.settings import Hair

Float32 = npt.NDArray[np.float32]

# Absorption of eumelanin and pheomelanin per channel: in the order of d'Eon et al. 2011, "An energy-conserving hair
# reflectance model", but nearer to each other, for here a hair's colour is that of all light that many hairs scatter.
_EUMELANIN = np.array([0.62, 0.74, 0.90])
_PHEOMELANIN = np.array([0.36, 0.74, 1.20])
_DENSITY = 2.8
_WHITE = np.array([0.62, 0.60, 0.57])
_DARKEST = 0.008

GREYING: dict[str, tuple[float, float, float]] = {
    "brows": (42.0, 45.0, 0.8),
    "lashes": (55.0, 60.0, 0.4),
    "stubble": (32.0, 35.0, 0.95),
    "vellus": (40.0, 60.0, 0.5),
}
"""Of each kind: age at which the first hair is grey, years until the share is 1, the most."""


def grey_share(kind: str, age: float, more: float) -> float:
    """Share of grey hairs, 0..1, of a kind at an age in years; `more` is `Hair.grey`."""
    first, span, most = GREYING[kind]
    return float(np.clip(min(max(age - first, 0.0) / span, most) + more, 0.0, 1.0))


def strand_colors(kind: str, hair: Hair, age: float, tint: Float32, grey_at: Float32) -> Float32:
    """Linear colour of each strand, float32 (N, 3).

    Parameters
    ----------
    tint, grey_at : float32 (N,)
        As `Strands` has them.
    """
    melanin = hair.melanin
    if kind == "lashes":  # darker than the rest, vellus far lighter
        melanin = 1 - 0.45 * (1 - melanin)
    elif kind == "vellus":
        melanin = 0.45 * melanin
    # Hairs of one head differ by a quarter of their pigment.
    pigment = -np.log(np.maximum(1 - 0.985 * melanin, 1e-3)) * _DENSITY * (1 + 0.5 * (tint - 0.5))[:, None]
    absorption = (1 - hair.redness) * _EUMELANIN + hair.redness * _PHEOMELANIN
    color = np.maximum(_WHITE * np.exp(-pigment * absorption), _DARKEST)
    grey = grey_at < grey_share(kind, age, hair.grey)
    color[grey] = _WHITE * (0.8 + 0.2 * tint[grey])[:, None]
    return np.asarray(color, np.float32)


def mean_color(kind: str, hair: Hair, age: float) -> tuple[float, float, float]:
    """Linear colour of many hairs of a kind, the grey ones among them: what is painted where no strands are."""
    middle = np.full(1, 0.5, np.float32)
    colored = strand_colors(kind, hair, age, middle, np.ones(1, np.float32))[0]
    grey = grey_share(kind, age, hair.grey)
    red, green, blue = (round(float(value), 5) for value in (1 - grey) * colored + grey * 0.9 * _WHITE)
    return red, green, blue
