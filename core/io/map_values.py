"""The values of the channels that were chosen: one of them, their sum, or the heights of a normal map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.anatomy import CHART_MM
from rhytid.core.io.errors import ChoiceNeeded, MapError
from rhytid.core.io.formats.picture import Layer, Pixels
from rhytid.core.io.map_channels import SUM, Group, ambiguous
from rhytid.core.io.map_meaning import FACESCAPE, MapReading
from rhytid.core.maps.normal_integration import integrate, likelier_green, on_skin, slopes, unit_vectors

Float32 = npt.NDArray[np.float32]
# Lossy compression may part the three channels of a grey by as much of their range.
_SAME = 0.005
_SURE_GREEN = 0.7
_FLAT = np.tile(np.array((-1, 0, 0, 1), np.float32) / np.float32(CHART_MM), (2, 2, 1))


@dataclass(frozen=True, eq=False)
class MapValues:
    """Values of a map as they lie in the file, cropped.

    Attributes
    ----------
    pixels : (H, H)
        As stored, or float32 where channels were added up or integrated.
    name : str
        The channel, for the artist.
    is_stored : bool
    n_added : int
        Channels that were added up; the sum has the zero of one of them.
    side_mm : float, optional
        Of heights from normals: mm that the picture's side stands for.
    on_skin : bool
        They are of the skin of a head that was known.
    notes : tuple of str
    """

    pixels: Pixels
    name: str
    is_stored: bool = True
    n_added: int = 1
    side_mm: float | None = None
    on_skin: bool = False
    notes: tuple[str, ...] = ()


def values_of(
    path: Path, group: Group, reading: MapReading, names: Sequence[str], mid: float | None,
    window: tuple[slice, slice], turn: Float32 | None = None,
) -> MapValues:  # fmt: skip
    """Decode what a group of channels holds.

    Parameters
    ----------
    names : sequence of str
        All channels of the file, to choose from.
    mid : float, optional
        The value of no displacement, as far as it is known; it is in each of the channels that are added up.
    window : rows, columns
        The part of the picture that is the chart.
    turn : float32 (r, r, 4), optional
        Of the head on whose skin normals are integrated, `ChartFrame.turn`; a flat chart of 200 mm without.

    Raises
    ------
    ChoiceNeeded
        The channels differ, and nobody said what they are.
    MapError
        The stored type cannot hold displacement.
    """
    layer, indices = group.layer, group.indices
    wants_normals = reading.normal_map not in (None, "no")
    may_be_normals = len(indices) == 3 and reading.normal_map != "no"
    if wants_normals and len(indices) != 3:
        raise MapError(f"{path}: a normal map needs three channels; {group.name} is not")
    _check_type(path, np.dtype(layer.dtypes[indices[0]]), may_be_normals)

    first, *others = (picture[window] for picture in layer.decode(indices))
    if group.family == "samples":  # one that holds the same everywhere is an alpha that nobody named
        others = [other for other in others if (other != other.flat[0]).any()]
    if not others:
        return MapValues(first, layer.channels[indices[0]])
    if reading.channel != SUM and not wants_normals and all(_same(first, other) for other in others):
        _check_type(path, first.dtype, False)
        return MapValues(first, layer.channels[indices[0]])
    channels = [_plain(channel) for channel in (first, *others)]
    normal = unit_vectors(channels) if may_be_normals and reading.channel != SUM else None
    if wants_normals:
        return _heights(path, channels if normal is None else normal, reading, normal is not None, turn)
    if normal is not None:
        raise ChoiceNeeded(
            f"{path}: {group.name} hold a normal map and no displacement; integrate it "
            "(--normal-map auto), or choose a channel (--channel)",
            "normal_map", ("auto", "opengl", "directx"),
        )  # fmt: skip
    _check_type(path, first.dtype, False)
    if reading.channel == SUM:
        if mid is None:
            mid = FACESCAPE.mid if first.dtype.kind == "u" or reading.unit == "normalised" else 0.0
        total = sum((channel - np.float32(mid) for channel in channels), np.full(first.shape, mid, np.float32))
        return MapValues(total, SUM, is_stored=False, n_added=len(channels))
    what = f"{group.name} differ (bands of detail, or a vector displacement): only one of them, or their sum, may"
    raise ambiguous(path, (*names, SUM), what)


def _check_type(path: Path, dtype: np.dtype[Any], may_be_normals: bool) -> None:
    if dtype.itemsize == 1 and not may_be_normals:
        raise MapError(f"{path}: 8-bit displacement shows bands; export 16 bits, or 32-bit EXR")


def _same(first: Pixels, other: Pixels) -> bool:
    if np.array_equal(first, other, equal_nan=first.dtype.kind == "f"):
        return True
    if first.dtype.kind != "f" or other.dtype.kind != "f":
        return False
    with np.errstate(invalid="ignore"):
        a, b = first.astype(np.float32), other.astype(np.float32)
        finite = np.isfinite(a) & np.isfinite(b)
        if not finite.any() or not np.array_equal(np.isfinite(a), np.isfinite(b)):
            return False
        return bool(np.abs(a - b)[finite].max() <= _SAME * np.ptp(a[finite]))


def _plain(pixels: Pixels) -> Float32:
    values = pixels.astype(np.float32)
    return values / np.float32(np.iinfo(pixels.dtype).max) if pixels.dtype.kind in "ui" else values


def _heights(
    path: Path, channels: Sequence[Float32], reading: MapReading, is_sure: bool, turn: Float32 | None
) -> MapValues:
    (across, down), green, notes = _slopes(path, channels, reading, is_sure)
    along = in_tile(across, down, reading)
    heights = integrate(*on_skin(*along, _FLAT if turn is None else turn)) / np.float32(CHART_MM)
    values = as_in_file(heights, reading)
    return MapValues(values, f"normals ({green})", False, side_mm=CHART_MM, on_skin=turn is not None, notes=notes)


def in_tile(across: Float32, down: Float32, reading: MapReading) -> tuple[Float32, Float32]:
    """Slopes of a picture that is turned as the reading says, as slopes along u and up v of its tile."""
    if reading.transpose:
        across, down = down, across
    along_u, along_v = (np.asarray(oriented(one, reading), np.float32) for one in (across, down))
    right, upward = np.float32(-1 if reading.flip_x else 1), np.float32(1 if reading.flip_y else -1)
    return along_u * right, along_v * upward


def slopes_of(
    path: Path, group: Group, reading: MapReading, window: tuple[slice, slice]
) -> tuple[tuple[Float32, Float32], str, tuple[str, ...]]:
    """Slopes that a group's normals stand for, as they lie in the file: along columns and down rows, float32 (H, W).

    With them come the direction of green, "opengl" or "directx", and notes. Raises `MapError` for what holds none.
    """
    if len(group.indices) != 3:
        raise MapError(f"{path}: a normal map needs three channels; {group.name} is not")
    channels = [_plain(picture[window]) for picture in group.layer.decode(group.indices)]
    normal = unit_vectors(channels)
    return _slopes(path, channels if normal is None else normal, reading, normal is not None)


def _slopes(
    path: Path, channels: Sequence[Float32], reading: MapReading, is_sure: bool
) -> tuple[tuple[Float32, Float32], str, tuple[str, ...]]:
    notes = [] if is_sure else ["the channels do not look like a tangent-space normal map"]
    normal = channels if is_sure else [2 * channel - 1 for channel in channels]
    green = str(reading.normal_map)
    if green == "auto":
        green, doubt = likelier_green(normal)
        if doubt > _SURE_GREEN:
            notes.append(f"green may point up or down, {green} is assumed (--normal-map)")
    if not all(np.isfinite(channel).all() for channel in normal):
        raise MapError(f"{path}: the normal map holds values that are not finite; fill them where it was made")
    return slopes(normal, green), green, tuple(notes)


def cropped(layer: Layer, crop: tuple[float, float, float, float] | str | None) -> tuple[int, int, int, int]:
    """x, y, width and height of the part that is the chart, in texels."""
    width, height = layer.width, layer.height
    if crop is None:
        return 0, 0, width, height
    if isinstance(crop, str):
        side = min(width, height)
        share = {"left": 0.0, "top": 0.0, "right": 1.0, "bottom": 1.0}.get(crop, 0.5)
        return int(share * (width - side)), int(share * (height - side)), side, side
    x0, y0, x1, y1 = round(crop[0] * width), round(crop[1] * height), round(crop[2] * width), round(crop[3] * height)
    return x0, y0, x1 - x0, y1 - y0


def oriented(values: Pixels, reading: MapReading) -> Pixels:
    """Values of the file in the chart's layout."""
    if reading.transpose:
        values = values.T
    if reading.flip_x:
        values = values[:, ::-1]
    return values[::-1] if reading.flip_y else values


def as_in_file(values: Pixels, reading: MapReading) -> Pixels:
    """The inverse of `oriented`."""
    if reading.flip_y:
        values = values[::-1]
    if reading.flip_x:
        values = values[:, ::-1]
    return values.T if reading.transpose else values
