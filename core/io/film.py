"""Films of pictures: H.264 in MP4, as every player shows them.

Needs PyAV, which the set-up does not bring, or a program `ffmpeg` where the system looks for programs.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.files.writing import replacing
from rhytid.core.language import tr

UInt8 = npt.NDArray[np.uint8]
FILM_SUFFIX = ".mp4"
NO_PYAV = tr('films need PyAV; install it with: python -m pip install "rhytid[video]", or name a folder for pictures')
_FFMPEG = "ffmpeg"
_QUALITY = "16"  # constant rate factor: no loss is seen
# ITU-T H.273: primaries, transfer and matrix of BT.709, video levels.
_BT709, _LIMITED = 1, 1


class NoFilmError(ValueError):
    """Films cannot be written here; the message has the command that installs what is missing."""


def check_can_film() -> None:
    """Raises `NoFilmError` where no film can be written."""
    if shutil.which(_FFMPEG) is None:
        _av()


@contextmanager
def film(path: Path, fps: float) -> Iterator[Callable[[UInt8], None]]:
    """Write a film; what it yields takes one picture after the other, uint8 (H, W, 3) sRGB, all of one size.

    H.264 halves the colour's resolution and has no odd sides: a last odd column or row is left out. The file is there
    whole when the block has ended well, and not at all otherwise.

    Parameters
    ----------
    path : Path
    fps : float
        Frames a second.

    Raises
    ------
    NoFilmError
    WriteError
        The disk refused.
    """
    check_can_film()
    write = _by_pyav if importlib.util.find_spec("av") is not None else _by_ffmpeg
    with replacing(path) as temporary, write(temporary, Fraction(fps).limit_denominator(1001)) as take:
        yield lambda picture: take(np.ascontiguousarray(picture[: _even(len(picture)), : _even(picture.shape[1])]))


def _even(side: int) -> int:
    return side - side % 2


@contextmanager
def _by_pyav(path: Path, rate: Fraction) -> Iterator[Callable[[UInt8], None]]:
    av = _av()
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream(_codec(av), rate=rate, options={"crf": _QUALITY})
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = _LIMITED
        started = False

        def take(picture: UInt8) -> None:
            nonlocal started
            if not started:
                stream.height, stream.width = picture.shape[:2]
                started = True
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            frame = frame.reformat(
                format="yuv420p", src_color_range="JPEG", dst_colorspace="ITU709", dst_color_range="MPEG"
            )
            container.mux(stream.encode(frame))

        yield take
        if started:
            container.mux(stream.encode())


@contextmanager
def _by_ffmpeg(path: Path, rate: Fraction) -> Iterator[Callable[[UInt8], None]]:
    """The same by the program: pictures go in by a pipe, raw."""
    process: subprocess.Popen[bytes] | None = None

    def take(picture: UInt8) -> None:
        nonlocal process
        if process is None:
            height, width = picture.shape[:2]
            command = [
                _FFMPEG, "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}",
                "-r", str(rate), "-i", "-", "-an", "-c:v", "libx264", "-crf", _QUALITY, "-pix_fmt", "yuv420p",
                "-vf", "scale=out_color_matrix=bt709:out_range=tv", "-color_primaries", "bt709",
                "-color_trc", "bt709", "-colorspace", "bt709", "-f", "mp4", str(path),
            ]  # fmt: skip
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdin is not None
        try:
            process.stdin.write(picture.tobytes())
        except BrokenPipeError:
            raise NoFilmError(_why(process.communicate()[1])) from None

    try:
        yield take
        if process is not None:
            said = process.communicate()[1]
            if process.returncode:
                raise NoFilmError(_why(said))
    finally:
        if process is not None and process.poll() is None:
            process.kill()
            process.wait()


def _why(said: bytes) -> str:
    last = said.decode(errors="replace").strip().splitlines()[-1:] or ["it gave no reason"]
    return f"ffmpeg wrote no film: {last[0]}; install PyAV, or name a folder for pictures"


def _av() -> Any:
    try:
        import av
    except ImportError:
        raise NoFilmError(NO_PYAV) from None
    return av


def _codec(av: Any) -> str:
    """x264 where PyAV was built with it, else what else encodes H.264 here."""
    return "libx264" if "libx264" in av.codecs_available else "h264"
