"""The skin's colour on the GPU: in the chart, and in the plane around it."""

from __future__ import annotations

import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.albedo import procedural_gloss
from rhytid.core.maps.albedo_map import Rgb, SkinColors

UInt8 = npt.NDArray[np.uint8]
_SRGB8, _SRGB8_ALPHA8 = 0x8C41, 0x8C43  # names of OpenGL


class SkinTexture:
    """Two textures of sRGB colour and gloss, empty until the first `write`."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._chart: moderngl.Texture | None = None
        self._around: moderngl.Texture | None = None
        self.darkening: Rgb = (0.0, 0.0, 0.0)

    def write(self, colors: SkinColors, gloss: UInt8 | None = None) -> None:
        """Show these colours; gloss, uint8 (R, R), is by default the regional one, outside the chart its border's."""
        if gloss is None:
            gloss = procedural_gloss(len(colors.chart))
        self._chart = color_texture(self._ctx, np.dstack([colors.chart, gloss]), self._chart)
        self.darkening = colors.darkening
        outside = np.full(colors.around.shape[:2], gloss[0, 0], np.uint8)
        self._around = color_texture(self._ctx, np.dstack([colors.around, outside]), self._around)

    def bind(self, chart: int, around: int) -> None:
        """Use these texture units."""
        assert self._chart is not None, "the skin's colour comes first"
        assert self._around is not None
        self._chart.use(chart)
        self._around.use(around)

    @property
    def chart_px(self) -> int:
        """Texels a side of the chart."""
        assert self._chart is not None
        return self._chart.width

    @property
    def around_px(self) -> int:
        """Texels a side of the plane around it."""
        assert self._around is not None
        return self._around.width

    def release(self) -> None:
        """Give back everything on the GPU."""
        for texture in (self._chart, self._around):
            if texture is not None:
                texture.release()
        self._chart = self._around = None


def color_texture(ctx: moderngl.Context, texels: UInt8, last: moderngl.Texture | None = None) -> moderngl.Texture:
    """Texture of uint8 (R, R, 3 or 4), sRGB and alpha, with mip levels; `last` is written again if it fits.

    Where it does not fit it is released.
    """
    size, components = (texels.shape[1], texels.shape[0]), texels.shape[2]
    if last is not None and (last.size != size or last.components != components):
        last.release()
        last = None
    internal = _SRGB8_ALPHA8 if components == 4 else _SRGB8
    texture = last or ctx.texture(size, components, internal_format=internal, alignment=1)
    texture.repeat_x = texture.repeat_y = False
    texture.write(np.ascontiguousarray(texels), alignment=1)
    texture.build_mipmaps()
    texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
    return texture
