"""Ablations as in SEMM's table 1, and its paper's variant: the same scores for networks that were trained otherwise."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from rhytid.core.evaluation import coders, expression, reconstruction
from rhytid.core.evaluation.tasks import Setup, Workers, context_of
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
    """Reconstruction from the code and expression editing with the weights of `setup`.

    `expression` edits the scan, as the program does; `decoded_expression` decodes the edited code and nothing else,
    as table 1 does.
    """
    started = time.perf_counter()
    try:
        by_paper = isinstance(coders.coder(setup.weights), coders.PaperCoder)
    except (ValueError, OSError) as error:
        return {"not_available": " ".join(str(error).split())}
    context = context_of(setup)
    title = setup.weights.name if setup.weights is not None else SEMM
    names = [scan.name for scan in context.scans.scans]
    rebuilt = {reconstruction.CODE: workers.run(coders.rebuild, names, setup, f"{title}: reconstruction")}
    if not by_paper:  # which has no painter to give the lines to
        tasks = [(name, (reconstruction.LINES,)) for name in names]
        painted = workers.run(reconstruction.reconstruct, tasks, setup, f"{title}: reconstruction with lines")
        rebuilt[reconstruction.LINES] = [scores[reconstruction.LINES] for scores in painted]
    edits = expression.tasks(context.scans, SEMM, quick)
    edit = coders.keep_and_edit if by_paper else expression.edit_from
    return {
        "reconstruction": {method: reconstruction.summary(scores) for method, scores in rebuilt.items()},
        "expression": expression.summary(workers.run(edit, edits, setup, f"{title}: expression")),
        "decoded_expression": expression.summary(
            workers.run(coders.decode_edits, edits, setup, f"{title}: decoded expression")
        ),
        "n": len(names),
        "seconds": round(time.perf_counter() - started, 2),
    }
