"""Records for super-resolution: synthetic maps at 1024 texels with the distance to the lines that show at 256."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from rhytid.core.ageing import AGE_MAX, AGE_MIN
from rhytid.core.files.writing import replacing
from rhytid.core.learned.super_resolution import FACTOR, MARGIN, TILE, enlarged_inside, nearness
from rhytid.core.lines.distance import distance_field
from rhytid.core.lines.graded import extract_faint_lines, extract_strong_lines
from rhytid.core.maps.resample import resample
from rhytid.core.maps.units import SIDE, UNIT_MM
from rhytid.core.synthesis import synthesise
from rhytid.core.training.make_records import in_workers
from rhytid.core.training.record_shards import RecordsError
from rhytid.core.training.synthetic_groups import drawn_expression

Float32 = npt.NDArray[np.float32]
MapOf = Callable[[int], Float32]

FINE = SIDE * FACTOR
SMOOTH_SHARE = 0.2  # of the crops that are a map once more enlarged, as on the way from 1024 to 4096
_CROP = (TILE + 2 * MARGIN) * FACTOR
_LEVELS = 255.0


def make_fine_records(
    folder: Path,
    seeds: Sequence[int],
    map_of: MapOf,
    workers: int = 1,
    stop: threading.Event | None = None,
    told: Callable[[int], None] | None = None,
) -> int:
    """Add the maps of those `seeds` that `folder` does not hold yet; gives how many were added.

    Parameters
    ----------
    map_of : callable
        Displacement of a seed, (1024, 1024) mm; of a module's top level, because processes are given it by name.
    workers, stop, told
        As `make_records.make_records`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [[seed] for seed in dict.fromkeys(seeds) if not (folder / _name(seed)).exists()]
    added = 0
    for count in in_workers(partial(_make, folder, map_of), missing, workers, stop):
        added += count
        if told is not None:
            told(added)
    return added


def _name(seed: int) -> str:
    return f"fine-{seed:09d}.safetensors"


def _make(folder: Path, map_of: MapOf, seeds: Sequence[int]) -> int:
    for seed in seeds:
        high = map_of(seed)
        low = resample(high, SIDE)
        strong = extract_strong_lines(low)
        lines = (*strong, *extract_faint_lines(low, strong))
        near = nearness(distance_field(lines, FINE), FINE)
        tensors: dict[str, npt.NDArray[Any]] = {
            "high": (high / np.float32(UNIT_MM)).astype(np.float16),
            "nearness": np.rint(near * _LEVELS).astype(np.uint8),
        }
        with replacing(folder / _name(seed)) as temporary:
            temporary.write_bytes(save(tensors))
    return len(seeds)


def fine_map(seed: int) -> Float32:
    """Displacement of the synthetic person `seed` at 1024 texels, in some pose at some age, mm."""
    rng = np.random.default_rng([FINE, seed])
    return synthesise(seed, float(rng.uniform(AGE_MIN, AGE_MAX)), drawn_expression(rng)[0], FINE).displacement


class FineRecords:
    """Maps of a folder of fine records, read crop by crop.

    Parameters
    ----------
    folder : Path
    number_from, number_to : int, optional
        Only the maps of these places in the order of the files' names.
    """

    def __init__(self, folder: Path, number_from: int = 0, number_to: int | None = None) -> None:
        self.folder = folder
        self._range = slice(number_from, number_to)
        self.paths: list[Path] = []
        self.refresh()

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def n_groups(self) -> int:
        """Maps to draw from."""
        return len(self.paths)

    def refresh(self) -> int:
        """Take in maps that were added."""
        self.paths = sorted(self.folder.glob("fine-*.safetensors"))[self._range]
        return len(self.paths)

    def read(self, number: int, rows: slice, columns: slice) -> tuple[Float32, Float32]:
        """(high in 0.1 mm, nearness 0..1) of a window of one map.

        Raises
        ------
        RecordsError
            The file is damaged.
        """
        path = self.paths[number]
        try:
            with safe_open(path, framework="numpy") as file:
                parts = [file.get_slice(name) for name in ("high", "nearness")]
                if any(list(part.get_shape()) != [FINE, FINE] for part in parts):
                    raise RecordsError(f"{path}: no maps of {FINE} texels; remove it and make it again")
                high, near = (np.asarray(part[rows, columns], np.float32) for part in parts)
        except (SafetensorError, OSError) as error:
            raise RecordsError(f"{path}: cannot be read ({error}); remove it and make it again") from None
        return high, near / np.float32(_LEVELS)

    def batch(self, n_pairs: int, rng: np.random.Generator) -> dict[str, Float32]:
        """``2 n_pairs`` random crops: ``low, enlarged, nearness`` as the network takes them, and ``high``.

        A share of the crops is a small part enlarged bicubically: on the way from 1024 to 4096 most of what
        there is is smooth already.
        """
        if not self.paths:
            raise RecordsError(f"{self.folder}: no records for super-resolution")
        crops = [self._crop(rng) for _ in range(2 * n_pairs)]
        return {name: np.stack([crop[name] for crop in crops])[:, None] for name in crops[0]}

    def tiles(self, number: int) -> Iterator[dict[str, Float32]]:
        """All of one map in crops of whole tiles but for its border, each as one of a batch."""
        step = TILE * FACTOR
        for y in range(0, FINE - _CROP + 1, step):
            for x in range(0, FINE - _CROP + 1, step):
                yield network_inputs(*self.read(number, slice(y, y + _CROP), slice(x, x + _CROP)))

    def _crop(self, rng: np.random.Generator) -> dict[str, Float32]:
        number = int(rng.integers(len(self.paths)))
        smooth = rng.random() < SMOOTH_SHARE
        size = _CROP // FACTOR if smooth else _CROP
        y, x = (FACTOR * int(v) for v in rng.integers(0, (FINE - size) // FACTOR + 1, 2))
        high, near = self.read(number, slice(y, y + size), slice(x, x + size))
        if smooth:
            high = np.asarray(cv2.resize(high, (_CROP, _CROP), interpolation=cv2.INTER_CUBIC), np.float32)
            away = cv2.resize(1 - near, (_CROP, _CROP), interpolation=cv2.INTER_LINEAR)
            near = np.clip(1 - FACTOR * away, 0, 1)
        if rng.random() < 0.5:
            high, near = high[:, ::-1], near[:, ::-1]
        return network_inputs(high, near)


def network_inputs(high: Float32, near: Float32) -> dict[str, Float32]:
    """What the network gets and what it should give, out of a window with margins."""
    high = np.ascontiguousarray(high, np.float32)
    size = len(high) // FACTOR
    low = np.asarray(cv2.resize(high, (size, size), interpolation=cv2.INTER_AREA), np.float32)
    inner = slice(MARGIN * FACTOR, -MARGIN * FACTOR)
    return {
        "low": low,
        "enlarged": enlarged_inside(low),
        "nearness": np.ascontiguousarray(near, np.float32),
        "high": high[inner, inner],
    }
