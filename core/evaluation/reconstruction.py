"""Reconstruction of scans: from a code of 576 numbers, and from the code with the map's own lines.

Baselines: principal components of the maps that the networks were trained on, as many as the code has numbers,
and the relief of the lines stamped on flat skin.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from rhytid.core.evaluation.learned_models import ReadMap, from_code, from_code_and_lines
from rhytid.core.evaluation.principal import Components
from rhytid.core.evaluation.scans import ScanSet
from rhytid.core.evaluation.scores import MapScore, mean_score
from rhytid.core.evaluation.tasks import Context
from rhytid.core.learned.semm import SemmModel

STAMPED, CODE, LINES = "stamped", "code", "lines"


def reconstruct(context: Context, task: tuple[str, tuple[str, ...]]) -> dict[str, MapScore]:
    """Scores of the methods (`STAMPED`, `CODE`, `LINES`) for the scan of that name."""
    name, methods = task
    scan = next(scan for scan in context.scans.scans if scan.name == name)
    reference = context.scans.reference(scan)
    read = ReadMap(scan.displacement)
    scores = {}
    for method in methods:
        if method == STAMPED:
            values = read.stamped
        else:
            paint = from_code if method == CODE else from_code_and_lines
            values = paint(_model(context.setup.weights), read)
        scores[method] = reference.score(values)
    return scores


def by_components(scans: ScanSet, components: Components) -> list[MapScore]:
    """Scores of all scans rebuilt from principal components."""
    return [scans.reference(scan).score(components.reconstructed(scan.displacement)) for scan in scans.scans]


def summary(scores: list[MapScore]) -> dict[str, Any]:
    """The figures of one method."""
    mean = mean_score(scores)
    return mean.figures | {"band_ratios": list(mean.band_ratios), "n": len(scores)}


@lru_cache(maxsize=1)
def _model(weights: Path | None) -> SemmModel:
    return SemmModel.load(weights)
