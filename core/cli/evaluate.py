"""Score the engines on scanned displacement maps.

DATA is a folder of scans that no network was trained on, laid out as FaceScape's sample: one folder for each
subject with displacement/<expression>.png, and beside them expression_weights.json, subjects.json and
skin_mask.png. Every figure stands beside its baselines and its goal; an engine whose weights are missing is
listed as not available.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rhytid.core.cli.options import add_overwrite_option, output_file
from rhytid.core.detail.engines import Engines
from rhytid.core.learned.engines import learned_engines

if TYPE_CHECKING:
    from rhytid.core.evaluation.principal import Components
    from rhytid.core.evaluation.tasks import Setup, Workers

_MOST_WORKERS = 64
_RECORDS_AT_ONCE = 64


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of scans")
    names = (info.name for info in Engines(learned_engines()).infos())
    parser.add_argument("--engine", choices=("all", *names), default="all", help="default: all")
    parser.add_argument("--only", type=_experiments, metavar="A,B", help="some of reconstruction, expression, "
                        "animation, split, drawing, erasing, locality, age, ablations")  # fmt: skip
    parser.add_argument("--json", type=output_file, metavar="F", help="also write the figures to F")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="also write pictures side by side to DIR")
    add_overwrite_option(parser)
    parser.add_argument("--weights", type=Path, metavar="DIR", help="folder of weights; default: the program's own")
    parser.add_argument("--records", type=Path, metavar="DIR", help="training records whose principal components "
                        "are the baseline; by default synthetic maps are made for it, once")  # fmt: skip
    parser.add_argument("--ablations", type=Path, metavar="DIR", help="folder of folders of weights")
    parser.add_argument("--quick", action="store_true", help="a fixed part of the pairs, strokes and lines")
    cores = os.cpu_count() or 1
    parser.add_argument("--workers", type=_workers, default=cores, metavar="N", help="processes; default: cores")


def run(arguments: argparse.Namespace) -> int:
    """Print the table, write what was asked for. Returns 0."""
    from rhytid.core.files.outputs import outputs, remember

    written = [arguments.json] if arguments.json else []
    pictures = arguments.pictures.glob("*.png") if arguments.pictures else ()
    with outputs([*written, *pictures], arguments.overwrite):
        _evaluate(arguments)
    if arguments.pictures:
        remember(arguments.pictures.glob("*.png"))
    return 0


def _evaluate(arguments: argparse.Namespace) -> None:
    from rhytid.core.evaluation.report import ENGINES, EXPERIMENTS, Plan, evaluate
    from rhytid.core.evaluation.scans import ScanSet
    from rhytid.core.evaluation.table import table
    from rhytid.core.evaluation.tasks import Setup, Workers
    from rhytid.core.files.writing import write_text

    setup = Setup(arguments.data, arguments.weights)
    ScanSet(setup.data)  # a bad folder is told at once
    experiments = arguments.only or EXPERIMENTS
    workers = Workers(arguments.workers)
    try:
        plan = Plan(
            setup=setup,
            engines=ENGINES if arguments.engine == "all" else (arguments.engine,),
            experiments=experiments,
            quick=arguments.quick,
            components=partial(_components, arguments.records, arguments.quick, setup, workers),
            ablations=arguments.ablations,
            pictures=arguments.pictures,
        )
        figures = evaluate(plan, workers, _told())
    finally:
        workers.close()
    print(table(figures))
    if arguments.json:
        write_text(arguments.json, json.dumps(figures, indent=1) + "\n")


def _components(folder: Path | None, quick: bool, setup: Setup, workers: Workers) -> Components:
    """The principal components of a folder of records, or of synthetic maps, which are kept for the next time."""
    if folder is None:
        from rhytid.core.evaluation.kept_components import made_components
        from rhytid.core.evaluation.training_maps import N_MAPS, N_QUICK

        _told()("principal components of synthetic maps")
        return made_components(N_QUICK if quick else N_MAPS, setup, workers)

    import numpy as np

    from rhytid.core.evaluation.principal import principal_components
    from rhytid.core.maps.units import UNIT_MM
    from rhytid.core.training.records import Records

    records = Records(folder)
    return principal_components(
        lambda: (maps["x"] * np.float32(UNIT_MM) for _, maps in records.chunks(("x",), size=_RECORDS_AT_ONCE))
    )


def _told() -> Callable[[str], None]:
    return lambda text: print(f"rhytid: {text}", file=sys.stderr, flush=True)


def _experiments(text: str) -> tuple[str, ...]:
    """argparse type of a list of experiments."""
    from rhytid.core.evaluation.report import EXPERIMENTS

    names = tuple(filter(None, (part.strip() for part in text.split(","))))
    for name in names:
        if name not in EXPERIMENTS:
            raise argparse.ArgumentTypeError(f"{name!r} is not one of {', '.join(EXPERIMENTS)}")
    if not names:
        raise argparse.ArgumentTypeError(f"name some of {', '.join(EXPERIMENTS)}")
    return names


def _workers(text: str) -> int:
    """argparse type of a number of processes."""
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes, 1 to {_MOST_WORKERS}")
    return int(text)
