"""Erasing: lines that the program found in scans are taken away, one at a time, at constant expression and age.

What counts as removed: a texel of the erased line with no valley line of the healed map within 2 px. Valley
lines within 2 px of another line of the scan's list do not count against it, for that line is still there and
shall stay. A valley that the list does not have counts, even if the scan had it before.

The healed skin (within 2.5 px of the line) shall be as rough as the skin around it (a ring at 5 to 10 px): the
ratio of the RMS of the 1-8 px band, both without what lies within 3 px of other lines. Baseline: the map set
to zero along the line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.evaluation.locality import changed_outside, line_distance_px
from rhytid.core.evaluation.scores import TOLERANCE_PX, distance_px, gaussian, valley_lines
from rhytid.core.evaluation.tasks import Context
from rhytid.core.lines.raster import draw_line_map
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.units import SIDE

Float32 = npt.NDArray[np.float32]
Bool = npt.NDArray[np.bool_]

N_LINES, N_QUICK = 200, 40
_SEED = 21
_SHORTEST_TEXELS, _SHARE_IN_MASK = 8, 0.8
_HEALED_PX, _RING_PX, _OTHER_LINES_PX = 2.5, (5.0, 10.0), 3.0
_FEWEST_TEXELS = 12  # fewer give no RMS worth comparing
_ZEROED_HALF_WIDTHS = 1.7


@dataclass(frozen=True)
class Erased:
    """Lines of one scan by their ids, erased one at a time; the unit of work."""

    engine: str
    scan: str
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Healed:
    """What came of one line.

    Attributes
    ----------
    removed, zeroed_removed : float
        Share of the line's texels without a valley: on the engine's map, on the one that was set to zero.
    band_ratio, zeroed_band_ratio : float or None
        Roughness of the healed skin over that of its surroundings; None where too little of either is free.
    changed_outside : int
        See `core.evaluation.locality`.
    """

    removed: float
    band_ratio: float | None
    zeroed_removed: float
    zeroed_band_ratio: float | None
    changed_outside: int


def tasks(context: Context, engine: str, quick: bool) -> list[Erased]:
    """Random lines of random scans that lie in the mask, the same ones for every engine."""
    found = []
    for scan in context.scans.scans:
        for line in context.source(scan).lines:
            texels = draw_line_map([line], SIDE)
            if texels.sum() >= _SHORTEST_TEXELS and context.scans.mask[texels].mean() >= _SHARE_IN_MASK:
                found.append((scan.name, line.id))
    count = min(N_QUICK if quick else N_LINES, len(found))
    chosen = np.random.default_rng(_SEED).permutation(len(found))[:count]
    plan: dict[str, list[str]] = {}
    for number in sorted(chosen.tolist()):
        name, line_id = found[number]
        plan.setdefault(name, []).append(line_id)
    return [Erased(engine, name, tuple(ids)) for name, ids in plan.items()]


def erase(context: Context, task: Erased) -> list[Healed]:
    """Erase each line from the scan as it is and look at the skin in its place."""
    scan = next(scan for scan in context.scans.scans if scan.name == task.scan)
    editor = context.editor(scan, task.engine)
    mask = context.scans.mask
    results = []
    for line_id in task.ids:
        line = next(line for line in editor.source.lines if line.id == line_id)
        rest = tuple(other for other in editor.source.lines if other is not line)
        after = editor.edit(strokes=rest)
        zeroed = scan.displacement.copy()
        zeroed[line_distance_px(line) <= max(_ZEROED_HALF_WIDTHS * line.width * SIDE / 2, TOLERANCE_PX)] = 0
        results.append(
            Healed(
                removed(after, line, rest),
                band_ratio(after, line, rest, mask),
                removed(zeroed, line, rest),
                band_ratio(zeroed, line, rest, mask),
                changed_outside(scan.displacement, after, line),
            )
        )
    return results


def removed(displacement: Float32, line: Stroke, rest: Sequence[Stroke]) -> float:
    """Share of the texels of `line` that no valley line lies near which is not one of `rest`."""
    texels = draw_line_map([line], SIDE)
    own = valley_lines(displacement) & (distance_px(draw_line_map(rest, SIDE)) > TOLERANCE_PX)
    return float((distance_px(own)[texels] > TOLERANCE_PX).mean())


def band_ratio(displacement: Float32, line: Stroke, rest: Sequence[Stroke], mask: Bool) -> float | None:
    """RMS of the 1-8 px band where `line` was over that around it; None where there is too little skin."""
    band = gaussian(displacement, 0.5) - gaussian(displacement, 4.0)
    distance = line_distance_px(line)
    free = mask & (distance_px(draw_line_map(rest, SIDE)) > _OTHER_LINES_PX)
    inside = band[free & (distance <= _HEALED_PX)]
    around = band[free & (distance >= _RING_PX[0]) & (distance <= _RING_PX[1])]
    if min(len(inside), len(around)) < _FEWEST_TEXELS:
        return None
    return float(np.sqrt((inside**2).mean() / max(float((around**2).mean()), 1e-12)))


def summary(results: Sequence[Healed]) -> dict[str, Any]:
    """The figures of the engine."""
    return _figures([result.removed for result in results], [result.band_ratio for result in results])


def zeroed_summary(results: Sequence[Healed]) -> dict[str, Any]:
    """The figures of the baseline."""
    return _figures([result.zeroed_removed for result in results], [result.zeroed_band_ratio for result in results])


def _figures(shares: list[float], ratios: list[float | None]) -> dict[str, Any]:
    known = [ratio for ratio in ratios if ratio is not None]
    return {
        "removed": float(np.mean(shares)) if shares else 0.0,
        "band_ratio": float(np.median(known)) if known else 0.0,
        "n": len(shares),
    }
