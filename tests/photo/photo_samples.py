"""Landmarks of heads of which everything is known."""

from __future__ import annotations

import numpy as np

from rhytid.core.arkit import expression_array
from rhytid.core.head.head import Head
from rhytid.core.photo.camera import PhotoCamera, view_rotation
from rhytid.core.photo.detector_error import DetectorError, detector_error, picture_axes, view_terms
from rhytid.core.photo.embedding import FITTED, landmark_places
from rhytid.core.photo.landmarks import Landmarks

SIZE = (640, 800)
SMILE = expression_array({"mouthSmileLeft": 0.6, "mouthSmileRight": 0.5, "jawOpen": 0.2})


def camera_at(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0, focal_px: float = 1500.0) -> PhotoCamera:
    return PhotoCamera(
        view_rotation(yaw, pitch, roll), np.array([5.0, -8.0, 900.0]), focal_px, np.array([320.0, 400.0]), SIZE
    )


def person(head: Head, seed: int) -> np.ndarray:
    return np.clip(np.random.default_rng(seed).normal(0, 0.8, head.n_identity), -2, 2).astype(np.float32)


def detected(
    head: Head,
    identity: np.ndarray,
    expression: np.ndarray,
    camera: PhotoCamera,
    noise_mm: float = 0.0,
    error: DetectorError | None = None,
) -> Landmarks:
    """What a detector finds that errs as the model of its errors says, and by some noise."""
    error = error or detector_error()
    points = camera.to_camera(landmark_places(head).of(head.shape(identity, expression)))
    added = np.tensordot(view_terms(camera), error.by_view, 1)
    added += np.tensordot(identity, error.by_identity, 1) + np.tensordot(expression, error.by_expression, 1)
    added += np.random.default_rng(1).normal(0, 1, added.shape) * noise_mm
    px_per_mm = camera.focal_px / points[:, 2].mean()
    found = np.zeros((478, 2), np.float32)
    found[list(FITTED)] = camera.pixels(points) + px_per_mm * added @ picture_axes(camera).T
    return Landmarks(found, np.ones(478, np.float32), 1.0)


def shape_error(found: np.ndarray, true: np.ndarray, head: Head) -> float:
    """Median distance in mm on the face after the best similarity."""
    face = head.detail_weight > 0.5
    a, b = (v[: head.n_skin][face].astype(float) for v in (found, true))
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    left, strength, right = np.linalg.svd(a.T @ b)
    return float(np.median(np.linalg.norm(strength.sum() / (a * a).sum() * a @ (left @ right) - b, axis=1)))
