"""Roughness, specular level, cavity and occlusion of the skin, as the viewport shades it with them."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.head import Float32, Head
from rhytid.core.io.chart_frame import RESOLUTION, ChartFrame
from rhytid.core.io.outer_relief import OuterTile
from rhytid.core.maps.padding import pad_edges
from rhytid.core.maps.resample import resample
from rhytid.core.maps.surface_maps import CAVITY_PER_MM, F0, LEAST_CAVITY, MOST_ROUGHENING, cavity, in_8_bits, roughness

UInt8 = npt.NDArray[np.uint8]
SPECULAR = F0 / 0.08
"""Level of open skin where 1 stands for a reflectance of 0.08, as principled materials have it."""


def surface_maps(
    head: Head, visibility: Float32, displacement: Float32, frame: ChartFrame, gloss: UInt8
) -> dict[str, UInt8]:
    """Maps of the chart by name, each uint8 (H, H): "roughness", "specular", "cavity" and "occlusion".

    Parameters
    ----------
    head : Head
    visibility : float32 (V,)
        How much of the surroundings vertices see, 0..1.
    displacement : float32 (H, H)
        mm, as it is exported.
    frame : ChartFrame
    gloss : uint8 (H, H)
        0 matt .. 255 oily.
    """
    side = len(displacement)
    levels = roughness(np.arange(256) / np.float32(255))
    rough = np.asarray(cv2.LUT(gloss, in_8_bits(levels)), np.uint8)
    # The lips' inside lies under their outside, and sees less.
    raster = ChartRaster(head, RESOLUTION, rank=visibility[head.skin_triangles].mean(axis=1))
    around = resample(pad_edges(raster.sample(visibility[: head.n_skin]), raster.covered), side)
    return {"roughness": rough, **_of_openness(cavity(displacement, frame.metric), around)}


def outer_surface_maps(tile: OuterTile, gloss: npt.ArrayLike) -> dict[str, UInt8]:
    """The same of tile 1002, uint8 (S, S); `gloss` 0..1 (S, S) or one number."""
    openness = np.clip(1 + np.float32(CAVITY_PER_MM) * tile.height, np.float32(LEAST_CAVITY), np.float32(1))
    rough = in_8_bits(roughness(gloss, np.minimum(tile.roughening, np.float32(MOST_ROUGHENING))))
    return {"roughness": rough, **_of_openness(openness, tile.visibility)}


def _of_openness(openness: Float32, visibility: Float32) -> dict[str, UInt8]:
    return {
        "specular": in_8_bits(openness * np.float32(SPECULAR)),
        "cavity": in_8_bits(openness),
        "occlusion": in_8_bits(openness * np.clip(visibility, 0, 1)),
    }


def embedded_maps(maps: dict[str, UInt8], side: int) -> dict[str, UInt8]:
    """What a GLB of `side` texels holds of them.

    Returns
    -------
    dict
        "orm", uint8 (S, S, 3): occlusion, roughness, metal; "specular", uint8 (S, S, 4): its strength in alpha.
    """
    small = {
        name: np.asarray(cv2.resize(texels, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
        for name, texels in maps.items()
    }
    strength = small["cavity"]
    white = np.full_like(strength, 255)
    return {
        "orm": np.dstack([small["occlusion"], small["roughness"], np.zeros_like(white)]),
        "specular": np.dstack([white, white, white, strength]),
    }
