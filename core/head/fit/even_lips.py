"""Shapes carried to lips, made even: a vertex that was laid onto the wrong lip would tear the mouth's corner apart.

Lips touch, and so near to each other a fit cannot always tell which is which. What a few vertices say against their
neighbours is not believed: offsets bend as little as they can (thin plates) among those near to what most say, found
by reweighting on shapes in which the lips go different ways. What is then believed of whom is the same in every shape.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.spatial import cKDTree

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.head.fit.free_field import factors, laplacian
from rhytid.core.head.head import Head, Int32

Float64 = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

TELLING = tuple(ARKIT_INDEX[name] for name in ("jawOpen", "mouthClose", "mouthSmileLeft", "mouthSmileRight"))
_LIPS = slice(48, 68)  # landmarks
_REACH_MM, _FADE_MM = 16.0, 6.0
_BENDS_MM = 0.5  # offsets may change over about so many mm
_BELIEVED_MM = 2.0  # what is so far from what the neighbours say is believed by a quarter
_ROUNDS = 8
_LEAST = 1e-6


class EvenLips:
    """The way from offsets of a skin to those that are even about the mouth.

    Parameters
    ----------
    places : float64 (n, 3)
        Vertices of the skin laid onto the reference, mm.
    skin : float64 (n, 3)
        The same where they are, mm.
    triangles : int32 (T, 3)
    reference : Head
    telling : float64 (n, D)
        Offsets of several shapes side by side in which lips go different ways, as they were carried, mm.
    """

    def __init__(self, places: Float64, skin: Float64, triangles: Int32, reference: Head, telling: Float64) -> None:
        lips = reference.neutral[reference.landmarks[_LIPS]].astype(np.float64)
        distance = cKDTree(lips).query(places, distance_upper_bound=_REACH_MM)[0]
        near = np.isfinite(distance)
        triangles = triangles[near[triangles].all(axis=1)]
        self._vertices: Index = np.unique(triangles).astype(np.intp)
        if not len(self._vertices):
            return
        number = np.full(len(skin), -1)
        number[self._vertices] = np.arange(len(self._vertices))
        stiffness, area = laplacian(skin[self._vertices], number[triangles].astype(np.int32))
        bending = _BENDS_MM**4 * stiffness @ sparse.diags(1 / area) @ stiffness
        said, believed = telling[self._vertices], np.ones(len(self._vertices))
        for _ in range(_ROUNDS):
            self._system = factors(sparse.diags(np.maximum(believed, _LEAST) * area) + bending)
            self._weights = (np.maximum(believed, _LEAST) * area)[:, None]
            against = np.linalg.norm(self._system.solve(self._weights * said) - said, axis=1)
            believed = 1 / (1 + (against / _BELIEVED_MM) ** 2) ** 2
        self._share = np.clip((_REACH_MM - distance[self._vertices]) / _FADE_MM, 0, 1)[:, None]

    def even(self, offsets: Float64) -> None:
        """Make offsets (n, 3) of the skin even, in place."""
        if len(self._vertices):
            said = offsets[self._vertices]
            offsets[self._vertices] += self._share * (self._system.solve(self._weights * said) - said)
