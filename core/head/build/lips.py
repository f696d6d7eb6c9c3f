"""Lips that meet at rest: ICT-FaceKit's mean keeps them two thirds of a millimetre apart, which shows the teeth."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.head.build.template import Template

Float64 = npt.NDArray[np.float64]

# How much of the correction each row of the lip grid takes; rows 6 to 9 touch.
_ROW_SHARE = np.array([0.03, 0.08, 0.18, 0.34, 0.55, 0.8, 1, 1, 1, 1, 0.95, 0.85, 0.75, 0.65])
_PRESSED_MM = 0.05


def close_lips(template: Template, skin: Float64) -> Float64:
    """Skin (n_skin, 3) with the lips brought together by half their gap each."""
    grid = template.lip_rings
    points = skin[grid]
    corner = int(points[6, :, 0].argmax())
    upper, lower = points[:, : corner + 1], points[:, corner:][:, ::-1]
    columns = np.arange(corner + 1), np.arange(lower.shape[1])
    touching_upper = upper[upper[..., 1].argmin(axis=0), columns[0]]
    touching_lower = lower[lower[..., 1].argmax(axis=0), columns[1]]
    x = np.linspace(0, points[6, corner, 0], 40)
    gap = np.interp(x, *touching_upper[:, :2].T) - np.interp(x, *touching_lower[:, :2].T)
    inside = np.clip((x[-1] - x) / 1.6, 0, 1)
    half = np.clip(gap / 2 + _PRESSED_MM, 0, None) * inside
    result = skin.copy()
    move = _ROW_SHARE[:, None] * np.interp(points[..., 0], x, half)
    move[:, corner] = 0
    move[:, :corner] *= -1
    for vertices, amount in ((grid, move), (template.mirror[grid][:, 1:-1], move[:, 1:-1])):
        result[vertices, 1] += amount
    return result
