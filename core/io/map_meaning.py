"""What the values of a map mean: the reader's options, the usual conventions and how sure a guess is.

Three conventions are known without asking:

- ours: 16-bit PNG or TIFF whose scale and mid are stated inside and in a JSON of the same name beside it;
- FaceScape's 16-bit PNG: 32768 is 0 and +-32768 are +-0.914 mm (the authors' statement in issue 23 of
  zhuhao-nju/facescape; their 4096 maps share the scale, but lie in FaceScape's own texture space and
  need `MapReading.crop` to the chart);
- floating point (EXR, TIFF, NPY): mm, 0 is 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.io.errors import MapError
from rhytid.core.io.map_no_data import FILL, KEEP
from rhytid.core.io.map_statement import Scaling, Statement

UNITS = ("mm", "cm", "m", "normalised")
NORMAL_MAPS = ("auto", "opengl", "directx", "no")
CROPS = ("left", "centre", "right", "top", "middle", "bottom")
LAYOUTS = ("chart", "own")
TILES = 1001, 9999
IMPLAUSIBLE_MM = 5.0
_FULL_16 = 65535.0
ZERO_16 = 32768
FACESCAPE = Scaling(scale_mm=0.914 * _FULL_16 / 32768, mid=ZERO_16 / _FULL_16)
MILLIMETRES = Scaling()
_MM_PER_UNIT = {"mm": 1.0, "cm": 10.0, "m": 1000.0}
_FLAT_MM, _SHALLOW_MM = 0.01, 0.05
_FAR_FROM_ZERO = 0.1  # of a range of 1


@dataclass(frozen=True)
class MapReading:
    """How a map file is to be read. Whatever is None is taken from the file, or as such files usually are.

    Attributes
    ----------
    channel : str, int or None
        Name of a channel, layer, part, page or array; a number counting from 0; "sum" adds the channels up.
    scale_mm : float or None
        mm per unit of the value; integer values run from 0 to 1 (signed ones from -1). Of a normal map: mm from
        one side of the picture to the other, 200 as on the head. Negative turns valleys into ridges.
    mid : float or None
        The value that stands for no displacement.
    unit : str or None
        "mm", "cm", "m": unit of floating-point values, 0 is no displacement. "normalised": 0..1, 0.5 is none.
    flip_x, flip_y : bool
        Mirror left and right, top and bottom (after `transpose`).
    transpose : bool
        Exchange rows and columns first.
    crop : tuple, str or None
        Part of the picture that is the chart, applied first: (x0, y0, x1, y1) as fractions of its width and height,
        or the place of the largest square: "left", "centre", "right", "top", "middle", "bottom".
    no_data : str, float or None
        "fill": fill texels without a value smoothly from their surroundings; a number: those that hold it as well;
        "keep": take every value as it is.
    normal_map : str or None
        "opengl", "directx" (y up, down), "auto": integrate the normals that the channels hold; "no": they hold none.
    layout : str
        "chart", or "own" for a map in the head's own texture coordinates, which its reader must have.
    tile : int or None
        UDIM tile of the own layout that the file is of; by its name, or else the one that holds most of the face.

    Raises
    ------
    MapError
        A value is out of its range.
    """

    channel: str | int | None = None
    scale_mm: float | None = None
    mid: float | None = None
    unit: str | None = None
    flip_x: bool = False
    flip_y: bool = False
    transpose: bool = False
    crop: tuple[float, float, float, float] | str | None = None
    no_data: str | float | None = None
    normal_map: str | None = None
    layout: str = "chart"
    tile: int | None = None

    def __post_init__(self) -> None:
        for value, what in ((self.scale_mm, "scale_mm"), (self.mid, "mid")):
            if value is not None and not isinstance(value, (int, float, np.integer, np.floating)):
                raise MapError(f"{what} must be a number, not {value!r:.80}")
        Scaling(1.0 if self.scale_mm is None else self.scale_mm, self.mid or 0.0)
        if self.unit not in (None, *UNITS):
            raise MapError(f"unit must be one of {', '.join(UNITS)}, not {self.unit!r}")
        if self.unit in _MM_PER_UNIT and self.scale_mm is not None:
            raise MapError(f"a unit of {self.unit} and a scale of {self.scale_mm:g} mm contradict each other; give one")
        if self.normal_map not in (None, *NORMAL_MAPS):
            raise MapError(f"normal_map must be one of {', '.join(NORMAL_MAPS)}, not {self.normal_map!r}")
        if self.layout not in LAYOUTS:
            raise MapError(f"layout must be one of {', '.join(LAYOUTS)}, not {self.layout!r:.80}")
        if self.tile is not None and not (isinstance(self.tile, int) and TILES[0] <= self.tile <= TILES[1]):
            raise MapError(f"a UDIM tile is {TILES[0]}..{TILES[1]}, not {self.tile!r:.80}")
        if isinstance(self.no_data, str) and self.no_data not in (FILL, KEEP):
            raise MapError(f"no_data must be {FILL!r}, {KEEP!r} or a number, not {self.no_data!r}")
        if isinstance(self.crop, str):
            if self.crop not in CROPS:
                raise MapError(f"crop must be one of {', '.join(CROPS)} or four fractions, not {self.crop!r}")
        elif self.crop is not None:
            if not isinstance(self.crop, tuple) or len(self.crop) != 4:
                raise MapError(f"crop must be one of {', '.join(CROPS)} or four fractions, not {self.crop!r:.80}")
            x0, y0, x1, y1 = self.crop
            if not (0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1):
                raise MapError(f"crop {self.crop} must be x0 < x1, y0 < y1 within 0..1")


AS_STATED = MapReading()


@dataclass(frozen=True)
class Meaning:
    """What values are taken for.

    Attributes
    ----------
    scaling : Scaling
    certain : bool
        The file, its JSON or the artist states it; otherwise it is the likeliest one.
    reason : str
        Where it comes from, for the artist.
    is_guess : bool
        Nothing speaks for it but habit, so that the artist should be told.
    is_known : bool
        Not even habit speaks for it: the scale is one to begin with.
    """

    scaling: Scaling
    certain: bool
    reason: str
    is_guess: bool = False
    is_known: bool = True


def meaning_of(path: Path, dtype: np.dtype[Any], reading: MapReading, stated: Statement | None) -> Meaning:
    """Scale and mid of values of a type.

    Parameters
    ----------
    stated : Statement, optional
        What the file or the JSON beside it says.

    Raises
    ------
    MapError
        The options contradict the file.
    """
    is_integer = dtype.kind in "ui"
    if reading.unit in _MM_PER_UNIT:
        if is_integer:
            raise MapError(f"{path}: {dtype} values have no unit; say what they mean with scale and mid")
        scale_mm = _MM_PER_UNIT[str(reading.unit)]
        return Meaning(Scaling(scale_mm, reading.mid or 0.0), True, f"{reading.unit}, as you say")
    usual = _usual(dtype, reading, stated)
    if usual is None:
        middle = Scaling(1.0, 0.0 if dtype.kind == "i" else 0.5)
        is_known = reading.scale_mm is not None
        usual = Meaning(middle, False, f"{dtype}, the middle of the range is zero", True, is_known)
    given = [value for value in (reading.scale_mm, reading.mid) if value is not None]
    if not given:
        return usual
    scaling = Scaling(
        usual.scaling.scale_mm if reading.scale_mm is None else reading.scale_mm,
        usual.scaling.mid if reading.mid is None else reading.mid,
    )
    if len(given) == 2:
        return Meaning(scaling, True, "as you say")
    reason = f"{usual.reason}; {'zero' if reading.scale_mm is None else 'scale'} as you say"
    return Meaning(scaling, usual.certain, reason, usual.is_guess, usual.is_known)


def _usual(dtype: np.dtype[Any], reading: MapReading, stated: Statement | None) -> Meaning | None:
    if reading.unit == "normalised":
        mid = FACESCAPE.mid if dtype.kind == "u" else 0.5
        reason = "0..1 around the middle, FaceScape's ±0.914 mm"
        return Meaning(Scaling(FACESCAPE.scale_mm, mid), False, reason, reading.scale_mm is None)
    if stated is not None:
        return Meaning(stated.scaling, True, stated.where)
    if dtype.kind == "f":
        return Meaning(MILLIMETRES, False, "floating point: mm, 0 is no displacement")
    if dtype == np.uint16:
        reason = "16 bits, no scale given: FaceScape's ±0.914 mm, 32768 = 0"
        return Meaning(FACESCAPE, False, reason, True)
    return None


def normal_map_meaning(reading: MapReading, side_mm: float, on_skin: bool) -> Meaning:
    """Heights of an integrated normal map are parts of the picture's side; `on_skin` of a known head they are sure."""
    if reading.scale_mm is not None:
        return Meaning(Scaling(reading.scale_mm, reading.mid or 0.0), True, "as you say")
    if on_skin:
        return Meaning(Scaling(side_mm, reading.mid or 0.0), True, "heights from normals, on skin of the head's size")
    reason = f"heights from normals, the picture {side_mm:g} mm wide as the chart"
    return Meaning(Scaling(side_mm, reading.mid or 0.0), False, reason, True)


def doubts(low_mm: float, high_mm: float) -> str:
    """What speaks against a range of displacement being skin; empty when nothing does."""
    largest = max(abs(low_mm), abs(high_mm))
    if largest > IMPLAUSIBLE_MM:
        rarely = f"Skin detail rarely exceeds {IMPLAUSIBLE_MM:g} mm"
        return f"{rarely}, this reaches {largest:.3g} mm. Check scale and zero."
    if largest < _FLAT_MM:
        return f"This is nearly flat: {largest:.2g} mm at most. Check the scale."
    if low_mm > 0.0 or high_mm < 0.0:
        return "Everything lies on one side of the skin. Check which value stands for zero."
    return ""


def doubts_of_values(values: npt.NDArray[np.float64], dtype: np.dtype[Any], scaling: Scaling) -> str:
    """What speaks against a scaling that nobody stated, and the option that would tell; empty when nothing does.

    Parameters
    ----------
    values : float64 (N,)
        Of texels all over the map and both ends of its range, integers divided by their largest.
    dtype : dtype
        As they are stored.
    """
    low, high, median = float(values.min()), float(values.max()), float(np.median(values))
    largest = max(abs(low), abs(high))
    if dtype.kind == "f" and low >= 0.0 and high <= 1.0 and abs(median - 0.5) < 0.2:
        remedy = "set scale and zero (--unit normalised --scale MM)"
        return f"The values lie in 0..1 around 0.5, as of a normalised map: {remedy}."
    if dtype.kind == "f" and low >= 0.0 and median > _FAR_FROM_ZERO and high <= 1.0:
        zero = f"--mid {median:.3g}"
        return f"The values lie in 0..1 and most near {median:.3g}, as of a normalised map (--scale MM {zero})."
    if dtype.kind == "f" and largest == 1.0:
        return "The largest value is exactly 1, as of a normalised map: how many mm is that (--scale MM)?"
    if dtype.kind == "f" and 0.0 < largest < _SHALLOW_MM:
        unit = "metres (--unit m)" if largest < _FLAT_MM else "centimetres (--unit cm) or inches (--scale 25.4)"
        return f"Nearly flat: {largest:.2g} mm at most. Are these {unit}?"
    if dtype.kind == "u" and abs(median - scaling.mid) > _FAR_FROM_ZERO:
        return f"Most texels lie at {median:.3g} and not at {scaling.mid:.3g}: which value is zero (--mid)?"
    return ""
