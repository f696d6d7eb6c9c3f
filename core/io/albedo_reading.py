"""Skin colour out of picture files, in the chart or in a head's own layout."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.detail.engine import Control
from rhytid.core.document.limits import ALBEDO_MIN_SIZE
from rhytid.core.document.state import AGE_DEFAULT
from rhytid.core.given import given_number, given_path
from rhytid.core.head.head import Float32, Head
from rhytid.core.io.errors import MapError
from rhytid.core.io.layout_bake import OwnLayout
from rhytid.core.io.layout_sampling import beyond, sampled
from rhytid.core.io.own_color import OwnColor, filled_colors, has_own_color
from rhytid.core.io.own_layout_reading import tile_files
from rhytid.core.maps.albedo_map import AROUND_FIRST, AROUND_SPAN, AlbedoMap
from rhytid.core.maps.cavity import IN_FOLDS
from rhytid.core.photo.image import read_photo

UInt8 = npt.NDArray[np.uint8]
_AROUND_SIDE, _AROUND_OF_CHART = 2048, 384
_MISSED = 0.005  # of the face in tiles without a picture


@dataclass(frozen=True, eq=False)
class ReadAlbedo:
    """A skin colour and what a person should know of it."""

    albedo: AlbedoMap
    warnings: tuple[str, ...] = ()


def read_albedo(
    path: Path | str, head: Head | None = None, layout: str = "chart", tile: int | None = None,
    age: float = AGE_DEFAULT,
) -> AlbedoMap:  # fmt: skip
    """Skin colour of a picture, for `DocumentState.albedo`.

    Parameters
    ----------
    path : path
        PNG, JPEG, TIFF, WebP or BMP of sRGB, square. In a head's own layout one tile's: with `skin.1001.png` the
        `skin.1002.png` beside it is read.
    head : Head, optional
        Whose texture coordinates are meant by ``layout="own"``.
    layout : str
        "chart", or "own" for that of the head.
    tile : int, optional
        UDIM tile of the file, where its name does not say it.
    age : float
        Years of the person whose colour it is.

    Raises
    ------
    ValueError, OSError
        The file is no such picture; the message says why and what to do.
    """
    if layout not in ("chart", "own"):
        raise ValueError(f"the layout of a skin colour is chart or own, not {layout!r:.40}")
    if layout == "own" and head is None:
        raise ValueError("a skin colour in a head's own layout needs that head")
    own = OwnLayout(head) if head is not None and layout == "own" else None
    return read_albedo_in(given_path(path), own, tile, given_number(age, "age")).albedo


def read_albedo_in(
    path: Path, layout: OwnLayout | None, tile: int | None, age: float, control: Control | None = None
) -> ReadAlbedo:
    """`read_albedo` with what a person should know; `layout` is the head's own, None for the chart."""
    control = control or Control()
    control(0.0)
    if layout is None:
        picture = square_picture(path)
        if len(picture) < ALBEDO_MIN_SIZE:
            raise MapError(f"{path}: {len(picture)} texels wide; a skin colour has at least {ALBEDO_MIN_SIZE}")
        return ReadAlbedo(AlbedoMap.of(picture, age, None, _around(picture), IN_FOLDS))
    files = tile_files(path, layout, tile, layout.skin_tiles)
    pictures = {}
    for number, (one, file) in enumerate(files.items()):
        pictures[one] = square_picture(file)
        control((number + 1) / (2 * len(files)))
    on_face = [one for one in files if one in layout.tiles]
    if not on_face:
        raise MapError(f"{path}: none of the pictures is of a tile with the face, which lies in "
                       f"{', '.join(map(str, layout.tiles))}")  # fmt: skip
    main = max(on_face, key=layout.share_of)
    side = layout.side_in_chart(main, len(pictures[main]))
    chart = _in_plane(layout, pictures, side, 0.0, 1.0)
    control(0.8)
    around = _in_plane(layout, pictures, min(2 * side, _AROUND_SIDE), AROUND_FIRST, AROUND_SPAN)
    control(1.0)
    warnings = [layout.upon_each_other.replace("get the same", "get the same colour")]
    missed = 1 - sum(layout.share_of(one) for one in on_face)
    if missed > _MISSED:
        absent = ", ".join(str(one) for one in layout.tiles if one not in files)
        warnings.append(f"no picture of tile {absent}, which has {100 * missed:.0f} % of the face: it is filled")
    return ReadAlbedo(AlbedoMap.of(chart, age, None, around, IN_FOLDS), tuple(filter(None, warnings)))


def square_picture(path: Path) -> UInt8:
    """Colours of a square picture, uint8 (S, S, 3), at most 4096 texels wide."""
    pixels = read_photo(path).pixels
    height, width = pixels.shape[:2]
    if height != width:
        raise MapError(f"{path}: {width} x {height} texels; the colour of a chart or of a tile is square")
    return pixels


def _in_plane(layout: OwnLayout, pictures: dict[int, UInt8], side: int, first: float, span: float) -> UInt8:
    """Pictures of tiles in a square of the chart's plane; what none holds is as the head's own file has it."""
    found = layout.from_layout(pictures, side, np.full(3, np.nan, np.float32), first, span)
    known = np.asarray(np.isfinite(found).all(axis=2), bool)
    colors = np.rint(np.where(known[..., None], found, 0)).clip(0, 255).astype(np.uint8)
    if not known.all() and has_own_color(layout.head):
        own, has_one = OwnColor(layout).in_plane(side, first, span)
        colors[~known & has_one] = own[~known & has_one]
        known |= has_one
    return filled_colors(colors, known)


def _around(chart: UInt8) -> UInt8:
    """Colours over the plane around a chart that go on from its border."""
    at = AROUND_FIRST + AROUND_SPAN * (np.arange(_AROUND_OF_CHART, dtype=np.float32) + 0.5) / _AROUND_OF_CHART
    places = np.stack(np.meshgrid(at, at), axis=-1).reshape(-1, 2).astype(np.float32)
    small: Float32 = np.asarray(
        cv2.resize(chart, (_AROUND_OF_CHART // 3,) * 2, interpolation=cv2.INTER_AREA), np.float32
    )
    found = sampled(small, np.clip(places, 0, 1))
    outside = ((places < 0) | (places > 1)).any(axis=1)
    found[outside] = beyond(small, places[outside], found[outside])
    return np.rint(found).clip(0, 255).astype(np.uint8).reshape(_AROUND_OF_CHART, _AROUND_OF_CHART, 3)
