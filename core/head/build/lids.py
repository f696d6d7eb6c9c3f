"""Lids that close: ICT-FaceKit Light's blink leaves a slit and a ragged edge, ours must not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.head.build.eyes import CENTRE
from rhytid.core.head.build.template import Template

Float64 = npt.NDArray[np.float64]

# Row of the lid grid that is the lid's visible edge, and how much of a correction each row takes.
_EDGE_ROW = 9
_ROW_SHARE = (0, 0, 0, 0.06, 0.16, 0.3, 0.48, 0.68, 0.87, 1, 1, 1, 1, 1)
_SMOOTHING_STEPS = 3
_OVERLAP_MM = 0.12
_MOVING_LIDS = ("eyeBlink", "eyeLookDown", "eyeLookIn", "eyeLookOut", "eyeLookUp", "eyeSquint", "eyeWide")


def refine_lids(template: Template, skin: Float64, shapes: Float64) -> None:
    """Smooth the motion along the lids' edges and close the blink, in place.

    Parameters
    ----------
    skin : float (n_skin, 3), mm
    shapes : float (52, n_skin, 3), mm
    """
    share = np.array(_ROW_SHARE, float)[:, None, None]
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        grid = template.lid_rings if side == "Left" else template.mirror[template.lid_rings]
        for name in _MOVING_LIDS:
            shape = shapes[ARKIT_INDEX[name + side]]
            motion = shape[grid]
            smooth = motion
            for _ in range(_SMOOTHING_STEPS):
                smooth = 0.5 * smooth + 0.25 * (np.roll(smooth, 1, axis=1) + np.roll(smooth, -1, axis=1))
            shape[grid] = motion + share * (smooth - motion)
        blink = shapes[ARKIT_INDEX["eyeBlink" + side]]
        mirror = np.array([sign, 1.0, 1.0])
        blink[grid] += _closing(skin[grid] * mirror, blink[grid] * mirror) * mirror


def _closing(rest: Float64, motion: Float64) -> Float64:
    """Correction (rows, columns, 3) for the left eye that brings both edges to one smooth line."""
    closed = rest + motion
    edge = closed[_EDGE_ROW]
    inner, outer = int(rest[_EDGE_ROW, :, 0].argmin()), int(rest[_EDGE_ROW, :, 0].argmax())
    columns = np.arange(len(edge))
    one_way = (columns - inner) % len(edge) <= (outer - inner) % len(edge)
    upper = one_way if rest[_EDGE_ROW, one_way, 1].mean() > rest[_EDGE_ROW, ~one_way, 1].mean() else ~one_way
    lower = ~upper
    lower[[inner, outer]] = True
    low, high = edge[inner, 0], edge[outer, 0]

    def share_along(points: Float64) -> Float64:
        return np.clip((points[..., 0] - low) / (high - low), 0, 1)

    # The lower edge, smoothed, is where the lids meet: a curve of sixth order that ends in the corners.
    along = share_along(edge)
    fit = np.linalg.lstsq(_bumps(along)[lower], (edge[:, 1] - _chord(edge, inner, outer, along))[lower], rcond=None)[0]

    def meeting_line(points: Float64) -> Float64:
        at = share_along(points)
        return _chord(edge, inner, outer, at) + _bumps(at) @ fit

    overlap = _OVERLAP_MM * np.clip(np.minimum(along, 1 - along) / 0.12, 0, 1)
    lift = np.where(upper, meeting_line(edge) - overlap, meeting_line(edge)) - edge[:, 1]
    lift[[inner, outer]] = 0
    # Along the eyeball: a turn about the axis through both corners keeps each point's distance from the
    # centre.
    away = closed - CENTRE
    angle = -lift / np.maximum(away[_EDGE_ROW, :, 2], 1.0)
    turn = np.array(_ROW_SHARE, float)[:, None] * angle[None]
    c, s = np.cos(turn), np.sin(turn)
    y, z = away[..., 1], away[..., 2]
    result = closed + np.stack([np.zeros_like(y), c * y - s * z - y, s * y + c * z - z], axis=-1)
    # Behind the edges the lids touch but do not pass through each other.
    behind = result[_EDGE_ROW:]
    line = meeting_line(behind)
    height = behind[..., 1]
    behind[..., 1] = np.where(upper, np.maximum(height, line - overlap), np.minimum(height, line))
    return result - closed


def _chord(edge: Float64, inner: int, outer: int, along: Float64) -> Float64:
    height: Float64 = edge[inner, 1] + (edge[outer, 1] - edge[inner, 1]) * along
    return height


def _bumps(along: Float64) -> Float64:
    """Powers that vanish at both ends, (..., 4)."""
    return np.stack([along * (1 - along) * along**k for k in range(4)], axis=-1)
