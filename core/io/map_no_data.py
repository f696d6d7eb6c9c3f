"""Texels that hold no displacement: NaN, infinities and the values that programs write where nothing was measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from rhytid.core.io.errors import ChoiceNeeded, MapError
from rhytid.core.io.formats.picture import Pixels
from rhytid.core.io.map_statement import Scaling
from rhytid.core.maps.fill import fill_smoothly

Float32 = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

FILL, KEEP = "fill", "keep"
MAX_ABS_MM = 50.0
# -9999 and -32768 of surveying, -10000 and 1e30 of scanners, the largest float32 of GDAL, 9.97e36 of netCDF.
_USUAL = (9999.0, 10000.0, 99999.0, 32767.0, 32768.0, 1e20, 1e30, 1e38, 9.969209968386869e36, float(np.finfo("f4").max))
_MIN_REPEATS = 4
# An end of the 16-bit range is a border when it is not rare, reaches the picture's edge and nothing comes near it.
_MIN_BORDER_SHARE, _BORDER_GAP = 0.005, 0.02


def missing_texels(
    stored: Pixels, scaling: Scaling, no_data: float | None, is_stated: bool
) -> tuple[Mask, tuple[str, ...]]:
    """Where a map holds no displacement, and what stands there.

    Parameters
    ----------
    stored : (H, W)
        Values as they are in the file.
    scaling : Scaling
    no_data : float, optional
        The value that the file or the artist names.
    is_stated : bool
        The scaling is known, so that the ends of the integer range are values as any other.

    Returns
    -------
    mask : bool (H, W)
    found : tuple of str
        "20311 texels hold -10000, a no-data value", one for each kind.
    """
    found: list[str] = []
    missing = np.zeros(stored.shape, bool)
    if stored.dtype.kind == "f":
        missing = ~np.isfinite(stored)
        if missing.any():
            found.append(f"{np.count_nonzero(missing)} texels are NaN or infinite")
    named = [] if no_data is None or not np.isfinite(no_data) else [float(no_data)]
    for value in [*named, *_suspects(stored, missing, scaling, is_stated)]:
        with np.errstate(over="ignore"):
            holds = (stored == np.asarray(value).astype(stored.dtype)) & ~missing
        n_texels = int(np.count_nonzero(holds))
        if n_texels:
            found.append(f"{n_texels} texels hold {value:.7g}, a no-data value")
            missing |= holds
    return missing, tuple(found)


def _suspects(stored: Pixels, missing: Mask, scaling: Scaling, is_stated: bool) -> list[float]:
    """Values that cannot be skin and are repeated as no measured value is."""
    if stored.dtype.kind != "f":
        return [] if is_stated else _borders(stored)
    reach = min(abs(MAX_ABS_MM / scaling.scale_mm), _USUAL[0] - 1)
    with np.errstate(over="ignore", invalid="ignore"):
        far = ((stored < scaling.mid - reach) | (stored > scaling.mid + reach)) & ~missing
    if (far | missing).all():
        return []
    values, counts = np.unique(stored[far], return_counts=True)
    if len(values) > 3 or any(n < _MIN_REPEATS and not _is_usual(v) for v, n in zip(values, counts, strict=True)):
        return []
    return [float(value) for value in values] + ([] if is_stated else _frames(stored, missing | far, scaling.mid))


def _frames(stored: Pixels, missing: Mask, zero: float) -> list[float]:
    """Ends of the range that frame the map as -1 does, farther from all that it holds than that is wide."""
    frames = []
    held = stored[~missing] if missing.any() else stored
    edge = np.concatenate([stored[0], stored[-1], stored[:, 0], stored[:, -1]])
    for end in {float(held.min()), float(held.max())} - {zero}:
        if not (edge == end).any() or (held == end).mean() < _MIN_BORDER_SHARE:
            continue
        others = held[held != end]
        low, high = (float(others.min()), float(others.max())) if others.size else (end, end)
        if min(abs(low - end), abs(high - end)) > high - low > 0:
            frames.append(end)
    return frames


def _is_usual(value: float) -> bool:
    return any(np.isclose(abs(float(value)), usual, rtol=1e-3) for usual in _USUAL)


def _borders(stored: Pixels) -> list[float]:
    lowest, largest = np.iinfo(stored.dtype).min, np.iinfo(stored.dtype).max
    borders = []
    for end in (lowest, largest, *((-9999, -10000) if lowest < 0 else ())):
        at_end = stored == end
        share = float(at_end.mean())
        touches = at_end[0].any() or at_end[-1].any() or at_end[:, 0].any() or at_end[:, -1].any()
        if not touches or not _MIN_BORDER_SHARE <= share < 1:
            continue
        others = stored[~at_end]
        below, above = others[others < end], others[others > end]
        nearest = [int(side) for side in ([below.max()] if below.size else []) + ([above.min()] if above.size else [])]
        if min(abs(value - end) for value in nearest) > _BORDER_GAP * largest:
            borders.append(float(end))
    return borders


def commonest(values: Pixels) -> float | None:
    """The finite value that is repeated most, None if there is none."""
    finite, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    return float(finite[counts.argmax()]) if finite.size else None


def settled(
    path: Path, displacement: Float32, missing: Mask, found: tuple[str, ...], answer: str | float | None
) -> Float32:
    """The displacement with what is missing filled, if that was asked for.

    Raises
    ------
    ChoiceNeeded
        Something is missing and nobody said what to do with it.
    MapError
        It cannot be filled or kept.
    """
    if not found:
        return displacement
    if missing.all():
        raise MapError(f"{path}: no texel holds a displacement; export it again")
    if answer is None:
        raise ChoiceNeeded(f"{path}: {', '.join(found)}; fill them (--no-data fill)", "no_data", (FILL, KEEP))
    if answer != KEEP:
        return fill_smoothly(displacement, ~missing)
    n_bad = displacement.size - int(np.count_nonzero(np.isfinite(displacement)))
    if n_bad:
        raise MapError(f"{path}: {n_bad} texels are NaN or infinite; they cannot be kept, fill them (--no-data fill)")
    return displacement
