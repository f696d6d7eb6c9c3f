"""A square of a picture at any place, size and angle, as a network is shown it."""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

UInt8 = npt.NDArray[np.uint8]
Float64 = npt.NDArray[np.float64]


class Square(NamedTuple):
    """A square of a picture; what of it lies outside is black.

    Attributes
    ----------
    x, y : float
        Its middle, px of the picture.
    side : float
        px of the picture.
    angle : float
        From the picture's x axis to the square's, radians; positive is clockwise on the screen.
    """

    x: float
    y: float
    side: float
    angle: float = 0.0

    def to_picture(self, points: Float64, side: int) -> Float64:
        """Places in the picture, float64 (n, 2), of places in the square drawn `side` px wide."""
        return points @ self._turn().T * (self.side / side) + self._start()

    def cut(self, pixels: UInt8, side: int) -> UInt8:
        """The square, uint8 (side, side, 3), of a picture uint8 (H, W, 3).

        What is reduced is first averaged over whole px, and only what the square covers is touched.
        """
        height, width = pixels.shape[:2]
        factor = max(round(self.side / side), 1)
        corners = self.to_picture(np.array([[0.0, 0.0], [side, 0.0], [0.0, side], [side, side]]), side)
        x0, y0 = (max(math.floor(v) - factor, 0) for v in corners.min(axis=0))
        x1, y1 = (math.ceil(v) + factor for v in corners.max(axis=0))
        part = pixels[y0 : min(y1, height), x0 : min(x1, width)]
        if factor > 1:
            # Whole blocks only; the last px of an edge count for their block twice rather than not at all.
            rows, columns = (-(-length // factor) for length in part.shape[:2])
            down, right = rows * factor - part.shape[0], columns * factor - part.shape[1]
            if down or right:
                part = np.asarray(cv2.copyMakeBorder(part, 0, down, 0, right, cv2.BORDER_REPLICATE), np.uint8)
            if rows and columns:
                part = np.asarray(cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)
        if not part.size:
            return np.zeros((side, side, 3), np.uint8)
        matrix = np.empty((2, 3))
        matrix[:, :2] = self._turn() * (self.side / side / factor)
        # OpenCV counts from the middle of the first pixel.
        matrix[:, 2] = (self._start() - (x0, y0)) / factor + matrix[:, :2] @ (0.5, 0.5) - 0.5
        return np.asarray(cv2.warpAffine(part, matrix, (side, side), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP))

    def _turn(self) -> Float64:
        c, s = math.cos(self.angle), math.sin(self.angle)
        return np.array([[c, -s], [s, c]])

    def _start(self) -> Float64:
        """The square's first corner in the picture."""
        start: Float64 = (self.x, self.y) - self._turn() @ (self.side / 2, self.side / 2)
        return start
