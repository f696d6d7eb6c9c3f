"""The wrinkles of a synthetic person: the program's own, made more unlike from person to person and side to side.

The procedural engine draws what an artist expects; faces out there have lines that are missing, out of line,
deeper on one side, broken once more or doubled.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.wrinkles import generated_strokes
from rhytid.core.lines.stroke import Profile, Stroke
from rhytid.core.maps.units import SIDE

Float64 = npt.NDArray[np.float64]
_DROPPED, _BROKEN, _DOUBLED = 0.12, 0.22, 0.10
_NARROWEST, _BROADEST = 0.012, 0.032  # of the chart
_FOLD_SHARE = 0.65  # maps of scans hold the sharp bottom of a fold, its slopes belong to the base mesh


def wrinkle_strokes(seed: int) -> tuple[Stroke, ...]:
    """All wrinkles of the person at all ages and in all expressions; ids are unique and stable."""
    sites: dict[str, tuple[float, float, float, Float64]] = {}
    lines: dict[str, tuple[float, float, Float64, Float64, float]] = {}
    result: list[Stroke] = []
    for stroke in generated_strokes(seed):
        # "p<seed>-<site>[-<side>]-<line><piece>-<stage>"; stages of a line share everything but their depth.
        line = stroke.id.rsplit("-", 1)[0]
        site = line.rsplit("-", 1)[0]
        if site not in sites:
            rng = _rng(seed, site)
            sites[site] = (
                float(np.exp(0.28 * rng.standard_normal())),
                float(np.exp(0.22 * rng.standard_normal())),
                float(rng.random()),
                rng.standard_normal(2) * 1.6 / SIDE,
            )
        if line not in lines:
            rng = _rng(seed, line + "/")
            lines[line] = (
                float(np.exp(0.32 * rng.standard_normal())),
                float(np.exp(0.20 * rng.standard_normal())),
                rng.standard_normal(2) * 1.2 / SIDE,
                rng.random(4),
                float(rng.uniform(0.3, 0.7)),
            )
        site_depth, site_width, _, site_shift = sites[site]
        depth, width, shift, chances, cut = lines[line]
        if chances[0] < _DROPPED:
            continue
        broad = _FOLD_SHARE if stroke.profile is Profile.FOLD else 1.15
        points = (stroke.points + site_shift + shift).astype(np.float32)
        varied = replace(
            stroke,
            points=points,
            width=min(max(stroke.width * site_width * width * broad, _NARROWEST), _BROADEST),
            depth_mm=stroke.depth_mm * site_depth * depth,
        )
        result.extend(_pieces(varied, chances, cut))
    return tuple(result)


def _rng(seed: int, name: str) -> np.random.Generator:
    return np.random.default_rng([seed, *name.partition("-")[2].encode()])


def _pieces(stroke: Stroke, chances: Float64, cut: float) -> list[Stroke]:
    """The stroke, or two pieces of it that do not quite meet, or it and a fainter double beside a part of it."""
    count = len(stroke.points)
    at = round(cut * (count - 1))
    if chances[1] < _BROKEN and 4 <= at <= count - 5:
        aside = _normal(stroke) * ((chances[3] - 0.5) * 0.016)
        second = replace(
            stroke, id=stroke.id + "-b", points=(stroke.points[at + 1 :] + aside).astype(np.float32),
            pressure=stroke.pressure[at + 1 :], depth_mm=stroke.depth_mm * (0.5 + 0.5 * float(chances[2])),
        )  # fmt: skip
        return [replace(stroke, points=stroke.points[:at], pressure=stroke.pressure[:at]), second]
    if chances[1] > 1 - _DOUBLED and count >= 12:
        aside = _normal(stroke) * (np.sign(chances[3] - 0.5) * (0.010 + 0.012 * chances[2]))
        part = slice(max(at - count // 4, 0), at + count // 4)
        double = replace(
            stroke, id=stroke.id + "-d", points=(stroke.points[part] + aside).astype(np.float32),
            pressure=stroke.pressure[part], width=stroke.width * 0.8, depth_mm=stroke.depth_mm * 0.5,
        )  # fmt: skip
        return [stroke, double]
    return [stroke]


def _normal(stroke: Stroke) -> Float64:
    """Unit normal of the stroke's chord, float64 (2,)."""
    x, y = (stroke.points[-1] - stroke.points[0]).astype(np.float64)
    return np.array([-y, x]) / max(float(np.hypot(x, y)), 1e-9)
