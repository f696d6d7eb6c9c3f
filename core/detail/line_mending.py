"""What makes a finding of `core.detail.line_lint` go away, with as little change of the line as does it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from rhytid.core.detail import line_lint
from rhytid.core.detail.guide import tension_direction
from rhytid.core.detail.line_lint import ACROSS_SHARE, Fault, Finding, across, looked_at
from rhytid.core.detail.tension_snap import snapped
from rhytid.core.lines import edit, reshape
from rhytid.core.lines.curve import samples_of, with_samples
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.units import CHART_MM

_TURNS = 6  # the tension is another one where the line has come to lie
_SMOOTHINGS = (0.2, 0.4, 0.7, 1.0, 1.0, 1.0)
_ASYMMETRY = 0.3
_MARGIN = 1  # samples beyond a border that go as well
_ROUNDS = 6


def mended(strokes: Sequence[Stroke], finding: Finding) -> tuple[Stroke, ...]:
    """The lines with one finding less; as they are where its line is gone.

    Parameters
    ----------
    strokes : sequence of Stroke
        Those that the finding is of.
    """
    known = {stroke.id: stroke for stroke in strokes}
    if finding.stroke not in known:
        return tuple(strokes)
    stroke = known[finding.stroke]
    instead = _MENDERS[finding.fault](stroke, finding, known)
    return tuple(new for old in strokes for new in (instead if old is stroke else (old,)))


def all_mended(strokes: Sequence[Stroke], age: float) -> tuple[Stroke, ...]:
    """The lines with nothing left to find, or as little as mending brings about; see `findings`."""
    result = tuple(strokes)
    for _ in range(_ROUNDS):
        before = {stroke.id: stroke for stroke in result}
        for finding in line_lint.findings(result, age):
            now = {stroke.id: stroke for stroke in result}
            concerned = [one for one in (finding.stroke, finding.other) if one]
            if all(now.get(one) is before[one] for one in concerned):  # what changed is looked at in the next round
                result = mended(result, finding)
        if before == {stroke.id: stroke for stroke in result}:
            break
    return result


def _along_tension(stroke: Stroke, _finding: Finding, _known: dict[str, Stroke]) -> tuple[Stroke, ...]:
    for _ in range(_TURNS):
        samples = samples_of(stroke)
        middle = samples[:, :2].mean(axis=0)
        samples[:, :2] = middle + (samples[:, :2] - middle) @ _turn_to_tension(stroke).T
        stroke = edit.simplify(snapped(with_samples(stroke, samples), 1.0))
        if across(stroke).mean() <= ACROSS_SHARE / 2:
            break
    return (stroke,)


def _turn_to_tension(stroke: Stroke) -> npt.NDArray[np.float64]:
    """The rotation that brings the line's mean direction onto that of the skin, (2, 2)."""
    line = looked_at(stroke)[:, :2]
    way, field = np.diff(line, axis=0), tension_direction((line[1:] + line[:-1]) / 2)
    mean = [np.angle(((d[:, 0] + 1j * d[:, 1]) ** 2).sum()) / 2 for d in (way, field)]
    turn = (mean[1] - mean[0] + np.pi / 2) % np.pi - np.pi / 2
    return np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])


def _shallower(stroke: Stroke, finding: Finding, _known: dict[str, Stroke]) -> tuple[Stroke, ...]:
    most = max(float(stroke.pressure.max()), 1e-6)
    return (replace(stroke, depth_mm=float(np.sign(stroke.depth_mm)) * finding.limit_mm * 0.999 / most),)


def _narrower(stroke: Stroke, finding: Finding, _known: dict[str, Stroke]) -> tuple[Stroke, ...]:
    return (replace(stroke, width=finding.limit_mm * 0.999 / CHART_MM),)


def _tapered(stroke: Stroke, _finding: Finding, _known: dict[str, Stroke]) -> tuple[Stroke, ...]:
    return (reshape.taper(stroke),)


def _taken_away(_stroke: Stroke, _finding: Finding, _known: dict[str, Stroke]) -> tuple[Stroke, ...]:
    return ()


def _outside(stroke: Stroke, finding: Finding, _known: dict[str, Stroke]) -> tuple[Stroke, ...]:
    """What is left beside the border."""
    off = finding.fault is Fault.OFF_SKIN
    within = line_lint.off_skin(stroke) if off else line_lint.inside(stroke, finding.where)
    line = looked_at(stroke)
    for _ in range(_MARGIN):
        within = within | np.append(within[1:], False) | np.append(False, within[:-1])
    edges = np.flatnonzero(np.diff(np.concatenate([[False], within, [False]]).astype(np.int8)))
    spans = [
        (float(max(start - 1, 0)), float(min(end, len(line) - 1)))
        for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    ]
    left = edit.remove_spans(with_samples(stroke, line), spans)
    return tuple(edit.simplify(piece) for piece in left)


def _smoothed(stroke: Stroke, _finding: Finding, _known: dict[str, Stroke]) -> tuple[Stroke, ...]:
    for amount in _SMOOTHINGS:
        if line_lint.kink(stroke) is None:
            break
        stroke = edit.smooth(stroke, amount)
    if line_lint.kink(stroke) is not None:  # a knot: the way from end to end is left
        samples = samples_of(stroke)[[0, -1]]
        stroke = with_samples(stroke, samples)
    return (stroke,)


def _less_alike(stroke: Stroke, finding: Finding, known: dict[str, Stroke]) -> tuple[Stroke, ...]:
    other = known.get(finding.other)
    if other is None:
        return (stroke,)
    twin = edit.mirror(other, stroke.id, _ASYMMETRY, zlib.crc32(stroke.id.encode()))
    kept = {name: getattr(stroke, name) for name in ("name", "layer", "binding", "birth_age", "seed", "tint")}
    return (replace(twin, **kept),)


_MENDERS: dict[Fault, Callable[[Stroke, Finding, dict[str, Stroke]], tuple[Stroke, ...]]] = {
    Fault.ACROSS: _along_tension,
    Fault.TOO_DEEP: _shallower,
    Fault.TOO_WIDE: _narrower,
    Fault.BLUNT: _tapered,
    Fault.DOUBLED: _taken_away,
    Fault.OVER_BORDER: _outside,
    Fault.OFF_SKIN: _outside,
    Fault.KINKED: _smoothed,
    Fault.TWIN: _less_alike,
}
