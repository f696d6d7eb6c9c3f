"""A photo laid out in the chart: for each texel the colour that the photo shows of that place of the skin.

Texel -> point of the fitted head -> pixel (PHOTO -> chart, as DECA section 4.2 and Yang et al. section 3.1 unwrap).
A texel counts as far as its skin faces the camera, no other part of the head lies before it, and neither hair nor
another thing hides it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.normals import vertex_normals
from rhytid.core.photo.camera import PhotoCamera
from rhytid.core.photo.masks import Masks
from rhytid.core.photo.rasteriser import Rasteriser
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]

_HIDDEN_MM = 3.0  # by as much may the fitted surface lie behind what the depth buffer says is seen
_GRAZING, _FACING = 0.12, 0.47  # cosines between which a texel's weight rises from 0 to 1
_BORDER_PX = 1.0
_DEPTH_PX = 1024  # of the picture of depth at most: a millimetre or two is all it has to tell apart
_NOTHING_MM = 1e6
_FAR_BEHIND_MM, _MISFIT_MM = 12.0, 2.5


@dataclass(frozen=True, eq=False)
class Unwrapped:
    """What a photo shows of the skin, in the chart. All vectors are in head space.

    Attributes
    ----------
    rgb : float32 (R, R, 3), read-only
        Linear RGB, 0..1.
    weight : float32 (R, R), read-only
        How well the surface is seen, 0..1: visible, facing the camera, nothing before it but brows.
    skin : float32 (R, R), read-only
        `weight` where the photo shows skin: no brow, no lash, no lip.
    normal : float32 (R, R, 3), read-only
        Unit normals of the fitted head; 0 where the chart shows no skin.
    position : float32 (R, R, 3), read-only
        Points of the fitted head, mm.
    pixel : float32 (R, R, 2), read-only
        Where the photo shows them, px.
    px_per_texel : float
        Median over what is seen.
    """

    rgb: Float32
    weight: Float32
    skin: Float32
    normal: Float32
    position: Float32
    pixel: Float32
    px_per_texel: float

    @property
    def resolution(self) -> int:
        return int(self.weight.shape[0])


def unwrap(
    linear: Float32,
    masks: Masks,
    vertices: Float32,
    camera: PhotoCamera,
    raster: ChartRaster,
    rasteriser: Rasteriser,
) -> Unwrapped:
    """Lay a photo out in the chart.

    Parameters
    ----------
    linear : float32 (H, W, 3)
        Linear RGB of the photo.
    masks : Masks
        Of the photo.
    vertices : float32 (V, 3)
        The fitted head in mm.
    camera : PhotoCamera
        For a picture of W x H px.
    raster : ChartRaster
        Of the head, at the resolution that is wanted.
    rasteriser : Rasteriser
        Draws the depth that tells what is hidden.
    """
    head = raster.head
    normals = vertex_normals(vertices, head.triangles)[: head.n_skin]
    position = raster.sample(vertices[: head.n_skin])
    normal = _unit(raster.sample(normals))
    points_cam = camera.to_camera(position).astype(np.float32)
    ahead = raster.covered & (points_cam[..., 2] > 1)
    points_cam[~ahead] = (0, 0, 1)
    pixel = camera.pixels(points_cam).astype(np.float32)
    sight = camera.position_mm.astype(np.float32) - position
    cosine = np.einsum("ijk,ijk->ij", normal, _unit(sight))
    height, width = linear.shape[:2]
    inside = (pixel > _BORDER_PX).all(axis=2) & (pixel < np.array([width, height], np.float32) - _BORDER_PX).all(axis=2)
    scale = min(_DEPTH_PX / max(camera.size), 1.0)
    depth = _depth(vertices, camera.scaled(scale), raster, rasteriser)
    front = _sampled(np.asarray(cv2.erode(depth, np.ones((3, 3), np.uint8)), np.float32), pixel * np.float32(scale))
    visible = ahead & inside & (cosine > 0) & (points_cam[..., 2] < front + _HIDDEN_MM)
    px_per_texel = _scale(pixel, visible)
    rgb = _sampled(_prefiltered(linear, px_per_texel), pixel)
    facing = np.clip((cosine - _GRAZING) / (_FACING - _GRAZING), 0, 1).astype(np.float32)
    bare = _sampled(1 - np.maximum(masks.occluder, _head_hair(masks, vertices, camera, raster)), pixel)
    sure = 1 - _sampled(_silhouettes(depth, camera.scaled(scale)), pixel * np.float32(scale))
    weight = facing * _shrunk(visible) * sure * np.clip(bare, 0, 1)
    skin = weight * np.clip(_sampled(masks.skin, pixel), 0, 1)
    rgb[~visible] = 0
    return Unwrapped(
        read_only(rgb), read_only(weight), read_only(skin), read_only(normal), read_only(position), read_only(pixel),
        px_per_texel,
    )  # fmt: skip


def _depth(vertices: Float32, camera: PhotoCamera, raster: ChartRaster, rasteriser: Rasteriser) -> Float32:
    """Depth of what is seen, mm; far away where there is nothing."""
    shown = rasteriser.fragments(
        camera.to_camera(vertices), raster.head.triangles, camera.focal_px, camera.centre, camera.size
    )
    return np.where(np.isfinite(shown.depth), shown.depth, np.float32(_NOTHING_MM))


def _silhouettes(depth: Float32, camera: PhotoCamera) -> Float32:
    """Where the head or a part of it ends before something far behind, and beside, 0..1.

    A fitted head misses the true one by 2 mm: there the photo often shows the other of both.
    """
    window = np.ones((3, 3), np.uint8)
    ends = (cv2.dilate(depth, window) - cv2.erode(depth, window) > _FAR_BEHIND_MM).astype(np.uint8)
    head = depth < _NOTHING_MM
    if not head.any():
        return ends.astype(np.float32)
    reach_px = _MISFIT_MM * camera.focal_px / float(np.median(depth[head]))
    size = 2 * max(round(reach_px), 1) + 1
    beside = cv2.dilate(ends, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    return np.asarray(cv2.GaussianBlur(beside.astype(np.float32), (0, 0), 0.3 * max(reach_px, 1.0)), np.float32)


def _head_hair(masks: Masks, vertices: Float32, camera: PhotoCamera, raster: ChartRaster) -> Float32:
    """Hair that hides skin: not the brows, which belong to the skin's colour."""
    head = raster.head
    hair = masks.hair.copy()
    for brow in (head.landmarks[17:22], head.landmarks[22:27]):
        points = camera.project(vertices[brow])
        centre, span = points.mean(axis=0), np.linalg.norm(points[-1] - points[0])
        angle = np.degrees(np.arctan2(*(points[-1] - points[0])[::-1]))
        axes = (float(0.58 * span), float(0.16 * span))
        where = np.zeros(hair.shape, np.float32)
        cv2.ellipse(where, (tuple(map(float, centre)), (2 * axes[0], 2 * axes[1]), float(angle)), 1.0, -1)
        hair *= 1 - where
    return hair


def _sampled(picture: Float32, pixel: Float32) -> Float32:
    """A picture read between its pixels; what lies outside has its border's value."""
    x, y = np.ascontiguousarray(pixel[..., 0] - 0.5), np.ascontiguousarray(pixel[..., 1] - 0.5)
    read = cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(read, np.float32)


def _scale(pixel: Float32, visible: npt.NDArray[np.bool_]) -> float:
    """Median number of pixels that a texel spans."""
    inner = visible[:, :-1] & visible[:, 1:]
    if not inner.any():
        return 1.0
    return float(np.median(np.linalg.norm(pixel[:, 1:] - pixel[:, :-1], axis=2)[inner]))


def _prefiltered(linear: Float32, px_per_texel: float) -> Float32:
    """The photo without what texels are too coarse for."""
    if px_per_texel <= 1.3:
        return linear
    return np.asarray(cv2.GaussianBlur(linear, (0, 0), 0.35 * px_per_texel), np.float32)


def _shrunk(visible: npt.NDArray[np.bool_]) -> Float32:
    """1 well inside of what is visible, falling to 0 at its border; the lips' red is but 3 mm high."""
    side = max(len(visible) // 256, 1)
    inner = cv2.erode(visible.astype(np.float32), np.ones((2 * side + 1, 2 * side + 1), np.uint8))
    return np.asarray(cv2.GaussianBlur(inner, (0, 0), 0.6 * side), np.float32) * visible


def _unit(vectors: Float32) -> Float32:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32(1e-6))
