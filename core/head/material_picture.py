"""Pictures of a stranger's materials as texels."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt

MAX_SIDE_PX = 8192


def texels(data: bytes, side: int) -> npt.NDArray[np.uint8] | None:
    """Red, green, blue and alpha of a PNG or JPEG, row 0 on top, uint8 (H, W, 4); None for one that is damaged.

    Parameters
    ----------
    data : bytes
    side : int
        Pictures with a longer side are made smaller to this.
    """
    from PIL import Image  # most heads have no picture

    if not data:
        return None
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
            if max(picture.size) > MAX_SIDE_PX:
                return None
            picture.draft("RGB", (side, side))
            shown = picture.convert("RGBA")
        shown.thumbnail((side, side), Image.Resampling.BOX)
        return np.array(shown, np.uint8)
    except Exception:  # a decoder meets a stranger's bytes: whatever it raises, there is no picture
        return None
