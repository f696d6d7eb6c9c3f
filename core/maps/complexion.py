"""What colours of skin and eyes a person has, in the words of an artist."""

from __future__ import annotations

from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from rhytid.core.maps.random_stream import RandomStream
from rhytid.core.maps.tooth_color import USUAL_SHADE

Rgb = tuple[float, float, float]


@dataclass(frozen=True)
class Complexion:
    """Strengths of what colours a face, all 0..1; 0 of a layer leaves it out.

    Attributes
    ----------
    melanin : float
        0 the palest people .. 1 the darkest.
    warmth : float
        Share of red melanin, from cool to warm.
    blood : float
        Blood in all skin, from wan to ruddy.
    yellow : float
        Carotene and bilirubin, from pink to golden or sallow.
    flush : float
        Redness of cheeks, nose, chin and ears.
    blotches : float
        Uneven redness.
    mottling : float
        Fine unevenness of melanin and blood, pores included.
    freckles, moles : float
        How many, and how dark.
    age_spots : float
        How many the years bring, and how early.
    dark_circles : float
        Darkness under the eyes.
    lids : float
        Red-brown of upper lids and inner corners.
    lips : float
        Redness of the lips; their melanin follows the skin's.
    beard : float
        Shadow of a shaved beard.
    iris : float
        Melanin of the irises: 0 light blue, 0.4 green, 0.7 light brown, 1 nearly black.
    teeth : float
        Shade of the teeth at thirty, from B1 over A2 (0.35) to C4.
    """

    melanin: float = 0.22
    warmth: float = 0.30
    blood: float = 0.45
    yellow: float = 0.40
    flush: float = 0.45
    blotches: float = 0.35
    mottling: float = 0.45
    freckles: float = 0.12
    moles: float = 0.15
    age_spots: float = 0.50
    dark_circles: float = 0.40
    lids: float = 0.40
    lips: float = 0.50
    beard: float = 0.0
    iris: float = 0.68
    teeth: float = USUAL_SHADE


class Tone(NamedTuple):
    """A tone of skin to begin with."""

    name: str
    melanin: float
    warmth: float
    blood: float
    yellow: float


COMPLEXION_FIELDS = tuple(field.name for field in fields(Complexion))

TONES = (
    Tone("Porcelain", 0.03, 0.45, 0.50, 0.25), Tone("Fair", 0.16, 0.35, 0.50, 0.32),
    Tone("Light", 0.28, 0.30, 0.42, 0.45), Tone("Olive", 0.42, 0.22, 0.38, 0.60),
    Tone("Tan", 0.54, 0.22, 0.42, 0.50), Tone("Brown", 0.68, 0.18, 0.45, 0.45),
    Tone("Dark", 0.82, 0.15, 0.48, 0.40), Tone("Deep", 0.95, 0.10, 0.50, 0.35),
)  # fmt: skip
"""From the lightest to the darkest."""

# Linear colour of irises by their melanin.
_IRISES = MappingProxyType({
    0.0: (0.27, 0.36, 0.45), 0.22: (0.15, 0.215, 0.26), 0.42: (0.155, 0.185, 0.115), 0.58: (0.205, 0.165, 0.075),
    0.68: (0.17, 0.125, 0.075), 0.84: (0.095, 0.05, 0.024), 1.0: (0.036, 0.018, 0.010),
})  # fmt: skip


def iris_color(complexion: Complexion) -> Rgb:
    """Linear colour of the irises, as `core.maps.eye_color` takes it."""
    at = list(_IRISES)
    red, green, blue = (float(np.interp(complexion.iris, at, [c[k] for c in _IRISES.values()])) for k in range(3))
    return red, green, blue


_VARIED = 17  # numbers that vary the colours of skin, irises and hair


class RandomColors(NamedTuple):
    """Colours of a random person; melanin 0..1 and red share 0..1 of the hair."""

    complexion: Complexion
    hair_melanin: float
    hair_redness: float


def random_colors(seed: int) -> RandomColors:
    """A person of the world by seed: melanin of any amount, and what goes with it in hair, irises and marks.

    Light eyes and hair are found with light skin (Sulem et al. 2007, "Genetic determinants of hair, eye and skin
    pigmentation in Europeans"), red hair with pale skin and freckles; all else varies by itself.
    """
    stream = RandomStream(seed, 6)
    # The golden ratio: people of neighbouring seeds are far apart, those of many seeds evenly spread.
    at = seed * 0.6180339887498949 % 1.0
    melanin = float(np.interp(at, (0.0, 0.15, 0.40, 0.65, 0.85, 1.0), (0.02, 0.16, 0.30, 0.47, 0.72, 0.96)))
    chance = stream.draw()
    vary = (float(value) for value in stream.normal(_VARIED))
    light = max(0.0, 1.0 - melanin / 0.34)
    golden = float(np.exp(-(((melanin - 0.43) / 0.18) ** 2)))
    ginger = melanin < 0.20 and chance < 0.2
    values = {
        "melanin": melanin,
        "warmth": 0.32 - 0.22 * melanin + 0.05 * next(vary) + 0.2 * ginger,
        "blood": 0.46 + 0.07 * next(vary),
        "yellow": 0.34 + 0.22 * golden + 0.06 * next(vary),
        "flush": 0.45 - 0.15 * melanin + 0.12 * next(vary),
        "blotches": 0.32 + 0.12 * next(vary),
        "mottling": 0.45 + 0.10 * next(vary),
        "freckles": light * 0.35 * abs(next(vary)) + 0.5 * ginger,
        "moles": 0.12 + 0.12 * abs(next(vary)),
        "age_spots": 0.5 + 0.2 * next(vary),
        "dark_circles": 0.34 + 0.15 * golden + 0.14 * next(vary),
        "lids": 0.40 + 0.10 * next(vary),
        "lips": 0.50 + 0.15 * next(vary),
        "beard": 0.0,
        "iris": 0.93 - 0.65 * light + 0.05 * next(vary) * (1 + 5 * light),
    }
    hair = 0.93 - 0.5 * light + 0.05 * next(vary) * (1 + 3 * light) - 0.1 * ginger
    redness = 0.2 + 0.06 * next(vary) + 0.6 * ginger
    values["teeth"] = USUAL_SHADE + 0.14 * float(stream.normal(1)[0])
    complexion = Complexion(**{name: _share(value) for name, value in values.items()})
    return RandomColors(complexion, _share(hair), _share(redness))


def _share(value: float) -> float:
    return round(min(max(value, 0.0), 1.0), 4)
