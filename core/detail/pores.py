"""Pores: small pits on a jittered lattice, sized by region, drawn exactly at any resolution."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.detail import anatomy
from rhytid.core.detail.noise import white
from rhytid.core.maps.bands import low_pass
from rhytid.core.maps.units import SIDE

Float32 = npt.NDArray[np.float32]
_CELLS = 184  # lattice cells along the chart's side: one pore per 1.1 mm
_TEXEL_SIGMA = 0.3  # standard deviation of a texel's own extent, in texels
_REACH = 3.0  # standard deviations at which a pore ends
_RIM = 3.2  # squared distance in standard deviations at which the pit passes into its rim
_LEAST_ROUND = 0.5  # power of a pore's elongation that is left on the skin: at most 1.33 times as long as wide
_CHUNK = 256  # pores at a time, so that the work stays in the processor's cache


@dataclass(frozen=True, eq=False)
class Pores:
    """Pores of one person.

    Attributes
    ----------
    x, y : float32 (N,)
        Chart coordinates; sorted by y.
    sigma_x, sigma_y, angle : float32 (N,)
        Half axes as standard deviations in fractions of the chart's side, and the direction of the long one.
    depth : float32 (N,)
        0..about 1.6, relative.
    """

    x: Float32
    y: Float32
    sigma_x: Float32
    sigma_y: Float32
    angle: Float32
    depth: Float32


def _uniform(seed: int, channel: int, side: int) -> Float32:
    return white(seed, channel, side) / np.float32(12**0.5) + np.float32(0.5)


@lru_cache(maxsize=4)
def pores(seed: int) -> Pores:
    """The pores of the person with that seed."""
    draws = [_uniform(seed, 40 + n, _CELLS).ravel() for n in range(6)]
    jitter_x, jitter_y, chance, size, depth, stretch = draws
    cells = np.arange(_CELLS, dtype=np.float32)
    # Every second row is shifted by half a cell, so that the jittered lattice has no columns to be seen.
    shift = np.where(np.arange(_CELLS) % 2 == 0, 0.25, -0.25).astype(np.float32)[:, None]
    x = ((cells[None, :] + shift).ravel() + jitter_x) / _CELLS
    y = (np.repeat(cells, _CELLS) + jitter_y * np.float32(1.1) - np.float32(0.05)) / _CELLS
    inside = (x > 0) & (x < 1) & (y > 0) & (y < 1)
    row = np.clip((y * SIDE).astype(np.int32), 0, SIDE - 1)
    column = np.clip((x * SIDE).astype(np.int32), 0, SIDE - 1)
    patches = 1 + np.float32(0.22) * low_pass(white(seed, 48, SIDE), 5)[row, column] * 5
    amount = anatomy.pore_amount()[row, column] * np.clip(patches, 0.4, 1.6)
    inside &= (chance < 0.35 + 0.6 * amount) & (amount > 0.02)
    amount = amount[inside]
    sigma = (0.075 + 0.075 * np.minimum(amount, 1.6) + 0.06 * size[inside] ** 2) / anatomy.CHART_MM
    along = 1 + np.float32(0.75) * stretch[inside]
    order = np.argsort(y[inside], kind="stable")
    values = (
        x[inside], y[inside], sigma * along**0.5, sigma / along**0.5,
        anatomy.tension_line_angle()[row, column][inside] + (stretch[inside] - 0.5),
        amount * (0.35 + 0.9 * depth[inside] ** 2),
    )  # fmt: skip
    return Pores(*(value[order].astype(np.float32) for value in values))


def laid(person: Pores, mm_from_chart: Float32) -> Pores:
    """The pores as round on the skin as they are in the chart, whose stretch over the face they no longer follow.

    Parameters
    ----------
    mm_from_chart : float32 (256, 256, 2, 2)
        See `core.head.metric`.
    """
    row, column = (np.clip((at * SIDE).astype(np.int32), 0, SIDE - 1) for at in (person.y, person.x))
    step = mm_from_chart[row, column].astype(np.float64)
    along = np.stack([np.cos(person.angle), np.sin(person.angle)], axis=1)
    on_skin = np.einsum("nij,nj->ni", step, along)
    on_skin /= np.linalg.norm(on_skin, axis=1, keepdims=True)
    across = np.stack([-on_skin[:, 1], on_skin[:, 0]], axis=1)
    size_mm = np.sqrt(person.sigma_x * person.sigma_y) * anatomy.CHART_MM
    longer = (person.sigma_x / person.sigma_y) ** (_LEAST_ROUND / 2)
    axes = np.stack([on_skin * (size_mm * longer)[:, None], across * (size_mm / longer)[:, None]], axis=2)
    spread = np.linalg.solve(step, axes)
    squared, direction = np.linalg.eigh(spread @ np.swapaxes(spread, 1, 2))
    sigma = np.sqrt(squared)
    angle = np.arctan2(direction[:, 1, 1], direction[:, 0, 1])
    values = (person.x, person.y, sigma[:, 1], sigma[:, 0], angle, person.depth)
    return Pores(*(value.astype(np.float32) for value in values))


def draw_pores(person: Pores, resolution: int, row_from: int = 0, row_to: int | None = None) -> Float32:
    """Relief of pores, each a pit with a faint rim, depth 1 for a pore of relative depth 1.

    Returns
    -------
    float32 (row_to - row_from, resolution)
    """
    row_to = resolution if row_to is None else row_to
    reaches = np.ceil(_REACH * np.maximum(person.sigma_x * resolution, _TEXEL_SIGMA)).astype(np.int64) + 1
    largest = int(reaches.max())
    rows, columns = row_to - row_from + 2 * largest, resolution + 2 * largest
    first, last = np.searchsorted(
        person.y, [(row_from - largest) / resolution, (row_to + largest) / resolution]
    )
    total = np.zeros(rows * columns)
    in_range = np.arange(first, last)
    for reach in np.unique(reaches[first:last]):
        group = in_range[reaches[first:last] == reach]
        for start in range(0, len(group), _CHUNK):
            part = group[start : start + _CHUNK]
            row, column, pit = _pits(person, part, int(reach), resolution)
            offset = np.arange(-reach, reach + 1)
            at_row = (row - row_from + largest)[:, None] + offset
            keep = (at_row >= 0) & (at_row < rows)
            index = (at_row * columns)[:, :, None] + ((column + largest)[:, None] + offset)[:, None, :]
            if not keep.all():
                index, pit = index[keep], pit[keep]
            if index.size:
                low = int(index.min())
                counts = np.bincount(index.ravel() - low, weights=pit.ravel())
                total[low : low + len(counts)] += counts
    result = total.reshape(rows, columns)[largest : rows - largest, largest:-largest]
    return np.ascontiguousarray(result, dtype=np.float32)


def _pits(
    person: Pores, part: npt.NDArray[np.int64], reach: int, resolution: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Float32]:
    """Centre texels (N,) of some pores and their relief (N, 2 reach + 1, 2 reach + 1) around them."""
    x, y = person.x[part] * resolution - 0.5, person.y[part] * resolution - 0.5
    column, row = np.round(x).astype(np.int64), np.round(y).astype(np.int64)
    offset = np.arange(-reach, reach + 1, dtype=np.float32)
    dx = (column - x).astype(np.float32)[:, None] + offset
    dy = (row - y).astype(np.float32)[:, None] + offset
    cosine, sine = np.cos(person.angle[part])[:, None], np.sin(person.angle[part])[:, None]
    sigma_x, sigma_y = person.sigma_x[part] * resolution, person.sigma_y[part] * resolution
    wide_x, wide_y = sigma_x**2 + np.float32(_TEXEL_SIGMA**2), sigma_y**2 + np.float32(_TEXEL_SIGMA**2)
    along = (dx * cosine)[:, None, :] + (dy * sine)[:, :, None]
    across = (dy * cosine)[:, :, None] - (dx * sine)[:, None, :]
    along *= along
    along *= (1 / wide_x)[:, None, None]
    across *= across
    across *= (1 / wide_y)[:, None, None]
    along += across  # squared distance in standard deviations
    pit = np.maximum(1 - along * np.float32(1 / _REACH**2), 0)
    pit *= pit
    pit *= pit
    along *= np.float32(1 / _RIM)
    along -= 1
    pit *= along
    # A texel averages over a pore that is smaller than itself.
    pit *= (person.depth[part] * sigma_x * sigma_y / np.sqrt(wide_x * wide_y))[:, None, None]
    return row, column, pit


def mole_map(seed: int, resolution: int) -> Float32:
    """Raised moles, mm: most people get none or one or two, float32 (resolution, resolution)."""
    draw = _uniform(seed, 77, 64)[0]
    result = np.zeros((resolution, resolution), np.float32)
    axis = (np.arange(resolution, dtype=np.float32) + 0.5) / resolution
    skin = low_pass(anatomy.skin() * (1 - anatomy.lips()) * (1 - anatomy.eyelids()), 2) > 0.75
    count = int(np.searchsorted([0.4, 0.72, 0.9, 0.97, 1.0], draw[0]))
    for number in range(count):
        u = draw[4 + 5 * number : 9 + 5 * number]
        x, y = 0.16 + 0.68 * u[0], 0.06 + 0.82 * u[1]
        if not skin[int(y * SIDE), int(x * SIDE)]:
            continue
        radius = (0.7 + 0.9 * u[2] ** 2) / anatomy.CHART_MM
        squared = ((axis[None, :] - x) ** 2 + (axis[:, None] - y) ** 2) / radius**2
        result += np.float32(0.12 + 0.22 * u[3] ** 2) * np.exp(-(squared**1.6))
    return result
