"""Anti-aliasing at rest: the mean of several frames with shifted pixels."""

from __future__ import annotations

import moderngl

from rhytid.gui.render.gl_state import blend_sum
from rhytid.gui.render.shader_source import build_program, set_uniforms


def jitter_sequence(n_samples: int) -> list[tuple[float, float]]:
    """Offsets in pixels inside +-0.5 (Halton 2, 3).

    The last is the pixel's centre: a refined picture leaves an unshifted G-buffer behind, which picking and
    partial re-shading go on using.
    """

    def halton(index: int, base: int) -> float:
        value, fraction = 0.0, 1.0
        while index:
            fraction /= base
            value += fraction * (index % base)
            index //= base
        return value

    return [(halton(i, 2) - 0.5, halton(i, 3) - 0.5) for i in range(1, n_samples)] + [(0.0, 0.0)]


class Accumulation:
    """Sums frames in half floats; drawing the mean into the picture is one pass.

    Parameters
    ----------
    classes : moderngl.Texture
        Depth texture of pixel classes, attached to the frame that is drawn.
    """

    def __init__(self, ctx: moderngl.Context, size_px: tuple[int, int], classes: moderngl.Texture) -> None:
        self._ctx = ctx
        self._color = ctx.texture(size_px, 4)
        self._sum = ctx.texture(size_px, 4, dtype="f2")
        for texture in (self._color, self._sum):
            texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self.frame = ctx.framebuffer([self._color], classes)
        self.frame.depth_mask = False
        self._sum_framebuffer = ctx.framebuffer([self._sum])
        self._program = build_program(ctx, "fullscreen.vert", "copy.frag")
        self._array = ctx.vertex_array(self._program, [])
        self.n_samples = 0

    def restart(self) -> None:
        self.n_samples = 0

    def add(self) -> None:
        """Add what was drawn into `frame`."""
        self._sum_framebuffer.use()
        if self.n_samples == 0:
            self._ctx.enable_only(0)
        else:
            self._ctx.enable_only(moderngl.BLEND)
            blend_sum(self._ctx)
        self._copy(self._color, 1.0, dither=0.0)
        self.n_samples += 1

    def resolve(self, target: moderngl.Framebuffer) -> None:
        """Draw the mean of all added frames."""
        target.use()
        self._ctx.enable_only(0)
        self._copy(self._sum, 1.0 / max(self.n_samples, 1), dither=1.0)

    def _copy(self, source: moderngl.Texture, gain: float, dither: float) -> None:
        source.use(0)
        set_uniforms(self._program, {"u_source": 0, "u_gain": gain, "u_dither": dither, "u_class_depth": 0.0})
        self._array.render(moderngl.TRIANGLES, vertices=3)

    def release(self) -> None:
        for resource in (
            self.frame, self._sum_framebuffer, self._color, self._sum, self._array, self._program,
        ):  # fmt: skip
            resource.release()
