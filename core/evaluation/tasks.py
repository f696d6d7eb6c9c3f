"""The work of an evaluation in several processes, each with its own copy of scans, head and engines."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TypeVar

import cv2
from tqdm import tqdm

from rhytid.core.detail.engines import Engines
from rhytid.core.detail.request import SourceDetail
from rhytid.core.evaluation.faces import Expressions, ScanEditor, opened
from rhytid.core.evaluation.scans import Scan, ScanSet
from rhytid.core.io.worker_process import end_with_parent
from rhytid.core.learned.engines import learned_engines

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Setup:
    """What a process needs to begin.

    Attributes
    ----------
    data : Path
        Folder of scans.
    weights : Path or None
        Folder of the networks' weights; None for those of the program.
    """

    data: Path
    weights: Path | None = None


class Context:
    """Scans, expressions and engines of one process, kept from task to task."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.scans = ScanSet(setup.data)
        self.expressions = Expressions()
        self._sources: dict[str, SourceDetail] = {}
        self.engines = Engines(learned_engines(setup.weights))

    def source(self, scan: Scan) -> SourceDetail:
        """The scan as the program imports it."""
        if scan.name not in self._sources:
            self._sources[scan.name] = opened(scan)
        return self._sources[scan.name]

    def editor(self, scan: Scan, engine: str) -> ScanEditor:
        """The scan opened for editing with an engine."""
        return ScanEditor(scan, self.source(scan), engine, self.expressions, self.engines)


@lru_cache(maxsize=1)
def context_of(setup: Setup) -> Context:
    """The context of this process; another setup replaces it, for scans and networks are large."""
    cv2.setNumThreads(1)
    return Context(setup)


class Workers:
    """Runs tasks of one setup after another: here for one worker, else in that many processes.

    Parameters
    ----------
    n_workers : int
    """

    def __init__(self, n_workers: int) -> None:
        self._pool: ProcessPoolExecutor | None = None
        if n_workers > 1:
            # Not forked: the runtimes of the networks keep threads that a fork would lose.
            spawn = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(n_workers, mp_context=spawn, initializer=end_with_parent)

    def run(
        self, function: Callable[[Context, Task], Result], tasks: Sequence[Task], setup: Setup, title: str
    ) -> list[Result]:
        """Results of ``function(context, task)`` in the order of the tasks, with a progress bar on a terminal."""
        call = partial(_call, function, setup)
        shown = partial(tqdm, total=len(tasks), desc=title, disable=not sys.stderr.isatty(), leave=False)
        if self._pool is None:
            return list(shown(map(call, tasks)))
        with _one_thread_each():
            return list(shown(self._pool.map(call, tasks)))

    def close(self) -> None:
        """End the processes; work that has not begun is dropped."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _call(function: Callable[[Context, Task], Result], setup: Setup, task: Task) -> Result:
    return function(context_of(setup), task)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Processes that are started inside use one thread each for linear algebra: there is one for each core."""
    before = {name: os.environ.get(name) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    os.environ.update(dict.fromkeys(before, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
