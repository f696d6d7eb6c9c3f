"""The head turned on its neck: rigid from the chin up, bent along the neck, still where the neck ends."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.head.head import Head
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
# Vertices that turn wholly, those that turn in part, and how large that part is, 0..1.
_Neck = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Float64]

# Where the skull stands on the neck, from the middle between the eyes: the atlanto-occipital joint.
_JOINT_MM = np.array([0.0, -40.0, -90.0])
_CHIN = 8  # of the 68 landmarks
_SLANT = 0.28  # of the plane through chin and nape: so much higher in z is so much lower in y
_BELOW_CHIN_MM = 8.0


def turned(head: Head, vertices: Float32, yaw_deg: float, pitch_deg: float, roll_deg: float) -> Float32:
    """Vertices of a head that is turned by its own axes, first about Y, then X, then Z.

    Parameters
    ----------
    head : Head
    vertices : float32 (V, 3)
        mm, upright; the very same object where all angles are 0.
    yaw_deg, pitch_deg, roll_deg : float
        By the right hand: positive to the head's left, down, and onto its right shoulder.

    Returns
    -------
    float32 (V, 3), read-only
    """
    if not (yaw_deg or pitch_deg or roll_deg):
        return vertices
    return _turned(head, vertices, _neck(head), (yaw_deg, pitch_deg, roll_deg))


def turned_beside(head: Head, points: Float32, angles_deg: tuple[float, float, float]) -> Float32:
    """Points (N, 3) of what is no part of the head, as `turned`: above the chin with it, below the neck not at all."""
    if not any(angles_deg):
        return points
    share = _share(head, points)
    part = (share > 0.0) & (share < 1.0)
    return _turned(head, points, (np.flatnonzero(share >= 1.0), np.flatnonzero(part), share[part]), angles_deg)


def _turned(head: Head, points: Float32, neck: _Neck, angles_deg: tuple[float, float, float]) -> Float32:
    from scipy.spatial.transform import Rotation  # slow to import: only who turns a head waits for it

    whole, part, share = neck
    joint = head.eye_centers.mean(axis=0).astype(np.float64) + _JOINT_MM
    turn = Rotation.from_euler("YXZ", angles_deg, degrees=True)
    moved = points.astype(np.float64)
    moved[whole] = turn.apply(moved[whole] - joint) + joint
    moved[part] = Rotation.from_rotvec(share[:, None] * turn.as_rotvec()).apply(moved[part] - joint) + joint
    return read_only(moved.astype(np.float32))


@lru_cache(maxsize=2)
def _neck(head: Head) -> _Neck:
    share = _share(head, head.neutral)
    share[head.n_skin :] = 1.0  # eyes and mouth go with the skull
    part = (share > 0.0) & (share < 1.0)
    return np.flatnonzero(share >= 1.0), np.flatnonzero(part), share[part]


def _share(head: Head, points: Float32) -> Float64:
    """How much of a turn reaches points (N, 3): 1 above the chin, 0 below the neck."""
    height = _height(points)
    skin = _height(head.neutral[: head.n_skin])
    top, bottom = skin[head.landmarks[_CHIN]] - _BELOW_CHIN_MM, skin.min()
    t = np.clip((height - bottom) / max(top - bottom, 1e-6), 0.0, 1.0)
    share: Float64 = t * t * (3 - 2 * t)
    return share


def _height(points: Float32) -> Float64:
    height: Float64 = points[:, 1] + _SLANT * points[:, 2].astype(np.float64)
    return height
