"""Draws the handles of a line over the picture: its points, and tangents with their ends."""

from __future__ import annotations

from dataclasses import dataclass

import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.gui.render.gbuffer import GBuffer
from rhytid.gui.render.gl_state import blend_over, draw_only_in
from rhytid.gui.render.shader_source import build_program, set_uniforms

Float32 = npt.NDArray[np.float32]
COLOR, HELD_COLOR = (1.0, 0.85, 0.52), (1.0, 1.0, 1.0)
HALF_PX = 3.5
HIDDEN_BEYOND = 0.02  # of the chart: what is seen at a handle's place lies before it


@dataclass(frozen=True, eq=False)
class HandleMarks:
    """What is drawn, each row from a place on the skin to another one.

    Attributes
    ----------
    ends_mm : float32 (M, 6)
        Both places, head space; the same twice for a mark at one.
    charts : float32 (M, 2)
        Chart coordinate of the second place: the mark is hidden where other skin is seen there.
    kinds : float32 (M,)
        0 an arm, 1 the end of a tangent, 2 a point, 3 the point that is held.
    """

    ends_mm: Float32
    charts: Float32
    kinds: Float32


class HandlePass:
    """Made when handles are first seen; draws with blending straight into the window's framebuffer."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._program = build_program(ctx, "handle.vert", "handle.frag", {})
        self._buffer = ctx.buffer(reserve=9 * 4, dynamic=True)
        content = [(self._buffer, "3f 3f 2f 1f/i", "in_from", "in_to", "in_chart", "in_kind")]
        self._array = ctx.vertex_array(self._program, content)

    def draw(
        self, target: moderngl.Framebuffer, size_px: tuple[int, int], gbuffer: GBuffer, view: dict[str, object],
        marks: HandleMarks, pixel_ratio: float,
    ) -> None:  # fmt: skip
        """Draw marks; `view` are the uniforms that place the geometry buffer's pixels in head space."""
        rows = np.column_stack([marks.ends_mm, marks.charts, marks.kinds]).astype(np.float32)
        if not len(rows):
            return
        self._buffer.orphan(rows.nbytes)
        self._buffer.write(rows.tobytes())
        draw_only_in(target, None)
        target.use()
        self._ctx.enable_only(moderngl.BLEND)
        blend_over(self._ctx)
        set_uniforms(self._program, {
            **gbuffer.bind(),
            **view,
            "u_target_px": (float(size_px[0]), float(size_px[1])),
            "u_handle_px": HALF_PX * pixel_ratio,
            "u_handle_color": COLOR,
            "u_held_color": HELD_COLOR,
            "u_hidden_beyond": HIDDEN_BEYOND,
        })  # fmt: skip
        self._array.render(moderngl.TRIANGLE_STRIP, vertices=4, instances=len(rows))

    def release(self) -> None:
        for resource in (self._array, self._program, self._buffer):
            resource.release()
