"""Fine relief of skin outside the chart, on the GPU: the tile, and where in space the skin rests."""

from __future__ import annotations

from functools import lru_cache

import moderngl
import numpy as np
import numpy.typing as npt

from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.head import Head
from rhytid.core.maps.albedo_map import AROUND_FIRST, AROUND_SPAN
from rhytid.core.maps.padding import pad_edges
from rhytid.core.maps.skin_tile import TILE_LOW, skin_tile
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
_REST_PX = 384


class AroundRelief:
    """Two textures, made once for a head.

    Parameters
    ----------
    ctx : moderngl.Context
    head : Head
    """

    def __init__(self, ctx: moderngl.Context, head: Head) -> None:
        tile = skin_tile()
        texels = np.clip((tile - TILE_LOW) * (255 / (-2 * TILE_LOW)) + 0.5, 0, 255).astype(np.uint8)
        self._tile = ctx.texture(tile.shape[1::-1], 4, texels)
        self._tile.build_mipmaps()
        self._tile.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        self._rest = ctx.texture((_REST_PX, _REST_PX), 3, rest_places(head), dtype="f4")
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


@lru_cache(maxsize=2)
def rest_places(head: Head) -> Float32:
    """Where the skin of the head at rest is, float32 (384, 384, 3) in mm over -1..2 of the chart's plane, read-only."""
    raster = ChartRaster(head, _REST_PX, AROUND_FIRST, AROUND_SPAN)
    places = pad_edges(raster.sample(head.neutral[: head.n_skin]), raster.covered)
    return read_only(np.ascontiguousarray(places))
