"""Small heads whose skin has pictures in its own layout."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rhytid.core.head.head import Head
from rhytid.core.head.material import Material
from rhytid.core.io.export_meshes import encoded_png
from rhytid.core.io.layout_bake import OwnLayout

SIDE = 128
_BESIDE = (255, 0, 255)


def ramp(side: int = SIDE) -> np.ndarray:
    """A chart in colours that say where a texel lies."""
    y, x = np.mgrid[0:side, 0:side] / (side - 1)
    return np.stack([40 + 150 * x, 60 + 150 * y, 90 + 80 * np.abs(x - 0.5)], axis=-1).astype(np.float32)


def with_pictures(head: Head, pictures: dict[int, Material]) -> Head:
    """The head, its faces of skin in the materials of their tiles."""
    tile = 1001 + np.floor(head.uv[head.face_uv[:, :3]].mean(axis=1)[:, 0]).astype(int)
    numbers = {name: number for number, name in enumerate(pictures)}
    blank = Material("blank", (1.0, 1.0, 1.0, 1.0))
    of_face = np.array([numbers.get(int(one), len(numbers)) for one in tile], np.int16)
    return replace(head, materials=(*pictures.values(), blank), face_material=of_face)


def painted(head: Head) -> Head:
    """Its tiles hold the ramp, and beside the islands what would be seen if it were looked at."""
    layout = OwnLayout(head)
    pictures = {}
    for tile in layout.tiles:
        texels = layout.to_layout(ramp(), tile, SIDE, 0.0)
        texels[layout.raster(tile, SIDE).triangle < 0] = _BESIDE
        png = encoded_png(np.rint(texels).clip(0, 255).astype(np.uint8))
        pictures[tile] = Material(f"skin {tile}", (1.0, 1.0, 1.0, 1.0), picture=0, pictures=(png,))
    return with_pictures(head, pictures)
