"""Which drag, wheel or key does what with the camera, in the habits of Maya and Blender.

Pure functions from `Camera` to `Camera`, on top of the movements in `gui.render.camera`; screen coordinates
are logical pixels, x right, y down.
"""

from __future__ import annotations

import math
from dataclasses import replace
from enum import Enum

import numpy as np
import numpy.typing as npt

from rhytid.core.document.state import Camera
from rhytid.gui.preferences import Navigation
from rhytid.gui.render.camera import dolly, orbit, pan

ORBIT_DEG_PER_PX = 0.35
ZOOM_PER_PX = 0.005
ZOOM_PER_STEP = 0.12
_FACING = 0.8  # of the way round: relief shows at an angle


class Button(Enum):
    """Mouse button that started a drag."""

    LEFT = "left"
    MIDDLE = "middle"
    RIGHT = "right"


class Drag(Enum):
    """What a drag does with the camera, or the light."""

    ORBIT = "orbit"
    PAN = "pan"
    ZOOM = "zoom"
    LIGHT = "light"


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
        return Drag.LIGHT if shift else Drag.ORBIT
    return None


def dragged(camera: Camera, drag: Drag, dx_px: float, dy_px: float, height_px: float) -> Camera:
    """The camera after a drag of (dx, dy) pixels since the drag began at `camera`."""
    if drag is Drag.ORBIT:
        return orbit(camera, -dx_px * ORBIT_DEG_PER_PX, dy_px * ORBIT_DEG_PER_PX)
    if drag is Drag.PAN:
        return pan(camera, dx_px, dy_px, max(round(height_px), 1))
    return dolly(camera, math.exp((dy_px - dx_px) * ZOOM_PER_PX))


def zoomed_by_wheel(camera: Camera, steps: float, towards_mm: tuple[float, float, float] | None = None) -> Camera:
    """The camera after `steps` clicks of a wheel; away from the user comes closer.

    Parameters
    ----------
    towards_mm : (x, y, z), optional
        This point stays where it is on the screen; the target by default.
    """
    nearer = dolly(camera, math.exp(-steps * ZOOM_PER_STEP))
    if towards_mm is None:
        return nearer
    share = 1.0 - nearer.distance_mm / camera.distance_mm
    x, y, z = (t + share * (p - t) for t, p in zip(camera.target_mm, towards_mm, strict=True))
    return replace(nearer, target_mm=(x, y, z))


def facing_point(camera: Camera, point_mm: npt.NDArray[np.float64], outward: npt.NDArray[np.float64]) -> Camera:
    """The camera aimed at a point of the skin from close by, nearly straight on; `outward` is the skin's normal."""
    x, y, z = (float(value) for value in outward / np.linalg.norm(outward))
    yaw, pitch = math.degrees(math.atan2(x, z)), math.degrees(math.asin(y))
    turned = replace(camera, yaw_deg=_FACING * yaw, pitch_deg=min(max(_FACING * pitch, -35.0), 35.0))
    return framing_point(turned, (float(point_mm[0]), float(point_mm[1]), float(point_mm[2])))


def framing_point(camera: Camera, point_mm: tuple[float, float, float], distance_mm: float = 220.0) -> Camera:
    """The camera aimed at `point_mm` from close by, for work on a detail."""
    return replace(camera, target_mm=point_mm, distance_mm=min(camera.distance_mm, distance_mm))
