"""Photos laid out in the chart that were never taken: a ball's skin under known light."""

from __future__ import annotations

import cv2
import numpy as np

from rhytid.core.maps.harmonics import harmonics
from rhytid.core.photo.albedo_prior import AlbedoPrior
from rhytid.core.photo.unwrap import Unwrapped

SIDE = 128


def ball_normals(side=SIDE):
    """Normals of a ball's front, mirrored as those of a face are, float32 (side, side, 3)."""
    t = (np.arange(side) + 0.5) / side * 2 - 1
    yaw, pitch = np.meshgrid(1.2 * t, -1.0 * t)
    normal = np.stack([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)], axis=-1)
    return normal.astype(np.float32)


def even_prior():
    """Skin that has one colour all over the face, whichever it is."""
    tones = np.repeat(np.repeat(0.6 * np.eye(3, dtype=np.float32)[:, None, None], 16, axis=1), 16, axis=2)
    return AlbedoPrior(np.full((16, 16, 3), -1.3, np.float32), tones)


def skin(side=SIDE, tone=(0.5, 0.3, 0.22), seed=1):
    """Colours of skin that differ from place to place, with a few dark moles, linear float32 (side, side, 3)."""
    rng = np.random.default_rng(seed)
    noise = cv2.resize(rng.normal(0, 0.08, (40, 40, 3)).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.exp(noise) * np.array(tone, np.float32), np.float32)


def lamp(direction, strength, ambient=0.4, color=(1.0, 1.0, 1.0)):
    """Coefficients (9, 3) of a large lamp and even light: white, of strength 1 in the mean over the ball's front."""
    direction = np.asarray(direction, float) / np.linalg.norm(direction)
    x, y, z = direction
    cosine = np.array([0.25, y / 2, z / 2, x / 2, 15 / 16 * x * y, 15 / 16 * y * z, 5 / 64 * (3 * z * z - 1),
                       15 / 16 * x * z, 15 / 64 * (x * x - y * y)])  # fmt: skip
    sh9 = strength * cosine[:, None] * np.array(color)
    sh9[0] += ambient
    return sh9 / (harmonics(ball_normals()) @ sh9).mean(axis=(0, 1))


def photo_of(albedo, shading, weight=None, normal=None):
    """What a photo shows of `albedo` under `shading` (R, R, 3), seen everywhere or with `weight` (R, R)."""
    side = len(albedo)
    weight = np.ones((side, side), np.float32) if weight is None else weight.astype(np.float32)
    normal = ball_normals(side) if normal is None else normal
    nowhere = np.zeros((side, side, 2), np.float32)
    return Unwrapped((albedo * shading).astype(np.float32), weight, weight, normal, 80 * normal, nowhere, 1.0)


def decibels(found, truth, where=None):
    """How near colours are to the truth but for one gain per channel, dB of 1 in natural logarithm."""
    error = np.log(np.maximum(found, 1e-3)) - np.log(np.maximum(truth, 1e-3))
    error = error.reshape(-1, 3) if where is None else error[where]
    error = error - np.median(error, axis=0)
    return -10 * np.log10(np.square(error).mean())
