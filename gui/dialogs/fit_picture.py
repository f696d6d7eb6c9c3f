"""A picture of a head in the colours of its residual, drawn without OpenGL so that any thread can."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from rhytid.core.head.head import Head
from rhytid.core.head.normals import vertex_normals
from rhytid.core.photo.rasteriser import Fragments, NumpyRasteriser

Float64 = npt.NDArray[np.float64]

WORST_MM = 2.0
"""Residual at the end of the colours."""
_NO_SKIN = (118.0, 118.0, 118.0)
# Dark for what lies well to bright for what does not, and lightness rises all the way.
_STOPS_MM = (0.0, 0.5, 1.0, WORST_MM)
_STOPS = np.array([[88, 104, 128], [120, 150, 120], [226, 178, 70], [226, 72, 52]], np.float64)
_LIGHT = np.array([0.25, 0.35, 0.9]) / np.linalg.norm([0.25, 0.35, 0.9])
_HIDDEN_MM = 6.0
_FAR = 4.0  # distance of the eye, in radii of the head


@dataclass(frozen=True)
class View:
    """Where a head is looked at from: turns in degrees as `core.document.state.Camera`, and how much nearer."""

    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    zoom: float = 1.0


@dataclass(frozen=True, eq=False)
class FitPicture:
    """A head as it was drawn.

    Attributes
    ----------
    image : QImage
    seen : Fragments
        What each pixel shows of the skin.
    head : Head
    landmarks_px : float64 (68, 2)
    is_seen : bool (68,)
        Landmarks that the head does not hide.
    """

    image: QImage
    seen: Fragments
    head: Head
    landmarks_px: Float64
    is_seen: npt.NDArray[np.bool_]

    def place_at(self, x_px: float, y_px: float) -> tuple[float, float, float] | None:
        """Place on the neutral skin, mm, that a pixel shows; None beside it."""
        height, width = self.seen.triangle.shape
        row, column = int(y_px), int(x_px)
        if not (0 <= row < height and 0 <= column < width) or self.seen.triangle[row, column] < 0:
            return None
        corners = self.head.skin_triangles[self.seen.triangle[row, column]]
        x, y, z = (float(value) for value in self.seen.barycentric[row, column] @ self.head.neutral[corners])
        return x, y, z


def residual_colours(residual_mm: npt.NDArray[np.floating]) -> Float64:
    """sRGB (n, 3), 0..255, of residuals (n,)."""
    return np.stack([np.interp(residual_mm, _STOPS_MM, _STOPS[:, channel]) for channel in range(3)], axis=1)


def draw_fit(head: Head, view: View, size: tuple[int, int]) -> FitPicture:
    """Draw a registered head.

    Parameters
    ----------
    head : Head
    view : View
    size : (width, height)
        Pixels.
    """
    width, height = size
    skin, triangles = head.neutral[: head.n_skin].astype(np.float64), head.skin_triangles
    low, high = skin[head.landmarks].min(axis=0), skin[head.landmarks].max(axis=0)
    middle, radius = (low + high) / 2, float(np.linalg.norm(high - low)) * 0.72
    focal_px = min(size) / 2 * _FAR * view.zoom
    centre = np.array([width / 2, height / 2])

    def eye_space(points: Float64) -> Float64:
        turned = (points - middle) @ _turn(view).T
        return np.stack([turned[:, 0], -turned[:, 1], _FAR * radius - turned[:, 2]], axis=1)

    before = eye_space(skin)
    share = head.detail_weight[:, None].astype(np.float64)
    colours = share * residual_colours(head.residual_mm) + (1 - share) * np.array(_NO_SKIN)
    facing = vertex_normals(head.neutral[: head.n_skin], triangles) @ _turn(view).T @ _LIGHT
    bright = 0.35 + 0.65 * np.maximum(facing, 0)
    seen = NumpyRasteriser().fragments(before, triangles, focal_px, centre, size)
    pixels = np.full((height, width, 3), (37, 37, 37), np.uint8)
    there = seen.triangle >= 0
    corners = triangles[seen.triangle[there]]
    values = np.einsum("nk,nkc->nc", seen.barycentric[there], (colours * bright[:, None])[corners])
    pixels[there] = np.clip(values, 0, 255)
    image = QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
    points = before[head.landmarks]
    at = focal_px * points[:, :2] / points[:, 2:] + centre
    column, row = np.clip(at.astype(int), 0, [width - 1, height - 1]).T
    return FitPicture(image, seen, head, at, points[:, 2] < seen.depth[row, column] + _HIDDEN_MM)


def _turn(view: View) -> Float64:
    yaw, pitch = np.radians([-view.yaw_deg, view.pitch_deg])
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    turn: Float64 = about_x @ about_y
    return turn
