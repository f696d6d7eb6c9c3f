"""Flesh in an eye's opening: the margins of the lids with the tears along them, the caruncle and its fold.

All of it is laid out anew on the lids of every shape, so that it follows blink, gaze and people: margins grow
narrow and the caruncle flat as lids close.

The lower margin is about 2 mm thick and faces up, the upper one looks down (Snell and Lemp, "Clinical anatomy of the
eye", 1998); the meniscus of tears between margin and eyeball is a concave strip 0.2 to 0.3 mm high (Mainstone et al.,
"Tear meniscus measurement in the diagnosis of dry eye", 1996).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.head.build.eyes import ANGLE_DEG, gaze_turn, radius_towards
from rhytid.core.head.build.fields import smoothstep
from rhytid.core.head.build.pieces import Piece, strip, turned_over
from rhytid.core.head.head import Part

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

# Row of the lid grid that reaches farthest into the opening, and the one that turns back behind it.
_EDGE_ROW, _BEHIND_ROW = 10, 11
# Rows of a margin: share of its width towards the opening and mm beyond, share of the edge's height over the eyeball
# and mm below. Tears fill the angle from the third to the sixth.
_ROWS = (
    (0.0, 0.06, 0.93, 0.0), (0.45, 0.0, 0.74, 0.0), (0.82, 0.0, 0.42, 0.0), (1.0, 0.0, 0.17, 0.0),
    (1.0, 0.12, 0.06, 0.0), (1.0, 0.28, 0.0, -0.04), (1.0, 0.34, 0.0, 0.2), (1.0, 0.5, 0.0, 0.6),
)  # fmt: skip
_LOWER_MM, _UPPER_MM, _LEAST_MM = 0.62, 0.14, 0.06
_CORNER_SHARE = 0.16
# Rows of the caruncle's patch: mm along both lids from their inner corner.
_FROM_CORNER_MM = (0.1, 0.4, 0.8, 1.2, 1.6, 2.0, 2.4, 2.75, 3.1, 3.45, 3.85, 4.4)
_ACROSS = 9


def flesh(
    grid: Int64, side: float, skin: Float64, modes: Float64, shapes: Float64, ball: Piece, centre: Float64
) -> list[Piece]:
    """Margin of both lids and caruncle of one eye.

    Parameters
    ----------
    grid : int (rows, columns)
        Skin vertices of the lids from the skin around to the opening, columns in the direction in which faces
        towards the next row look at the eye's opening.
    side : float
        1 for the left eye, -1 for the right.
    skin : float (n_skin, 3)
    modes, shapes : float (I, n_skin, 3), (52, n_skin, 3)
    ball : Piece
        The eyeball.
    centre : float (3,)
    """
    lids = _Lids(grid, side, skin, centre)
    at_rest = lids.seen(skin, centre, 1.0, np.array([0.0, 0.0, 1.0]))
    seen = [at_rest]
    for mode, of_ball in zip(modes, ball.identity, strict=True):
        shift = of_ball.mean(axis=0)
        growth = float(
            np.linalg.norm((ball.vertices + of_ball) - (centre + shift), axis=1).mean()
            / np.linalg.norm(ball.vertices - centre, axis=1).mean()
        )
        seen.append(lids.seen(skin + mode, centre + shift, growth, at_rest.gaze))
    names = {ARKIT_INDEX[f"eyeLook{name}{'Left' if side > 0 else 'Right'}"]: name for name in ANGLE_DEG}
    for index, shape in enumerate(shapes):
        gaze = gaze_turn(names[index], side) @ at_rest.gaze if index in names else at_rest.gaze
        still = not shape[grid].any() and index not in names
        seen.append(at_rest if still else lids.seen(skin + shape, centre, 1.0, gaze))
    n_modes = len(modes)
    u = 0.02 if side > 0 else 0.27
    return [_margin(lids, seen, n_modes, u), _caruncle(lids, seen, n_modes, u)]


class _Seen:
    """The lids in one shape."""

    def __init__(self, edge: Float64, behind: Float64, centre: Float64, growth: float, gaze: Float64) -> None:
        self.edge, self.behind = edge, behind
        self.centre, self.growth, self.gaze = centre, growth, gaze
        self.openness: Float64 = np.ones(len(edge))
        self.height: Float64 = np.zeros(len(edge))

    def on_ball(self, direction: Float64) -> Float64:
        """Radius of the eyeball (..., 1) in directions (..., 3)."""
        return self.growth * radius_towards(direction @ self.gaze)[..., None]


class _Lids:
    """What the margins of one eye have at rest."""

    def __init__(self, grid: Int64, side: float, skin: Float64, centre: Float64) -> None:
        self._grid = grid
        self.loop = grid[-1]
        edge = self._edge = skin[grid[_EDGE_ROW]]
        x = side * edge[:, 0]
        self.inner, outer = int(x.argmin()), int(x.argmax())
        along = (x - x.min()) / np.ptp(x)
        chord = edge[self.inner, 1] + along * (edge[outer, 1] - edge[self.inner, 1])
        self._upper = edge[:, 1] > chord
        self._side = side
        inside = smoothstep(np.minimum(along, 1 - along) / _CORNER_SHARE)
        self.width = np.maximum(np.where(self._upper, _UPPER_MM, _LOWER_MM) * inside, _LEAST_MM)
        self._rest_height = self._opening(edge)

    def seen(self, skin: Float64, centre: Float64, growth: float, gaze: Float64) -> _Seen:
        """The lids on a moved skin."""
        result = _Seen(skin[self._grid[_EDGE_ROW]], skin[self._grid[_BEHIND_ROW]], centre, growth, gaze)
        result.height = self._opening(result.edge)
        result.openness = np.clip(result.height / np.maximum(self._rest_height, 1e-6), 0, 1)
        return result

    def _opening(self, edge: Float64) -> Float64:
        """Distance to the other lid at each column, at least so much that corners have a share, mm."""
        x, y = self._side * edge[:, 0], edge[:, 1]
        other = np.empty(len(edge))
        for own in (self._upper, ~self._upper):
            order = np.flatnonzero(~own)[x[~own].argsort()]
            other[own] = np.interp(x[own], x[order], y[order])
        return np.maximum(np.where(self._upper, y - other, other - y), 0) + 0.3

    def from_corner(self, upper: bool) -> Float64:
        """Weights (rows of the patch, columns) that pick places along one lid by their distance from the corner."""
        n = self._grid.shape[1]
        step = 1 if self._upper[(self.inner + 3) % n] == upper else -1
        columns = (self.inner + step * np.arange(n // 3)) % n
        at = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(self._edge[columns], axis=0), axis=1))])
        weights = np.zeros((len(_FROM_CORNER_MM), n))
        for row, distance in enumerate(_FROM_CORNER_MM):
            weights[row, columns] = np.interp(distance, at, np.arange(len(at))) - np.arange(len(at))
        return np.clip(1 - np.abs(weights), 0, 1) * np.isin(np.arange(n), columns)


def _pieces_shapes(rows: list[Float64], n_modes: int) -> tuple[Float64, Float64, Float64]:
    """Vertices (n, 3), identity (I, n, 3) and expression (52, n, 3) of layouts, the first at rest."""
    flat = [layout.reshape(-1, 3) for layout in rows]
    offsets = np.stack([layout - flat[0] for layout in flat[1:]])
    return flat[0], offsets[:n_modes], offsets[n_modes:]


def _margin(lids: _Lids, seen: list[_Seen], n_modes: int, u: float) -> Piece:
    """From the lids' innermost loop over their margins and the tears to under the eyeball's surface."""
    vertices, identity, expression = _pieces_shapes([_margin_rows(lids, one) for one in seen], n_modes)
    n = len(lids.loop)
    n_rows = len(vertices) // n
    rows = np.concatenate([-2 - lids.loop[None], np.arange(len(vertices)).reshape(n_rows, n)])
    across = np.linspace(0, 0.05, n_rows + 1)
    uv = np.stack(np.broadcast_arrays(u + np.linspace(0, 0.22, n), 0.45 + across[:, None]), axis=-1)
    return Piece(
        vertices, strip(rows, closed=True), Part.MOUTH, uv[1:].reshape(-1, 2), identity, expression, lids.loop, uv[0]
    )


def _margin_rows(lids: _Lids, seen: _Seen) -> Float64:
    """Rows (k, n, 3) from behind the lids' edge to under the eyeball's surface."""
    away = seen.edge - seen.centre
    distance = np.linalg.norm(away, axis=1, keepdims=True)
    out = away / distance
    along = np.roll(seen.edge, -1, axis=0) - np.roll(seen.edge, 1, axis=0)
    for _ in range(2):
        along = 0.5 * along + 0.25 * (np.roll(along, 1, axis=0) + np.roll(along, -1, axis=0))
    inward = np.cross(out, along)
    inward /= np.maximum(np.linalg.norm(inward, axis=1, keepdims=True), 1e-9)
    inward *= np.sign(((seen.edge.mean(axis=0) - seen.edge) * inward).sum(axis=1).mean())
    behind = seen.behind - seen.centre
    rows = [seen.centre + behind * (1 - 0.1 / np.linalg.norm(behind, axis=1, keepdims=True)) - 0.12 * inward]
    width = (lids.width * seen.openness)[:, None]
    for share, more_mm, height, below_mm in _ROWS:
        at = away + inward * (share * width + more_mm * np.minimum(seen.openness[:, None], 1))
        direction = at / np.linalg.norm(at, axis=1, keepdims=True)
        ball = seen.on_ball(direction)
        rows.append(seen.centre + direction * (ball + height * np.maximum(distance - ball, 0.1) - below_mm))
    return np.stack(rows)


def _caruncle(lids: _Lids, seen: list[_Seen], n_modes: int, u: float) -> Piece:
    """Caruncle and plica semilunaris: a mound in the corner at the nose and a crescent fold beside it."""
    weights = lids.from_corner(True), lids.from_corner(False)
    vertices, identity, expression = _pieces_shapes([_caruncle_rows(weights, one) for one in seen], n_modes)
    n_rows = len(_FROM_CORNER_MM)
    faces = strip(np.arange(n_rows * _ACROSS).reshape(n_rows, _ACROSS), closed=False)
    down, across = np.meshgrid(np.linspace(0, 0.2, n_rows), np.linspace(0, 0.04, _ACROSS), indexing="ij")
    uv = np.stack([u + down, 0.405 + across], axis=-1).reshape(-1, 2)
    corners = vertices[faces]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 1])
    if (normal * (corners.mean(axis=1) - seen[0].centre)).sum() < 0:
        faces = turned_over(faces)
    return Piece.alone(vertices, faces, Part.MOUTH, uv, identity, expression)


def _caruncle_rows(weights: tuple[Float64, Float64], seen: _Seen) -> Float64:
    """The patch (rows, _ACROSS, 3): over the ball as high as the lids leave room, its far edge below the ball."""
    upper, lower = (w @ seen.edge for w in weights)
    open_share = np.clip(weights[1] @ seen.openness, 0, 1)[:, None]
    t = np.linspace(-1, 1, _ACROSS)
    share = 0.5 + 0.5 * t[:, None]
    at = lower[:, None] * (1 - share) + upper[:, None] * share - seen.centre
    direction = at / np.linalg.norm(at, axis=2, keepdims=True)
    s = np.array(_FROM_CORNER_MM)[:, None]
    mound = 0.85 * np.exp(-(((s - 1.35) / 0.85) ** 4)) * (1 - 0.85 * t**2)
    fold_at = 2.95 + 0.6 * t**2
    fold = 0.30 * np.exp(-(((s - fold_at) / 0.36) ** 2))
    floor = 0.10 - 0.55 * smoothstep((s - fold_at - 0.1) / 0.9)
    height = (mound + fold) * open_share + floor
    return np.asarray(seen.centre + direction * (seen.on_ball(direction) + height[..., None]))
