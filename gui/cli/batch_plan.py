"""What a job asks for: faces x ages x expressions x exports and renders, each as one task with a place of its own.

A wrinkle pack holds all expressions, so that there is one for each face and age.
"""

from __future__ import annotations

import json
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from rhytid.core.ageing import AGE_MIN, LIFE_MAX
from rhytid.core.cli.job_file import JobTable, number, read_job, text, texts, whole
from rhytid.core.document.action_units import action_unit_table
from rhytid.core.document.expression import checked_expression
from rhytid.core.document.expression_presets import expression_presets
from rhytid.core.document.limits import CAMERA_RANGES, SEED_MAX
from rhytid.core.files.names import name_problem
from rhytid.core.given import given_numbers, known_options
from rhytid.core.io.export_options import ExportOptions
from rhytid.core.pack.options import PackOptions
from rhytid.gui.cli.batch_task import (
    EVERY,
    OWN,
    BatchFace,
    BatchLook,
    BatchOutput,
    Task,
    Weights,
    export_options,
    pack_options,
)
from rhytid.gui.render.offscreen import MAX_SIDE_PX
from rhytid.gui.render.view_mode import ViewMode

NAMES = "{face}/{age}/{expression}/{output}"
MOST_TASKS = 100_000
_PLACES = ("face", "age", "expression", "output")
_CAMERA = {"yaw": "yaw_deg", "pitch": "pitch_deg", "distance": "distance_mm", "fov": "fov_deg"}
_RESOLUTIONS = (256, 512, 1024, 2048, 4096)
_PICTURES = (".png", ".jpg")

def read_plan(path: Path) -> tuple[Path, list[Task]]:
    """The output folder of a job, and its tasks in order.

    Raises
    ------
    core.cli.job_file.JobError
        A key or value is wrong, or two tasks have one place; the message names file, line and key.
    OSError
        The file cannot be read.
    """
    job = read_job(path)
    base = path.absolute().parent
    output = base / job.take("output", text, "batch")
    names = job.take("names", _template, NAMES)
    ages = job.take("ages", _ages, (None,))
    engine = job.take("engine", text, "")
    faces = [face for table in job.tables("faces") for face in _faces(table, base)]
    looks = [_look(table) for table in job.tables("expressions")] or [BatchLook()]
    outputs = [_folder(table, "exports", "export", export_options, ExportOptions) for table in job.tables("exports")]
    outputs += [_render(table) for table in job.tables("renders")]
    packs = [_folder(table, "packs", "wrinkles", pack_options, PackOptions) for table in job.tables("packs")]
    job.finish()
    if not faces:
        raise job.error("", "names no face; add a table [[faces]] with project, photo, head or seed")
    if not outputs and not packs:
        raise job.error("", "makes nothing; add a table [[exports]], [[renders]] or [[packs]]")
    made = [(look, one) for look in looks for one in outputs] + [(BatchLook(EVERY), one) for one in packs]
    n_tasks = len(faces) * len(ages) * len(made)
    if n_tasks > MOST_TASKS:
        raise job.error("", f"asks for {n_tasks} outputs, at most {MOST_TASKS} are made; part it")
    tasks = []
    places: set[str] = set()
    for face in faces:
        for age in ages:
            for look, one in made:
                words = (face.name, OWN if age is None else f"{age:g}", look.name, one.name)
                name = names.format(**dict(zip(_PLACES, words, strict=True))) + one.suffix
                if name.casefold() in places:
                    raise job.error("names", f"two outputs would be {name}; give every table a name of its own, and "
                                    f"names all of {{{'}, {'.join(_PLACES)}}}")  # fmt: skip
                places.add(name.casefold())
                tasks.append(Task(name, str(output / name), face, age, look, one, engine))
    return output, tasks


def _template(value: Any) -> str:
    names = text(value)
    try:
        found = [rest for _, *rest in string.Formatter().parse(names) if rest[0] is not None]
        known = ["" if spec or how else field for field, spec, how in found]
        plain = names.format(**dict.fromkeys(_PLACES, "x"))
    except (ValueError, KeyError, IndexError, AttributeError):
        known, plain = [""], "x"
    if not set(known) <= set(_PLACES):
        raise ValueError(f"is made of {{{'}, {'.join(_PLACES)}}} and plain text, not {names!r:.80}")
    for part in plain.split("/"):
        if name_problem(part) or part.startswith("."):
            raise ValueError(f"{part!r:.60} is no name of a file or folder below the output")
    return names


def _named(value: Any) -> str:
    name = text(value)
    problem = "it holds a /" if "/" in name else name_problem(name)
    if problem or name.startswith("."):
        raise ValueError(f"{name!r:.60} cannot be part of a file's name: {problem or 'it would be hidden'}")
    return name


def _ages(value: Any) -> tuple[float | None, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError("must be a list of years, such as [30, 60]")
    return tuple(_age(one) for one in value)


def _age(value: Any) -> float:
    age = number(value)
    if not AGE_MIN <= age <= LIFE_MAX:
        raise ValueError(f"age must be {AGE_MIN:g}..{LIFE_MAX:g} years, not {age:g}")
    return age


def _seed(value: Any) -> int:
    seed = whole(value)
    if not 0 <= seed <= SEED_MAX:
        raise ValueError(f"a seed is 0..{SEED_MAX}, not {seed}")
    return seed


def _seeds(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError("must be a list of seeds, such as [1, 2, 3]")
    return tuple(_seed(one) for one in value)


def _faces(table: JobTable, base: Path) -> Iterator[BatchFace]:
    """One face, or one for each seed or each file of a pattern."""

    def files(value: Any) -> tuple[str, ...]:
        pattern = text(value)
        found = sorted(base.glob(pattern)) if "*" in pattern and not Path(pattern).is_absolute() else [base / pattern]
        if not found:
            raise ValueError(f"no file is like {pattern}")
        return tuple(map(here, found))

    def here(path: Path | str) -> str:
        if not (base / path).exists():
            raise ValueError(f"{base / path}: no such file or folder")
        return str(base / path)

    given = [key for key in ("project", "photo", "photos", "seed", "seeds") if key in table]
    name = table.take("name", _named, "")
    head = table.take("head", lambda value: here(text(value)), "")
    age = table.take("age", _age, None)
    projects = table.take("project", files, ())
    photos = table.take("photo", files, ())
    of_one = table.take("photos", lambda value: tuple(here(one) for one in texts(value)), ())
    seeds = table.take("seeds", _seeds, ()) or table.take("seed", lambda value: (_seed(value),), ())
    table.take("seed", _seed, 0)
    table.finish()
    if len(given) > 1:
        raise table.error(given[1], f"a face has one origin, and {given[0]} is here too")
    if age is not None and not photos and not of_one:
        raise table.error("age", "is that of the person in a photo; ages of the job are for the others")
    if head and (photos or of_one):
        raise table.error("head", "faces of photos have the program's own head")
    if not given and not head:
        raise table.error("", "says not where the face comes from: project, photo, photos, head, seed or seeds")
    several = len(projects or photos or seeds) > 1
    for project in projects:
        yield BatchFace(_joined(name, Path(project).stem, several), project=project, head=head)
    for photo in photos:
        yield BatchFace(_joined(name, Path(photo).stem, several), photos=(photo,), photo_age=age)
    if of_one:
        yield BatchFace(name or Path(of_one[0]).stem, photos=of_one, photo_age=age)
    for seed in seeds:
        yield BatchFace(_joined(name, f"seed-{seed}", several), head=head, seed=seed)
    if not given:
        yield BatchFace(name or Path(head).stem, head=head)


def _joined(name: str, own: str, several: bool) -> str:
    return f"{name}-{own}" if name and several else name or own


def _look(table: JobTable) -> BatchLook:
    preset = table.take("preset", _preset, ())
    name = table.take("name", _named, "") or table.take("preset", text, "")
    strength = table.take("strength", _share, 1.0)
    weights = table.take("weights", _weights, ())
    units = table.take("action_units", _units, ())
    table.finish()
    if not name:
        raise table.error("", "an expression needs a name")
    if "preset" in table and "weights" in table:
        raise table.error("weights", "an expression is a preset or weights")
    scaled = tuple((arkit, weight * strength) for arkit, weight in (preset or weights))
    return BatchLook(name, scaled, tuple((unit, value * strength) for unit, value in units))


def _preset(value: Any) -> Weights:
    presets = expression_presets()
    if value not in presets:
        raise ValueError(f"there is no expression {value!r:.60}; there are {', '.join(presets)}")
    return presets[value].weights


def _share(value: Any) -> float:
    share = number(value)
    if not 0 <= share <= 1:
        raise ValueError(f"must be 0..1, not {share:g}")
    return share


def _weights(value: Any) -> Weights:
    if not isinstance(value, Mapping):
        raise ValueError("must be weights by name, such as { jawOpen = 0.5 }")
    checked_expression(value)
    return tuple(sorted((name, float(weight)) for name, weight in value.items()))


def _units(value: Any) -> Weights:
    if not isinstance(value, Mapping):
        raise ValueError("must be intensities by name, such as { AU12 = 0.5 }")
    known = action_unit_table().by_name
    for name, intensity in given_numbers(value, "action units").items():
        if name not in known:
            raise ValueError(f"{name!r} is not in the table of action units, e.g. AU12 or AU12L")
        _share(intensity)
    return tuple(sorted((name, float(intensity)) for name, intensity in value.items()))


def _folder(
    table: JobTable, kind: str, default: str, options_of: Callable[[str], Any], options: type[Any]
) -> BatchOutput:
    name = table.take("name", _named, default)
    files = table.take("file_name", _named, "face")
    given = table.rest()
    known = [field.name for field in fields(options) if field.name not in ("name", "overwrite", "verify")]

    def is_wrong(option: tuple[str, Any]) -> bool:
        """By itself, or no option at all."""
        try:
            options_of(json.dumps(dict([option])))
        except (ValueError, TypeError):
            return True
        return option[0] not in known

    try:
        known_options(given, known, f"a table of {kind}")
        text_of = json.dumps({**given, "name": files}, sort_keys=True)
        options_of(text_of)
    except (ValueError, TypeError) as error:
        raise table.error(next(filter(is_wrong, given.items()), ("",))[0], str(error)) from None
    return BatchOutput(name, kind, text_of)


def _render(table: JobTable) -> BatchOutput:
    views = [mode.value for mode in ViewMode]
    name = table.take("name", _named, "picture")
    suffix = table.take("suffix", lambda value: _one_of(value, _PICTURES), ".png")
    options: dict[str, Any] = {
        "view": table.take("view", lambda value: _one_of(value, views), ViewMode.DETAILED.value),
        "size": table.take("size", _size, [1280, 960]),
        "resolution": table.take("resolution", lambda value: _one_of(value, _RESOLUTIONS), 1024),
    }
    for key, field in _CAMERA.items():
        low, high = CAMERA_RANGES[field]
        angle = table.take(key, number, None)
        if angle is not None and not low <= angle <= high:
            raise table.error(key, f"must be {low:g}..{high:g}, not {angle:g}")
        options |= {} if angle is None else {field: angle}
    table.finish()
    return BatchOutput(name, "renders", json.dumps(options, sort_keys=True), suffix)


def _one_of(value: Any, allowed: Any) -> Any:
    if value not in allowed or isinstance(value, bool):
        raise ValueError(f"must be one of {', '.join(map(str, allowed))}, not {value!r:.60}")
    return value


def _size(value: Any) -> list[int]:
    if not isinstance(value, list) or len(value) != 2 or not all(16 <= whole(side) <= MAX_SIDE_PX for side in value):
        raise ValueError(f"must be width and height in pixels, such as [1280, 960], 16..{MAX_SIDE_PX} each")
    return value
