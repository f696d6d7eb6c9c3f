"""The displacement map on the GPU: gradient, displacement and slope with mipmaps, updated by rectangle.

One RGBA16F texture holds per texel (d/dx, d/dy, displacement, |gradient|): gradients in mm per chart unit,
displacement in mm. Mip levels are box means made here rather than by the driver, so that an edit costs only
its rectangle. The mean of |gradient| against the length of the mean gradient tells the shader how rough the
detail below a pixel is (the idea of Toksvig 2005), which keeps far away pores from sparkling.
"""

from __future__ import annotations

import cv2
import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.gradient import gradient
from rhytid.core.maps.rect import Rect

Float32 = npt.NDArray[np.float32]
N_LEVELS = 7
_NO_DETAIL = np.zeros((64, 64), np.float32)


class DetailTexture:
    """Texture of one square displacement map.

    Parameters
    ----------
    resolution : int
        Texels per side, 64..8192.
    """

    def __init__(self, ctx: moderngl.Context, resolution: int) -> None:
        self.resolution = resolution
        self._levels: list[Float32] = []
        size = resolution
        while len(self._levels) < N_LEVELS:
            self._levels.append(np.zeros((size, size, 4), np.float32))
            if size % 2 or size <= 8:
                break
            size //= 2
        self.texture = ctx.texture((resolution, resolution), 4, dtype="f2")
        self.texture.build_mipmaps(0, len(self._levels) - 1)
        self.texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        self.texture.repeat_x = self.texture.repeat_y = False
        self.displacement: Float32 | None = None

    def update(self, displacement: Float32, dirty: Rect | None) -> Rect:
        """Upload a map.

        Parameters
        ----------
        displacement : float32 (H, H)
            mm.
        dirty : Rect or None
            What differs from the last map; None compares with it.

        Returns
        -------
        Rect
            Texels whose shading may have changed (empty when nothing did).
        """
        last, self.displacement = self.displacement, displacement
        if last is None:
            dirty = Rect.whole(self.resolution)
        elif dirty is None:
            dirty = changed_rect(last, displacement)
        if dirty.empty:
            return dirty
        touched = dirty.grown(1, self.resolution)
        slopes = gradient(displacement, touched)
        along_x, along_y = cv2.split(slopes)
        height = np.ascontiguousarray(displacement[touched.slices], np.float32)
        texels = cv2.merge([along_x, along_y, height, cv2.magnitude(along_x, along_y)])
        self._levels[0][touched.slices] = texels
        self._upload(0, touched)
        reach = touched
        for index in range(1, len(self._levels)):
            reach = Rect(reach.x0 // 2, reach.y0 // 2, -(-reach.x1 // 2), -(-reach.y1 // 2))
            fine = self._levels[index - 1][2 * reach.y0 : 2 * reach.y1, 2 * reach.x0 : 2 * reach.x1]
            # The mean of 2 x 2: exact areas, so a window's texels equal those of the whole map.
            self._levels[index][reach.slices] = cv2.resize(
                fine, (reach.width, reach.height), interpolation=cv2.INTER_AREA
            )
            self._upload(index, reach)
        return touched

    def _upload(self, index: int, rect: Rect) -> None:
        data = self._levels[index][rect.slices].astype(np.float16)
        self.texture.write(data, (rect.x0, rect.y0, rect.width, rect.height), level=index, alignment=1)

    def release(self) -> None:
        self.texture.release()
        self._levels.clear()
        self.displacement = None


class DetailTextures:
    """Textures of the resolutions in use, so that preview and full resolution do not push each other out.

    Attributes
    ----------
    current : DetailTexture
        What is shown.
    """

    KEPT = 3

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._by_resolution: dict[int, DetailTexture] = {}
        self.current = self._texture(_NO_DETAIL.shape[0])
        self.current.update(_NO_DETAIL, None)

    def show(self, displacement: Float32 | None, dirty: Rect | None) -> Rect | None:
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
        touched = texture.update(displacement, dirty)
        if texture is self.current:
            return touched
        self.current = texture
        return None

    def _texture(self, resolution: int) -> DetailTexture:
        if resolution not in self._by_resolution:
            if len(self._by_resolution) >= self.KEPT:
                oldest = next(r for r, texture in self._by_resolution.items() if texture is not self.current)
                self._by_resolution.pop(oldest).release()
            self._by_resolution[resolution] = DetailTexture(self._ctx, resolution)
        return self._by_resolution[resolution]

    def release(self) -> None:
        for texture in self._by_resolution.values():
            texture.release()
        self._by_resolution.clear()


def changed_rect(a: Float32, b: Float32) -> Rect:
    """Smallest rectangle outside of which two maps are equal."""
    if a is b:
        return Rect(0, 0, 0, 0)
    differs = a != b
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not len(rows):
        return Rect(0, 0, 0, 0)
    return Rect(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
