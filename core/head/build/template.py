"""Topology of the default head's skin: quads that follow the face, in rings round the lids and lips.

One half is made and mirrored. Scalp, face, ears and neck come from a field-aligned remesher (Jakob et al.,
"Instant Field-Aligned Meshes", 2015), run in a space that a conformal inversion has stretched over the face, so
that the face gets smaller quads than the scalp. Its boundary columns go on as rings into the lids and lips.
Every vertex ends as a combination of ICT's vertices, which carries all shapes over.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from rhytid.core.head.build.annulus import Annulus
from rhytid.core.head.build.clip import clip
from rhytid.core.head.build.polyline import arc_length, column_of, project_on_arc
from rhytid.core.head.build.remesh import instant_mesh, point_rows, relaxed
from rhytid.core.head.build.source import Source, boundary_loops, ring_rows, rings
from rhytid.core.head.surface import Surface

Float64 = npt.NDArray[np.float64]
Faces = npt.NDArray[np.int64]

_MOUTH_RINGS = 15
# Rows through the lips as fractional ICT rings, from the skin beside the lips to the innermost.
_LIP_ROWS = (14.0, 13.0, 12.0, 11.0, 10.0, 9.0, 7.9, 6.7, 5.4, 4.0, 2.6, 1.3, 0.0)
_LID_ROWS = (0.86, 0.72, 0.59, 0.47, 0.36, 0.26, 0.17, 0.085, 0.0)
_LID_RINGS = 2
_LID_EDGE_ROWS = (1.5, 1.0, 0.5, 0.0)

_RELAX_STEPS, _BLEND_STEPS, _CORNER_STEPS = 40, 16, 60
_FREE_LIP_ROWS, _FREE_LID_ROWS = 4, 4
# Ellipse round the left eye in the frontal plane, mm.
_EYE_CENTRE, _EYE_RADII = (33.0, 36.5), (21.0, 15.5)
_INVERSION_CENTRE, _INVERSION_RADIUS = np.array([0.0, 10.0, 430.0]), 300.0
# Centre, radius (mm) and strength of extra density: ear, nose.
_DENSER = ((np.array([86.0, 8.0, 2.0]), 34.0, 1.2), (np.array([0.0, 0.0, 112.0]), 26.0, 0.55))


@dataclass(frozen=True, eq=False)
class Template:
    """The skin's topology and where each vertex lies on ICT's.

    Attributes
    ----------
    faces : int (F, 4)
        Quads, counter-clockwise from outside.
    rows : sparse (n_skin, ICT n_skin)
        Vertices as combinations of ICT's.
    mirror : int (n_skin,)
    lid_rings, lip_rings : int arrays (rows, columns)
        Left eye's and the left half of the mouth's grids, for rows that want a weight of their own.
    """

    faces: Faces
    rows: sparse.csr_matrix
    mirror: npt.NDArray[np.int64]
    lid_rings: npt.NDArray[np.int64]
    lip_rings: npt.NDArray[np.int64]


def make_template(source: Source) -> Template:
    """Remesh the skin."""
    loops = boundary_loops(source.faces)
    centre = [source.cage[loop].mean(axis=0) for loop in loops]
    mouth = min(range(4), key=lambda i: np.linalg.norm(centre[i] - [0, -34, 103]))
    eye = min(range(4), key=lambda i: np.linalg.norm(centre[i] - [32, 35, 90]))
    lip_rings, lip_faces = rings(source.faces, loops[mouth], _MOUTH_RINGS)
    lid_rings, lid_faces = rings(source.faces, loops[eye], _LID_RINGS)

    rows, triangles = source.operator, source.triangles.astype(np.int64)
    outside = ~np.isin(source.parent, list(lip_faces | lid_faces))
    whole_rows, whole_triangles, _ = clip(rows, triangles, source.fine[:, 0])
    rows, triangles, _ = clip(rows, triangles[outside], source.fine[:, 0])
    points = rows @ source.cage
    field = _eye_field(points)
    outer_rows, outer_triangles, _ = clip(rows, triangles, field)
    lid_rows, lid_triangles, lid_field = clip(rows, triangles, -field)
    half = _Half(outer_rows, outer_triangles, source)
    half.remesh()
    half.add_lips(source, lip_rings)
    half.add_lids(source, Annulus(lid_rows, lid_triangles, lid_field, source), lid_rings)
    half.blend_rings(source, whole_rows, whole_triangles)
    half.open_mouth_corner(source)
    return half.mirrored(source)


def _eye_field(points: Float64) -> Float64:
    """Positive outside the ellipse round the left eye, about mm."""
    offset = (points[:, :2] - _EYE_CENTRE) / _EYE_RADII
    field = (np.linalg.norm(offset, axis=1) - 1) * _EYE_RADII[1]
    return np.where(points[:, 2] > 40, field, 50.0)


def _warp(points: Float64) -> Float64:
    warped = points.copy()
    for centre, radius, strength in _DENSER:
        away = points - centre
        warped += away * (strength * np.exp(-(away**2).sum(axis=1) / radius**2))[:, None]
    away = warped - _INVERSION_CENTRE
    return away / (away**2).sum(axis=1, keepdims=True) * _INVERSION_RADIUS**2


class _Half:
    """The half with x > 0 while it is put together."""

    def __init__(self, rows: sparse.csr_matrix, triangles: Faces, source: Source) -> None:
        self._surface_rows = rows
        self._triangles = triangles
        self._points = rows @ source.cage
        self._warped = _warp(self._points)
        self._surface = Surface(self._warped, triangles)
        self.faces: Faces = np.zeros((0, 4), np.int64)
        self.rows = sparse.csr_matrix((0, rows.shape[1]))
        self.middle = np.zeros(0, bool)

    def remesh(self) -> None:
        """Quads over everything but the rings; boundary vertices end exactly on their curves."""
        vertices, faces, loops = instant_mesh(self._warped, self._triangles)
        curves = self._curves()
        fixed: dict[int, tuple[int, int, float]] = {}
        rim = loops[0]
        corner_points = [curve[0] for curve in curves[:4]]
        at = [_nearest_corner(vertices, rim, self._warped[p], faces) for p in corner_points]
        # The rim runs with the surface's own boundary, so corners follow each other in the same order.
        start = [rim.index(v) for v in at]
        self.middle = np.zeros(len(vertices), bool)
        segments = []
        for k, curve in enumerate(curves[:4]):
            length = (start[(k + 1) % 4] - start[k]) % len(rim)
            segment = [rim[(start[k] + i) % len(rim)] for i in range(length + 1)]
            segments.append(segment)
            self._fix(vertices, segment, curve, fixed)
            if k in (1, 3):
                self.middle[segment] = True
        eye_loop = loops[1]
        self._fix_closed(vertices, eye_loop, curves[4], fixed)
        self.lip_segment, self.eye_loop = segments[0], eye_loop
        self.faces = faces
        self._relax(vertices, fixed)

    def _curves(self) -> list[list[int]]:
        """Boundary of the surface: lips, midline, neck, midline (each from its first corner), eye."""
        loops = sorted(boundary_loops(self._triangles), key=len, reverse=True)
        rim, eye = loops[0], loops[1]
        points = self._points[rim]
        on_middle = np.abs(points[:, 0]) < 1e-3
        neck = points[:, 1] < -120
        # With their ends on the midline.
        lips, lower = _grown_run(~on_middle & ~neck), _grown_run(~on_middle & neck)
        start_lips = _run_start(lips)
        order = [(start_lips + i) % len(rim) for i in range(len(rim))]
        kinds = np.array([1 if lips[i] else 2 if lower[i] else 0 for i in order])
        n_lips = int((kinds == 1).sum())
        first_neck = int(np.flatnonzero(kinds == 2)[0])
        last_neck = int(np.flatnonzero(kinds == 2)[-1])
        ordered = [rim[i] for i in order]
        return [
            ordered[:n_lips],
            ordered[n_lips - 1 : first_neck + 1],
            ordered[first_neck : last_neck + 1],
            [*ordered[last_neck:], ordered[0]],
            eye,
        ]

    def _fix(
        self, vertices: Float64, segment: list[int], curve: list[int], fixed: dict[int, tuple[int, int, float]]
    ) -> None:
        """Spread a run of boundary vertices over a curve, monotone, corners on its ends."""
        points = self._warped[curve]
        along = arc_length(points)
        wanted = project_on_arc(points, along, vertices[segment])
        if segment[0] == segment[-1]:
            wanted = np.unwrap(wanted - wanted[0], period=along[-1])
        wanted[0], wanted[-1] = 0, along[-1]
        wanted = np.clip(np.maximum.accumulate(wanted), 0, along[-1])
        for _ in range(60):
            wanted[1:-1] += 0.5 * (0.5 * (wanted[:-2] + wanted[2:]) - wanted[1:-1])
        for vertex, s in zip(segment, wanted, strict=True):
            k = int(np.clip(np.searchsorted(along, s, side="right") - 1, 0, len(along) - 2))
            share = (s - along[k]) / max(along[k + 1] - along[k], 1e-12)
            fixed[vertex] = (curve[k], curve[k + 1], float(np.clip(share, 0, 1)))

    def _fix_closed(
        self, vertices: Float64, loop: list[int], curve: list[int], fixed: dict[int, tuple[int, int, float]]
    ) -> None:
        nearest = int(np.linalg.norm(self._warped[curve] - vertices[loop[0]], axis=1).argmin())
        turned = curve[nearest:] + curve[:nearest] + [curve[nearest]]
        self._fix(vertices, [*loop, loop[0]], turned, fixed)

    def _relax(self, vertices: Float64, fixed: dict[int, tuple[int, int, float]]) -> None:
        """Even out the quads on the surface and write every vertex as a row."""
        n = len(vertices)
        held = np.array(sorted(fixed))
        places = [fixed[v] for v in held]
        a, b = np.array([p[0] for p in places]), np.array([p[1] for p in places])
        share = np.array([p[2] for p in places])
        vertices[held] = (1 - share)[:, None] * self._warped[a] + share[:, None] * self._warped[b]
        free = np.setdiff1d(np.arange(n), held)
        where = relaxed(vertices, self.faces, free, self._surface, _RELAX_STEPS)
        shape = (n, self._surface_rows.shape[0])
        rows = sparse.csr_matrix(
            (np.concatenate([1 - share, share]), (np.tile(held, 2), np.concatenate([a, b]))), shape
        )
        rows = rows + point_rows(where, free, self._triangles, shape)
        self.rows = (rows @ self._surface_rows).tocsr()

    def blend_rings(self, source: Source, rows: sparse.csr_matrix, triangles: Faces) -> None:
        """Even out the quads once more, now across the outer rows of the rings.

        `rows`, `triangles` are the whole half's surface.
        """
        warped = _warp(rows @ source.cage)
        vertices = _warp(self.rows @ source.cage)
        held = self.middle.copy()
        held[self.lip_grid[_FREE_LIP_ROWS:]] = True
        held[self.lid_grid[_FREE_LID_ROWS:]] = True
        for loop in boundary_loops(self.faces):
            held[loop] = True
        free = np.flatnonzero(~held)
        where = relaxed(vertices, self.faces, free, Surface(warped, triangles), _BLEND_STEPS)
        shape = (len(vertices), rows.shape[0])
        self.rows = (
            sparse.diags(held.astype(float)) @ self.rows + point_rows(where, free, triangles, shape) @ rows
        ).tocsr()

    def add_lips(self, source: Source, lip_rings: npt.NDArray[np.int64]) -> None:
        """Go on from the lip segment to the innermost loop of the lips."""
        smooth = source.operator[: source.model.n_skin]
        columns = column_of(self.rows[self.lip_segment] @ source.cage, (smooth @ source.cage)[lip_rings[-1]])
        columns = np.unwrap(columns, period=lip_rings.shape[1])
        columns[[0, -1]] = np.round(columns[[0, -1]])
        even = np.linspace(columns[0], columns[-1], len(columns))
        grid = [np.array(self.lip_segment)]
        for number, ring in enumerate(_LIP_ROWS):
            share = min((number + 1) / 8, 1.0)
            column = (1 - share) * columns + share * (0.6 * columns + 0.4 * even)
            rows = ring_rows(lip_rings, np.full(len(column), ring), column, len(source.cage))
            grid.append(self._append(rows @ smooth))
            self.middle[grid[-1][[0, -1]]] = True
        self.lip_grid = np.array(grid)
        self._add_grid(self.lip_grid, closed=False)

    def add_lids(self, source: Source, annulus: Annulus, lid_rings: npt.NDArray[np.int64]) -> None:
        """Go on from the ellipse round the eye to the lid's edge and over it."""
        smooth = source.operator[: source.model.n_skin]
        outer = self.rows[self.eye_loop] @ source.cage
        angle = annulus.angle_at_rim(outer)
        grid = [np.array(self.eye_loop)]
        for height in _LID_ROWS:
            grid.append(self._append(annulus.rows(np.full(len(angle), height), angle)))
        column = column_of(self.rows[grid[-1]] @ source.cage, (smooth @ source.cage)[lid_rings[-1]])
        for ring in _LID_EDGE_ROWS:
            rows = ring_rows(lid_rings, np.full(len(column), ring), column, len(source.cage))
            grid.append(self._append(rows @ smooth))
        self.lid_grid = np.array(grid)
        self._add_grid(self.lid_grid, closed=True)

    def _append(self, rows: sparse.csr_matrix) -> npt.NDArray[np.int64]:
        first = self.rows.shape[0]
        self.rows = sparse.vstack([self.rows, rows]).tocsr()
        self.middle = np.concatenate([self.middle, np.zeros(rows.shape[0], bool)])
        return np.arange(first, first + rows.shape[0])

    def _add_grid(self, grid: npt.NDArray[np.int64], closed: bool) -> None:
        following = np.roll(grid, -1, axis=1)
        # A boundary loop runs along its faces, so the faces beyond it run against it.
        quads = np.stack([following[:-1], grid[:-1], grid[1:], following[1:]], axis=2)
        if not closed:
            quads = quads[:, :-1]
        self.faces = np.concatenate([self.faces, quads.reshape(-1, 4)])

    def open_mouth_corner(self, source: Source) -> None:
        """Space the grid evenly where upper and lower lip touch: ICT's own faces fold over each other there."""
        grid = self.lip_grid
        reach = source.cage[:, 0] @ self.rows[grid[6]].T
        corner = int(np.asarray(reach).ravel().argmax())
        inner = grid[3:12, corner - 4 : corner + 5]
        around = [grid[2:11, corner - 4 : corner + 5], grid[4:13, corner - 4 : corner + 5]]
        around += [grid[3:12, corner - 5 : corner + 4], grid[3:12, corner - 3 : corner + 6]]
        n = self.rows.shape[0]
        index = np.tile(inner.ravel(), 4)
        mean = sparse.csr_matrix(
            (np.full(index.size, 0.25), (index, np.concatenate([a.ravel() for a in around]))), (n, n)
        )
        others = np.ones(n)
        others[inner] = 0
        step = mean + sparse.diags(others)
        for _ in range(_CORNER_STEPS):
            self.rows = step @ self.rows

    def mirrored(self, source: Source) -> Template:
        n = self.rows.shape[0]
        other = np.where(self.middle, np.arange(n), n + np.cumsum(~self.middle) - 1)
        reflect = sparse.csr_matrix(
            (np.ones(len(source.mirror)), (np.arange(len(source.mirror)), source.mirror)), (len(source.mirror),) * 2
        )
        reflected = self.rows @ reflect
        middle = sparse.diags(self.middle.astype(float))
        rows = self.rows - 0.5 * (middle @ self.rows) + 0.5 * (middle @ reflected)
        rows = sparse.vstack([rows, reflected[~self.middle]]).tocsr()
        # The first corner stays first, so that quads are cut along mirrored diagonals.
        faces = np.concatenate([self.faces, other[self.faces][:, [0, 3, 2, 1]]])
        mirror = np.empty(rows.shape[0], np.int64)
        mirror[:n] = other
        mirror[other] = np.arange(n)
        rows.eliminate_zeros()
        return Template(faces, rows, mirror, self.lid_grid, self.lip_grid)


def _nearest_corner(vertices: Float64, rim: list[int], corner: Float64, faces: Faces) -> int:
    valence = np.bincount(faces.ravel(), minlength=len(vertices))
    distance = np.linalg.norm(vertices[rim] - corner, axis=1)
    # A vertex in one face only makes the better corner.
    scale = np.median(np.linalg.norm(np.diff(vertices[rim], axis=0), axis=1))
    return rim[int((distance + scale * (valence[rim] > 1)).argmin())]


def _grown_run(inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    return inside | np.roll(inside, 1) | np.roll(inside, -1)


def _run_start(inside: npt.NDArray[np.bool_]) -> int:
    return int(np.flatnonzero(inside & ~np.roll(inside, 1))[0])
