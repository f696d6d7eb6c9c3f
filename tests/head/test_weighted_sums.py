"""The first product, which numpy sums, is the one that scipy's matrix gives."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from rhytid.core.head.weighted_sums import WeightedSums


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_all_products_are_alike_and_those_of_the_matrix(kind: type) -> None:
    rng = np.random.default_rng(2)
    at = np.unravel_index(rng.choice(60 * 40, 900, replace=False), (60, 40))
    weights, values = rng.standard_normal(900).astype(kind), rng.standard_normal((40, 3)).astype(np.float32)
    sums = WeightedSums(weights, *at, (60, 40))
    first, second = sums @ values, sums @ values
    assert first.dtype == second.dtype == kind
    np.testing.assert_allclose(first, second, rtol=0, atol=1e-6 if kind is np.float32 else 1e-15)
    np.testing.assert_allclose(first, sparse.coo_matrix((weights, at), (60, 40)).toarray() @ values, atol=1e-5)


def test_a_row_without_weights_sums_to_nothing() -> None:
    sums = WeightedSums(np.ones(2, np.float32), np.array([2, 0]), np.array([1, 1]), (4, 2))
    values = np.array([[1.0], [5.0]], np.float32)
    assert (sums @ values).ravel().tolist() == (sums @ values).ravel().tolist() == [5.0, 0.0, 5.0, 0.0]
