"""A person on another mesh: the same skin with other vertices and triangles, its shapes with it."""

from __future__ import annotations

import heapq
from dataclasses import replace

import numpy as np

from rhytid.core.head.head import Head, Part, split_faces


def remeshed(head: Head, coarser: float = 0.9, seed: int = 1) -> tuple[Head, np.ndarray]:
    """The head, its skin cut at all middles of edges and then thinned out in another order.

    Its skin is split where its own texture coordinates are, and vertices there stay.

    Parameters
    ----------
    head : Head
    coarser : float
        Edges that stay are longer than this times the edges around them were.
    seed : int
        Which of the edges that are about as long go first.

    Returns
    -------
    Head
        Triangles; neutral and expression shapes hold, all else that a file does not is gone.
    uv : float (n_skin, 2)
        The head's own texture coordinates of the skin.
    """
    head, uv = _split(head)
    skin = head.skin_triangles
    edges = np.unique(np.sort(skin[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1), axis=0)
    of_edge = {(a, b): head.n_skin + number for number, (a, b) in enumerate(edges.tolist())}
    fine = []
    for a, b, c in skin.tolist():
        ab, bc, ca = (of_edge[min(p, q), max(p, q)] for p, q in ((a, b), (b, c), (c, a)))
        fine += [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]

    def spread(values: np.ndarray) -> np.ndarray:
        """Values of the skin's vertices, and of the middles of its edges."""
        return np.concatenate([values, (values[edges[:, 0]] + values[edges[:, 1]]) / 2])

    points = spread(head.neutral[: head.n_skin].astype(np.float64))
    length = np.linalg.norm(head.neutral[edges[:, 0]] - head.neutral[edges[:, 1]], axis=1)
    around = np.bincount(edges.ravel(), np.repeat(length, 2), head.n_skin)
    wanted = spread(coarser * around / np.maximum(np.bincount(edges.ravel(), minlength=head.n_skin), 1))
    other = head.triangles[head.triangle_parts != Part.SKIN]
    held = np.zeros(len(points), bool)
    held[other[other < head.n_skin]] = True
    flat = np.pad(spread(uv), ((0, 0), (0, 1)))
    triangles = _thinned((points, flat), np.array(fine), wanted, held, np.random.default_rng(seed))
    used = np.unique(triangles)
    kept = np.union1d(used, np.unique(other[other < head.n_skin]))
    number = np.full(len(points), -1)
    number[kept] = np.arange(len(kept))
    n_skin, shift = len(kept), len(kept) - head.n_skin
    other = np.where(other < head.n_skin, number[np.minimum(other, head.n_skin - 1)], other + shift)

    def carried(values: np.ndarray) -> np.ndarray:
        """Values of all vertices of the head, at those of the new one."""
        values = values.astype(np.float32)
        return np.concatenate([spread(values[: head.n_skin])[kept], values[head.n_skin :]])

    all_triangles = np.concatenate([number[triangles], other]).astype(np.int32)
    padded = np.concatenate([all_triangles, np.full((len(all_triangles), 1), -1, np.int32)], axis=1)
    parts = np.concatenate([np.zeros(len(triangles), np.uint8), head.triangle_parts[head.triangle_parts != Part.SKIN]])
    made = replace(
        head, name="stranger", neutral=carried(head.neutral).astype(np.float32), faces=padded, parts=parts,
        n_skin=n_skin, chart=spread(head.chart)[kept].astype(np.float32),
        detail_weight=spread(head.detail_weight)[kept].astype(np.float32),
        uv=np.full((1, 2), 0.5, np.float32), face_uv=np.where(padded < 0, -1, 0).astype(np.int32),
        identity=np.zeros((0, n_skin + len(head.neutral) - head.n_skin, 3), np.float16),
        expression=np.stack([carried(shape) for shape in head.expression]).astype(np.float16),
    )  # fmt: skip
    return made, spread(uv)[kept]


def _split(head: Head) -> tuple[Head, np.ndarray]:
    """The head with a vertex of the skin for each of its places in the layout, and those places (n_skin, 2)."""
    is_skin = head.triangle_parts == Part.SKIN
    corners = np.stack([head.triangles[is_skin], split_faces(head.face_uv)[0][is_skin]], axis=-1)
    pairs, number = np.unique(corners.reshape(-1, 2), axis=0, return_inverse=True)
    n_skin = len(pairs)
    first = np.zeros(head.n_skin, np.int64)
    first[pairs[::-1, 0]] = np.arange(n_skin)[::-1]
    triangles = np.where(
        head.triangles < head.n_skin, first[np.minimum(head.triangles, head.n_skin - 1)],
        head.triangles + n_skin - head.n_skin,
    )  # fmt: skip
    triangles[is_skin] = number.reshape(-1, 3)
    of = np.concatenate([pairs[:, 0], np.arange(head.n_skin, len(head.neutral))])
    split = replace(
        head, neutral=head.neutral[of], n_skin=n_skin, parts=head.triangle_parts,
        faces=np.concatenate([triangles, np.full((len(triangles), 1), -1)], axis=1).astype(np.int32),
        chart=head.chart[pairs[:, 0]], detail_weight=head.detail_weight[pairs[:, 0]],
        expression=head.expression[:, of], identity=head.identity[:0],
    )  # fmt: skip
    return split, head.uv[pairs[:, 1]].astype(np.float64)


def _thinned(
    places: tuple[np.ndarray, np.ndarray], triangles: np.ndarray, wanted: np.ndarray, held: np.ndarray,
    random: np.random.Generator,
) -> np.ndarray:  # fmt: skip
    """Triangles (T, 3) after edges shorter than `wanted` (V,) fell together into one of their ends, shortest first.

    Vertices that are `held`, and those of the border, stay. No triangle turns over in space or in the layout, which are
    the `places` of the vertices, (V, 3) each, and none is doubled.
    """
    points, flat = places
    faces = {number: tuple(corners) for number, corners in enumerate(triangles.tolist())}
    of_vertex: list[set[int]] = [set() for _ in points]
    for number, corners in faces.items():
        for corner in corners:
            of_vertex[corner].add(number)
    edges, counts = np.unique(
        np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1), axis=0, return_counts=True
    )
    held = held.copy()
    held[edges[counts == 1]] = True
    length = np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1)
    order = length / (wanted[edges].mean(axis=1)) * random.uniform(0.7, 1.3, len(edges))
    waiting = [(share, a, b) for share, (a, b) in zip(order.tolist(), edges.tolist(), strict=True) if share < 1.3]
    heapq.heapify(waiting)

    def around(vertex: int) -> set[int]:
        return {corner for number in of_vertex[vertex] for corner in faces[number]} - {vertex}

    while waiting:
        _, a, b = heapq.heappop(waiting)
        gone, stays = (a, b) if random.random() < 0.5 else (b, a)
        if held[gone]:
            gone, stays = stays, gone
        shared = of_vertex[gone] & of_vertex[stays]
        if held[gone] or len(shared) != 2 or len(around(gone) & around(stays)) != 2:
            continue
        if np.linalg.norm(points[gone] - points[stays]) > wanted[[gone, stays]].mean():
            continue
        moved = of_vertex[gone] - shared
        before = np.array([faces[number] for number in moved])
        after = np.where(before == gone, stays, before)
        if not (_same_side(points[before], points[after]) and _same_side(flat[before], flat[after])):
            continue
        for number in shared:
            for corner in faces.pop(number):
                of_vertex[corner].discard(number)
        for number, corners in zip(moved, after.tolist(), strict=True):
            faces[number] = tuple(corners)
            of_vertex[stays].add(number)
        of_vertex[gone].clear()
        near = around(stays)
        to = np.linalg.norm(points[list(near)] - points[stays], axis=1) / wanted[stays]
        for vertex, share in zip(near, to.tolist(), strict=True):
            if share < 1:
                heapq.heappush(waiting, (share * float(random.uniform(0.7, 1.3)), stays, vertex))
    return np.array(list(faces.values()))


def _same_side(before: np.ndarray, after: np.ndarray) -> bool:
    """Whether triangles (T, 3, 3) still look the same way, and none is a needle."""
    normals = [np.cross(one[:, 1] - one[:, 0], one[:, 2] - one[:, 0]) for one in (before, after)]
    size = [np.linalg.norm(one, axis=1) for one in normals]
    longest = np.linalg.norm(after - np.roll(after, 1, axis=1), axis=2).max(axis=1)
    along = (normals[0] * normals[1]).sum(axis=1)
    return bool((along > 0.5 * size[0] * size[1]).all() and (size[1] > 0.15 * longest**2).all())
