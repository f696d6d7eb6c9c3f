"""How well a face was read out of a photo of which everything is known.

Shapes are compared on the skin of the face (where the head takes detail), after the best similarity: neither place nor
size of a head can be known from one photo. Colours are compared after one gain for each channel, for what is bright
cannot be told from what is lit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.head import Head, Part
from rhytid.core.head.normals import vertex_normals
from rhytid.core.lines.stroke import Stroke
from rhytid.core.photo.camera import PhotoCamera
from rhytid.core.photo.fit import HeadFit
from rhytid.core.photo.rasteriser import Rasteriser

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

_FACING = 0.35  # cosine between the skin and the sight above which a point is seen
_CLEAR_EXPRESSION = 0.15
_STEP_PX = 0.25  # of the photo, at which a line is asked whether it runs on a mask


@dataclass(frozen=True)
class FitScore:
    """A fit against the head that was photographed.

    Attributes
    ----------
    neutral_mm, mean_face_mm : float
        Median distance of the neutral shape, and that of the mean face.
    posed_mm : float
        Median distance, in the plane of the picture, of where points of the skin are seen.
    expression : float
        Pearson correlation of the 52 weights; NaN where the face is at rest.
    """

    neutral_mm: float
    mean_face_mm: float
    posed_mm: float
    expression: float


def fit_score(
    fit: HeadFit, head: Head, neutral: Float32, posed: Float32, expression: Float32, camera: PhotoCamera
) -> FitScore:
    """Score a fit.

    Parameters
    ----------
    fit : HeadFit
    head : Head
    neutral, posed : float32 (V, 3)
        The true shapes, mm.
    expression : float32 (52,)
        The true weights.
    camera : PhotoCamera
        The true camera.
    """
    face = np.flatnonzero(head.detail_weight > 0.5)
    cam = camera.to_camera(posed)
    normal = vertex_normals(posed, head.triangles) @ camera.rotation.T.astype(np.float32)
    sight = cam / np.linalg.norm(cam, axis=1, keepdims=True)
    seen = face[-np.einsum("ij,ij->i", normal[face], sight[face]) > _FACING]
    off_px = np.linalg.norm(camera.pixels(cam[seen]) - fit.camera.project(fit.vertices(head)[seen]), axis=1)
    mm_per_px = cam[seen, 2].mean() / camera.focal_px
    clear = expression.max() > _CLEAR_EXPRESSION and fit.expression.std() > 0
    return FitScore(
        shape_error_mm(fit.neutral(head)[face], neutral[face]),
        shape_error_mm(head.neutral[face], neutral[face]),
        float(np.median(off_px) * mm_per_px),
        float(np.corrcoef(fit.expression, expression)[0, 1]) if clear else float("nan"),
    )


def shape_error_mm(found: npt.NDArray[np.floating], true: npt.NDArray[np.floating]) -> float:
    """Median distance of points (N, 3) after the similarity that fits them best (Umeyama 1991)."""
    a, b = found.astype(np.float64), true.astype(np.float64)
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    left, strength, right = np.linalg.svd(a.T @ b)
    flip = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    size = float((strength * flip).sum() / (a * a).sum())
    return float(np.median(np.linalg.norm(size * a @ (left * flip) @ right - b, axis=1)))


def color_db(found: Float32, true: Float32, where: Bool) -> float:
    """Signal to noise of linear colours (R, R, 3) in dB, as log colours after one gain for each channel."""
    off = np.log(np.maximum(found[where], 1e-3)) - np.log(np.maximum(true[where], 1e-3))
    off = np.clip(off - np.median(off, axis=0), -1, 1)
    return float(-10 * np.log10(np.mean(off.astype(np.float64) ** 2) + 1e-12))


def picture_db(found: npt.NDArray[np.uint8], true: npt.NDArray[np.uint8], where: Bool) -> float:
    """Peak signal to noise of two sRGB pictures in dB, after one gain for each channel."""
    a, b = found[where].astype(np.float64), true[where].astype(np.float64)
    a = a * (np.median(b, axis=0) / np.maximum(np.median(a, axis=0), 1))
    return float(10 * np.log10(255**2 / (np.mean((np.clip(a, 0, 255) - b) ** 2) + 1e-9)))


def seen_in_the_picture(
    displacement: Float32, pixel: Float32, posed: Float32, head: Head, camera: PhotoCamera, rasteriser: Rasteriser
) -> tuple[Float32, Bool]:
    """The true relief where a fitted chart's texels look at the photo.

    Parameters
    ----------
    displacement : float32 (D, D)
        True relief in the true head's chart.
    pixel : float32 (R, R, 2)
        Where the fitted chart's texels lie in the photo, px.
    posed : float32 (V, 3)
        The true head.
    head : Head
    camera : PhotoCamera
        The true one.
    rasteriser : Rasteriser

    Returns
    -------
    relief : float32 (R, R)
    known : bool (R, R)
        Where the photo shows skin of the true chart.
    """
    shown = rasteriser.fragments(camera.to_camera(posed), head.triangles, camera.focal_px, camera.centre, camera.size)
    chart = np.full((len(head.neutral), 2), -1.0, np.float32)
    chart[: head.n_skin] = head.chart
    skin = (shown.triangle >= 0) & (head.triangle_parts[shown.triangle] == Part.SKIN)
    place = np.full((*shown.triangle.shape, 2), -1.0, np.float32)
    corners = head.triangles[shown.triangle[skin]]
    place[skin] = np.einsum("ij,ijk->ik", shown.barycentric[skin], chart[corners])
    x, y = (np.ascontiguousarray(pixel[..., k] - 0.5) for k in (0, 1))
    there = cv2.remap(place, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(-1.0, -1.0))
    inside = cv2.remap(skin.astype(np.float32), x, y, cv2.INTER_LINEAR) > 0.99
    known = inside & ((there > 0.005) & (there < 0.995)).all(axis=2)
    side = len(displacement)
    u, v = (np.ascontiguousarray(there[..., k] * side - 0.5, dtype=np.float32) for k in (0, 1))
    return np.asarray(cv2.remap(displacement, u, v, cv2.INTER_LINEAR), np.float32), np.asarray(known, bool)


@dataclass(frozen=True)
class LineLengths:
    """How long the lines of a photo are, and how much of them runs where none can be.

    Attributes
    ----------
    all_px, false_px : float
        In the photo.
    true_mm : float
        On the skin, off the mask.
    """

    all_px: float
    false_px: float
    true_mm: float


def line_lengths(lines: Sequence[Stroke], fit: HeadFit, raster: ChartRaster, false: Bool) -> LineLengths:
    """Lengths of lines as the fitted head shows them in the photo.

    Parameters
    ----------
    lines : sequence of Stroke
    fit : HeadFit
        Of the photo.
    raster : ChartRaster
        Of the head, at any resolution.
    false : bool (H, W)
        Where in the photo no wrinkle can be: hair, brows, lips, outlines. What lies outside the picture counts too.
    """
    vertices = fit.vertices(raster.head)
    around = np.pad(false, 1, constant_values=True)
    all_px, false_px, true_mm = 0.0, 0.0, 0.0
    for line in lines:
        points = raster.position(vertices, line.points)
        pixels = fit.camera.project(points)
        for k in range(len(points) - 1):
            length = float(np.linalg.norm(pixels[k + 1] - pixels[k]))
            n = max(int(np.ceil(length / _STEP_PX)), 1)
            along = (np.arange(n) + 0.5)[:, None] / n
            places = np.floor(pixels[k] + along * (pixels[k + 1] - pixels[k])).astype(int) + 1
            column, row = np.clip(places, 0, np.array(around.shape[::-1]) - 1).T
            share = float(around[row, column].mean())
            all_px += length
            false_px += share * length
            true_mm += (1 - share) * float(np.linalg.norm(points[k + 1] - points[k]))
    return LineLengths(all_px, false_px, true_mm)
