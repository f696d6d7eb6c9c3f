"""A drawn stroke as a wrinkle: a soft body with a crease in it, finer lines beside it, all of them uneven.

Skin does not fold like sheet metal: a furrow wanders, is deeper here and shallower there, gathers more skin on one
side, sends off finer lines that run beside it or join it, and runs out. What a wrinkle does at a place follows from
the place in the chart and the stroke's seed (`core.lines.chart_noise`), never from a texel or from where the stroke
begins. So a stroke is the same at every resolution, a change of it reaches no farther than the change, and its
mirror image, which has the negative seed, is the mirror image.

Lengths are in mm of the chart. Wavelengths are those at which forehead and eye lines of published casts wander and
vary in depth (about 1 to 15 mm); amounts were chosen for the look under raking light on synthetic people.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.lines.chart_noise import chart_noise
from rhytid.core.lines.curve import curve
from rhytid.core.lines.stroke import Profile, Stroke
from rhytid.core.maps.units import CHART_MM
from rhytid.core.read_only import read_only

Float64 = npt.NDArray[np.float64]
_COURSE_RESOLUTION = 1024  # of the curve that is made uneven, whatever the map's
_BODY_STEP_MM, _CREASE_STEP_MM = 1.0, 0.45
_STEP_PX = 0.8
_TAPER_MM, _TAPER_WIDTHS, _TAPER_SHARE = 3.0, 3.0, 0.45
_WIDEST_MM = 3.0  # the unevenness of broad folds is that of a line of this width
CREASE_SHARE = {
    Profile.WRINKLE: 0.38, Profile.CREASE: 0.55, Profile.FOLD: 0.25, Profile.FINE_LINE: 0.7, Profile.SCAR: 0.0,
}  # fmt: skip
"""Of the depth, in the crease; the rest is the body's."""
CREASE_SUPPORT = 2.0
"""Half widths of a crease at which it ends."""
BODY_SUPPORT = {
    Profile.WRINKLE: 7.5**0.5, Profile.CREASE: 2.0**0.5, Profile.FOLD: 10.0**0.5, Profile.FINE_LINE: 1.6**0.5,
    Profile.SCAR: 1.5,
}  # fmt: skip
"""Half widths of a body at which it ends."""
_CREASE_WIDTH, _CREASE_HALF_MM = 0.32, (0.16, 0.75)
_TEXEL_EXTENT_PX = 0.45
_BESIDE_DEPTH = 0.5


@dataclass(frozen=True, eq=False)
class Thread:
    """One of the lines that a wrinkle is made of, on a map of some resolution.

    Attributes
    ----------
    rows : float64 (M, 4 + 2 K), read-only
        x0, y0, x1, y1 in texels and K values at both ends: effect (pressure, taper and unevenness, 0..1.6) and, of a
        body, lean (-1..1: how much more skin lies to the left); of a stroke of uneven width last its share.
    half_px : float
        Half width at effect 1.
    reach_px : float
        Beyond it the thread is exactly 0.
    crease : bool
        False for the body.
    """

    rows: Float64
    half_px: float
    reach_px: float
    crease: bool


@lru_cache(maxsize=512)
def threads(stroke: Stroke, resolution: int) -> tuple[Thread, ...]:
    """Body, crease and the lines beside it of a natural stroke; empty when it has no length."""
    texel_mm = CHART_MM / resolution
    width_mm = stroke.width * CHART_MM
    body = _Course(stroke, max(_BODY_STEP_MM, width_mm / 4, _STEP_PX * texel_mm))
    if not body.length_mm > 0:
        return ()
    fine = _Course(stroke, max(_CREASE_STEP_MM, _STEP_PX * texel_mm))
    half_px = width_mm / 2 / texel_mm
    lines = [Thread(_rows(body.points, (body.effect, body.lean, *body.breadth), texel_mm), half_px,
                    BODY_SUPPORT[stroke.profile] * half_px * 1.2, False)]  # fmt: skip
    share, limits = _CREASE_WIDTH * width_mm / 2, _CREASE_HALF_MM
    true_half_px = min(max(share, limits[0]), limits[1]) / texel_mm
    crease_px = float(np.hypot(true_half_px, _TEXEL_EXTENT_PX))
    shown = true_half_px / crease_px  # a texel averages over a crease that is finer than itself
    for points, effect in (fine.crease(), fine.beside(1), fine.beside(-1)):
        rows = _rows(points, (effect * shown, *fine.breadth), texel_mm)
        lines.append(Thread(rows, crease_px, CREASE_SUPPORT * crease_px, True))
    return tuple(lines)


class _Course:
    """Where a stroke runs as skin would have it, sampled about every `step_mm`.

    Attributes
    ----------
    points : float64 (N, 2)
        mm.
    effect, lean : float64 (N,)
    breadth : tuple of float64 (N,)
        One of a stroke of uneven width, else none.
    length_mm : float
    """

    def __init__(self, stroke: Stroke, step_mm: float) -> None:
        self._seed, self._mirrored = abs(stroke.seed), stroke.seed < 0
        self._width_mm = stroke.width * CHART_MM
        drawn, pressure, breadth = _refined(curve(stroke, _COURSE_RESOLUTION), step_mm)
        self.breadth = () if stroke.breadth is None else (breadth,)
        steps = np.hypot(*np.diff(drawn, axis=0).T)
        self.length_mm = float(steps.sum())
        if not self.length_mm > 0:
            return
        self._thin = thin = min(self._width_mm, _WIDEST_MM)
        wide = max(self._width_mm / 2.4, 1.0)  # a broad body bends as slowly as it is broad
        stretch = 7.0 * wide  # and is broken over as long a stretch, but less
        self._noise = noise = self._noise_at(drawn, 0, (
            11 * wide, 11 * wide, 4.5 * wide, 4.5 * wide, 8 * wide, 3.2 * wide, stretch, 18.0, 18.0, 2.4, 2.4, 1.3, 5.0,
        ))  # fmt: skip
        self.points = drawn + 0.11 * thin * self._across(noise[0:2]) + 0.045 * thin * self._across(noise[2:4])
        self._normal = _normals(self.points)
        broken = _ease((-0.9 - noise[6]) / 0.5) * (thin / self._width_mm)  # where the skin hardly folds
        uneven = np.clip(1 + 0.15 * noise[4] + 0.15 * noise[5], 0.3, 1.5)
        uneven *= 1 + 0.08 * thin / self._width_mm - 0.5 * broken
        self.effect = pressure * self._taper(steps) * uneven
        self.lean = np.clip((self._across(noise[7:9]) * self._normal).sum(1), -1, 1)

    def crease(self) -> tuple[Float64, Float64]:
        """The fine line in the valley: it wanders a little in it, and pores notch it."""
        points = self.points + 0.045 * self._thin * self._across(self._noise[9:11])
        notched = 1 + 0.28 * self._thin / self._width_mm * self._noise[11] + 0.15 * self._noise[12]
        return points, self.effect * np.clip(notched, 0.2, 1.6)

    def beside(self, side: int) -> tuple[Float64, Float64]:
        """A finer line that now and then runs beside the crease on one side, or leaves or joins it."""
        spread = self._thin
        noise = self._noise_at(self.points + side * spread * self._normal, 13, (10.0, 13.0, 4.0, 4.0, 2.0))
        away = np.clip(0.8 + 0.5 * noise[1], 0.1, 1.6) * spread
        points = self.points + side * away[:, None] * self._normal + 0.05 * spread * self._across(noise[2:4])
        depth = _BESIDE_DEPTH * (0.3 + 0.7 * spread / self._width_mm) * _ease((noise[0] + 0.15) / 1.2)
        return points, depth * self.effect * np.clip(1 + 0.35 * noise[4], 0.2, 1.6)

    def _taper(self, steps: Float64) -> Float64:
        # From either end by itself: what is cut off at one changes no bit at the other.
        passed, left = (np.concatenate([[0.0], np.cumsum(part)]) for part in (steps, steps[::-1]))
        fade = min(_TAPER_SHARE * self.length_mm, _TAPER_MM + _TAPER_WIDTHS * self._width_mm)
        return _ease(np.minimum(passed, left[::-1]) / fade)

    def _noise_at(self, points: Float64, first: int, wavelengths_mm: tuple[float, ...]) -> Float64:
        """Noise of the channels from `first`, (K, N); of the mirror image at the mirrored places."""
        if self._mirrored:
            points = points * [-1, 1] + [CHART_MM, 0]
        return chart_noise(self._seed, range(first, first + len(wavelengths_mm)), points, wavelengths_mm)

    def _across(self, noise: Float64) -> Float64:
        """Two channels of noise (2, N) as vectors in the chart (N, 2)."""
        return (noise * [[-1], [1]] if self._mirrored else noise).T


def _refined(samples: Float64, step_mm: float) -> tuple[Float64, Float64, Float64]:
    """Points in mm (N, 2), pressure and breadth (N,), each piece cut into equal ones no longer than `step_mm`."""
    points = (samples[:, :2] + 0.5) * (CHART_MM / _COURSE_RESOLUTION)
    offset = np.diff(points, axis=0)
    pieces = np.maximum(np.ceil(np.hypot(*offset.T) / step_mm - 1e-9), 1).astype(np.int64)
    span = np.repeat(np.arange(len(offset)), pieces)
    share = (np.arange(len(span)) - np.repeat(np.cumsum(pieces) - pieces, pieces)) / pieces[span]
    inner = points[span] + share[:, None] * offset[span]
    pressure, breadth = (
        np.append(column[span] + share * np.diff(column)[span], column[-1]) for column in samples[:, 2:].T
    )
    return np.concatenate([inner, points[-1:]]), pressure, breadth


def _normals(points: Float64) -> Float64:
    """Unit normals to the left of the direction as seen in the chart (x right, y down), float64 (N, 2)."""
    ahead = np.empty_like(points)
    ahead[1:-1] = points[2:] - points[:-2]
    ahead[0], ahead[-1] = points[1] - points[0], points[-1] - points[-2]
    length = np.maximum(np.hypot(*ahead.T), 1e-12)
    return np.stack([ahead[:, 1], -ahead[:, 0]], axis=1) / length[:, None]


def _rows(points_mm: Float64, values: tuple[Float64, ...], texel_mm: float) -> Float64:
    """Pieces between points with the values at both their ends; those without effect are left out."""
    at = points_mm / texel_mm - 0.5
    columns = [at[:-1], at[1:], *(np.stack([value[:-1], value[1:]], axis=1) for value in values)]
    rows = np.concatenate(columns, axis=1)
    kept = (np.maximum(values[0][:-1], values[0][1:]) > 0) & (at[:-1] != at[1:]).any(axis=1)
    return read_only(rows[kept])


def _ease(x: Float64) -> Float64:
    """Smoothstep: 0 below 0, 1 above 1, flat at both ends."""
    x = np.clip(x, 0, 1)
    return np.asarray(x * x * (3 - 2 * x))
