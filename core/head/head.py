"""The head: template mesh, identity modes, ARKit expression shapes and chart coordinates.

Units are millimetres, Y up, facing +Z; the subject's left is +X. Skin vertices come first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float16 = npt.NDArray[np.float16]
Int32 = npt.NDArray[np.int32]


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
        sha256 of the content; names the head in projects and caches.
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

    @property
    def n_identity(self) -> int:
        return int(self.identity.shape[0])

    def shape(self, identity: npt.ArrayLike, expression: npt.ArrayLike) -> Float32:
        """Vertices in mm for identity weights (standard deviations, up to I of them) and expression weights (52,).

        Returns float32 (V, 3).
        """
        raise NotImplementedError

    @cached_property
    def triangles(self) -> Int32:
        """All faces split into triangles, int32 (T, 3), in the order of `faces`."""
        raise NotImplementedError

    @cached_property
    def triangle_parts(self) -> npt.NDArray[np.uint8]:
        """`Part` of each of `triangles`, uint8 (T,)."""
        raise NotImplementedError
