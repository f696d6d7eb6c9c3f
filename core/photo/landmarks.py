"""Points of a face in a picture: 468 of a mesh and five on each iris, and which of them are what.

The numbers are those of MediaPipe's face mesh. Points 468..472 lie on the iris of the person's right eye, 473..477 on
that of the left; the first of each five is the middle of the pupil, the others lie on the iris' border.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]

N_MESH = 468
N_POINTS = 478
RIGHT_IRIS = (468, 469, 470, 471, 472)
LEFT_IRIS = (473, 474, 475, 476, 477)
# Rings. Lids go from the outer corner along the lower lid to the inner corner and back along the upper lid.
RIGHT_LIDS = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
LEFT_LIDS = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
LIDS = RIGHT_LIDS + LEFT_LIDS
# Lips go from the right corner along the lower lip to the left corner and back along the upper lip.
OUTER_LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
INNER_LIPS = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191)
LIPS = OUTER_LIPS + INNER_LIPS
# Brows go along the lower border from the temple to the nose and back along the upper border.
RIGHT_BROW = (46, 53, 52, 65, 55, 107, 66, 105, 63, 70)
LEFT_BROW = (276, 283, 282, 295, 285, 336, 296, 334, 293, 300)
BROWS = RIGHT_BROW + LEFT_BROW
# From the middle of the forehead down the left side to the chin and up the right side.
OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
# From between the brows down to the tip.
NOSE_BRIDGE = (168, 6, 197, 195, 5, 4)
RIGHT_OUTER_CORNER, RIGHT_INNER_CORNER = 33, 133
LEFT_OUTER_CORNER, LEFT_INNER_CORNER = 263, 362
FOREHEAD, CHIN, NOSE_TIP = 10, 152, 4


@dataclass(frozen=True)
class Landmarks:
    """Points of one face.

    Attributes
    ----------
    points : float32 (478, 2), read-only
        px.
    weights : float32 (478,), read-only
        How far each point is to be trusted, 0..1.
    presence : float
        How sure it is that there is a face, 0..1.
    """

    points: Float32
    weights: Float32
    presence: float

    @property
    def eye_distance(self) -> float:
        """Distance between the outer corners of the eyes, px."""
        return float(np.linalg.norm(self.points[LEFT_OUTER_CORNER] - self.points[RIGHT_OUTER_CORNER]))
