"""What of the mouth's flesh lies at the eyes: margins of the lids and caruncles."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Head, Part

FROM_EYES_MM = 30.0
"""What is farther from both eyes' centres belongs to the mouth."""


def at_eyes(head: Head) -> npt.NDArray[np.int8]:
    """Of each vertex near an eye's centre, which it is: 0 the left, 1 the right, -1 neither; int8 (V,)."""
    distance = np.linalg.norm(head.neutral[:, None] - head.eye_centers[None], axis=2)
    return np.where(distance.min(axis=1) < FROM_EYES_MM, distance.argmin(axis=1), -1).astype(np.int8)


def parts_in_pictures(head: Head) -> npt.NDArray[np.uint8]:
    """`Part` of each triangle as a picture shows it, uint8 (T,): flesh in an eye's opening is of that eye."""
    parts = head.triangle_parts.copy()
    eye = at_eyes(head)[head.triangles].min(axis=1)
    flesh = (parts == Part.MOUTH) & (eye >= 0)
    parts[flesh] = np.where(eye[flesh] == 0, Part.EYE_LEFT, Part.EYE_RIGHT)
    return parts
