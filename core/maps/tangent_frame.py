"""Slopes of the chart in space, and vectors in the frame in which shaders read a normal map."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]


def in_frame(vectors: Float32, normals: Float32, tangents: Float32) -> Float32:
    """Vectors (..., 3) as shares of tangent, bitangent and normal: what a texel must hold for a shader to get them.

    Normals (..., 3) and tangents (..., 4) are taken as they come from interpolation, neither of unit length nor quite
    at right angles, and the bitangent is made of both, as MikkTSpace demands of shaders.
    """
    tangent, sign = tangents[..., :3], tangents[..., 3:]
    bitangent = np.cross(normals, tangent) * sign
    rows = np.stack([np.cross(bitangent, normals), np.cross(normals, tangent), np.cross(tangent, bitangent)], axis=-2)
    volume = (rows[..., 0, :] * tangent).sum(axis=-1)[..., None]
    return np.asarray((rows @ vectors[..., None])[..., 0] / np.where(np.abs(volume) < 1e-20, 1, volume), np.float32)


def dual_tangents(tangent: Float32, bitangent: Float32, normals: Float32) -> tuple[Float32, Float32]:
    """Slopes of 1 mm per chart unit along x and along y, float32 (..., 3) each.

    The gradient's components times them is the slope in space.

    Parameters
    ----------
    tangent, bitangent : float32 (..., 3)
        dP/dx and dP/dy in mm per chart unit; what of them lies along the normals is taken away first.
    normals : float32 (..., 3)
        Unit normals of the smooth surface.
    """
    t = tangent - normals * (tangent * normals).sum(axis=-1, keepdims=True)
    b = bitangent - normals * (bitangent * normals).sum(axis=-1, keepdims=True)
    e, f, g = ((one * other).sum(axis=-1, keepdims=True) for one, other in ((t, t), (t, b), (b, b)))
    # Floors keep it finite where the chart degenerates: 1 mm per chart unit is far below any skin.
    e, g = np.maximum(e, np.float32(1)), np.maximum(g, np.float32(1))
    along = b - t * (f / e)
    along /= np.maximum((along * along).sum(axis=-1, keepdims=True), np.float32(1))
    return (t - f * along) / e, along


def chart_turn(tangent: Float32, bitangent: Float32, normals: Float32, frame: Float32) -> Float32:
    """From the displacement's gradient over the chart to the normal in tangent space, x and y where z is 1.

    Parameters
    ----------
    tangent, bitangent : float32 (..., 3)
        dP/dx and dP/dy in mm per chart unit.
    normals, frame : float32 (..., 3) and (..., 4)
        The mesh's normals and tangents, as a shader interpolates them.

    Returns
    -------
    float32 (..., 4)
        x along d/dx and d/dy, y along d/dx and d/dy, per mm per chart unit.
    """
    length = np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), np.float32(1e-6))
    slopes = dual_tangents(tangent, bitangent, normals / length)
    seen = [in_frame(slope * -length, normals, frame)[..., :2] for slope in slopes]
    return np.asarray(np.stack(seen, axis=-1).reshape(*normals.shape[:-1], 4), np.float32)
