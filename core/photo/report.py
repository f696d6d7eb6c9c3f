"""Pictures and figures of what was found in a photo, for looking."""

from __future__ import annotations

import json
import os
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.files.writing import replacing
from rhytid.core.maps.srgb import srgb_from_linear
from rhytid.core.photo.landmarks import BROWS, INNER_LIPS, LEFT_LIDS, OUTER_LIPS, OVAL, RIGHT_LIDS
from rhytid.core.photo.photo_face import PhotoFace

UInt8 = npt.NDArray[np.uint8]

_SIDE = 1024
_RELIEF_MM = 0.15
_RINGS = (RIGHT_LIDS, LEFT_LIDS, OUTER_LIPS, INNER_LIPS, OVAL)


def write_report(folder: str | os.PathLike[str], name: str, face: PhotoFace) -> None:
    """Write ``name_found.jpg`` (the photo with its landmarks, and the chart's maps) and ``name_found.json``.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    written, data = cv2.imencode(".jpg", report_picture(face)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
    assert written, "OpenCV writes JPEG"
    with replacing(place / f"{name}_found.jpg") as temporary:
        temporary.write_bytes(data.tobytes())
    with replacing(place / f"{name}_found.json") as temporary:
        temporary.write_text(json.dumps(figures(face), indent=1), encoding="utf-8")


def figures(face: PhotoFace) -> dict[str, object]:
    """Numbers of the fit."""
    fit = face.layer.fit
    yaw, pitch = fit.camera.yaw_pitch_deg
    weights = {name: round(float(weight), 3) for name, weight in zip(ARKIT_NAMES, fit.expression, strict=True)}
    return {
        "photo": face.layer.name,
        "error_percent": round(fit.error_percent, 3),
        "focal_px": round(fit.camera.focal_px, 1),
        "distance_mm": round(float(np.linalg.norm(fit.camera.position_mm)), 1),
        "yaw_deg": round(yaw, 2),
        "pitch_deg": round(pitch, 2),
        "identity": [round(float(value), 3) for value in fit.identity],
        "expression": {name: weight for name, weight in weights.items() if weight > 0.005},
        "light": None if face.layer.light is None else np.round(face.layer.light.sh9, 4).tolist(),
        "lines": 0 if face.relief is None else len(face.relief.lines),
    }


def report_picture(face: PhotoFace) -> UInt8:
    """Photo with landmarks, albedo, and relief with its lines side by side, uint8 (1024, W, 3)."""
    pictures = [_with_landmarks(face)]
    if face.albedo is not None:
        pictures.append(np.round(srgb_from_linear(_square(face.albedo.map)) * 255).astype(np.uint8))
    if face.relief is not None:
        grey = np.clip(0.5 + face.relief.displacement / (2 * _RELIEF_MM), 0, 1)
        relief = np.repeat(np.round(_square(grey) * 255).astype(np.uint8)[..., None], 3, axis=2)
        for line in face.relief.lines:
            _curve(relief, line.points * _SIDE, False, (40, 200, 255))
        pictures.append(relief)
    return np.hstack(pictures)


def _with_landmarks(face: PhotoFace) -> UInt8:
    points = face.observation.landmarks.points
    low, high = points.min(axis=0), points.max(axis=0)
    side = 1.5 * float((high - low).max())
    corner = (low + high) / 2 - side / 2
    scale = _SIDE / side
    matrix = np.array([[scale, 0, -corner[0] * scale], [0, scale, -corner[1] * scale]])
    picture = np.asarray(
        cv2.warpAffine(face.observation.pixels, matrix, (_SIDE, _SIDE), flags=cv2.INTER_AREA), np.uint8
    )
    for ring in _RINGS:
        _curve(picture, (points[list(ring)] - corner) * scale, True, (255, 120, 40))
    for point in (points[list(BROWS)] - corner) * scale:
        cv2.circle(picture, (round(float(point[0])), round(float(point[1]))), 2, (255, 200, 40), -1, cv2.LINE_AA)
    return picture


def _curve(picture: UInt8, points: npt.NDArray[np.floating], closed: bool, color: tuple[int, int, int]) -> None:
    fine = np.round(points * 16).astype(np.int32)
    cv2.polylines(picture, [fine], closed, color, 1, cv2.LINE_AA, 4)


def _square(values: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    return np.asarray(cv2.resize(values, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA))
