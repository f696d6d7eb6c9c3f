"""The tongue: sections along a midline that runs from the root to the tip, at rest and put out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.interpolate import PchipInterpolator

from rhytid.core.head.build.pieces import facing_out, fan, strip

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

_N_SECTIONS, _N_AROUND = 20, 20
_GROOVE_MM, _GROOVE_WIDTH_MM = 1.1, 2.6


@dataclass(frozen=True)
class Posture:
    """Knots along the midline, root first, in mm of the source model.

    Attributes
    ----------
    at : tuple of float
        Where the knots are, 0 the root and 1 the tip.
    y, z : tuple of float
        The midline.
    half_width, over, under : tuple of float
        Extents of the section beside, above and below the midline.
    """

    at: tuple[float, ...]
    y: tuple[float, ...]
    z: tuple[float, ...]
    half_width: tuple[float, ...]
    over: tuple[float, ...]
    under: tuple[float, ...]

    def knots(self, t: Float64) -> tuple[Float64, ...]:
        """y, z, half width, over, under and the midline's direction (n, 2) in y, z at t (n,)."""
        smooth = [PchipInterpolator(self.at, values) for values in (self.y, self.z)]
        sizes = [PchipInterpolator(self.at, v)(t) for v in (self.half_width, self.over, self.under)]
        along = np.stack([curve(np.clip(t + 0.02, 0, 1)) - curve(np.clip(t - 0.02, 0, 1)) for curve in smooth], axis=-1)
        return smooth[0](t), smooth[1](t), *sizes, along / np.linalg.norm(along, axis=-1, keepdims=True)


_AT = (0.0, 0.16, 0.36, 0.58, 0.78, 0.91, 1.0)
REST = Posture(
    _AT,
    y=(-60.0, -51.0, -44.5, -41.3, -37.2, -33.8, -31.8),
    z=(44.0, 48.5, 58.0, 71.0, 84.5, 93.5, 98.4),
    half_width=(13.0, 16.0, 16.6, 16.0, 13.8, 10.6, 4.2),
    over=(4.0, 7.0, 8.5, 7.3, 4.6, 2.6, 1.4),
    under=(4.0, 6.5, 8.5, 8.0, 5.2, 2.4, 0.9),
)
# Flat between the teeth and over the lower lip, then down.
OUT = Posture(
    _AT,
    y=(-60.0, -49.5, -40.2, -32.5, -29.2, -30.4, -35.2),
    z=(44.0, 50.0, 65.0, 86.0, 107.0, 120.0, 128.0),
    half_width=(13.0, 16.0, 16.0, 13.6, 12.8, 11.8, 4.4),
    over=(4.0, 7.0, 7.5, 5.0, 4.0, 3.4, 1.8),
    under=(4.0, 6.5, 7.0, 4.2, 2.8, 2.2, 1.2),
)


def tongue() -> tuple[Float64, Int64, Float64]:
    """The tongue at rest; texture within 0..0.47 x 0..0.4."""
    vertices = _surface(REST)
    n = _N_SECTIONS * _N_AROUND
    grid = np.arange(n).reshape(_N_SECTIONS, _N_AROUND)
    faces = np.concatenate([strip(grid, closed=True), fan(grid[0, ::-1], n), fan(grid[-1], n + 1)])
    u = np.concatenate([np.abs(np.tile(np.arange(_N_AROUND), _N_SECTIONS) / _N_AROUND * 2 - 1), [0.5, 0.5]])
    v = np.concatenate([np.repeat(np.linspace(0.02, 0.98, _N_SECTIONS), _N_AROUND), [0, 1]])
    return vertices, facing_out(vertices, faces, vertices.mean(axis=0)), np.stack([0.47 * u, 0.4 * v], axis=1)


def tongue_out() -> Float64:
    """Offsets of tongueOut, for a jaw that is open far enough."""
    return _surface(OUT) - _surface(REST)


def _surface(posture: Posture) -> Float64:
    """Vertices: the sections one after the other, then the root's and the tip's end."""
    # Sections lie closer towards the tip, which is round.
    t = 1 - np.linspace(1, 0, _N_SECTIONS) ** 1.7
    y, z, half_width, over, under, along = posture.knots(t)
    angle = np.arange(_N_AROUND) / _N_AROUND * 2 * np.pi
    cosine, sine = np.cos(angle), np.sin(angle)
    round_sine = np.sign(sine) * np.abs(sine) ** 0.8
    x = half_width[:, None] * np.sign(cosine) * np.abs(cosine) ** 0.85
    n = np.where(sine > 0, over[:, None], under[:, None]) * round_sine
    groove = _GROOVE_MM * np.exp(-((x / _GROOVE_WIDTH_MM) ** 2)) * np.clip(sine, 0, 1)
    n -= groove * np.clip(t / 0.2, 0, 1)[:, None] * np.clip((1 - t) / 0.12, 0.15, 1)[:, None]
    sections = np.stack([x, y[:, None] + n * along[:, 1:], z[:, None] - n * along[:, :1]], axis=-1)
    ends = [[0, y[0], z[0] - 2.0]], [[0, y[-1] + 1.2 * along[-1, 0], z[-1] + 1.2 * along[-1, 1]]]
    return np.concatenate([sections.reshape(-1, 3), *ends])
