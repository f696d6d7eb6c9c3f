"""Pieces of a mesh are what scipy calls connected components."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from rhytid.core.head.pieces import pieces


@pytest.mark.parametrize("n_edges", [0, 3, 200, 390, 2000])
def test_pieces_are_the_connected_components(n_edges: int) -> None:
    edges = np.random.default_rng(n_edges).integers(0, 400, (n_edges, 2)).astype(np.int32)
    found = pieces(edges, 400)
    graph = sparse.coo_matrix((np.ones(n_edges), edges.T), (400, 400))
    n, label = connected_components(graph, directed=False)
    lowest = np.array([np.flatnonzero(label == one)[0] for one in range(n)])
    np.testing.assert_array_equal(found, lowest[label])


def test_a_long_way_whose_vertices_are_in_disorder_is_one_piece() -> None:
    way = np.random.default_rng(1).permutation(5000)
    assert not pieces(np.stack([way[:-1], way[1:]], axis=1), 5000).any()
