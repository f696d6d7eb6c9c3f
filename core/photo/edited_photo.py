"""Edits of a head in the photograph that it was found in, by ratio images.

Where the head is as the photo has it, each pixel is multiplied by the shading of the edited skin over that of the
original, both under the photo's light (FaceDet3D eq. 14; Liu et al., SIGGRAPH 2001): sharp, and pixels whose ratio is 1
stay as they are, bit for bit. Where the head's shape has changed, pixels come from where the photo shows the same point
of the head, and what is round the head goes along, ever less with the distance. What the photo never showed - teeth
behind closed lips, the lid of an open eye - is drawn from the head's own colours.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.eye_flesh import parts_in_pictures
from rhytid.core.head.head import Head, Part
from rhytid.core.head.normals import vertex_normals
from rhytid.core.maps.albedo_map import Rgb
from rhytid.core.maps.eye_color import eye_color
from rhytid.core.maps.fill import fill_smoothly
from rhytid.core.maps.rect import Rect
from rhytid.core.maps.srgb import linear_from_srgb, srgb_from_linear
from rhytid.core.photo.camera import PhotoCamera
from rhytid.core.photo.light import PhotoLight
from rhytid.core.photo.masks import Masks
from rhytid.core.photo.photo_flow import Moved, PhotoFlow
from rhytid.core.photo.rasteriser import Rasteriser, ray_weights
from rhytid.core.photo.registration import Registration
from rhytid.core.photo.skin_levels import ShownSkin, SkinLevels

Float32 = npt.NDArray[np.float32]
UInt8 = npt.NDArray[np.uint8]

_FEATHER_SHARE = 1 / 400  # of the photo's longer side
_LARGEST_RATIO = 4.0
_EDGE_PX = 1.3  # by which the mouth's opening is softened
_TEETH, _MOUTH = (0.5, 0.43, 0.33), (0.16, 0.04, 0.035)
_DEEP_MM = np.array([18.0, 12.0, 11.0])  # behind the lips the mouth is half as bright: red goes deepest
_BARE = 0.9
_COARSE, _EVEN_CELLS = 4, 1.5  # px of a cell, and cells over which what is left over is the same
_DARKEST, _MOST_LEFT_OVER = 1e-3, 0.7
_LIDS_MM = 19.0  # as far from the middle of an eyeball
_LIDS_SHADE = 0.6  # of the light on eyeballs
_ROW = 1024  # colours of eyes are looked up in rows of so many
# Linear light in steps that are finer than those of sRGB anywhere: there and back a colour stays as it is.
_STEPS = (1 << 16) - 1
_TO_STEPS = (linear_from_srgb(np.arange(256) / 255) * _STEPS).astype(np.float32)
_FROM_STEPS = np.round(srgb_from_linear(np.arange(_STEPS + 1) / _STEPS) * 255).astype(np.uint8)


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
    iris : 3 floats, optional
        Linear colour of the irises; that of the program's head by default.
    registration : Registration, optional
        Where the photo has lips and lids; where the head has them by default.
    """

    pixels: UInt8
    masks: Masks
    camera: PhotoCamera
    light: PhotoLight
    darkening: Rgb
    iris: Rgb | None = None
    registration: Registration | None = None


@dataclass(frozen=True, eq=False)
class Drawn:
    """A picture by ratio images, and what it was made of.

    Attributes
    ----------
    picture : uint8 (H, W, 3)
        sRGB.
    moved : Moved or None
        Where its pixels come from; None where nothing has moved.
    level, level_before : float32 (R, R, 3)
        Logarithm of how bright the skin is in the photo's light, in the chart, as edited and as it was; to be read
        before the next edit is drawn.
    """

    picture: UInt8
    moved: Moved | None
    level: Float32
    level_before: Float32


class EditedPhoto:
    """Draws edits into a photo. Made once for a photo; `picture` is for any number of edits.

    What an edit has in common with the one before is not worked out again.

    Parameters
    ----------
    scene : PhotoScene
    original : ShownSkin
        The head as it is in the photo.
    raster : ChartRaster
        Of the head, at the resolution at which ratios are computed.
    rasteriser : Rasteriser

    Attributes
    ----------
    scene : PhotoScene
    head : Head
    original : ShownSkin
    places : float32 (H, W, 2)
        Where in the chart the skin lies that the photo's pixels show; -1 where they show none.
    bare : float32 (H, W)
        How far nothing is in front of the head, 0..1.
    """

    def __init__(self, scene: PhotoScene, original: ShownSkin, raster: ChartRaster, rasteriser: Rasteriser) -> None:
        self.scene = scene
        self.head: Head = raster.head
        self.original = original
        self._levels = SkinLevels(raster, scene.light, scene.darkening, original)
        self._level = self._levels.log.copy()
        self._ratio = np.ones_like(self._level)
        self._flow = PhotoFlow(scene.camera, raster.head, original.vertices, rasteriser, scene.registration)
        self.places = self._flow.places
        self._skin_box = Rect.around(self.places[..., 0] >= 0)
        covered = np.maximum(scene.masks.occluder, np.clip(scene.masks.hair - scene.masks.skin, 0, 1))
        self.bare = (1 - covered).astype(np.float32)
        self._lids = _lids(raster)
        self._on_lids = np.zeros(self._ratio.shape[:2], np.float32)
        for box, lids in self._lids:
            self._on_lids[box.slices] = lids
        self._still = scene.pixels.copy()  # the photo with the ratios of the newest edit, but nothing moved

    def picture(self, edited: ShownSkin) -> UInt8:
        """The photo with the edits, uint8 (H, W, 3) sRGB."""
        return self.drawn(edited).picture

    def drawn(self, edited: ShownSkin) -> Drawn:
        """The same, with what it was made of."""
        texels = self._levels.follow(edited)
        if not texels.empty:
            change = self._levels.log[texels.slices] - self._level[texels.slices]
            limit = np.float32(np.log(_LARGEST_RATIO))
            self._ratio[texels.slices] = np.exp(np.clip(change, -limit, limit))
            self._redraw(texels)
        picture, moved = self._still.copy(), None
        if not np.array_equal(edited.vertices, self.original.vertices):
            moved = self._flow.to(edited.vertices)
            if moved is not None:
                self._draw_moved(picture, edited, moved)
        return Drawn(picture, moved, self._levels.log, self._level)

    def _redraw(self, texels: Rect) -> None:
        """Work the ratios of these texels into the photo where it shows them."""
        side = len(self._ratio)
        x, y = np.moveaxis(self.places[self._skin_box.slices], -1, 0)
        # A pixel reads the texels beside its place.
        shows = (x * side > texels.x0 - 1) & (x * side < texels.x1 + 1)
        shows &= (y * side > texels.y0 - 1) & (y * side < texels.y1 + 1)
        found = Rect.around(shows)
        if not found.empty:
            box = found.relative_to(Rect(-self._skin_box.x0, -self._skin_box.y0, 0, 0)).slices
            self._still[box] = self._multiplied(self.scene.pixels[box], self.places[box], self.bare[box])

    def _multiplied(self, pixels: UInt8, places: Float32, bare: Float32) -> UInt8:
        """Pixels (h, w, 3) times the ratios at their places (h, w, 2), where bare skin is seen."""
        factor = _read(self._ratio, places, cv2.BORDER_CONSTANT)
        factor -= 1
        factor *= bare[..., None]
        factor += 1
        linear = np.asarray(cv2.LUT(pixels, _TO_STEPS), np.float32)
        linear *= factor
        return _to_srgb(linear)

    def _draw_moved(self, picture: UInt8, edited: ShownSkin, moved: Moved) -> None:
        """Work into the picture what the photo becomes where the head has moved."""
        box = moved.box.slices
        taken = cv2.remap(self.scene.pixels, moved.x, moved.y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        bare = cv2.remap(self.bare, moved.x, moved.y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        picture[box] = self._multiplied(np.asarray(taken, np.uint8), moved.places, np.asarray(bare, np.float32))
        if not moved.missing.any():
            return
        feather = max(_FEATHER_SHARE * max(picture.shape[:2]), 0.8)
        solid = cv2.morphologyEx(moved.missing, cv2.MORPH_OPEN, np.ones((3, 3)))
        inside = moved.head_box.relative_to(moved.box).slices
        share = cv2.GaussianBlur(solid, (0, 0), feather)
        # A mouth is dark up to the lips, which end where the photo's teeth did not.
        parts = parts_in_pictures(self.head)[moved.triangle]
        opening = np.isin(parts, (Part.TEETH, Part.MOUTH)) & (moved.triangle >= 0)
        share = np.where(opening, cv2.GaussianBlur(solid, (0, 0), _EDGE_PX), share) * bare[inside]
        row, column = np.nonzero((share > 1 / 255) & (moved.triangle >= 0))
        part = picture[moved.head_box.slices]
        level, places = self._unseen_level(), moved.places[inside]
        seen = (places[..., 0] >= 0) & (share * 255 < 1) & (bare[inside] > _BARE)
        more = self._left_over(part, level, places, seen)
        skin = np.exp(_read(level, places, cv2.BORDER_REPLICATE)[row, column] + more[row, column])
        own = self._own_colors(edited, moved, row, column, skin) * _STEPS
        mixed = _TO_STEPS[part[row, column]]
        part[row, column] = _to_srgb(mixed + (own - mixed) * share[row, column][:, None])

    def _unseen_level(self) -> Float32:
        """How bright skin is, without what lashes and their shadow leave of the lids: those are as the skin around."""
        level = self._levels.log.copy()
        for box, lids in self._lids:
            color = self._levels.color[box.slices]
            for channel in range(3):
                around = fill_smoothly(color[..., channel], ~lids) - color[..., channel]
                level[(*box.slices, channel)] += around
        return level

    def _left_over(self, pixels: UInt8, level: Float32, places: Float32, seen: npt.NDArray[np.bool_]) -> Float32:
        """What the photo's skin has more than shading and colour tell, log (h, w, 3), carried to skin that is not seen.

        There is gloss, and what else the light has; without it a lid that closes would be of another complexion.
        """
        height, width = seen.shape
        small = -(-width // _COARSE), -(-height // _COARSE)
        middle = np.asarray(cv2.resize(places, small, interpolation=cv2.INTER_NEAREST), np.float32)
        known = cv2.resize(seen.astype(np.float32), small, interpolation=cv2.INTER_AREA) > _BARE
        known &= _read(self._on_lids, middle, cv2.BORDER_REPLICATE) == 0
        photo = cv2.LUT(cv2.resize(pixels, small, interpolation=cv2.INTER_AREA), _TO_STEPS) / _STEPS
        more = np.log(np.maximum(photo, _DARKEST)) - _read(level, middle, cv2.BORDER_REPLICATE)
        planes = cv2.split(np.clip(more, -_MOST_LEFT_OVER, _MOST_LEFT_OVER).astype(np.float32))
        filled = np.stack([fill_smoothly(np.asarray(plane, np.float32), known) for plane in planes], axis=2)
        even = cv2.GaussianBlur(filled, (0, 0), _EVEN_CELLS)
        return np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)

    def _own_colors(
        self,
        edited: ShownSkin,
        moved: Moved,
        row: npt.NDArray[np.integer],
        column: npt.NDArray[np.integer],
        skin: Float32,
    ) -> Float32:
        """The head's colours in the photo's light, linear (N, 3): that of `skin`, and plain teeth and mouth."""
        head, camera = self.head, self.scene.camera
        triangle = moved.triangle[row, column]
        pixels = np.stack([column + moved.head_box.x0 + 0.5, row + moved.head_box.y0 + 0.5], axis=1)
        corners = head.triangles[triangle]
        weights, depth = ray_weights(moved.vertices_cam, corners, pixels, camera.focal_px, camera.centre)
        normals = vertex_normals(edited.vertices, head.triangles)
        normal = np.einsum("ij,ijk->ik", weights, normals[corners]).astype(np.float32)
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), np.float32(1e-6))
        parts = parts_in_pictures(head)[triangle]
        albedo = np.zeros((len(parts), 3), np.float32)
        for part, color in ((Part.TEETH, _TEETH), (Part.MOUTH, _MOUTH)):
            albedo[parts == part] = color
        for part, centre in zip((Part.EYE_LEFT, Part.EYE_RIGHT), head.eye_centers, strict=True):
            eye = parts == part
            at = np.einsum("ij,ijk->ik", weights[eye], head.neutral[corners[eye]]) - centre
            albedo[eye] = _LIDS_SHADE * _eye_albedo(at.astype(np.float32), self.scene.iris)
        inside = np.isin(parts, (Part.TEETH, Part.MOUTH))
        lips = moved.vertices_cam[head.landmarks[48:60], 2].mean()
        albedo[inside] *= np.exp2(-np.maximum(depth[inside] - lips, 0)[:, None] / _DEEP_MM)
        lit = albedo * self.scene.light.even_shading(normal)
        return np.where((parts == Part.SKIN)[:, None], skin, lit).astype(np.float32)


def _lids(raster: ChartRaster) -> list[tuple[Rect, npt.NDArray[np.bool_]]]:
    """A box of texels round each eye, and which of them lie on its lids."""
    head = raster.head
    position = raster.sample(head.neutral[: head.n_skin])
    found = []
    for centre in head.eye_centers:
        lids = raster.covered & (np.linalg.norm(position - centre, axis=2) < _LIDS_MM)
        box = Rect.around(lids).grown(raster.resolution // 32, raster.resolution)
        found.append((box, (lids | ~raster.covered)[box.slices]))
    return found


def _eye_albedo(at: Float32, iris: Rgb | None) -> Float32:
    """Linear colour (N, 3) of an eyeball at points (N, 3) relative to its centre, in the neutral pose."""
    direction = np.zeros((-(-max(len(at), 1) // _ROW) * _ROW, 3), np.float32)
    direction[:, 2] = 1
    direction[: len(at)] = at / np.linalg.norm(at, axis=1, keepdims=True)
    color = eye_color(direction.reshape(-1, _ROW, 3), iris).reshape(-1, 3)[: len(at)]
    return np.asarray(linear_from_srgb(color / np.float32(255)), np.float32)


def _read(chart: Float32, places: Float32, border: int) -> Float32:
    """A map of the chart at places (H, W, 2) of it; with `BORDER_CONSTANT` 1 outside."""
    x, y = (np.ascontiguousarray(places[..., i] * len(chart) - np.float32(0.5)) for i in range(2))
    read = cv2.remap(chart, x, y, cv2.INTER_LINEAR, borderMode=border, borderValue=(1, 1, 1))
    return np.asarray(read, np.float32)


def _to_srgb(steps: Float32) -> UInt8:
    """sRGB of linear light (..., 3) in `_STEPS`, 0 or more, which is overwritten."""
    steps += np.float32(0.5)
    np.minimum(steps, np.float32(_STEPS), out=steps)
    return np.asarray(_FROM_STEPS.take(steps.astype(np.uint16)), np.uint8)
