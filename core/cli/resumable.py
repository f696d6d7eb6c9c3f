"""Many jobs, one after another, in several processes or on the machines of a cluster, with a record to go on from.

The record is a line of JSON for each job that has ended. A job whose line says that it is done, and that is still as it
was then, is not done again: a run that was stopped, or killed, goes on where it was.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol, TypeVar

from tqdm import tqdm

from rhytid.core.cli.cluster import run_on_cluster
from rhytid.core.files.outputs import remember
from rhytid.core.io.worker_process import end_with_parent

_MAX_RECORD_BYTES = 1 << 28


class Ended(Protocol):
    """What came of a job: a frozen dataclass of numbers and text, a line of the record."""

    @property
    def error(self) -> str:
        """Why it failed, "" where it did not."""

    @property
    def written(self) -> tuple[Path, ...]:
        """Files that it wrote."""


Job = TypeVar("Job")
Line = TypeVar("Line", bound=Ended)
Run = Callable[[Sequence[Job]], Iterable[Line]]


def in_processes(n_processes: int, work: Callable[[Job], Line]) -> Run[Job, Line]:
    """Does jobs in so many processes, in this one where it is one."""

    def run(jobs: Sequence[Job]) -> Iterator[Line]:
        if n_processes == 1:
            yield from map(work, jobs)
            return
        spawn = multiprocessing.get_context("spawn")  # runtimes keep threads that a fork would lose
        with ProcessPoolExecutor(n_processes, mp_context=spawn, initializer=end_with_parent) as pool:
            for future in as_completed([pool.submit(work, job) for job in jobs]):
                yield future.result()

    return run


def on_cluster(address: str, work: Callable[[Job], Line], lost: Callable[[Job, str], Line]) -> Run[Job, Line]:
    """Does jobs on a Ray cluster; files of jobs must be absolute, for workers have folders of their own to begin in."""
    return lambda jobs: run_on_cluster(address, work, jobs, lost)


def read_record(record: Path, line_of: Callable[..., Line]) -> Iterator[Line]:
    """Lines of an earlier run, by their fields; a line that was cut off does not count."""
    if record.is_file() and record.stat().st_size <= _MAX_RECORD_BYTES:
        for line in record.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                content = json.loads(line)
                yield line_of(**{name: _plain(value) for name, value in content.items()})
            except (ValueError, TypeError, AttributeError):
                continue


def record_line(line: Any) -> str:
    """A line of the record as JSON."""
    return json.dumps(asdict(line), ensure_ascii=False)


def do_all(run: Run[Job, Line], waiting: Sequence[Job], n_all: int, record: Path, unit: str) -> int:
    """Do jobs, write their lines, and tell which failed.

    Parameters
    ----------
    waiting : sequence
        Jobs that are not done yet, of `n_all`.
    unit : str
        What a job is, for progress: "photo".

    Returns
    -------
    int
        Exit code: 0 all done, 1 some failed, 2 all failed.
    """
    failed = 0
    with record.open("a", encoding="utf-8") as file:
        remember([record])  # a run that is stopped at any time goes on with it
        for line in tqdm(run(waiting), total=len(waiting), unit=unit, disable=None):
            file.write(record_line(line) + "\n")
            file.flush()
            remember([record])
            if line.error:
                failed += 1
                print(f"rhytid: {line.error}", file=sys.stderr)
            else:
                remember(line.written)
    if failed:
        print(f"rhytid: {failed} of {n_all} {unit}s were not done, see above", file=sys.stderr)
    return 0 if not failed else 2 if failed == n_all else 1


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
