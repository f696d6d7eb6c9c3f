"""What a map file says of itself before anything is decoded.

A few bytes can announce gigabytes of pixels, so every format describes its pictures first and decodes only the
channels that are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.io.errors import MapError

Pixels = npt.NDArray[Any]

MIN_SIDE, MAX_SIDE = 64, 8192
MAX_FILE_BYTES = 1 << 30
MAX_TEXT_BYTES = 1 << 16
_MAX_PICTURE_SIDE = 2 * MAX_SIDE
_MAX_UNPACKED_BYTES = 1 << 30
# Relief is noise-like: what shrinks more than this and is large as well is no map but a bomb.
_MODEST_BYTES, _MAX_RATIO = 1 << 28, 64


@dataclass(frozen=True)
class Layer:
    """One picture of a map file: a PNG, a page of a TIFF, a part of an EXR, an array of an NPY or NPZ.

    Attributes
    ----------
    kind : str
        "png", "tiff", "exr" or "npy".
    width, height : int
        Texels of what `decode` gives: turned upright, and of the size that is to be shown.
    channels : tuple of str
        Full names, "R", "ViewLayer.Combined.R" or "1"; unique in the file.
    dtypes : tuple of str
        numpy names of the stored values of each channel, in the machine's byte order.
    decode : callable
        Indices of channels -> their stored values, each (height, width).
    facts : mapping
        Texts and numbers that the file holds beside its pixels, by their names.
    no_data : float, optional
        The stored value that the file names as no data.
    notes : tuple of str
        What an artist should know of this picture.
    """

    kind: str
    width: int
    height: int
    channels: tuple[str, ...]
    dtypes: tuple[str, ...]
    decode: Callable[[Sequence[int]], list[Pixels]]
    facts: Mapping[str, object] = field(default_factory=dict)
    no_data: float | None = None
    notes: tuple[str, ...] = ()


def damaged(path: Path, reason: object) -> MapError:
    """The error for a file whose content contradicts its format."""
    return MapError(f"{path}: the file is damaged or incomplete ({shown(reason)}); copy or export it again")


def shown(text: object) -> str:
    """One short line of what a file holds, without what could steer a terminal."""
    line = " ".join(str(text).split())
    line = "".join(letter if letter.isprintable() else "?" for letter in line)
    return line if len(line) <= 160 else line[:157] + "..."


def check_size(path: Path, width: int, height: int) -> None:
    """Raise `MapError` unless the map is square and `MIN_SIDE` to `MAX_SIDE` texels wide."""
    if width != height:
        raise MapError(f"{path}: the map is {width} x {height} texels; it must be square, crop it to the chart")
    if width < MIN_SIDE:
        raise MapError(f"{path}: the map is only {width} x {height} texels; at least {MIN_SIDE} are needed")
    if width > MAX_SIDE:
        most = f"{MAX_SIDE} x {MAX_SIDE}"
        raise MapError(f"{path}: the map is {width} x {height} texels; scale it down to {most} or less")


def check_extent(path: Path, width: int, height: int) -> None:
    """Raise `MapError` for a picture that no square of `MAX_SIDE` texels is cut from."""
    if min(width, height) < 1 or max(width, height) > _MAX_PICTURE_SIDE or width * height > MAX_SIDE**2:
        check_size(path, width, height)
        raise MapError(f"{path}: the map is {width} x {height} texels; it has no usable size")


def check_unpacked(path: Path, n_bytes: int, n_packed: int) -> None:
    """Raise `MapError` when decoding several channels together would cost more than any map does."""
    if n_bytes > _MAX_UNPACKED_BYTES or n_bytes > max(_MODEST_BYTES, _MAX_RATIO * n_packed):
        raise MapError(
            f"{path}: all channels together unpack to {n_bytes >> 20} MB; save the one that holds the displacement"
        )


def native(dtype: np.dtype[Any] | str) -> str:
    """numpy name of a type in the machine's byte order."""
    return str(np.dtype(dtype).newbyteorder("="))
