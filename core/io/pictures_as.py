"""Pictures of an export in other formats than PNG: TIFF with the same texels, EXR of 0..1, colour as linear light."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.io.displacement_file import open_layers
from rhytid.core.io.export_options import Check
from rhytid.core.io.map_pixels import write_exr, write_tiff
from rhytid.core.maps.srgb import linear_from_srgb

_NAMES = {1: ("Y",), 3: ("R", "G", "B"), 4: ("R", "G", "B", "A")}


def write_picture_as(path: Path, texels: npt.NDArray[Any], srgb: bool, float_bits: int) -> dict[str, Any]:
    """Write grey (H, W), RGB or RGBA (H, W, C) integers as .tif or .exr; gives what is to be told of the file."""
    if path.suffix == ".tif":
        write_tiff(path, texels)
        return {}
    planes = _planes(texels, srgb, float_bits)
    write_exr(path, planes, "linear light" if srgb else "0..1 as in the PNG")
    space = "linear (Rec. 709 primaries)" if srgb else "linear (non-colour data)"
    return {"bits": float_bits, "color_space": space, "channels": ",".join(planes)}


def picture_as_check(path: Path, texels: npt.NDArray[Any], srgb: bool, float_bits: int) -> list[Check]:
    """A picture that `write_picture_as` wrote, which must be the very one."""
    (layer,) = open_layers(path)
    if path.suffix == ".exr":
        meant = _planes(texels, srgb, float_bits)
        if set(layer.channels) != set(meant):
            return [Check(path.name, "channels", False, ", ".join(layer.channels))]
        read = layer.decode([layer.channels.index(name) for name in meant])
        same = all(np.array_equal(one, other) for one, other in zip(read, meant.values(), strict=True))
    else:
        pixels = texels.reshape(*texels.shape[:2], -1)
        read = layer.decode(list(range(pixels.shape[2])))
        same = all(np.array_equal(one, pixels[..., k]) for k, one in enumerate(read))
    return [Check(path.name, "texels", same, "identical" if same else "differ")]


def _planes(texels: npt.NDArray[Any], srgb: bool, float_bits: int) -> dict[str, npt.NDArray[Any]]:
    """Channels by name, 0..1."""
    pixels = texels.reshape(*texels.shape[:2], -1)
    n_values = np.iinfo(texels.dtype).max + 1
    values = np.arange(n_values, dtype=np.float32) / np.float32(n_values - 1)
    light = linear_from_srgb(values) if srgb else values
    table: npt.NDArray[Any] = light.astype(np.float16 if float_bits == 16 else np.float32)
    return {name: table[pixels[..., k]] for k, name in enumerate(_NAMES[pixels.shape[2]])}
