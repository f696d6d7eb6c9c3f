"""Pieces of a mesh: which vertices edges hold together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def pieces(edges: npt.NDArray[np.integer], n_vertices: int) -> npt.NDArray[np.intp]:
    """The piece of each vertex, intp (n_vertices,): the lowest vertex that edges (E, 2) join it to."""
    # Whoever starts the editor waits for this; scipy's `connected_components` takes longer to import than this to run.
    lowest = np.arange(n_vertices)
    first, second = edges[:, 0].astype(np.intp), edges[:, 1].astype(np.intp)
    while True:
        low = np.minimum(lowest[first], lowest[second])
        if (low == lowest[first]).all() and (low == lowest[second]).all():
            return lowest
        # The lowest of a piece so far takes the lower one of a neighbouring piece, and all that know it follow.
        np.minimum.at(lowest, lowest[first], low)
        np.minimum.at(lowest, lowest[second], low)
        while True:
            shorter = lowest[lowest]
            if np.array_equal(shorter, lowest):
                break
            lowest = shorter
