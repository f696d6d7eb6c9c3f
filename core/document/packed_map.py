"""A displacement map as planes of bytes that pack well and fast, bit for bit what it was.

Neighbours along a row are alike, so their difference is small; the bytes of the differences lie apart, the highest
last, as TIFF's predictors lay them. Maps that were imported from 16-bit integers have few different values: these are
listed, and the planes say which one a texel has.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
UInt8 = npt.NDArray[np.uint8]

LISTED_PLANES, PLAIN_PLANES = 2, 4
MAX_VALUES = 1 << 16
_SMALL_GAP = 100  # times the least one


def packed(values: Float32) -> tuple[UInt8, Float32 | None]:
    """Planes of a map, and the list of its values where there are few.

    Parameters
    ----------
    values : float32 (H, W)

    Returns
    -------
    planes : uint8 (2 or 4, H, W)
        Two with a list, four without.
    listed : float32 (N,) or None
        Values by number, N at most 65536.
    """
    values = np.ascontiguousarray(values, np.float32)
    numbered = _numbered(values)
    if numbered is None:
        return _planes(values.view(np.uint32)), None
    numbers, listed = numbered
    return _planes(numbers), listed


def unpacked(planes: UInt8, listed: Float32 | None) -> Float32:
    """The map that `packed` took apart, float32 (H, W).

    Raises
    ------
    ValueError
        The planes are not two with a list or four without, or name a value that is not listed.
    """
    if planes.ndim != 3 or len(planes) != (PLAIN_PLANES if listed is None else LISTED_PLANES):
        raise ValueError(f"planes {planes.shape} are no map {'without' if listed is None else 'with'} a list of values")
    if listed is None:
        return _joined(planes, np.uint32).view(np.float32)
    numbers = _joined(planes, np.uint16)
    if not 1 <= len(listed) <= MAX_VALUES or int(numbers.max(initial=0)) >= len(listed):
        raise ValueError(f"a texel has a value that is none of the {len(listed)} that are listed")
    return listed[numbers]


def _numbered(values: Float32) -> tuple[npt.NDArray[np.uint16], Float32] | None:
    """Number of each texel's value and the values by number; None where no even scale of 65536 steps holds them all."""
    low, high = float(values.min(initial=np.inf)), float(values.max(initial=-np.inf))
    if not np.isfinite([low, high]).all():
        return None
    some = np.unique(np.append(values.reshape(-1)[:: max(values.size >> 18, 1)], (low, high)).astype(np.float64))
    gaps = np.diff(some)
    n_steps = 0
    if len(gaps):
        # Each value is rounded, so the least gap is not quite the step; counted over many small gaps it comes out.
        small = gaps[gaps < _SMALL_GAP * gaps.min()]
        step = small.sum() / np.rint(small / gaps.min()).sum()
        n_steps = round(min((high - low) / step, MAX_VALUES))
    if n_steps >= MAX_VALUES:
        return None
    step = (high - low) / n_steps if n_steps else 1.0
    numbers = np.empty(values.shape, np.uint16)
    listed = np.zeros(n_steps + 1, np.float32)
    for row, texels in enumerate(values):  # by rows, for the memory of a large map is taken already
        numbers[row] = np.rint((texels.astype(np.float64) - low) / step)
        listed[numbers[row]] = texels
    # A list holds one value for each number: where two share one, or -0 stands beside 0, it is not this map's.
    for row, texels in enumerate(values):
        if listed[numbers[row]].tobytes() != texels.tobytes():
            return None
    return numbers, listed


def _planes(words: npt.NDArray[np.unsignedinteger]) -> UInt8:
    """Bytes of the differences along rows, lowest first."""
    difference = words.copy()
    difference[:, 1:] -= words[:, :-1]
    little_endian = difference.astype(difference.dtype.newbyteorder("<"), copy=False)
    size = words.dtype.itemsize
    return np.ascontiguousarray(np.moveaxis(little_endian.view(np.uint8).reshape(*words.shape, size), -1, 0))


def _joined(planes: UInt8, dtype: type[np.unsignedinteger]) -> npt.NDArray[np.unsignedinteger]:
    """The words of `_planes`."""
    words = np.zeros(planes.shape[1:], dtype)
    for place, plane in enumerate(planes):
        words |= plane.astype(dtype) << dtype(8 * place)
    return np.cumsum(words, axis=1, dtype=dtype, out=words)
