"""A body in one mesh with the face: which faces of the mesh are it, and the same as a part beside the head.

Faces are taken whole, so both sides of the cut keep the vertices of its ring, in the very same places.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.head.fit.skin_fit import Similarity
from rhytid.core.head.head import Float16, Int16, Int32, split_faces
from rhytid.core.head.material import Material
from rhytid.core.head.other_parts import OtherPart

Float64 = npt.NDArray[np.float64]

BODY_NAME = "Body"
# In the reference's frame, mm from between the ears. What reaches no farther than this is a bust, kept whole.
_BUST_MM = 500.0
# The cut goes through the neck, 80 mm below the chin, slanting as necks do; hands beside the face are body.
_CUT_MM, _SLANT = -130.0, 0.28
_SIDE_MM = 170.0
_SKIN = (0.52, 0.3, 0.22, 1.0)  # linear; of a body whose file says no colour


def body_faces(
    points_mm: npt.NDArray[np.floating], faces: npt.NDArray[np.integer], start: Similarity
) -> npt.NDArray[np.bool_]:
    """Which faces of a skin are body, bool (F,); none of them where the skin ends at the bust.

    Parameters
    ----------
    points_mm : float (V, 3)
        Upright.
    faces : int (F, 4)
        -1 at the end of triangles.
    start : (scale, rotation, shift)
        Lays the points onto the default head.
    """
    scale, rotation, shift = start
    placed = scale * np.asarray(points_mm, np.float64) @ rotation.T + shift
    used = np.unique(faces[faces >= 0])
    if np.linalg.norm(placed[used], axis=1).max() <= _BUST_MM:
        return np.zeros(len(faces), bool)
    of_head = (placed[:, 1] + _SLANT * placed[:, 2] > _CUT_MM) & (np.linalg.norm(placed, axis=1) < _BUST_MM)
    of_head &= np.abs(placed[:, 0]) < _SIDE_MM
    body: npt.NDArray[np.bool_] = ~(of_head[faces] | (faces < 0)).all(axis=1)
    return body


def body_parts(
    points_mm: Float64, normals: npt.NDArray[np.floating], faces: Int32, face_uv: Int32,
    uv: npt.NDArray[np.floating], expression: Float16, face_material: Int16, materials: Sequence[Material],
) -> tuple[OtherPart, ...]:  # fmt: skip
    """Parts beside the head, one for each material.

    Parameters
    ----------
    points_mm : float (V, 3)
        Of the whole mesh, as the head has them.
    normals : float (V, 3)
    faces, face_uv : int (F, 4)
        Of the body.
    uv : float (U, 2)
    expression : float16 (52, V, 3)
        mm.
    face_material : int16 (F,) or (0,)
    materials : sequence of Material
        What `face_material` counts.
    """
    corners, face = split_faces(faces)
    corner_uv = split_faces(face_uv)[0]
    number = face_material[face] if len(face_material) else np.zeros(len(face), np.int16)
    known = materials or (Material(BODY_NAME, _SKIN),)
    parts = []
    for one in np.unique(number).tolist():
        own = number == one
        # A vertex on a seam of the layout is one for each of its places there.
        pairs, index = np.unique(
            np.stack([corners[own].ravel(), corner_uv[own].ravel()], axis=1), axis=0, return_inverse=True
        )
        used = pairs[:, 0]
        at = uv[pairs[:, 1]]
        if materials:  # each had a tile of its own
            at = at - [np.floor(at[:, 0].min()), 0]
        moved = expression[:, used]
        moving = np.flatnonzero(moved.any(axis=(1, 2)))
        parts.append(
            OtherPart(
                BODY_NAME, points_mm[used].astype(np.float32), normals[used].astype(np.float32),
                index.reshape(-1, 3).astype(np.int32), at.astype(np.float32), known[one],
                tuple(ARKIT_NAMES[k] for k in moving), moved[moving],
            )
        )  # fmt: skip
    return tuple(parts)
