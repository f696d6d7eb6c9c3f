"""The small picture of a map in an import dialog: mm as colours, and where the head's skin lies on it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap

from rhytid.gui.render.colormaps import diverging, nice_range

PREVIEW_PX = 300
_SHARED_RGB, _EDGE_RGB = (235, 70, 60), (255, 190, 60)


def map_picture(
    mm: npt.NDArray[np.float32], islands: npt.NDArray[np.uint8] | None = None
) -> tuple[QPixmap, float]:
    """Picture of a map, and the mm at which its colours are full.

    Parameters
    ----------
    mm : float32 (H, W)
    islands : uint8 (R, R), optional
        `OwnLayout.islands` of the map's tile.
    """
    range_mm = nice_range(mm)
    index = np.clip(mm / range_mm * 127.5 + 128.0, 0, 255).astype(np.uint8)
    rgb = diverging()[index]
    if islands is not None:
        rgb = with_islands(rgb, islands)
    return rgb_picture(rgb), range_mm


def rgb_picture(rgb: npt.NDArray[np.uint8]) -> QPixmap:
    """Picture of colours (H, W, 3) as large as a dialog shows it."""
    rgb = np.ascontiguousarray(rgb)
    height, width = rgb.shape[:2]
    image = QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return QPixmap.fromImage(image).scaled(
        PREVIEW_PX, PREVIEW_PX, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )


def with_islands(rgb: npt.NDArray[np.uint8], islands: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A picture of a map with the edges of the skin on it, and red where two parts of the skin share texels.

    Parameters
    ----------
    rgb : uint8 (H, H, 3)
    islands : uint8 (R, R)
        `OwnLayout.islands` of the map's tile.

    Returns
    -------
    uint8 (R, R, 3)
    """
    drawn = np.asarray(cv2.resize(rgb, islands.shape, interpolation=cv2.INTER_LINEAR), np.uint8)
    skin = islands > 0
    edge = np.zeros_like(skin)
    for axis in (0, 1):
        edge |= skin & ~np.roll(skin, 1, axis) | skin & ~np.roll(skin, -1, axis)
    shared = islands == 2
    drawn[shared] = (drawn[shared].astype(np.uint16) + np.array(_SHARED_RGB, np.uint16)) // 2
    drawn[edge] = _EDGE_RGB
    return drawn
