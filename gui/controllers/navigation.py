"""Camera moves: which drag does what in the habits of Maya and Blender, and the cameras that come of it.

Pure functions from `Camera` to `Camera`; screen coordinates are logical pixels, x right, y down.
"""

from __future__ import annotations

import math
from dataclasses import replace
from enum import Enum

import numpy as np
import numpy.typing as npt

from core.document.state import Camera
from gui.controllers.view_settings import Navigation

Vector = npt.NDArray[np.float64]
ORBIT_DEG_PER_PX = 0.35
ZOOM_PER_PX = 0.005
ZOOM_PER_STEP = 0.12
PITCH_LIMIT_DEG = 89.0
DISTANCE_MIN_MM, DISTANCE_MAX_MM = 60.0, 3000.0


class Button(Enum):
    """Mouse button that started a drag."""

    LEFT = "left"
    MIDDLE = "middle"
    RIGHT = "right"


class Drag(Enum):
    """What a drag does with the camera."""

    ORBIT = "orbit"
    PAN = "pan"
    ZOOM = "zoom"


AXIS_VIEWS: dict[str, tuple[float, float]] = {
    "front": (0.0, 0.0),
    "back": (180.0, 0.0),
    "left": (90.0, 0.0),  # from the subject's left, +X
    "right": (-90.0, 0.0),
    "top": (0.0, PITCH_LIMIT_DEG),
    "bottom": (0.0, -PITCH_LIMIT_DEG),
}


def drag_for(
    navigation: Navigation, button: Button, *, alt: bool = False, shift: bool = False, control: bool = False
) -> Drag | None:
    """What a drag with `button` and modifiers does with the camera; None when the tool gets it.

    The middle button always moves the camera, so that a mouse without habits finds its way.
    """
    if navigation is Navigation.MAYA and alt:
        return {Button.LEFT: Drag.ORBIT, Button.MIDDLE: Drag.PAN, Button.RIGHT: Drag.ZOOM}[button]
    if button is Button.MIDDLE:
        if navigation is Navigation.MAYA:
            return Drag.PAN
        return Drag.PAN if shift else Drag.ZOOM if control else Drag.ORBIT
    if button is Button.RIGHT:
        return Drag.PAN if shift else Drag.ORBIT
    return None


def camera_basis(camera: Camera) -> tuple[Vector, Vector, Vector]:
    """Unit vectors (right, up, toward the camera) of the view, each (3,)."""
    yaw, pitch = math.radians(camera.yaw_deg), math.radians(camera.pitch_deg)
    toward = np.array(
        [math.sin(yaw) * math.cos(pitch), math.sin(pitch), math.cos(yaw) * math.cos(pitch)], np.float64
    )
    right = np.array([math.cos(yaw), 0.0, -math.sin(yaw)], np.float64)
    return right, np.cross(toward, right), toward


def mm_per_px(camera: Camera, height_px: float) -> float:
    """Size in mm of a pixel at the camera's target."""
    return 2.0 * camera.distance_mm * math.tan(math.radians(camera.fov_deg) / 2.0) / max(height_px, 1.0)


def orbited(camera: Camera, dx_px: float, dy_px: float) -> Camera:
    """The camera after a drag turned it about its target: the face follows the pointer."""
    yaw = (camera.yaw_deg - dx_px * ORBIT_DEG_PER_PX + 180.0) % 360.0 - 180.0
    pitch = camera.pitch_deg + dy_px * ORBIT_DEG_PER_PX
    return replace(camera, yaw_deg=yaw, pitch_deg=min(max(pitch, -PITCH_LIMIT_DEG), PITCH_LIMIT_DEG))


def panned(camera: Camera, dx_px: float, dy_px: float, height_px: float) -> Camera:
    """The camera moved in its own plane so that what is at the target stays under the pointer."""
    right, up, _ = camera_basis(camera)
    step = mm_per_px(camera, height_px)
    target = np.asarray(camera.target_mm) - right * dx_px * step + up * dy_px * step
    return replace(camera, target_mm=(float(target[0]), float(target[1]), float(target[2])))


def zoomed(camera: Camera, factor: float) -> Camera:
    """The camera at `distance * factor`, within limits."""
    distance = min(max(camera.distance_mm * factor, DISTANCE_MIN_MM), DISTANCE_MAX_MM)
    return replace(camera, distance_mm=distance)


def dragged(camera: Camera, drag: Drag, dx_px: float, dy_px: float, height_px: float) -> Camera:
    """The camera after a drag of (dx, dy) pixels since the drag began at `camera`."""
    if drag is Drag.ORBIT:
        return orbited(camera, dx_px, dy_px)
    if drag is Drag.PAN:
        return panned(camera, dx_px, dy_px, height_px)
    return zoomed(camera, math.exp((dy_px - dx_px) * ZOOM_PER_PX))


def zoomed_by_wheel(camera: Camera, steps: float) -> Camera:
    """The camera after `steps` clicks of a wheel; away from the user comes closer."""
    return zoomed(camera, math.exp(-steps * ZOOM_PER_STEP))


def seen_along(camera: Camera, axis: str) -> Camera:
    """The camera looking along one of `AXIS_VIEWS`."""
    yaw, pitch = AXIS_VIEWS[axis]
    return replace(camera, yaw_deg=yaw, pitch_deg=pitch)


def framing(camera: Camera, points_mm: npt.ArrayLike, aspect: float, margin: float = 1.12) -> Camera:
    """The camera from the same side, aimed and moved so that `points_mm` (N, 3) just fit.

    Parameters
    ----------
    aspect : float
        Width over height of the picture.
    margin : float
        Room around the points; 1 = they touch the border.
    """
    points = np.asarray(points_mm, np.float64)
    right, up, toward = camera_basis(camera)
    seen = points @ np.stack([right, up, toward], axis=1)
    low, high = seen.min(axis=0), seen.max(axis=0)
    center = (low + high) / 2.0
    half_v = math.tan(math.radians(camera.fov_deg) / 2.0)
    half = (high - low) / 2.0 * margin
    distance = max(half[1] / half_v, half[0] / (half_v * max(aspect, 0.05))) + half[2]
    target = right * center[0] + up * center[1] + toward * center[2]
    distance = min(max(distance, DISTANCE_MIN_MM), DISTANCE_MAX_MM)
    return replace(
        camera, distance_mm=float(distance), target_mm=(float(target[0]), float(target[1]), float(target[2]))
    )


def framing_point(camera: Camera, point_mm: tuple[float, float, float], distance_mm: float = 220.0) -> Camera:
    """The camera aimed at `point_mm` from close by, for work on a detail."""
    return replace(camera, target_mm=point_mm, distance_mm=min(camera.distance_mm, distance_mm))
