"""Random people before a camera, for pictures of the program's own head of which everything is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX, N_EXPRESSION, linked_name
from rhytid.core.head.head import Head
from rhytid.core.photo.camera import PhotoCamera, view_rotation
from rhytid.core.synthesis.key_expressions import random_expression

Float32 = npt.NDArray[np.float32]
IDENTITY_SD = 0.8
_TARGET_MM = (0.0, 10.0, 50.0)  # the middle of the face
_LOOKS = ("eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft", "eyeLookDownLeft")


@dataclass(frozen=True, eq=False)
class Sitting:
    """One person before a camera.

    Attributes
    ----------
    identity : float32 (I,)
    expression : float32 (52,)
    yaw_deg, pitch_deg : float
        Where the camera stands: to the subject's left, and above.
    distance_mm : float
        To `target_mm` in head space, which is at the middle of the picture.
    height_deg : float
        The picture's angle of view from top to bottom.
    """

    identity: Float32
    expression: Float32
    yaw_deg: float
    pitch_deg: float
    distance_mm: float
    target_mm: tuple[float, float, float]
    height_deg: float

    def camera(self, size: tuple[int, int]) -> PhotoCamera:
        """The camera of a picture of a size (width, height) in px."""
        rotation = view_rotation(self.yaw_deg, self.pitch_deg)
        translation = np.array([0.0, 0.0, self.distance_mm]) - rotation @ np.asarray(self.target_mm)
        focal_px = size[1] / 2 / np.tan(np.radians(self.height_deg) / 2)
        return PhotoCamera(rotation, translation, float(focal_px), np.asarray(size) / 2, size)


def random_sitting(head: Head, rng: np.random.Generator, *, frontal: bool = False) -> Sitting:
    """A random person, expression, gaze and camera.

    Parameters
    ----------
    frontal : bool
        Within 8 degrees of the front; otherwise up to 35 degrees to the side and 15 up or down.
    """
    identity = np.clip(rng.normal(0.0, IDENTITY_SD, head.n_identity), -2.5, 2.5).astype(np.float32)
    expression = np.zeros(N_EXPRESSION, np.float32)
    if rng.random() > 0.2:
        # Seldom at full strength, often with one side stronger than the other.
        expression = random_expression(rng) * np.float32(rng.uniform(0.3, 1.0))
        for name, index in ARKIT_INDEX.items():
            if rng.random() < 0.3 and name.endswith(("Left", "Right")):
                expression[index] *= np.float32(rng.uniform(0.4, 1.0))
    expression[ARKIT_INDEX["tongueOut"]] = 0.0
    if rng.random() < 0.7:
        expression[[ARKIT_INDEX[name] for name in ARKIT_INDEX if name.startswith("eyeLook")]] = 0.0
        side, height = rng.integers(0, 2), rng.integers(2, 4)
        for name, weight in ((_LOOKS[side], rng.uniform(0, 0.7)), (_LOOKS[height], rng.uniform(0, 0.5))):
            expression[ARKIT_INDEX[name]] = expression[ARKIT_INDEX[linked_name(name)]] = weight
    yaw, pitch = (8.0, 8.0) if frontal else (35.0, 15.0)
    distance = float(np.exp(rng.uniform(np.log(450), np.log(1600))))
    visible_mm = rng.uniform(300, 420)
    shift = rng.normal(0, 8, 3)
    return Sitting(
        identity,
        expression.astype(np.float32),
        float(rng.uniform(-yaw, yaw)),
        float(rng.uniform(-pitch, pitch)),
        distance,
        (float(_TARGET_MM[0] + shift[0]), float(_TARGET_MM[1] + shift[1]), _TARGET_MM[2]),
        float(np.degrees(2 * np.arctan(visible_mm / 2 / distance))),
    )
