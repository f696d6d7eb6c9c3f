"""Cross-sections of wrinkles and how depth and width run along a stroke.

Every cross-section is a polynomial in the squared distance q = (distance / half width)^2, cut off where it
meets zero with zero slope: no transcendental function, so each texel's value is the same bit for bit
however the map is cut into windows, and no square root is needed.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.lines.stroke import Profile

Float32 = npt.NDArray[np.float32]

# Squared support in half widths. WRINKLE: (q - 1)(1 - q/7.5)^4 has its bulge of 0.30 depths at 1.5 half
# widths and gives back about half of the valley's area, as skin that is pushed aside does.
_WRINKLE_SUPPORT = 7.5
_CREASE_SUPPORT = 2.0
_FOLD_BULGE_SUPPORT = 10.0
_FOLD_PLAIN_SUPPORT = 4.0
_FINE_LINE_SUPPORT = 1.6
_SCAR_SUPPORT = 2.25
_SUPPORT = {
    Profile.WRINKLE: _WRINKLE_SUPPORT,
    Profile.CREASE: _CREASE_SUPPORT,
    Profile.FOLD: _FOLD_BULGE_SUPPORT,
    Profile.FINE_LINE: _FINE_LINE_SUPPORT,
    Profile.SCAR: _SCAR_SUPPORT,
}
THINNEST_BREADTH = 0.1
"""Share of the width below which a stroke gets no thinner."""

TAPER_WIDTHS = 4.0  # length of the fading end in stroke widths
TAPER_SHARE = 0.45  # and at most this share of the stroke
_TIP = 0.45  # share of the depth that is left at the very ends
_THINNEST = 0.65  # width at effect 0 as a share of the full width


def support_radius(profile: Profile) -> float:
    """Distance in half widths beyond which the cross-section is exactly 0."""
    return float(np.sqrt(_SUPPORT[profile]))


def cross_section(profile: Profile, q: Float32, side: npt.NDArray[np.bool_] | None = None) -> Float32:
    """Relief of a stroke of depth 1 across its line: -1 in the valley, positive on bulges.

    Parameters
    ----------
    profile : Profile
    q : float32, any shape
        Squared distance to the line in half widths, 0 or more, finite.
    side : bool, shape of q
        True to the left of the stroke's direction as seen in the chart (x right, y down); only
        `Profile.FOLD` needs it: the bulge is there.

    Returns
    -------
    float32, shape of q
        Zero crossing of a wrinkle at q = 1, exactly 0 beyond the support.
    """
    if profile is Profile.CREASE:
        value = falloff(q, _CREASE_SUPPORT)
        value *= value
        value *= np.float32(-1)
        return value
    if profile is Profile.FINE_LINE:
        value = falloff(q, _FINE_LINE_SUPPORT)
        value *= np.float32(-1)
        return value
    if profile is Profile.SCAR:
        value = q * np.float32(1 / _SCAR_SUPPORT)
        value *= value
        np.minimum(value, np.float32(1), out=value)
        value -= np.float32(1)
        value *= np.abs(value)
        return value
    if profile is Profile.WRINKLE or side is None:
        value = falloff(q, _WRINKLE_SUPPORT if profile is Profile.WRINKLE else _FOLD_BULGE_SUPPORT)
        value *= q - np.float32(1)
        return value
    bulge = falloff(q, _FOLD_BULGE_SUPPORT)
    bulge *= q - np.float32(1)
    plain = falloff(q, _FOLD_PLAIN_SUPPORT)
    plain *= np.float32(-1)
    return np.where(side, bulge, plain)


def falloff(q: Float32, support: float) -> Float32:
    """max(1 - q / support, 0)^4."""
    value = q * np.float32(-1 / support)
    value += np.float32(1)
    np.maximum(value, np.float32(0), out=value)
    value *= value
    value *= value
    return value


def width_factor(effect: Float32, breadth: Float32 | None = None) -> Float32:
    """Local width as a share of the stroke's width.

    Parameters
    ----------
    effect : float32, any shape
        Pressure times taper, 0..1.
    breadth : float32, shape of effect, optional
        Share of the width that the stroke has there by itself; 1 when missing.
    """
    factor = effect * np.float32(1 - _THINNEST)
    factor += np.float32(_THINNEST)
    if breadth is not None:
        factor *= np.maximum(breadth, np.float32(THINNEST_BREADTH))
    return factor


def taper(along: npt.NDArray[np.float64], length: float, width: float) -> npt.NDArray[np.float64]:
    """Share of the depth that is left at arc length `along`: smooth from a round, shallow tip at both ends to 1.

    Parameters
    ----------
    along : float64 (N,)
        Arc length from the stroke's start, 0..length, in the unit of `width`.
    """
    fade = taper_length(length, width)
    if fade <= 0:
        return np.zeros_like(along)
    x = np.clip(np.minimum(along, length - along) / fade, 0, 1)
    return np.asarray(_TIP + (1 - _TIP) * x * x * (3 - 2 * x))


def taper_length(length: float, width: float) -> float:
    """Length over which the depth of a stroke of `length` and `width` fades at each end."""
    return min(TAPER_SHARE * length, TAPER_WIDTHS * width)
