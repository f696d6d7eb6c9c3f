"""The head: template mesh, identity modes, ARKit expression shapes and chart coordinates.

Units are millimetres, Y up, facing +Z; the subject's left is +X. Skin vertices come first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from rhytid.core.head.material import Material
from rhytid.core.head.other_parts import OtherPart
from rhytid.core.head.pins import HeadPin

Float32 = npt.NDArray[np.float32]
Float16 = npt.NDArray[np.float16]
Int32 = npt.NDArray[np.int32]
Int16 = npt.NDArray[np.int16]


class Part(IntEnum):
    """What a face of the mesh belongs to."""

    SKIN = 0
    EYE_LEFT = 1
    EYE_RIGHT = 2
    TEETH = 3
    MOUTH = 4


@dataclass(frozen=True, eq=False)
class Head:
    """A head that every stage of the program reads and none changes.

    Attributes
    ----------
    name : str
        Shown in the window; "default" for the head in `resources/head`.
    digest : str
        sha256 of the content but for the ageing; names the head in projects and caches.
    neutral : float32 (V, 3)
        Mean face in mm. Vertices ``0 .. n_skin - 1`` are skin.
    faces : int32 (F, 4)
        Vertex indices, counter-clockwise from outside; the last is -1 for a triangle.
    parts : uint8 (F,)
        `Part` of each face.
    n_skin : int
        Number of skin vertices.
    chart : float32 (n_skin, 2)
        Chart coordinate (x right, y down, origin top left; x = 0 is the subject's right, y = 0 the
        forehead). Facial skin lies inside 0..1; scalp, ears and neck may lie outside. Injective.
    detail_weight : float32 (n_skin,)
        0..1, how much of the detail the vertex takes: 1 on the face, smoothly 0 before the chart's border.
    uv : float32 (U, 2)
        The head's own texture coordinates, origin bottom left; UDIM tiles by integer part
        (1001 chart, 1002 scalp, ears and neck, 1003 eyes, 1004 mouth).
    face_uv : int32 (F, 4)
        Indices into `uv`, -1 as in `faces`.
    identity : float16 (I, V, 3)
        Offsets in mm for one standard deviation of each mode.
    expression : float16 (52, V, 3)
        Offsets in mm at weight 1, in the order of `core.arkit.ARKIT_NAMES`.
    landmarks : int32 (68,)
        Skin vertices of the 68 iBUG landmarks.
    eye_centers : float32 (2, 3)
        Rotation centres of the left and the right eyeball in mm.
    ageing : float16 (A, V, 3)
        Offsets in mm that the years add at share 1; A may be 0.
    ageing_names : tuple of A str
        Parts of the face that age, as `core.head.ageing.AGED_PARTS` calls them.
    made_shapes : tuple of str
        ARKit names of expression shapes that were not measured on this head but made from the default head's; no part
        of the digest.
    residual_mm : float32 (n_skin,) or (0,)
        How far each vertex of the skin lies from the default head that was laid onto it; empty for heads that were
        not registered. No part of the digest.
    pins : tuple of HeadPin
        Landmarks that a person had put in place when it was registered; no part of the digest.
    notes : tuple of str
        What was done to the content of the file that it came from (turned, scaled), to be told once; no part of
        the digest.
    other_parts : tuple of OtherPart
        Body, hair, lashes and what else its file holds; no part of the digest.
    materials : tuple of Material
        Of the head's own meshes in its file; empty where they are not known, as of the default head. No part of the
        digest.
    face_material : int16 (F,) or (0,)
        Which of `materials` each face has.
    """

    name: str
    digest: str
    neutral: Float32
    faces: Int32
    parts: npt.NDArray[np.uint8]
    n_skin: int
    chart: Float32
    detail_weight: Float32
    uv: Float32
    face_uv: Int32
    identity: Float16
    expression: Float16
    landmarks: Int32
    eye_centers: Float32 = field(default_factory=lambda: np.zeros((2, 3), np.float32))
    ageing: Float16 = field(default_factory=lambda: np.zeros((0, 0, 3), np.float16))
    ageing_names: tuple[str, ...] = ()
    made_shapes: tuple[str, ...] = ()
    residual_mm: Float32 = field(default_factory=lambda: np.zeros(0, np.float32))
    pins: tuple[HeadPin, ...] = ()
    notes: tuple[str, ...] = ()
    other_parts: tuple[OtherPart, ...] = ()
    materials: tuple[Material, ...] = ()
    face_material: Int16 = field(default_factory=lambda: np.zeros(0, np.int16))

    @property
    def n_identity(self) -> int:
        return int(self.identity.shape[0])

    def shape(self, identity: npt.ArrayLike, expression: npt.ArrayLike, ageing: npt.ArrayLike = ()) -> Float32:
        """Vertices in mm for weights of identity (standard deviations, up to I), expression (52,) and ageing (A or 0).

        Only shapes with a weight other than 0 cost time, and the last identity and its last age are remembered, so
        that a moving slider of an expression does not pay for them.

        Returns float32 (V, 3), an array of the caller's own.

        Raises
        ------
        ValueError
            More identity weights than modes (zeros at the end are fine), not 52 expression weights, weights of
            ageing that are not as many as the head has, or a weight that is not finite.
        """
        weights = np.asarray(expression, np.float32).ravel()
        if weights.shape != (self.expression.shape[0],):
            raise ValueError(f"{self.expression.shape[0]} expression weights are needed, not {weights.size}")
        if not np.isfinite(weights).all():
            raise ValueError("an expression weight is not a finite number")
        years = np.asarray(ageing, np.float32).ravel()
        vertices = self._aged_shape(np.asarray(identity, np.float32).ravel(), years).copy()
        for index in np.flatnonzero(weights):
            moved, offsets = self._expression_offsets(int(index))
            vertices[moved] += weights[index] * offsets
        return vertices

    def _aged_shape(self, identity: Float32, weights: Float32) -> Float32:
        if not weights.any():
            return self._identity_shape(identity)
        if len(weights) != len(self.ageing):
            raise ValueError(f"{len(self.ageing)} weights of ageing are needed, not {len(weights)}")
        if not np.isfinite(weights).all():
            raise ValueError("a weight of ageing is not a finite number")
        key = identity.tobytes() + b"/" + weights.tobytes()
        remembered = self._ageing_memory.get("last")
        if remembered is not None and remembered[0] == key:
            return remembered[1]
        vertices = self._identity_shape(identity).copy()
        for index in np.flatnonzero(weights):
            moved, offsets = self._ageing_offsets[index]
            vertices[moved] += weights[index] * offsets
        self._ageing_memory["last"] = (key, vertices)
        return vertices

    def _identity_shape(self, weights: Float32) -> Float32:
        if not np.isfinite(weights).all():
            raise ValueError("an identity weight is not a finite number")
        if weights[self.n_identity :].any():
            raise ValueError(f"the head has {self.n_identity} identity modes, not {weights.size}")
        weights = weights[: self.n_identity]
        key = weights.tobytes()
        remembered = self._identity_memory.get("last")
        if remembered is not None and remembered[0] == key:
            return remembered[1]
        vertices = self.neutral.copy()
        for index in np.flatnonzero(weights):
            vertices += weights[index] * self.identity[index].astype(np.float32)
        self._identity_memory["last"] = (key, vertices)
        return vertices

    def _expression_offsets(self, index: int) -> tuple[slice, Float32]:
        """Range of the vertices that a shape moves and their float32 offsets, cast at first use."""
        cast = self._cast_expressions.get(index)
        if cast is None:
            moving = np.flatnonzero(self.expression[index].any(axis=1))
            moved = slice(int(moving[0]), int(moving[-1]) + 1) if moving.size else slice(0, 0)
            cast = (moved, self.expression[index, moved].astype(np.float32))
            self._cast_expressions[index] = cast
        return cast

    @cached_property
    def _ageing_offsets(self) -> list[tuple[npt.NDArray[np.intp], Float32]]:
        """Vertices that each part's ageing moves, and their float32 offsets."""
        moved = [np.flatnonzero(offsets.any(axis=1)) for offsets in self.ageing]
        return [(at, offsets[at].astype(np.float32)) for at, offsets in zip(moved, self.ageing, strict=True)]

    @cached_property
    def _ageing_memory(self) -> dict[str, tuple[bytes, Float32]]:
        # As `_identity_memory`.
        return {}

    @cached_property
    def _identity_memory(self) -> dict[str, tuple[bytes, Float32]]:
        # One entry, replaced as a whole: worker threads may read while the GUI thread writes.
        return {}

    @cached_property
    def _cast_expressions(self) -> dict[int, tuple[slice, Float32]]:
        return {}

    @cached_property
    def triangles(self) -> Int32:
        """All faces split into triangles, int32 (T, 3), in the order of `faces`."""
        return split_faces(self.faces)[0]

    @cached_property
    def triangle_parts(self) -> npt.NDArray[np.uint8]:
        """`Part` of each of `triangles`, uint8 (T,)."""
        return self.parts[split_faces(self.faces)[1]]

    @cached_property
    def skin_triangles(self) -> Int32:
        """Those of `triangles` that are skin, int32 (S, 3); their indices are below `n_skin`."""
        return self.triangles[self.triangle_parts == Part.SKIN]


def split_faces(faces: Int32) -> tuple[Int32, npt.NDArray[np.intp]]:
    """Triangles of quads and triangles.

    Parameters
    ----------
    faces : int32 (F, 4)
        The last index is -1 for a triangle.

    Returns
    -------
    triangles : int32 (T, 3)
        In the order of `faces`, same winding; a quad is cut along its first diagonal (corners 0 and 2).
    face : intp (T,)
        Face that each triangle comes from.
    """
    is_quad = faces[:, 3] >= 0
    n_triangles = 1 + is_quad.astype(np.intp)
    face = np.repeat(np.arange(len(faces)), n_triangles)
    second = np.zeros(len(face), bool)
    second[np.cumsum(n_triangles)[is_quad] - 1] = True
    triangles = faces[face, :3].copy()
    triangles[second] = faces[face[second]][:, [0, 2, 3]]
    return np.ascontiguousarray(triangles, np.int32), face
