"""Parts of the head beside the skin, each with all its shapes, and how the model moves stiff things."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Part

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Piece:
    """A part of the head.

    Attributes
    ----------
    vertices : float (n, 3), mm
    faces : int (F, 4)
        Own vertices count from 0; negative numbers ``-2 - v`` mean vertex v of the skin; -1 last for a
        triangle.
    part : Part
    uv : float (n, 2)
        Per vertex, inside the tile of the part, 0..1.
    identity : float (I, n, 3)
    expression : float (52, n, 3)
    skin_uv : float (m, 2)
        Texture coordinates for those corners that are skin vertices, in the order of `skin_vertices`.
    skin_vertices : int (m,)
    """

    vertices: Float64
    faces: npt.NDArray[np.int64]
    part: Part
    uv: Float64
    identity: Float64
    expression: Float64
    skin_vertices: npt.NDArray[np.int64]
    skin_uv: Float64

    @staticmethod
    def alone(
        vertices: Float64,
        faces: npt.NDArray[np.int64],
        part: Part,
        uv: Float64,
        identity: Float64,
        expression: Float64,
    ) -> Piece:
        """A piece that shares no vertex with the skin."""
        return Piece(vertices, faces, part, uv, identity, expression, np.zeros(0, np.int64), np.zeros((0, 2)))


def affine_motion(points: Float64, offsets: Float64) -> tuple[Float64, Float64]:
    """Matrix (3, 3) and shift (3,) with ``offset ~ matrix @ point + shift``, least squares over (n, 3)."""
    padded = np.concatenate([points, np.ones((len(points), 1))], axis=1)
    solution = np.linalg.lstsq(padded, offsets, rcond=None)[0]
    return solution[:3].T, solution[3]


def rigid_motion(points: Float64, offsets: Float64) -> tuple[Float64, Float64]:
    """Like `affine_motion` for a rotation about a point and a shift (Kabsch 1976)."""
    moved = points + offsets
    mean, mean_moved = points.mean(axis=0), moved.mean(axis=0)
    u, _, vt = np.linalg.svd((moved - mean_moved).T @ (points - mean))
    u[:, 2] *= np.sign(np.linalg.det(u @ vt))
    rotation = u @ vt
    return rotation - np.eye(3), mean_moved - rotation @ mean


def strip(loops: npt.NDArray[np.int64], closed: bool) -> npt.NDArray[np.int64]:
    """Quads (F, 4) between rows (rows, columns) of vertex numbers."""
    following = np.roll(loops, -1, axis=1)
    quads = np.stack([loops[:-1], following[:-1], following[1:], loops[1:]], axis=2)
    return (quads if closed else quads[:, :-1]).reshape(-1, 4)


def fan(row: npt.NDArray[np.int64], tip: int) -> npt.NDArray[np.int64]:
    """Triangles (n, 4), last -1, from a closed row to a tip."""
    following = np.roll(row, -1)
    return np.stack([row, following, np.full(len(row), tip), np.full(len(row), -1)], axis=1)


def move(points: Float64, motion: tuple[Float64, Float64]) -> Float64:
    """Offsets that a motion gives to points (n, 3)."""
    matrix, shift = motion
    return points @ matrix.T + shift


def facing_out(vertices: Float64, faces: npt.NDArray[np.int64], inside: Float64) -> npt.NDArray[np.int64]:
    """Faces (F, 4) of a convex-ish piece, turned so that they look away from a point inside."""
    corner = vertices[faces[:, :3]]
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    if ((corner.mean(axis=1) - inside) * normal).sum() > 0:
        return faces
    return turned_over(faces)


def turned_over(faces: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The same faces (F, 4) from behind, -1 still last."""
    return np.where(faces[:, 3:] >= 0, faces[:, ::-1], faces[:, [2, 1, 0, 3]])
