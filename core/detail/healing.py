"""What of a displacement map a wrinkle line stands for, and the skin that would be there without it.

The skin without a line is made of what surrounds it: low frequencies are carried in from the sides
(normalised convolution, Knutsson and Westin 1993), the fine texture is borrowed from skin without lines beside
it. Every line is looked at on a crop of its own that depends on the map and its lines only,
so edits of one line never change another's, whichever window is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.lines.polyline import arc_length, points_at
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.bands import low_pass
from rhytid.core.maps.rect import Rect

Float32 = npt.NDArray[np.float32]
# In half widths of the valley: the bulges beside it end at 2.7, their crest lies at 1.5.
_WHOLE_WIDTHS, _BULGE_WIDTHS, _FADE_WIDTHS = 1.7, 2.5, 3.0
_MIN_WHOLE, _MIN_FADE = 0.008, 0.022  # at least, as fractions of the chart's side
_TEXTURE_SIGMA = 0.010  # as a fraction of the side: what is finer counts as texture, not as a fold
_CALM_SHARE = 0.5  # skin that is rougher than this share of it is full of the bulges of other lines
# Where texture is borrowed: offsets across the line in inner, and along it in outer distances.
_DONORS = tuple((across, along) for across in (2.0, -2.0, 2.8, -2.8, 4.0, -4.0) for along in (0.0, 1.3, -1.3))


@dataclass(frozen=True, eq=False)
class LinePatch:
    """The share of a map that belongs to one line.

    Attributes
    ----------
    rect : Rect
        Texels that an edit of the line can touch.
    own_mm : float32 (rect.height, rect.width)
        The line's own relief, faded out towards the border of its neighbourhood: the map minus this is the
        skin without the line. Exactly 0 outside the neighbourhood.
    along : float32 (rect.height, rect.width)
        Share 0..1 of the line's length at which the nearest point of the line lies.
    """

    rect: Rect
    own_mm: Float32
    along: Float32


def neighbourhood(stroke: Stroke) -> tuple[float, float]:
    """Distances in chart units: a line is taken whole up to the first, not at all beyond the second."""
    half = stroke.width / 2
    return max(_WHOLE_WIDTHS * half, _MIN_WHOLE), max(_FADE_WIDTHS * half, _MIN_FADE)


@lru_cache(maxsize=4096)  # every patch asks for the rectangles of all other lines
def patch_rect(stroke: Stroke, resolution: int) -> Rect:
    """Texels that an edit of a source line can touch on a map of `resolution` texels."""
    reach = neighbourhood(stroke)[1]
    low = np.floor((stroke.points.min(axis=0) - reach) * resolution - 1)
    high = np.ceil((stroke.points.max(axis=0) + reach) * resolution + 1)
    x0, y0, x1, y1 = (int(value) for value in (*low, *high))
    return Rect.whole(resolution).intersection(Rect(x0, y0, max(x1, x0), max(y1, y0)))


def line_patch(displacement: Float32, stroke: Stroke, lines: Sequence[Stroke]) -> LinePatch:
    """The patch of one line of a map.

    Parameters
    ----------
    displacement : float32 (H, H)
        mm.
    stroke : Stroke
        One of `lines`.
    lines : sequence of Stroke
        All lines of the map; skin under any of them is no model for skin without lines.
    """
    resolution = displacement.shape[0]
    inner, outer = neighbourhood(stroke)
    rect = patch_rect(stroke, resolution)
    crop = rect.grown(int(np.ceil(outer * resolution * 1.6)) + 3, resolution)
    if rect.empty:
        return LinePatch(rect, np.zeros((0, 0), np.float32), np.zeros((0, 0), np.float32))
    skin = displacement[crop.slices]
    own_distance, along = _distance_and_share(stroke, crop, resolution)
    near = [
        other for other in lines
        if other.id != stroke.id and not patch_rect(other, resolution).intersection(crop).empty
    ]  # fmt: skip
    other_distance = _distance(near, crop, resolution)
    lined = (own_distance < inner * resolution) | (other_distance < _MIN_WHOLE * 0.8 * resolution)
    # What lies nearer to another line belongs to that one.
    one, two = 1 / (own_distance**2 + 1), 1 / (other_distance**2 + 1)
    share = one**2 / (one**2 + two**2)
    x = np.clip((own_distance / resolution - inner) / (outer - inner), 0, 1)
    share *= (1 - x * x * (3 - 2 * x)).astype(np.float32)
    bulges = own_distance < _BULGE_WIDTHS * stroke.width / 2 * resolution
    healed = _healed(skin, lined, lined | bulges, stroke, share > 0, resolution)
    own = (skin - healed) * share
    inside = rect.relative_to(crop).slices
    return LinePatch(rect, np.ascontiguousarray(own[inside]), np.ascontiguousarray(along[inside]))


def _distance_and_share(stroke: Stroke, crop: Rect, resolution: int) -> tuple[Float32, Float32]:
    """Distance in texels to a line inside the crop, and the share of its length at the nearest point."""
    row, column, share = _texels(stroke, crop, resolution)
    free = np.ones((crop.height, crop.width), np.uint8)
    free[row, column] = 0
    distance, label = cv2.distanceTransformWithLabels(
        free, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    share_of_label = np.zeros(int(label.max()) + 1, np.float32)
    share_of_label[label[row, column]] = share
    return distance.astype(np.float32), share_of_label[label]


def _distance(lines: Sequence[Stroke], crop: Rect, resolution: int) -> Float32:
    """Distance in texels to the nearest of some lines on a crop; large when there is none."""
    free = np.ones((crop.height, crop.width), np.uint8)
    for line in lines:
        row, column, _ = _texels(line, crop, resolution)
        free[row, column] = 0
    if free.all():
        return np.full(free.shape, 1e6, np.float32)
    return np.asarray(cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_5), np.float32)


def _texels(
    stroke: Stroke, crop: Rect, resolution: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Rows and columns of the crop that a line passes, and the share of its length there."""
    points = stroke.points.astype(np.float64) * resolution - 0.5 - [crop.x0, crop.y0]
    along = arc_length(points)
    at = np.linspace(0, along[-1], max(int(along[-1] * 2), 2))
    column, row = np.round(points_at(points, along, at)).astype(np.int64).T
    inside = (column >= 0) & (column < crop.width) & (row >= 0) & (row < crop.height)
    return row[inside], column[inside], at[inside] / max(along[-1], 1e-9)


def _healed(
    skin: Float32,
    lined: npt.NDArray[np.bool_],
    raised: npt.NDArray[np.bool_],
    stroke: Stroke,
    wanted: npt.NDArray[np.bool_],
    resolution: int,
) -> Float32:
    """The skin of a crop as if no line had been drawn on it, exact where it is `wanted`.

    `lined` is no model for texture; `raised`, with the line's bulges, no model for the level of the skin.
    """
    known = (~raised).astype(np.float32)
    sigma = max(neighbourhood(stroke)[0] * resolution * 0.75, 1.2)
    near, far = low_pass(known, sigma), low_pass(known, sigma * 3)
    values = low_pass(skin * known, sigma) + np.float32(0.02) * low_pass(skin * known, sigma * 3)
    weight = np.maximum(near + np.float32(0.02) * far, np.float32(1e-6))
    smooth = np.asarray(values / weight, np.float32)
    fine = skin - low_pass(skin, max(_TEXTURE_SIGMA * resolution, 1.0))
    return smooth + _borrowed(fine, lined, wanted, stroke, resolution)


def _borrowed(
    texture: Float32,
    lined: npt.NDArray[np.bool_],
    wanted: npt.NDArray[np.bool_],
    stroke: Stroke,
    resolution: int,
) -> Float32:
    """Fine texture of neighbouring skin, shifted to where it is `wanted`.

    Patches of several offsets beside the line are blended softly, free skin far before lined skin, at their own
    contrast; then the whole is brought to the strength that calm skin has about there, since between dense
    wrinkles even free skin is full of their bulges.
    """
    inner, outer = neighbourhood(stroke)
    chord = (stroke.points[-1] - stroke.points[0]).astype(np.float64)
    chord /= max(float(np.hypot(*chord)), 1e-9)
    normal = np.array([-chord[1], chord[0]])
    rows, columns = texture.shape
    free = low_pass((~lined).astype(np.float32), max(0.004 * resolution, 1.0)) ** 2 + np.float32(1e-4)
    y, x = np.nonzero(wanted)
    total = np.zeros(len(x), np.float32)
    squares = np.zeros(len(x), np.float32)
    for across, along in _DONORS:
        dx, dy = np.round((normal * across * inner + chord * along * outer) * resolution).astype(np.int64)
        at_x, at_y = np.clip(x + dx, 0, columns - 1), np.clip(y + dy, 0, rows - 1)
        inside = (at_x == x + dx) & (at_y == y + dy)
        # A steep preference: where one offset is clearly freer it stands alone and stays as crisp as it is.
        weight = np.where(inside, free[at_y, at_x] ** 3, np.float32(0))
        total += weight * texture[at_y, at_x]
        squares += weight**2
    blended = total / np.sqrt(np.maximum(squares, np.float32(1e-30)))
    result = np.zeros_like(texture)
    result[y, x] = blended * min(1.0, _calm_rms(texture, lined, resolution) / (float(blended.std()) + 1e-9))
    return result


def _calm_rms(texture: Float32, lined: npt.NDArray[np.bool_], resolution: int) -> float:
    """RMS in mm of the texture that half of the skin without lines does not exceed; of all skin if there is none."""
    energy = low_pass(texture * texture, max(0.012 * resolution, 1.0))
    skin = energy[~lined] if (~lined).any() else energy.ravel()
    return float(np.sqrt(np.quantile(np.maximum(skin, 0), _CALM_SHARE)))
