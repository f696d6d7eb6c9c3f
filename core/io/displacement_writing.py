"""Displacement maps to files, each with what its values mean inside and, where it is not mm, in a JSON beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.given import given_array, given_path
from rhytid.core.io.displacement_file import DisplacementMap, normalised
from rhytid.core.io.errors import MapError
from rhytid.core.io.formats.picture import Pixels
from rhytid.core.io.map_meaning import MILLIMETRES, ZERO_16
from rhytid.core.io.map_pixels import write_exr, write_npy, write_png, write_tiff
from rhytid.core.io.map_statement import (
    IN_CHART,
    STATEMENT_FORMAT,
    Scaling,
    statement_beside,
    statement_text,
    write_statement,
)
from rhytid.core.io.map_values import as_in_file

Float32 = npt.NDArray[np.float32]

_FULL_16 = 65535.0
_EXR_COMMENTS = "skin displacement along the smooth normal, outward positive"
_KINDS = {".png": "png", ".tif": "tiff", ".tiff": "tiff", ".exr": "exr", ".npy": "npy"}


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes
    ----------
    files : tuple of Path
    n_clipped : int
        Texels whose displacement the encoding cannot hold; they have the nearest value that it can.
    low_mm, high_mm : float
        What the encoding can hold.
    """

    files: tuple[Path, ...]
    n_clipped: int = 0
    low_mm: float = -math.inf
    high_mm: float = math.inf


def write_displacement(
    path: Path | str,
    displacement: Float32,
    exr_channels: str = "Y",
    scale_mm: float | None = None,
    float_tiff: bool = False,
    half: bool = False,
    beside: bool = True,
    layout: str = IN_CHART,
    worn: bool = False,
) -> list[Path]:
    """Write mm as EXR, PNG, TIFF or NPY by the suffix of `path`; gives the files written.

    - ``.exr``: 32-bit float, or 16-bit with `half`, mm, mid 0, one channel Y, which Blender, Maya, Houdini, Nuke and
      Unreal read as grey; `exr_channels` "RGB" repeats it in three for programs that want a colour.
    - ``.png``, ``.tif``, ``.tiff``: 16 bits, zero at 32768 (mid 0.5), with a JSON beside it that states
      `scale_mm`, the mm from value 0 to value 1 (default: the smallest tenth of a mm that holds the map).
    - ``.npy``, and ``.tif`` with `float_tiff`: float32 mm.

    All but NPY state the same inside, that the map lies in `layout`, and whether it is `worn`: weighted as the skin
    shows it. Without `beside` no JSON is written.

    Raises
    ------
    MapError
        The map has a wrong shape, values that are not finite or too large for `scale_mm`, or the suffix is
        unknown.
    """
    path = given_path(path)
    displacement = np.ascontiguousarray(given_array(displacement, "a displacement map"), np.float32)
    if displacement.ndim != 2 or displacement.shape[0] != displacement.shape[1]:
        raise MapError(f"{path}: a map of shape {displacement.shape} cannot be written; it must be square")
    low_mm, high_mm = float(displacement.min()), float(displacement.max())
    if not (math.isfinite(low_mm) and math.isfinite(high_mm)):
        raise MapError(f"{path}: the map holds values that are not finite")
    kind = _KINDS.get(path.suffix.lower())
    if kind is None:
        raise MapError(f"{path}: displacement is written as .exr, .png, .tif or .npy")
    if kind in ("exr", "npy") or (kind == "tiff" and float_tiff):
        names = ("Y",) if exr_channels == "Y" else tuple(exr_channels)
        stored: Pixels = displacement.astype(np.float16) if half and kind == "exr" else displacement
        return _write(
            path, kind, stored, names, MILLIMETRES, low_mm, high_mm, beside=beside, layout=layout, worn=worn
        )
    scale_mm = scale_mm_for(max(-low_mm, high_mm)) if scale_mm is None else scale_mm
    values = quantised(path, displacement, scale_mm)
    scaling = Scaling(scale_mm, ZERO_16 / _FULL_16)
    return _write(path, kind, values, (), scaling, low_mm, high_mm, beside=beside, layout=layout, worn=worn)


def write_like(path: Path | str, displacement: Float32, source: DisplacementMap) -> Written:
    """Write an edited map as the map that it was made from was stored: type, scale, mid, layout.

    Where the displacement is that of `source`, the stored value is written again, bit for bit; the value that stands
    for none is stated, so that it still does. A map that was
    added up or integrated, or that gets another format, is written as `write_displacement` does it.
    """
    path = Path(path)
    stored, kind = source.stored, _KINDS.get(path.suffix.lower())
    if stored is None or kind != source.header.kind or displacement.shape != stored.shape:
        return Written(tuple(write_displacement(path, displacement, float_tiff=True)))
    low, high = _range(stored.dtype)
    ends = [(value - source.scaling.mid) * source.scaling.scale_mm for value in (low, high)]
    values = np.empty(stored.shape, stored.dtype)
    n_clipped = 0
    for y in range(0, len(stored), 256):
        rows = slice(y, y + 256)
        values[rows], n = _encoded(displacement[rows], stored[rows], source.displacement[rows], source.scaling)
        n_clipped += n
    names = ("Y",) if source.header.kind != "exr" else _exr_names(source)
    low_mm, high_mm = float(displacement.min()), float(displacement.max())
    values = np.ascontiguousarray(as_in_file(values, source.reading))
    files = _write(path, kind, values, names, source.scaling, low_mm, high_mm, source.no_data)
    return Written(tuple(files), n_clipped, min(ends), max(ends))


def _range(dtype: np.dtype[Any]) -> tuple[float, float]:
    if dtype.kind == "f":
        return float(np.finfo(dtype).min), float(np.finfo(dtype).max)
    return float(normalised(np.array(np.iinfo(dtype).min, dtype))), 1.0


def _encoded(displacement: Float32, stored: Pixels, before: Float32, scaling: Scaling) -> tuple[Pixels, int]:
    """Stored values of some rows, and how many do not fit."""
    values = displacement.astype(np.float64) / scaling.scale_mm + scaling.mid
    low, high = _range(stored.dtype)
    step = 0.0
    if stored.dtype.kind in "ui":
        step = 1.0 / np.iinfo(stored.dtype).max
    changed = displacement != before
    n_clipped = int(np.count_nonzero(changed & ((values < low - 0.51 * step) | (values > high + 0.51 * step))))
    values = np.clip(values, low, high)
    if step:
        values = np.rint(values / step)
    return np.where(changed, values.astype(stored.dtype), stored), n_clipped


def _exr_names(source: DisplacementMap) -> tuple[str, ...]:
    """The channel's own name; the three of a grey that was stored as a colour."""
    name = source.channel
    prefix, _, base = name.rpartition(".")
    if base == "R" and all(f"{prefix}.{c}".lstrip(".") in source.header.channels for c in "RGB"):
        return tuple(f"{prefix}.{c}".lstrip(".") for c in "RGB")
    return (name,)


def _write(
    path: Path, kind: str, values: Pixels, names: tuple[str, ...], scaling: Scaling, low_mm: float, high_mm: float,
    no_data: float | None = None, beside: bool = True, layout: str = IN_CHART, worn: bool = False,
) -> list[Path]:
    text = statement_text(path.name, values.dtype, values.shape[0], scaling, low_mm, high_mm, no_data, layout, worn)
    if kind == "png":
        write_png(path, values, text=(STATEMENT_FORMAT, text))
    elif kind == "tiff":
        write_tiff(path, values, text)
    elif kind == "exr":
        write_exr(path, dict.fromkeys(names, values), _EXR_COMMENTS, {STATEMENT_FORMAT: text})
    else:
        write_npy(path, values)
    is_plain = scaling == MILLIMETRES and values.dtype.kind == "f"
    if not beside or ((is_plain or kind == "exr") and not _is_described(path)):
        return [path]
    return [path, write_statement(path, text)]


def files_of(path: Path) -> list[Path]:
    """All files that may be written for a map at `path`: what an EXR holds is stated inside and needs no JSON."""
    needs_json = path.suffix.lower() in (".png", ".tif", ".tiff", ".npy") or _is_described(path)
    return [path, path.with_suffix(".json")] if needs_json else [path]


def _is_described(path: Path) -> bool:
    """Whether a JSON of an earlier map of this name is there, which must not speak for the new one."""
    try:
        return statement_beside(path) is not None
    except MapError:
        return True


def scale_mm_for(largest_mm: float) -> float:
    """Smallest tenth of a mm whose half holds `largest_mm` on both sides of the mid value."""
    return max(math.ceil(largest_mm * 2 * 1.0001 * 10) / 10, 0.1)


def quantised(path: Path, displacement: Float32, scale_mm: float) -> npt.NDArray[np.uint16]:
    """uint16 values with 32768 for 0 mm; raises `MapError` if they do not fit."""
    values = np.empty(displacement.shape, np.uint16)
    n_rows = max(1, (1 << 20) // displacement.shape[1])
    for y in range(0, len(displacement), n_rows):
        block = np.rint(displacement[y : y + n_rows] * np.float32(_FULL_16 / scale_mm)) + np.float32(ZERO_16)
        if block.min() < 0 or block.max() > _FULL_16:
            raise MapError(f"{path}: {scale_mm} mm from black to white cannot hold it; use a larger scale")
        values[y : y + n_rows] = block
    return values
