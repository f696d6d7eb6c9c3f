"""Kills writers at random moments and looks at what they left: `python tests/trust/kill_worker.py KIND KILLS SEED`.

The writer is forked from this process, which has imported everything, and writes one state after the other until it
is killed. Prints a line of JSON: how many kills found the old state, how many a newer one, and what was wrong.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from formats import full_state, load_project_with_thumbnail, small_head

from rhytid.core.document.autosave import Autosave
from rhytid.core.document.project import load_project, save_project
from rhytid.core.document.recovery import recoverable
from rhytid.core.document.state import DocumentState
from rhytid.core.files.leftovers import clear_leftovers
from rhytid.core.head.store import read_head, save_head

LONGEST_S = 0.12
State = DocumentState


def _save(folder: Path, state: State) -> None:
    save_project(folder / "face.rhytid", state)


def _saved_age(folder: Path) -> float:
    return load_project_with_thumbnail(folder / "face.rhytid")[0].age


def _link(folder: Path) -> None:
    """A second name of the project: it is written in place, and has no moment at which one file replaces another."""
    os.link(folder / "face.rhytid", folder / "other name.rhytid")


def _write_head(folder: Path, state: State) -> None:
    save_head(small_head(name=str(state.age)), folder / "head.npz")


def _head_age(folder: Path) -> float:
    return float(read_head(folder / "head.npz").name)


def main(arguments: list[str]) -> int:
    kind, kills, seed = arguments[0], int(arguments[1]), int(arguments[2])
    random_ = random.Random(seed)
    counts = {"old": 0, "newer": 0, "wrong": []}
    run = _autosaves if kind == "autosave" else _files
    for number in range(kills):
        with tempfile.TemporaryDirectory(prefix="kill") as name:
            try:
                newer = run(kind, Path(name), random_)
            except Exception as error:
                counts["wrong"].append(f"kill {number}: {error!r:.300}")
            else:
                counts["newer" if newer else "old"] += 1
    print(json.dumps(counts))
    return 0


def _files(kind: str, folder: Path, random_: random.Random) -> bool:
    """One kill; whether a newer state than the first was found."""
    write, age_of = (_write_head, _head_age) if kind == "head" else (_save, _saved_age)
    first = full_state()
    write(folder, replace(first, age=20.0))
    if kind == "linked project":
        _link(folder)
    before = sorted(folder.iterdir())
    inode = before[0].stat().st_ino
    _killed(lambda age: write(folder, replace(first, age=age)), random_)
    clear_leftovers(folder)  # as the next start, and as opening the project does
    age = age_of(folder)
    assert 20.0 <= age < 70.0, f"age {age}"
    assert sorted(folder.iterdir()) == before, f"left {sorted(folder.iterdir())}"
    if kind == "linked project":
        assert before[0].stat().st_ino == inode
        assert before[0].read_bytes() == before[1].read_bytes()
    return age != 20.0


def _autosaves(_kind: str, folder: Path, random_: random.Random) -> bool:
    first = full_state()

    def write(age: float) -> None:
        if not savers:
            savers.append(Autosave(folder))
        savers[0].save(replace(first, age=age))
        savers[0].wait()

    savers: list[Autosave] = []
    _killed(write, random_)
    found = recoverable(folder)
    assert len(found) <= 1
    for recovery in found:
        assert load_project(recovery.project).age >= 20.0
        assert recovery.load().age >= 20.0
        recovery.discard()
        assert list(folder.iterdir()) == [], "left something"
    return bool(found)


def _killed(write: Callable[[float], None], random_: random.Random) -> None:
    delay_s = random_.uniform(0.0, LONGEST_S)
    child = os.fork()
    if child == 0:
        try:
            for number in range(10_000):
                write(20.0 + number % 49 + 0.5)
        finally:
            os._exit(1)
    time.sleep(delay_s)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
