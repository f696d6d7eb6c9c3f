"""Landmarks, chart, detail weights and texture atlas of the template."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from rhytid.core.head.build.chart_map import Flattening, Springs, tutte
from rhytid.core.head.build.polyline import arc_length
from rhytid.core.head.build.source import boundary_loops
from rhytid.core.head.build.template import Template
from rhytid.core.head.head import Int32

Float64 = npt.NDArray[np.float64]

# Landmark on the other side of the face for each of the 68.
_MIRRORED_RUNS = (
    *(range(16, -1, -1), range(26, 16, -1), range(27, 31), range(35, 30, -1)),
    *(range(45, 41, -1), (47, 46), range(39, 35, -1), (41, 40)),
    *(range(54, 47, -1), range(59, 54, -1), range(64, 59, -1), range(67, 64, -1)),
)
LANDMARK_MIRROR = np.array([number for run in _MIRRORED_RUNS for number in run])
# The jaw's outline slides on a turned face and brows are broad: both say less than eyes, nose and lips.
_JAW_TRUST, _BROW_TRUST = 0.25, 0.5
# Length in mm that one unit of the chart spans where it is not stretched.
_MM_PER_UNIT = 205.0
_ANNEALING = ((0.5, 60), (20.0, 25), (200.0, 25), (1500.0, 60))
_TILE_MARGIN = 0.004


def find_landmarks(template: Template, vertices: Float64, points: Float64) -> Int32:
    """Vertices nearest to landmark points (68, 3), mirror images of each other."""
    landmarks = cKDTree(vertices).query(points)[1]
    middle = np.flatnonzero(template.mirror == np.arange(len(vertices)))
    for number, other in enumerate(LANDMARK_MIRROR):
        if other == number:
            landmarks[number] = middle[cKDTree(vertices[middle]).query(points[number])[1]]
        elif other > number:
            landmarks[other] = template.mirror[landmarks[number]]
    return landmarks.astype(np.int32)


def symmetric_targets(targets: Float64) -> tuple[Float64, npt.NDArray[np.bool_]]:
    """Mean of chart positions (68, 2) and their mirror images; nan where neither side is given."""
    mirrored = targets[LANDMARK_MIRROR] * [-1, 1] + [1, 0]
    both = np.stack([targets, mirrored])
    known = np.isfinite(both).all(axis=2)
    total = np.where(known[..., None], both, 0).sum(axis=0)
    return total / np.maximum(known.sum(axis=0), 1)[:, None], known.any(axis=0)


def make_chart(template: Template, vertices: Float64, triangles: Int32, landmarks: Int32, targets: Float64) -> Float64:
    """Chart coordinates (n_skin, 2), x right, y down.

    Parameters
    ----------
    vertices : float (n_skin, 3), mm, symmetric
    targets : float (68, 2)
        Where the landmarks lie in the chart, nan for those outside.
    """
    importance = _importance(template, vertices)[triangles].mean(axis=1)
    flattening = Flattening(vertices / _MM_PER_UNIT, triangles, importance)
    loops = boundary_loops(triangles)
    outer = min(range(len(loops)), key=lambda i: float(vertices[loops[i], 1].mean()))
    rim = vertices[loops[outer]]
    along = arc_length(np.concatenate([rim, rim[:1]]))
    front = int(rim[:, 2].argmax())
    angle = -np.pi / 2 + 2 * np.pi * (along[:-1] - along[front]) / along[-1]
    # In the plane y runs up until the end.
    position = 0.8 * tutte(vertices, triangles, loops, outer, angle)
    wanted, known = symmetric_targets(targets)
    trust = np.ones(68)
    trust[:17], trust[17:27] = _JAW_TRUST, _BROW_TRUST
    used = np.flatnonzero(known)
    rows = sparse.csr_matrix((np.ones(len(used)), (np.arange(len(used)), landmarks[used])), (len(used), len(vertices)))
    goal = (wanted[used] - 0.5) * [1, -1]
    for strength, n_steps in _ANNEALING:
        position = _symmetric(position, template)
        position = flattening.minimise(position, Springs(rows, goal, strength * trust[used]), n_steps)
    position = _symmetric(position, template)
    if (np.linalg.det(flattening.jacobian(position)) <= 0).any():
        raise ValueError("the symmetric chart has a flipped triangle")
    return position * [1, -1] + 0.5


def detail_weight(template: Template, chart: Float64) -> Float64:
    """1 on the face, smoothly 0 before the chart's border, over the lids' edge and inside the lips."""
    # Quads are longest before the ears, so that the fade takes more room at the sides than at brow and chin.
    border = np.minimum(chart, 1 - chart)
    weight = _smoothstep((border[:, 0] - 0.012) / 0.1) * _smoothstep((border[:, 1] - 0.012) / 0.05)
    for rings, fade in (
        (template.lid_rings, {7: 0.8, 8: 0.45, 9: 0.12}),
        (template.lip_rings, {5: 0.85, 6: 0.6, 7: 0.3, 8: 0.1}),
    ):
        for row, vertices in enumerate(rings):
            share = 0.0 if row > max(fade) else fade.get(row, 1.0)
            weight[vertices] *= share
            opposite = template.mirror[vertices]
            apart = opposite != vertices
            weight[opposite[apart]] *= share
    return weight


def skin_atlas(template: Template, vertices: Float64, chart: Float64) -> tuple[Float64, npt.NDArray[np.int64]]:
    """Texture coordinates of the skin: tile 1001 is the chart, 1002 what lies outside it, cut along the back.

    Returns
    -------
    uv : float (U, 2)
        The first n_skin belong to the chart.
    face_uv : int (F, 4)
    """
    faces, n = template.faces, len(vertices)
    inside = np.minimum(chart, 1 - chart).min(axis=1) > _TILE_MARGIN
    rest = ~inside[faces].all(axis=1)
    other = faces[rest]
    # Cut where the midline runs over the scalp and down the nape: the right half gets copies of those
    # vertices.
    middle = template.mirror == np.arange(n)
    behind = middle & ~((vertices[:, 1] < -50) & (vertices[:, 2] > -20))
    copies = np.where(behind, n + np.cumsum(behind) - 1, np.arange(n))
    right = vertices[other, 0].mean(axis=1) < 0
    cut = np.where(right[:, None], copies[other], other)
    owner = np.concatenate([np.arange(n), np.flatnonzero(behind)])
    used, local = np.unique(cut, return_inverse=True)
    local = local.reshape(-1, 4)
    points = vertices[owner[used]]
    triangles = np.stack([local[:, [0, 1, 2]], local[:, [0, 2, 3]]], axis=1).reshape(-1, 3)
    sides = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]]])
    graph = sparse.csr_matrix((np.ones(len(sides)), (sides[:, 0], sides[:, 1])), (len(used), len(used)))
    loops = boundary_loops(triangles)
    if connected_components(graph, directed=False)[0] != 1 or len(loops) != 1:
        raise ValueError("what lies outside the chart is not one piece; move the chart's border")
    rim = points[loops[0]]
    along = arc_length(np.concatenate([rim, rim[:1]]))
    corner = points[triangles]
    double_area = np.linalg.norm(np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]), axis=1)
    unit = np.sqrt(double_area.sum() / 2)
    flattening = Flattening(points / unit, triangles, np.ones(len(triangles)))
    start = 0.6 * tutte(points, triangles, loops, 0, 2 * np.pi * along[:-1] / along[-1])
    nothing = Springs(sparse.csr_matrix((0, len(points))), np.zeros((0, 2)), np.zeros(0))
    flat = flattening.minimise(start, nothing, 120)
    # Upright: the head's vertical along v, the whole within the tile.
    vertical = np.linalg.lstsq(np.c_[flat, np.ones(len(flat))], points[:, 1], rcond=None)[0][:2]
    vertical /= np.linalg.norm(vertical)
    flat = flat @ np.array([[vertical[1], vertical[0]], [-vertical[0], vertical[1]]])
    low, high = flat.min(axis=0), flat.max(axis=0)
    flat = 0.01 + 0.98 * (flat - (low + high) / 2) / (high - low).max() + 0.49
    uv = np.concatenate([chart * [1, -1] + [0, 1], flat + np.array([1, 0])])
    face_uv = faces.copy()
    face_uv[rest] = n + local
    return uv, face_uv


def _importance(template: Template, vertices: Float64) -> Float64:
    y, z = vertices[:, 1], vertices[:, 2]
    face = _sigmoid((z - 25) / 6) * _sigmoid((y + 88) / 5) * _sigmoid((118 - y) / 6)
    importance = 0.004 + face
    for hidden in (template.lip_rings[6:], template.lid_rings[9:]):
        importance[hidden] = importance[template.mirror[hidden]] = 0.02
    return importance


def _symmetric(position: Float64, template: Template) -> Float64:
    return 0.5 * (position + position[template.mirror] * [-1, 1])


def _sigmoid(x: Float64) -> Float64:
    return 1 / (1 + np.exp(-x))


def _smoothstep(x: Float64) -> Float64:
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)
