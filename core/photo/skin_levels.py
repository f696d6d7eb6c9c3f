"""How bright the skin of a head is in a photo's light, over the chart, and again only where the skin has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.normals import VertexNormals, chart_tangents
from rhytid.core.maps.albedo_map import Rgb
from rhytid.core.maps.cavity import CELLS, cavity
from rhytid.core.maps.harmonics import N_HARMONICS, harmonic_planes
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


class Box(NamedTuple):
    """Rows and columns of a raster, the last ones excluded."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.right - self.left, self.bottom - self.top

    def grown(self, by: int, height: int, width: int) -> Box:
        """With so many more on each side, within a raster."""
        return Box(
            max(self.top - by, 0), min(self.bottom + by, height), max(self.left - by, 0), min(self.right + by, width)
        )

    def joined(self, other: Box | None) -> Box:
        """What holds both."""
        if other is None:
            return self
        return Box(
            min(self.top, other.top), max(self.bottom, other.bottom),
            min(self.left, other.left), max(self.right, other.right),
        )  # fmt: skip


def box_of(where: Bool) -> Box | None:
    """The smallest box with all that is true in (H, W); None where nothing is."""
    rows, columns = np.flatnonzero(where.any(axis=1)), np.flatnonzero(where.any(axis=0))
    return Box(int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1) if rows.size else None


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
        self._color = np.zeros((side, side, 3), np.float32)
        self._skin: ShownSkin | None = None
        self._per_vertex: Float32 = np.zeros((0, 9), np.float32)
        self._displacement = np.zeros((side, side), np.float32)
        self.follow(first)

    def follow(self, skin: ShownSkin) -> Box | None:
        """Take other skin; the texels whose level may have changed, None where none has."""
        shape, colored = self._take_shape(skin), self._take_color(skin)
        box = self._take_displacement(skin)
        for other in (shape, colored):
            box = box.joined(other) if box is not None else other
        self._skin = skin
        if box is not None:
            self._redo(box)
        return box

    def _take_shape(self, skin: ShownSkin) -> Box | None:
        if self._skin is not None and skin.vertices is self._skin.vertices:
            return None
        head, side = self._raster.head, self._side
        normals = self._normals.of(skin.vertices)[: head.n_skin]
        along_x, along_y = (tangent / np.float32(SIDE) for tangent in chart_tangents(head, skin.vertices))
        per_vertex = np.concatenate([normals, contravariant(along_x, along_y).reshape(-1, 6)], axis=1)
        box: Box | None = Box(0, side, 0, side)
        if len(self._per_vertex):
            changed = (per_vertex != self._per_vertex).any(axis=1)
            box = self._box_of_vertices(changed)
        self._per_vertex = per_vertex
        if box is None:
            return None
        rows = slice(box.top * side, box.bottom * side)
        texels = (self._matrix[rows] @ per_vertex).reshape(box.bottom - box.top, side, 9)
        self._frame[:, box.top : box.bottom] = texels.transpose(2, 0, 1)
        return box

    def _box_of_vertices(self, chosen: Bool) -> Box | None:
        """The texels of all triangles with such a vertex."""
        head, side = self._raster.head, self._side
        corners = head.chart[head.skin_triangles[chosen[head.skin_triangles].any(axis=1)]].reshape(-1, 2) * side
        if not len(corners):
            return None
        left, top = (max(int(np.floor(value)), 0) for value in corners.min(axis=0))
        right, bottom = (min(int(np.ceil(value)), side) for value in corners.max(axis=0))
        return Box(top, bottom, left, right) if top < bottom and left < right else None

    def _take_color(self, skin: ShownSkin) -> Box | None:
        if self._skin is not None and skin.albedo is self._skin.albedo:
            return None
        self._color = np.asarray(cv2.LUT(_resized(skin.albedo, self._side), _LOG_ALBEDO), np.float32)
        return Box(0, self._side, 0, self._side)

    def _take_displacement(self, skin: ShownSkin) -> Box | None:
        if self._skin is not None and skin.displacement is self._skin.displacement:
            return None
        displacement = np.asarray(_resized(skin.displacement, self._side), np.float32)
        box = box_of(displacement != self._displacement)
        self._displacement = displacement
        # What is deep depends on the skin around, which is known by cells and between their middles.
        return None if box is None else box.grown(2 * max(self._side // CELLS, 1), self._side, self._side)

    def _redo(self, box: Box) -> None:
        inside = box.slices
        frame = self._frame[(slice(None), *inside)]
        around = box.grown(1, self._side, self._side)
        within = (slice(box.top - around.top, box.bottom - around.top),
                  slice(box.left - around.left, box.right - around.left))  # fmt: skip
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
            of_channel = np.log(np.maximum(shading, np.float32(LEAST_SHADING))) + self._color[(*inside, channel)]
            if dark is not None:
                of_channel += dark * self._darkening[channel]
            level[..., channel] = of_channel
        level[self._bare[inside]] = 0


def _resized(values: npt.NDArray[Any], side: int) -> npt.NDArray[Any]:
    if len(values) == side:
        return values
    way = cv2.INTER_AREA if len(values) > side else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(values, (side, side), interpolation=way), values.dtype)
