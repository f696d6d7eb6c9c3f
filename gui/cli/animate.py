"""Drive the face of a project by its own clip, a recording, a photo or another project; write a film or pictures.

  rhytid animate P.rhytid OUT.mp4
  rhytid animate P.rhytid --driver take.csv OUT.mp4
  rhytid animate P.rhytid --driver smiling.jpg FRAMES --in-photo

A folder OUT gets numbered pictures; those that an earlier run with the same input and options has written stay: a run
that was stopped goes on. Films need PyAV (pip install "rhytid[video]") or ffmpeg.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rhytid.core.cli.options import add_overwrite_option, path, size
from rhytid.gui.cli.view_options import add_view_options, given_camera

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from rhytid.core.document.state import DocumentState
    from rhytid.core.face.face import Face

    Draw = Callable[[], npt.NDArray[np.uint8]]
    Wear = Callable[[DocumentState, float], DocumentState]

RECORD = "frames.json"
MAX_FRAMES = 100_000
_SIZE = (1280, 960)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("project", type=path, metavar="P", help="saved .rhytid document")
    parser.add_argument("output", type=path, metavar="OUT", help="a film .mp4, or a folder for pictures")
    parser.add_argument("--driver", type=path, metavar="D", help="CSV, photo or project; default: the clip")
    parser.add_argument("--in-photo", action="store_true", help="in the photo of the document")
    parser.add_argument("--fps", type=_rate, metavar="N", help="frames a second; default: those of driver or clip")
    parser.add_argument("--driver-fps", type=_rate, metavar="N", help="rows a second of a CSV that does not tell; 30")
    parser.add_argument("--from", dest="start", type=_seconds, metavar="S", help="first second")
    parser.add_argument("--to", dest="end", type=_seconds, metavar="S", help="last second")
    parser.add_argument(
        "--size", type=size, metavar="WxH", help="pixels; default 1280x960. In the photo the longer side counts"
    )
    parser.add_argument("--head", type=path, help="another head than the project's")
    add_view_options(parser)
    parser.add_argument("--resolution", type=int, choices=(256, 512, 1024, 2048), default=1024, help="of the detail")
    add_overwrite_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the film or the pictures. Returns 0."""
    from rhytid.core.cli.opening import tell_remark
    from rhytid.core.face.face import Face
    from rhytid.core.io.film import FILM_SUFFIX, check_can_film

    as_film = arguments.output.suffix.lower() == FILM_SUFFIX
    if as_film:
        check_can_film()
    elif arguments.output.suffix and not arguments.output.is_dir():
        raise ValueError(f"{arguments.output}: films are written as {FILM_SUFFIX}; pictures need the name of a folder")
    face = tell_remark(Face.of_project(arguments.project, arguments.head))
    wear, times, rate = _of_clip(arguments, face.state) if arguments.driver is None else _of_driver(arguments)
    if len(times) > MAX_FRAMES:
        raise ValueError(f"{len(times)} frames are too many, at most {MAX_FRAMES} are drawn; choose --from and --to")
    write = _film if as_film else _pictures
    write(arguments, face, wear, times, rate)
    return 0


def _of_clip(arguments: argparse.Namespace, state: DocumentState) -> tuple[Wear, list[float], float]:
    """What the document's own clip makes of a state, times of the frames and their rate."""
    from rhytid.core.document.channels import posed
    from rhytid.gui.render.filming import clip_states

    frames = clip_states(state, arguments.fps, arguments.start, arguments.end)
    rate = state.clip.fps if arguments.fps is None else arguments.fps
    return posed, [frame.clip.now_s for frame in frames], rate


def _of_driver(arguments: argparse.Namespace) -> tuple[Wear, list[float], float]:
    """The same of another face, a photo or a recording."""
    import sys

    from rhytid.core.face.driven import read_driver, worn_at
    from rhytid.core.head.load import default_head

    motion = read_driver(arguments.driver, default_head(), fps=arguments.driver_fps)
    for remark in motion.remarks:
        print(f"rhytid: {arguments.driver}: {remark}", file=sys.stderr)
    rate = motion.fps if arguments.fps is None else arguments.fps
    times = motion.frame_times(rate, arguments.start or 0.0, arguments.end)
    return lambda state, time_s: worn_at(motion, time_s).apply(state), [float(time_s) for time_s in times], rate


def _film(arguments: argparse.Namespace, face: Face, wear: Wear, times: list[float], rate: float) -> None:
    from tqdm import tqdm

    from rhytid.core.files.outputs import outputs
    from rhytid.core.io.film import film

    given = (arguments.project, arguments.driver, arguments.head)
    with (
        outputs([arguments.output], arguments.overwrite, given),
        _drawing(arguments, face) as draw,
        film(arguments.output, rate) as take,
    ):
        for time_s in tqdm(times, unit="frame", disable=None):
            face.state = wear(face.state, time_s)
            take(draw())


def _pictures(arguments: argparse.Namespace, face: Face, wear: Wear, times: list[float], rate: float) -> None:
    from tqdm import tqdm

    from rhytid.core.files.outputs import check_outputs, foreign, remember
    from rhytid.core.files.writing import write_text
    from rhytid.core.io.map_pixels import write_picture

    folder, record = arguments.output, arguments.output / RECORD
    files = [folder / f"frame_{number:06d}.png" for number in range(1, len(times) + 1)]
    check_outputs([record, *files], arguments.overwrite, (arguments.project, arguments.driver, arguments.head))
    told = _recipe(arguments, times)
    goes_on = _text(record) == told
    if not goes_on and any(file not in files for file in folder.glob("frame_*.png")):
        raise ValueError(f"{folder}: has frames of a longer film; empty the folder or choose another one")
    there = set(files) - set(foreign(files)) if goes_on else set()
    waiting = [pair for pair in zip(times, files, strict=True) if not (pair[1] in there and pair[1].exists())]
    if not waiting:
        return
    with _drawing(arguments, face) as draw:
        folder.mkdir(parents=True, exist_ok=True)
        write_text(record, told)
        remember([record])
        for time_s, file in tqdm(waiting, unit="frame", disable=None):
            face.state = wear(face.state, time_s)
            write_picture(file, draw())
            remember([file])


@contextmanager
def _drawing(arguments: argparse.Namespace, face: Face) -> Iterator[Draw]:
    """What draws the face as it is at the time."""
    if arguments.in_photo:
        from rhytid.core.face.detail_maker import DetailMaker
        from rhytid.core.face.in_photo import PhotoEdits, original_state
        from rhytid.core.photo.rasteriser import NumpyRasteriser

        original_state(face.state)  # said before anything is written
        longest_px = None if arguments.size is None else max(arguments.size)
        edits = PhotoEdits(DetailMaker(face.engines), NumpyRasteriser(), longest_px=longest_px)
        yield lambda: edits.picture(face.state, face.head, face.pose())
        return
    from rhytid.gui.render.face_picture import FacePictures
    from rhytid.gui.render.offscreen import NoOpenGLError

    camera = given_camera(arguments)
    pictures = FacePictures(face, arguments.view, arguments.size or _SIZE, resolution=arguments.resolution, **camera)
    with ExitStack() as stack:
        try:
            stack.enter_context(pictures)
        except NoOpenGLError as error:
            raise OSError(str(error)) from None
        yield pictures.picture


def _recipe(arguments: argparse.Namespace, times: list[float]) -> str:
    """All that the pictures of a folder depend on, as text."""
    import json

    from rhytid.core.files.digest import file_digest

    options = ("in_photo", "size", "head", "view", "yaw", "pitch", "distance", "resolution")
    told = {name: str(getattr(arguments, name)) for name in options}
    given = (arguments.project, *(() if arguments.driver is None else (arguments.driver,)))
    told["read"] = " ".join(file_digest(file) for file in given)
    return json.dumps(told | {"times_s": [round(time_s, 6) for time_s in times]}) + "\n"


def _text(record: Path) -> str:
    from rhytid.core.files.reading import FileRefused, read_file

    try:
        return read_file(record, 1 << 24).decode("utf-8", errors="replace")
    except (OSError, FileRefused):
        return ""


def _rate(text: str) -> float:
    """argparse type of frames a second."""
    value = _number(text)
    if not 0.1 <= value <= 1000:
        raise argparse.ArgumentTypeError(f"frames a second must be 0.1..1000, not {text}")
    return value


def _seconds(text: str) -> float:
    """argparse type of a time in seconds."""
    value = _number(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"a time must be 0 or more seconds, not {text}")
    return value


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number")
    return value
