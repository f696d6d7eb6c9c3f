"""The painted layer in a project: its JSON, and the tiles that hold something, uint8 (K, 64, 576)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.document.project_json import decode, expect_keys
from rhytid.core.maps.paint import ACROSS, N_PLANES, TILE, Paint
from rhytid.core.read_only import read_only

UInt8 = npt.NDArray[np.uint8]

_ROW = TILE * N_PLANES


def paint_to_json(paint: Paint) -> tuple[dict[str, Any], UInt8]:
    """What a project says of the layer, and its tiles."""
    numbers = [number for number, tile in enumerate(paint.tiles) if tile is not None]
    tiles = [tile.reshape(TILE, _ROW) for tile in paint.tiles if tile is not None]
    texels = np.stack(tiles) if tiles else np.zeros((0, TILE, _ROW), np.uint8)
    return {"opacity": float(paint.opacity), "visible": paint.visible, "tiles": numbers}, texels


def paint_from_json(value: Any, texels: UInt8) -> Paint:
    """The layer of `paint_to_json`.

    Raises
    ------
    ValueError
        A value is missing, unknown or of the wrong type, or the tiles are not those that it names.
    """
    expect_keys(value, ("opacity", "visible", "tiles"), "paint")
    numbers = value["tiles"]
    if not isinstance(numbers, list) or len(numbers) > ACROSS**2 or texels.shape != (len(numbers), TILE, _ROW):
        raise ValueError("paint: there are other tiles than it names")
    numbers = [decode(int, number, f"paint.tiles[{place}]") for place, number in enumerate(numbers)]
    if any(not 0 <= number < ACROSS**2 for number in numbers) or len(set(numbers)) != len(numbers):
        raise ValueError(f"paint: its tiles must be different ones of 0..{ACROSS**2 - 1}")
    tiles: list[UInt8 | None] = [None] * ACROSS**2
    for number, tile in zip(numbers, texels, strict=True):
        tiles[number] = read_only(tile.reshape(TILE, TILE, N_PLANES).copy())
    return Paint(
        tuple(tiles), decode(float, value["opacity"], "paint.opacity"), decode(bool, value["visible"], "paint.visible")
    )
