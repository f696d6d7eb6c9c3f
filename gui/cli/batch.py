"""Make many faces at many ages with many expressions, as exports and pictures, of a job that is written down.

  rhytid batch JOB.toml --dry-run
  rhytid batch JOB.toml --jobs 8

JOB.toml says faces, ages, expressions, exports, renders and wrinkle packs; the manual's page "Command line" has an
example. What an earlier run has done, of the same job and the same files, is not done again: a run that was stopped
goes on.

Exit code: 0 all done, 1 some outputs failed (each is named), 2 nothing done.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from rhytid.core.cli.options import add_overwrite_option, count, path
from rhytid.core.cli.resumable import do_all, in_processes, on_cluster, read_record, record_line
from rhytid.core.cli.run import reason_of
from rhytid.core.face.face import Face
from rhytid.core.files.outputs import check_outputs
from rhytid.gui.cli.batch_plan import read_plan
from rhytid.gui.cli.batch_task import BatchFace, Task, export_options, pack_options

RECORD = "batch.jsonl"
_BEGUN = "was begun"  # the line of a task until it has ended: what lies in its place is ours, however the run ended


@dataclass(frozen=True)
class Made:
    """What came of a task: a line of the record.

    Attributes
    ----------
    name : str
    digest : str
        Of the task and of what it reads, see `Task.digest`.
    files : tuple of str
        Absolute.
    seconds : float
    error : str
        Why it failed, "" where it did not.
    """

    name: str
    digest: str
    files: tuple[str, ...]
    seconds: float
    error: str = ""

    @property
    def written(self) -> tuple[Path, ...]:
        """Its files."""
        return tuple(map(Path, self.files))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("job", type=path, metavar="JOB.toml")
    parser.add_argument("--jobs", type=count, metavar="N", help="processes; default one for each core")
    parser.add_argument("--ray", metavar="ADDRESS", help="send the work to a Ray cluster (extra: cluster)")
    parser.add_argument("--dry-run", action="store_true", help="list what would be made, and make nothing")
    parser.add_argument("--restart", action="store_true", help="make again what an earlier run has made, too")
    add_overwrite_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Make the outputs. Returns the exit code."""
    started = time.monotonic()
    output, tasks = read_plan(arguments.job)
    record = output / RECORD
    earlier = {made.name: made for made in read_record(record, Made)}
    done = {} if arguments.restart else earlier
    waiting = [task for task in tasks if not _is_done(task, done)]
    if arguments.dry_run:
        names = {task.name for task in waiting}
        for task in tasks:
            print(f"{task.target}" + ("" if task.name in names else "  (is there)"))
        print(f"{len(waiting)} of {len(tasks)} outputs would be made")
        return 0
    read = [arguments.job, *(file for task in tasks for file in (task.face.project, *task.face.photos) if file)]
    begun = {name for name, made in earlier.items() if made.error == _BEGUN}
    unknown = [file for task in waiting if task.name not in begun for file in task.files]
    check_outputs(unknown if earlier else [*unknown, record], arguments.overwrite, read)
    if not arguments.ray and any(task.output.suffix for task in waiting):
        _check_opengl()
    output.mkdir(parents=True, exist_ok=True)
    _begin(record, waiting)
    n_processes = min(arguments.jobs or os.cpu_count() or 1, max(len(waiting), 1))
    do = on_cluster(arguments.ray, make, _lost) if arguments.ray else in_processes(n_processes, make)
    code = do_all(do, waiting, len(tasks), record, "output")
    before = len(tasks) - len(waiting)
    took = f"{time.monotonic() - started:.0f} s"
    print(f"{len(waiting)} outputs in {took}, {before} were there before: {output}")
    return code


def _begin(record: Path, tasks: list[Task]) -> None:
    with record.open("a", encoding="utf-8") as file:
        file.write("\n")  # a run that was killed may have left half a line
        file.writelines(record_line(Made(task.name, "", (), 0.0, _BEGUN)) + "\n" for task in tasks)


def make(task: Task) -> Made:
    """Write the files of a task, its failure told instead of raised."""
    started = time.monotonic()
    digest = task.digest()  # before: files that change meanwhile are read again by the next run
    try:
        _write(task)
    except (ValueError, OSError) as error:
        reason = f"{task.name}: {reason_of(error)}"
        return Made(task.name, digest, (), round(time.monotonic() - started, 2), reason)
    files = tuple(str(file) for file in task.files if file.is_file())
    return Made(task.name, digest, files, round(time.monotonic() - started, 2))


def _write(task: Task) -> None:
    import json

    from rhytid.core.io.map_pixels import write_picture
    from rhytid.gui.render.face_picture import face_picture
    from rhytid.gui.render.offscreen import NoOpenGLError

    begun = _begun(task.face, task.engine)
    face = Face.of(begun.state, begun.head, begun.engines)
    if task.age is not None:
        face.age = task.age
    if task.look.weights is not None:
        face.expression, face.action_units = task.look.weights, task.look.action_units
    target = Path(task.target)
    # Whether files of others are in the way was asked before the work began, where it was begun.
    if task.output.kind == "exports":
        face.write(target, replace(export_options(task.output.options), overwrite=True))
        return
    if task.output.kind == "packs":
        from rhytid.core.pack.writing import write_pack

        options = replace(pack_options(task.output.options), overwrite=True)
        write_pack(face.state, face.head, face.engines, target, options)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        write_picture(target, face_picture(face, **json.loads(task.output.options)))
    except NoOpenGLError as error:
        raise OSError(str(error)) from None


@lru_cache(maxsize=2)
def _begun(origin: BatchFace, engine: str) -> Face:
    """The face as it comes; tasks of one face follow one another."""
    if origin.photos:
        face = Face.from_photo(*origin.photos, **{} if origin.photo_age is None else {"age": origin.photo_age})
    elif origin.project:
        face = Face.of_project(origin.project, origin.head or None)
    else:
        face = Face(origin.head or None)
    if origin.seed is not None:
        face.be_random(origin.seed)
    if engine:
        face.engine = engine
    return face


def _is_done(task: Task, done: dict[str, Made]) -> bool:
    made = done.get(task.name)
    if made is None or made.error or not made.files or not all(file.is_file() for file in made.written):
        return False
    return Path(task.target) in (made.written[0], made.written[0].parent) and made.digest == task.digest()


def _lost(task: Task, why: str) -> Made:
    return Made(task.name, "", (), 0.0, f"{task.name}: {why}")


def _check_opengl() -> None:
    """A machine without OpenGL is told at once, and not by every picture."""
    from rhytid.gui.render.offscreen import NoOpenGLError, standalone_context

    try:
        with standalone_context():
            pass
    except NoOpenGLError as error:
        raise OSError(str(error)) from None
