"""Pores: small pits on a jittered lattice, sized by region, drawn exactly at any resolution."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from core.detail import anatomy
from core.detail.noise import white
from core.maps.bands import low_pass

Float32 = npt.NDArray[np.float32]
_CELLS = 184  # lattice cells along the chart's side: one pore per 1.1 mm
_TEXEL_SIGMA = 0.3  # standard deviation of a texel's own extent, in texels


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
    row = np.clip((y * anatomy.RESOLUTION).astype(np.int32), 0, anatomy.RESOLUTION - 1)
    column = np.clip((x * anatomy.RESOLUTION).astype(np.int32), 0, anatomy.RESOLUTION - 1)
    patches = 1 + np.float32(0.22) * low_pass(white(seed, 48, anatomy.RESOLUTION), 5)[row, column] * 5
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


def draw_pores(person: Pores, resolution: int, row_from: int = 0, row_to: int | None = None) -> Float32:
    """Relief of pores, each a pit with a faint rim, depth 1 for a pore of relative depth 1.

    Returns
    -------
    float32 (row_to - row_from, resolution)
    """
    row_to = resolution if row_to is None else row_to
    reach = int(np.ceil(4.2 * float(person.sigma_x.max()) * resolution)) + 1
    first, last = np.searchsorted(person.y, [(row_from - reach) / resolution, (row_to + reach) / resolution])
    rows = row_to - row_from + 2 * reach
    total = np.zeros(rows * (resolution + 2 * reach))
    offset = np.arange(-reach, reach + 1)
    for start in range(first, last, 2048):
        part = slice(start, min(start + 2048, last))
        x, y = person.x[part] * resolution - 0.5, person.y[part] * resolution - 0.5
        column, row = np.round(x).astype(np.int64), np.round(y).astype(np.int64)
        dx = (column - x)[:, None, None] + offset[None, None, :].astype(np.float32)
        dy = (row - y)[:, None, None] + offset[None, :, None].astype(np.float32)
        cosine, sine = np.cos(person.angle[part])[:, None, None], np.sin(person.angle[part])[:, None, None]
        sigma_x, sigma_y = ((s[part] * resolution)[:, None, None] for s in (person.sigma_x, person.sigma_y))
        texel = np.float32(_TEXEL_SIGMA**2)
        wide_x, wide_y = sigma_x**2 + texel, sigma_y**2 + texel
        squared = (dx * cosine + dy * sine) ** 2 / wide_x + (dy * cosine - dx * sine) ** 2 / wide_y
        # A texel averages over a pore that is smaller than itself.
        depth = person.depth[part][:, None, None] * sigma_x * sigma_y / np.sqrt(wide_x * wide_y)
        pit = depth * (0.28 * np.exp(squared * -0.16) - np.exp(squared * -0.5))
        flat = (row - row_from + reach)[:, None, None] + offset[None, :, None]
        keep = (flat >= 0) & (flat < rows)
        index = flat * (resolution + 2 * reach) + (column + reach)[:, None, None] + offset[None, None, :]
        index, pit = np.broadcast_arrays(index, pit)
        keep = np.broadcast_to(keep, pit.shape)
        if keep.all():
            index, values = index.ravel(), pit.ravel()
        else:
            index, values = index[keep], pit[keep]
        low = int(index.min())
        counts = np.bincount(index - low, weights=values)
        total[low : low + len(counts)] += counts
    result = total.reshape(rows, -1)[reach : rows - reach, reach:-reach]
    return np.ascontiguousarray(result, dtype=np.float32)


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
        if not skin[int(y * anatomy.RESOLUTION), int(x * anatomy.RESOLUTION)]:
            continue
        radius = (0.7 + 0.9 * u[2] ** 2) / anatomy.CHART_MM
        squared = ((axis[None, :] - x) ** 2 + (axis[:, None] - y) ** 2) / radius**2
        result += np.float32(0.12 + 0.22 * u[3] ** 2) * np.exp(-(squared**1.6))
    return result
