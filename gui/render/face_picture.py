"""A picture of a `Face` from its own camera or another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.document.limits import check_state
from rhytid.core.document.state import Camera
from rhytid.core.face.face import Face
from rhytid.core.face.skin_color import skin_colors
from rhytid.core.given import given_whole, known_options
from rhytid.gui.render.offscreen import MAX_SAMPLES, MAX_SIDE_PX, render_image
from rhytid.gui.render.view_mode import ViewMode

SKIN_COLOR_PX = 1024


def face_picture(
    face: Face, view: str, size: tuple[int, int], *, resolution: int, samples: int = 8, **camera: Any
) -> npt.NDArray[np.uint8]:
    """What the viewport shows at rest; all as `rhytid.Face.picture` describes it.

    Raises
    ------
    ValueError
        There is no such view, or a value is out of range.
    NoOpenGLError
    """
    views = [mode.value for mode in ViewMode]
    if view not in views:
        raise ValueError(f"there is no view {view!r:.80}; there are {', '.join(views)}")
    known_options(camera, (field.name for field in fields(Camera)), "a camera")
    from_there = replace(face.state, camera=replace(face.state.camera, **camera))
    check_state(from_there)
    if not isinstance(size, Sequence) or len(size) != 2:
        raise ValueError(f"a picture's size is its width and height, got {size!r:.80}")
    width, height = (given_whole(side, 1, MAX_SIDE_PX, "width and height of a picture") for side in size)
    given_whole(samples, 1, MAX_SAMPLES, "samples")
    pose, photo, own = face.pose(), face.state.photo, face.state.albedo
    return render_image(
        face.head, pose.vertices, face.maps(resolution), from_there.camera,
        from_there.lighting, ViewMode(view), (width, height), samples,
        tension=pose.tension, albedo=skin_colors(face.state, SKIN_COLOR_PX, face.engines.cache),
        iris=None if own is None else own.iris,
        photo_light=None if photo is None or photo.light is None else photo.light.sh9,
    )  # fmt: skip
