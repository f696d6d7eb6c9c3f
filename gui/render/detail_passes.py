"""From a displacement map on the GPU to what shading reads of it: gradient and mip levels, made by fragment passes.

A rectangle is made in tiles whose sides are multiples of a texel of the coarsest level. Such a tile's part of
every level depends on the tile's displacement alone, so that a tile made anew is what the whole map would give, bit
for bit. OpenGL through moderngl draws into the first level of a texture only: the levels of a tile are drawn into
small textures of their own and copied from there, by way of a buffer of the GPU, without a stop on the processor.
"""

from __future__ import annotations

import moderngl

from rhytid.core.maps.rect import Rect
from rhytid.gui.render.shader_source import build_program, set_uniforms

TILE = 1024  # texels per side of what is drawn at once
_TEXEL_BYTES = 8  # four half floats


class DetailPasses:
    """Programs and targets that all detail textures share."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._slopes = build_program(ctx, "fullscreen.vert", "slopes.frag")
        self._halve = build_program(ctx, "fullscreen.vert", "halve.frag")
        self._slopes_array = ctx.vertex_array(self._slopes, [])
        self._halve_array = ctx.vertex_array(self._halve, [])
        self._levels: list[tuple[moderngl.Texture, moderngl.Framebuffer]] = []
        self._copy: moderngl.Buffer | None = None

    def draw(self, displacement: moderngl.Texture, target: moderngl.Texture, n_levels: int, rect: Rect) -> None:
        """Bring a rectangle of a map into all levels of the texture that shading reads.

        Parameters
        ----------
        displacement : moderngl.Texture
            One float channel, mm.
        target : moderngl.Texture
            RGBA16F of the same size with `n_levels` levels.
        rect : Rect
            Texels of the map to make anew; not empty.
        """
        step = 1 << (n_levels - 1)
        x0, y0 = rect.x0 // step * step, rect.y0 // step * step
        for y in range(y0, rect.y1, TILE):
            for x in range(x0, rect.x1, TILE):
                x1, y1 = (min(low + TILE, -(-high // step) * step) for low, high in ((x, rect.x1), (y, rect.y1)))
                self._draw_tile(displacement, target, n_levels, Rect(x, y, x1, y1))

    def _draw_tile(self, displacement: moderngl.Texture, target: moderngl.Texture, n_levels: int, tile: Rect) -> None:
        self._provide(n_levels, max(tile.width, tile.height), tile.width * tile.height)
        assert self._copy is not None
        self._ctx.enable_only(0)
        displacement.use(0)
        set_uniforms(self._slopes, {"u_displacement": 0, "u_origin": (tile.x0, tile.y0), "u_class_depth": 0.0})
        set_uniforms(self._halve, {"u_source": 0, "u_class_depth": 0.0})
        for level, (texture, framebuffer) in enumerate(self._levels[:n_levels]):
            width, height = tile.width >> level, tile.height >> level
            framebuffer.viewport = (0, 0, width, height)
            framebuffer.use()
            array = self._slopes_array if level == 0 else self._halve_array
            array.render(moderngl.TRIANGLES, vertices=3)
            texture.use(0)
        for level, (_, framebuffer) in enumerate(self._levels[:n_levels]):
            width, height = tile.width >> level, tile.height >> level
            framebuffer.read_into(self._copy, (0, 0, width, height), 4, dtype="f2", alignment=1)
            target.write(self._copy, (tile.x0 >> level, tile.y0 >> level, width, height), level, alignment=1)

    def _provide(self, n_levels: int, side: int, n_texels: int) -> None:
        """Targets of at least `n_levels` levels for tiles of this side, and room to copy them through."""
        last_side = self._levels[0][0].width if self._levels else 0
        if len(self._levels) < n_levels or last_side < side:
            old = self._levels
            side, n_levels = max(side, last_side), max(n_levels, len(old))
            self._levels = [self._level(side >> level) for level in range(n_levels)]
            self._levels[0][1].use()  # a framebuffer that goes must not be the bound one
            _release(old)
        if self._copy is None or self._copy.size < n_texels * _TEXEL_BYTES:
            if self._copy is not None:
                self._copy.release()
            self._copy = self._ctx.buffer(reserve=n_texels * _TEXEL_BYTES, dynamic=True)

    def _level(self, side: int) -> tuple[moderngl.Texture, moderngl.Framebuffer]:
        texture = self._ctx.texture((side, side), 4, dtype="f2")
        texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
        return texture, self._ctx.framebuffer([texture])

    def release(self) -> None:
        """Give back everything on the GPU."""
        _release(self._levels)
        self._levels = []
        for resource in (self._copy, self._slopes_array, self._halve_array, self._slopes, self._halve):
            if resource is not None:
                resource.release()
        self._copy = None


def _release(levels: list[tuple[moderngl.Texture, moderngl.Framebuffer]]) -> None:
    for texture, framebuffer in levels:
        framebuffer.release()
        texture.release()
