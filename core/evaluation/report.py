"""All experiments, one after another, as one set of figures.

The figures are what the JSON file holds: the keys of each experiment, `n` (how many maps, edits or lines) and
`seconds`; an engine or model that cannot be had has `not_available` with the reason instead. What the program's
figures are compared with stands under `baselines`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rhytid.core.detail.engines import Engines
from rhytid.core.evaluation import ablations, age, animation, drawing, erasing, expression, reconstruction, split
from rhytid.core.evaluation.pictures import write_pictures
from rhytid.core.evaluation.principal import N_COMPONENTS, Components
from rhytid.core.evaluation.tasks import Context, Setup, Workers, context_of
from rhytid.core.learned.engines import learned_engines
from rhytid.core.learned.semm import SemmModel
from rhytid.core.learned.weights import WeightsError

ENGINES = tuple(info.name for info in Engines(learned_engines()).infos())
EXPERIMENTS = (
    "reconstruction", "expression", "animation", "split", "drawing", "erasing", "locality", "age", "ablations",
)  # fmt: skip
Figures = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What is to be measured.

    Attributes
    ----------
    setup : Setup
    engines : tuple of str
        Of `ENGINES`; the first one that works gives the figures of drawing, erasing, locality and age, the
        others stand beside it as baselines.
    experiments : tuple of str
        Of `EXPERIMENTS`.
    quick : bool
        A fixed part of the pairs, strokes and lines.
    components : callable or None
        Gives the principal components of the training maps.
    ablations : Path or None
        Folder of folders of weights.
    pictures : Path or None
        Folder that gets pictures side by side.
    """

    setup: Setup
    engines: tuple[str, ...] = ENGINES
    experiments: tuple[str, ...] = EXPERIMENTS
    quick: bool = False
    components: Callable[[], Components] | None = None
    ablations: Path | None = None
    pictures: Path | None = None


def evaluate(plan: Plan, workers: Workers, told: Callable[[str], None] = lambda text: None) -> Figures:
    """The figures of all experiments of a plan; `told` hears which one begins.

    Raises
    ------
    ValueError, OSError
        The folder of scans cannot be scored.
    """
    context = context_of(plan.setup)
    problems = {name: context.engines.reason_against(name) for name in plan.engines}
    figures: Figures = {"engines": {name: reason or "ok" for name, reason in problems.items()}, "baselines": {}}
    usable = [name for name in plan.engines if not problems[name]]
    wanted = set(plan.experiments)
    components = None
    if "reconstruction" in wanted:
        told("reconstruction")
        components = _reconstruction(plan, context, workers, figures)
    if "expression" in wanted:
        told("expression editing")
        figures["expression"] = _expression(plan, context, workers, figures["baselines"], problems)
    for name, each in (("animation", _animation), ("split", _split)):
        if name in wanted:
            told(name)
            figures[name] = _of_each(problems, partial(each, plan, context, workers))
    for name, measure in (("drawing", _drawing), ("erasing", _erasing), ("age", _age)):
        if name in wanted or ("locality" in wanted and name != "age"):
            told(name)
            _by_engine(name, measure, plan, context, workers, figures, usable)
    if "locality" in wanted:
        _locality(context, figures, usable)
    figures["ablations"] = {}
    if "ablations" in wanted and plan.ablations is not None:
        told("ablations")
        figures["ablations"] = _ablations(plan, plan.ablations, workers)
        context = context_of(plan.setup)
    if plan.pictures is not None:
        told("pictures")
        write_pictures(plan.pictures, context, plan.engines, plan.experiments, components)
    return {name: figures[name] for name in ("engines", *EXPERIMENTS, "baselines") if name in figures}


def _timed(started: float, figures: Figures) -> Figures:
    return figures | {"seconds": round(time.perf_counter() - started, 2)}


def _reconstruction(plan: Plan, context: Context, workers: Workers, figures: Figures) -> Components | None:
    names = [scan.name for scan in context.scans.scans]

    def measured(method: str, setup: Setup = plan.setup) -> Figures:
        started = time.perf_counter()
        tasks = [(name, (method,)) for name in names]
        results = workers.run(reconstruction.reconstruct, tasks, setup, f"reconstruction: {method}")
        return _timed(started, reconstruction.summary([scores[method] for scores in results]))

    figures["baselines"]["reconstruction"] = {"stamped": measured(reconstruction.STAMPED)}
    try:
        SemmModel.load(plan.setup.weights)
        code, lines = measured(reconstruction.CODE), measured(reconstruction.LINES)
    except (ValueError, OSError) as error:
        code = lines = _missing(error)
    pca, components = _principal(plan, context)
    figures["reconstruction"] = {"code": code, "lines": lines, "pca": pca}
    return components


def _principal(plan: Plan, context: Context) -> tuple[Figures, Components | None]:
    if plan.components is None:
        return {"not_available": "no training maps; name their folder with --records"}, None
    started = time.perf_counter()
    try:
        components = plan.components()
    except (ValueError, OSError) as error:
        return _missing(error), None
    scores = reconstruction.summary(reconstruction.by_components(context.scans, components))
    extent = {"n_maps": components.n_maps, "n_components": len(components.vectors)}
    if len(components.vectors) < N_COMPONENTS:
        extent["wanted_components"] = N_COMPONENTS
    return _timed(started, scores | extent), components


def _expression(
    plan: Plan, context: Context, workers: Workers, baselines: Figures, problems: dict[str, str]
) -> Figures:
    def measured(method: str) -> Figures:
        started = time.perf_counter()
        tasks = expression.tasks(context.scans, method, plan.quick)
        results = workers.run(expression.edit_from, tasks, plan.setup, f"expression: {method}")
        return _timed(started, expression.summary(results))

    baselines["expression"] = {"mean_change": expression.mean_change_of_others(context.scans, plan.quick)}
    figures: Figures = {}
    for engine, problem in problems.items():
        figures[engine] = {"not_available": problem} if problem else measured(engine)
    figures[expression.KEEP_SOURCE] = measured(expression.KEEP_SOURCE)
    return figures


def _animation(plan: Plan, context: Context, workers: Workers, engine: str) -> Figures:
    tasks = animation.tasks(context.scans, engine, plan.quick)
    return animation.summary(workers.run(animation.drive, tasks, plan.setup, f"animation: {engine}"))


def _split(plan: Plan, context: Context, workers: Workers, engine: str) -> Figures:
    tasks = split.tasks(engine, plan.quick)
    return split.summary(workers.run(split.split, tasks, plan.setup, f"split: {engine}"))


def _of_each(problems: dict[str, str], measure: Callable[[str], Figures]) -> Figures:
    """Figures of each engine, or why there are none."""
    figures: Figures = {}
    for engine, problem in problems.items():
        started = time.perf_counter()
        try:
            measured = {"not_available": problem} if problem else measure(engine)
            figures[engine] = measured if problem else _timed(started, measured)
        except WeightsError as error:
            figures[engine] = _missing(error)
    return figures


def _by_engine(
    name: str,
    measure: Callable[[Plan, Context, Workers, str, Figures], Figures],
    plan: Plan,
    context: Context,
    workers: Workers,
    figures: Figures,
    usable: Sequence[str],
) -> None:
    """Figures of the first engine that works under `name`, those of the others among the baselines."""
    beside = figures["baselines"].setdefault(name, {})
    if not usable:
        figures[name] = {"not_available": "; ".join(figures["engines"].values())}
    for number, engine in enumerate(usable):
        started = time.perf_counter()
        measured = _timed(started, {"engine": engine} | measure(plan, context, workers, engine, beside))
        if number == 0:
            figures[name] = measured
        else:
            beside[engine] = measured


def _drawing(plan: Plan, context: Context, workers: Workers, engine: str, beside: Figures) -> Figures:
    tasks = drawing.tasks(context.scans, engine, plan.quick)
    results = [one for many in workers.run(drawing.draw, tasks, plan.setup, f"drawing: {engine}") for one in many]
    beside["stamped"] = drawing.summary([result.stamped for result in results])
    beside["before"] = drawing.summary([result.before for result in results])
    changed = sum(result.changed_outside for result in results)
    return drawing.summary([result.engine for result in results]) | {"changed_texels": changed}


def _erasing(plan: Plan, context: Context, workers: Workers, engine: str, beside: Figures) -> Figures:
    tasks = erasing.tasks(context, engine, plan.quick)
    results = [one for many in workers.run(erasing.erase, tasks, plan.setup, f"erasing: {engine}") for one in many]
    beside["zeroed"] = erasing.zeroed_summary(results)
    return erasing.summary(results) | {"changed_texels": sum(result.changed_outside for result in results)}


def _age(plan: Plan, context: Context, workers: Workers, engine: str, beside: Figures) -> Figures:
    results = workers.run(age.age_scan, age.tasks(context.scans, engine), plan.setup, f"age: {engine}")
    return age.summary(results)


def _locality(context: Context, figures: Figures, usable: Sequence[str]) -> None:
    """Texels changed where no edit reaches, over drawing and erasing, and by opening a scan without an edit."""
    beside = figures["baselines"].setdefault("locality", {})
    for number, engine in enumerate(usable):
        started = time.perf_counter()
        edits = [
            figures[name] if number == 0 else figures["baselines"][name][engine] for name in ("drawing", "erasing")
        ]
        unedited = 0
        for scan in context.scans.scans:
            shown = context.editor(scan, engine).edit()
            unedited += int((shown.view("u4") != scan.displacement.view("u4")).sum())
        measured = {
            "engine": engine,
            "changed_texels": sum(int(edit["changed_texels"]) for edit in edits) + unedited,
            "changed_without_edit": unedited,
            "n": sum(int(edit["n"]) for edit in edits) + len(context.scans.scans),
        }
        if number == 0:
            figures["locality"] = _timed(started, measured)
        else:
            beside[engine] = _timed(started, measured)
    if not usable:
        figures["locality"] = {"not_available": "; ".join(figures["engines"].values())}


def _ablations(plan: Plan, folder: Path, workers: Workers) -> Figures:
    return {
        name: ablations.measured(Setup(plan.setup.data, weights), plan.quick, workers)
        for name, weights in ablations.folders(folder).items()
    }


def _missing(error: Exception) -> Figures:
    return {"not_available": " ".join(str(error).split())}
