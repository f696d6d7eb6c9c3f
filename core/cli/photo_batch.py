"""Photos into projects: one after another, in several processes, or on the machines of a cluster.

A folder's run keeps a line for each photo in `photos.jsonl` of the folder that it writes to. A photo whose line says
that it is done, whose bytes are the same and whose project is there, is not done again: a run that was stopped goes on.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from rhytid.core.cli.resumable import do_all, in_processes, on_cluster, read_record
from rhytid.core.cli.run import reason_of
from rhytid.core.document.project import save_project
from rhytid.core.document.state import DocumentState
from rhytid.core.face.engine_choice import default_engines, new_state
from rhytid.core.face.from_photo import face_of_photos
from rhytid.core.files.digest import file_digest
from rhytid.core.files.leftovers import is_temporary
from rhytid.core.files.outputs import check_outputs
from rhytid.core.head.load import default_head
from rhytid.core.photo.image import PHOTO_SUFFIXES
from rhytid.core.photo.photo_face import PhotoFace, PhotoTools
from rhytid.core.photo.report import write_report

RECORD = "photos.jsonl"


@dataclass(frozen=True)
class PhotoJob:
    """Photos of one person and the project that they become; `core.face.from_photo` says what the options mean."""

    photos: tuple[Path, ...]
    project: Path
    age: float
    focal_mm: float | None = None
    expression_photo: Path | None = None
    report: Path | None = None


@dataclass(frozen=True)
class Told:
    """What came of a job: a line of the record.

    Attributes
    ----------
    photo, project : str
    digest : str
        SHA-256 of the first photo.
    seconds : float
    error_percent : float or None
        Of the landmarks, in % of the distance of the eyes; None where it failed.
    lines : int
        Wrinkle lines that were found.
    error : str
        Why it failed, "" where it did not.
    """

    photo: str
    project: str
    digest: str
    seconds: float
    error_percent: float | None = None
    lines: int = 0
    error: str = ""

    @property
    def written(self) -> tuple[Path, ...]:
        """Its project."""
        return (Path(self.project),)


def photos_below(folder: Path, target: Path) -> list[Path]:
    """Photos in a folder and its sub-folders, but those of the folder that is written to.

    Raises
    ------
    ValueError
        There is none.
    """
    out = os.path.realpath(target)
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and os.path.realpath(os.path.join(place, name)) != out
        )
        found += [
            Path(place, name)
            for name in sorted(names)
            if Path(name).suffix.lower() in PHOTO_SUFFIXES and not name.startswith(".") and not is_temporary(name)
        ]
    if not found:
        raise ValueError(f"{folder}: no photo ({', '.join(PHOTO_SUFFIXES)}) in this folder")
    return found


def make_project(job: PhotoJob) -> Told:
    """Write the project of a job, and its report where one is wanted.

    Raises
    ------
    ValueError, OSError
        As `core.face.from_photo.face_of_photos`.
    """
    started = time.monotonic()
    state, found = _face(job)
    job.project.parent.mkdir(parents=True, exist_ok=True)
    save_project(job.project, state)
    if job.report is not None:
        write_report(job.report, job.project.stem, found)
    lines = 0 if found.relief is None else len(found.relief.lines)
    return Told(
        str(job.photos[0]), str(job.project), found.layer.digest, round(time.monotonic() - started, 2),
        round(found.layer.fit.error_percent, 3), lines,
    )  # fmt: skip


def make_projects(jobs: list[PhotoJob], folder: Path, n_processes: int, ray: str | None, overwrite: bool) -> int:
    """Do all jobs, write their lines, and tell which failed. Returns the exit code.

    Raises
    ------
    ValueError, OSError
        Nothing may be written there, or Ray is not installed.
    """
    projects: dict[Path, Path] = {}
    for job in jobs:
        if job.project in projects:
            raise ValueError(f"{projects[job.project]} and {job.photos[0]} would both become {job.project}; rename one")
        projects[job.project] = job.photos[0]
    record = folder / RECORD
    check_outputs([*projects, record], overwrite, [photo for job in jobs for photo in job.photos])
    folder.mkdir(parents=True, exist_ok=True)
    done = {told.project: told for told in read_record(record, Told)}
    waiting = [job for job in jobs if not _is_done(job, done)]
    run = _on_cluster(ray) if ray else in_processes(n_processes, tried)
    return do_all(run, waiting, len(jobs), record, "photo")


def tried(job: PhotoJob) -> Told:
    """`make_project`, its failure told instead of raised."""
    started = time.monotonic()
    try:
        return make_project(job)
    except (ValueError, OSError) as error:
        reason = reason_of(error)
        if job.photos[0].name not in reason:
            reason = f"{job.photos[0]}: {reason}"
        return Told(str(job.photos[0]), str(job.project), "", round(time.monotonic() - started, 2), error=reason)


@lru_cache(maxsize=1)
def _tools() -> PhotoTools:
    return PhotoTools(default_head())


def _face(job: PhotoJob) -> tuple[DocumentState, PhotoFace]:
    return face_of_photos(
        new_state(default_engines()), job.photos, _tools(), age=job.age, focal_mm=job.focal_mm,
        expression_photo=job.expression_photo,
    )  # fmt: skip


def _on_cluster(address: str) -> Callable[[Sequence[PhotoJob]], Iterable[Told]]:
    def run(jobs: Sequence[PhotoJob]) -> Iterator[Told]:
        # The record names files as they were named here.
        named = {str(job.project.absolute()): job for job in jobs}
        for told in on_cluster(address, tried, _lost)([_absolute(job) for job in jobs]):
            job = named[told.project]
            yield replace(told, photo=str(job.photos[0]), project=str(job.project))

    return run


def _absolute(job: PhotoJob) -> PhotoJob:
    return replace(
        job, photos=tuple(photo.absolute() for photo in job.photos), project=job.project.absolute(),
        expression_photo=None if job.expression_photo is None else job.expression_photo.absolute(),
        report=None if job.report is None else job.report.absolute(),
    )  # fmt: skip


def _lost(job: PhotoJob, why: str) -> Told:
    return Told(str(job.photos[0]), str(job.project), "", 0.0, error=f"{job.photos[0]}: {why}")


def _is_done(job: PhotoJob, done: dict[str, Told]) -> bool:
    told = done.get(str(job.project))
    if told is None or told.error or not job.project.is_file():
        return False
    return told.digest == file_digest(job.photos[0])
