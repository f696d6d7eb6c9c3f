"""A folder of training records as the trainers read it: labels in memory, maps from the disk as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.maps.units import SIDE
from rhytid.core.training.record_shards import MAP_NAMES, RecordsError, read_index, read_labels, read_maps

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]

__all__ = ["MAP_NAMES", "Records", "RecordsError"]

LINE_PAIR_SHARE = 0.25  # of the pairs of a batch, where groups have them


class Records:
    """Poses of all shards of a folder, numbered from 0 in the order of the shards.

    Parameters
    ----------
    folder : Path
    persons_from, persons_to : int, optional
        Only persons with ``persons_from <= person < persons_to``; all when missing.

    Attributes
    ----------
    expression : float32 (P, 52)
    age : float32 (P,)
        Years.
    key_expression : int64 (P,)
        Index of the key expression, -1 for a mixture.
    person : int64 (P,)
        The same number for all poses of a person.
    group : int64 (P,)
        Poses of a group lie side by side; a person may have several groups.
    twin : int64 (P,)
        The pose that shows the same face but for one line more, -1 for none.

    Raises
    ------
    RecordsError
        See `record_shards`.
    """

    def __init__(self, folder: Path, persons_from: int | None = None, persons_to: int | None = None) -> None:
        self.folder = folder
        self._range = (
            -(2**63) if persons_from is None else persons_from,
            2**63 - 1 if persons_to is None else persons_to,
        )
        self._known: set[str] = set()
        self._entries: list[Any] = []
        self.expression: Float32 = np.zeros((0, 52), np.float32)
        self.age: Float32 = np.zeros(0, np.float32)
        self.key_expression: Int64 = np.zeros(0, np.int64)
        self.person: Int64 = np.zeros(0, np.int64)
        self.group: Int64 = np.zeros(0, np.int64)
        self.twin: Int64 = np.zeros(0, np.int64)
        self._shard: Int64 = np.zeros(0, np.int64)
        self._row: Int64 = np.zeros(0, np.int64)
        self.refresh()

    def __len__(self) -> int:
        return len(self.age)

    @property
    def n_groups(self) -> int:
        """Groups in the folder."""
        return int(self.group[-1]) + 1 if len(self) else 0

    def refresh(self) -> int:
        """Take in shards that were added since; poses known already keep their numbers. Gives their total."""
        for entry in read_index(self.folder):
            if entry.file in self._known:
                continue
            self._known.add(entry.file)
            labels = read_labels(self.folder, entry)
            kept = (labels["person"] >= self._range[0]) & (labels["person"] < self._range[1])
            if not kept.any():
                continue
            place = np.where(kept, np.cumsum(kept) - 1 + len(self), -1)
            twin = labels["twin"][kept]
            groups = np.unique(labels["group"][kept], return_inverse=True)[1]
            self.twin = np.append(self.twin, np.where(twin >= 0, place[np.maximum(twin, 0)], -1))
            self.group = np.append(self.group, groups + self.n_groups)
            self._shard = np.append(self._shard, np.full(len(groups), len(self._entries)))
            self._row = np.append(self._row, np.flatnonzero(kept))
            self.expression = np.concatenate([self.expression, labels["expression"][kept]])
            self.key_expression = np.append(self.key_expression, labels["key_expression"][kept])
            self.person = np.append(self.person, labels["person"][kept])
            self.age = np.append(self.age, labels["age"][kept])
            self._entries.append(entry)
        return len(self)

    def maps(self, poses: Sequence[int] | Int64, names: Sequence[str] = MAP_NAMES) -> dict[str, Float32]:
        """Maps of `poses`, float32 (len(poses), 256, 256) by name, in the order asked for.

        x and relief are in units of 0.1 mm, the distance fields 0..1.
        """
        wanted = np.asarray(poses, np.int64)
        result = {name: np.empty((len(wanted), SIDE, SIDE), np.float32) for name in names}
        for shard in np.unique(self._shard[wanted]).tolist():
            at = np.flatnonzero(self._shard[wanted] == shard)
            read = read_maps(self.folder, self._entries[shard], self._row[wanted[at]].tolist(), names)
            for name in names:
                result[name][at] = read[name]
        return result

    def chunks(
        self, names: Sequence[str] = MAP_NAMES, size: int = 32, poses: Sequence[int] | Int64 | None = None
    ) -> Iterator[tuple[Int64, dict[str, Float32]]]:
        """All poses (or `poses`) in order, `size` at a time, as (numbers, maps): for closed-form fits."""
        numbers = np.arange(len(self)) if poses is None else np.asarray(poses, np.int64)
        for start in range(0, len(numbers), size):
            part = numbers[start : start + size]
            yield part, self.maps(part, names)

    def same_person_pairs(self) -> Int64:
        """All pairs (a, b), a < b, of different poses of one group, int64 (N, 2), without pairs of twins."""
        pairs = []
        for start, end in self._group_bounds().tolist():
            a, b = np.triu_indices(end - start, 1)
            pairs.append(np.stack([a, b], 1) + start)
        found = np.concatenate(pairs) if pairs else np.zeros((0, 2), np.int64)
        result: Int64 = found[self.twin[found[:, 1]] != found[:, 0]]
        return result

    def line_pairs(self) -> Int64:
        """All (pose, the same with one line less), int64 (N, 2)."""
        less = np.flatnonzero(self.twin >= 0)
        return np.stack([self.twin[less], less], 1)

    def draw_pairs(self, n_pairs: int, rng: np.random.Generator) -> Int64:
        """Poses of a batch: 2i and 2i + 1 are of one person, int64 (2 n_pairs,).

        A quarter of the pairs (where there are such groups) are a pose and the same with one line less, in
        this order; the others are any two poses of a group, which may be the same one if it has no other.
        """
        if not len(self):
            raise RecordsError(f"{self.folder}: no records; make some with: rhytid train records --out DIR")
        twins = self.line_pairs()
        bounds = self._group_bounds()
        chosen = np.empty((n_pairs, 2), np.int64)
        for pair in chosen:
            if len(twins) and rng.random() < LINE_PAIR_SHARE:
                pair[:] = twins[rng.integers(len(twins))]
                continue
            members = np.arange(*bounds[rng.integers(len(bounds))])
            members = members[self.twin[members] < 0]
            pair[:] = rng.choice(members, 2, replace=len(members) < 2)
        return chosen.reshape(-1)

    def is_line_pair(self, poses: Int64) -> npt.NDArray[np.bool_]:
        """Whether pose 2i + 1 is pose 2i with one line less, bool (len(poses) / 2,)."""
        result: npt.NDArray[np.bool_] = self.twin[poses[1::2]] == poses[0::2]
        return result

    def _group_bounds(self) -> Int64:
        """First pose and the one after the last of each group, int64 (n_groups, 2)."""
        starts = np.flatnonzero(np.diff(self.group, prepend=-1))
        return np.stack([starts, np.append(starts[1:], len(self))[: len(starts)]], 1)
