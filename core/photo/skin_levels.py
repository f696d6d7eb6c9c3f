"""How bright the skin of a head is in a photo's light, over the chart, and again only where the skin has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.normals import VertexNormals, chart_tangents
from rhytid.core.maps.albedo_map import Rgb
from rhytid.core.maps.cavity import CELLS, cavity
from rhytid.core.maps.harmonics import N_HARMONICS, harmonic_planes
from rhytid.core.maps.rect import EMPTY, Rect
from rhytid.core.maps.relief_normal import contravariant
from rhytid.core.maps.srgb import linear_from_srgb
from rhytid.core.maps.units import SIDE
from rhytid.core.photo.light import LEAST_SHADING, PhotoLight

Float32 = npt.NDArray[np.float32]
UInt8 = npt.NDArray[np.uint8]
Bool = npt.NDArray[np.bool_]

_DARKEST = 1e-3  # linear albedo
_LOG_ALBEDO = np.log(np.maximum(linear_from_srgb(np.arange(256) / 255), _DARKEST)).astype(np.float32)


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
        sRGB, in the chart. The same array is taken to have the same values.
    """

    vertices: Float32
    displacement: Float32
    albedo: UInt8


class SkinLevels:
    """Logarithms of how bright skin is: of its shading by the photo's light, its colour and its dark wrinkles.

    Parameters
    ----------
    raster : ChartRaster
    light : PhotoLight
    darkening : 3 floats
        See `core.maps.cavity`.
    first : ShownSkin

    Attributes
    ----------
    log : float32 (R, R, 3)
        Of the skin that was followed last, 0 where no skin lies. Its values change with `follow`.
    color : float32 (R, R, 3)
        The part of it that the albedo has; not to be changed.
    """

    def __init__(self, raster: ChartRaster, light: PhotoLight, darkening: Rgb, first: ShownSkin) -> None:
        self._raster = raster
        self._side = side = raster.resolution
        head = raster.head
        self._normals = VertexNormals(head.triangles, len(head.neutral))
        self._matrix = raster.matrix()
        self._coefficients = np.ascontiguousarray(light.coefficients(side).transpose(0, 3, 1, 2))
        self._darkening = np.array(darkening, np.float32)
        self._bare = ~raster.covered
        # Unit normal and the two contravariant tangents of the smooth skin, nine planes.
        self._frame = np.zeros((9, side, side), np.float32)
        self.log = np.zeros((side, side, 3), np.float32)
        self.color = np.zeros((side, side, 3), np.float32)
        self._skin: ShownSkin | None = None
        self._per_vertex: Float32 = np.zeros((0, 9), np.float32)
        self._displacement = np.zeros((side, side), np.float32)
        self.follow(first)

    def follow(self, skin: ShownSkin) -> Rect:
        """Take other skin; the texels whose level may have changed."""
        changed = self._take_shape(skin).union(self._take_color(skin)).union(self._take_displacement(skin))
        self._skin = skin
        if not changed.empty:
            self._redo(changed)
        return changed

    def _take_shape(self, skin: ShownSkin) -> Rect:
        if self._skin is not None and skin.vertices is self._skin.vertices:
            return EMPTY
        head, side = self._raster.head, self._side
        normals = self._normals.of(skin.vertices)[: head.n_skin]
        along_x, along_y = (tangent / np.float32(SIDE) for tangent in chart_tangents(head, skin.vertices))
        per_vertex = np.concatenate([normals, contravariant(along_x, along_y).reshape(-1, 6)], axis=1)
        changed = Rect.whole(side)
        if len(self._per_vertex):
            changed = self._texels_at((per_vertex != self._per_vertex).any(axis=1))
        self._per_vertex = per_vertex
        if not changed.empty:
            texels = self._matrix[changed.y0 * side : changed.y1 * side] @ per_vertex
            self._frame[:, changed.slices[0]] = texels.reshape(changed.height, side, 9).transpose(2, 0, 1)
        return changed

    def _texels_at(self, chosen: Bool) -> Rect:
        """The texels of all triangles with such a vertex."""
        head, side = self._raster.head, self._side
        corners = head.chart[head.skin_triangles[chosen[head.skin_triangles].any(axis=1)]].reshape(-1, 2) * side
        if not len(corners):
            return EMPTY
        x0, y0 = (int(np.floor(value)) for value in corners.min(axis=0))
        x1, y1 = (int(np.ceil(value)) for value in corners.max(axis=0))
        return Rect(x0, y0, x1, y1).intersection(Rect.whole(side))

    def _take_color(self, skin: ShownSkin) -> Rect:
        if self._skin is not None and skin.albedo is self._skin.albedo:
            return EMPTY
        self.color = np.asarray(cv2.LUT(_resized(skin.albedo, self._side), _LOG_ALBEDO), np.float32)
        return Rect.whole(self._side)

    def _take_displacement(self, skin: ShownSkin) -> Rect:
        if self._skin is not None and skin.displacement is self._skin.displacement:
            return EMPTY
        displacement = np.asarray(_resized(skin.displacement, self._side), np.float32)
        changed = Rect.around(displacement != self._displacement)
        self._displacement = displacement
        # What is deep depends on the skin around, which is known by cells and between their middles.
        return changed.grown(2 * max(self._side // CELLS, 1), self._side)

    def _redo(self, changed: Rect) -> None:
        inside = changed.slices
        frame = self._frame[(slice(None), *inside)]
        around = changed.grown(1, self._side)
        within = changed.relative_to(around).slices
        relief = self._displacement[around.slices]
        scale = np.float32(self._side / SIDE)
        slope_x, slope_y = (np.gradient(relief, axis=axis)[within] * scale for axis in (1, 0))
        normal = frame[:3] - slope_x * frame[3:6] - slope_y * frame[6:9]
        normal /= np.maximum(np.sqrt(np.square(normal).sum(axis=0)), np.float32(1e-6))
        dark = cavity(self._displacement)[inside] if self._darkening.any() else None
        level = self.log[inside]
        basis = harmonic_planes(normal)
        for channel in range(3):
            shading = np.zeros(level.shape[:2], np.float32)
            for k in range(N_HARMONICS):
                shading += basis[k] * self._coefficients[(k, channel, *inside)]
            of_channel = np.log(np.maximum(shading, np.float32(LEAST_SHADING))) + self.color[(*inside, channel)]
            if dark is not None:
                of_channel += dark * self._darkening[channel]
            level[..., channel] = of_channel
        level[self._bare[inside]] = 0


def _resized(values: npt.NDArray[Any], side: int) -> npt.NDArray[Any]:
    if len(values) == side:
        return values
    way = cv2.INTER_AREA if len(values) > side else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(values, (side, side), interpolation=way), values.dtype)
