"""Line maps and strokes from and to files."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rhytid.core.files.reading import read_file
from rhytid.core.files.writing import write_text
from rhytid.core.io.errors import MapError
from rhytid.core.io.formats.picture import MAX_SIDE, MIN_SIDE, damaged
from rhytid.core.io.map_pixels import write_png
from rhytid.core.lines.ink import Ink, InkError, find_ink
from rhytid.core.lines.stroke import Stroke

if TYPE_CHECKING:
    from PIL import Image

Float32 = npt.NDArray[np.float32]
MAX_PICTURE_BYTES = 1 << 28
PICTURE_SUFFIXES = (".png", ".tif", ".tiff", ".webp", ".bmp", ".jpg", ".jpeg")
_FORMATS = ("PNG", "TIFF", "WEBP", "BMP", "JPEG")
_REMEDY = "save it as PNG, white lines on black"


def write_line_map(path: Path, lines: npt.NDArray[np.bool_]) -> None:
    """Write a line map, bool (H, W), as an 8-bit PNG: 255 on a line, 0 elsewhere."""
    write_png(path, lines.astype(np.uint8) * np.uint8(255))


def read_line_picture(path: Path) -> Ink:
    """Lines of a picture of any kind, and what was taken for ink; see `core.lines.ink`.

    PNG, TIFF, WebP, BMP and JPEG of any depth and colours, with or without transparency, turned as they are to be
    shown.

    Returns
    -------
    Ink
        Lines bool (H, H).

    Raises
    ------
    MapError
        Not a square picture of 64 to 8192 texels, damaged, or it is not clear what its lines are.
    OSError
        The file cannot be read.
    """
    try:
        return find_ink(*_read(path))
    except InkError as error:
        raise MapError(f"{path}: {error}") from None


def read_mask(path: Path) -> npt.NDArray[np.bool_]:
    """A picture that is white where something counts, bool (H, H); raises as `read_line_picture`."""
    color, opacity = _read(path)
    mask: npt.NDArray[np.bool_] = color.mean(axis=2) * opacity > 0.5
    return mask


def write_strokes(path: Path, strokes: Sequence[Stroke]) -> None:
    """Write strokes as SVG, see `core.lines.svg`."""
    from rhytid.core.lines.svg import strokes_to_svg

    write_text(path, strokes_to_svg(strokes))


def _read(path: Path) -> tuple[Float32, Float32]:
    """Colour float32 (H, H, 3) and opacity float32 (H, H) of a picture, 0..1."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    data = read_file(path, MAX_PICTURE_BYTES, _REMEDY)
    try:
        picture = Image.open(io.BytesIO(data), formats=_FORMATS)
    except UnidentifiedImageError:
        raise MapError(f"{path}: is no picture that can be read; {_REMEDY}") from None
    except Exception as error:  # foreign decoders meet hostile bytes: whatever they raise, the file is bad
        raise damaged(path, error) from error
    width, height = picture.size
    if width != height or not MIN_SIDE <= width <= MAX_SIDE:
        raise MapError(
            f"{path}: the picture is {width} x {height}; a line map is square, {MIN_SIDE} to {MAX_SIDE} texels wide"
        )
    try:
        picture.load()
        return _planes(ImageOps.exif_transpose(picture))
    except Exception as error:  # as above
        raise damaged(path, error) from error


def _planes(picture: Image.Image) -> tuple[Float32, Float32]:
    if picture.mode == "F" or picture.mode.startswith("I"):  # grey of more than 8 bits, whose conversion clips
        values = np.asarray(picture)
        transparent = picture.info.get("transparency")
        opaque = np.ones(values.shape, bool) if transparent is None else values != transparent
        grey = values.astype(np.float32)
        if values.dtype.kind in "iu":
            grey /= 65535
        low, high = float(np.nanmin(grey)), float(np.nanmax(grey))
        if low < 0 or high > 1:  # of another range: 0..255 in floats, 32 bits, signed
            grey = (grey - np.float32(low)) / np.float32((high - low) or 1)
        return np.repeat(np.clip(grey, 0, 1)[..., None], 3, axis=2), opaque.astype(np.float32)
    rgba = np.asarray(picture.convert("RGBA")).astype(np.float32) / np.float32(255)
    return rgba[..., :3], rgba[..., 3]
