"""Line maps and strokes from and to files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rhytid.core.files.writing import write_text
from rhytid.core.io.errors import MapError
from rhytid.core.io.formats.picture import MAX_FILE_BYTES, check_size, damaged
from rhytid.core.io.formats.png import open_png
from rhytid.core.io.map_pixels import write_png
from rhytid.core.lines.stroke import Stroke


def write_line_map(path: Path, lines: npt.NDArray[np.bool_]) -> None:
    """Write a line map, bool (H, W), as an 8-bit PNG: 255 on a line, 0 elsewhere."""
    write_png(path, lines.astype(np.uint8) * np.uint8(255))


def read_line_map(path: Path) -> npt.NDArray[np.bool_]:
    """Line map of an 8- or 16-bit PNG, bool (H, H): brighter than half is a line.

    Raises
    ------
    MapError
        Not a square PNG of 64 to 8192 texels, or damaged.
    OSError
        The file cannot be read.
    """
    import cv2

    if path.stat().st_size > MAX_FILE_BYTES:
        raise MapError(f"{path}: too large for a line map")
    data = path.read_bytes()
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        raise MapError(f"{path}: a line map must be a PNG; save the picture as PNG")
    layer = open_png(path, data)[0]
    check_size(path, layer.width, layer.height)
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise damaged(path, "it cannot be decoded")
    return np.asarray(picture > 127)


def write_strokes(path: Path, strokes: Sequence[Stroke]) -> None:
    """Write strokes as SVG, see `core.lines.svg`."""
    from rhytid.core.lines.svg import strokes_to_svg

    write_text(path, strokes_to_svg(strokes))
