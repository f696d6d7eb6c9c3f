"""Tangents of MikkTSpace for a mesh in a GLB, and how morph targets turn them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Float32
from rhytid.core.head.mikktspace import TangentFrames


def split_by(
    triangles: npt.NDArray[np.integer], frame: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Triangles (T, 3) with a vertex of its own for each frame (T, 3) of their corners; frame and old index of each."""
    n_frames = int(frame.max(initial=0)) + 1
    pairs, triangles = np.unique(triangles.astype(np.int64) * n_frames + frame, return_inverse=True)
    return np.asarray(triangles, np.intp).reshape(frame.shape), pairs % n_frames, pairs // n_frames


class Tangents:
    """Tangents of vertices, each of which has a frame (N,).

    Parameters
    ----------
    vertices, normals : float32 (V, 3)
        Of the mesh that `frames` are of; normals of any length.
    frames : TangentFrames
    frame : intp (N,)

    Attributes
    ----------
    at_rest : float32 (N, 4)
    """

    def __init__(
        self, vertices: Float32, normals: Float32, frames: TangentFrames, frame: npt.NDArray[np.intp]
    ) -> None:
        self._vertices, self._normals, self._frames, self._frame = vertices, unit(normals), frames, frame
        self.at_rest = frames.of(vertices, self._normals)[frame]

    def turned(self, offsets: Float32, normal_offsets: Float32) -> Float32:
        """How a morph target, offsets (V, 3) of vertices and of unit normals, turns them: float32 (N, 3)."""
        if not offsets.any():
            return np.zeros((len(self._frame), 3), np.float32)
        posed = self._frames.of(self._vertices + offsets, unit(self._normals + normal_offsets))
        return np.asarray(posed[self._frame, :3] - self.at_rest[:, :3], np.float32)


def unit(normals: Float32) -> Float32:
    """glTF validators insist on unit length; a vertex without area points to the front."""
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    fallback = np.array([0, 0, 1], np.float32)
    made: Float32 = np.where(length > 0.5, normals / np.maximum(length, 1e-12), fallback).astype(np.float32)
    return made
