"""A skin colour that came from outside: a photo's, or a texture's."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from rhytid.core.read_only import read_only

UInt8 = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class AlbedoMap:
    """Skin colour in the chart.

    Attributes
    ----------
    srgb : uint8 (R, R, 3), read-only
        sRGB, no light in it.
    age : float
        Years of the face whose colour it is.
    digest : str
        sha256 of the texels, hexadecimal.
    iris : tuple of 3 floats or None
        Linear colour of both irises, 0..1; None where it is not known.
    """

    srgb: UInt8 = field(repr=False)
    age: float
    digest: str
    iris: tuple[float, float, float] | None = None

    @staticmethod
    def of(srgb: UInt8, age: float, iris: tuple[float, float, float] | None = None) -> AlbedoMap:
        """A map with its digest."""
        texels = read_only(np.ascontiguousarray(srgb, np.uint8))
        return AlbedoMap(texels, float(age), hashlib.sha256(texels.data).hexdigest(), iris)
