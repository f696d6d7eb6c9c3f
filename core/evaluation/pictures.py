"""Pictures side by side of what the figures are about, on a few scans: shaded as if lit from the upper left."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.evaluation import drawing, erasing
from rhytid.core.evaluation.learned_models import ReadMap, from_code, from_code_and_lines
from rhytid.core.evaluation.principal import Components
from rhytid.core.evaluation.scans import Scan
from rhytid.core.evaluation.tasks import Context
from rhytid.core.io.map_pixels import write_png
from rhytid.core.learned.semm import SemmModel
from rhytid.core.learned.weights import SEMM
from rhytid.core.maps.units import SIDE

Float32 = npt.NDArray[np.float32]
Grey = npt.NDArray[np.uint8]
_ROWS = 4
_HEADER_PX = 20
_SLOPE_MM = 0.06  # per texel, from mid grey to white or black
_OUTSIDE = 0.45
_AGES = (16, 30, 45, 60, 70)


def write_pictures(
    folder: Path, context: Context, engines: Sequence[str], experiments: Sequence[str], components: Components | None
) -> list[Path]:
    """Write the pictures of some experiments to a folder; gives the files.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    engines : sequence of str
        Those that cannot be used are left out.
    experiments : sequence of str
        See `core.evaluation.report.EXPERIMENTS`.
    components : Components, optional
        The baseline of reconstruction.
    """
    folder.mkdir(parents=True, exist_ok=True)
    usable = [name for name in engines if not context.engines.reason_against(name)]
    pictures: dict[str, Grey] = {}
    if "reconstruction" in experiments:
        pictures["reconstruction"] = _reconstruction(context, components, not context.engines.reason_against(SEMM))
    if "expression" in experiments:
        pictures["expression"] = _expression(context, usable)
    for engine in usable:
        if "age" in experiments:
            pictures[f"age_{engine}"] = _age(context, engine)
        if "drawing" in experiments or "erasing" in experiments:
            pictures[f"lines_{engine}"] = _lines(context, engine)
    paths = []
    for name, picture in pictures.items():
        paths.append(folder / f"{name}.png")
        write_png(paths[-1], picture)
    return paths


def _reconstruction(context: Context, components: Components | None, learned: bool) -> Grey:
    model = SemmModel.load(context.setup.weights) if learned else None
    rows = []
    for scan in _chosen(context, (0, 18, 3, 15)):
        read = ReadMap(scan.displacement)
        row = {"scan": scan.displacement}
        if model is not None:
            row["code alone"] = from_code(model, read)
        if components is not None:
            row[f"PCA {len(components.vectors)}"] = components.reconstructed(scan.displacement)
        if model is not None:
            row["code and lines"] = from_code_and_lines(model, read)
        row["lines stamped"] = read.stamped
        rows.append(row)
    return _grid(rows, context)


def _expression(context: Context, engines: Sequence[str]) -> Grey:
    rows = []
    for source, target in zip(_chosen(context, (0, 0, 3, 15)), _chosen(context, (15, 18, 0, 1)), strict=True):
        row = {f"from {source.name}": source.displacement}
        for engine in engines:
            row[engine] = context.editor(source, engine).edit(weights=target.weights)
        row[f"to {target.name}"] = target.displacement
        rows.append(row)
    return _grid(rows, context, every_title=True)


def _age(context: Context, engine: str) -> Grey:
    rows = []
    for scan in [context.scans.neutral(subject) for subject in context.scans.subjects[:_ROWS]]:
        editor = context.editor(scan, engine)
        row = {f"scan, {scan.age:g}": scan.displacement}
        rows.append(row | {f"{years} years": editor.edit(age=float(years)) for years in _AGES})
    return _grid(rows, context, every_title=True)


def _lines(context: Context, engine: str) -> Grey:
    """The experiments' own strokes and lines, all those of a scan at once."""
    by_name = {scan.name: scan for scan in context.scans.scans}
    drawn = {task.scan: task.strokes for task in drawing.tasks(context.scans, engine, quick=False)}
    erased = {task.scan: set(task.ids) for task in erasing.tasks(context, engine, quick=False)}
    both = [name for name in drawn if name in erased][:_ROWS]
    rows = []
    for name in both or list(drawn)[:1]:
        editor = context.editor(by_name[name], engine)
        kept = tuple(line for line in editor.source.lines if line.id not in erased.get(name, set()))
        rows.append({
            f"scan {name}": by_name[name].displacement,
            f"{len(drawn[name])} drawn": editor.edit(strokes=(*editor.source.lines, *drawn[name])),
            f"{len(editor.source.lines) - len(kept)} erased": editor.edit(strokes=kept),
            "all erased": editor.edit(strokes=()),
        })  # fmt: skip
    return _grid(rows, context, every_title=True)


def _chosen(context: Context, expressions: Sequence[int]) -> list[Scan]:
    """One scan of each of the first subjects, by the number of its expression, as far as there are so many."""
    subjects = context.scans.subjects
    chosen = []
    for row, expression in enumerate(expressions):
        own = context.scans.of_subject(subjects[row % len(subjects)])
        chosen.append(own[expression % len(own)])
    return chosen


def _grid(rows: Sequence[dict[str, Float32]], context: Context, every_title: bool = False) -> Grey:
    """Shaded maps in rows; titles over the first row or over all."""
    lines = []
    for number, row in enumerate(rows):
        if number == 0 or every_title:
            lines.append(np.concatenate([_title(title) for title in row], axis=1))
        lines.append(np.concatenate([_shaded(values, context) for values in row.values()], axis=1))
    return np.concatenate(lines)


def _shaded(displacement: Float32, context: Context) -> Grey:
    down, right = np.gradient(displacement)
    light = 0.5 - (down + right) / (2 * np.sqrt(2) * _SLOPE_MM)
    light = np.where(context.scans.mask, light, 0.5 + (light - 0.5) * _OUTSIDE)
    return np.asarray(np.clip(light * 255, 0, 255), np.uint8)


def _title(text: str) -> Grey:
    strip = np.full((_HEADER_PX, SIDE), 255, np.uint8)
    cv2.putText(strip, text, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.42, 0, 1, cv2.LINE_AA)
    return strip
