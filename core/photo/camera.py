"""The camera of a photograph: a pinhole without distortion, its axes those of the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]

FACING = np.diag([1.0, -1.0, -1.0])
"""Rotation of a camera that looks straight at the face: head space (Y up, towards the viewer) to camera space."""


@dataclass(frozen=True, eq=False)
class PhotoCamera:
    """Where a photograph was taken from, as seen from the head.

    A point p of the head lies at ``rotation @ p + translation`` in camera space (x right, y down, z forward, mm) and
    at ``focal_px * (x, y) / z + centre`` in the picture.

    Attributes
    ----------
    rotation : float64 (3, 3)
    translation : float64 (3,)
        mm.
    focal_px : float
    centre : float64 (2,)
        Where the axis meets the picture, px from its top left corner.
    size : (width, height)
        px.
    """

    rotation: Float64
    translation: Float64
    focal_px: float
    centre: Float64
    size: tuple[int, int]

    def to_camera(self, points: npt.NDArray[np.floating]) -> Float64:
        """Points (..., 3) of the head in camera space."""
        moved: Float64 = points.astype(np.float64) @ self.rotation.T + self.translation
        return moved

    def project(self, points: npt.NDArray[np.floating]) -> Float64:
        """Pixels (..., 2) of points (..., 3) of the head, which lie in front of the camera."""
        return self.pixels(self.to_camera(points))

    def pixels(self, points_cam: npt.NDArray[np.floating]) -> Float64:
        """Pixels (..., 2) of points (..., 3) in camera space."""
        projected: Float64 = self.focal_px * points_cam[..., :2] / points_cam[..., 2:] + self.centre
        return projected

    @property
    def position_mm(self) -> Float64:
        """Where the camera stands in head space, (3,)."""
        position: Float64 = -self.rotation.T @ self.translation
        return position

    @property
    def yaw_pitch_deg(self) -> tuple[float, float]:
        """Angles under which the camera sees the head: to the subject's left, and from above."""
        back = -self.rotation[2]
        yaw = np.degrees(np.arctan2(back[0], back[2]))
        return float(yaw), float(np.degrees(np.arcsin(np.clip(back[1], -1.0, 1.0))))

    def scaled(self, factor: float) -> PhotoCamera:
        """The same camera for the picture made larger by a factor; its size is rounded, the axis is not."""
        width, height = (max(round(side * factor), 1) for side in self.size)
        return PhotoCamera(
            self.rotation, self.translation, self.focal_px * factor, self.centre * factor, (width, height)
        )


def view_rotation(yaw_deg: float, pitch_deg: float, roll_deg: float = 0.0) -> Float64:
    """Rotation of a camera that stands `yaw_deg` to the subject's left and `pitch_deg` above, (3, 3).

    Positive roll turns the head clockwise in the picture.
    """
    yaw, pitch, roll = np.radians([yaw_deg, pitch_deg, roll_deg])
    back = np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)])
    right = np.array([np.cos(yaw), 0.0, -np.sin(yaw)])
    upright = np.stack([right, np.cross(right, back), -back])
    turn = np.array([[np.cos(roll), -np.sin(roll), 0.0], [np.sin(roll), np.cos(roll), 0.0], [0.0, 0.0, 1.0]])
    rotation: Float64 = turn @ upright
    return rotation
