"""Tangent-space normal maps from displacement, with slopes in true metric.

A texel's normal is that of the displaced surface. With P(x, y) the smooth skin over the chart (mm) and d the
displacement (mm), the slope vector s in the tangent plane obeys s . dP/dx = dd/dx and s . dP/dy = dd/dy; the
displaced normal is N - s, normalised (small relief on a surface that is flat at its scale). It is written in the frame
in which shaders read it, MikkTSpace's of the exported texture coordinates u = x, v = 1 - y as it comes from
interpolation. Of skin and frame together only four numbers are needed, the `turn` from the gradient of d to what is
written; they are smooth, so a coarse raster of them serves maps of any resolution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from rhytid.core.maps.gradient import gradient
from rhytid.core.maps.rect import Rect
from rhytid.core.maps.resample import enlarged_rows

Float32 = npt.NDArray[np.float32]
GREENS = ("opengl", "directx")
_ROWS_TEXELS = 1 << 21


def chart_metric(tangent: Float32, bitangent: Float32, normals: Float32) -> Float32:
    """E, F and G of the first fundamental form.

    Parameters
    ----------
    tangent, bitangent : float32 (..., 3)
        dP/dx and dP/dy in mm per chart unit.
    normals : float32 (..., 3)
        Unit normals of the smooth surface; what of the tangents lies along them is taken away first.

    Returns
    -------
    float32 (..., 3), mm^2
    """
    t = tangent - normals * (tangent * normals).sum(axis=-1, keepdims=True)
    b = bitangent - normals * (bitangent * normals).sum(axis=-1, keepdims=True)
    return np.stack([(t * t).sum(axis=-1), (t * b).sum(axis=-1), (b * b).sum(axis=-1)], axis=-1)


def normal_rows(
    displacement: Float32, turn: Float32, green: str = "opengl"
) -> Iterator[tuple[Rect, Float32]]:
    """Unit normals in tangent space by strips of rows.

    Parameters
    ----------
    displacement : float32 (H, H)
        mm.
    turn : float32 (r, r, 4)
        `core.maps.tangent_frame.chart_turn` on a coarser raster of the chart, defined on every texel
        (extend it beyond the skin).
    green : str
        "opengl": +y up in the texture (Blender, Maya, Unity, glTF); "directx": down (Unreal, 3ds Max).

    Yields
    ------
    rect, float32 (rows, H, 3)
        x along u, y as `green` says, z outward.
    """
    if green not in GREENS:
        raise ValueError(f"green must be one of {', '.join(GREENS)}, not {green!r}")
    side = displacement.shape[0]
    n_rows = max(1, _ROWS_TEXELS // side)
    up = np.float32(1 if green == "opengl" else -1)
    parts = [np.ascontiguousarray(turn[..., k]) for k in range(4)]
    for y in range(0, side, n_rows):
        rect = Rect(0, y, side, min(y + n_rows, side))
        slope = gradient(displacement, rect)
        normal = np.empty((rect.y1 - rect.y0, side, 3), np.float32)
        xx, xy, yx, yy = (enlarged_rows(one, side, rect.y0, rect.y1) for one in parts)
        normal[..., 0] = xx * slope[..., 0] + xy * slope[..., 1]
        normal[..., 1] = up * (yx * slope[..., 0] + yy * slope[..., 1])
        normal[..., 2] = 1 / np.sqrt(1 + normal[..., 0] ** 2 + normal[..., 1] ** 2)
        normal[..., :2] *= normal[..., 2:]
        yield rect, normal


def normal_map(
    displacement: Float32,
    turn: Float32,
    green: str = "opengl",
    bits: int = 8,
    progress: Callable[[float], None] | None = None,
) -> npt.NDArray[np.uint8] | npt.NDArray[np.uint16]:
    """The normals as RGB texels, 0..1 of the type's range standing for -1..1.

    Flat skin is (128, 128, 255) with 8 bits, the value every program treats as flat.

    Returns
    -------
    uint8 or uint16 (H, H, 3)
    """
    if bits not in (8, 16):
        raise ValueError(f"a normal map has 8 or 16 bits, not {bits}")
    side = displacement.shape[0]
    texels = np.empty((side, side, 3), np.uint8 if bits == 8 else np.uint16)
    for rect, normal in normal_rows(displacement, turn, green):
        texels[rect.slices] = encoded_normals(normal, bits)
        if progress is not None:
            progress(rect.y1 / side)
    return texels


def encoded_normals(normals: Float32, bits: int) -> npt.NDArray[np.uint8] | npt.NDArray[np.uint16]:
    """Unit vectors (..., 3) as texels of 8 or 16 bits."""
    half = np.float32(127.5 if bits == 8 else 32767.5)
    # Rounds half up, so that 0 becomes 128.
    texels = np.minimum(normals * half + (half + np.float32(0.5)), 2 * half)
    return texels.astype(np.uint8 if bits == 8 else np.uint16)
