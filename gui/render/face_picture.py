"""Pictures of a `Face` from its own camera or another."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rhytid.core.document.limits import check_state
from rhytid.core.document.state import Camera
from rhytid.core.face.face import Face
from rhytid.core.face.hair import worn_hair
from rhytid.core.face.skin_color import skin_colors
from rhytid.core.given import given_whole, known_options
from rhytid.gui.render.offscreen import MAX_SAMPLES, MAX_SIDE_PX, OffscreenRenderer, standalone_context
from rhytid.gui.render.view_mode import ViewMode

if TYPE_CHECKING:
    from typing_extensions import Self

SKIN_COLOR_PX = 1024


class FacePictures:
    """Pictures of one face in one state after the other, each as `face_picture` makes it; a context manager.

    Parameters
    ----------
    face : Face
    view, size, resolution, samples, **camera
        As `rhytid.Face.picture` describes them.

    Raises
    ------
    ValueError
        There is no such view, or a value is out of range.
    NoOpenGLError
        On entering.
    """

    def __init__(
        self, face: Face, view: str, size: tuple[int, int], *, resolution: int, samples: int = 8, **camera: Any
    ) -> None:
        views = [mode.value for mode in ViewMode]
        if view not in views:
            raise ValueError(f"there is no view {view!r:.80}; there are {', '.join(views)}")
        known_options(camera, (field.name for field in fields(Camera)), "a camera")
        check_state(replace(face.state, camera=replace(face.state.camera, **camera)))
        if not isinstance(size, Sequence) or len(size) != 2:
            raise ValueError(f"a picture's size is its width and height, got {size!r:.80}")
        width, height = (given_whole(side, 1, MAX_SIDE_PX, "width and height of a picture") for side in size)
        self._face = face
        self._view = ViewMode(view)
        self._size = width, height
        self._resolution = resolution
        self._samples = given_whole(samples, 1, MAX_SAMPLES, "samples")
        self._camera = camera
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            ctx = stack.enter_context(standalone_context())
            self._renderer = OffscreenRenderer(ctx, self._face.head, self._size)
            stack.callback(self._renderer.release)
            self._opened = stack.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        self._opened.close()

    def picture(self) -> npt.NDArray[np.uint8]:
        """The face as it is now."""
        face = self._face
        pose, state = face.pose(), face.state
        hair = worn_hair(state)
        return self._renderer.picture(
            pose.turned, face.maps(self._resolution), replace(state.camera, **self._camera),
            state.lighting, self._view, self._samples,
            tension=pose.tension,
            albedo=skin_colors(state, SKIN_COLOR_PX, face.engines.cache, strands=True),
            hair=None if hair is None else (hair, state.settings.seed, state.age),
            iris=state.iris,
            enamel=state.enamel,
            others=pose.others,
            photo_light=None if state.photo is None or state.photo.light is None else state.photo.light.sh9,
        )  # fmt: skip


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
    with FacePictures(face, view, size, resolution=resolution, samples=samples, **camera) as pictures:
        return pictures.picture()
