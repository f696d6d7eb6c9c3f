"""`Face` with a picture of it, which needs OpenGL and no display."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.request import VIEWPORT
from rhytid.core.document.limits import check_state
from rhytid.core.document.state import Camera
from rhytid.core.face import face
from rhytid.core.face.skin_color import skin_color
from rhytid.core.given import given_whole, known_options

SKIN_COLOR_PX = 1024
MAX_SIDE_PX = 8192
MAX_SAMPLES = 64


class Face(face.Face):
    """A head with everything that is set on it, as `core.face.face.Face` describes it, and pictures of it.

    >>> face = Face()
    >>> face.expression = {"browInnerUp": 1.0}
    >>> face.age = 60
    >>> face.picture(size=(64, 48), resolution=256).shape
    (48, 64, 3)
    """

    def picture(
        self,
        view: str = "detailed",
        size: tuple[int, int] = (1280, 960),
        *,
        resolution: int = VIEWPORT,
        samples: int = 8,
        **camera: Any,
    ) -> npt.NDArray[np.uint8]:
        """What the viewport shows at rest.

        Parameters
        ----------
        view : str
            "detailed", "smooth", "normals", "displacement", "tension", "wireframe" or "chart".
        size : (width, height)
            Pixels, each 1..8192.
        resolution : int
            Texels per side of the detail.
        samples : int
            Samples per pixel, 1..64.
        **camera
            Fields of `core.document.state.Camera` that differ from the face's own: ``yaw_deg``, ``pitch_deg``,
            ``distance_mm``, ``target_mm``, ``fov_deg``.

        Returns
        -------
        uint8 (height, width, 3)
            sRGB, row 0 on top.

        Raises
        ------
        ValueError
            There is no such view, or a value is out of range.
        OSError
            There is no OpenGL 4.1 here; the message says what to install.

        Examples
        --------
        >>> Face().picture("normals", (64, 48), resolution=256, yaw_deg=30.0).shape
        (48, 64, 3)
        """
        from rhytid.gui.render.offscreen import NoOpenGLError, render_image
        from rhytid.gui.render.view_mode import ViewMode

        views = [mode.value for mode in ViewMode]
        if view not in views:
            raise ValueError(f"there is no view {view!r:.80}; there are {', '.join(views)}")
        known_options(camera, (field.name for field in fields(Camera)), "a camera")
        from_there = replace(self.state, camera=replace(self.state.camera, **camera))
        check_state(from_there)
        if not isinstance(size, Sequence) or len(size) != 2:
            raise ValueError(f"a picture's size is its width and height, got {size!r:.80}")
        width, height = (given_whole(side, 1, MAX_SIDE_PX, "width and height of a picture") for side in size)
        given_whole(samples, 1, MAX_SAMPLES, "samples")
        pose = self.pose()
        try:
            return render_image(
                self.head, pose.vertices, self.maps(resolution), from_there.camera,
                self.state.lighting, ViewMode(view), (width, height), samples,
                tension=pose.tension, albedo=skin_color(self.state, SKIN_COLOR_PX),
            )  # fmt: skip
        except NoOpenGLError as error:
            raise OSError(str(error)) from None
