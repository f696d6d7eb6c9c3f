"""Small pictures of wrinkles on the skin where they lie, for the library."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.request import EngineSettings
from rhytid.core.document.state import Camera, DocumentState, Lighting
from rhytid.core.face.face import Face
from rhytid.core.face.hair import worn_hair
from rhytid.core.head.chart import ChartLocator
from rhytid.core.head.load import default_head
from rhytid.core.lines.stroke import Binding, Stroke
from rhytid.gui.render import camera as cameras
from rhytid.gui.render.offscreen import OffscreenRenderer, standalone_context

if TYPE_CHECKING:
    from typing_extensions import Self

VERSION = 1  # of what the pictures look like: those that were kept under another one are made anew
RESOLUTION = 512
_SAMPLES = 2
_MARGIN_MM, _LEAST_MM = 11.0, 25.0
_SHARE_OF_TURN = 0.8
_LOWEST_DEG = -22.0
_RAKED_DEG = 62.0


class WrinklePictures:
    """Draws one set of strokes after the other on the default head; a context manager, for one thread.

    Everything shows, whatever it is bound to and whichever age it comes with.

    Parameters
    ----------
    side_px : int
        The pictures are square.

    Raises
    ------
    NoOpenGLError
        On entering.
    """

    def __init__(self, side_px: int) -> None:
        self._side_px = side_px
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        head = default_head()
        settings = EngineSettings(name="procedural", generate_wrinkles=False)
        self._face = Face.of(DocumentState(settings=settings), head)
        self._locator = ChartLocator(head.chart, head.skin_triangles)
        with ExitStack() as stack:
            ctx = stack.enter_context(standalone_context())
            self._renderer = OffscreenRenderer(ctx, head, (self._side_px, self._side_px))
            stack.callback(self._renderer.release)
            self._opened = stack.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        self._opened.close()

    def picture(self, strokes: Sequence[Stroke]) -> npt.NDArray[np.uint8]:
        """uint8 (side, side, 3), sRGB."""
        shown = tuple(
            replace(stroke, id=str(i), binding=Binding(), birth_age=0.0, layer="", visible=True)
            for i, stroke in enumerate(strokes)
        )
        face = self._face
        face.state = replace(face.state, strokes=shown)
        pose, state = face.pose(), face.state
        camera, lighting = self._view(shown, pose.vertices)
        hair = worn_hair(state)
        return self._renderer.picture(
            pose.vertices, face.maps(RESOLUTION), camera, lighting, samples=_SAMPLES, tension=pose.tension,
            hair=None if hair is None else (hair, state.settings.seed, state.age), iris=state.iris,
            enamel=state.enamel,
        )  # fmt: skip

    def _view(self, strokes: Sequence[Stroke], vertices: npt.NDArray[np.float32]) -> tuple[Camera, Lighting]:
        """Straight on to the skin, with the light across it."""
        points = np.concatenate([stroke.points for stroke in strokes]).astype(np.float64)
        triangle, weights = self._locator.locate(points)
        corners = vertices[self._face.head.skin_triangles[triangle]].astype(np.float64)
        places = np.einsum("ij,ijk->ik", weights, corners)
        normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]).sum(axis=0)
        normal /= np.linalg.norm(normal)
        yaw = float(np.degrees(np.arctan2(normal[0], normal[2]))) * _SHARE_OF_TURN
        pitch = max(float(np.degrees(np.arcsin(normal[1]))) * _SHARE_OF_TURN, _LOWEST_DEG)
        turned = Camera(yaw_deg=yaw, pitch_deg=pitch)
        head_from_view = cameras.view_from_head(turned)[:3, :3].T
        seen = places @ head_from_view
        low, high = seen.min(axis=0), seen.max(axis=0)
        half_mm = max(float((high - low)[:2].max()) / 2 + _MARGIN_MM, _LEAST_MM)
        target = head_from_view @ ((low + high) / 2)
        camera = replace(
            turned, target_mm=(float(target[0]), float(target[1]), float(target[2])),
            distance_mm=half_mm / float(np.tan(np.radians(turned.fov_deg) / 2)),
        )  # fmt: skip
        towards = 1.0 if yaw <= 0 else -1.0  # from the middle of the face, which is never in its own shade
        above = 28.0 if pitch > _LOWEST_DEG else -10.0
        lighting = Lighting(environment_intensity=0.75, key_intensity=2.6,
                            key_yaw_deg=yaw + towards * _RAKED_DEG, key_pitch_deg=pitch + above)  # fmt: skip
        return camera, lighting
