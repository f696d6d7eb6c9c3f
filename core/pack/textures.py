"""Textures of a pack: numbers to texels, and texels of files back to numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.files.reading import FileRefused, read_file
from rhytid.core.maps.normal_map import encoded_normals
from rhytid.core.maps.srgb import srgb_from_linear
from rhytid.core.pack.layouts import CHANNELS
from rhytid.core.pack.regions import N_REGIONS, region_masks

Float32 = npt.NDArray[np.float32]
Texels = npt.NDArray[Any]  # uint8 or uint16
MASK_SIDE_AT_MOST = 1024
_BAND_ROWS = 256
_MAX_BYTES = 512 << 20
_MAX_SIDE = 8192
_STEEPEST_Z = 0.05


def normal_texels(slopes: Float32, green: str, bits: int) -> Texels:
    """A normal map of slopes (S, S, 2) that rise with y up the texture."""
    side = len(slopes)
    texels = np.empty((side, side, 3), np.uint8 if bits == 8 else np.uint16)
    up = np.float32(1 if green == "opengl" else -1)
    for start in range(0, side, _BAND_ROWS):
        rows = slice(start, start + _BAND_ROWS)
        x, y = slopes[rows, :, 0], slopes[rows, :, 1] * up
        z = 1 / np.sqrt(1 + x * x + y * y)
        texels[rows] = encoded_normals(np.stack([x * z, y * z, z], axis=-1), bits)
    return texels


def slopes_of(texels: Texels, green: str) -> Float32:
    """x / z and y / z of a normal map's texels, as engines read them, float32 (S, S, 2), y up the texture."""
    most = np.float32(255 if texels.dtype == np.uint8 else 65535)
    normals = texels * (2 / most) - np.float32(1)
    slopes = normals[..., :2] / np.maximum(normals[..., 2:], np.float32(_STEEPEST_Z))
    if green == "directx":
        slopes[..., 1] *= -1
    return np.asarray(slopes, np.float32)


def color_texels(linear: Float32) -> npt.NDArray[np.uint8]:
    """sRGB texels of linear colour 0..1, (S, S, 3)."""
    texels = np.empty(linear.shape, np.uint8)
    for start in range(0, len(linear), _BAND_ROWS):
        rows = slice(start, start + _BAND_ROWS)
        texels[rows] = np.round(srgb_from_linear(np.clip(linear[rows], 0, 1)) * 255)
    return texels


def mask_texels(size: int) -> list[npt.NDArray[np.uint8]]:
    """The 13 masks, four to a picture, uint8 (M, M, 4); channels that no region has are 0, alpha 255."""
    side = min(size, MASK_SIDE_AT_MOST)
    masks = np.round(region_masks(side) * 255).astype(np.uint8)
    pictures = []
    for first in range(0, N_REGIONS, len(CHANNELS)):
        picture = np.zeros((side, side, len(CHANNELS)), np.uint8)
        picture[..., 3] = 255
        for channel, mask in enumerate(masks[first : first + len(CHANNELS)]):
            picture[..., channel] = mask
        pictures.append(picture)
    return pictures


def read_texels(path: Path) -> Texels:
    """Grey, RGB or RGBA of a PNG of a pack.

    Raises
    ------
    FileRefused
        It is no such picture.
    OSError
        It cannot be opened.
    """
    remedy = "write the pack again"
    data = read_file(path, _MAX_BYTES, remedy)
    # Sides stand in the first chunk: asked before memory is taken for them.
    sides = [int.from_bytes(data[at : at + 4], "big") for at in (16, 20)]
    if data[:8] != b"\x89PNG\r\n\x1a\n" or not all(1 <= side <= _MAX_SIDE for side in sides):
        raise FileRefused(f"{path}: is no PNG of at most {_MAX_SIDE} texels a side; {remedy}")
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None or picture.dtype not in (np.uint8, np.uint16):
        raise FileRefused(f"{path}: cannot be read as a PNG; {remedy}")
    texels: Texels = np.asarray(picture if picture.ndim == 2 else picture[..., [2, 1, 0, 3][: picture.shape[2]]])
    return texels
