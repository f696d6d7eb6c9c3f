"""The skin's colour on the GPU: in the chart, and in the plane around it."""

from __future__ import annotations

import cv2
import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.albedo import procedural_gloss
from rhytid.core.maps.albedo_map import Rgb, SkinColors
from rhytid.core.maps.rect import Rect
from rhytid.core.maps.srgb import linear_from_srgb, srgb_from_linear

UInt8 = npt.NDArray[np.uint8]
_SRGB8, _SRGB8_ALPHA8 = 0x8C41, 0x8C43  # names of OpenGL
_PART_LEVELS = 5  # mip levels that are made of a changed part alone
_LINEAR = linear_from_srgb(np.arange(256) / 255).astype(np.float32)


class SkinTexture:
    """Two textures of sRGB colour and gloss, empty until the first `write`."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._chart: moderngl.Texture | None = None
        self._revision: int | None = None
        self._around: moderngl.Texture | None = None
        self.darkening: Rgb = (0.0, 0.0, 0.0)

    def write(self, colors: SkinColors, gloss: UInt8 | None = None) -> Rect | None:
        """Show these colours.

        Parameters
        ----------
        colors : SkinColors
        gloss : uint8 (R, R), optional
            By default theirs, or the regional one; outside the chart its border's.

        Returns
        -------
        Rect or None
            The texels of the chart that changed; None for all skin.
        """
        if gloss is None:
            gloss = procedural_gloss(len(colors.chart)) if colors.gloss is None else colors.gloss
        changed = colors.changed_since(self._revision)
        self._revision = None if colors.revisions is None else colors.revisions.last
        if changed is not None and self._chart is not None:
            if not changed.empty:
                _write_part(self._chart, colors.chart, gloss, changed)
            return changed
        self._chart = color_texture(self._ctx, np.dstack([colors.chart, gloss]), self._chart)
        self.darkening = colors.darkening
        outside = np.full(colors.around.shape[:2], gloss[0, 0], np.uint8)
        self._around = color_texture(self._ctx, np.dstack([colors.around, outside]), self._around)
        return None

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


def _write_part(texture: moderngl.Texture, chart: UInt8, gloss: UInt8, rect: Rect) -> None:
    """Write a changed part of colour and gloss with its mip levels: the driver would make all of them anew."""
    step = 1 << _PART_LEVELS
    side = len(chart)
    x0, y0 = rect.x0 // step * step, rect.y0 // step * step
    part = slice(y0, min(-(-rect.y1 // step) * step, side)), slice(x0, min(-(-rect.x1 // step) * step, side))
    texels = np.dstack([chart[part], gloss[part]])
    texture.write(np.ascontiguousarray(texels), (x0, y0, *texels.shape[1::-1]), level=0, alignment=1)
    for level in range(1, side.bit_length()):
        if level == _PART_LEVELS + 1:  # from here on the whole, which is a few texels
            size, x0, y0 = side >> _PART_LEVELS, 0, 0
            texels = np.frombuffer(texture.read(_PART_LEVELS, alignment=1), np.uint8).reshape(size, size, 4)
        texels = _halved(texels)
        place = (x0 >> level, y0 >> level, *texels.shape[1::-1])
        texture.write(np.ascontiguousarray(texels), place, level=level, alignment=1)


def _halved(texels: UInt8) -> UInt8:
    """Half the size, uint8 (h, w, 4); colour is averaged as light."""
    linear = np.dstack([_LINEAR[texels[..., :3]], texels[..., 3].astype(np.float32) / np.float32(255)])
    half = cv2.resize(linear, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    encoded = np.dstack([srgb_from_linear(half[..., :3]), half[..., 3]])
    return np.round(255 * encoded).astype(np.uint8)
