"""Colours of the false colour views and the chart's checker."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.srgb import srgb_from_linear

UInt8 = npt.NDArray[np.uint8]
NICE_RANGES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)


def _srgb_from_oklch(lightness: npt.NDArray[np.float64], chroma: npt.NDArray[np.float64], hue_deg: float) -> UInt8:
    # Oklab (Ottosson 2020): steps of equal lightness look equal.
    a = chroma * np.cos(np.radians(hue_deg))
    b = chroma * np.sin(np.radians(hue_deg))
    l_ = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    m_ = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    s_ = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    rgb = np.stack([
        4.0767416621 * l_ - 3.3077115913 * m_ + 0.2309699292 * s_,
        -1.2684380046 * l_ + 2.6097574011 * m_ - 0.3413193965 * s_,
        -0.0041960863 * l_ - 0.7034186147 * m_ + 1.7076147010 * s_,
    ], axis=-1)  # fmt: skip
    return np.round(srgb_from_linear(rgb) * 255).astype(np.uint8)


def diverging(negative_hue_deg: float = 256.0, positive_hue_deg: float = 38.0) -> UInt8:
    """A perceptually uniform diverging map, uint8 (256, 3): lightness falls equally to both ends.

    The default runs from blue (valleys) over near-white to red-orange (ridges).
    """
    t = np.abs(np.linspace(-1.0, 1.0, 256))
    lightness, chroma = 0.94 - 0.46 * t, 0.165 * t
    negative = _srgb_from_oklch(lightness, chroma, negative_hue_deg)
    positive = _srgb_from_oklch(lightness, chroma, positive_hue_deg)
    return np.concatenate([negative[:128], positive[128:]])


def nice_range(values: npt.NDArray[np.float32], percentile: float = 99.7) -> float:
    """Round half width of a symmetric range that holds nearly all of `values`."""
    if not values.size:
        return NICE_RANGES[0]
    sample = np.abs(values.ravel()[:: max(values.size // 65536, 1)])
    high = float(np.percentile(sample, percentile))
    return next((r for r in NICE_RANGES if r >= high), NICE_RANGES[-1])


def chart_checker(resolution: int = 1024, tiles: int = 16) -> UInt8:
    """Labelled checker of the chart, uint8 (R, R, 3).

    Columns are A.. from the subject's right, rows 1.. from the top.

    Tiles of the left half are cool, of the right half warm, so that a mirrored chart shows at once.
    """
    image = np.zeros((resolution, resolution, 3), np.uint8)
    side = resolution / tiles
    for row in range(tiles):
        for column in range(tiles):
            x0, y0 = round(column * side), round(row * side)
            x1, y1 = round((column + 1) * side), round((row + 1) * side)
            light = (row + column) % 2
            hue = 250.0 if column < tiles // 2 else 60.0
            color = _srgb_from_oklch(np.array(0.80 if light else 0.52), np.array(0.05), hue)
            ink = _srgb_from_oklch(np.array(0.45 if light else 0.85), np.array(0.05), hue)
            image[y0:y1, x0:x1] = color
            label = f"{chr(ord('A') + column)}{row + 1}"
            scale = side / 95.0
            (width, height), _ = cv2.getTextSize(label, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
            origin = (int((x0 + x1 - width) / 2), int((y0 + y1 + height) / 2))
            ink_bgr = tuple(int(c) for c in ink)
            cv2.putText(image, label, origin, cv2.FONT_HERSHEY_SIMPLEX, scale, ink_bgr, 1, cv2.LINE_AA)
    return image


def draw_scale_bar(image: UInt8, range_value: float, unit: str, colors: UInt8) -> None:
    """Draw a labelled colour bar into the lower left of a picture (H, W, 3), in place."""
    height, width = image.shape[:2]
    bar_w, bar_h = max(width // 5, 100), max(height // 70, 8)
    scale = max(height / 1900.0, 0.32)
    text_h = cv2.getTextSize("0", cv2.FONT_HERSHEY_SIMPLEX, scale, 1)[0][1]
    x0, y0 = width // 32, height - height // 40 - text_h - 8 - bar_h
    if x0 + bar_w > width or y0 < 0:
        return
    ramp = cv2.resize(colors[None], (bar_w, bar_h), interpolation=cv2.INTER_LINEAR)
    image[y0 : y0 + bar_h, x0 : x0 + bar_w] = ramp
    for fraction, text in (
        (0.0, f"-{range_value:g}"),
        (0.5, "0"),
        (1.0, f"+{range_value:g} {unit}".rstrip()),
    ):
        (text_w, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
        x = int(x0 + fraction * bar_w - (0 if fraction == 0 else text_w / 2))
        cv2.putText(
            image,
            text,
            (x, y0 + bar_h + text_h + 6),
            cv2.FONT_HERSHEY_SIMPLEX,
            scale,
            (225, 225, 225),
            1,
            cv2.LINE_AA,
        )
