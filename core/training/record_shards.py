"""Shards of training records: a few groups of poses in one safetensors file, written once and never changed.

Maps are float16 and labels float32 or int64, pose by pose. A folder of records is a set of shards and an
`index.json` that lists them; a shard that is not listed is not there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from rhytid.core.arkit import N_EXPRESSION
from rhytid.core.files.writing import replacing
from rhytid.core.maps.units import SIDE, UNIT_MM

Float32 = npt.NDArray[np.float32]

FORMAT = "rhytid-records"
VERSION = 1
INDEX_NAME = "index.json"
MAP_NAMES = ("x", "relief", "df_strong", "df_all")
_LABEL_TYPES: dict[str, Any] = {
    "expression": np.float32,
    "age": np.float32,
    "key_expression": np.int64,
    "person": np.int64,
    "group": np.int64,
    "twin": np.int64,
}
_MAX_INDEX_BYTES = 64 << 20
_MAX_POSES = 4096  # of one shard


class RecordsError(ValueError):
    """A folder of records that cannot be read; the message names the file and the remedy."""


@dataclass(frozen=True)
class Pose:
    """One face in one pose.

    Attributes
    ----------
    maps : dict of float32 (256, 256)
        By `MAP_NAMES`: displacement / 0.1 mm; relief of all its lines / 0.1 mm; distance fields of its strong
        lines and of all lines, 0..1.
    expression : float32 (52,)
    age : float
        Years.
    key_expression : int
        Index of the key expression, -1 for a mixture.
    twin : int
        Place within the group of the pose that is the same but for one line more; -1 for none.
    """

    maps: dict[str, Float32]
    expression: Float32
    age: float
    key_expression: int = -1
    twin: int = -1


@dataclass(frozen=True)
class Group:
    """Several poses of one person; pairs are drawn from one group."""

    person: int
    poses: tuple[Pose, ...]


@dataclass(frozen=True)
class ShardEntry:
    """What `index.json` says of a shard."""

    file: str
    persons: tuple[int, ...]
    n_poses: int


def write_shard(folder: Path, groups: Sequence[Group]) -> ShardEntry:
    """Write `groups` as one file in `folder`, named by its first person and its number of groups."""
    poses = [pose for group in groups for pose in group.poses]
    first = np.cumsum([0, *(len(group.poses) for group in groups)])
    twins = [
        int(start) + pose.twin if pose.twin >= 0 else -1
        for group, start in zip(groups, first, strict=False)
        for pose in group.poses
    ]
    tensors: dict[str, npt.NDArray[Any]] = {
        name: np.stack([pose.maps[name] for pose in poses]).astype(np.float16) for name in MAP_NAMES
    }
    tensors |= {
        "expression": np.stack([pose.expression for pose in poses]).astype(np.float32),
        "age": np.array([pose.age for pose in poses], np.float32),
        "key_expression": np.array([pose.key_expression for pose in poses], np.int64),
        "person": np.array([group.person for group in groups for _ in group.poses], np.int64),
        "group": np.array([i for i, group in enumerate(groups) for _ in group.poses], np.int64),
        "twin": np.array(twins, np.int64),
    }
    name = f"records-{groups[0].person:09d}-{len(groups):04d}.safetensors"
    with replacing(folder / name) as temporary:
        # One entry of metadata, because the writer does not sort several.
        temporary.write_bytes(save(tensors, {"format": FORMAT}))
    return ShardEntry(name, tuple(group.person for group in groups), len(poses))


def write_index(folder: Path, entries: Sequence[ShardEntry]) -> None:
    """Write `index.json` of `folder`, shards in the order of their files' names."""
    listed = sorted(entries, key=lambda entry: entry.file)
    content = {
        "format": FORMAT,
        "version": VERSION,
        "resolution": SIDE,
        "unit_mm": UNIT_MM,
        "n_poses": sum(entry.n_poses for entry in listed),
        "shards": [{"file": e.file, "n_poses": e.n_poses, "persons": list(e.persons)} for e in listed],
    }
    with replacing(folder / INDEX_NAME) as temporary:
        temporary.write_text(json.dumps(content) + "\n", "utf-8")


def read_index(folder: Path) -> tuple[ShardEntry, ...]:
    """Shards of `folder`; none if it has no index yet.

    Raises
    ------
    RecordsError
        The index is not one, or is of another version.
    """
    path = folder / INDEX_NAME
    if not path.exists():
        return ()
    if path.stat().st_size > _MAX_INDEX_BYTES:
        raise RecordsError(f"{path}: too large for an index of records; make the records again")
    try:
        content = json.loads(path.read_text("utf-8"))
        if content["format"] != FORMAT or content["version"] != VERSION:
            raise RecordsError(f"{path}: not an index of records of version {VERSION}; make the records again")
        entries = tuple(
            ShardEntry(str(shard["file"]), tuple(int(p) for p in shard["persons"]), int(shard["n_poses"]))
            for shard in content["shards"]
        )
    except RecordsError:
        raise
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise RecordsError(f"{path}: damaged index of records ({error}); make the records again") from None
    for entry in entries:
        if entry.file != os.path.basename(entry.file) or not entry.file.endswith(".safetensors"):
            raise RecordsError(f"{path}: {entry.file!r} is no shard of this folder; make the records again")
    return entries


def read_labels(folder: Path, entry: ShardEntry) -> dict[str, npt.NDArray[Any]]:
    """Labels of a shard by name, checked, and the shapes of its maps checked; no map is read.

    Raises
    ------
    RecordsError
        The file is missing, damaged, or does not hold what the index says.
    """
    path = folder / entry.file
    n = entry.n_poses
    if not 0 < n <= _MAX_POSES:
        raise RecordsError(f"{path}: {n} poses in one shard; 1..{_MAX_POSES} can be read; make it again")
    try:
        with safe_open(path, framework="numpy") as shard:
            for name in MAP_NAMES:
                part = shard.get_slice(name)
                if list(part.get_shape()) != [n, SIDE, SIDE] or part.get_dtype() != "F16":
                    raise RecordsError(f"{path}: {name} must be {n} float16 maps of {SIDE}; make it again")
            labels = {}
            for name, dtype in _LABEL_TYPES.items():
                shape = [n, N_EXPRESSION] if name == "expression" else [n]
                if list(shard.get_slice(name).get_shape()) != shape:
                    raise RecordsError(f"{path}: {name} must have shape {shape}; make it again")
                labels[name] = np.asarray(shard.get_tensor(name), dtype)
    except (SafetensorError, OSError) as error:
        raise RecordsError(f"{path}: cannot be read ({error}); remove it and index.json and make it again") from None
    if not (np.isfinite(labels["expression"]).all() and np.isfinite(labels["age"]).all()):
        raise RecordsError(f"{path}: labels that are not finite; make it again")
    if not ((labels["twin"] >= -1) & (labels["twin"] < n)).all():
        raise RecordsError(f"{path}: pairs of poses that are not there; make it again")
    return labels


def read_maps(folder: Path, entry: ShardEntry, rows: Sequence[int], names: Sequence[str]) -> dict[str, Float32]:
    """Maps of the poses `rows` of a shard, float32 (len(rows), 256, 256) by name; only these are read."""
    maps = {name: np.empty((len(rows), SIDE, SIDE), np.float32) for name in names}
    try:
        with safe_open(folder / entry.file, framework="numpy") as shard:
            for name in names:
                part = shard.get_slice(name)
                for i, row in enumerate(rows):
                    maps[name][i] = part[row : row + 1][0]
    except (SafetensorError, OSError) as error:
        raise RecordsError(f"{folder / entry.file}: cannot be read ({error}); make the records again") from None
    return maps
