"""A scan's height over its base, and its colour, drawn in the chart."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.detail.engine import Control
from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.head import Float32, Head
from rhytid.core.maps.border import border_fade
from rhytid.core.maps.fill import fill_smoothly
from rhytid.core.scan.drawing import Sheet, drawn
from rhytid.core.scan.texture import ScanColor

Bool = npt.NDArray[np.bool_]
UInt8 = npt.NDArray[np.uint8]

_MOST_MM = 4.0
_SPIKE, _LEAST_SPIKE_MM = 12.0, 0.25
_MAD = 1.4826
_FADE = 0.06
_WEIGHT_SIDE = 2048  # how much detail skin carries changes slowly
_COLOR_SIDE = 4096
_FINE = 2048  # every second texel in both directions tells the spread of larger maps well enough


class Baked(NamedTuple):
    """Displacement (R, R) in mm, and remarks."""

    displacement: Float32
    remarks: tuple[str, ...]


def baked(sheet: Sheet, height: Float32, head: Head, resolution: int, control: Control) -> Baked:
    """Displacement of a scan in the chart.

    Parameters
    ----------
    sheet : Sheet
    height : float32 (V,)
        Of the scan's vertices over the base, mm.
    head : Head
    resolution : int
    control : Control
    """
    values = np.zeros((resolution, resolution), np.float32)
    seen = np.zeros(values.shape, bool)
    for piece in drawn(sheet, resolution, control.part(0.0, 0.6)):
        values[piece.rows, piece.columns][piece.seen] = np.einsum("nk,nk->n", piece.weights, height[piece.corners])
        seen[piece.rows, piece.columns] = piece.seen
    face = ChartRaster(head, min(resolution, _WEIGHT_SIDE)).sample(head.detail_weight)
    if len(face) < resolution:
        face = np.asarray(cv2.resize(face, values.shape, interpolation=cv2.INTER_LINEAR), np.float32)
    control(0.65)
    remarks = []
    spikes = _spikes(values, seen)
    if spikes.any():
        remarks.append(f"{100 * spikes.sum() / max(int(seen.sum()), 1):.2g} % of the scan's texels were spikes")
    on_face = face > 0.5
    missing = float((on_face & ~seen).sum() / max(int(on_face.sum()), 1))
    if missing > 0.005:
        remarks.append(f"{100 * missing:.0f} % of the face is not in the scan and is filled smoothly")
    del on_face
    control(0.8)
    filled = fill_smoothly(values, seen & ~spikes)
    filled = filled.clip(-_MOST_MM, _MOST_MM, out=filled)
    filled *= face
    control(1.0)
    return Baked(np.ascontiguousarray(filled, np.float32), tuple(remarks))


def _spikes(height: Float32, seen: Bool) -> Bool:
    """Texels that stand out of their neighbours as no skin does."""
    off = np.asarray(cv2.medianBlur(height, 5), np.float32)
    np.abs(np.subtract(height, off, out=off), out=off)
    step = -(-len(off) // _FINE)
    some = off[::step, ::step][seen[::step, ::step]]
    spread = _MAD * float(np.median(some)) if len(some) else 0.0
    return np.asarray(seen & ((off > max(_SPIKE * spread, _LEAST_SPIKE_MM)) | (np.abs(height) > _MOST_MM)))


def baked_color(color: ScanColor, sheet: Sheet, resolution: int, control: Control) -> UInt8 | None:
    """Colour of a scan in the chart, uint8 (R, R, 3), one tone at the chart's border; None where it has none there."""
    side = min(resolution, _COLOR_SIDE)
    given = np.zeros((side, side, 3), np.uint8)
    known = np.zeros((side, side), bool)
    for piece in drawn(sheet, side, control.part(0.0, 0.8)):
        found, has_one = color.at(piece.number, piece.weights, piece.corners)
        given[piece.rows, piece.columns][piece.seen] = np.rint(found)
        known[piece.rows, piece.columns][piece.seen] = has_one
    if not known.any():
        return None
    share = border_fade(side, _FADE)
    for channel in range(3):
        filled = fill_smoothly(given[..., channel].astype(np.float32), known)
        ring = (share > 0.1) & (share < 0.9)
        tone = np.median(filled[ring])
        given[..., channel] = np.rint(tone + share * (filled - tone)).clip(0, 255)
    control(1.0)
    return given
