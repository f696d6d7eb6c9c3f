"""Gums with scalloped margins and papillae, and the palate with its folds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.head.build.dental_arch import CANINE, UPPER, Arch
from rhytid.core.head.build.pieces import strip, turned_over
from rhytid.core.head.build.teeth import labial_extent

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

_COLUMNS_PER_TOOTH = 6
_BEYOND_MM = 4.0
# One side of the ridge, from lip or cheek to the tooth: share of the way to the margin, mm towards the edge,
# mm outside the tooth.
_PROFILE = (
    (0.0, 0.0, -1.5), (0.5, 0.0, 1.0), (0.82, 0.0, 1.0), (1.0, -1.5, 0.62), (1.0, -0.4, 0.42), (1.0, 0.0, 0.0),
    (1.0, -0.3, -1.0),
)  # fmt: skip


def gums(arch: Arch) -> tuple[Float64, Int64, Float64]:
    """Ridge that the teeth stand in: vertices, faces, texture coordinates within 0..1 x 0..0.12."""
    steps = (np.arange(_COLUMNS_PER_TOOTH) / _COLUMNS_PER_TOOTH)[None]
    half = (np.concatenate([[0.0], arch.ends[:-1]])[:, None] + steps * np.array(arch.widths)[:, None]).ravel()
    half = np.concatenate([half, [arch.ends[-1], arch.ends[-1] + _BEYOND_MM]])
    s = np.concatenate([-half[:0:-1], half])
    profile = [(1.0, *step) for step in _PROFILE] + [(-1.0, *step) for step in _PROFILE[::-1]]
    rows = [_row(arch, s, *step) for step in profile]
    vertices = np.concatenate(rows)
    faces = strip(np.arange(len(vertices)).reshape(len(rows), len(s)), closed=False)
    if arch.up < 0:
        faces = faces[:, ::-1]
    u, v = np.linspace(0, 1, len(s)), np.linspace(0, 0.12, len(rows))
    return vertices, faces, np.stack([np.tile(u, len(rows)), np.repeat(v, len(s))], axis=1)


def _row(arch: Arch, s: Float64, outside: float, share: float, edgewards: float, beyond: float) -> Float64:
    """One row of the ridge, (n, 3)."""
    a = np.abs(s)
    number = np.minimum(np.searchsorted(arch.ends, a), len(arch.ends) - 1)
    within = np.clip((a - (arch.ends - arch.widths)[number]) / np.array(arch.widths)[number], 0, 1)
    between = np.abs(2 * within - 1)
    front = np.clip(1 - (number - CANINE) / 2, 0.62, 1)
    extent = np.array([labial_extent(arch, n, 0.08) for n in range(len(arch.ends))])[:, 0 if outside > 0 else 1]
    # Behind the last tooth the ridge runs out; between two teeth it draws back and rises.
    gone = np.clip((a - arch.ends[-1]) / _BEYOND_MM, 0, 1)
    papilla = arch.papilla * front * between**2.4 * (1.0 if outside > 0 else 0.8) * (1 - gone)
    neck = np.interp(a, arch.middles, arch.neck_y) - arch.up * 2.5 * gone
    margin = neck + arch.up * (0.5 + papilla + edgewards)
    y = (1 - share) * arch.gum_y + share * margin
    root = 0.5 * np.cos(2 * np.pi * within) * np.clip(4 * share * (1 - share) + 0.3 * (beyond > 0), 0, 1)
    recess = (0.9 + 0.9 * front) * between**3 * share
    distance = np.interp(a, arch.middles, extent) * (1 - 0.5 * gone) + beyond - root - recess
    point, normal = arch.point(s, np.interp(a, arch.middles, arch.thickness) / 2)
    xz = point + outside * distance[:, None] * normal
    return np.stack([xz[:, 0], y, xz[:, 1]], axis=1)


_PALATE_Z = np.concatenate([np.arange(99.0, 75.0, -1.6), [73, 69, 64, 59, 55, 51.5, 48]])
_PALATE_ACROSS = 15
_VAULT_MM = ((48, 50, 56, 64, 80, 92, 99), (1.0, 4.0, 9.5, 13.0, 12.5, 7.0, 1.0))  # height over z
_RUGAE_MM, _RUGA_SPACING_MM = 0.42, 4.8
_HARD_FROM_Z = 57.0


def palate() -> tuple[Float64, Int64, Float64]:
    """Vault between the upper gums, its folds, and the soft palate down to the uvula; texture in 0..1 x 0..0.12."""
    s = np.linspace(0, UPPER.ends[-1] + _BEYOND_MM, 200)
    inner, _ = UPPER.point(s, np.interp(s, UPPER.middles, UPPER.thickness) + 0.2)
    margin = np.interp(s, UPPER.middles, UPPER.neck_y) + 1.5
    backwards = np.argsort(inner[:, 1])
    half_width = np.interp(_PALATE_Z, inner[backwards, 1], inner[backwards, 0])
    level = np.interp(_PALATE_Z, inner[backwards, 1], margin[backwards])
    a = np.linspace(-1, 1, _PALATE_ACROSS)
    x = half_width[:, None] * a
    z = np.broadcast_to(_PALATE_Z[:, None], x.shape)
    y = level[:, None] + np.interp(z, *_VAULT_MM) * (1 - np.abs(a) ** 2.6) ** 0.8
    # Folds run sideways and forwards from the raphe, and only before the molars.
    fold = np.sin(2 * np.pi * (z - 0.25 * np.abs(x)) / _RUGA_SPACING_MM)
    y -= _RUGAE_MM * fold * np.clip((z - 76) / 6, 0, 1) * np.clip(np.abs(x) / 2, 0, 1) * (1 - a**6)
    y -= 0.3 * np.exp(-((x / 1.2) ** 2)) * (z > _HARD_FROM_Z)
    # The soft palate falls, and the uvula hangs from its end.
    fall = np.clip((_HARD_FROM_Z - z) / 9, 0, 1)
    y -= fall * (4.0 + 7.0 * np.exp(-((x / 3.2) ** 2)) * fall)
    vertices = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    faces = turned_over(strip(np.arange(len(vertices)).reshape(x.shape), closed=False))
    u, v = (a + 1) / 2, np.linspace(0, 0.12, len(x))
    return vertices, faces, np.stack([np.tile(u, len(x)), np.repeat(v, len(a))], axis=1)
