"""Texture coordinates for export: the exported maps lie in the chart, so the chart is UDIM tile 1001."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Float32, Head, Int32, Part

_SAME = 1e-3
_MARGIN = 0.002  # of tile 1002
EYES = (Part.EYE_LEFT, Part.EYE_RIGHT)


def export_uv(head: Head) -> tuple[Float32, Int32]:
    """Texture coordinates (U, 2), origin bottom left, and their indices per face (F, 4).

    The default head's own coordinates are of that kind. A head with another layout keeps it one UDIM row
    further up (1011, 1012, ...), but its facial skin moves into tile 1001, other skin into 1002 as it lies in the
    chart's plane, and its eyeballs into 1003, that they have the colours which they have in the viewport.
    """
    valid = head.faces >= 0
    in_chart = head.parts == Part.SKIN
    skin = np.flatnonzero(in_chart)
    corners = np.where(valid[skin], head.faces[skin], head.faces[skin, :1])
    chart = head.chart[corners]
    in_chart[skin] = ((chart >= 0) & (chart <= 1)).all(axis=(1, 2))
    of_chart = np.stack([head.chart[:, 0], 1 - head.chart[:, 1]], axis=1)

    tile = np.floor(head.uv[head.face_uv[:, :3]].mean(axis=1))
    own_first = (tile == 0).all(axis=1)
    compared = head.face_uv[own_first][valid[own_first]]
    vertex = head.faces[own_first][valid[own_first]]
    on_skin = vertex < head.n_skin
    if own_first.any() and on_skin.all() and np.abs(head.uv[compared] - of_chart[vertex]).max(initial=0) < _SAME:
        return compacted(head.uv, head.face_uv)
    balls, eyes = eyeballs(head), np.isin(head.parts, EYES)
    outer = (head.parts == Part.SKIN) & ~in_chart
    beside = _in_outer_tile(head, outer)
    uv = np.concatenate([of_chart, head.uv + np.array([0, 1], np.float32), balls, beside]).astype(np.float32)
    face_uv = np.where(in_chart[:, None], head.faces, head.face_uv + head.n_skin)
    face_uv[eyes] = head.faces[eyes] + head.n_skin + len(head.uv)
    face_uv[outer] = head.faces[outer] + head.n_skin + len(head.uv) + len(balls)
    return compacted(uv, np.where(valid, face_uv, -1).astype(np.int32))


def _in_outer_tile(head: Head, outer: npt.NDArray[np.bool_]) -> Float32:
    """Coordinates in tile 1002 of each vertex of the skin (n_skin, 2); of faces that are none of the `outer` anything.

    In the plane of the chart skin is hardly stretched, and nothing of a face's surroundings lies upon other skin.
    """
    used = head.faces[outer]
    places = head.chart[np.unique(used[used >= 0])] if outer.any() else head.chart
    low = places.min(axis=0)
    span = max(float((places.max(axis=0) - low).max()), 1e-6)
    inside = _MARGIN + (1 - 2 * _MARGIN) * (head.chart - low) / span
    return np.stack([1 + inside[:, 0], 1 - inside[:, 1]], axis=1).astype(np.float32)


def eye_directions(head: Head) -> Float32:
    """Where each vertex (V, 3) of an eyeball lies from its centre, a unit vector; of other vertices anything."""
    directions = np.zeros_like(head.neutral)
    for row, part in enumerate(EYES):
        corners = head.faces[head.parts == part]
        used = np.unique(corners[corners >= 0])
        away = head.neutral[used] - head.eye_centers[row]
        directions[used] = away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-6)
    return directions


def eyeballs(head: Head) -> Float32:
    """Coordinates in tile 1003 of each vertex (V, 2) of an eyeball; of other vertices anything.

    Both eyes have one picture: its middle looks ahead, its rim back, and between them lie equal angles.
    """
    directions = eye_directions(head)
    angle = np.arccos(np.clip(directions[:, 2], -1, 1))[:, None] / np.float32(np.pi)
    across = np.linalg.norm(directions[:, :2], axis=1, keepdims=True)
    places = 0.5 + 0.5 * angle * directions[:, :2] / np.maximum(across, np.float32(1e-6))
    return (places + np.array([2, 0])).astype(np.float32)


def is_moved_up(head: Head) -> bool:
    """Whether `export_uv` finds another layout than the chart's and moves it to the second row of tiles."""
    return bool((export_uv(head)[0][:, 1] > 1).any())


def lies_in_tile(uv: Float32, face_uv: Int32, column: int) -> bool:
    """Whether there are faces, and all lie in the first row's tile at a column."""
    used = uv[face_uv[face_uv >= 0]] - (column, 0)
    return len(used) > 0 and bool((used >= 0).all() and (used <= 1).all())


def compacted(uv: Float32, face_uv: Int32) -> tuple[Float32, Int32]:
    """Only the coordinates that a face uses."""
    valid = face_uv >= 0
    used = np.zeros(len(uv), bool)
    used[face_uv[valid]] = True
    renumbered = (np.cumsum(used) - 1).astype(np.int32)
    return uv[used], np.where(valid, renumbered[face_uv], -1).astype(np.int32)
