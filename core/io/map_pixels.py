"""Values of maps and pictures to files, by format. What they mean is the callers' affair."""

from __future__ import annotations

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
from rhytid.core.io.formats.png import png_chunk

Pixels = npt.NDArray[Any]
_IHDR_END = 33
_LINEAR, _GAMMA_OF_SRGB = 100_000, 45_455  # hundred thousandths, as PNG has them
_STRIP_ROWS = 256


def write_png(
    path: Path, pixels: Pixels, compression: int = 1, text: tuple[str, str] | None = None, srgb: bool = False
) -> None:
    """Write uint8 or uint16 (H, W), RGB (H, W, 3) or RGBA (H, W, 4) as PNG, with a keyword and its ASCII text if given.

    Chunks say whether the values are colours of sRGB or linear data. Level 1 is several times as fast as level 6 and
    only some percent larger on relief that is noise-like.
    """
    picture = pixels if pixels.ndim == 2 else pixels[..., [2, 1, 0, 3][: pixels.shape[2]]]
    done, encoded = cv2.imencode(".png", np.asarray(picture), [cv2.IMWRITE_PNG_COMPRESSION, compression])
    if not done:
        raise MapError(f"{path}: the PNG could not be encoded")
    with replacing(path) as temporary, temporary.open("wb") as stream:
        stream.write(encoded.data[:_IHDR_END])
        if srgb:
            stream.write(png_chunk(b"sRGB", b"\0"))
        stream.write(png_chunk(b"gAMA", (_GAMMA_OF_SRGB if srgb else _LINEAR).to_bytes(4, "big")))
        if text is not None:
            stream.write(png_chunk(b"tEXt", "\0".join(text).encode("latin-1")))
        stream.write(encoded.data[_IHDR_END:])


def write_picture(path: Path, rgb: npt.NDArray[np.uint8]) -> None:
    """Write RGB (H, W, 3) in the format that the ending names: .png, .jpg or another that OpenCV knows."""
    done, encoded = cv2.imencode(path.suffix, np.ascontiguousarray(rgb[..., ::-1]))
    if not done:
        raise MapError(f"{path}: the picture could not be encoded")
    with replacing(path) as temporary:
        temporary.write_bytes(encoded.data)


def write_tiff(path: Path, pixels: Pixels, description: str = "") -> None:
    """Write integers or floats, (H, W) or RGB(A) (H, W, 3 or 4), as an uncompressed TIFF, which every program reads."""
    photometric = "minisblack" if pixels.ndim == 2 else "rgb"
    alpha = ["unassalpha"] if pixels.ndim == 3 and pixels.shape[2] == 4 else None
    with replacing(path) as temporary:
        tifffile.imwrite(
            temporary, pixels, photometric=photometric, description=description, metadata=None, extrasamples=alpha
        )


def write_exr(
    path: Path, channels: Mapping[str, Pixels], comments: str, attributes: Mapping[str, str] | None = None
) -> None:
    """Write float32, float16 or uint32 (H, W) channels as scanline EXR, ZIPS compressed (lossless)."""
    header = {"compression": OpenEXR.ZIPS_COMPRESSION, "type": OpenEXR.scanlineimage, "comments": comments}
    with replacing(path) as temporary:
        OpenEXR.File(header | dict(attributes or {}), dict(channels)).write(str(temporary))


def write_npy(path: Path, pixels: Pixels) -> None:
    """Write an array as NPY version 1."""
    with replacing(path) as temporary, temporary.open("wb") as stream:
        np.save(stream, pixels, allow_pickle=False)



def in_16_bits(values: npt.NDArray[np.float32]) -> npt.NDArray[np.uint16]:
    """0..1 as 0..65535, a strip of rows at a time."""
    texels = np.empty(values.shape, np.uint16)
    for y in range(0, len(values), _STRIP_ROWS):
        texels[y : y + _STRIP_ROWS] = np.rint(values[y : y + _STRIP_ROWS] * np.float32(65535))
    return texels
