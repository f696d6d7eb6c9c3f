"""Expression shapes and identity modes of a reference carried to a head that the reference was laid onto.

A point of the skin moves as the point of the reference that lies on it. What is behind the skin follows what lies in
its place in the reference, once that is bent as its skin was: lining, gums, tongue and teeth. Eyeballs turn as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.head.fit.even_lips import TELLING, EvenLips
from rhytid.core.head.fit.lids import CLOSING, closing
from rhytid.core.head.fit.skin_fit import SkinFit
from rhytid.core.head.head import Float16, Float32, Head, Int32, Part, split_faces
from rhytid.core.head.normals import vertex_normals
from rhytid.core.head.surface import Surface

Float64 = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

_EYES = (Part.EYE_LEFT, Part.EYE_RIGHT)
# Skin so far from the reference's may be the inside of a mouth or of a lid.
_INSIDE_MM = 3.0
_NEIGHBOURS = 8
_CANDIDATES = 12
# What is less is rounding.
_LEAST_MM = 0.004


class Transfer:
    """The way from offsets of a reference's vertices to those of another head.

    Parameters
    ----------
    fit : SkinFit
    reference : Head
    neutral : float32 (V, 3)
        The other head, mm, skin first.
    faces : int32 (F, 4)
    parts : uint8 (F,)
    n_skin : int
    """

    def __init__(
        self, fit: SkinFit, reference: Head, neutral: Float32, faces: Int32, parts: npt.NDArray[np.uint8], n_skin: int
    ) -> None:
        self._fit, self._reference, self._n_vertices, self._n_skin = fit, reference, len(neutral), n_skin
        points = fit.from_target(neutral.astype(np.float64))
        triangles = split_faces(faces[parts == Part.SKIN])[0]
        self._skin = Surface(points[:n_skin], triangles)
        warped = _warped(fit, reference)
        corners = reference.skin_triangles[fit.where.triangle].astype(np.intp)
        self._corners = np.zeros((len(neutral), 3), np.intp)
        self._weights = np.zeros((len(neutral), 3))
        self._corners[:n_skin], self._weights[:n_skin] = corners, fit.where.barycentric
        inside = _vertices(reference.faces, reference.parts, (Part.MOUTH,))
        far = np.flatnonzero(fit.where.distance > _INSIDE_MM)
        distance, nearest = cKDTree(warped[inside]).query(points[far])
        nearer = distance < fit.where.distance[far]
        self._follow(far[nearer], inside[nearest[nearer]])
        for part in (Part.MOUTH, Part.TEETH):
            own = _vertices(faces, parts, (part,))
            own = own[own >= n_skin]
            if len(own):
                known = _vertices(reference.faces, reference.parts, (part,))
                self._follow(own, known[cKDTree(warped[known]).query(points[own])[1]])
        self._eyes = []
        for part in _EYES:
            own, known = _vertices(faces, parts, (part,)), _vertices(reference.faces, reference.parts, (part,))
            own = own[own >= n_skin]
            if len(own) and len(known):
                ball = points[own]
                self._eyes.append((own, known, ball - (ball.min(axis=0) + ball.max(axis=0)) / 2))
        telling = [self._carried(reference.expression[number])[:n_skin] for number in TELLING]
        places = np.einsum(
            "nk,nkc->nc", self._weights[:n_skin], reference.neutral[self._corners[:n_skin]].astype(np.float64)
        )
        self._even = EvenLips(places, points[:n_skin], triangles, reference, np.concatenate(telling, axis=1))

    def _follow(self, own: Index, reference: Index) -> None:
        self._corners[own], self._weights[own] = reference[:, None], (1.0, 0.0, 0.0)

    def _carried(self, offsets: npt.NDArray[np.floating]) -> Float64:
        return np.asarray(np.einsum("nk,nkc->nc", self._weights, offsets[self._corners].astype(np.float64)))

    def of(self, offsets: npt.NDArray[np.floating]) -> Float64:
        """Offsets (V, 3) of the head in mm for those of the reference's vertices, as `Head.expression` has them."""
        wide = offsets.astype(np.float64)
        moved = self._carried(wide)
        self._even.even(moved[: self._n_skin])
        for own, known, away in self._eyes:
            rest = self._reference.neutral[known].astype(np.float64)
            turn, shift = _rigid(rest, rest + wide[known])
            moved[own] = away @ (turn - np.eye(3)).T + shift
        moved[np.linalg.norm(moved, axis=1) < _LEAST_MM] = 0
        return self._fit.to_target(moved)

    def expressions(self, names: Sequence[str]) -> Float16:
        """Shapes of the reference under names of ARKit, float16 (S, V, 3); eyes close in those that close them."""
        reference = self._reference
        asked = set(CLOSING) & set(names)
        skin = self._skin_at_eyes() / self._fit.growth if asked else self._fit.skin
        return self.shapes([
            closing(reference, name, skin) if name in asked else reference.expression[ARKIT_INDEX[name]]
            for name in names
        ])  # fmt: skip

    def _skin_at_eyes(self) -> Float64:
        """The fitted skin (n, 3), on the head's own where lids close: what a fit leaves there is as wide as a slit."""
        skin, reference = self._fit.skin.copy(), self._reference
        shapes = reference.expression[[ARKIT_INDEX[name] for name in CLOSING], : reference.n_skin]
        lids = np.flatnonzero(shapes.any(axis=(0, 2)))
        normals = vertex_normals(skin.astype(np.float32), reference.skin_triangles)[lids]
        found = self._skin.nearest(skin[lids], normals.astype(np.float64), _CANDIDATES)
        near = found.distance < _INSIDE_MM
        skin[lids[near]] = self._skin.at(found)[near]
        return skin

    def shapes(self, shapes: Sequence[npt.NDArray[np.floating]] | npt.NDArray[np.floating]) -> Float16:
        """Several shapes (S, V, 3) at once, float16."""
        made = np.zeros((len(shapes), self._n_vertices, 3), np.float16)
        for number, offsets in enumerate(shapes):
            made[number] = self.of(offsets)
        return made


def _vertices(faces: Int32, parts: npt.NDArray[np.uint8], wanted: tuple[Part, ...]) -> Index:
    found = np.unique(faces[np.isin(parts, wanted)])
    return found[found >= 0].astype(np.intp)


def _warped(fit: SkinFit, reference: Head) -> Float64:
    """All vertices of the reference (V, 3), those behind the skin moved as the skin before them."""
    neutral = reference.neutral.astype(np.float64)
    n = reference.n_skin
    distance, nearest = cKDTree(neutral[:n]).query(neutral[n:], k=_NEIGHBOURS)
    weights = 1 / (distance + 1.0)
    weights /= weights.sum(axis=1, keepdims=True)
    moved = fit.skin - neutral[:n]
    return np.concatenate([fit.skin, neutral[n:] + np.einsum("nk,nkc->nc", weights, moved[nearest])])


def _rigid(before: Float64, after: Float64) -> tuple[Float64, Float64]:
    """Turn (3, 3) about the middle of points and shift (3,) of that middle that carry them nearest to others."""
    middle, goal = (before.min(axis=0) + before.max(axis=0)) / 2, after - after.mean(axis=0)
    u, _, vt = np.linalg.svd(goal.T @ (before - before.mean(axis=0)))
    turn = u @ np.diag([1, 1, np.sign(np.linalg.det(u @ vt))]) @ vt
    return turn, after.mean(axis=0) - before.mean(axis=0) - (turn - np.eye(3)) @ (before.mean(axis=0) - middle)
