"""A figure whose face and body are one connected mesh: a head's skin with torso, arms, legs, hands and feet at it."""

from __future__ import annotations

import numpy as np

from rhytid.core.head.head import Head

T_POSE_DEG, A_POSE_DEG = 0.0, 50.0
_TORSO = [  # height, half width, half depth, mm
    (-215, 165, 80), (-250, 185, 95), (-290, 190, 105), (-320, 188, 110), (-350, 182, 112), (-450, 165, 110),
    (-560, 145, 95), (-660, 165, 105), (-740, 180, 112),
]  # fmt: skip
_ARM_ROWS = slice(2, 5)  # rows of the torso between which an arm begins
_ARM_RAD = 0.55
# Along the limb, half width, half depth.
_ARM = [(60, 58, 58), (150, 50, 50), (300, 42, 42), (330, 42, 42), (480, 36, 36), (570, 28, 28)]
_HAND = [(600, 40, 14), (660, 45, 14), (720, 40, 12), (760, 20, 8)]
_LEG = [(60, 95, 95), (260, 80, 80), (410, 60, 60), (560, 62, 62), (710, 45, 45), (790, 42, 42)]
_FOOT = [(805, 44, 70), (830, 48, 120)]


def one_mesh_body(head: Head, skin: np.ndarray, arms_down_deg: float = T_POSE_DEG) -> tuple[np.ndarray, np.ndarray]:
    """Vertices in mm and triangles of a figure; the first vertices are those of the skin.

    Parameters
    ----------
    head : Head
        The default head.
    skin : float (n_skin, 3)
        A shape of it.
    arms_down_deg : float
        0 for the T pose.
    """
    mesh = _Mesh(skin.astype(float), head.skin_triangles)
    loop = mesh.border(int(skin[:, 1].argmin()))
    n = len(loop)
    away = skin[loop] - skin[loop].mean(axis=0)
    angle = np.arctan2(away[:, 2], away[:, 0])
    rows = []
    for height, wide, deep in _TORSO:
        ring = np.stack([wide * np.cos(angle), np.full(n, height), deep * np.sin(angle) - 25], axis=1)
        loop = mesh.joined(loop, ring)
        rows.append(loop)
    front, back = (int(np.abs(angle - side).argmin()) for side in (np.pi / 2, -np.pi / 2))
    for sign in (1, -1):
        patch = np.stack(rows[_ARM_ROWS])[:, sign * np.cos(angle) > np.cos(_ARM_RAD)]
        mesh.without(patch)
        down = np.radians(arms_down_deg)
        mesh.limb(mesh.border(int(patch[0, 0])), np.array([sign * np.cos(down), -np.sin(down), 0.0]), _ARM + _HAND)
    middle_line = mesh.added(np.array([[0.0, _TORSO[-1][0] - 10, z] for z in (60.0, 0.0, -100.0)]))
    for first, last, between in ((front, back, middle_line[::-1]), (back, front, middle_line)):
        half = loop[(first + np.arange((last - first) % n + 1)) % n]
        mesh.limb(np.concatenate([half, between]), np.array([0.0, -1.0, 0.0]), _LEG + _FOOT)
    return mesh.points, mesh.triangles


class _Mesh:
    def __init__(self, points: np.ndarray, triangles: np.ndarray) -> None:
        self.points, self.triangles = points, triangles

    def added(self, points: np.ndarray) -> np.ndarray:
        """Indices of new vertices."""
        self.points = np.concatenate([self.points, points])
        return np.arange(len(self.points) - len(points), len(self.points))

    def border(self, vertex: int) -> np.ndarray:
        """The loop of vertices through one at which the mesh ends, in the order of its triangles."""
        sides = {tuple(side) for side in self.triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2).tolist()}
        following = {a: b for a, b in sides if (b, a) not in sides}
        loop = [vertex]
        while following[loop[-1]] != vertex:
            loop.append(following[loop[-1]])
        return np.array(loop)

    def without(self, patch: np.ndarray) -> None:
        """Take away the triangles between vertices of a patch."""
        self.triangles = self.triangles[~np.isin(self.triangles, patch).all(axis=1)]

    def joined(self, loop: np.ndarray, ring: np.ndarray) -> np.ndarray:
        """Indices of a new ring (N, 3) of vertices that a loop of as many is joined to."""
        new = self.added(ring)
        a, b, c, d = loop, np.roll(loop, -1), np.roll(new, -1), new
        self.triangles = np.concatenate([self.triangles, np.stack([a, d, b], axis=1), np.stack([b, d, c], axis=1)])
        return new

    def limb(self, loop: np.ndarray, along: np.ndarray, rings: list[tuple[float, float, float]]) -> None:
        """A tube from a loop, closed at its end; feet reach forward."""
        side = np.array([0.0, 0.0, 1.0])
        across = np.cross(along, side)
        root = self.points[loop].mean(axis=0)
        away = self.points[loop] - root
        angle = np.arctan2(away @ across, away @ side)
        for far, wide, deep in rings:
            # A hand is broad along z, a foot as well.
            one, other = (wide, deep) if abs(along[0]) > 0.1 else (deep, wide)
            forward = max(deep - wide, 0) * side
            ring = root + far * along + forward
            loop = self.joined(
                loop, ring + one * np.cos(angle)[:, None] * side + other * np.sin(angle)[:, None] * across
            )
        tip = self.added(self.points[loop].mean(axis=0, keepdims=True))
        fan = np.stack([loop, np.full(len(loop), tip[0]), np.roll(loop, -1)], axis=1)
        self.triangles = np.concatenate([self.triangles, fan])
