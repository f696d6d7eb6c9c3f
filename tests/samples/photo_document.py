"""A document that was made from a photo, without any model that finds faces."""

from __future__ import annotations

import hashlib

import cv2
import numpy as np

from rhytid.core.document.state import DocumentState
from rhytid.core.face.in_photo import original_state
from rhytid.core.head.load import default_head
from rhytid.core.photo.camera import PhotoCamera, view_rotation
from rhytid.core.photo.fit import HeadFit
from rhytid.core.photo.layer import PhotoLayer
from rhytid.core.photo.light import PhotoLight
from rhytid.core.photo.light_map import MAP_SIDE
from rhytid.core.read_only import read_only

SIZE = (200, 240)
SKIN = (196, 150, 128)


def photo_pixels() -> np.ndarray:
    """Skin in a soft light before a blue wall, uint8 (240, 200, 3)."""
    head, camera = default_head(), photo_camera()
    rng = np.random.default_rng(5)
    pixels = np.full((SIZE[1], SIZE[0], 3), (60, 80, 150), np.uint8)
    outline = cv2.convexHull(camera.project(head.neutral).astype(np.int32))
    cv2.fillConvexPoly(pixels, outline, SKIN)
    return np.clip(pixels + rng.integers(-6, 7, pixels.shape), 0, 255).astype(np.uint8)


def photo_camera() -> PhotoCamera:
    return PhotoCamera(view_rotation(5.0, 0.0), np.array([0.0, 10.0, 800.0]), 600.0, np.array([100.0, 120.0]), SIZE)


def photo_layer(light: bool = True) -> PhotoLayer:
    """The photo with all that is known of it; without its light if so wanted."""
    head = default_head()
    data = cv2.imencode(".png", photo_pixels()[..., ::-1])[1].tobytes()
    fit = HeadFit(np.zeros(head.n_identity, np.float32), np.zeros(52, np.float32), photo_camera(), None, 0.5)
    sh9 = np.outer([0.7, 0.2, 0.2, -0.2, 0, 0, 0, 0, 0], [1.0, 0.95, 0.9]).astype(np.float32)
    known = PhotoLight(read_only(sh9), read_only(np.tile(sh9, (MAP_SIDE, MAP_SIDE, 1, 1))))
    return PhotoLayer("anna.png", data, hashlib.sha256(data).hexdigest(), fit, known if light else None)


def photo_document() -> DocumentState:
    """As it was when the photo had been read."""
    return original_state(DocumentState(photo=photo_layer()))
