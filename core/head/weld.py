"""Where a head's skin goes on in another part of its file: what is made for the head comes to rest there.

A body does not follow the shapes of a head. Shapes of the file fit both; what is made for the head alone fades to
nothing towards the vertices that both have in the same places, so that no gap opens between them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from rhytid.core.head.fit.target import edge_vertices
from rhytid.core.head.head import Float32, Int32
from rhytid.core.head.other_parts import OtherPart

_SAME_PLACE_MM = 1e-3
_FADE_MM = 40.0


def welded(skin: Float32, triangles: Int32, other_parts: Sequence[OtherPart]) -> npt.NDArray[np.bool_]:
    """Vertices of a skin that another part has in the same place, bool (n,): those where the skin ends.

    Parameters
    ----------
    skin : float32 (n, 3)
        mm.
    triangles : int32 (T, 3)
    other_parts : sequence of OtherPart
    """
    shared = edge_vertices(triangles, len(skin))
    edge = np.flatnonzero(shared)
    if not other_parts or not len(edge):
        return np.zeros(len(skin), bool)
    others = np.concatenate([part.vertices for part in other_parts])
    shared[edge] = cKDTree(others).query(skin[edge], distance_upper_bound=_SAME_PLACE_MM)[0] < _SAME_PLACE_MM
    return shared


def free_share(skin: Float32, held: npt.NDArray[np.bool_]) -> Float32:
    """How far vertices of a skin (n, 3) follow what is made for it, float32 (n,): 0 where it is held, 1 elsewhere."""
    if not held.any():
        return np.ones(len(skin), np.float32)
    away = cKDTree(skin[held]).query(skin)[0]
    t = np.clip(away / _FADE_MM, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)
