"""Pictures of a scan's texture, as files beside it or within it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rhytid.core.files.mtl import picture_beside
from rhytid.core.files.text import shown

UInt8 = npt.NDArray[np.uint8]

MAX_BYTES = 1 << 28
MAX_PIXELS = 1 << 26
MAX_SIDE = 4096
"""Longer sides are made smaller to this."""
MOST = 64
"""Pictures of one scan."""
_MANY = 6  # so many of the largest ones at once are enough
_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP")


class Pictures:
    """Pictures of a scan, read as they are asked for.

    Attributes
    ----------
    remarks : list of str
        What could not be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._n_read = 0
        self.remarks: list[str] = []

    def beside(self, name: str) -> UInt8 | None:
        """A picture that the scan names: in its own folder or below it; None for none, with a remark."""
        try:
            data = picture_beside(self._path, name, MAX_BYTES)
        except (OSError, ValueError):
            self._tell(f"its texture {shown(name):.80} is not beside it")
            return None
        return self.within(data, name)

    def within(self, data: bytes, name: str) -> UInt8 | None:
        """A picture by its bytes, uint8 (H, W, 3); None for one that is damaged or too large, with a remark."""
        from PIL import Image  # most scans have no picture

        self._n_read += 1
        if self._n_read > MOST:
            self._tell(f"it has more than {MOST} textures")
            return None
        side = MAX_SIDE if self._n_read <= _MANY else MAX_SIDE // 4
        try:
            with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
                picture.draft("RGB", (side, side))
                if picture.width * picture.height > MAX_PIXELS:
                    self._tell(f"its texture {shown(name):.80} is larger than 8192 x 8192")
                    return None
                given = picture.convert("RGB")
            given.thumbnail((side, side), Image.Resampling.BOX)
            return np.array(given, np.uint8)
        except Exception:  # a decoder meets a stranger's bytes: whatever it raises, there is no picture
            self._tell(f"its texture {shown(name):.80} cannot be read")
            return None

    def _tell(self, remark: str) -> None:
        if remark not in self.remarks:
            self.remarks.append(remark)
