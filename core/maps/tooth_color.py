"""Colour of teeth: a shade like those of a dentist's guide, and what the years add.

Shades run as the guide orders them by value, from B1 over A2 and A3 to C4. Enamel wears thin and lets the yellow
dentine through, so teeth grow darker and yellower with the years (Odioso et al., "Impact of demographic, behavioral,
and dental care utilization parameters on tooth color and personal satisfaction", 2000); edges lose their translucent
rim and take stain. The amounts are ours.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rhytid.core.maps.albedo_map import Rgb

USUAL_SHADE = 0.35
"""A2, the commonest."""
# Natural logarithm of the colour per shade, red, green and blue: dark shades are yellower, not only darker.
_PER_SHADE = (-0.30, -0.50, -0.90)
_YEARS_SHADE = 0.42  # what the years from 30 to 80 add
_YOUNG, _OLD = 30.0, 80.0


class Enamel(NamedTuple):
    """What a person's teeth are like.

    Attributes
    ----------
    tint : 3 floats
        Factor on the linear colour of teeth of the usual shade at thirty.
    wear : float
        0..1: how far edges have lost their enamel.
    """

    tint: Rgb = (1.0, 1.0, 1.0)
    wear: float = 0.0


def enamel(shade: float, age: float) -> Enamel:
    """Teeth of a shade, 0 the lightest to 1 the darkest, at an age in years."""
    years = float(np.clip((age - _YOUNG) / (_OLD - _YOUNG), -0.3, 1.0))
    darker = shade - USUAL_SHADE + _YEARS_SHADE * years
    red, green, blue = (float(np.exp(slope * darker)) for slope in _PER_SHADE)
    return Enamel((red, green, blue), max(years, 0.0))
