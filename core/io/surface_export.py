"""Roughness, specular level, cavity and occlusion of the face, as the viewport shades it with them."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.head import Float32, Head
from rhytid.core.head.normals import vertex_normals
from rhytid.core.head.visibility import ambient_visibility
from rhytid.core.io.chart_frame import RESOLUTION, ChartFrame
from rhytid.core.maps.albedo import procedural_gloss
from rhytid.core.maps.padding import pad_edges
from rhytid.core.maps.resample import resample
from rhytid.core.maps.surface_maps import F0, cavity, in_8_bits, roughness

UInt8 = npt.NDArray[np.uint8]
SPECULAR = F0 / 0.08
"""Level of open skin where 1 stands for a reflectance of 0.08, as principled materials have it."""


def surface_maps(head: Head, vertices: Float32, displacement: Float32, frame: ChartFrame) -> dict[str, UInt8]:
    """Maps by name, each uint8 (H, H): "roughness", "specular", "cavity" and "occlusion".

    Parameters
    ----------
    head : Head
    vertices : float32 (V, 3)
        Present shape, mm.
    displacement : float32 (H, H)
        mm, as it is exported.
    frame : ChartFrame
    """
    side = len(displacement)
    levels = roughness(np.arange(256) / np.float32(255))
    rough = np.asarray(cv2.LUT(procedural_gloss(side), in_8_bits(levels)), np.uint8)
    openness = cavity(displacement, frame.metric)
    visibility = ambient_visibility(vertices, vertex_normals(vertices, head.triangles), head.triangles)
    raster = ChartRaster(head, RESOLUTION)
    around = resample(pad_edges(raster.sample(visibility[: head.n_skin]), raster.covered), side)
    return {
        "roughness": rough,
        "specular": in_8_bits(openness * np.float32(SPECULAR)),
        "cavity": in_8_bits(openness),
        "occlusion": in_8_bits(openness * np.clip(around, 0, 1)),
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
