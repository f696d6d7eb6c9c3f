"""`errors.png`: where a pack differs from the editor, in micrometres, with what a person needs to read it."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.pack.regions import region_masks
from rhytid.core.pack.residual import Residual

UInt8 = npt.NDArray[np.uint8]
SIDE = 768
_MARGIN, _BAR = 190, 18
_INK, _PAPER = (235, 235, 235), (24, 24, 24)
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def heat_picture(residual: Residual) -> UInt8:
    """RGB (958, 768, 3): the mean error by place, its scale, and the five worst expressions."""
    heat = cv2.resize(residual.heat, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    heat = cv2.GaussianBlur(heat, (0, 0), 2)
    most = _round_up(float(np.percentile(heat, 99.5)))
    colors = cv2.applyColorMap((np.clip(heat / most, 0, 1) * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
    regions = region_masks(SIDE).argmax(axis=0)
    border = np.diff(regions, axis=0, append=regions[-1:]) != 0
    border |= np.diff(regions, axis=1, append=regions[:, -1:]) != 0
    colors[border] = colors[border] // 2 + 50
    picture = np.full((SIDE + _MARGIN, SIDE, 3), _PAPER, np.uint8)
    picture[:SIDE] = colors
    ramp = cv2.applyColorMap(np.linspace(0, 255, SIDE - 160).astype(np.uint8)[None], cv2.COLORMAP_INFERNO)
    picture[SIDE + 14 : SIDE + 14 + _BAR, 30 : SIDE - 130] = ramp
    _write(picture, f"0 to {most:g} um", SIDE - 120, SIDE + 28)
    _write(picture, f"mean {residual.mean_um:.1f} um, p95 {residual.p95_um:.1f} um; neutral map alone "
                    f"{residual.without_um:.1f} um; expressions that were not fitted", 30, SIDE + 56)  # fmt: skip
    _write(picture, "worst:", 30, SIDE + 80)
    for number, one in enumerate(residual.worst):
        _write(picture, f"{one.mean_um:5.1f} um  {one.name[:70]}", 100, SIDE + 80 + 21 * number)
    return np.ascontiguousarray(picture[..., ::-1])


def _round_up(value: float) -> float:
    """1, 2 or 5 times a power of ten, at least 1."""
    value = max(value, 1.0)
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)


def _write(picture: UInt8, text: str, x: int, y: int) -> None:
    cv2.putText(picture, text, (x, y), _FONT, 0.45, _INK, 1, cv2.LINE_AA)
