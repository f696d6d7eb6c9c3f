"""Weighted sums of values per vertex: a sparse matrix that does not need scipy for its first product."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy import sparse

Floats = npt.NDArray[np.floating[Any]]


class WeightedSums:
    """The matrix of `weights` at `rows` and `columns`, multiplied with `@`.

    The first picture of the editor takes one product, and scipy a tenth of a second to import: so the first is summed
    by numpy, in the order and the precision of scipy's, which makes the others.

    Parameters
    ----------
    weights : float (E,)
    rows, columns : int (E,)
        The weights of a row are summed in the order in which they stand here.
    shape : (n_rows, n_columns)
    """

    def __init__(
        self, weights: Floats, rows: npt.NDArray[np.integer], columns: npt.NDArray[np.integer], shape: tuple[int, int]
    ) -> None:
        order = np.argsort(rows, kind="stable")
        self._weights, self._rows, self._columns, self._shape = weights[order], rows[order], columns[order], shape
        self._matrix: sparse.csr_matrix | None = None
        self._multiplied = False

    def __matmul__(self, values: Floats) -> Floats:
        """Sums of values (n_columns, C), (n_rows, C) in the more precise of both types."""
        if not self._multiplied:
            self._multiplied = True
            return self._summed(values)
        if self._matrix is None:
            from scipy import sparse

            starts = np.searchsorted(self._rows, np.arange(self._shape[0] + 1))
            self._matrix = sparse.csr_matrix((self._weights, self._columns, starts), self._shape)
        product: Floats = self._matrix @ values
        return product

    def _summed(self, values: Floats) -> Floats:
        total = np.zeros((values.shape[1], self._shape[0]), np.result_type(self._weights, values))
        for column, sums in zip(values.T, total, strict=True):
            np.add.at(sums, self._rows, self._weights * column[self._columns])
        return total.T
