"""A and B in one picture: left of a divider the surface wears detail that was kept, right of it the present one.

Both sides share the geometry buffer, so that nothing but shading is done twice, and no pixel of it: each side is
a scissored pass. The silhouette is that of the present detail, whose vertex displacement is low-passed anyway.
"""

from __future__ import annotations

from dataclasses import replace

import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.albedo_map import SkinColors
from rhytid.core.maps.rect import Rect
from rhytid.gui.render.detail_passes import DetailPasses
from rhytid.gui.render.detail_texture import DetailTexture
from rhytid.gui.render.shading import Look
from rhytid.gui.render.skin_texture import SkinTexture

Float32 = npt.NDArray[np.float32]


class KeptDetail:
    """The kept state on the GPU, with textures of its own.

    Attributes
    ----------
    version : int
        Grows when something else is kept.
    """

    def __init__(self, ctx: moderngl.Context, passes: DetailPasses) -> None:
        self._ctx = ctx
        self._passes = passes
        self._detail: DetailTexture | None = None
        self._skin: SkinTexture | None = None
        self.version = 0

    def __bool__(self) -> bool:
        """Something is kept."""
        return self._detail is not None

    def keep(self, displacement: Float32 | None, skin: SkinColors | None) -> None:
        """Keep a map, float32 (H, H) in mm, and a skin colour.

        Without a map nothing is kept any more; without a colour the kept side wears the present one.
        """
        self.version += 1
        resolution = 0 if displacement is None else displacement.shape[0]
        if self._detail is not None and self._detail.resolution != resolution:
            self._release_detail()
        if displacement is not None:
            if self._detail is None:
                self._detail = DetailTexture(self._ctx, self._passes, resolution)
            self._detail.update(displacement, None)
        if skin is None or displacement is None:
            self._release_skin()
        else:
            self._skin = self._skin or SkinTexture(self._ctx)
            self._skin.write(skin)

    def parts(self, look: Look, rect: Rect, divider_px: int) -> list[tuple[Look, Rect]]:
        """What to shade in which part of `rect` (pixels, origin bottom left): kept, then present detail."""
        if self._detail is None or divider_px <= rect.x0:
            return [(look, rect)]
        kept = replace(look, detail=self._detail, skin=self._skin)
        left = Rect(rect.x0, rect.y0, min(divider_px, rect.x1), rect.y1)
        right = Rect(left.x1, rect.y0, rect.x1, rect.y1)
        return [(kept, left)] if right.empty else [(kept, left), (look, right)]

    def release(self) -> None:
        """Give back everything on the GPU."""
        self._release_detail()
        self._release_skin()

    def _release_detail(self) -> None:
        if self._detail is not None:
            self._detail.release()
        self._detail = None

    def _release_skin(self) -> None:
        if self._skin is not None:
            self._skin.release()
        self._skin = None
