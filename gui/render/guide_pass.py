"""Draws the anatomy guide over the picture: lines of skin tension and fibres of muscles."""

from __future__ import annotations

from itertools import chain

import cv2
import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.core.detail.guide import muscle_fibres, tension_lines
from rhytid.core.document.state import Camera
from rhytid.core.maps.rect import Rect
from rhytid.gui.render.geometry import CHART_SIDE_MM
from rhytid.gui.render.gl_state import blend_over, draw_only_in
from rhytid.gui.render.picture import Picture
from rhytid.gui.render.shader_source import build_program, set_uniforms

GUIDE_MAP = 1024
TENSION_COLOR, FIBRE_COLOR, OPACITY = (0.12, 0.42, 0.58), (0.72, 0.14, 0.12), 0.36


def draw_guide_map(size: int = GUIDE_MAP) -> npt.NDArray[np.uint8]:
    """Anti-aliased tension lines and muscle fibres, uint8 (size, size, 2)."""
    planes = [np.zeros((size, size), np.uint8), np.zeros((size, size), np.uint8)]
    for plane, lines in zip(planes, (tension_lines(), chain.from_iterable(muscle_fibres().values())), strict=True):
        for line in lines:
            # OpenCV's sub-pixel coordinates: texel centres are integers, 4 fractional bits.
            points = np.round((line * size - 0.5) * 16).astype(np.int32).reshape(-1, 1, 2)
            cv2.polylines(plane, [points], False, 255, 2, cv2.LINE_AA, shift=4)
    return np.stack(planes, axis=-1)


class GuidePass:
    """Made when the guide is first seen; draws with blending straight into the window's framebuffer."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._program = build_program(ctx, "fullscreen.vert", "guide.frag", {})
        self._array = ctx.vertex_array(self._program, [])
        self._lines = ctx.texture((GUIDE_MAP, GUIDE_MAP), 2, draw_guide_map().tobytes())
        self._lines.repeat_x = self._lines.repeat_y = False
        self._lines.build_mipmaps(0, 2)
        self._lines.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)

    def draw(
        self, target: moderngl.Framebuffer, picture: Picture, box: Rect, view: dict[str, object], camera: Camera,
        *, tension: bool, fibres: bool,
    ) -> None:  # fmt: skip
        """Draw one or both into the pixels of a box that holds the whole chart; see `OverlayPass.draw`."""
        draw_only_in(target, box)
        target.use()
        self._ctx.enable_only(moderngl.BLEND)
        blend_over(self._ctx)
        samplers, size_px = picture.gbuffer.bind(), picture.size_px
        px_mm = 2 * camera.distance_mm * np.tan(np.radians(camera.fov_deg) / 2) / size_px[1]
        self._lines.use(6)
        set_uniforms(self._program, {
            **samplers,
            **view,
            "u_lines": 6,
            "u_level": float(np.clip(np.log2(px_mm * GUIDE_MAP / CHART_SIDE_MM), 0.0, 2.0)),
            "u_target_px": (float(size_px[0]), float(size_px[1])),
            "u_tension_color": (*TENSION_COLOR, OPACITY * tension),
            "u_fibre_color": (*FIBRE_COLOR, OPACITY * fibres),
            "u_class_depth": 0.0,
        })  # fmt: skip
        self._array.render(moderngl.TRIANGLES, vertices=3)

    def release(self) -> None:
        for resource in (self._array, self._program, self._lines):
            resource.release()
