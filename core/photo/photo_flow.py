"""Where a photo has what a head shows whose shape has changed.

Each pixel of the head comes from where the photo shows the same point of it; what is round the head goes along, ever
less with the distance. Only the part of the picture where something has moved is worked on.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Head, Part
from rhytid.core.head.normals import VertexNormals
from rhytid.core.maps.fill import fill_smoothly
from rhytid.core.photo.camera import PhotoCamera
from rhytid.core.photo.rasteriser import Rasteriser, Surface
from rhytid.core.photo.skin_levels import Box, box_of

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Bool = npt.NDArray[np.bool_]

_HIDDEN_MM = 2.5  # as far behind what is seen, a point is hidden
_GRAZING = 0.08  # cosine below which the photo shows nothing of a surface that can be used
_EDGE_FROM, _EDGE_TO = 0.1, 0.3  # cosines between which what is missing at the head's edge is left to the photo
_STRETCHED, _TORN = 3.0, 6.0  # areas at which pixels begin to be too few, and are
_STEP = 4  # pixels of a cell of the coarse field
_REACH = 0.35  # of the head's size in the photo, over which what is round it goes along
_STILL_PX = 0.02


@dataclass(frozen=True, eq=False)
class Moved:
    """What a photo becomes round a head that has changed its shape.

    Attributes
    ----------
    box : Box
        Pixels that change; of size (h, w).
    x, y : float32 (h, w)
        The photo's pixel that each of them shows, counted from the middle of the first.
    places : float32 (h, w, 2)
        Where in the chart the skin lies that they show; -1 where they show none.
    head_box : Box
        The part of it where the head itself has moved; of size (k, l).
    triangle : int32 (k, l)
        That is shown there, -1 where the head is not.
    missing : float32 (k, l)
        How far the photo lacks what is shown there, 0..1.
    vertices_cam : float64 (V, 3)
        Of the head, in camera space.
    """

    box: Box
    x: Float32
    y: Float32
    places: Float32
    head_box: Box
    triangle: Int32
    missing: Float32
    vertices_cam: Float64


class PhotoFlow:
    """A photo's head as it is in it, and where its points come from once it has another shape.

    Parameters
    ----------
    camera : PhotoCamera
    head : Head
    vertices : float32 (V, 3)
        As the photo has them, head space, mm.
    rasteriser : Rasteriser

    Attributes
    ----------
    places : float32 (H, W, 2)
        Where in the chart the skin lies that the photo's pixels show; -1 where they show none.
    """

    def __init__(self, camera: PhotoCamera, head: Head, vertices: Float32, rasteriser: Rasteriser) -> None:
        self._camera = camera
        self._head = head
        self._rasteriser = rasteriser
        self._normals = VertexNormals(head.triangles, len(head.neutral))
        self._chart = np.full((len(head.neutral), 2), -1, np.float32)
        self._chart[: head.n_skin] = head.chart
        self._before = camera.to_camera(vertices)
        self._before_px = camera.pixels(self._before)
        facing = self._facing(vertices, self._before)
        self._carried = np.column_stack([self._before, facing, self._chart]).astype(np.float32)
        width, height = camera.size
        seen = self._seen(self._before, np.column_stack([self._before[:, 2], self._chart]), Box(0, height, 0, width))
        self._on = seen.triangle >= 0
        self._part = self._parts(seen)
        self._depth = np.where(self._on, seen.values[..., 0], np.float32(np.inf))
        self.places = self._skin_places(seen, seen.values[..., 1:])
        self._cells_on = _cells(self._on.astype(np.float32))

    def to(self, vertices: Float32) -> Moved | None:
        """The way to the head's new shape; None where nothing of it moves in the picture."""
        after = self._camera.to_camera(vertices)
        after_px = self._camera.pixels(after)
        head_box = self._moved_box(after_px)
        if head_box is None:
            return None
        turned = self._facing(vertices, after)
        seen = self._seen(after, np.column_stack([self._carried, turned]), head_box)
        offset, shown = self._offset(seen, head_box)
        missing = np.maximum(~shown, self._torn(after_px)[seen.triangle]) * (seen.triangle >= 0)
        edge = (seen.values[..., 6] - np.float32(_EDGE_FROM)) / np.float32(_EDGE_TO - _EDGE_FROM)
        missing = (missing * np.clip(edge, 0, 1)).astype(np.float32)
        field = self._field(offset, shown, seen.triangle >= 0, head_box)
        box = self._wider(field, head_box)
        flow = _enlarged(field, box)
        still = self._on[box.slices].copy()
        inside = (slice(head_box.top - box.top, head_box.bottom - box.top),
                  slice(head_box.left - box.left, head_box.right - box.left))  # fmt: skip
        still[inside] = False
        flow[still] = 0
        flow[inside] = np.where(shown[..., None], offset, flow[inside])
        flow[~_moves(flow)] = 0
        places = self.places[box.slices].copy()
        places[inside] = self._skin_places(seen, seen.values[..., 4:6])
        rows = np.arange(box.top, box.bottom, dtype=np.float32)[:, None]
        x, y = np.arange(box.left, box.right, dtype=np.float32) + flow[..., 0], rows + flow[..., 1]
        return Moved(box, x, y, places, head_box, seen.triangle, missing, after)

    def _facing(self, vertices: Float32, vertices_cam: Float64) -> Float64:
        """Cosine of the angle between each vertex' normal and its way to the camera, (V,)."""
        normals = self._normals.of(vertices) @ self._camera.rotation.T
        cosine: Float64 = -np.einsum("ij,ij->i", normals, vertices_cam) / np.linalg.norm(vertices_cam, axis=1)
        return cosine

    def _seen(self, vertices_cam: Float64, values: npt.NDArray[np.floating], box: Box) -> Surface:
        camera = self._camera
        centre = camera.centre - (box.left, box.top)
        carried = np.ascontiguousarray(values, np.float32)
        return self._rasteriser.surface(
            vertices_cam, self._head.triangles, carried, camera.focal_px, centre, box.size
        )

    def _parts(self, seen: Surface) -> npt.NDArray[np.integer]:
        return np.where(seen.triangle >= 0, self._head.triangle_parts[seen.triangle], -1).astype(np.int8)

    def _skin_places(self, seen: Surface, chart: Float32) -> Float32:
        return np.where((self._parts(seen) == Part.SKIN)[..., None], chart, np.float32(-1))

    def _moved_box(self, after_px: Float64) -> Box | None:
        """Pixels of triangles with a corner that has moved, where they were and where they are; whole cells."""
        moved = _moves(after_px - self._before_px)
        corners = np.unique(self._head.triangles[moved[self._head.triangles].any(axis=1)])
        if not len(corners):
            return None
        both = np.concatenate([after_px[corners], self._before_px[corners]])
        (left, top), (right, bottom) = both.min(axis=0) - 1, both.max(axis=0) + 1
        width, height = self._camera.size
        left, top = (int(np.clip(value // _STEP * _STEP, 0, side)) for value, side in ((left, width), (top, height)))
        right, bottom = (
            int(np.clip(-(-value // _STEP) * _STEP, 0, side)) for value, side in ((right, width), (bottom, height))
        )
        return Box(top, bottom, left, right) if top < bottom and left < right else None

    def _torn(self, after_px: Float64) -> Float32:
        """How far each triangle has become too large for the pixels that the photo has of it, float32 (T,), 0..1."""
        before, after = (_areas(px, self._head.triangles) for px in (self._before_px, after_px))
        larger = after / np.where(before * np.sign(after) > 0, before, np.where(after == 0, 1, after / (2 * _TORN)))
        return np.clip((larger - _STRETCHED) / (_TORN - _STRETCHED), 0, 1).astype(np.float32)

    def _offset(self, seen: Surface, box: Box) -> tuple[Float32, Bool]:
        """From where in the photo the head's pixels come, as offsets in px (k, l, 2), and whether it shows them."""
        camera, values = self._camera, seen.values
        on = seen.triangle >= 0
        depth = np.where(on, values[..., 2], np.float32(1))
        scale = (np.float32(camera.focal_px) / depth)[..., None]
        source = np.asarray(values[..., :2] * scale + camera.centre, np.float32)
        width, height = camera.size
        column, row = (
            np.clip(source[..., k].astype(np.int32), 0, side - 1) for k, side in ((0, width), (1, height))
        )
        at = row * width + column
        shown = on & (self._part.ravel()[at] == self._parts(seen)) & (values[..., 3] > _GRAZING)
        shown &= depth < self._depth.ravel()[at] + np.float32(_HIDDEN_MM)
        source[..., 0] -= np.arange(box.left, box.right, dtype=np.float32) + np.float32(0.5)
        source[..., 1] -= np.arange(box.top, box.bottom, dtype=np.float32)[:, None] + np.float32(0.5)
        return source, shown

    def _field(self, offset: Float32, shown: Bool, head: Bool, box: Box) -> Float32:
        """Offsets for the whole picture by cells: the head's where it is shown, its neighbours' else, fading to 0."""
        weight, on = self._cells_on.copy(), self._cells_on.copy()
        inside = (slice(box.top // _STEP, -(-box.bottom // _STEP)), slice(box.left // _STEP, -(-box.right // _STEP)))
        weight[inside] = _cells(shown.astype(np.float32))
        on[inside] = _cells(head.astype(np.float32))
        reach = _REACH * float(np.sqrt(max(on.sum(), 1)))
        distance = cv2.distanceTransform((on < 0.5).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        t = np.clip(1 - distance / reach, 0, 1)
        fade = t * t * (3 - 2 * t)
        field = np.zeros((*weight.shape, 2), np.float32)
        for axis in range(2):
            part = field[..., axis].copy()
            part[inside] = _cells(offset[..., axis] * shown)
            part = np.divide(part, weight, out=part, where=weight > 0)
            field[..., axis] = cv2.GaussianBlur(fill_smoothly(part, weight > 0.5), (0, 0), 1.0) * fade
        return field

    def _wider(self, field: Float32, head_box: Box) -> Box:
        """The pixels that a field moves, those of the head included."""
        cells = box_of(_moves(field))
        width, height = self._camera.size
        if cells is None:
            return head_box
        around = Box(cells.top - 1, cells.bottom + 1, cells.left - 1, cells.right + 1)
        return Box(*(side * _STEP for side in around)).grown(0, height, width).joined(head_box)


def _moves(offset: npt.NDArray[np.floating]) -> Bool:
    """Where offsets (..., 2) in px are more than nothing."""
    return np.asarray((np.abs(offset[..., 0]) > _STILL_PX) | (np.abs(offset[..., 1]) > _STILL_PX))


def _areas(px: Float64, triangles: Int32) -> Float64:
    """Twice the area of triangles in the picture, with its sign, (T,)."""
    a, b, c = (px[triangles[:, k]] for k in range(3))
    u, v = b - a, c - a
    area: Float64 = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    return area


def _cells(values: Float32) -> Float32:
    """Means of cells; those that reach over the edge count nothing there."""
    height, width = values.shape
    down, right = -height % _STEP, -width % _STEP
    if down or right:
        values = np.pad(values, ((0, down), (0, right)))
    size = (values.shape[1] // _STEP, values.shape[0] // _STEP)
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)


def _enlarged(field: Float32, box: Box) -> Float32:
    """A field of cells at the pixels of a box, (h, w, 2)."""
    height, width = field.shape[:2]
    cells = Box(box.top // _STEP, -(-box.bottom // _STEP), box.left // _STEP, -(-box.right // _STEP))
    cells = cells.grown(1, height, width)
    size = tuple(_STEP * side for side in cells.size)
    wide = cv2.resize(field[cells.slices], size, interpolation=cv2.INTER_LINEAR)
    top, left = box.top - _STEP * cells.top, box.left - _STEP * cells.left
    return np.array(wide[top : top + box.bottom - box.top, left : left + box.right - box.left], np.float32)
