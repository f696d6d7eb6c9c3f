"""A skin colour that came from outside: a photo's, or a texture's."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rhytid.core.maps.cavity import IN_FOLDS
from rhytid.core.maps.rect import Rect
from rhytid.core.maps.revisions import Revisions
from rhytid.core.read_only import read_only

UInt8 = npt.NDArray[np.uint8]
Rgb = tuple[float, float, float]

MOST_DARKENING = 8.0
"""Per mm: half a millimetre deep is then nearly black."""
AROUND_FIRST, AROUND_SPAN = -1.0, 3.0
"""The plane around the chart, in which skin that lies outside it has its colour: -1..2 of both coordinates."""


class SkinColors(NamedTuple):
    """Colour of all skin of a head, sRGB.

    Attributes
    ----------
    chart : uint8 (R, R, 3)
    around : uint8 (S, S, 3)
        Over the plane around the chart; one texel where all skin outside has one tone.
    darkening : 3 floats
        Per mm of a wrinkle's depth, see `core.maps.cavity`.
    gloss : uint8 (R, R) or None
        0 matt .. 255 oily; None where it is that of every face.
    revisions : Revisions or None
        Of a colour that changes by rectangles.
    """

    chart: UInt8
    around: UInt8
    darkening: Rgb = (0.0, 0.0, 0.0)
    gloss: UInt8 | None = None
    revisions: Revisions | None = None

    def changed_since(self, revision: int | None) -> Rect | None:
        """Texels of the chart that differ from an earlier revision; None for all of the skin."""
        return None if self.revisions is None else self.revisions.changed_since(revision)

    @staticmethod
    def of(chart: UInt8) -> SkinColors:
        """A chart whose border is one tone, and that tone around it."""
        return SkinColors(chart, chart[:1, :1], IN_FOLDS)


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
    around : uint8 (S, S, 3), read-only, or None
        sRGB of scalp, ears and neck, as `SkinColors.around`; None where they are as the chart's border.
    darkening : 3 floats
        How much darker wrinkles are than the light on them says, see `core.maps.cavity`; per mm, 0..8.
    head : str
        Digest of the head whose own file has this colour; "" for what came from elsewhere.
    """

    srgb: UInt8 = field(repr=False)
    age: float
    digest: str
    iris: Rgb | None = None
    around: UInt8 | None = field(default=None, repr=False)
    darkening: Rgb = (0.0, 0.0, 0.0)
    head: str = ""

    @staticmethod
    def of(
        srgb: UInt8,
        age: float,
        iris: Rgb | None = None,
        around: UInt8 | None = None,
        darkening: Rgb = (0.0, 0.0, 0.0),
        head: str = "",
    ) -> AlbedoMap:
        """A map with its digest."""
        texels = read_only(np.ascontiguousarray(srgb, np.uint8))
        digest = hashlib.sha256(texels.data)
        if around is not None:
            around = read_only(np.ascontiguousarray(around, np.uint8))
            digest.update(around.data)
        return AlbedoMap(texels, float(age), digest.hexdigest(), iris, around, darkening, head)
