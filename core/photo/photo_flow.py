"""Where a photo has what a head shows whose shape has changed.

Each pixel of the head comes from where the photo shows the same point of it; what is round the head goes along, ever
less with the distance. Only the part of the picture where something has moved is worked on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.eye_flesh import parts_in_pictures
from rhytid.core.head.head import Head, Part
from rhytid.core.head.normals import VertexNormals
from rhytid.core.maps.fill import fill_smoothly
from rhytid.core.maps.rect import EMPTY, Rect
from rhytid.core.photo.camera import PhotoCamera
from rhytid.core.photo.rasteriser import Rasteriser, Surface
from rhytid.core.photo.registration import Registration

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Bool = npt.NDArray[np.bool_]

_HIDDEN_MM = 2.5  # as far behind what is seen, a point is hidden
_GRAZING = 0.08  # cosine below which the photo shows nothing of a surface that can be used
_EDGE_FROM, _EDGE_TO = 0.1, 0.3  # cosines between which what is missing at the head's edge is left to the photo
_STRETCHED, _TORN = 1.8, 3.0  # areas at which pixels begin to be too few, and are
_STEP = 4  # pixels of a cell of the coarse field
_REACH = 0.35  # of the head's size in the photo, over which what is round it goes along
_STILL_PX = 0.02
_LIP_MM, _LIP_PX = 0.8, 1.5  # as far from the lips' inner edge, a photo shows for sure what is there
_MOUTH_FROM_MM, _MOUTH_TO_MM = 0.5, 2.0
_EDGE_PX = 2.5  # as far beside the head, pixels are its own
_BESIDE_CELLS = 4  # as far from the head's edge, pixels move as it does


@dataclass(frozen=True, eq=False)
class Moved:
    """What a photo becomes round a head that has changed its shape.

    Attributes
    ----------
    box : Rect
        Pixels that change; of size (h, w).
    x, y : float32 (h, w)
        The photo's pixel that each of them shows, counted from the middle of the first.
    places : float32 (h, w, 2)
        Where in the chart the skin lies that they show; -1 where they show none.
    head_box : Rect
        The part of it where the head itself has moved; of size (k, l).
    triangle : int32 (k, l)
        That is shown there, -1 where the head is not.
    missing : float32 (k, l)
        How far the photo lacks what is shown there, 0..1.
    vertices_cam : float64 (V, 3)
        Of the head, in camera space.
    """

    box: Rect
    x: Float32
    y: Float32
    places: Float32
    head_box: Rect
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
        As fitted to the photo, head space, mm.
    rasteriser : Rasteriser
    registration : Registration, optional
        Where from there the photo has lips and lids.

    Attributes
    ----------
    places : float32 (H, W, 2)
        Where in the chart the skin lies that the photo's pixels show; -1 where they show none.
    """

    def __init__(
        self,
        camera: PhotoCamera,
        head: Head,
        vertices: Float32,
        rasteriser: Rasteriser,
        registration: Registration | None = None,
    ) -> None:
        self._registration = registration
        vertices = self._registered(vertices)
        self._camera = camera
        self._head = head
        self._rasteriser = rasteriser
        self._parts_shown = parts_in_pictures(head)
        self._normals = VertexNormals(head.triangles, len(head.neutral))
        self._chart = np.full((len(head.neutral), 2), -1, np.float32)
        self._chart[: head.n_skin] = head.chart
        self._before = camera.to_camera(vertices)
        self._before_px = camera.pixels(self._before)
        facing = self._facing(vertices, self._before)
        self._carried = np.column_stack([self._before, facing, self._chart]).astype(np.float32)
        self._whole = Rect(0, 0, *camera.size)
        seen = self._seen(self._before, np.column_stack([self._before[:, 2], self._chart]), self._whole)
        self._on = seen.triangle >= 0
        self._part = self._parts(seen)
        self._depth = np.where(self._on, seen.values[..., 0], np.float32(np.inf))
        self.places = self._skin_places(seen, seen.values[..., 1:])
        self._cells_on = _cells(self._on.astype(np.float32))
        self._aside = self._beside_lips()
        self._has_aside = self._aside.any(axis=2)
        self._widen()

    def to(self, vertices: Float32) -> Moved | None:
        """The way to the head's new shape, as fitted ones are; None where nothing of it moves in the picture."""
        vertices = self._registered(vertices)
        after = self._camera.to_camera(vertices)
        after_px = self._camera.pixels(after)
        head_box = self._moved_box(after_px)
        if head_box.empty:
            return None
        turned = self._facing(vertices, after)
        seen = self._seen(after, np.column_stack([self._carried, turned]), head_box)
        offset, shown = self._offset(seen, head_box)
        missing = self._missing(seen, shown, after, after_px)
        field = self._field(offset, shown, seen.triangle >= 0, head_box)
        box = self._wider(field, head_box)
        flow = _enlarged(field, box)
        still = self._on[box.slices].copy()
        inside = head_box.relative_to(box).slices
        still[inside] = False
        flow[still] = 0
        _continue(flow[inside], offset, shown)
        flow[inside] = np.where(shown[..., None], offset, flow[inside])
        flow[~_moves(flow)] = 0
        places = self.places[box.slices].copy()
        places[inside] = self._skin_places(seen, seen.values[..., 4:6])
        columns, rows = _middles(box)
        x, y = columns + flow[..., 0], rows + flow[..., 1]
        return Moved(box, x, y, places, head_box, seen.triangle, missing, after)

    def _registered(self, vertices: Float32) -> Float32:
        return vertices if self._registration is None else vertices + self._registration.of(vertices)

    def _facing(self, vertices: Float32, vertices_cam: Float64) -> Float64:
        """Cosine of the angle between each vertex' normal and its way to the camera, (V,)."""
        normals = self._normals.of(vertices) @ self._camera.rotation.T
        cosine: Float64 = -np.einsum("ij,ij->i", normals, vertices_cam) / np.linalg.norm(vertices_cam, axis=1)
        return cosine

    def _seen(self, vertices_cam: Float64, values: npt.NDArray[np.floating], box: Rect) -> Surface:
        camera = self._camera
        centre = camera.centre - (box.x0, box.y0)
        carried = np.ascontiguousarray(values, np.float32)
        return self._rasteriser.surface(
            vertices_cam, self._head.triangles, carried, camera.focal_px, centre, (box.width, box.height)
        )

    def _parts(self, seen: Surface) -> npt.NDArray[np.integer]:
        return np.where(seen.triangle >= 0, self._parts_shown[seen.triangle], -1).astype(np.int8)

    def _skin_places(self, seen: Surface, chart: Float32) -> Float32:
        return np.where((self._parts(seen) == Part.SKIN)[..., None], chart, np.float32(-1))

    def _moved_box(self, after_px: Float64) -> Rect:
        """Pixels of triangles with a corner that has moved, where they were and are, and beside; whole cells."""
        moved = _moves(after_px - self._before_px)
        corners = np.unique(self._head.triangles[moved[self._head.triangles].any(axis=1)])
        if not len(corners):
            return EMPTY
        both = np.concatenate([after_px[corners], self._before_px[corners]])
        (left, top), (right, bottom) = both.min(axis=0) - 1, both.max(axis=0) + 1
        x0, y0 = (int(value // _STEP) - _BESIDE_CELLS for value in (left, top))
        x1, y1 = (int(-(-value // _STEP)) + _BESIDE_CELLS for value in (right, bottom))
        return self._pixels_of(Rect(x0, y0, x1, y1))

    def _torn(self, after_px: Float64) -> Float32:
        """How far each triangle has become too large for the pixels that the photo has of it, float32 (T,), 0..1."""
        before, after = (_areas(px, self._head.triangles) for px in (self._before_px, after_px))
        larger = after / np.where(before * np.sign(after) > 0, before, np.where(after == 0, 1, after / (2 * _TORN)))
        return np.clip((larger - _STRETCHED) / (_TORN - _STRETCHED), 0, 1).astype(np.float32)

    def _missing(self, seen: Surface, shown: Bool, after: Float64, after_px: Float64) -> Float32:
        """How far the photo lacks what is shown, float32 (k, l), 0..1."""
        missing = np.maximum(~shown, self._torn(after_px)[seen.triangle]) * (seen.triangle >= 0)
        parts = self._parts(seen)
        mouth = parts == Part.MOUTH
        missing[mouth] = np.maximum(missing[mouth], self._mouth_changed(after))
        edge = np.clip((seen.values[..., 6] - np.float32(_EDGE_FROM)) / np.float32(_EDGE_TO - _EDGE_FROM), 0, 1)
        return np.where(mouth, missing, missing * edge).astype(np.float32)

    def _mouth_changed(self, after: Float64) -> float:
        """How far the lips have moved for what lies between them, which no model knows, to be another."""
        lips = self._head.landmarks[60:68]
        moved = float(np.linalg.norm(after[lips] - self._before[lips], axis=1).max())
        return float(np.clip((moved - _MOUTH_FROM_MM) / (_MOUTH_TO_MM - _MOUTH_FROM_MM), 0, 1))

    def _offset(self, seen: Surface, box: Rect) -> tuple[Float32, Bool]:
        """From where in the photo the head's pixels come, as offsets in px (k, l, 2), and whether it shows them."""
        camera, values = self._camera, seen.values
        on = seen.triangle >= 0
        depth = np.where(on, values[..., 2], np.float32(1))
        scale = (np.float32(camera.focal_px) / depth)[..., None]
        source = np.asarray(values[..., :2] * scale + camera.centre, np.float32)
        width, height = camera.size
        column, row = (np.clip(source[..., k].astype(np.int32), 0, side - 1) for k, side in ((0, width), (1, height)))
        at = row * width + column
        shown = on & (self._part.ravel()[at] == self._parts(seen)) & (values[..., 3] > _GRAZING)
        shown &= depth < self._depth.ravel()[at] + np.float32(_HIDDEN_MM)
        near = np.nonzero(shown & self._has_aside.ravel()[at])
        source[near] += self._aside.reshape(-1, 2)[at[near]]
        for axis, middle in enumerate(_middles(box)):
            source[..., axis] -= middle + np.float32(0.5)
        return source, shown

    def _widen(self) -> None:
        """The pixels just beside the head show what its edge does, which lies between pixels."""
        beside = _beside(self._on, _EDGE_PX)
        self._part[beside.row, beside.column] = self._part[beside.nearest_row, beside.nearest_column]

    def _beside_lips(self) -> Float32:
        """From what lies on the lips' inner edge to what is well beside it, px (H, W, 2): on either side its like.

        A fit misses the edge by a little. Lips that move take no tooth along, and a mouth no lip.
        """
        opening = np.isin(self._part, (Part.TEETH, Part.MOUTH))
        aside = np.zeros((*opening.shape, 2), np.float32)
        box = Rect.around(opening)
        if box.empty:
            return aside
        reach = max(_LIP_MM * self._camera.focal_px / float(np.median(self._depth[opening])), _LIP_PX)
        beyond = int(reach) + 2
        around = Rect(box.x0 - beyond, box.y0 - beyond, box.x1 + beyond, box.y1 + beyond)
        window = around.intersection(self._whole).slices
        skin = self._part[window] == Part.SKIN
        for side in (skin, opening[window]):
            far = cv2.distanceTransform(side.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
            near = _beside(side & (far >= reach), 2 * reach)
            own = side[near.row, near.column]
            way = np.stack([near.nearest_column - near.column, near.nearest_row - near.row], axis=1)
            aside[window][near.row[own], near.column[own]] = way[own]
            slit = side & opening[window] & (far < reach) & (aside[window] == 0).all(axis=2)
            self._part[window][slit] = -1  # shows neither
        return aside

    def _field(self, offset: Float32, shown: Bool, head: Bool, box: Rect) -> Float32:
        """Offsets for the whole picture by cells: the head's where it is shown, its neighbours' else, fading to 0."""
        weight, on = self._cells_on.copy(), self._cells_on.copy()
        inside = _cells_of(box).slices
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

    def _wider(self, field: Float32, head_box: Rect) -> Rect:
        """The pixels that a field moves, those of the head included."""
        cells = Rect.around(_moves(field))
        around = Rect(cells.x0 - 1, cells.y0 - 1, cells.x1 + 1, cells.y1 + 1)
        return head_box if cells.empty else self._pixels_of(around).union(head_box)

    def _pixels_of(self, cells: Rect) -> Rect:
        return Rect(*(_STEP * side for side in (cells.x0, cells.y0, cells.x1, cells.y1))).intersection(self._whole)


class _Beside(NamedTuple):
    """Pixels beside chosen ones: where they are, which of those is their nearest, and how far that is in px."""

    row: npt.NDArray[np.intp]
    column: npt.NDArray[np.intp]
    nearest_row: npt.NDArray[np.intp]
    nearest_column: npt.NDArray[np.intp]
    distance: Float32


def _beside(chosen: Bool, reach: float) -> _Beside:
    """All that are nearer than `reach` px to a chosen pixel; none where none is chosen."""
    rows, columns = np.nonzero(chosen)
    distance, labels = cv2.distanceTransformWithLabels(
        (~chosen).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_label = np.zeros(len(rows) + 1, np.intp)
    of_label[labels[rows, columns]] = np.arange(len(rows))
    row, column = np.nonzero((distance > 0) & (distance < reach)) if len(rows) else (rows, columns)
    nearest = of_label[labels[row, column]]
    return _Beside(row, column, rows[nearest], columns[nearest], np.asarray(distance[row, column], np.float32))


def _continue(flow: Float32, offset: Float32, shown: Bool) -> None:
    """What is beside shown pixels moves as they do, and not as the cells say, which are too coarse for edges."""
    beside = _beside(shown, _BESIDE_CELLS * _STEP)
    edge = beside.nearest_row, beside.nearest_column
    share = 1 - beside.distance / (_BESIDE_CELLS * _STEP)
    flow[beside.row, beside.column] += (offset[edge] - flow[edge]) * share[:, None]


def _cells_of(pixels: Rect) -> Rect:
    """The cells with any of these pixels."""
    return Rect(pixels.x0 // _STEP, pixels.y0 // _STEP, -(-pixels.x1 // _STEP), -(-pixels.y1 // _STEP))


def _middles(box: Rect) -> tuple[Float32, Float32]:
    """Columns (w,) and rows (h, 1) of a box's pixels."""
    return np.arange(box.x0, box.x1, dtype=np.float32), np.arange(box.y0, box.y1, dtype=np.float32)[:, None]


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


def _enlarged(field: Float32, box: Rect) -> Float32:
    """A field of cells at the pixels of a box, (h, w, 2)."""
    cells = _cells_of(box)
    # The cells beside take part in what lies between.
    around = Rect(cells.x0 - 1, cells.y0 - 1, cells.x1 + 1, cells.y1 + 1)
    around = around.intersection(Rect(0, 0, field.shape[1], field.shape[0]))
    size = _STEP * around.width, _STEP * around.height
    wide = cv2.resize(field[around.slices], size, interpolation=cv2.INTER_LINEAR)
    return np.array(wide[box.relative_to(Rect(_STEP * around.x0, _STEP * around.y0, 0, 0)).slices], np.float32)
