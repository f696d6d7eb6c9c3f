"""Makes records in worker processes, shard by shard; the same seeds always give the same files.

What the networks get as lines is extracted from the displacement map, of a synthetic one as of a scan.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.io.worker_process import end_with_parent
from rhytid.core.lines.distance import distance_field
from rhytid.core.lines.graded import extract_faint_lines, extract_strong_lines
from rhytid.core.lines.relief import relief
from rhytid.core.maps.units import SIDE, UNIT_MM
from rhytid.core.training.record_shards import Group, ShardEntry, read_index, write_index, write_shard

Float32 = npt.NDArray[np.float32]
Made = TypeVar("Made")

GROUPS_PER_SHARD = 14  # about 64 poses


def line_maps(displacement_mm: Float32) -> dict[str, Float32]:
    """What the networks see of a map of 256 texels: itself and its extracted lines, by `MAP_NAMES`."""
    strong = extract_strong_lines(displacement_mm)
    faint = extract_faint_lines(displacement_mm, strong)
    df_strong = distance_field(strong, SIDE)
    return {
        "x": displacement_mm / np.float32(UNIT_MM),
        "relief": relief([(line, 1.0) for line in (*strong, *faint)], SIDE) / np.float32(UNIT_MM),
        "df_strong": df_strong,
        "df_all": np.minimum(df_strong, distance_field(faint, SIDE)),
    }


def make_records(
    folder: Path,
    seeds: Sequence[int],
    group_of: Callable[[int], Group],
    workers: int = 1,
    stop: threading.Event | None = None,
    told: Callable[[int], None] | None = None,
) -> int:
    """Add the groups of those `seeds` that `folder` does not hold yet; gives how many were added.

    Each finished shard is listed at once, so that an interrupted call loses at most the shards in work.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    seeds : sequence of int
    group_of : callable
        Makes the group of a seed; of a module's top level, because processes are given it by name.
    workers : int
        Processes; 0 works in this one.
    stop : Event, optional
        When set, shards in work are finished and no others begun.
    told : callable, optional
        Called with the number of groups added so far.
    """
    folder.mkdir(parents=True, exist_ok=True)
    entries = list(read_index(folder))
    held = {person for entry in entries for person in entry.persons}
    missing = [seed for seed in dict.fromkeys(seeds) if seed not in held]
    parts = [missing[i : i + GROUPS_PER_SHARD] for i in range(0, len(missing), GROUPS_PER_SHARD)]
    added = 0
    for entry in in_workers(partial(_make_shard, folder, group_of=group_of), parts, workers, stop):
        entries.append(entry)
        write_index(folder, entries)
        added += len(entry.persons)
        if told is not None:
            told(added)
    return added


def _make_shard(folder: Path, seeds: Sequence[int], group_of: Callable[[int], Group]) -> ShardEntry:
    return write_shard(folder, [group_of(seed) for seed in seeds])


def in_workers(
    make: Callable[[Sequence[int]], Made],
    parts: Sequence[Sequence[int]],
    workers: int,
    stop: threading.Event | None = None,
) -> Iterator[Made]:
    """What `make` gives for each of `parts`, as it is finished; never more in work than there are workers."""
    waiting = list(reversed(parts))

    def stopped() -> bool:
        return stop is not None and stop.is_set()

    if workers < 1:
        while waiting and not stopped():
            yield make(waiting.pop())
        return
    # Spawned, not forked: the trainer's process has threads, and Windows and macOS have no safe fork.
    with ProcessPoolExecutor(workers, get_context("spawn"), _start_worker) as pool:
        running: set[Future[Made]] = set()
        while running or (waiting and not stopped()):
            while waiting and len(running) < workers and not stopped():
                running.add(pool.submit(make, waiting.pop()))
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()


def _start_worker() -> None:
    """One thread per process, less urgent than what the user does meanwhile; Ctrl-C is the parent's to handle."""
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    if hasattr(os, "nice"):
        os.nice(5)
