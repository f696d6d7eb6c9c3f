"""A photo laid over the picture of the head that was found in it."""

from __future__ import annotations

from dataclasses import dataclass

import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.gui.render.gl_state import blend_over, draw_only_in
from rhytid.gui.render.picture import Picture
from rhytid.gui.render.shader_source import build_program, set_uniforms

UInt8 = npt.NDArray[np.uint8]
_UNIT = 6


@dataclass(frozen=True, eq=False)
class PhotoSheet:
    """A photo as it lies over the picture.

    Attributes
    ----------
    pixels : uint8 (H, W, 3)
        sRGB.
    corner_px : (x, y)
        Its top left corner in the framebuffer, px from the top left.
    size_px : (width, height)
        In the framebuffer.
    head_opacity : float
        0: only the photo is seen; 1: the head hides it.
    alone : bool
        Nothing is seen beside the photo.
    """

    pixels: UInt8
    corner_px: tuple[float, float]
    size_px: tuple[float, float]
    head_opacity: float
    alone: bool = False


class PhotoPass:
    """Draws a `PhotoSheet` with blending into the window's framebuffer; the context is current whenever it is used."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._program = build_program(ctx, "fullscreen.vert", "photo.frag")
        self._array = ctx.vertex_array(self._program, [])
        self._texture: moderngl.Texture | None = None
        self._pixels: UInt8 | None = None

    def draw(self, target: moderngl.Framebuffer, size_px: tuple[int, int], picture: Picture, sheet: PhotoSheet) -> None:
        """Lay the photo over `target`, which shows `picture`.

        Parameters
        ----------
        size_px : (width, height)
            Of the target.
        """
        draw_only_in(target, None)
        target.viewport = (0, 0, *size_px)
        target.use()
        self._ctx.enable_only(moderngl.BLEND)
        blend_over(self._ctx)
        self._textured(sheet.pixels).use(_UNIT)
        set_uniforms(self._program, {
            **picture.gbuffer.bind(),
            "u_photo": _UNIT,
            "u_target_px": tuple(float(side) for side in size_px),
            "u_size_px": tuple(float(side) for side in picture.drawn_px),
            "u_photo_box": (*sheet.corner_px, *sheet.size_px),
            "u_opacity": sheet.head_opacity,
            "u_alone": float(sheet.alone),
            "u_class_depth": 0.0,
        })  # fmt: skip
        self._array.render(moderngl.TRIANGLES, vertices=3)

    def _textured(self, pixels: UInt8) -> moderngl.Texture:
        if self._texture is None or pixels is not self._pixels:
            height, width = pixels.shape[:2]
            if self._texture is not None and self._texture.size == (width, height):
                self._texture.write(np.ascontiguousarray(pixels), alignment=1)
            else:
                if self._texture is not None:
                    self._texture.release()
                self._texture = self._ctx.texture((width, height), 3, np.ascontiguousarray(pixels), alignment=1)
                self._texture.repeat_x = self._texture.repeat_y = False
            self._texture.build_mipmaps()
            self._texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
            self._pixels = pixels
        return self._texture

    def release(self) -> None:
        for made in (self._texture, self._array, self._program):
            if made is not None:
                made.release()
        self._texture = self._pixels = None
