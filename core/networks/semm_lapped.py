"""Lapped analysis and synthesis: every cell's numbers come from one window of the map and are written back to it.

The 8 x 8 windows follow the outline of the face, so that no number is spent on what lies beside it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from rhytid.core.maps.units import SIDE
from rhytid.core.networks.semm_config import CHANNELS, GRID, STRUCTURE

Float32 = npt.NDArray[np.float32]
Int32 = npt.NDArray[np.int32]
CELLS = GRID * GRID
WINDOW = 48
_LOWEST = 0.94  # row of the chin's end
_AXIS_X = 0.499
# Half width of the face at rows of the chart, both as fractions of its side.
_ROWS = (0.0, 0.06, 0.12, 0.19, 0.25, 0.31, 0.375, 0.44, 0.50, 0.56, 0.625, 0.69, 0.75, 0.81, 0.875, 0.94)
_HALF_WIDTHS = (0.185, 0.243, 0.29, 0.33, 0.365, 0.375, 0.378, 0.365, 0.34, 0.315, 0.29, 0.265, 0.23, 0.2, 0.17, 0.14)


def outline() -> Float32:
    """1 within the face's outline, falling to 0 over about 4 px, float32 (256, 256)."""
    axis = (np.arange(SIDE) + 0.5) / SIDE
    half = np.interp(axis, _ROWS, _HALF_WIDTHS)
    inside = np.minimum(half[:, None] - np.abs(axis - _AXIS_X)[None, :], (_LOWEST - axis)[:, None])
    return np.clip(0.5 + inside * SIDE / 4, 0, 1).astype(np.float32)


def centres() -> npt.NDArray[np.float64]:
    """Centres of the windows, (row, column) in px of the 256 map, float64 (64, 2)."""
    rows = (np.arange(GRID) + 0.5) / GRID * _LOWEST
    half = np.interp(rows, _ROWS, _HALF_WIDTHS)
    across = (np.arange(GRID) + 0.5) / GRID * 2 - 1
    columns = _AXIS_X + half[:, None] * across[None, :]
    return np.stack([np.repeat(rows, GRID), columns.ravel()], 1) * SIDE


def origins() -> Int32:
    """Upper left corners of the windows, even, so that windows lie inside the map, int32 (64, 2)."""
    corner = np.round((centres() - WINDOW / 2) / 2) * 2
    return np.clip(corner, 0, SIDE - WINDOW).astype(np.int32)


def window_weights() -> Float32:
    """Smooth windows whose squares add up to 1 over the cells of the face, float32 (64, 48, 48)."""
    centre, corner = centres(), origins()
    pitch_y = _LOWEST / GRID * SIDE
    weights = np.zeros((CELLS, WINDOW, WINDOW))
    total = np.full((SIDE, SIDE), 1e-3)
    for cell in range(CELLS):
        row = cell // GRID * GRID
        pitch_x = centre[row + 1, 1] - centre[row, 1]
        along = [np.arange(WINDOW) + corner[cell, i] + 0.5 - centre[cell, i] for i in (0, 1)]
        fall = [
            np.cos(np.clip(d / (1.2 * p), -1, 1) * np.pi / 2) for d, p in zip(along, (pitch_y, pitch_x), strict=True)
        ]
        # Beyond the last centres nobody else sees the skin.
        if cell % GRID in (0, GRID - 1):
            outward = along[1] < 0 if cell % GRID == 0 else along[1] > 0
            fall[1] = np.where(outward, 1.0, fall[1])
        weights[cell] = fall[0][:, None] * fall[1][None, :]
        y, x = corner[cell]
        total[y : y + WINDOW, x : x + WINDOW] += weights[cell] ** 2
    for cell, (y, x) in enumerate(corner):
        weights[cell] /= np.sqrt(total[y : y + WINDOW, x : x + WINDOW])
    return weights.astype(np.float32)


def _places(side: int, window: int, corner: Int32) -> Tensor:
    """Flat index of each texel of each window, int64 (64 * window * window,)."""
    at = np.arange(window)
    rows = corner[:, 0, None, None] + at[None, :, None]
    columns = corner[:, 1, None, None] + at[None, None, :]
    return torch.from_numpy((rows * side + columns).reshape(-1).astype(np.int64))


class Lapped(nn.Module):
    """Linear maps between a stack (x at 256, y at 128) and the structure (B, 8, 8, 8).

    The analysis takes each cell's inner products with its window and mixes those of all cells, because windows
    overlap: with the right mix the structure is the least-squares one. It is solved for, not trained.

    Parameters
    ----------
    with_field : bool
        Whether y is seen and written; its maps stay zero otherwise.
    """

    origin: Tensor
    mean_x: Tensor
    mean_y: Tensor
    analysis_x: Tensor
    analysis_y: Tensor
    mix: Tensor
    _places_x: Tensor
    _places_y: Tensor

    def __init__(self, with_field: bool = True) -> None:
        super().__init__()
        self.with_field = with_field
        half = WINDOW // 2
        corner = origins()
        self.register_buffer("origin", torch.from_numpy(corner))
        self.register_buffer("_places_x", _places(SIDE, WINDOW, corner), persistent=False)
        self.register_buffer("_places_y", _places(SIDE // 2, half, corner // 2), persistent=False)
        self.register_buffer("mean_x", torch.zeros(SIDE, SIDE))
        self.register_buffer("mean_y", torch.zeros(SIDE // 2, SIDE // 2))
        self.register_buffer("analysis_x", torch.randn(CELLS, CHANNELS, WINDOW, WINDOW) / WINDOW)
        self.register_buffer("analysis_y", torch.randn(CELLS, CHANNELS, half, half) / half)
        self.register_buffer("mix", torch.eye(STRUCTURE))
        self.synthesis_x = nn.Parameter(torch.randn(CELLS, CHANNELS, WINDOW, WINDOW) * 0.01)
        self.synthesis_y = nn.Parameter(torch.randn(CELLS, CHANNELS, half, half) * 0.01, requires_grad=with_field)
        if not with_field:
            nn.init.zeros_(self.analysis_y)
            nn.init.zeros_(self.synthesis_y)

    def windows_x(self, x: Tensor) -> Tensor:
        """Windows of x less its mean, (B, 256, 256) -> (64, B, 2304)."""
        return _windows(x - self.mean_x, self._places_x)

    def windows_y(self, y_half: Tensor) -> Tensor:
        """Windows of y less its mean, (B, 128, 128) -> (64, B, 576)."""
        return _windows(y_half - self.mean_y, self._places_y)

    def analyse(self, x: Tensor, y_half: Tensor) -> Tensor:
        """Structure (B, 8, 8, 8) of x (B, 256, 256) in 0.1 mm and y (B, 128, 128)."""
        cells = torch.bmm(self.windows_x(x), self.analysis_x.flatten(2).transpose(1, 2))
        if self.with_field:
            cells = cells + torch.bmm(self.windows_y(y_half), self.analysis_y.flatten(2).transpose(1, 2))
        products = cells.permute(1, 2, 0).reshape(-1, STRUCTURE)
        return (products @ self.mix.T).reshape(-1, CHANNELS, GRID, GRID)

    def synthesise(self, structure: Tensor) -> tuple[Tensor, Tensor]:
        """x_lin (B, 256, 256) and y_lin (B, 128, 128) of a structure (B, 8, 8, 8)."""
        cells = structure.reshape(-1, CHANNELS, CELLS).permute(2, 0, 1)
        x = _overlap_add(cells, self.synthesis_x, self._places_x, SIDE) + self.mean_x
        y = _overlap_add(cells, self.synthesis_y, self._places_y, SIDE // 2) + self.mean_y
        return x, y


def _windows(values: Tensor, places: Tensor) -> Tensor:
    count = len(values)
    gathered = values.reshape(count, -1).index_select(1, places)
    return gathered.reshape(count, CELLS, -1).transpose(0, 1)


def _overlap_add(cells: Tensor, synthesis: Tensor, places: Tensor, side: int) -> Tensor:
    parts = torch.bmm(cells, synthesis.flatten(2)).transpose(0, 1).reshape(cells.shape[1], -1)
    whole = parts.new_zeros(len(parts), side * side)
    return whole.index_add(1, places, parts).reshape(-1, side, side)
