"""A pack read from its folder and played in numbers, as `wrinkles.glsl` plays it: the proof of its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.files.reading import FileRefused
from rhytid.core.maps.srgb import linear_from_srgb
from rhytid.core.pack.drivers import Drivers
from rhytid.core.pack.options import JSON_NAME
from rhytid.core.pack.regions import N_REGIONS, REGION_NAMES
from rhytid.core.pack.table import read_table
from rhytid.core.pack.textures import read_texels, slopes_of

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class PackFiles:
    """What the files of a pack hold.

    Attributes
    ----------
    table : dict
        `wrinkles.json`.
    drivers : Drivers
    normals : list of uint8 or uint16 (S, S, 3)
        The neutral face and each map.
    colors : list of uint8 (S, S, 3)
        Likewise; empty where the pack has none.
    masks : list of uint8 (M, M, 4)
    """

    table: dict[str, Any]
    drivers: Drivers
    normals: list[npt.NDArray[Any]]
    colors: list[npt.NDArray[Any]]
    masks: list[npt.NDArray[Any]]

    @property
    def side(self) -> int:
        return len(self.normals[0])

    def shares(self, expression: npt.ArrayLike) -> Float32:
        """How much of each map shows at each texel, float32 (K, S, S), for ARKit weights (52,)."""
        activations = self.drivers.activations(expression).astype(np.float32)
        small = np.zeros((self.drivers.n_maps, *self.masks[0].shape[:2]), np.float32)
        for picture, entry in zip(self.masks, self.table["masks"], strict=True):
            for channel, name in enumerate(entry["regions"]):
                mask = picture[..., channel].astype(np.float32) / 255
                small += activations[:, REGION_NAMES.index(name), None, None] * mask
        size = (self.side, self.side)
        return np.stack([cv2.resize(one, size, interpolation=cv2.INTER_LINEAR) for one in small])

    def slopes(self, expression: npt.ArrayLike) -> Float32:
        """Slopes that the pack shows, float32 (S, S, 2), y up."""
        green = str(self.table["green"])
        neutral = slopes_of(self.normals[0], green)
        result = neutral.copy()
        for share, texels in zip(self.shares(expression), self.normals[1:], strict=True):
            result += share[..., None] * (slopes_of(texels, green) - neutral)
        return result

    def color(self, expression: npt.ArrayLike) -> Float32:
        """Linear colour that the pack shows, float32 (S, S, 3)."""
        neutral = linear_from_srgb(self.colors[0] / np.float32(255))
        result = neutral.copy()
        for share, texels in zip(self.shares(expression), self.colors[1:], strict=True):
            result += share[..., None] * (linear_from_srgb(texels / np.float32(255)) - neutral)
        return np.asarray(np.clip(result, 0, 1), np.float32)


def read_pack(folder: Path) -> PackFiles:
    """The pack in a folder.

    Raises
    ------
    FileRefused
        A file is not what the table says; the message names it.
    OSError
        One cannot be opened.
    """
    path = folder / JSON_NAME
    table, drivers = read_table(path)
    try:
        normals = [_picture(folder, entry["normal"], 3) for entry in table["maps"]]
        colors = [_picture(folder, entry["color"], 3) for entry in table["maps"] if "color" in entry]
        masks = [_picture(folder, entry["file"], 4) for entry in table["masks"]]
        regions = [name for entry in table["masks"] for name in entry["regions"]]
        if table["green"] not in ("opengl", "directx") or sorted(regions) != sorted(REGION_NAMES):
            raise ValueError(f"green and {N_REGIONS} regions are not stated")
    except FileRefused:
        raise
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise FileRefused(f"{path}: is damaged ({error}); write the pack again") from None
    for pictures in (normals, colors, masks):
        if len({picture.shape for picture in pictures}) > 1:
            raise FileRefused(f"{path}: its textures differ in size; write the pack again")
    if colors and (len(colors) != len(normals) or colors[0].shape != normals[0].shape):
        raise FileRefused(f"{path}: colours and normals differ in number or size; write the pack again")
    return PackFiles(table, drivers, normals, colors, masks)


def _picture(folder: Path, name: object, channels: int) -> npt.NDArray[Any]:
    if not isinstance(name, str) or Path(name).name != name:
        raise ValueError(f"{name!r:.80} is no file of its folder")
    texels = read_texels(folder / name)
    if texels.ndim != 3 or texels.shape[2] != channels or texels.shape[0] != texels.shape[1]:
        raise ValueError(f"{name} is no square picture of {channels} channels")
    return texels
