"""Blender as a converter for formats that have no library of their own: FBX and Alembic.

A script of `resources/blender` runs in a process of its own, without the user's settings and add-ons, in a temporary
folder that is cleared afterwards; job and answer are JSON files in it. Nothing of Blender is loaded into this process.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rhytid.core.cancelled import Cancelled
from rhytid.core.files.reading import FileRefused, read_json
from rhytid.core.language import tr
from rhytid.core.resources import resource

VARIABLE = "RHYTID_BLENDER"
"""Environment variable that names Blender's program, or a Python that has the package bpy."""
OLDEST = (3, 6)
TIME_LIMIT_S = 600.0
MAX_FOLDER_BYTES = 8 << 30
_ASK_S = 60.0
_POLL_S = 0.05
_LAST_BYTES = 1 << 14
_VERSION = re.compile(r"(?:Blender|bpy) (\d+)\.(\d+)")
_ASK_PYTHON = "import bpy; print('bpy', bpy.app.version_string)"
_JOB, _ANSWER, _LOG = "job.json", "answer.json", "log.txt"


class NoBlenderError(ValueError):
    """There is no Blender that could be used; the message says what to do."""


class BlenderError(ValueError):
    """Blender did not do what it was asked; the message has what it said last."""


@dataclass(frozen=True)
class Blender:
    """A Blender that can be started.

    Attributes
    ----------
    program : Path
        Blender itself or a Python.
    is_python : bool
        Whether `program` is a Python that has bpy.
    version : (int, int)
    """

    program: Path
    is_python: bool
    version: tuple[int, int]

    def command(self, script: Path, argument: str) -> list[str]:
        """What starts a script; its last argument is `argument`."""
        if self.is_python:
            return [str(self.program), "-I", str(script), argument]
        return [
            str(self.program), "--background", "--factory-startup", "--disable-autoexec", "--python-exit-code", "3",
            "--python", str(script), "--", argument,
        ]  # fmt: skip


def find_blender() -> Blender:
    """The Blender of this machine; where it was found is remembered as long as the environment stays.

    Looked for where ``RHYTID_BLENDER`` says, and only there if it says something; else as the program `blender`, in
    the usual places, and as the package bpy of this Python.

    Raises
    ------
    NoBlenderError
    """
    found = _found(os.environ.get(VARIABLE, ""), os.environ.get("PATH", ""))
    if isinstance(found, str):
        raise NoBlenderError(found)
    return found


def why_no_blender() -> str:
    """Why FBX and Alembic cannot be had here and what to do; "" where they can."""
    try:
        find_blender()
    except NoBlenderError as error:
        return str(error)
    return ""


def why_none_in_sight() -> str:
    """What to do where there is nothing that could be Blender; "" otherwise. Starts nothing: windows may ask."""
    if os.environ.get(VARIABLE) or any(place.is_file() for place in _places(os.environ.get("PATH", ""))):
        return ""
    return _none()


@contextmanager
def working_folder() -> Iterator[Path]:
    """An empty folder for the files that go to a script and come from it; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="rhytid-blender-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def run(
    script: str,
    folder: Path,
    job: Mapping[str, Any],
    cancel: Callable[[], bool] | None = None,
    time_limit_s: float = TIME_LIMIT_S,
) -> dict[str, Any]:
    """Run a script of `resources/blender`.

    Parameters
    ----------
    script : str
        Its file's name, such as ``write_fbx.py``.
    folder : Path
        Of `working_folder`. The script runs in it and gets at ``sys.argv[-1]`` the path of a JSON file with `job`;
        it answers with an object in ``answer.json`` beside that. All that it reads and writes lies here.
    job : mapping
        What JSON can say.
    cancel : callable, optional
        Polled; True ends Blender.
    time_limit_s : float

    Returns
    -------
    dict
        The answer.

    Raises
    ------
    NoBlenderError
    BlenderError
        It failed, took too long, filled more than `MAX_FOLDER_BYTES`, or gave no answer.
    Cancelled
        `cancel` said True.
    """
    blender = find_blender()
    (folder / _JOB).write_text(json.dumps(dict(job)), "utf-8")
    (folder / _ANSWER).unlink(missing_ok=True)
    command = blender.command(resource("blender", script), str(folder / _JOB))
    with (folder / _LOG).open("wb") as log:
        process = _started(command, folder, log)
        try:
            reason = _waited(process, folder, cancel, time_limit_s)
        finally:
            _end(process)
    if reason:
        raise BlenderError(tr("{script}: {reason}", script=script, reason=reason))
    if process.returncode != 0:
        said = _last_words(folder / _LOG)
        raise BlenderError(
            tr("Blender failed at {script} (code {code}): {said}", script=script, code=process.returncode, said=said)
        )
    try:
        answer = read_json(folder / _ANSWER)
    except (OSError, FileRefused, ValueError) as error:
        said = _last_words(folder / _LOG)
        raise BlenderError(tr("Blender gave no answer to {script}: {said}", script=script, said=said)) from error
    if not isinstance(answer, dict):
        raise BlenderError(tr("Blender gave no answer to {script}: {said}", script=script, said=repr(answer)[:80]))
    return answer


@lru_cache(maxsize=4)
def _found(named: str, path: str) -> Blender | str:
    if named:
        known = _asked(Path(named).expanduser())
        if known is None:
            return tr(
                "{variable} names {place}, which is no Blender and no Python with bpy; correct it or take it away",
                variable=VARIABLE, place=named,
            )  # fmt: skip
        return known if known.version >= OLDEST else _too_old(known)
    old: Blender | None = None
    for place in _places(path):
        known = _asked(place)
        if known is not None and known.version >= OLDEST:
            return known
        old = old or known
    return _none() if old is None else _too_old(old)


def _none() -> str:
    return tr(
        "FBX and Alembic go through Blender, and none was found; install Blender {major}.{minor} or newer, or let "
        "the environment variable {variable} name its program",
        major=OLDEST[0], minor=OLDEST[1], variable=VARIABLE,
    )  # fmt: skip


def _too_old(blender: Blender) -> str:
    found = ".".join(map(str, blender.version))
    wanted = ".".join(map(str, OLDEST))
    return tr(
        "{program} is Blender {found}, {wanted} or newer is needed; let the environment variable {variable} name one",
        program=str(blender.program), found=found, wanted=wanted, variable=VARIABLE,
    )  # fmt: skip


def _places(path: str) -> Iterator[Path]:
    """Programs that may be Blender, the newest of several first."""
    named = shutil.which("blender", path=path)
    if named:
        yield Path(named)
    if sys.platform == "win32":
        roots = [os.environ.get(name, "") for name in ("ProgramFiles", "ProgramW6432", "LOCALAPPDATA")]
        patterns = [(root, "Blender Foundation/Blender*/blender.exe") for root in roots]
    elif sys.platform == "darwin":
        roots = ["/Applications", str(Path.home() / "Applications")]
        patterns = [(root, "Blender*.app/Contents/MacOS/Blender") for root in roots]
    else:
        patterns = [(root, "blender*/blender") for root in ("/opt", str(Path.home()))]
        patterns += [("/snap/bin", "blender"), ("/var/lib/flatpak/exports/bin", "org.blender.Blender")]
    for root, pattern in patterns:
        if root and Path(root).is_dir():
            yield from sorted(Path(root).glob(pattern), key=_numbers, reverse=True)
    if importlib.util.find_spec("bpy") is not None:
        yield Path(sys.executable)


def _numbers(place: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", str(place))]


def _asked(program: Path) -> Blender | None:
    """What a program says that it is; None where it is no Blender."""
    if not program.is_file():
        return None
    for is_python, arguments in ((False, ["--version"]), (True, ["-I", "-c", _ASK_PYTHON])):
        if "python" in program.name.lower() and not is_python:
            continue
        try:
            told = subprocess.run(
                [str(program), *arguments], capture_output=True, timeout=_ASK_S, stdin=subprocess.DEVNULL,
                env=_environment(), creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError):
            continue
        version = _VERSION.search(told.stdout.decode("utf-8", "replace"))
        if version:
            return Blender(program, is_python, (int(version[1]), int(version[2])))
    return None


def _environment(folder: Path | None = None) -> dict[str, str]:
    """This process' environment without what leads to another Python's packages or to the user's add-ons."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "BLENDER_"))}
    if folder is not None:
        kept["BLENDER_USER_RESOURCES"] = str(folder / "user")
    return kept


def _started(command: list[str], folder: Path, log: Any) -> subprocess.Popen[bytes]:
    flags: dict[str, Any] = (
        {"creationflags": getattr(subprocess, "CREATE_NO_WINDOW", 0)}
        if os.name == "nt"
        else {"start_new_session": True}
    )
    try:
        return subprocess.Popen(
            command, cwd=folder, env=_environment(folder), stdin=subprocess.DEVNULL, stdout=log,
            stderr=subprocess.STDOUT, **flags,
        )  # fmt: skip
    except OSError as error:
        raise BlenderError(tr("Blender could not be started: {error}", error=str(error))) from error


def _waited(
    process: subprocess.Popen[bytes], folder: Path, cancel: Callable[[], bool] | None, time_limit_s: float
) -> str:
    """Wait for the end; gives why it was not waited for any longer, "" when it ended by itself."""
    started = time.monotonic()
    while process.poll() is None:
        if cancel is not None and cancel():
            raise Cancelled
        if time.monotonic() - started > time_limit_s:
            return tr("Blender took longer than {seconds:g} s; take a smaller mesh", seconds=time_limit_s)
        if sum(file.stat().st_size for file in _files(folder)) > MAX_FOLDER_BYTES:
            return tr("Blender wrote more than {n} GB; take a smaller mesh", n=MAX_FOLDER_BYTES >> 30)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_POLL_S)
    return ""


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if file.is_file()]


def _end(process: subprocess.Popen[bytes]) -> None:
    """End Blender and what it started, if it still runs."""
    if process.poll() is not None:
        return
    with contextlib.suppress(OSError):
        if os.name == "nt":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _last_words(log: Path) -> str:
    """The last line that says something, for a message."""
    with log.open("rb") as stream:
        stream.seek(max(log.stat().st_size - _LAST_BYTES, 0))
        lines = stream.read().decode("utf-8", "replace").split("\n")
    said = [" ".join(line.split()) for line in lines if line.strip() and not line.startswith("Blender quit")]
    return said[-1][:300] if said else tr("it said nothing")
