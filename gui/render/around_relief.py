"""Fine relief of skin outside the chart, on the GPU: the tile, and where in space the skin rests."""

from __future__ import annotations

import moderngl
import numpy as np

from rhytid.core.head.head import Head
from rhytid.core.head.rest_plane import rest_plane
from rhytid.core.maps.skin_tile import skin_tile


class AroundRelief:
    """Two textures, made once for a head.

    Parameters
    ----------
    ctx : moderngl.Context
    head : Head
    """

    def __init__(self, ctx: moderngl.Context, head: Head) -> None:
        tile = skin_tile()
        self._tile = ctx.texture(tile.shape[1::-1], 4, tile.astype(np.float16), dtype="f2")
        self._tile.build_mipmaps()
        self._tile.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        rest = rest_plane(head)
        self._rest = ctx.texture(rest.shape[1::-1], 3, rest, dtype="f4")
        self._rest.filter = (moderngl.LINEAR, moderngl.LINEAR)
        self._rest.repeat_x = self._rest.repeat_y = False

    def bind(self, tile: int, rest: int) -> dict[str, int]:
        """Use these texture units; gives the samplers' uniforms."""
        self._tile.use(tile)
        self._rest.use(rest)
        return {"u_skin_tile": tile, "u_rest": rest}

    def release(self) -> None:
        """Give back everything on the GPU."""
        self._tile.release()
        self._rest.release()
