"""Runs a reader in a process of its own, and says what it did and what it cost.

The process is forked from one that has imported everything and computed nothing, so that a crash of a C library, an
endless loop and a flood of memory are seen, cost nobody else anything, and take no second to prepare.
"""

from __future__ import annotations

import json
import mmap
import os
import resource
import select
import signal
import struct
import time
import traceback
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

CPU_LIMIT_S, MEMORY_LIMIT_MB = 1.0, 300
HARD_MEMORY_MB = 1200  # beyond it memory is refused, to spare the machine
_PATIENCE_S = 20.0  # without progress, by the clock on the wall: the machine may be busy
_PROBE_S = 0.09  # what `slowness` takes on the machine that the limits were set on


@dataclass(frozen=True)
class Outcome:
    """What a reader made of one input.

    Attributes
    ----------
    number : int
    kind : str
        "valid", "refused" (what a person is told in one line), or what must not be: "crash", "hang", "slow", "memory",
        "message" (not one line that names the file), or the name of another exception.
    text : str
        The message, or where it went wrong.
    cpu_s, grown_mb : float
    """

    number: int
    kind: str
    text: str
    cpu_s: float
    grown_mb: float

    @property
    def allowed(self) -> bool:
        return self.kind in ("valid", "refused")


def slowness() -> float:
    """How many times slower than the machine of the limits this one is at the moment, 1 or more."""
    data = bytes(range(256)) * 4000
    fastest = min(_probe(data) for _ in range(3))
    return max(1.0, fastest / _PROBE_S)


def _probe(data: bytes) -> float:
    began = time.process_time()
    zlib.decompress(zlib.compress(data, 6))
    json.loads(json.dumps(list(range(60_000))))
    return time.process_time() - began


def outcomes(
    count: int, read: Callable[[int], Path], slow: float, first: int = 0, patience_s: float = _PATIENCE_S
) -> Iterator[Outcome]:
    """What `read` makes of the inputs `first` .. `first + count - 1`.

    Parameters
    ----------
    read : callable
        Gets a number, makes that input's file and reads it; returns the file, and raises what the reader raises, with
        the file as the exception's attribute `file`.
    slow : float
        `slowness`, by which the limit of time grows.
    """
    end = first + count
    while first < end:
        for outcome in _batch(first, end, read, slow, patience_s):
            yield outcome
            first = outcome.number + 1


def _batch(
    first: int, end: int, read: Callable[[int], Path], slow: float, patience_s: float
) -> Iterator[Outcome]:
    """Outcomes until the process had to end."""
    shared = mmap.mmap(-1, 8)
    shared[:8] = struct.pack("<q", first)
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        _work(first, end, read, slow, shared, write_end)
    os.close(write_end)
    try:
        yield from _watched(child, read_end, shared, patience_s)
    finally:
        os.close(read_end)


def _watched(child: int, read_end: int, shared: mmap.mmap, patience_s: float) -> Iterator[Outcome]:
    buffered = b""
    last, since = -1, time.monotonic()
    while True:
        ready, _, _ = select.select([read_end], [], [], 0.5)
        data = os.read(read_end, 1 << 16) if ready else None
        if data:
            buffered += data
            *lines, buffered = buffered.split(b"\n")
            for line in lines:
                yield Outcome(**json.loads(line))
            continue
        number = struct.unpack("<q", shared[:8])[0]
        if number != last:
            last, since = number, time.monotonic()
        hung = data is None and time.monotonic() - since > patience_s
        if hung:
            os.kill(child, signal.SIGKILL)
        elif data is None:
            continue
        _, status = os.waitpid(child, 0)
        if hung:
            yield Outcome(number, "hang", f"nothing for {patience_s:.0f} s", patience_s, 0.0)
        elif os.WIFSIGNALED(status):
            yield Outcome(number, "crash", signal.Signals(os.WTERMSIG(status)).name, 0.0, 0.0)
        elif os.WEXITSTATUS(status):
            yield Outcome(number, "crash", f"the process ended with {os.WEXITSTATUS(status)}", 0.0, 0.0)
        return


def _work(
    first: int, end: int, read: Callable[[int], Path], slow: float, shared: mmap.mmap, write_end: int
) -> None:
    """The forked process: never returns."""
    code = 1
    try:
        _limit_memory()
        before_mb = _peak_mb()
        for number in range(first, end):
            shared[:8] = struct.pack("<q", number)
            began = time.process_time()
            kind, text = _told(number, read)
            cpu_s, grown_mb = time.process_time() - began, _peak_mb() - before_mb
            if kind in ("valid", "refused") and grown_mb > MEMORY_LIMIT_MB:
                kind, text = "memory", f"{grown_mb:.0f} MB: {text}"
            elif kind in ("valid", "refused") and cpu_s > CPU_LIMIT_S * slow:
                kind, text = "slow", f"{cpu_s:.1f} s: {text}"
            line = json.dumps(asdict(Outcome(number, kind, text[-2000:], cpu_s, grown_mb)))
            os.write(write_end, line.encode() + b"\n")
            if grown_mb > MEMORY_LIMIT_MB:
                break  # the peak would be counted against the next ones
        code = 0
    finally:
        os._exit(code)


def _told(number: int, read: Callable[[int], Path]) -> tuple[str, str]:
    try:
        read(number)
    except (ValueError, OSError) as error:
        text, file = str(error), getattr(error, "file", None)
        if len(text.splitlines()) != 1 or len(text) > 1500 or (file is not None and file.name not in text):
            return "message", f"{type(error).__name__}: {text}"
        return "refused", text
    except BaseException as error:
        return type(error).__name__, traceback.format_exc()
    return "valid", ""


def _limit_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if os.path.exists("/proc/self/statm") else 0
    if pages:
        limit = pages * resource.getpagesize() + (HARD_MEMORY_MB << 20)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if os.uname().sysname == "Darwin" else 1 << 10)
