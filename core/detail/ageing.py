"""How far skin has aged at an age: hardly in one's twenties, ever faster later."""

from __future__ import annotations

from typing import Any

YOUNG_YEARS, OLD_YEARS = 16.0, 70.0
_BEND = 1.7  # roughness and sagging set in late; the first lines come as strokes with birth ages of their own


def skin_decades(years: Any) -> Any:
    """Decades that skin has aged since 16: 0 there, 5.4 at 70, growing as the power 1.7 of the years between.

    Parameters
    ----------
    years : float, array or tensor
        Ages; below 16 they count as 16.

    Returns
    -------
    float, array or tensor
        As `years`.
    """
    span = OLD_YEARS - YOUNG_YEARS
    past = years - YOUNG_YEARS
    past = (past + abs(past)) / 2
    return span / 10 * (past / span) ** _BEND
