"""Reading a stranger's file with a library of others, in a process of its own.

What a damaged file does to such a library (a crash, an endless loop, all of the memory) it does to that process. A
script of `resources/readers` reads the file and leaves arrays in a folder; the caller believes them as little as it
would the file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rhytid.core.files.reading import FileRefused, open_file, read_json
from rhytid.core.files.text import shown

ARRAYS = "arrays.npz"
TIME_LIMIT_S = 300.0
_MEMORY_BYTES = 6 << 30
_LIMITED = f"""
import runpy, sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, ({_MEMORY_BYTES}, {_MEMORY_BYTES}))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except (ImportError, ValueError, OSError):
    pass
runpy.run_path(sys.argv[1], run_name="__main__")
"""


@contextmanager
def read_apart(
    script: Path, path: Path, package: str, max_bytes: int, remedy: str, job: Mapping[str, Any] | None = None
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Let a script read a file.

    Parameters
    ----------
    script : Path
        A file of `resources/readers`. It runs in an empty folder and gets the path of a JSON file with "file" and what
        else the job says; it leaves `ARRAYS` and "answer.json", an object with "refused" where it could not read.
    path : Path
        The file of a stranger; regular, and checked before.
    package : str
        What has to be installed for it.
    max_bytes : int
        The most that the file may hold.
    remedy : str
        What to do instead; the end of messages.

    Yields
    ------
    Path, dict
        The arrays' file, which is gone afterwards, and the answer.

    Raises
    ------
    FileRefused
        The file cannot be read, or the package is missing.
    OSError
        The file is not there.
    """
    open_file(path, max_bytes, remedy).close()
    with tempfile.TemporaryDirectory(prefix="rhytid-read-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "job.json").write_text(json.dumps({"file": str(path.resolve()), **(job or {})}), "utf-8")
        command = [sys.executable, "-c", _LIMITED, str(script), str(folder / "job.json")]
        try:
            told = subprocess.run(
                command, cwd=folder, capture_output=True, timeout=TIME_LIMIT_S, stdin=subprocess.DEVNULL,
                env=dict(os.environ) | {"OMP_NUM_THREADS": "1"},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise FileRefused(f"{path}: takes longer than {TIME_LIMIT_S:.0f} s to read; {remedy}") from None
        if f"No module named '{package}'".encode() in told.stderr:
            raise FileRefused(f"{path}: the package that reads it is not installed; pip install {_WHEELS[package]}")
        if told.returncode != 0 or not (folder / "answer.json").is_file():
            raise FileRefused(f"{path}: is damaged, {package} ended while reading it; {remedy}")
        answer = read_json(folder / "answer.json", 1 << 24, 200_000)
        if not isinstance(answer, dict):
            raise FileRefused(f"{path}: is damaged; {remedy}")
        if "refused" in answer:
            raise FileRefused(f"{path}: {shown(' '.join(str(answer['refused']).split())):.200}; {remedy}")
        yield folder / ARRAYS, answer


_WHEELS = {"h5py": "h5py", "pxr": "usd-core"}
