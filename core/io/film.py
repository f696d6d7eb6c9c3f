"""Films of pictures: H.264 in MP4, as every player shows them. Needs PyAV, which the set-up does not bring."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.files.writing import replacing

UInt8 = npt.NDArray[np.uint8]
FILM_SUFFIX = ".mp4"
NO_PYAV = 'films need PyAV; install it with: python -m pip install "rhytid[video]", or name a folder for pictures'
_QUALITY = "16"  # constant rate factor: no loss is seen
# ITU-T H.273: primaries, transfer and matrix of BT.709, video levels.
_BT709, _LIMITED = 1, 1


class NoFilmError(ValueError):
    """Films cannot be written here; the message has the command that installs what is missing."""


def check_can_film() -> None:
    """Raises `NoFilmError` where no film can be written."""
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
    av = _av()
    rate = Fraction(fps).limit_denominator(1001)
    with replacing(path) as temporary, av.open(str(temporary), "w", format="mp4") as container:
        stream = container.add_stream(_codec(av), rate=rate, options={"crf": _QUALITY})
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = _LIMITED
        started = False

        def take(picture: UInt8) -> None:
            nonlocal started
            height, width = (side - side % 2 for side in picture.shape[:2])
            if not started:
                stream.width, stream.height = width, height
                started = True
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture[:height, :width]), "rgb24")
            frame = frame.reformat(
                format="yuv420p", src_color_range="JPEG", dst_colorspace="ITU709", dst_color_range="MPEG"
            )
            container.mux(stream.encode(frame))

        yield take
        if started:
            container.mux(stream.encode())


def _av() -> Any:
    try:
        import av
    except ImportError:
        raise NoFilmError(NO_PYAV) from None
    return av


def _codec(av: Any) -> str:
    """x264 where PyAV was built with it, else what else encodes H.264 here."""
    return "libx264" if "libx264" in av.codecs_available else "h264"
