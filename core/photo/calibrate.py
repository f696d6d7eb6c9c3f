"""Find where landmarks lie on the head, and how the detector errs, from pictures of which everything is known.

The pictures are those of `core.photo.sitting`; `gui.cli.calibrate_photo` makes them and writes `resources/photo`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.optimize import linear_sum_assignment

from rhytid.core.arkit import ARKIT_INDEX, mirrored_name
from rhytid.core.head.head import Head, Part
from rhytid.core.head.surface import Surface
from rhytid.core.photo.detector_error import DetectorError, measured_error, picture_axes, view_terms
from rhytid.core.photo.embedding import FITTED, Places
from rhytid.core.photo.landmarks import INNER_LIPS, LEFT_LIDS, N_MESH, OUTER_LIPS, RIGHT_LIDS
from rhytid.core.photo.rasteriser import NumpyRasteriser, ray_weights
from rhytid.core.photo.rings import places_on_ring
from rhytid.core.photo.sitting import Sitting

Float64 = npt.NDArray[np.float64]
_FARTHEST_PX = 4.0  # from the skin, for a landmark that lies beside it
_FOLLOWS_NOT = 0.35, 0.5  # share of an identity mode and of an expression that the detector may miss
_JAW_OPEN = 0.3  # from here on the inner lips are seen


class Sample(NamedTuple):
    """One picture: who sat, its size, and the 478 points that were detected, px."""

    sitting: Sitting
    size: tuple[int, int]
    points: npt.NDArray[np.float32]


def find_places(head: Head, samples: Sequence[Sample]) -> npt.NDArray[np.float32]:
    """Places of the 468 landmarks in the chart, float32 (468, 2).

    What lies under each landmark in the pictures, its geometric median over them, evenly on both sides. On the rings
    of lids and lips, whose two sides lie close together in the picture and far apart on the skin, the landmarks that
    a head has itself take their places, and what lies between two of them keeps its share of the way
    (`core.photo.rings`).
    """
    found, trust = zip(*(_under_landmarks(head, sample) for sample in samples), strict=True)
    weight = np.stack(trust) ** 2
    shut = np.array([sample.sitting.expression[ARKIT_INDEX["jawOpen"]] < _JAW_OPEN for sample in samples])
    weight[np.ix_(shut, np.array(INNER_LIPS))] *= 0.02
    median = _geometric_median(np.stack(found), weight)
    mirrored = median * [-1, 1, 1]
    distance = np.linalg.norm(mirrored[:, None] - median[None], axis=2) ** 2
    _, partner = linear_sum_assignment(distance + distance.T)
    median = 0.5 * (median + mirrored[partner])
    surface = Surface(head.neutral, head.skin_triangles)
    chart = surface.at(surface.nearest(median), head.chart)
    points = np.stack([sample.points for sample in samples])
    for ring in (RIGHT_LIDS, LEFT_LIDS, OUTER_LIPS, INNER_LIPS):
        chart[list(ring)] = places_on_ring(head, ring, points)
    return chart.astype(np.float32)


def measure_errors(head: Head, places: Places, samples: Sequence[Sample]) -> DetectorError:
    """The detector's errors on pictures, each of which counts a second time as its mirror image."""
    partner = mirror_partners(head, places)
    expression_partner = [ARKIT_INDEX[mirrored_name(name)] for name in ARKIT_INDEX]
    sign = mode_signs(head)
    errors: list[Float64] = []
    views: list[Float64] = []
    shapes: list[Float64] = []
    for sample in samples:
        camera = sample.sitting.camera(sample.size)
        points = camera.to_camera(places.of(head.shape(sample.sitting.identity, sample.sitting.expression)))
        mm_per_px = points[:, 2].mean() / camera.focal_px
        error = (sample.points[list(FITTED)] - camera.pixels(points)) * mm_per_px @ picture_axes(camera)
        view = view_terms(camera)
        errors += [error, error[partner] * [-1, 1]]
        views += [view, view * [1, -1, 1, 1, -1, 1]]
        who, how = sample.sitting.identity, sample.sitting.expression
        shapes += [np.concatenate([who, how]), np.concatenate([who * sign, how[expression_partner]])]
    # The detector follows a movement to a share only: what it lacks grows with the movement.
    moved = [np.sqrt((places.of(basis)[:, :N_MESH] ** 2).sum(axis=2).mean(axis=1)) for basis in _bases(head)]
    doubt_mm = np.concatenate([share * size for share, size in zip(_FOLLOWS_NOT, moved, strict=True)])
    return measured_error(
        np.stack(errors),
        np.stack(views),
        np.tile([1.0, -1.0], len(samples)),
        np.stack(shapes).astype(np.float64),
        np.maximum(doubt_mm, 1e-3),
        head.n_identity,
    )


def _bases(head: Head) -> tuple[npt.NDArray[np.float16], npt.NDArray[np.float16]]:
    return head.identity, head.expression


def _under_landmarks(head: Head, sample: Sample) -> tuple[Float64, Float64]:
    """Points (468, 3) of the neutral head that lie under the landmarks, and how far each is to be trusted, (468,)."""
    camera = sample.sitting.camera(sample.size)
    vertices = camera.to_camera(head.shape(sample.sitting.identity, sample.sitting.expression))
    triangle = (
        NumpyRasteriser().fragments(vertices, head.triangles, camera.focal_px, camera.centre, camera.size).triangle
    )
    skin = (triangle >= 0) & (head.triangle_parts[triangle] == Part.SKIN)
    away, (nearest_row, nearest_column) = ndimage.distance_transform_edt(~skin, return_indices=True)
    points = sample.points[:N_MESH].astype(np.float64)
    column, row = np.clip(points.astype(int), 0, np.array(sample.size) - 1).T
    beside = away[row, column] > 0
    at_row, at_column = nearest_row[row, column], nearest_column[row, column]
    pixel = np.where(beside[:, None], np.stack([at_column, at_row], axis=1) + 0.5, points)
    corners = head.triangles[triangle[at_row, at_column]]
    weights, _ = ray_weights(vertices, corners, pixel, camera.focal_px, camera.centre)
    a, b, c = (vertices[corners[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    length = np.linalg.norm(normal, axis=1) * np.linalg.norm(a, axis=1)
    facing = -np.einsum("ij,ij->i", normal, a) / np.maximum(length, 1e-12)
    trust = np.clip(facing, 0, 1) * np.where(beside, 0.5, 1.0) * (away[row, column] <= _FARTHEST_PX)
    return np.einsum("ij,ijk->ik", weights, head.neutral[corners]), trust


def _geometric_median(points: Float64, weight: Float64) -> Float64:
    """Weiszfeld's iteration over the first axis, (S, N, 3) to (N, 3)."""
    weight = weight + 1e-9
    centre: Float64 = np.einsum("sn,snk->nk", weight, points) / weight.sum(axis=0)[:, None]
    for _ in range(60):
        near = weight / (np.linalg.norm(points - centre, axis=2) + 0.3)
        centre = np.einsum("sn,snk->nk", near, points) / near.sum(axis=0)[:, None]
    return centre


def mirror_partners(head: Head, places: Places) -> npt.NDArray[np.intp]:
    """Landmark that each one becomes in a mirror."""
    points = places.of(head.neutral)
    distance = np.linalg.norm((points * [-1, 1, 1])[:, None] - points[None], axis=2) ** 2
    partner: npt.NDArray[np.intp] = linear_sum_assignment(distance + distance.T)[1]
    return partner


def mode_signs(head: Head) -> Float64:
    """+1 for identity modes that are the same in a mirror, -1 for those that change sides."""
    skin = head.neutral[: head.n_skin]
    mirror = Surface(skin, head.skin_triangles).nearest(skin * [-1, 1, 1])
    corners = head.skin_triangles[mirror.triangle]
    modes = head.identity[:, : head.n_skin].astype(np.float64)
    image = np.einsum("ij,mijk->mik", mirror.barycentric, modes[:, corners]) * [-1, 1, 1]
    return np.sign(np.einsum("mij,mij->m", image, modes))
