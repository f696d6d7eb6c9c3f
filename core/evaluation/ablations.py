"""Ablations as in SEMM's table 1: the same scores for networks trained with something left out."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from rhytid.core.evaluation import expression, reconstruction
from rhytid.core.evaluation.tasks import Setup, Workers, context_of
from rhytid.core.learned.semm import SemmModel
from rhytid.core.learned.weights import SEMM

MODEL_FILE = f"{SEMM}.json"


def folders(folder: Path) -> dict[str, Path]:
    """Folders of weights by name: each folder in `folder` that holds a SEMM, itself or one level below.

    Raises
    ------
    ValueError
        There is none.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder}: no such folder; it should hold one folder of weights for each ablation")
    found = {}
    for path in sorted(path for path in folder.iterdir() if path.is_dir()):
        inside = sorted(file.parent for file in (*path.glob(MODEL_FILE), *path.glob(f"*/{MODEL_FILE}")))
        if inside:
            found[path.name] = inside[0]
    if not found:
        raise ValueError(f"{folder}: no folder in it holds {MODEL_FILE}; train one with: rhytid train semm")
    return found


def measured(setup: Setup, quick: bool, workers: Workers) -> dict[str, Any]:
    """Reconstruction from the code and expression editing with the weights of `setup`."""
    started = time.perf_counter()
    context = context_of(setup)
    problem = context.engines.reason_against(SEMM)
    if problem:
        return {"not_available": problem}
    try:
        SemmModel.load(setup.weights)
    except (ValueError, OSError) as error:
        return {"not_available": " ".join(str(error).split())}
    names = [(scan.name, (reconstruction.CODE, reconstruction.LINES)) for scan in context.scans.scans]
    title = setup.weights.name if setup.weights is not None else SEMM
    rebuilt = workers.run(reconstruction.reconstruct, names, setup, f"{title}: reconstruction")
    edits = expression.tasks(context.scans, SEMM, quick)
    edited = workers.run(expression.edit_from, edits, setup, f"{title}: expression")
    return {
        "reconstruction": {
            method: reconstruction.summary([scores[method] for scores in rebuilt])
            for method in (reconstruction.CODE, reconstruction.LINES)
        },
        "expression": expression.summary(edited),
        "n": len(names),
        "seconds": round(time.perf_counter() - started, 2),
    }
