"""Records out of a user's own folder of displacement maps.

Maps may lie anywhere below the folder, in linked folders too. The first folder below it that a map lies in is its
subject, as in FaceScape's ``subject/.../expression.png``; a map that lies in no folder is a subject of its own. A map
named as one of the 20 key expressions ("2_smile") is of that expression; any other counts as neutral, unless a
``weights.json`` in the folder gives ARKit weights by subject and map: {"subject/map": {"jawOpen": 0.4}}.
``subjects.json`` gives ages: {"122": {"age": 22}}; a subject that it does not name counts as 30 years old.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import N_EXPRESSION, expression_array, parse_weights
from rhytid.core.io.displacement_file import read_displacement
from rhytid.core.maps.resample import resample
from rhytid.core.maps.units import SIDE
from rhytid.core.synthesis import KEY_EXPRESSIONS
from rhytid.core.synthesis.key_expressions import key_expression_index
from rhytid.core.training.make_records import line_maps, make_records
from rhytid.core.training.record_shards import Group, Pose

Float32 = npt.NDArray[np.float32]

DEFAULT_AGE = 30.0
SUFFIXES = (".png", ".tif", ".tiff", ".exr", ".npy")
AGES_NAME, WEIGHTS_NAME = "subjects.json", "weights.json"
_LINE_FOLDERS = {"lines"}  # of the public sample: pictures of lines beside the maps
_POSES_PER_GROUP = 20
_MAX_JSON_BYTES = 16 << 20
_MAX_MAPS = 1_000_000
_MAX_FILES = 4_000_000


@dataclass(frozen=True)
class MapFile:
    """A map of a user's folder and its labels."""

    path: Path
    expression: tuple[float, ...]
    age: float


def folder_groups(folder: Path) -> dict[int, tuple[MapFile, ...]]:
    """Maps of `folder` by subject, at most 20 in a group, in the order of their names.

    A group's number follows from its subject's name, so that it stays when other subjects come or go.

    Raises
    ------
    ValueError
        Not a folder, no map in it, or a JSON beside the maps that is damaged.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder}: no such folder; --data takes 'synthetic' or a folder of displacement maps")
    ages, weights = _read_json(folder / AGES_NAME), _read_json(folder / WEIGHTS_NAME)
    subjects: dict[str, list[MapFile]] = defaultdict(list)
    n_maps = 0
    for path in _listed(folder):
        relative = path.relative_to(folder)
        if path.suffix.lower() not in SUFFIXES or _LINE_FOLDERS & set(relative.parts[:-1]) or not path.is_file():
            continue
        if len(relative.parts) == 1 and _is_picture_of_no_face(path):
            continue
        subject = relative.parts[0] if len(relative.parts) > 1 else relative.stem
        expression = _expression(folder, weights, subject, path.stem)
        subjects[subject].append(MapFile(path, expression, _age(folder, ages, subject)))
        n_maps += 1
        if n_maps > _MAX_MAPS:
            raise ValueError(f"{folder}: more than {_MAX_MAPS} maps; name a folder that holds the training maps alone")
    if not subjects:
        raise ValueError(f"{folder}: no displacement map ({', '.join(SUFFIXES)}) in this folder")
    return {
        _group_number(subject, start): tuple(maps[start : start + _POSES_PER_GROUP])
        for subject, maps in subjects.items()
        for start in range(0, len(maps), _POSES_PER_GROUP)
    }


def _listed(folder: Path) -> list[Path]:
    """All files below `folder`, in linked folders too, in the order of the names, if it is not too much."""
    found: list[Path] = []
    n_folders = 0
    # The real folders on the way to each: a link that leads back to one of them has no end.
    ways = {str(folder): frozenset({os.path.realpath(folder)})}
    for here, folders, files in os.walk(folder, followlinks=True):
        way = ways.pop(here)
        real = {name: os.path.realpath(os.path.join(here, name)) for name in folders}
        folders[:] = [name for name in folders if real[name] not in way]
        ways |= {os.path.join(here, name): way | {real[name]} for name in folders}
        found += (Path(here, name) for name in files)
        n_folders += len(folders)
        if len(found) + n_folders > _MAX_FILES:
            message = f"{folder}: more than {_MAX_FILES} files; name a folder that holds the training maps alone"
            raise ValueError(message)
    return sorted(found)


def _group_number(subject: str, start: int) -> int:
    """0..2**56 - 1 of a subject's group that begins with its map `start`."""
    return int.from_bytes(hashlib.sha256(f"{start}/{subject}".encode()).digest()[:7], "big")


def folder_group(groups: dict[int, tuple[MapFile, ...]], number: int) -> Group:
    """The records of one group; maps of other sizes are brought to 256 texels.

    Raises
    ------
    MapError
        A file that is no displacement map.
    """
    poses = []
    for file in groups[number]:
        expression = np.array(file.expression, np.float32)
        maps = line_maps(resample(read_displacement(file.path), SIDE))
        poses.append(Pose(maps, expression, file.age, key_expression_index(expression)))
    return Group(number, tuple(poses))


def make_folder_records(
    folder: Path,
    out: Path,
    workers: int = 1,
    stop: threading.Event | None = None,
    told: Callable[[int], None] | None = None,
) -> int:
    """Add records of those maps of `folder` whose groups `out` does not hold yet; gives the number of groups added.

    A subject whose maps changed afterwards keeps its records; remove `out` to make them anew.

    Raises
    ------
    ValueError
        See `folder_groups` and `folder_group`.
    """
    groups = folder_groups(folder)
    return make_records(out, tuple(groups), partial(folder_group, groups), workers, stop, told)


def _is_picture_of_no_face(path: Path) -> bool:
    """A mask that lies beside the subjects' folders, as in the public sample."""
    return path.stem.endswith("mask")


def _expression(folder: Path, weights: dict[str, Any], subject: str, name: str) -> tuple[float, ...]:
    given = weights.get(f"{subject}/{name}", weights.get(name))
    if given is not None:
        if not isinstance(given, dict):
            raise ValueError(f"{folder / WEIGHTS_NAME}: {subject}/{name} must be ARKit weights by name")
        try:
            array = expression_array(parse_weights(given)[0])
        except ValueError as error:
            raise ValueError(f"{folder / WEIGHTS_NAME}: {subject}/{name}: {error}") from None
    else:
        array = KEY_EXPRESSIONS.get(name, np.zeros(N_EXPRESSION, np.float32))
    return tuple(float(value) for value in array)


def _age(folder: Path, ages: dict[str, Any], subject: str) -> float:
    entry = ages.get(subject, {})
    age = entry.get("age", DEFAULT_AGE) if isinstance(entry, dict) else entry
    if isinstance(age, bool) or not isinstance(age, (int, float)) or not (math.isfinite(age) and 0 <= age <= 120):
        raise ValueError(f"{folder / AGES_NAME}: the age of {subject} must be a number of years, not {age!r}")
    return float(age)


def _read_json(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    if path.stat().st_size > _MAX_JSON_BYTES:
        raise ValueError(f"{path}: too large for labels; {_MAX_JSON_BYTES >> 20} MB are the most")
    try:
        content = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: damaged ({error}); repair or remove it") from None
    if not isinstance(content, dict):
        raise ValueError(f"{path}: must hold labels by name; repair or remove it")
    return content
