"""The lapped transform of the structured SEMM: overlapping windows of a map to a few numbers each, and back.

The numpy twin of `core.networks.semm`; its weights are the tensors ``structure.*`` that are listed there.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from rhytid.core.learned.code import STRUCTURE_SHAPE
from rhytid.core.maps.units import SIDE

Float32 = npt.NDArray[np.float32]
_CELLS, _CHANNELS = 64, 8
_WINDOW, _WINDOW_Y = 48, 24  # px of 256, of 128


def halved(values: Float32) -> Float32:
    """Mean over 2 x 2 texels."""
    rows, columns = values.shape
    return np.asarray(values.reshape(rows // 2, 2, columns // 2, 2).mean(axis=(1, 3)), np.float32)


class LappedTransform:
    """Analysis and synthesis of (x in 0.1 mm at 256, y at 128).

    Parameters
    ----------
    tensors : mapping of array by name
        Tensors of the model.

    Raises
    ------
    ValueError
        One is missing or of the wrong shape; the message names it.
    """

    def __init__(self, tensors: Mapping[str, npt.NDArray[np.generic]]) -> None:
        origin = take(tensors, "structure.origin", (_CELLS, 2)).astype(np.int64)
        if ((origin < 0) | (origin > SIDE - _WINDOW) | (origin % 2 != 0)).any():
            raise ValueError("structure.origin: windows must lie inside the map, at even texels")
        self._origin = [(int(row), int(column)) for row, column in origin]
        self._mean_x = _float(tensors, "structure.mean_x", (SIDE, SIDE))
        self._mean_y = _float(tensors, "structure.mean_y", (SIDE // 2, SIDE // 2))
        shape_x, shape_y = (_CELLS, _CHANNELS, _WINDOW, _WINDOW), (_CELLS, _CHANNELS, _WINDOW_Y, _WINDOW_Y)
        # Cell by cell (channels, texels), so that one product serves a cell.
        self._analysis_x = _float(tensors, "structure.analysis_x", shape_x).reshape(_CELLS, _CHANNELS, -1)
        self._analysis_y = _float(tensors, "structure.analysis_y", shape_y).reshape(_CELLS, _CHANNELS, -1)
        # Windows overlap: what their products have in common is taken out by mixing all of them.
        count = _CELLS * _CHANNELS
        self._mix = _float(tensors, "structure.mix", (count, count))
        self._synthesis_x = _float(tensors, "structure.synthesis_x", shape_x).reshape(_CELLS, _CHANNELS, -1)
        self._synthesis_y = _float(tensors, "structure.synthesis_y", shape_y).reshape(_CELLS, _CHANNELS, -1)

    def analysed(self, x: Float32, y: Float32) -> Float32:
        """Structure (8, 8, 8) of x (256, 256) in 0.1 mm and y (128, 128)."""
        x, y = x - self._mean_x, y - self._mean_y
        products = np.empty((_CELLS, _CHANNELS), np.float32)
        for cell, (row, column) in enumerate(self._origin):
            window = x[row : row + _WINDOW, column : column + _WINDOW].ravel()
            products[cell] = self._analysis_x[cell] @ window
            row, column = row // 2, column // 2
            window = y[row : row + _WINDOW_Y, column : column + _WINDOW_Y].ravel()
            products[cell] += self._analysis_y[cell] @ window
        return (self._mix @ products.T.ravel()).reshape(STRUCTURE_SHAPE)

    def synthesised(self, structure: Float32) -> tuple[Float32, Float32]:
        """x (256, 256) in 0.1 mm and y (128, 128) of a structure (8, 8, 8)."""
        by_cell = structure.reshape(_CHANNELS, _CELLS).T
        x, y = self._mean_x.copy(), self._mean_y.copy()
        for cell, (row, column) in enumerate(self._origin):
            window = (by_cell[cell] @ self._synthesis_x[cell]).reshape(_WINDOW, _WINDOW)
            x[row : row + _WINDOW, column : column + _WINDOW] += window
            row, column = row // 2, column // 2
            window = (by_cell[cell] @ self._synthesis_y[cell]).reshape(_WINDOW_Y, _WINDOW_Y)
            y[row : row + _WINDOW_Y, column : column + _WINDOW_Y] += window
        return x, y


def take(
    tensors: Mapping[str, npt.NDArray[np.generic]], name: str, shape: tuple[int, ...]
) -> npt.NDArray[np.generic]:
    """One tensor of a model, whose shape is checked.

    Raises
    ------
    ValueError
        It is missing or has another shape.
    """
    if name not in tensors:
        raise ValueError(f"{name} is missing")
    if tensors[name].shape != shape:
        raise ValueError(f"{name} has the shape {tensors[name].shape} instead of {shape}")
    return tensors[name]


def _float(tensors: Mapping[str, npt.NDArray[np.generic]], name: str, shape: tuple[int, ...]) -> Float32:
    return np.ascontiguousarray(take(tensors, name, shape), np.float32)
