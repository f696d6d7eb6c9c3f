"""What else a head's file holds: body, hair, lashes, clothes. Shown and exported as they came, without detail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.head.material import Material
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
Float16 = npt.NDArray[np.float16]
Int32 = npt.NDArray[np.int32]

MAX_OTHER_VERTICES = 600_000
MAX_OTHER_TRIANGLES = 1_200_000


@dataclass(frozen=True, eq=False)
class OtherPart:
    """A mesh of one material that stands or moves with a head.

    Attributes
    ----------
    name : str
    vertices, normals : float32 (V, 3)
        mm, upright as the head; unit.
    triangles : int32 (T, 3)
        Counter-clockwise from outside.
    uv : float32 (V, 2)
        Origin bottom left; 0 where the file has none.
    material : Material
    names : tuple of N str
        ARKit's names of the expressions that move it.
    offsets : float16 (N, V, 3)
        mm at weight 1.
    is_film : bool
        A clear film over the eye (cornea, tears, shade of the lid), which the viewport's eyes have of themselves:
        exported, not drawn.
    """

    name: str
    vertices: Float32
    normals: Float32
    triangles: Int32
    uv: Float32
    material: Material
    names: tuple[str, ...] = ()
    offsets: Float16 = field(default_factory=lambda: np.zeros((0, 0, 3), np.float16))
    is_film: bool = False

    def __post_init__(self) -> None:
        for values in (self.vertices, self.normals, self.triangles, self.uv, self.offsets):
            read_only(values)

    def shape(self, expression: Sequence[float] | Float32) -> Float32:
        """Vertices in mm for weights of the 52 expressions; the very same array where none of them moves it."""
        vertices = self.vertices
        for name, offsets in zip(self.names, self.offsets, strict=True):
            weight = np.float32(expression[ARKIT_INDEX[name]])
            if weight:
                vertices = vertices + weight * offsets.astype(np.float32)
        return vertices
