"""The cached geometry buffer: what each pixel shows, redone only when camera, size or mesh change.

==========  ========  ==========================================================================
target      format    content
==========  ========  ==========================================================================
coord       RGBA32F   skin: chart x, chart y, detail weight; eyes: direction in eye space (the
                      neutral pose, unit vector); others: neutral position / 100 mm, on teeth y is the
                      height on the crown 0..1. w: 1 + `Part`, 0.25 more on the tongue,
                      negative on the inside of the skin, 0 on the background
normal      RGBA16F   smooth unit normal in head space; w: ambient visibility 0..1
tangent_x   RGBA16F   dP/dx of the chart in mm per unit; w: curvature in 1/mm
tangent_y   RGBA16F   dP/dy of the chart in mm per unit; w: 0
depth       D32F      window depth
light       RG8       visibility of the key light, and how much skin lies towards it in 25 mm;
                      redone when the light moves
classes     D32F      what shades the pixel (`PixelClass`), for the depth test of the shading passes
==========  ========  ==========================================================================
"""

from __future__ import annotations

from enum import IntEnum

import moderngl


class PixelClass(IntEnum):
    """Kinds of pixels that are shaded by different programs; the numbers are those of `shade.frag`."""

    BACKGROUND = 0
    FACE = 1
    PLAIN = 2
    EYES = 3
    MOUTH = 4
    BORDER = 5  # skin at the border of the chart
    ANY = 6  # all but the background

    @property
    def depth(self) -> float:
        """Depth at which a pass is drawn: equal to the class's, or below all others than the background's."""
        return 0.0 if self is PixelClass.ANY else 0.125 * self.value

    @property
    def depth_func(self) -> str:
        return "<" if self is PixelClass.ANY else "=="


class GBuffer:
    """Textures and framebuffers of one picture size."""

    def __init__(self, ctx: moderngl.Context, size_px: tuple[int, int]) -> None:
        self.size_px = size_px

        def texture(components: int, dtype: str) -> moderngl.Texture:
            target = ctx.texture(size_px, components, dtype=dtype)
            target.filter = (moderngl.NEAREST, moderngl.NEAREST)
            target.repeat_x = target.repeat_y = False
            return target

        self.coord = texture(4, "f4")
        self.normal = texture(4, "f2")
        self.tangent_x = texture(4, "f2")
        self.tangent_y = texture(4, "f2")
        self.light = texture(2, "f1")
        self.depth = ctx.depth_texture(size_px)
        self.depth.compare_func = ""
        self.depth.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self.framebuffer = ctx.framebuffer([self.coord, self.normal, self.tangent_x, self.tangent_y], self.depth)
        self.classes = ctx.depth_texture(size_px)
        self.classes_framebuffer = ctx.framebuffer([], self.classes)
        self.light_framebuffer = ctx.framebuffer([self.light], self.classes)
        self.light_framebuffer.depth_mask = False

    def bind(self) -> dict[str, int]:
        """Bind all targets to texture units 0..5; returns the samplers' uniforms."""
        textures = {
            "u_coord": self.coord,
            "u_normal": self.normal,
            "u_tangent_x": self.tangent_x,
            "u_tangent_y": self.tangent_y,
            "u_depth": self.depth,
            "u_light": self.light,
        }
        for unit, texture in enumerate(textures.values()):
            texture.use(unit)
        return {name: unit for unit, name in enumerate(textures)}

    def release(self) -> None:
        for resource in (
            self.framebuffer, self.classes_framebuffer, self.light_framebuffer, self.classes,
            self.coord, self.normal,
            self.tangent_x, self.tangent_y, self.depth, self.light,
        ):  # fmt: skip
            resource.release()
