"""Statistics of displacement maps that the generator is calibrated and judged by.

Everything is measured at 256 texels. A map becomes a few hundred figures per place of the face; nothing
of where a texel was remains. Scans and synthetic maps are measured by the same code.

Places are the 13 facial `core.maps.bands.REGIONS` within the skin mask, `rest` (the mask outside them) and,
outside the mask, `ring` (skin and hair between the mask and the scan's border) and the four openings of
the mask: `brows`, `eyes`, `nostrils`, `mouth`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.lines.curve import curve
from rhytid.core.lines.extract import extract_lines
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.bands import N_BANDS, REGIONS, band, octave_bands, region_mask
from rhytid.core.maps.units import SIDE

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
BoolMap = npt.NDArray[np.bool_]

N_ORIENTATIONS = 8
N_FREQUENCIES = 16
# Openings of the skin mask as boxes (x0, y0, x1, y1) in fractions of the chart's side.
OPENINGS: dict[str, tuple[float, float, float, float]] = {
    "brows": (0.20, 0.13, 0.80, 0.265), "eyes": (0.20, 0.27, 0.80, 0.38),
    "nostrils": (0.38, 0.44, 0.62, 0.60), "mouth": (0.33, 0.62, 0.67, 0.76),
}  # fmt: skip
PLACES: tuple[str, ...] = (*REGIONS, "rest", "ring", *OPENINGS)
N_REGIONS, N_PLACES = len(REGIONS), len(PLACES)
SIDE_PAIRS: tuple[tuple[str, str], ...] = tuple(
    (name, name.replace("_right", "_left")) for name in REGIONS if name.endswith("_right")
)
_SUPPORT_MM = 0.004
_PATCH, _PATCH_STEP, _PATCH_SHARE = 32, 8, 0.95
_LEAST_MM = 1e-5


@dataclass(frozen=True, eq=False)
class Measures:
    """Figures of one map, or of many with leading axes (subjects, expressions).

    P places in the order of `PLACES`, R regions in that of `REGIONS`, B octave bands 1-2, 2-4, 4-8, 8-16 px.

    Attributes
    ----------
    log_rms : float64 (..., P, B)
        Natural logarithm of the RMS in mm.
    log_wrinkle : float64 (..., R)
        Natural logarithm of the RMS in mm of the 2-8 px band (`region_energy` of the project's scores).
    skewness, kurtosis : float64 (..., P, B)
        Third and fourth standardised moment; the kurtosis is the excess over a Gaussian.
    line_density : float64 (..., P)
        px of extracted line per px of the place.
    orientation : float64 (..., P, 8)
        px of line per px of the place by direction: bin k holds directions round k * 22.5 degrees; 0 runs along
        the chart's x, 45 from the top left to the bottom right, 90 along y.
    line_depth_mm, line_width_px : float64 (..., P)
        Mean over the lines' length; not a number where a place has no line. Widths are shoulder to shoulder.
    mirror : float64 (..., B)
        Correlation of a band with its mirror image within the mask and its mirror image.
    log_spectrum : float64 (..., 16)
        Natural logarithm of the power in mm^2 at k = 1..16 cycles per 32 px, mean over directions and over Hann
        windowed patches of 32 px that lie in the mask by 95 %.
    ring_share : float64 (...)
        Share of the chart that the ring covers.
    """

    log_rms: Float64
    log_wrinkle: Float64
    skewness: Float64
    kurtosis: Float64
    line_density: Float64
    orientation: Float64
    line_depth_mm: Float64
    line_width_px: Float64
    mirror: Float64
    log_spectrum: Float64
    ring_share: Float64

    def __getitem__(self, index: object) -> Measures:
        """Those of some subjects or expressions: the index goes to the leading axes of every field."""
        return Measures(**{f.name: getattr(self, f.name)[index] for f in fields(self)})


def stacked(items: Sequence[Measures]) -> Measures:
    """Measures of several maps, or of several stacks, along a new first axis."""
    return Measures(**{f.name: np.stack([getattr(item, f.name) for item in items]) for f in fields(Measures)})


def measure_map(displacement: Float32, mask: BoolMap) -> Measures:
    """Figures of one displacement map.

    Parameters
    ----------
    displacement : float32 (256, 256)
        mm.
    mask : bool (256, 256)
        Skin.

    Raises
    ------
    ValueError
        Another shape, values that are not finite, or a place without a texel.
    """
    if displacement.shape != (SIDE, SIDE) or mask.shape != (SIDE, SIDE):
        raise ValueError(f"maps and masks must be {SIDE} texels square, got {displacement.shape} and {mask.shape}")
    if not np.isfinite(displacement).all():
        raise ValueError("a displacement map must be finite everywhere")
    places = place_masks(displacement, mask)
    bands = np.stack(octave_bands(displacement)).astype(np.float64)
    rms, skewness, kurtosis = np.empty((3, N_PLACES, N_BANDS))
    for i, name in enumerate(PLACES):
        values = bands[:, places[name]]
        rms[i] = np.sqrt((values**2).mean(1))
        shape = (values - values.mean(1, keepdims=True)) / np.maximum(values.std(1, keepdims=True), _LEAST_MM)
        skewness[i], kurtosis[i] = (shape**3).mean(1), (shape**4).mean(1) - 3
    wrinkles = band(displacement, 1, 4)
    energy = np.array([np.sqrt((wrinkles[places[name]].astype(np.float64) ** 2).mean()) for name in REGIONS])
    density, orientation, depth_mm, width_px = _line_figures(extract_lines(displacement), places)
    both = mask & mask[:, ::-1]
    mirror = np.array([np.corrcoef(values[both], values[:, ::-1][both])[0, 1] for values in bands])
    return Measures(
        log_rms=np.log(np.maximum(rms, _LEAST_MM)),
        log_wrinkle=np.log(np.maximum(energy, _LEAST_MM)),
        skewness=skewness,
        kurtosis=kurtosis,
        line_density=density,
        orientation=orientation,
        line_depth_mm=depth_mm,
        line_width_px=width_px,
        mirror=mirror,
        log_spectrum=_log_spectrum(displacement, mask),
        ring_share=np.asarray(places["ring"].mean(), np.float64),
    )


def place_masks(displacement: Float32, mask: BoolMap) -> dict[str, BoolMap]:
    """Texels of each of `PLACES`, bool (256, 256); the map itself says where the scan ends.

    Raises
    ------
    ValueError
        A place has no texel.
    """
    inside = {name: region_mask(name, SIDE) & mask for name in REGIONS}
    inside["rest"] = mask & ~np.logical_or.reduce(list(inside.values()))
    axis = (np.arange(SIDE) + 0.5) / SIDE
    scanned = cv2.blur(np.abs(displacement), (5, 5)) > _SUPPORT_MM
    openings = {
        name: ((axis >= y0) & (axis <= y1))[:, None] & ((axis >= x0) & (axis <= x1)) & ~mask
        for name, (x0, y0, x1, y1) in OPENINGS.items()
    }
    inside["ring"] = scanned & ~mask & ~np.logical_or.reduce(list(openings.values()))
    places = inside | openings
    empty = [name for name, texels in places.items() if not texels.any()]
    if empty:
        raise ValueError(f"no texel in {', '.join(empty)}: is the mask one of skin, and the map one of a whole face?")
    return places


def _line_figures(strokes: Sequence[Stroke], places: dict[str, BoolMap]) -> tuple[Float64, Float64, Float64, Float64]:
    """Density (P,), density by orientation (P, 8), mean depth in mm (P,) and width in px (P,)."""
    middle, length, angle, depth_mm, width_px = _pieces(strokes)
    x, y = np.clip(np.floor(middle), 0, SIDE - 1).astype(np.int64).T
    direction = np.round(angle / np.pi * N_ORIENTATIONS).astype(np.int64) % N_ORIENTATIONS
    orientation = np.zeros((N_PLACES, N_ORIENTATIONS))
    depths, widths = np.full((2, N_PLACES), np.nan)
    for i, name in enumerate(PLACES):
        here = places[name][y, x]
        total = length[here].sum()
        orientation[i] = np.bincount(direction[here], length[here], N_ORIENTATIONS) / places[name].sum()
        if total > 0:
            depths[i] = (depth_mm[here] * length[here]).sum() / total
            widths[i] = (width_px[here] * length[here]).sum() / total
    return orientation.sum(1), orientation, depths, widths


def _pieces(strokes: Sequence[Stroke]) -> tuple[Float64, Float64, Float64, Float64, Float64]:
    """Middle (N, 2), length, direction 0..pi, depth and width of all short pieces of the strokes' curves."""
    rows = [np.empty((0, 6))]
    for stroke in strokes:
        samples = np.asarray(curve(stroke, SIDE), np.float64)
        step = np.diff(samples[:, :2], axis=0)
        pressure = 0.5 * (samples[1:, 2] + samples[:-1, 2])
        rows.append(
            np.column_stack([
                0.5 * (samples[1:, :2] + samples[:-1, :2]) + 0.5,
                np.hypot(step[:, 0], step[:, 1]),
                np.arctan2(step[:, 1], step[:, 0]) % np.pi,
                pressure * stroke.depth_mm,
                np.full(len(step), stroke.width * SIDE),
            ])
        )  # fmt: skip
    table = np.concatenate(rows)
    return table[:, :2], table[:, 2], table[:, 3], table[:, 4], table[:, 5]


def _log_spectrum(displacement: Float32, mask: BoolMap) -> Float64:
    ramp = np.hanning(_PATCH)
    window = np.outer(ramp, ramp)
    steps = range(0, SIDE - _PATCH + 1, _PATCH_STEP)
    corners = [(y, x) for y in steps for x in steps]
    powers = [
        np.abs(np.fft.fft2(displacement[y : y + _PATCH, x : x + _PATCH] * window)) ** 2
        for y, x in corners
        if mask[y : y + _PATCH, x : x + _PATCH].mean() >= _PATCH_SHARE
    ]
    if not powers:
        raise ValueError(f"the mask has no room for a patch of {_PATCH} px")
    frequency = np.fft.fftfreq(_PATCH, 1 / _PATCH)
    radius = np.round(np.hypot(frequency[:, None], frequency[None, :])).astype(np.int64).ravel()
    power = np.mean(powers, axis=0).ravel() / (_PATCH**2 * (window**2).sum())
    mean = np.bincount(radius, power) / np.bincount(radius)
    spectrum: Float64 = np.log(np.maximum(mean[1 : N_FREQUENCIES + 1], _LEAST_MM**4))
    return spectrum
