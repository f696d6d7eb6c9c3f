"""Films and series of pictures of a document over time: its clip, or a turn round the head.

Runs on the thread that calls it, with a context of its own; what it writes is there whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.document.channels import posed
from rhytid.core.document.state import DocumentState
from rhytid.core.face.face import Face
from rhytid.core.files.file_set import file_set
from rhytid.core.files.outputs import outputs
from rhytid.core.io.film import FILM_SUFFIX, check_can_film, film
from rhytid.core.io.map_pixels import write_picture
from rhytid.gui.render.face_picture import FacePictures
from rhytid.gui.render.view_mode import ViewMode

MAX_FRAMES = 100_000
Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class FilmOptions:
    """How frames are drawn.

    Attributes
    ----------
    size : (int, int)
        Width and height in pixels; a film leaves an odd last column or row out.
    fps : float
        Frames a second of a film.
    samples : int
        Pictures that each frame is the mean of, for smooth edges.
    resolution : int
        Side of the detail map.
    view : str
        Value of a `ViewMode`.
    """

    size: tuple[int, int] = (1280, 720)
    fps: float = 30.0
    samples: int = 8
    resolution: int = 1024
    view: str = ViewMode.DETAILED.value


def clip_states(
    state: DocumentState, fps: float | None = None, start_s: float | None = None, end_s: float | None = None
) -> list[DocumentState]:
    """The document at each frame of its clip.

    Parameters
    ----------
    fps, start_s, end_s : float, optional
        Those of the clip by default.

    Raises
    ------
    ValueError
        There are no keys, the range is empty, or there would be too many frames.
    """
    clip = state.clip
    if not clip.tracks:
        raise ValueError("the clip has no keys; set some in the timeline")
    given = {"fps": fps, "start_s": start_s, "end_s": end_s}
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    clip = replace(clip, **chosen)
    if not (clip.fps > 0 and 0 <= clip.start_s <= clip.end_s):
        raise ValueError(f"there is nothing from {clip.start_s:g} to {clip.end_s:g} s at {clip.fps:g} frames a second")
    return [posed(state, float(time_s)) for time_s in _checked(clip.frame_times())]


def turntable_states(state: DocumentState, seconds: float, degrees: float, fps: float) -> list[DocumentState]:
    """The document turned at an even rate: the camera goes round from where it is.

    A film of whole turns goes on at its first frame when it is played again and again.

    Parameters
    ----------
    seconds : float
        More than 0.
    degrees : float
        Of the whole way; negative the other way round.

    Raises
    ------
    ValueError
        A value is out of range, or there would be too many frames.
    """
    if not (seconds > 0 and fps > 0 and abs(degrees) <= 36_000):
        raise ValueError(f"a turntable takes more than 0 s and at most 100 turns, not {seconds:g} s and {degrees:g}°")
    count = max(round(seconds * fps), 1)
    camera = state.camera
    yaws = camera.yaw_deg + degrees * np.arange(len(_checked(range(count)))) / count
    return [
        replace(state, camera=replace(camera, yaw_deg=(float(yaw) + 180.0) % 360.0 - 180.0)) for yaw in yaws.tolist()
    ]


def write_frames(
    face: Face,
    states: Sequence[DocumentState],
    output: Path,
    options: FilmOptions,
    progress: Callable[[float], object] = lambda _share: None,
    *,
    overwrite: bool = False,
) -> list[Path]:
    """Draw states and write them as a film (``.mp4``), or as numbered pictures in a folder.

    Parameters
    ----------
    face : Face
        Takes on one state after the other.
    progress : callable
        Called with the share that is done before each frame; what it raises ends the work, and nothing is written.
    overwrite : bool
        Whether files that the program did not write may be replaced.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    ValueError
        A value is out of range, or films cannot be written here (`core.io.film.NoFilmError`).
    NoOpenGLError, WriteError
    """
    as_film = output.suffix.lower() == FILM_SUFFIX
    if as_film:
        check_can_film()
    elif output.suffix and not output.is_dir():
        raise ValueError(f"{output}: films are written as {FILM_SUFFIX}; pictures need the name of a folder")
    files = [output] if as_film else [output / f"frame_{number:06d}.png" for number in range(1, len(states) + 1)]
    face.state = states[0]
    pictures = FacePictures(face, options.view, options.size, resolution=options.resolution, samples=options.samples)
    write = _film(output, options.fps, overwrite) if as_film else _pictures(files, overwrite)
    with pictures, write as take:
        for number, state in enumerate(states):
            progress(number / len(states))
            face.state = state
            take(pictures.picture())
    return files


@contextmanager
def _film(path: Path, fps: float, overwrite: bool) -> Iterator[Callable[[Picture], None]]:
    with outputs([path], overwrite), film(path, fps) as take:
        yield take


@contextmanager
def _pictures(files: Sequence[Path], overwrite: bool) -> Iterator[Callable[[Picture], None]]:
    folder = files[0].parent
    names = [file.name for file in files]
    with file_set(folder) as waiting:
        left = iter(names)

        def take(picture: Picture) -> None:
            write_picture(waiting.folder / next(left), picture)

        yield take
        waiting.put(names, overwrite)


def _checked(times: Sequence[float] | npt.NDArray[np.float64]) -> Sequence[float] | npt.NDArray[np.float64]:
    if len(times) > MAX_FRAMES:
        raise ValueError(f"{len(times)} frames are too many, at most {MAX_FRAMES} are drawn")
    return times
