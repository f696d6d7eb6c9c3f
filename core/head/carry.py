"""Shapes of the skin carried over to what hangs on it: the lining of lids and mouth, and the skin of another head."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from rhytid.core.head.head import Float16, Float32, Int32, Part
from rhytid.core.head.pieces import pieces

Float64 = npt.NDArray[np.float64]

# Lining follows the skin before it, up to about this far.
_FOLLOWS_MM = 12.0
# What is less is rounding.
_LEAST_MM = 0.004


def carried(offsets: Float64, neutral: Float32, faces: Int32, parts: npt.NDArray[np.uint8], n_skin: int) -> Float16:
    """Shapes of the whole head, float16 (A, V, 3), from those of its skin.

    Lining that grows on the skin follows it; eyes, teeth, gums and tongue stay.

    Parameters
    ----------
    offsets : float64 (A, n_skin, 3)
        mm.
    neutral : float32 (V, 3)
    faces : int32 (F, 4)
    parts : uint8 (F,)
    n_skin : int
    """
    follows = np.zeros(len(neutral), bool)
    lining = _hanging_on_skin(faces[parts == Part.MOUTH], n_skin)
    follows[lining] = True
    follows[:n_skin] = False
    shapes = np.zeros((len(offsets), len(neutral), 3))
    shapes[:, :n_skin] = offsets
    if follows.any():
        distance, nearest = cKDTree(neutral[:n_skin]).query(neutral[follows])
        shapes[:, follows] = offsets[:, nearest] * np.exp(-((distance / _FOLLOWS_MM) ** 2))[:, None]
    shapes[np.linalg.norm(shapes, axis=2) < _LEAST_MM] = 0
    return shapes.astype(np.float16)


def _hanging_on_skin(faces: Int32, n_skin: int) -> npt.NDArray[np.intp]:
    """Vertices of those pieces among faces (F, 4) that share vertices with the skin: gums and tongue do not."""
    first, second = faces[:, :3].ravel(), np.roll(faces[:, :3], 1, axis=1).ravel()
    fourth = faces[faces[:, 3] >= 0]
    first, second = np.concatenate([first, fourth[:, 3]]), np.concatenate([second, fourth[:, 2]])
    size = max(int(faces.max(initial=0)) + 1, n_skin)
    piece = pieces(np.stack([first, second], axis=1), size)
    used = np.unique(first)
    return np.flatnonzero(np.isin(piece, piece[used[used < n_skin]]) & np.isin(np.arange(size), used))
