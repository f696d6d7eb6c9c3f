"""Orbit camera: matrices and pure movements of `core.document.state.Camera`.

Matrices are float64 (4, 4), named ``target_from_source`` and applied to column vectors. View space looks
down -Z with +Y up, clip space is OpenGL's (z in -w..w).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rhytid.core.document.state import Camera
from rhytid.core.photo.camera import PhotoCamera

Float64 = npt.NDArray[np.float64]
PITCH_LIMIT_DEG = 89.0
DISTANCE_MIN_MM, DISTANCE_MAX_MM = 40.0, 4000.0
SCENE_RADIUS_MM = 400.0  # half the depth range around the target that is never clipped


@dataclass(frozen=True)
class TiltedCamera(Camera):
    """A camera as a photograph has one: rolled about its axis, which need not meet the middle of the picture.

    Attributes
    ----------
    roll_deg : float
        Turns the head clockwise in the picture.
    centre_ndc : (float, float)
        Where the axis meets the picture, in normalised device coordinates.
    """

    roll_deg: float = 0.0
    centre_ndc: tuple[float, float] = (0.0, 0.0)


def camera_of_photo(
    photo: PhotoCamera, size_px: tuple[int, int], scale: float, corner_px: tuple[float, float]
) -> TiltedCamera:
    """The camera that shows the head as a photo does which lies in a picture.

    Parameters
    ----------
    photo : PhotoCamera
    size_px : (width, height)
        Of the picture.
    scale : float
        Pixels of the picture for one of the photo.
    corner_px : (x, y)
        Where the photo's top left corner lies in the picture, px from its top left corner.
    """
    yaw_deg, pitch_deg = photo.yaw_pitch_deg
    level = Camera(yaw_deg, pitch_deg)
    right, up, back = view_from_head(level)[:3, :3]
    roll_deg = float(np.degrees(np.arctan2(photo.rotation[0] @ up, photo.rotation[0] @ right)))
    distance_mm = float(photo.position_mm @ back)
    target = photo.position_mm - distance_mm * back
    centre = photo.centre * scale + corner_px
    return TiltedCamera(
        yaw_deg,
        pitch_deg,
        distance_mm,
        (float(target[0]), float(target[1]), float(target[2])),
        float(2 * np.degrees(np.arctan(size_px[1] / (2 * scale * photo.focal_px)))),
        roll_deg,
        (float(2 * centre[0] / size_px[0] - 1), float(1 - 2 * centre[1] / size_px[1])),
    )


def _direction(camera: Camera) -> Float64:
    """Unit vector from the target to the camera."""
    yaw, pitch = np.radians(camera.yaw_deg), np.radians(camera.pitch_deg)
    return np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)])


def position_mm(camera: Camera) -> Float64:
    """Position of the camera in head space, (3,)."""
    return np.asarray(camera.target_mm, np.float64) + camera.distance_mm * _direction(camera)


def view_from_head(camera: Camera) -> Float64:
    """Rigid transform from head space (mm) to view space (mm)."""
    back = _direction(camera)
    yaw = np.radians(camera.yaw_deg)
    right = np.array([np.cos(yaw), 0.0, -np.sin(yaw)])
    up = np.cross(back, right)
    if isinstance(camera, TiltedCamera):
        cos, sin = np.cos(np.radians(camera.roll_deg)), np.sin(np.radians(camera.roll_deg))
        right, up = cos * right + sin * up, cos * up - sin * right
    matrix = np.eye(4)
    matrix[:3, :3] = np.stack([right, up, back])
    matrix[:3, 3] = -matrix[:3, :3] @ position_mm(camera)
    return matrix


def clip_from_view(camera: Camera, aspect: float, jitter_ndc: tuple[float, float] = (0.0, 0.0)) -> Float64:
    """Perspective projection.

    Parameters
    ----------
    aspect : float
        Width over height, > 0.
    jitter_ndc : (float, float)
        Shift of the picture in normalised device coordinates, for anti-aliasing by accumulation.
    """
    near = max(camera.distance_mm - SCENE_RADIUS_MM, camera.distance_mm * 0.02, 1.0)
    far = camera.distance_mm + SCENE_RADIUS_MM
    scale = 1.0 / np.tan(np.radians(camera.fov_deg) / 2)
    matrix = np.zeros((4, 4))
    matrix[0, 0] = scale / aspect
    matrix[1, 1] = scale
    matrix[2, 2] = (far + near) / (near - far)
    matrix[2, 3] = 2 * far * near / (near - far)
    matrix[3, 2] = -1.0
    centre = camera.centre_ndc if isinstance(camera, TiltedCamera) else (0.0, 0.0)
    matrix[0, 2] = -centre[0] - jitter_ndc[0]
    matrix[1, 2] = -centre[1] - jitter_ndc[1]
    return matrix


def clip_from_head(camera: Camera, size_px: tuple[int, int]) -> Float64:
    return clip_from_view(camera, size_px[0] / size_px[1]) @ view_from_head(camera)


def project(camera: Camera, size_px: tuple[int, int], points_mm: npt.ArrayLike) -> Float64:
    """Pixel positions of points, (N, 2), origin at the top left corner of the picture."""
    points = np.asarray(points_mm, np.float64)
    matrix = clip_from_head(camera, size_px)
    clip = points @ matrix[:, :3].T + matrix[:, 3]
    ndc = clip[:, :2] / np.maximum(clip[:, 3:4], 1e-6)
    return np.stack([(ndc[:, 0] * 0.5 + 0.5) * size_px[0], (0.5 - ndc[:, 1] * 0.5) * size_px[1]], axis=1)


def mm_per_px(camera: Camera, height_px: int) -> float:
    """Size of one pixel at the distance of the target."""
    return float(2 * camera.distance_mm * np.tan(np.radians(camera.fov_deg) / 2) / height_px)


def orbit(camera: Camera, yaw_deg: float, pitch_deg: float) -> Camera:
    """Turn about the target by the given angles; pitch stays inside +-89 degrees, yaw inside -180..180."""
    pitch = float(np.clip(camera.pitch_deg + pitch_deg, -PITCH_LIMIT_DEG, PITCH_LIMIT_DEG))
    yaw = (camera.yaw_deg + yaw_deg + 180.0) % 360.0 - 180.0
    return replace(camera, yaw_deg=yaw, pitch_deg=pitch)


def pan(camera: Camera, dx_px: float, dy_px: float, height_px: int) -> Camera:
    """Move the target so that what is under the pointer follows it (right and down are positive)."""
    rotation = view_from_head(camera)[:3, :3]
    step = mm_per_px(camera, height_px)
    target = np.asarray(camera.target_mm) - rotation[0] * dx_px * step + rotation[1] * dy_px * step
    return replace(camera, target_mm=(float(target[0]), float(target[1]), float(target[2])))


def dolly(camera: Camera, factor: float) -> Camera:
    """Multiply the distance by `factor` (below 1: nearer), inside 40..4000 mm."""
    return replace(camera, distance_mm=float(np.clip(camera.distance_mm * factor, DISTANCE_MIN_MM, DISTANCE_MAX_MM)))


def frame(
    camera: Camera, bounds_mm: npt.ArrayLike, aspect: float = 1.6, margin: float = 1.08, front: bool = False
) -> Camera:
    """Look at a box so that it fills the picture.

    Parameters
    ----------
    bounds_mm : (2, 3)
        Smallest and largest corner.
    front : bool
        Also turn to the front view.
    """
    low, high = np.asarray(bounds_mm, np.float64)
    centre, half = (low + high) / 2, (high - low) / 2
    turned = replace(camera, yaw_deg=0.0, pitch_deg=0.0) if front else camera
    rotation = view_from_head(turned)[:3, :3]
    extent = np.abs(rotation) @ half  # half sizes of the box along the view axes
    tangent = np.tan(np.radians(camera.fov_deg) / 2)
    distance = margin * max(extent[1] / tangent, extent[0] / (tangent * aspect)) + extent[2]
    return replace(
        turned,
        target_mm=(float(centre[0]), float(centre[1]), float(centre[2])),
        distance_mm=float(np.clip(distance, DISTANCE_MIN_MM, DISTANCE_MAX_MM)),
    )


@dataclass(frozen=True)
class GizmoAxis:
    """One end of the corner gizmo.

    Attributes
    ----------
    name : str
        "X", "Y", "Z" for the positive ends, "-X", "-Y", "-Z" for the negative ones.
    x, y : float
        Position in units of the gizmo's radius, y down, origin at its centre.
    depth : float
        -1 (away) .. 1 (towards the viewer); draw in this order.
    yaw_deg, pitch_deg : float
        Camera angles that look along this axis.
    rgb : tuple of 3 floats in 0..1
    """

    name: str
    x: float
    y: float
    depth: float
    yaw_deg: float
    pitch_deg: float
    rgb: tuple[float, float, float]

    @property
    def positive(self) -> bool:
        return len(self.name) == 1


def gizmo_axes(camera: Camera) -> list[GizmoAxis]:
    """The six ends of the axis gizmo, farthest first."""
    rotation = view_from_head(camera)[:3, :3]
    colors = ((0.86, 0.31, 0.33), (0.49, 0.74, 0.29), (0.29, 0.55, 0.89))
    angles = (
        ((90.0, 0.0), (-90.0, 0.0)),
        ((0.0, PITCH_LIMIT_DEG), (0.0, -PITCH_LIMIT_DEG)),
        ((0.0, 0.0), (180.0, 0.0)),
    )
    axes = []
    for axis in range(3):
        for negative, sign in enumerate((1.0, -1.0)):
            x, y, depth = sign * rotation[:, axis]
            yaw_deg, pitch_deg = angles[axis][negative]
            name = ("-" if negative else "") + "XYZ"[axis]
            axes.append(GizmoAxis(name, float(x), float(-y), float(depth), yaw_deg, pitch_deg, colors[axis]))
    return sorted(axes, key=lambda end: end.depth)


def gizmo_hit(camera: Camera, x: float, y: float, end_radius: float = 0.24) -> GizmoAxis | None:
    """The nearest end of the gizmo under a point (in units of the gizmo's radius, y down), or None."""
    for end in reversed(gizmo_axes(camera)):
        if (end.x - x) ** 2 + (end.y - y) ** 2 <= end_radius**2:
            return end
    return None
