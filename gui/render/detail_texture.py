"""The displacement map on the GPU: one float channel, and what shading reads of it, updated by rectangle.

What shading reads is an RGBA16F texture that holds per texel (d/dx, d/dy, displacement, |gradient|): gradients in
mm per chart unit, displacement in mm. `DetailPasses` makes it of the one channel, with mip levels that are box means.
The mean of |gradient| against the length of the mean gradient tells the shader how rough the detail below a pixel
is (the idea of Toksvig 2005), which keeps far away pores from sparkling.
"""

from __future__ import annotations

import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.rect import EMPTY, Rect
from rhytid.gui.render.detail_passes import DetailPasses

Float32 = npt.NDArray[np.float32]
N_LEVELS = 7
_COARSEST = 8  # texels per side below which no level is made
_NO_DETAIL = np.zeros((64, 64), np.float32)


class DetailTexture:
    """Texture of one square displacement map.

    Parameters
    ----------
    resolution : int
        Texels per side, 64..8192.

    Attributes
    ----------
    texture : moderngl.Texture
        What shading reads.
    """

    def __init__(self, ctx: moderngl.Context, passes: DetailPasses, resolution: int) -> None:
        self.resolution = resolution
        self._passes = passes
        self._n_levels = 1
        while self._n_levels < N_LEVELS and not (resolution >> (self._n_levels - 1)) % 2:
            if resolution >> self._n_levels < _COARSEST:
                break
            self._n_levels += 1
        self._channel = ctx.texture((resolution, resolution), 1, dtype="f4")
        self._channel.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self.texture = ctx.texture((resolution, resolution), 4, dtype="f2")
        self.texture.build_mipmaps(0, self._n_levels - 1)
        self.texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        self.texture.repeat_x = self.texture.repeat_y = False
        self.displacement: Float32 | None = None
        self.revision: int | None = None

    def update(self, displacement: Float32, dirty: Rect | None, revision: int | None = None) -> Rect:
        """Upload a map.

        Parameters
        ----------
        displacement : float32 (H, H)
            mm.
        dirty : Rect or None
            What differs from the last map; None compares with it.
        revision : int, optional
            Of the map, remembered until another one comes.

        Returns
        -------
        Rect
            Texels whose shading may have changed (empty when nothing did).
        """
        last, self.displacement, self.revision = self.displacement, displacement, revision
        if last is None:
            dirty = Rect.whole(self.resolution)
        elif dirty is None:
            dirty = changed_rect(last, displacement)
        if dirty.empty:
            return dirty
        window = np.ascontiguousarray(displacement[dirty.slices], np.float32)
        self._channel.write(window, (dirty.x0, dirty.y0, dirty.width, dirty.height), alignment=1)
        touched = dirty.grown(1, self.resolution)
        self._passes.draw(self._channel, self.texture, self._n_levels, touched)
        return touched

    def release(self) -> None:
        self._channel.release()
        self.texture.release()
        self.displacement = None


class DetailTextures:
    """Textures of the resolutions in use, so that preview and full resolution do not push each other out.

    Attributes
    ----------
    current : DetailTexture
        What is shown.
    """

    KEPT = 3

    def __init__(self, ctx: moderngl.Context, passes: DetailPasses) -> None:
        self._ctx = ctx
        self._passes = passes
        self._by_resolution: dict[int, DetailTexture] = {}
        self.current = self._texture(_NO_DETAIL.shape[0])
        self.current.update(_NO_DETAIL, None)

    def revision_of(self, resolution: int) -> int | None:
        """Revision of the map that the texture of a resolution holds; None where that is not known."""
        texture = self._by_resolution.get(resolution)
        return None if texture is None else texture.revision

    def show(
        self, displacement: Float32 | None, dirty: Rect | None, revision: int | None = None
    ) -> Rect | None:
        """Show a map (None: no detail); see `DetailTexture.update`.

        Returns
        -------
        Rect or None
            Texels that changed; None when another resolution is shown now.

        Raises
        ------
        ValueError
            The map is not square.
        """
        displacement = _NO_DETAIL if displacement is None else displacement
        if displacement.ndim != 2 or displacement.shape[0] != displacement.shape[1]:
            raise ValueError(f"a displacement map must be square, got {displacement.shape}")
        texture = self._texture(displacement.shape[0])
        touched = texture.update(displacement, dirty, revision)
        if texture is self.current:
            return touched
        self.current = texture
        return None

    def _texture(self, resolution: int) -> DetailTexture:
        if resolution not in self._by_resolution:
            if len(self._by_resolution) >= self.KEPT:
                oldest = next(r for r, texture in self._by_resolution.items() if texture is not self.current)
                self._by_resolution.pop(oldest).release()
            self._by_resolution[resolution] = DetailTexture(self._ctx, self._passes, resolution)
        return self._by_resolution[resolution]

    def release(self) -> None:
        for texture in self._by_resolution.values():
            texture.release()
        self._by_resolution.clear()


def changed_rect(a: Float32, b: Float32) -> Rect:
    """Smallest rectangle outside of which two maps are equal."""
    return EMPTY if a is b else Rect.around(a != b)
