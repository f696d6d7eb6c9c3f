"""The cached pictures of one size, and bringing them into a window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.rect import Rect
from rhytid.gui.render.accumulation import Accumulation
from rhytid.gui.render.gbuffer import GBuffer
from rhytid.gui.render.gl_state import draw_only_in
from rhytid.gui.render.shader_source import build_program, set_uniforms

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


class Picture:
    """Geometry buffer and shaded colour of one size, with what they were made for.

    Attributes
    ----------
    gbuffer : GBuffer
    color : moderngl.Texture
        RGBA8, what is shown.
    shaded : moderngl.Framebuffer
        `color` with the pixel classes as depth, for shading.
    plain : moderngl.Framebuffer
        `color` alone.
    drawn_px : (width, height)
        The lower left part of the targets that holds the picture; smaller than `size_px` at low quality.
    jitter_px : (float, float)
        Shift of the pixels in the geometry buffer.
    geometry_key, light_key, look_key : object
        What geometry buffer, light and colour were made for; None: to be redone.
    columns : (float, float)
        The part of the width, from the left, that is drawn.
    refined : bool
        The colour is anti-aliased and final.
    """

    def __init__(self, ctx: moderngl.Context, size_px: tuple[int, int]) -> None:
        self._ctx = ctx
        self.size_px = size_px
        self.gbuffer = GBuffer(ctx, size_px)
        self.color = ctx.texture(size_px, 4)
        self.color.repeat_x = self.color.repeat_y = False
        self.shaded = ctx.framebuffer([self.color], self.gbuffer.classes)
        self.shaded.depth_mask = False
        self.plain = ctx.framebuffer([self.color])
        self._accumulation: Accumulation | None = None
        self.drawn_px = size_px
        self.jitter_px = (0.0, 0.0)
        self.geometry_key: object = None
        self.light_key: object = None
        self.look_key: object = None
        self.columns = (0.0, 1.0)
        self.refined = False

    @property
    def accumulation(self) -> Accumulation:
        """Sum of shifted frames; its textures are made when first asked for."""
        if self._accumulation is None:
            self._accumulation = Accumulation(self._ctx, self.size_px, self.gbuffer.classes)
        return self._accumulation

    def changed(self) -> None:
        """Something in the colour is new: refining begins again."""
        self.refined = False
        if self._accumulation is not None:
            self._accumulation.restart()

    @property
    def shown(self) -> Rect:
        """Pixels of the drawn part that `columns` are."""
        low, high = (round(share * self.drawn_px[0]) for share in self.columns)
        return Rect(low, 0, high, self.drawn_px[1])

    def show_columns(self, columns: tuple[float, float]) -> Rect:
        """Draw another part of the width; gives its pixels that were not shown before, and some that were."""
        before = self.shown
        self.columns = columns
        now = self.shown
        left = Rect(now.x0, 0, min(before.x0, now.x1), now.y1)
        right = Rect(max(before.x1, now.x0), 0, now.x1, now.y1)
        return now if before.empty else left.union(right)

    @contextmanager
    def over(self, target: moderngl.Framebuffer, rect: Rect) -> Iterator[moderngl.Framebuffer]:
        """The colour of a shaded target with the depth of the head, to draw into a rectangle of it."""
        framebuffer = self._ctx.framebuffer([target.color_attachments[0]], self.gbuffer.depth)
        framebuffer.depth_mask = False
        framebuffer.viewport = (0, 0, *self.drawn_px)
        draw_only_in(framebuffer, rect)
        yield framebuffer
        target.use()  # a framebuffer that goes must not be the bound one
        framebuffer.release()

    def internal_px(self, x_px: Float64, y_px: Float64) -> tuple[Int64, Int64]:
        """Pixels of the geometry buffer (origin bottom left) under those of the window (origin top left)."""
        x = np.floor(x_px * self.drawn_px[0] / self.size_px[0]).astype(np.int64)
        y = self.drawn_px[1] - 1 - np.floor(y_px * self.drawn_px[1] / self.size_px[1]).astype(np.int64)
        return x, y

    def release(self) -> None:
        for resource in (self._accumulation, self.shaded, self.plain, self.color, self.gbuffer):
            if resource is not None:
                resource.release()


class Presenter:
    """Copies a picture into a window's framebuffer, whatever its number, size and samples."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._program = build_program(ctx, "fullscreen.vert", "present.frag")
        self._array = ctx.vertex_array(self._program, [])

    def draw(self, picture: Picture, framebuffer: moderngl.Framebuffer) -> None:
        """Copy the columns that the picture shows."""
        draw_only_in(framebuffer, None)
        framebuffer.viewport = (0, 0, *picture.size_px)
        whole = picture.columns == (0.0, 1.0)
        if whole and picture.drawn_px == picture.size_px == framebuffer.size and framebuffer.samples == 0:
            self._ctx.copy_framebuffer(framebuffer, picture.plain)
            return
        low, high = (round(share * picture.size_px[0]) for share in picture.columns)
        if high <= low:
            return
        draw_only_in(framebuffer, None if whole else Rect(low, 0, high, picture.size_px[1]))
        framebuffer.use()
        self._ctx.enable_only(0)
        picture.color.use(0)
        uniforms = {
            "u_source": 0,
            "u_target_px": (float(picture.size_px[0]), float(picture.size_px[1])),
            "u_source_px": (float(picture.drawn_px[0]), float(picture.drawn_px[1])),
            "u_class_depth": 0.0,
        }
        set_uniforms(self._program, uniforms)
        self._array.render(moderngl.TRIANGLES, vertices=3)
        draw_only_in(framebuffer, None)

    def release(self) -> None:
        self._array.release()
        self._program.release()
