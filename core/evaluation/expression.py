"""Expression editing: each scan of a subject brought to each of the subject's other expressions.

The edit is the program's own (`core.evaluation.faces`). Its result is compared with the scan of the target
expression, and the log change of wrinkle energy in 13 regions that it made with the real one. Baselines: the
source map unchanged, and for the energies the mean log change of the other subjects between the same two
expressions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.evaluation.scans import Scan, ScanSet
from rhytid.core.evaluation.scores import MapScore, energy_change_correlation, log_region_energy, mean_score
from rhytid.core.evaluation.tasks import Context

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
KEEP_SOURCE = "keep_source"


@dataclass(frozen=True)
class FromScan:
    """A scan and the expressions that it is brought to; the unit of work."""

    method: str  # an engine or KEEP_SOURCE
    scan: str
    targets: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Edited:
    """What came of a `FromScan`.

    Attributes
    ----------
    scores : tuple of MapScore
        One of each target.
    predicted, real : float64 (targets, 13)
        Log change of the energies.
    """

    scores: tuple[MapScore, ...]
    predicted: Float64
    real: Float64


def tasks(scans: ScanSet, method: str, quick: bool) -> list[FromScan]:
    """All ordered pairs of scans of one subject; `quick`: from each scan to one other."""
    found = []
    for subject in scans.subjects:
        own = scans.of_subject(subject)
        for number, scan in enumerate(own):
            others = [other.name for other in own if other is not scan]
            if quick and others:
                others = [others[(7 * number + 3) % len(others)]]
            if others:
                found.append(FromScan(method, scan.name, tuple(others)))
    return found


def edit_from(context: Context, task: FromScan) -> Edited:
    """Edit one scan to all its targets and score what comes out."""
    if task.method == KEEP_SOURCE:
        return scored(context, task, lambda scan, target: scan.displacement)
    editor = context.editor(_named(context, task.scan), task.method)
    return scored(context, task, lambda scan, target: editor.edit(weights=target.weights))


def scored(context: Context, task: FromScan, edit: Callable[[Scan, Scan], Float32]) -> Edited:
    """What ``edit(scan, target)`` makes of a scan for each of its targets, float32 (256, 256) mm, and its scores."""
    scan = _named(context, task.scan)
    before = context.scans.reference(scan).log_energy
    scores, predicted, real = [], [], []
    for name in task.targets:
        target = _named(context, name)
        reference = context.scans.reference(target)
        edited = edit(scan, target)
        scores.append(reference.score(edited))
        predicted.append(log_region_energy(edited, context.scans.mask) - before)
        real.append(reference.log_energy - before)
    return Edited(tuple(scores), np.array(predicted), np.array(real))


def _named(context: Context, name: str) -> Scan:
    return next(scan for scan in context.scans.scans if scan.name == name)


def summary(results: Sequence[Edited]) -> dict[str, float]:
    """The figures of one method."""
    scores = [score for result in results for score in result.scores]
    mean = mean_score(scores)
    predicted = np.concatenate([result.predicted for result in results])
    real = np.concatenate([result.real for result in results])
    return {
        **mean.figures,
        "energy_change_correlation": energy_change_correlation(predicted, real),
        "n": len(scores),
    }


def mean_change_of_others(scans: ScanSet, quick: bool) -> dict[str, float]:
    """The baseline that knows how the other subjects' energies change between the same expressions."""
    energy = {scan.name: scans.reference(scan).log_energy for scan in scans.scans}
    subjects: dict[str, dict[str, Scan]] = {
        name: {scan.expression: scan for scan in scans.of_subject(name)} for name in scans.subjects
    }
    predicted, real = [], []
    for task in tasks(scans, KEEP_SOURCE, quick):
        subject, _, start = task.scan.partition("/")
        for target in task.targets:
            end = target.partition("/")[2]
            others = [
                energy[own[end].name] - energy[own[start].name]
                for name, own in subjects.items()
                if name != subject and start in own and end in own
            ]
            if others:
                predicted.append(np.mean(others, axis=0))
                real.append(energy[target] - energy[task.scan])
    if not real:
        return {"energy_change_correlation": 0.0, "n": 0}
    return {
        "energy_change_correlation": energy_change_correlation(np.array(predicted), np.array(real)),
        "n": len(real),
    }
