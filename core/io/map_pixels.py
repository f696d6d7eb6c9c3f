"""Stored values of map files, decoded and encoded by format. What they mean is the callers' affair."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import OpenEXR
import tifffile

from rhytid.core.files.writing import replacing
from rhytid.core.io.errors import MapError
from rhytid.core.io.map_header import MapHeader, check_png_chunks, damaged

Pixels = npt.NDArray[Any]


def decode_pixels(path: Path, data: bytes, header: MapHeader, channel: int | str | None) -> Pixels:
    """The chosen channel of a map file as it is stored, shape (H, W).

    Parameters
    ----------
    header : MapHeader
        Checked before; the decoded picture must agree with it.
    channel : int, str or None
        Index or name; None takes the first that can hold displacement (Y, R, Z, or the first one).
    """
    index = channel_index(path, header, channel)
    try:
        pixels = _DECODERS[header.kind](path, data, header, index)
    except MapError:
        raise
    except Exception as error:  # foreign decoders meet hostile bytes: whatever they raise, the file is bad
        raise damaged(path, error) from error
    if pixels.shape != (header.height, header.width):
        raise damaged(path, f"decoded to {pixels.shape}")
    return pixels


def channel_index(path: Path, header: MapHeader, channel: int | str | None) -> int:
    """Index into ``header.channels``."""
    names = header.channels
    if channel is None:
        return next((names.index(n) for n in ("Y", "displacement", "R", "Z") if n in names), 0)
    index = names.index(channel) if isinstance(channel, str) and channel in names else channel
    if not isinstance(index, int) or not 0 <= index < len(names):
        raise MapError(f"{path}: there is no channel {channel!r}; the file has {', '.join(names)}")
    return index


def _decode_png(path: Path, data: bytes, header: MapHeader, index: int) -> Pixels:
    check_png_chunks(path, data)
    return _decode_by_opencv(path, data, index)


def _decode_by_opencv(path: Path, data: bytes, index: int) -> Pixels:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise damaged(path, "cannot be decoded")
    if picture.ndim == 2:
        return np.asarray(picture)
    n_channels = picture.shape[2]
    # OpenCV gives blue, green, red; grey with alpha comes as four channels.
    order = (2, 1, 0, 3) if n_channels >= 3 else (0, 1)
    return np.ascontiguousarray(picture[..., order[min(index, n_channels - 1)]])


def _decode_tiff(path: Path, data: bytes, header: MapHeader, index: int) -> Pixels:
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        page = tiff.pages.first
        if page.compression == 1:  # only stored ones: the bytes on disk bound what is allocated
            picture = np.asarray(page.asarray())
            if picture.ndim == 2:
                return picture
            planar = picture.shape[0] == len(header.channels) and picture.shape[0] < picture.shape[-1]
            return np.ascontiguousarray(picture[index] if planar else picture[..., index])
    return _decode_by_opencv(path, data, index)


def _decode_exr(path: Path, data: bytes, header: MapHeader, index: int) -> Pixels:
    with OpenEXR.File(io.BytesIO(data), separate_channels=True) as exr:
        return np.array(exr.channels()[header.channels[index]].pixels)


def _decode_npy(path: Path, data: bytes, header: MapHeader, index: int) -> Pixels:
    array = np.load(io.BytesIO(data), allow_pickle=False)
    return np.asarray(array if array.ndim == 2 else array[..., index])


_DECODERS = {"png": _decode_png, "tiff": _decode_tiff, "exr": _decode_exr, "npy": _decode_npy}


def write_png(path: Path, pixels: Pixels, compression: int = 1) -> None:
    """Write uint8 or uint16 (H, W) or RGB (H, W, 3) as PNG.

    Level 1 is several times as fast as level 6 and only some percent larger on relief that is noise-like.
    """
    picture = pixels if pixels.ndim == 2 else pixels[..., ::-1]
    done, encoded = cv2.imencode(".png", np.asarray(picture), [cv2.IMWRITE_PNG_COMPRESSION, compression])
    if not done:
        raise MapError(f"{path}: the PNG could not be encoded")
    with replacing(path) as temporary:
        temporary.write_bytes(encoded.data)


def write_picture(path: Path, rgb: npt.NDArray[np.uint8]) -> None:
    """Write RGB (H, W, 3) in the format that the ending names: .png, .jpg or another that OpenCV knows."""
    done, encoded = cv2.imencode(path.suffix, np.ascontiguousarray(rgb[..., ::-1]))
    if not done:
        raise MapError(f"{path}: the picture could not be encoded")
    with replacing(path) as temporary:
        temporary.write_bytes(encoded.data)


def write_tiff(path: Path, pixels: Pixels) -> None:
    """Write uint16 or float32 (H, W) as an uncompressed TIFF, which every program reads."""
    with replacing(path) as temporary:
        tifffile.imwrite(temporary, pixels, photometric="minisblack")


def write_exr(path: Path, channels: Mapping[str, Pixels], comments: str) -> None:
    """Write float32 (H, W) channels as scanline EXR, ZIPS compressed (lossless)."""
    header = {"compression": OpenEXR.ZIPS_COMPRESSION, "type": OpenEXR.scanlineimage, "comments": comments}
    with replacing(path) as temporary:
        OpenEXR.File(header, dict(channels)).write(str(temporary))


def write_npy(path: Path, pixels: Pixels) -> None:
    """Write an array as NPY version 1."""
    with replacing(path) as temporary, temporary.open("wb") as stream:
        np.save(stream, pixels, allow_pickle=False)
