"""Smooth shifts of the chart: no two faces fill it alike, and no two captures of a face register alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.detail.anatomy import blob
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.units import SIDE

Float32 = npt.NDArray[np.float32]
_SHAPE_PX, _SHAPE_CELLS = 1.4, 9
_CAPTURE_PX, _CAPTURE_CELLS = 1.1, 10
_WOBBLE_PX, _WOBBLE_CELLS = 0.26, 75


def drift_field(sd_px: float, cells: int, *identity: int) -> Float32:
    """A random smooth shift, float32 (2, 256, 256): x and y in texels of the 256 chart.

    Parameters
    ----------
    sd_px : float
        Standard deviation of each component.
    cells : int
        Independent shifts along the chart's side.
    identity : int
        What the shift belongs to.
    """
    coarse = np.random.default_rng([*identity, 941]).normal(0, sd_px * 1.25, (2, cells, cells)).astype(np.float32)
    size = (SIDE, SIDE)
    return np.stack([cv2.resize(part, size, interpolation=cv2.INTER_CUBIC) for part in coarse])


def shape_field(seed: int) -> Float32:
    """How a person's features lie off their usual places: mostly alike on both sides, least about nose and lips.

    Returns
    -------
    float32 (2, 256, 256)
        As `drift_field`.
    """
    alike, own = (drift_field(_SHAPE_PX, _SHAPE_CELLS, seed, side) for side in (1, 2))
    field = (alike + _mirrored(alike)) * np.float32(0.62) + own * np.float32(0.4)
    return np.asarray(field * (1 - np.float32(0.6) * _held()), np.float32)


def capture_field(seed: int, capture: int) -> Float32:
    """How a capture lies off the others of the person: similarly on both sides, least about nose and lips.

    Returns
    -------
    float32 (2, 256, 256)
        As `drift_field`.
    """
    held = np.float32(1) - np.float32(0.5) * _held()
    field = drift_field(_CAPTURE_PX, _CAPTURE_CELLS, seed, capture)
    field = np.float32(0.9) * field + np.float32(0.44) * _mirrored(field)
    return np.asarray(field * held, np.float32)


def _mirrored(field: Float32) -> Float32:
    """A shift (2, 256, 256) as the other side of the face has it."""
    return np.asarray(field[:, :, ::-1] * np.array([-1, 1], np.float32)[:, None, None], np.float32)


@lru_cache(maxsize=6)
def wobble_field(seed: int) -> Float32:
    """How a person's lines waver from their smooth courses in scans, float32 (2, 256, 256), as `drift_field`."""
    return drift_field(_WOBBLE_PX, _WOBBLE_CELLS, seed, 3)


@lru_cache(maxsize=1)
def _held() -> Float32:
    """1 about nose and lips."""
    return np.asarray(np.minimum(blob(0.47, 0.52, 0.10, 0.10) + blob(0.43, 0.69, 0.12, 0.06), 1), np.float32)


def drifted_points(points: Float32, field: Float32) -> Float32:
    """Chart points (N, 2) moved by a field."""
    at = np.clip(points * SIDE, 0, SIDE - 1).astype(np.int64)
    shift = field[:, at[:, 1], at[:, 0]].T
    return np.asarray(points + shift / SIDE, np.float32)


def drifted_strokes(strokes: Sequence[Stroke], field: Float32) -> tuple[Stroke, ...]:
    """Strokes moved by a field, with their ids."""
    return tuple(replace(stroke, points=drifted_points(stroke.points, field)) for stroke in strokes)


def drifted(values: Float32, field: Float32) -> Float32:
    """A map (256, 256) moved by a field; what the field pulls in from beyond the chart is 0."""
    axis = np.arange(SIDE, dtype=np.float32)
    x, y = axis[None, :] - field[0], axis[:, None] - field[1]
    return np.asarray(cv2.remap(values, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT), np.float32)
