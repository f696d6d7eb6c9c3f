"""Edits of a head in the photograph that it was found in, by ratio images.

Where the head is as the photo has it, each pixel is multiplied by the shading of the edited skin over that of the
original, both under the photo's light (FaceDet3D eq. 14; Liu et al., SIGGRAPH 2001): sharp, and pixels whose ratio is 1
stay as they are, bit for bit. Where the head's shape has changed, pixels come from where the photo shows the same point
of the head, and what is round the head goes along, ever less with the distance. What the photo never showed - teeth
behind closed lips, the lid of an open eye - is drawn from the head's own colours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.head import Head, Part
from rhytid.core.head.normals import vertex_normals
from rhytid.core.maps.albedo_map import Rgb
from rhytid.core.maps.cavity import cavity
from rhytid.core.maps.fill import fill_smoothly
from rhytid.core.maps.relief_normal import contravariant_tangents, relief_normals
from rhytid.core.maps.srgb import linear_from_srgb, srgb_from_linear
from rhytid.core.photo.camera import PhotoCamera
from rhytid.core.photo.light import PhotoLight, shaded
from rhytid.core.photo.masks import Masks
from rhytid.core.photo.rasteriser import Fragments, Rasteriser

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
UInt8 = npt.NDArray[np.uint8]
Bool = npt.NDArray[np.bool_]
Real = npt.NDArray[np.floating | np.integer]

_HIDDEN_MM = 2.5  # as far behind what is seen, a point is hidden
_GRAZING = 0.08  # cosine below which the photo shows nothing of a surface that can be used
_FEATHER_SHARE = 1 / 400  # of the photo's longer side
_FLOW_SCALE = 4  # pixels per step of the field that tells where pixels come from
_REACH = 0.35  # of the head's size in the photo, over which what is round it goes along
_STILL_PX = 0.02
_LARGEST_RATIO = 4.0
_TEETH, _MOUTH = (0.62, 0.53, 0.41), (0.16, 0.04, 0.035)
_DEEP_MM = 14.0  # behind the lips the mouth is half as bright
_EYE = (0.45, 0.42, 0.39)


@dataclass(frozen=True, eq=False)
class ShownSkin:
    """A head as it is shown.

    Attributes
    ----------
    vertices : float32 (V, 3)
        In the pose, head space, mm.
    displacement : float32 (R, R)
        Detail in mm.
    albedo : uint8 (A, A, 3)
        sRGB, in the chart.
    """

    vertices: Float32
    displacement: Float32
    albedo: UInt8


@dataclass(frozen=True, eq=False)
class PhotoScene:
    """A photo and all that is known of what it shows.

    Attributes
    ----------
    pixels : uint8 (H, W, 3)
        sRGB.
    masks : Masks
    camera : PhotoCamera
        For a picture of that size.
    light : PhotoLight
    darkening : 3 floats
        See `core.maps.cavity`.
    """

    pixels: UInt8
    masks: Masks
    camera: PhotoCamera
    light: PhotoLight
    darkening: Rgb


class EditedPhoto:
    """Draws edits into a photo. Made once for a photo; `picture` is for any number of edits.

    Parameters
    ----------
    scene : PhotoScene
    original : ShownSkin
        The head as it is in the photo.
    raster : ChartRaster
        Of the head, at the resolution at which ratios are computed.
    rasteriser : Rasteriser
    """

    def __init__(self, scene: PhotoScene, original: ShownSkin, raster: ChartRaster, rasteriser: Rasteriser) -> None:
        self._scene = scene
        self._raster = raster
        self._rasteriser = rasteriser
        self._head: Head = raster.head
        self._coefficients = scene.light.coefficients(raster.resolution)
        self._original = original
        self._level = self._log_level(original)
        self._linear = linear_from_srgb(scene.pixels / np.float32(255)).astype(np.float32)
        self._fragments = self._seen(original.vertices)
        brows_free = np.maximum(scene.masks.occluder, np.clip(scene.masks.hair - scene.masks.skin, 0, 1))
        self._bare = (1 - brows_free).astype(np.float32)
        self._still = self._places(self._fragments)

    def picture(self, edited: ShownSkin) -> UInt8:
        """The photo with the edits, uint8 (H, W, 3) sRGB."""
        ratio = np.exp(np.clip(self._log_level(edited) - self._level, -_log_largest(), _log_largest()))
        if np.array_equal(edited.vertices, self._original.vertices):
            return self._multiplied(self._scene.pixels, self._linear, ratio, self._still, self._bare)
        return self._moved(edited, ratio)

    def _log_level(self, skin: ShownSkin) -> Float32:
        """Logarithm of how bright the chart's skin is in the photo's light, float32 (R, R, 3)."""
        side, raster = self._raster.resolution, self._raster
        displacement = _sized(skin.displacement, side)
        normals = vertex_normals(skin.vertices, self._head.triangles)[: self._head.n_skin]
        normal = raster.sample(normals)
        normal /= np.maximum(np.linalg.norm(normal, axis=2, keepdims=True), np.float32(1e-6))
        position = raster.sample(skin.vertices[: self._head.n_skin])
        tilted = relief_normals(normal, contravariant_tangents(position), displacement)
        level = np.log(shaded(tilted, self._coefficients))
        dark = cavity(displacement)[..., None] * np.array(self._scene.darkening, np.float32)
        color = np.maximum(linear_from_srgb(_sized(skin.albedo, side) / np.float32(255)), 1e-3)
        level = np.asarray(level + dark + np.log(color), np.float32)
        return np.where(raster.covered[..., None], level, np.float32(0))

    def _seen(self, vertices: Float32) -> Fragments:
        camera = self._scene.camera
        return self._rasteriser.fragments(
            camera.to_camera(vertices), self._head.triangles, camera.focal_px, camera.centre, camera.size
        )

    def _places(self, seen: Fragments) -> Float32:
        """Where in the chart the skin lies that pixels show, float32 (H, W, 2); outside of it where they show none."""
        chart = np.full((len(self._head.neutral), 2), -1, np.float32)
        chart[: self._head.n_skin] = self._head.chart
        places = np.full((*seen.triangle.shape, 2), -1, np.float32)
        skin = (seen.triangle >= 0) & (self._parts(seen) == Part.SKIN)
        places[skin] = _interpolated(chart, self._head, seen, skin)
        return places

    def _parts(self, seen: Fragments) -> npt.NDArray[np.integer]:
        return np.where(seen.triangle >= 0, self._head.triangle_parts[np.maximum(seen.triangle, 0)], -1)

    def _multiplied(self, pixels: UInt8, linear: Float32, ratio: Float32, places: Float32, bare: Float32) -> UInt8:
        """`pixels`, whose linear colours are `linear`, where bare skin is seen times the ratio of its place."""
        factor = _read(ratio, places, cv2.BORDER_CONSTANT)
        factor = 1 + (factor - 1) * bare[..., None]
        changed = (factor != 1).any(axis=2)
        result = pixels.copy()
        result[changed] = _to_srgb(linear[changed] * factor[changed])
        return result

    def _moved(self, edited: ShownSkin, ratio: Float32) -> UInt8:
        """The photo with a head of another shape."""
        seen = self._seen(edited.vertices)
        flow, shown = self._flow(edited, seen)
        height, width = shown.shape
        at_x, at_y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        x, y = at_x + flow[..., 0], at_y + flow[..., 1]

        def taken(values: Real, way: int) -> npt.NDArray[Any]:
            return np.asarray(cv2.remap(values, x, y, way, borderMode=cv2.BORDER_REPLICATE))

        away = np.asarray((np.abs(flow) > _STILL_PX).any(axis=2), bool)
        pixels = np.where(away[..., None], taken(self._scene.pixels, cv2.INTER_CUBIC), self._scene.pixels)
        linear = np.where(away[..., None], np.clip(taken(self._linear, cv2.INTER_CUBIC), 0, 1), self._linear)
        bare = np.where(away, taken(self._bare, cv2.INTER_LINEAR), self._bare)
        picture = self._multiplied(pixels, linear, ratio, self._places(seen), bare)
        never = (seen.triangle >= 0) & ~shown
        feather = max(_FEATHER_SHARE * max(width, height), 0.8)
        solid = cv2.morphologyEx(never.astype(np.float32), cv2.MORPH_OPEN, np.ones((3, 3)))
        share = cv2.GaussianBlur(solid, (0, 0), feather)
        drawn = share > 1 / 255
        mixed = linear_from_srgb(picture[drawn] / np.float32(255))
        own = self._own_colors(edited, seen)[drawn]
        picture[drawn] = _to_srgb(mixed + (own - mixed) * share[drawn][:, None])
        return picture

    def _flow(self, edited: ShownSkin, seen: Fragments) -> tuple[Float32, Bool]:
        """Where the photo has what each pixel shows, as offsets in px (H, W, 2), and whether it shows it (H, W)."""
        camera, head = self._scene.camera, self._head
        on = seen.triangle >= 0
        height, width = on.shape
        before = camera.to_camera(self._original.vertices)
        points = _interpolated(before.astype(np.float32), head, seen, on)
        source = camera.pixels(np.maximum(points, (-np.inf, -np.inf, 1.0)))
        column, row = np.clip(source.astype(np.intp), 0, (width - 1, height - 1)).T
        same_part = self._parts(self._fragments)[row, column] == self._parts(seen)[on]
        normals = vertex_normals(self._original.vertices, head.triangles).astype(np.float32)
        normal = _interpolated(normals @ camera.rotation.T.astype(np.float32), head, seen, on)
        facing = -np.einsum("ij,ij->i", normal, points) / np.linalg.norm(points, axis=1)
        ahead = points[:, 2] < self._fragments.depth[row, column] + _HIDDEN_MM
        shown = np.zeros(on.shape, bool)
        shown[on] = same_part & ahead & (facing > _GRAZING)
        rows, columns = np.nonzero(on)
        offset = np.zeros((*on.shape, 2), np.float32)
        offset[on] = source - np.stack([columns + 0.5, rows + 0.5], axis=1)
        return self._spread(offset, shown, on), shown

    def _spread(self, offset: Float32, shown: Bool, head: Bool) -> Float32:
        """Offsets everywhere: the head's own where it is shown, its neighbours' else, fading to 0 away from it."""
        height, width = shown.shape
        small = (max(width // _FLOW_SCALE, 1), max(height // _FLOW_SCALE, 1))
        weight = cv2.resize(shown.astype(np.float32), small, interpolation=cv2.INTER_AREA)
        known = weight > 0.5
        reach = _REACH * float(np.sqrt(max(head.sum(), 1))) / _FLOW_SCALE
        beside = cv2.resize((~head).astype(np.uint8), small, interpolation=cv2.INTER_NEAREST)
        distance = cv2.distanceTransform(beside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        t = np.clip(1 - distance / reach, 0, 1)
        fade = t * t * (3 - 2 * t)
        result = np.empty_like(offset)
        for axis in range(2):
            part = np.asarray(cv2.resize(offset[..., axis] * shown, small, interpolation=cv2.INTER_AREA), np.float32)
            part = np.divide(part, weight, out=np.zeros_like(part), where=weight > 0)
            filled = cv2.GaussianBlur(fill_smoothly(part, known), (0, 0), 1.0) * fade
            wide = cv2.resize(filled.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
            result[..., axis] = np.where(shown, offset[..., axis], wide)
        return result

    def _own_colors(self, edited: ShownSkin, seen: Fragments) -> Float32:
        """The head's colours in the photo's light, linear (H, W, 3): skin from the albedo, plain teeth and mouth."""
        head, on = self._head, seen.triangle >= 0
        normals = vertex_normals(edited.vertices, head.triangles).astype(np.float32)
        normal = _interpolated(normals, head, seen, on)
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), np.float32(1e-6))
        parts = self._parts(seen)[on]
        albedo = np.empty((len(parts), 3), np.float32)
        skin = _read(edited.albedo, self._places(seen), cv2.BORDER_REPLICATE)
        albedo[:] = linear_from_srgb(skin[on] / np.float32(255))
        for part, color in ((Part.TEETH, _TEETH), (Part.MOUTH, _MOUTH), (Part.EYE_LEFT, _EYE), (Part.EYE_RIGHT, _EYE)):
            albedo[parts == part] = color
        inside = np.isin(parts, (Part.TEETH, Part.MOUTH))
        lips = self._scene.camera.to_camera(edited.vertices[head.landmarks[48:60]])[:, 2].mean()
        dark = np.exp2(-np.maximum(seen.depth[on] - lips, 0) / _DEEP_MM)
        albedo[inside] *= np.minimum(dark[inside], 1)[:, None]
        result = np.zeros((*on.shape, 3), np.float32)
        result[on] = albedo * self._scene.light.even_shading(normal)
        return result


def _read(chart: Real, places: Float32, border: int) -> Float32:
    """A map of the chart at places (H, W, 2) of it; with `BORDER_CONSTANT` 1 outside."""
    x, y = (np.ascontiguousarray(places[..., i] * len(chart) - np.float32(0.5)) for i in range(2))
    read = cv2.remap(chart, x, y, cv2.INTER_LINEAR, borderMode=border, borderValue=(1, 1, 1))
    return np.asarray(read, np.float32)


def _interpolated(values: Float32, head: Head, seen: Fragments, where: Bool) -> Float32:
    """Values per vertex (V, C) at the pixels `where`, (N, C)."""
    corners = values[head.triangles[seen.triangle[where]]]
    return np.asarray(np.einsum("ij,ijk->ik", seen.barycentric[where], corners), np.float32)


def _log_largest() -> np.float32:
    return np.float32(np.log(_LARGEST_RATIO))


def _sized(values: Real, side: int) -> Float32:
    if len(values) != side:
        way = cv2.INTER_AREA if len(values) > side else cv2.INTER_LINEAR
        values = cv2.resize(values, (side, side), interpolation=way)
    return np.asarray(values, np.float32)


def _to_srgb(linear: npt.NDArray[np.floating]) -> UInt8:
    return np.round(srgb_from_linear(np.clip(linear, 0, 1)) * 255).astype(np.uint8)
