"""Small pictures of a head in other shapes, for strips of presets."""

from __future__ import annotations

import moderngl
import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from rhytid.core.document.state import Camera, Lighting
from rhytid.core.head.head import Head
from rhytid.gui.render import camera as cameras
from rhytid.gui.render.renderer import FaceRenderer
from rhytid.gui.render.view_mode import ViewMode

SAMPLES = 2  # per axis


class Portraits:
    """A second renderer, so that small pictures leave the caches of the viewport alone.

    The context must be current for every call.
    """

    def __init__(self, ctx: moderngl.Context, head: Head) -> None:
        self.head = head
        self._ctx = ctx
        self._renderer = FaceRenderer(ctx, head)
        face = head.neutral[: head.n_skin][head.detail_weight > 0.3]
        bounds = face.min(axis=0), face.max(axis=0)
        self._camera = cameras.frame(Camera(), bounds, 1.0, margin=1.12, front=True)

    def draw(self, vertices: npt.NDArray[np.float32], side_px: int) -> QImage:
        """The head with these vertices from the front, `side_px` square."""
        side = side_px * SAMPLES
        texture = self._ctx.texture((side, side), 4)
        framebuffer = self._ctx.framebuffer([texture])
        try:
            self._renderer.set_shape(vertices)
            self._renderer.render(framebuffer, (side, side), self._camera, Lighting(), ViewMode.SMOOTH)
            pixels = np.frombuffer(framebuffer.read(components=4), np.uint8).reshape(side, side, 4)[::-1]
        finally:
            framebuffer.release()
            texture.release()
        boxes = pixels.reshape(side_px, SAMPLES, side_px, SAMPLES, 4).mean(axis=(1, 3))
        rgba = np.ascontiguousarray(boxes.round().astype(np.uint8))
        return QImage(rgba.data, side_px, side_px, QImage.Format.Format_RGBX8888).copy()

    def release(self) -> None:
        self._renderer.release()
