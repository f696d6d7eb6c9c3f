"""A picture of a head in the colours of its residual, drawn without OpenGL so that any thread can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from rhytid.core.head.head import Head
from rhytid.core.head.normals import vertex_normals
from rhytid.core.head.pins import HeadPin
from rhytid.core.head.surface import closest_barycentric
from rhytid.core.photo.rasteriser import Fragments, NumpyRasteriser
from rhytid.gui.dialogs.landmark_words import MIRRORED

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
_LEAST_ZOOM, _MOST_ZOOM = 0.5, 12.0


@dataclass(frozen=True)
class View:
    """Where a head is looked at from.

    Attributes
    ----------
    yaw_deg, pitch_deg : float
        Turns as `core.document.state.Camera`.
    zoom : float
        How much nearer.
    pan : (float, float)
        Where the middle of the face is, right and down of that of the picture, in shares of its smaller side.
    """

    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    zoom: float = 1.0
    pan: tuple[float, float] = (0.0, 0.0)

    def zoomed(self, factor: float, about: tuple[float, float]) -> View:
        """So much nearer, and a point of the picture stays where it is; `about` is given as `pan`."""
        zoom = min(max(self.zoom * factor, _LEAST_ZOOM), _MOST_ZOOM)
        share = zoom / self.zoom
        x, y = (there + share * (here - there) for here, there in zip(self.pan, about, strict=True))
        return replace(self, zoom=zoom, pan=(x, y))


@dataclass(frozen=True, eq=False)
class Eye:
    """How a view of a head becomes pixels.

    Parameters
    ----------
    head : Head
    view : View
    size : (width, height)
        Pixels.
    """

    head: Head
    view: View
    size: tuple[int, int]

    @cached_property
    def _frame(self) -> tuple[Float64, float]:
        """Middle of the face and its radius, mm."""
        marked = self.head.neutral[self.head.landmarks].astype(np.float64)
        low, high = marked.min(axis=0), marked.max(axis=0)
        return (low + high) / 2, float(np.linalg.norm(high - low)) * 0.72

    @cached_property
    def turn(self) -> Float64:
        """Rotation (3, 3) from the head to the eye; y up, z towards it."""
        yaw, pitch = np.radians([-self.view.yaw_deg, self.view.pitch_deg])
        about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
        about_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
        turn: Float64 = about_x @ about_y
        return turn

    @property
    def focal_px(self) -> float:
        return min(self.size) / 2 * _FAR * self.view.zoom

    @property
    def centre(self) -> Float64:
        """Where the middle of the face is, px."""
        centre: Float64 = np.array(self.size) / 2 + min(self.size) * np.array(self.view.pan)
        return centre

    def before(self, points: npt.NDArray[np.floating]) -> Float64:
        """Points (n, 3) of the head as the eye has them: mm, x right, y down, z away from it."""
        middle, radius = self._frame
        turned = (points - middle) @ self.turn.T
        return np.stack([turned[:, 0], -turned[:, 1], _FAR * radius - turned[:, 2]], axis=1)

    def pixels(self, before: Float64) -> Float64:
        """Points (n, 3) before the eye in the picture, (n, 2)."""
        at: Float64 = self.focal_px * before[:, :2] / before[:, 2:] + self.centre
        return at


@dataclass(frozen=True, eq=False)
class FitPicture:
    """A head as it was drawn.

    Attributes
    ----------
    image : QImage
    seen : Fragments
        What each pixel shows of the skin.
    eye : Eye
    landmarks_px : float64 (68, 2)
        A pinned one is where its pin is.
    is_seen : bool (68,)
        Landmarks that the head does not hide.
    """

    image: QImage
    seen: Fragments
    eye: Eye
    landmarks_px: Float64
    is_seen: npt.NDArray[np.bool_]

    def place_at(self, x_px: float, y_px: float) -> tuple[float, float, float] | None:
        """Place on the neutral skin, mm, that a pixel shows; None beside it."""
        height, width = self.seen.triangle.shape
        row, column = int(y_px), int(x_px)
        if not (0 <= row < height and 0 <= column < width) or self.seen.triangle[row, column] < 0:
            return None
        head = self.eye.head
        corners = head.skin_triangles[self.seen.triangle[row, column]]
        x, y, z = (float(value) for value in self.seen.barycentric[row, column] @ head.neutral[corners])
        return x, y, z

    def move(self, pin: HeadPin) -> None:
        """Show a landmark where a pin puts it."""
        before = self.eye.before(np.array([pin.place_mm]))
        (at,) = self.eye.pixels(before)
        self.landmarks_px[pin.landmark] = at
        self.is_seen[pin.landmark] = _is_before(self.seen, at, before[:, 2])[0]


def residual_colours(residual_mm: npt.NDArray[np.floating]) -> Float64:
    """sRGB (n, 3), 0..255, of residuals (n,)."""
    return np.stack([np.interp(residual_mm, _STOPS_MM, _STOPS[:, channel]) for channel in range(3)], axis=1)


def draw_fit(head: Head, view: View, size: tuple[int, int], pins: Sequence[HeadPin] = ()) -> FitPicture:
    """Draw a registered head.

    Parameters
    ----------
    head : Head
    view : View
    size : (width, height)
        Pixels.
    pins : sequence of HeadPin
    """
    width, height = size
    eye = Eye(head, view, size)
    skin, triangles = head.neutral[: head.n_skin].astype(np.float64), head.skin_triangles
    before = eye.before(skin)
    share = head.detail_weight[:, None].astype(np.float64)
    colours = share * residual_colours(head.residual_mm) + (1 - share) * np.array(_NO_SKIN)
    facing = vertex_normals(head.neutral[: head.n_skin], triangles) @ eye.turn.T @ _LIGHT
    bright = 0.35 + 0.65 * np.maximum(facing, 0)
    seen = NumpyRasteriser().fragments(before, triangles, eye.focal_px, eye.centre, size)
    pixels = np.full((height, width, 3), (37, 37, 37), np.uint8)
    there = seen.triangle >= 0
    corners = triangles[seen.triangle[there]]
    values = np.einsum("nk,nkc->nc", seen.barycentric[there], (colours * bright[:, None])[corners])
    pixels[there] = np.clip(values, 0, 255)
    image = QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
    marked = before[head.landmarks]
    at = eye.pixels(marked)
    picture = FitPicture(image, seen, eye, at, _is_before(seen, at, marked[:, 2]))
    for pin in pins:
        picture.move(pin)
    return picture


def mirrored_pin(head: Head, pin: HeadPin) -> HeadPin | None:
    """The pin on the other side of the face, on the skin there; None for landmarks of the middle."""
    partner = MIRRORED[pin.landmark]
    if partner == pin.landmark:
        return None
    marked = head.neutral[head.landmarks].astype(np.float64)
    across = marked - marked[list(MIRRORED)]
    way = (across * np.sign(across[:, :1])).sum(axis=0)  # to the subject's left
    way /= np.linalg.norm(way)
    middle = (marked @ way).mean()
    place = np.array(pin.place_mm)
    x, y, z = _on_skin(head, place - 2 * (place @ way - middle) * way).tolist()
    return HeadPin(partner, (x, y, z))


def _on_skin(head: Head, place: Float64) -> Float64:
    """The point of the neutral skin that is nearest: on a triangle at the nearest vertex."""
    skin, triangles = head.neutral[: head.n_skin].astype(np.float64), head.skin_triangles
    around = triangles[(triangles == np.linalg.norm(skin - place, axis=1).argmin()).any(axis=1)]
    weights = closest_barycentric(np.broadcast_to(place, (len(around), 3)), skin[around])
    points = np.einsum("nk,nkc->nc", weights, skin[around])
    found: Float64 = points[np.linalg.norm(points - place, axis=1).argmin()]
    return found


def _is_before(seen: Fragments, at: Float64, depth: Float64) -> npt.NDArray[np.bool_]:
    """Whether points (n, 2) of the picture at depths (n,) lie on what it shows, or before it."""
    height, width = seen.depth.shape
    column, row = np.clip(at.astype(int), 0, [width - 1, height - 1]).T
    before: npt.NDArray[np.bool_] = depth < seen.depth[row, column] + _HIDDEN_MM
    return before
