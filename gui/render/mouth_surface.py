"""What drawing knows about the mouth's inside: where on a tooth a vertex is, and how much light the lips let in.

The ambient visibility behind the lips is that of one opening, and a polygon's is known in closed form (Lambert 1760):
so it is right in the frame in which the jaw opens, before anything is traced.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.head.eye_flesh import at_eyes
from rhytid.core.head.head import Head, Part
from rhytid.core.head.pieces import pieces

Float32 = npt.NDArray[np.float32]
Index = npt.NDArray[np.intp]

INNER_LIPS = slice(60, 68)  # landmarks along the opening
TONGUE_MARK = 0.25  # added to the part's number in the geometry buffer
EYE_MARK = 0.5  # the same of flesh at the eyes
_JAW_MOVES_MM = 1.0
# Shares of what the opening sends: to what faces it, and thrown on by walls; and what comes through lips and cheeks.
_FACING, _THROWN, _THROUGH = 0.85, 0.26, 0.045
_OUTSIDE = 0.8  # of what has come out before the lips
_OUTSIDE_MM = (0.0, 6.0)
_LEAST_MM2 = 200.0


class MouthSurface:
    """The vertices of teeth, gums, tongue and lining of a head.

    Attributes
    ----------
    vertices : intp (n,)
    """

    def __init__(self, head: Head, part: npt.NDArray[np.uint8]) -> None:
        self.vertices = np.flatnonzero(np.isin(part, (Part.TEETH, Part.MOUTH)) & (at_eyes(head) < 0))
        self._lips = head.landmarks[INNER_LIPS]
        self._head, self._part = head, part

    def coordinates(self) -> Float32:
        """What shading reads of each of `vertices`, float32 (n, 4): as the geometry buffer's `coord`.

        Neutral position / 100 mm; on teeth the second is the height on the crown, 0 at the root and 1 at the edge.
        The last is 1 + `Part`, on the tongue and `TONGUE_MARK`.
        """
        head, chosen = self._head, self.vertices
        result = np.concatenate([head.neutral[chosen] / 100, 1.0 + self._part[chosen, None]], axis=1).astype(np.float32)
        edges = np.concatenate([head.triangles[:, :2], head.triangles[:, 1:]])
        piece = pieces(edges, len(head.neutral))[chosen]
        drop = np.linalg.norm(head.expression[ARKIT_INDEX["jawOpen"]][chosen].astype(np.float32), axis=1)
        tooth = self._part[chosen] == Part.TEETH
        for one in np.unique(piece[tooth]):
            of_it = np.flatnonzero(tooth & (piece == one))
            y = head.neutral[chosen[of_it], 1]
            height = (y - y.min()) / max(float(np.ptp(y)), 1e-6)
            result[of_it, 1] = height if drop[of_it].mean() > _JAW_MOVES_MM else 1 - height
        out = head.expression[ARKIT_INDEX["tongueOut"]][chosen].any(axis=1) & ~tooth
        result[np.isin(piece, np.unique(piece[out])) & ~tooth, 3] += TONGUE_MARK if out.any() else 0.0
        return result

    def visibility(self, vertices: Float32, normals: Float32) -> Float32:
        """Ambient visibility 0..1 of each of `vertices`, float32 (n,), with the lips as they are now.

        Parameters
        ----------
        vertices, normals : float32 (V, 3)
            Of the whole head.
        """
        at, normal = vertices[self.vertices], normals[self.vertices]
        opening = vertices[self._lips]
        middle = opening.mean(axis=0)
        # Twice its area as a vector; the lips' landmarks run from the right corner over the upper lip.
        turn = np.cross(opening - middle, np.roll(opening, -1, axis=0) - middle).sum(axis=0)
        # Closed lips have no plane: then it is the face's.
        outwards = turn * (1.0 if turn[2] >= 0 else -1.0) + [0.0, 0.0, _LEAST_MM2]
        outwards /= np.linalg.norm(outwards)
        towards = middle - at
        distance = np.maximum(np.linalg.norm(towards, axis=1, keepdims=True), 1e-3)
        light = _vector_irradiance(at, opening)
        light *= np.sign((light * towards).sum(axis=1, keepdims=True))
        facing = np.clip((light * normal).sum(axis=1), 0, 1)
        thrown = np.clip((light * towards / distance).sum(axis=1), 0, 1)
        behind = np.clip(_FACING * facing + _THROWN * thrown + _THROUGH, 0, 1)
        before = np.clip((-(towards @ outwards) - _OUTSIDE_MM[0]) / (_OUTSIDE_MM[1] - _OUTSIDE_MM[0]), 0, 1)
        return np.asarray(behind + before * np.maximum(_OUTSIDE - behind, 0), np.float32)


def flesh_at_eyes(head: Head, part: npt.NDArray[np.uint8]) -> tuple[Index, Float32]:
    """Vertices of lid margins and caruncles, intp (n,), and what shading reads of them, float32 (n, 4).

    Place from the eyeball's centre at rest / 100 mm, x away from the nose; 1 + `Part` and `EYE_MARK`.
    """
    eye = at_eyes(head)
    vertices = np.flatnonzero((part == Part.MOUTH) & (eye >= 0))
    place = (head.neutral[vertices] - head.eye_centers[eye[vertices]]) / 100
    place[:, 0] *= np.where(eye[vertices] == 0, 1, -1)
    mark = np.full((len(vertices), 1), 1.0 + Part.MOUTH + EYE_MARK)
    return vertices, np.concatenate([place, mark], axis=1).astype(np.float32)


def _vector_irradiance(at: Float32, polygon: Float32) -> Float32:
    """Light vectors (n, 3) of a polygon (k, 3) of radiance 1 / pi: times a normal, the share of its hemisphere."""
    # Axis by axis: it runs with every change of shape.
    x, y, z = (polygon[:, axis, None] - at[None, :, axis] for axis in range(3))
    far = 1 / np.sqrt(np.maximum(x * x + y * y + z * z, 1e-12))
    x, y, z = x * far, y * far, z * far
    u, v, w = (np.roll(spokes, -1, axis=0) for spokes in (x, y, z))
    across = y * w - z * v, z * u - x * w, x * v - y * u
    angle = np.arccos(np.clip(x * u + y * v + z * w, -1, 1))
    share = angle / np.maximum(np.sqrt(across[0] ** 2 + across[1] ** 2 + across[2] ** 2), 1e-6) / (2 * np.pi)
    return np.stack([(axis * share).sum(axis=0) for axis in across], axis=1).astype(np.float32)
