"""What the rendering network sees of an edit: a square of the photo round the face, and what the head's geometry says.

The square has 512 px whatever the photo's size, so that faces are always about as large as those that it learned from.
Names follow FaceDet3D, section 3.3: what lies in `coarse` is rasterised from the smooth head (their G_P), what lies in
`fine` from the head with its relief (G_D).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.eye_flesh import parts_in_pictures
from rhytid.core.head.head import Part
from rhytid.core.head.normals import vertex_normals
from rhytid.core.maps.cavity import above_around
from rhytid.core.maps.rect import Rect
from rhytid.core.photo.camera import PhotoCamera
from rhytid.core.photo.edited_photo import Drawn, EditedPhoto
from rhytid.core.photo.rasteriser import Rasteriser
from rhytid.core.photo.skin_levels import ShownSkin

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
UInt8 = npt.NDArray[np.uint8]
Bool = npt.NDArray[np.bool_]

SIDE_PX = 512
COARSE_PX = 128
ALBEDO_SIDE = 128
FINE = ("red", "green", "blue", "level", "level_change", "relief", "relief_change", "missing", "skin", "mouth", "eyes")
COARSE = (
    "normal_x", "normal_y", "normal_z", "normal_before_x", "normal_before_y", "normal_before_z",
    "shading", "shading_change", "depth", "depth_change", "light_x", "light_y", "light_z",
)  # fmt: skip
_CHART_SIDE = 512
_MARGIN = 0.08  # of the face's size, round it
_RELIEF_MM, _DEPTH_MM, _DEPTH_CHANGE_MM = 0.1, 50.0, 5.0  # units
_STILL_PX = 0.02
_FEATHER_PX, _EDGE_PX = 6.0, 24
_AMPLITUDE_PX, _FULL, _PER_PX = 6.0, 0.02, 0.04


@dataclass(frozen=True, eq=False)
class RenderBuffers:
    """One edit as the network sees it.

    Attributes
    ----------
    fine : float32 (11, 512, 512)
        `FINE`: the picture by ratio images, sRGB 0..1; logarithm of the shaded albedo, and its change; relief over the
        skin around, and its change, 0.1 mm; what the photo lacks; which part of the head is shown.
    coarse : float32 (13, 128, 128)
        `COARSE`: normals of the smooth head after and before in camera space, its shading and depth, and from where
        the light comes.
    places : float32 (512, 512, 2)
        Where in the chart the skin lies, -1 for none.
    share : float32 (512, 512)
        How far what the network says counts: 0 where nothing is edited, rising with the distance from there and with
        how much is changed.
    """

    fine: Float32
    coarse: Float32
    places: Float32
    share: Float32


class RenderFrame:
    """The square of a photo that the network sees.

    Parameters
    ----------
    photo : EditedPhoto
    rasteriser : Rasteriser

    Attributes
    ----------
    box : Rect
        Pixels of the photo; may reach beyond it.
    """

    def __init__(self, photo: EditedPhoto, rasteriser: Rasteriser) -> None:
        self._photo = photo
        self._rasteriser = rasteriser
        camera, head, vertices = photo.scene.camera, photo.head, photo.original.vertices
        self._before_cam = camera.to_camera(vertices)
        in_chart = np.flatnonzero(((head.chart >= 0) & (head.chart <= 1)).all(axis=1))
        self.box = _square_round(camera.pixels(self._before_cam[in_chart]))
        scale = SIDE_PX / self.box.width
        centre = (camera.centre - (self.box.x0, self.box.y0)) * scale
        size = (SIDE_PX, SIDE_PX)
        self._camera = PhotoCamera(camera.rotation, camera.translation, camera.focal_px * scale, centre, size)
        self._distance = float(self._before_cam[in_chart, 2].mean())
        self._chart = np.full((len(head.neutral), 2), -1, np.float32)
        self._chart[: head.n_skin] = head.chart
        self._before = self._geometry(vertices, self._before_cam)
        self._relief_before = _relief(photo.original.displacement)
        self._bare = self.cut(photo.bare)

    def cut(self, picture: npt.NDArray[np.generic]) -> Float32:
        """The square of a picture (H, W) or (H, W, 3), at 512 px; the photo's border goes on beyond it."""
        height, width = picture.shape[:2]
        inside = self.box.intersection(Rect(0, 0, width, height))
        part = np.asarray(picture[inside.slices], np.float32)
        beyond = (inside.y0 - self.box.y0, self.box.y1 - inside.y1, inside.x0 - self.box.x0, self.box.x1 - inside.x1)
        padded = cv2.copyMakeBorder(part, *beyond, cv2.BORDER_REPLICATE)
        return np.asarray(cv2.resize(padded, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA), np.float32)

    def buffers(self, edited: ShownSkin, drawn: Drawn) -> RenderBuffers:
        """What the network sees of an edit that ratio images have drawn."""
        after_cam = self._camera.to_camera(edited.vertices)
        geometry = self._geometry(edited.vertices, after_cam)
        parts, shown = self._surface(after_cam, np.column_stack([self._chart, geometry]))
        _, before = self._surface(after_cam, np.column_stack([self._before[:, :4], self._before_cam]))
        skin = parts == Part.SKIN
        places = np.where(skin[..., None], shown[..., :2], np.float32(-1))
        level, level_before = (_at(_chart_sized(one.mean(axis=2)), places) for one in (drawn.level, drawn.level_before))
        relief, relief_before = (_at(one, places) for one in (_relief(edited.displacement), self._relief_before))
        missing = self._missing(drawn)
        fine = np.stack([
            *np.moveaxis(self.cut(drawn.picture) / np.float32(255), -1, 0),
            level, level - level_before, relief, relief - relief_before, missing,
            skin, (parts == Part.TEETH) | (parts == Part.MOUTH), (parts == Part.EYE_LEFT) | (parts == Part.EYE_RIGHT),
        ]).astype(np.float32)  # fmt: skip
        middle = np.arange(SIDE_PX, dtype=np.float32) + np.float32(0.5)
        depth = np.where(parts[..., None] >= 0, before[..., 6:], np.float32(1))
        source = before[..., 4:6] * (np.float32(self._camera.focal_px) / depth) + self._camera.centre
        moved = (source - np.stack(np.broadcast_arrays(middle, middle[:, None]), axis=-1)).astype(np.float32)
        changed = changed_at(drawn, places)
        share = self._share(parts >= 0, changed, moved, np.abs(level - level_before), missing)
        depth_before = (before[..., 6:] - np.float32(self._distance)) / np.float32(_DEPTH_MM) * (parts[..., None] >= 0)
        coarse = self._coarse(shown[..., 2:7], np.concatenate([before[..., :4], depth_before], axis=-1))
        return RenderBuffers(fine, coarse, places, share)

    def _geometry(self, vertices: Float32, vertices_cam: Float64) -> Float32:
        """Normals in camera space, logarithm of the smooth shading, and depth, of each vertex, (V, 5)."""
        normals = vertex_normals(vertices, self._photo.head.triangles)
        shading = np.log(self._photo.scene.light.even_shading(normals.astype(np.float32)).mean(axis=1))
        depth = (vertices_cam[:, 2] - self._distance) / _DEPTH_MM
        return np.column_stack([normals @ self._camera.rotation.T, shading, depth]).astype(np.float32)

    def _surface(
        self, vertices_cam: Float64, values: npt.NDArray[np.floating]
    ) -> tuple[npt.NDArray[np.int8], Float32]:
        """Part of the head that each pixel shows, -1 for none, and values of its vertices there."""
        camera, head = self._camera, self._photo.head
        carried = np.ascontiguousarray(values, np.float32)
        seen = self._rasteriser.surface(
            vertices_cam, head.triangles, carried, camera.focal_px, camera.centre, camera.size
        )
        part = np.where(seen.triangle >= 0, parts_in_pictures(head)[seen.triangle], -1).astype(np.int8)
        return part, seen.values

    def _coarse(self, after: Float32, before: Float32) -> Float32:
        values = np.concatenate(
            [after[..., :3], before[..., :3], after[..., 3:], after[..., 3:] - before[..., 3:]], axis=-1
        )
        small = cv2.resize(values, (COARSE_PX, COARSE_PX), interpolation=cv2.INTER_AREA)
        # Shading and its change, then depth and its change.
        planes = np.moveaxis(small, -1, 0)[[0, 1, 2, 3, 4, 5, 6, 8, 7, 9]]
        planes[9] *= np.float32(_DEPTH_MM / _DEPTH_CHANGE_MM)
        sh9 = self._photo.scene.light.sh9.mean(axis=1)
        light = self._camera.rotation @ (sh9[[3, 1, 2]] / max(float(sh9[0]), 1e-3))
        constant = np.broadcast_to(light.astype(np.float32)[:, None, None], (3, COARSE_PX, COARSE_PX))
        return np.concatenate([planes, constant]).astype(np.float32)

    def _missing(self, drawn: Drawn) -> Float32:
        moved = drawn.moved
        if moved is None or not moved.missing.any():
            return np.zeros((SIDE_PX, SIDE_PX), np.float32)
        whole = np.zeros(drawn.picture.shape[:2], np.float32)
        whole[moved.head_box.slices] = moved.missing
        return self.cut(whole)

    def _share(self, on: Bool, changed: Bool, moved: Float32, level_change: Float32, missing: Float32) -> Float32:
        distance = np.linalg.norm(moved, axis=2) * on
        edited = on & (changed | (distance > _STILL_PX) | (missing > 0))
        much = level_change + np.float32(_PER_PX) * distance + missing
        amplitude = np.clip(cv2.GaussianBlur(much, (0, 0), _AMPLITUDE_PX) / np.float32(_FULL), 0, 1)
        inside = cv2.distanceTransform(edited.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        border = np.minimum(np.arange(SIDE_PX), np.arange(SIDE_PX)[::-1]) / np.float32(_EDGE_PX)
        border = np.minimum(border, 1)
        column = np.arange(SIDE_PX, dtype=np.float32)
        x, y = moved[..., 0] + column, moved[..., 1] + column[:, None]
        bare = cv2.remap(self._bare, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        share = amplitude * np.clip(inside / np.float32(_FEATHER_PX), 0, 1) * bare
        return np.asarray(share * np.minimum(border, border[:, None]), np.float32)


def albedo_sized(albedo: UInt8) -> UInt8:
    """Skin colour as the network gets it, uint8 (128, 128, 3)."""
    return np.asarray(cv2.resize(albedo, (ALBEDO_SIDE, ALBEDO_SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def changed_at(drawn: Drawn, places: Float32) -> Bool:
    """Which pixels read texels whose level is another."""
    changed = (drawn.level != drawn.level_before).any(axis=2).astype(np.float32)
    return _at(changed, places) > 0


def _square_round(points: Float64) -> Rect:
    low, high = points.min(axis=0), points.max(axis=0)
    side = int(np.ceil((1 + 2 * _MARGIN) * float((high - low).max())))
    x0, y0 = (round(float(value)) for value in (low + high) / 2 - side / 2)
    return Rect(x0, y0, x0 + side, y0 + side)


def _relief(displacement: Float32) -> Float32:
    """Height over the skin around in 0.1 mm, float32 (512, 512)."""
    return above_around(_chart_sized(displacement)) / np.float32(_RELIEF_MM)


def _chart_sized(values: Float32) -> Float32:
    if len(values) == _CHART_SIDE:
        return values
    way = cv2.INTER_AREA if len(values) > _CHART_SIDE else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(values, (_CHART_SIDE, _CHART_SIDE), interpolation=way), np.float32)


def _at(chart: Float32, places: Float32) -> Float32:
    """A map of the chart at places (H, W, 2) of it, 0 outside."""
    x, y = (np.ascontiguousarray(places[..., i] * len(chart) - np.float32(0.5)) for i in range(2))
    read = cv2.remap(chart, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(read, np.float32)
