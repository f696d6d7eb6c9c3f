"""What the later steps read of a photo."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.srgb import linear_from_srgb
from rhytid.core.photo.face_finder import FaceFinder, FoundFace
from rhytid.core.photo.image import FILM_DIAGONAL_MM, Photo
from rhytid.core.photo.landmarks import BROWS, Landmarks
from rhytid.core.photo.masks import Masks, masks_of
from rhytid.core.read_only import read_only

_EYE_DISTANCE_MM = 90.0  # between the outer corners of the eyes
_LOST = 0.8  # of the weight of a point that is covered: the networks guess it, and not badly
_NEAREST_MM = 250.0  # nobody is photographed from closer by
_CODES = linear_from_srgb(np.arange(256) / 255).astype(np.float32)


@dataclass(frozen=True)
class Observation:
    """A photo with one face found in it.

    Attributes
    ----------
    pixels : uint8 (H, W, 3), read-only
        sRGB.
    linear : float32 (H, W, 3), read-only
        Linear RGB, 0..1.
    landmarks : Landmarks
    masks : Masks
    focal_px : float or None
        Focal length as the camera told it, px; None where it did not.
    """

    pixels: npt.NDArray[np.uint8]
    linear: npt.NDArray[np.float32]
    landmarks: Landmarks
    masks: Masks
    focal_px: float | None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, px."""
        return self.pixels.shape[1], self.pixels.shape[0]


def observe(photo: Photo, finder: FaceFinder, face: FoundFace | None = None) -> Observation:
    """Find a face in a photo, and all that is known of it.

    Parameters
    ----------
    photo : Photo
    finder : FaceFinder
    face : FoundFace, optional
        One of `finder.find(photo.pixels)`; by default the best.

    Raises
    ------
    core.photo.face_finder.NoFace
        There is none, or it cannot be read.
    """
    if face is None:
        face = finder.find(photo.pixels)[0]
    landmarks = finder.landmarks(photo.pixels, face)
    return observed(photo, landmarks)


def observed(photo: Photo, landmarks: Landmarks) -> Observation:
    """A photo whose landmarks are known; those that something covers lose most of their weight."""
    masks = masks_of(photo.pixels, landmarks)
    linear = read_only(_CODES[photo.pixels])
    return Observation(photo.pixels, linear, _less_covered(landmarks, masks), masks, _focal_px(photo, landmarks))


def _less_covered(landmarks: Landmarks, masks: Masks) -> Landmarks:
    # OpenCV counts from the middle of the first pixel.
    x, y = np.hsplit(landmarks.points - np.float32(0.5), 2)
    cover = np.maximum(masks.hair, masks.occluder)
    covered = np.asarray(cv2.remap(cover, x, y, cv2.INTER_LINEAR), np.float32)[:, 0]
    covered[list(BROWS)] = 0  # which are hair themselves
    return replace(landmarks, weights=read_only(landmarks.weights * (1 - np.float32(_LOST) * covered)))


def _focal_px(photo: Photo, landmarks: Landmarks) -> float | None:
    """The focal length that the camera told, unless it cannot be that of this picture.

    A photo that was cut out of a larger one still tells the focal length of the whole, which brings the face nearer
    than it was.
    """
    if photo.focal_35mm is None:
        return None
    height, width = photo.pixels.shape[:2]
    focal_px = photo.focal_35mm * math.hypot(width, height) / FILM_DIAGONAL_MM
    distance_mm = focal_px * _EYE_DISTANCE_MM / landmarks.eye_distance
    return focal_px if distance_mm >= _NEAREST_MM else None
