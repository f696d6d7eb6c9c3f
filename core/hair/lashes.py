"""Lashes: rows of stiff hairs along the edge of both lids that leave it forward and curl away from the opening.

Numbers after Thibaut et al. 2010, "The length and shape of the human eyelash": about 100 to 150 hairs of 8 to 12 mm
on the upper lid, half as many of 6 to 8 mm on the lower; some are always young and short.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rhytid.core.hair.strands import N_POINTS, Strands
from rhytid.core.head.head import Head
from rhytid.core.head.lid_margin import Margin, lid_margin

Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]

_LEVELS = (0.12, 0.28, 0.45)  # rows of roots, from the rim outwards
_WIDTH_MM = 0.10
_ASTRAY = 0.04  # radians, of a lash from what its neighbours do
_CLUMP = 3
_GOLDEN_RATIO = 0.5 + 0.5 * 5**0.5
_CHEEK_MM = 10.0  # below the lower lid


@dataclass(frozen=True)
class _Lid:
    """How the lashes of one lid grow; angles from forward to away from the opening, radians."""

    up: float
    n: int  # at density 1
    first: float  # where along the lid, 0 at the inner corner, they begin
    last: float
    length_mm: float
    longer_mm: float  # beyond the middle
    leaving: float
    ending: float
    clumping: float


_UPPER = _Lid(1.0, 96, 0.14, 0.985, 5.8, 3.4, -0.16, 0.66, 0.5)
_LOWER = _Lid(-1.0, 46, 0.20, 0.97, 3.2, 1.7, 0.0, 0.70, 0.65)


def lashes(head: Head, seed: int) -> Strands:
    """Lashes of both eyes for densities up to 2; none where the head has no opening at its eyes."""
    grown = []
    for eye in (0, 1):
        margin = lid_margin(head, eye, _LEVELS)
        if margin is None:
            continue
        for number, lid in enumerate((_UPPER, _LOWER)):
            rng = np.random.default_rng((seed, 31, eye, number))
            grown += [_row(head, margin, line, lid, 1.0 if eye == 0 else -1.0, rng) for line in margin.lines]
    return Strands.joined(grown) if grown else Strands.none()


def _row(
    head: Head, margin: Margin, line: tuple[Int32, Float64], lid: _Lid, lateral: float, rng: np.random.Generator
) -> Strands:
    """One row of one lid along a line of its margin; `lateral` is the sign of x away from the nose."""
    vertices = head.neutral
    triangle, weights_at_ends = line
    ends = np.einsum("sej,sjk->sek", weights_at_ends, vertices[triangle].astype(np.float64))
    middle = ends.mean(axis=1)
    inner, outer = vertices[[margin.inner_corner, margin.outer_corner]].astype(np.float64)
    corner_line = outer - inner
    along = (middle - inner) @ corner_line / (corner_line @ corner_line)
    height = middle[:, 1] - inner[1] - along * corner_line[1]
    own = np.flatnonzero((height * lid.up > 0) & (along > lid.first) & (along < lid.last))
    if not len(own):
        return Strands.none()
    own = own[along[own].argsort()]
    upto = np.cumsum(np.linalg.norm(ends[own, 1] - ends[own, 0], axis=1))
    n = max(round(2 * lid.n / len(_LEVELS)), 1)
    place = (np.arange(n) + rng.uniform(0.1, 0.9, n)) / n * upto[-1]
    number = np.searchsorted(upto, place)
    segment = own[number]
    left = (upto[number] - place) / np.diff(upto, prepend=0.0)[number]
    outwards = (ends[segment, 1] - ends[segment, 0]) @ corner_line > 0
    share = np.where(outwards, 1 - left, left)[:, None]
    weights = (1 - share) * weights_at_ends[segment, 0] + share * weights_at_ends[segment, 1]
    root = triangle[segment]
    at = np.einsum("nj,njk->nk", weights, vertices[root].astype(np.float64))
    forward = _forward(at, along[segment], margin.centre, lateral, rng)
    points = _curves(at, along[segment], forward, lid, rng)
    # All turn as the lid does about the line through its corners; the lower lid slides more than it turns.
    third = triangle[own[np.abs(along[own] - 0.5).argmin()], 0]
    if lid.up < 0:
        below = vertices[third] - np.array([0, _CHEEK_MM, 0], np.float32)
        third = np.linalg.norm(vertices[: head.n_skin] - below, axis=1).argmin()
    hinge = np.array([margin.inner_corner, margin.outer_corner, third], np.int32)
    if lid.up * lateral < 0:
        hinge = hinge[[1, 0, 2]]  # the normal looks ahead
    frame = np.repeat(hinge[None], n, axis=0)
    taper = 1 - 0.85 * np.linspace(0, 1, N_POINTS) ** 1.5
    width = _WIDTH_MM * rng.uniform(0.75, 1.1, n)[:, None] * taper * (1.0 if lid.up > 0 else 0.8)
    grown = Strands.grown(
        vertices, root, weights.astype(np.float32), frame, points.astype(np.float32), forward.astype(np.float32),
        width.astype(np.float32), rng,
    )  # fmt: skip
    # Multiples of the golden ratio: whatever the density, those that are worn are spread evenly along the lid.
    return replace(grown, rank=((rng.random() + np.arange(n) / _GOLDEN_RATIO) % 1).astype(np.float32))


def _forward(at: Float64, along: Float64, centre: Float64, lateral: float, rng: np.random.Generator) -> Float64:
    """Unit vectors (n, 3) away from the eye, spread like a fan."""
    away = at - centre
    forward = 0.6 * away / np.linalg.norm(away, axis=1, keepdims=True) + [0, 0, 0.5]
    forward[:, 0] += lateral * (0.75 * (along - 0.42) + rng.normal(0, _ASTRAY, len(at)))
    return np.asarray(forward / np.linalg.norm(forward, axis=1, keepdims=True), np.float64)


def _curves(at: Float64, along: Float64, forward: Float64, lid: _Lid, rng: np.random.Generator) -> Float64:
    """Points (n, N_POINTS, 3) of the lashes with these roots."""
    n = len(at)
    up = np.array([0.0, lid.up, 0.0]) - forward * (lid.up * forward[:, 1:2])
    up /= np.linalg.norm(up, axis=1, keepdims=True)
    young = np.where(rng.random(n) < 0.10, rng.uniform(0.5, 0.8, n), 1.0)
    bump = np.exp(-(((along - 0.68) / 0.34) ** 2))
    length = (lid.length_mm + lid.longer_mm * bump) * rng.uniform(0.90, 1.05, n) * young
    s = np.linspace(0, 1, N_POINTS)
    leaving = lid.leaving + rng.normal(0, _ASTRAY, n)
    ending = lid.ending + rng.normal(0, _ASTRAY, n)
    middle = 0.5 * (s[1:] + s[:-1])
    angle = leaving[:, None] + (ending - leaving)[:, None] * middle**0.8
    step = (length[:, None] / (N_POINTS - 1))[..., None]
    run = np.cos(angle)[..., None] * forward[:, None] + np.sin(angle)[..., None] * up[:, None]
    points = np.concatenate([np.zeros((n, 1, 3)), np.cumsum(step * run, axis=1)], axis=1) + at[:, None]
    # Neighbours stick together towards their tips.
    group = np.arange(n) // _CLUMP
    tips = np.stack([np.bincount(group, points[:, -1, k]) for k in range(3)], axis=1) / np.bincount(group)[:, None]
    pull = lid.clumping * rng.random(int(group[-1]) + 1)[group][:, None, None]
    return points + pull * (s**1.5)[:, None] * (tips[group] - points[:, -1])[:, None]
