"""Displacement maps from and to files: mm in the program, many conventions outside.

Every file stores ``value``; displacement is ``(value - mid) * scale_mm`` with integer values divided by their
largest (65535), as shading programs do it. Three conventions are known without asking:

- ours: 16-bit PNG or TIFF with a JSON of the same name beside it that states scale and mid;
- FaceScape's 16-bit PNG: 32768 is 0 and +-32768 are +-0.914 mm (the authors' statement in issue 23 of
  zhuhao-nju/facescape; their 4096 maps share the scale, but lie in FaceScape's own texture space and
  need `DisplacementConvention.crop` to the chart);
- floating point (EXR, TIFF, NPY): mm, 0 is 0.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import N_EXPRESSION
from rhytid.core.detail.request import SourceDetail, displacement_digest
from rhytid.core.files.writing import replacing
from rhytid.core.io.errors import MapError
from rhytid.core.io.map_header import MAX_FILE_BYTES, MAX_SIDE, MIN_SIDE, MapHeader, check_size, read_header
from rhytid.core.io.map_pixels import Pixels, decode_pixels, write_exr, write_npy, write_png, write_tiff
from rhytid.core.lines.stroke import Stroke

Float32 = npt.NDArray[np.float32]

SIDECAR_FORMAT = "rhytid-displacement"
MAX_ABS_MM = 50.0
_FULL_16 = 65535.0
_ZERO_16 = 32768


@dataclass(frozen=True)
class DisplacementConvention:
    """How the values of a file become mm in the chart.

    Attributes
    ----------
    scale_mm : float
        mm per unit of the value; integer values run from 0 to 1.
    mid : float
        The value that stands for no displacement.
    flip_x, flip_y : bool
        Mirror left and right, top and bottom (after `transpose`).
    transpose : bool
        Exchange rows and columns first.
    channel : int, str or None
        Index or EXR name of the channel; None picks Y, R or the first.
    crop : (x0, y0, x1, y1) or None
        Part of the picture that is the chart, as fractions of its width and height; applied first.
    """

    scale_mm: float = 1.0
    mid: float = 0.0
    flip_x: bool = False
    flip_y: bool = False
    transpose: bool = False
    channel: int | str | None = None
    crop: tuple[float, float, float, float] | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.scale_mm) and math.isfinite(self.mid)) or self.scale_mm == 0:
            raise MapError(f"scale {self.scale_mm} mm and mid {self.mid} must be finite, the scale not 0")
        if self.crop is not None:
            x0, y0, x1, y1 = self.crop
            if not (0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1):
                raise MapError(f"crop {self.crop} must be x0 < x1, y0 < y1 within 0..1")


FACESCAPE = DisplacementConvention(scale_mm=0.914 * _FULL_16 / 32768, mid=_ZERO_16 / _FULL_16)
MILLIMETRES = DisplacementConvention(scale_mm=1.0, mid=0.0)


@dataclass(frozen=True)
class DisplacementProbe:
    """What an import dialog shows before it imports.

    Attributes
    ----------
    header : MapHeader
    value_min, value_max : float
        Range of the values (integers divided by 65535) over all finite texels.
    n_not_finite : int
        NaN or infinite texels; such a map cannot be imported.
    suggested : DisplacementConvention
    certain : bool
        The convention is stated by the file or its JSON; otherwise it is the likeliest one.
    reason : str
        Where the suggestion comes from, for the artist.
    """

    header: MapHeader
    value_min: float
    value_max: float
    n_not_finite: int
    suggested: DisplacementConvention
    certain: bool
    reason: str


def read_displacement(path: Path | str, convention: DisplacementConvention | None = None) -> Float32:
    """Displacement in mm, float32 (H, H), read-only, in the chart's layout.

    Parameters
    ----------
    path : path
        16-bit PNG or TIFF, 32-bit EXR or TIFF, or NPY; square, 64 to 8192 texels wide.
    convention : DisplacementConvention, optional
        None: the JSON beside the file, else FaceScape's for 16-bit files and mm for floating point.

    Raises
    ------
    MapError
        The file cannot be such a map; the message says why and what to do.
    OSError
        The file cannot be read.
    """
    path = Path(path)
    data, header = _load(path)
    if convention is None:
        convention, _, _ = _suggest(path, header)
    if convention.crop is None:
        check_size(path, header)
    pixels = _oriented(path, decode_pixels(path, data, header, convention.channel), convention)
    del data
    displacement = np.empty(pixels.shape, np.float32)
    n_bad = 0
    for strip in _strips(pixels.shape):
        # In float64 FaceScape's zero is an exact zero; in float32 it would come out as some nanometres.
        values = _normalised(pixels[strip])
        n_bad += int(values.size - np.count_nonzero(np.isfinite(values)))
        with np.errstate(over="ignore"):
            displacement[strip] = (values - convention.mid) * convention.scale_mm
    if n_bad:
        raise MapError(f"{path}: {n_bad} texels are NaN or infinite; fill them where the map was made")
    largest_mm = float(max(abs(displacement.min()), abs(displacement.max())))
    if largest_mm > MAX_ABS_MM:
        raise MapError(
            f"{path}: displacement reaches {largest_mm:.4g} mm; more than {MAX_ABS_MM:g} mm is no skin, "
            "check scale and mid value"
        )
    displacement.setflags(write=False)
    return displacement


def probe_displacement(path: Path | str) -> DisplacementProbe:
    """Size, type, range and likeliest convention of a map file. Raises like `read_displacement`."""
    path = Path(path)
    data, header = _load(path)
    suggested, certain, reason = _suggest(path, header)
    pixels = decode_pixels(path, data, header, suggested.channel)
    low, high, n_bad = math.inf, -math.inf, 0
    for strip in _strips(pixels.shape):
        values = _normalised(pixels[strip])
        finite = values[np.isfinite(values)]
        n_bad += values.size - finite.size
        low, high = min(low, finite.min(initial=math.inf)), max(high, finite.max(initial=-math.inf))
    if low > high:
        low = high = 0.0
    return DisplacementProbe(header, float(low), float(high), n_bad, suggested, certain, reason)


def source_detail(
    path: Path | str,
    expression: Sequence[float],
    age: float,
    convention: DisplacementConvention | None = None,
    extract: Callable[[Float32], tuple[Stroke, ...]] | None = None,
) -> SourceDetail:
    """Import a map together with the pose it was captured in and its own lines.

    Parameters
    ----------
    expression : 52 floats
        ARKit weights at capture.
    age : float
        Years at capture.
    extract : callable, optional
        Finds the map's lines; None uses `core.lines.extract.extract_lines`.
    """
    if len(expression) != N_EXPRESSION:
        raise MapError(f"{path}: {len(expression)} expression weights at capture; {N_EXPRESSION} are needed")
    displacement = read_displacement(path, convention)
    if extract is None:
        from rhytid.core.lines.extract import extract_lines  # skimage behind it takes long to import

        extract = extract_lines
    return SourceDetail(
        displacement=displacement,
        expression=tuple(float(weight) for weight in expression),
        age=float(age),
        name=Path(path).name,
        lines=tuple(replace(line, from_source=True) for line in extract(displacement)),
        digest=displacement_digest(displacement),
    )


def write_displacement(
    path: Path | str,
    displacement: Float32,
    exr_channels: str = "Y",
    scale_mm: float | None = None,
    float_tiff: bool = False,
) -> list[Path]:
    """Write mm as EXR, PNG, TIFF or NPY by the suffix of `path`; gives the files written.

    - ``.exr``: 32-bit float, mm, mid 0, one channel Y, which Blender, Maya, Houdini, Nuke and Unreal read as
      grey; `exr_channels` "RGB" repeats it in three for programs that want a colour.
    - ``.png``, ``.tif``, ``.tiff``: 16 bits, zero at 32768 (mid 0.5), with a JSON beside it that states
      `scale_mm`, the mm from value 0 to value 1 (default: the smallest tenth of a mm that holds the map).
    - ``.npy``, and ``.tif`` with `float_tiff`: float32 mm.

    Raises
    ------
    MapError
        The map has a wrong shape, values that are not finite or too large for `scale_mm`, or the suffix is
        unknown.
    """
    path = Path(path)
    displacement = np.ascontiguousarray(displacement, np.float32)
    if displacement.ndim != 2 or displacement.shape[0] != displacement.shape[1]:
        raise MapError(f"{path}: a map of shape {displacement.shape} cannot be written; it must be square")
    low_mm, high_mm = float(displacement.min()), float(displacement.max())
    if not (math.isfinite(low_mm) and math.isfinite(high_mm)):
        raise MapError(f"{path}: the map holds values that are not finite")
    suffix = path.suffix.lower()
    if suffix == ".exr":
        names = ("Y",) if exr_channels == "Y" else tuple(exr_channels)
        comments = "skin displacement along the smooth normal in mm, 0 = none, outward positive"
        write_exr(path, dict.fromkeys(names, displacement), comments)
        return [path]
    if suffix == ".npy":
        write_npy(path, displacement)
        return [path]
    if float_tiff and suffix in (".tif", ".tiff"):
        write_tiff(path, displacement)
        return [path]
    if suffix not in (".png", ".tif", ".tiff"):
        raise MapError(f"{path}: displacement is written as .exr, .png, .tif or .npy")
    scale_mm = scale_mm_for(max(-low_mm, high_mm)) if scale_mm is None else scale_mm
    values = quantised(path, displacement, scale_mm)
    if suffix == ".png":
        write_png(path, values)
    else:
        write_tiff(path, values)
    return [path, _write_sidecar(path, displacement.shape[0], scale_mm, low_mm, high_mm)]


def files_of(path: Path) -> list[Path]:
    """All files that `write_displacement` may write for `path`: integers have a JSON that states their scale."""
    return [path, path.with_suffix(".json")] if path.suffix.lower() in (".png", ".tif", ".tiff") else [path]


def scale_mm_for(largest_mm: float) -> float:
    """Smallest tenth of a mm whose half holds `largest_mm` on both sides of the mid value."""
    return max(math.ceil(largest_mm * 2 * 1.0001 * 10) / 10, 0.1)


def quantised(path: Path, displacement: Float32, scale_mm: float) -> npt.NDArray[np.uint16]:
    """uint16 values with 32768 for 0 mm; raises `MapError` if they do not fit."""
    values = np.empty(displacement.shape, np.uint16)
    for strip in _strips(displacement.shape):
        block = np.rint(displacement[strip] * np.float32(_FULL_16 / scale_mm)) + np.float32(_ZERO_16)
        if block.min() < 0 or block.max() > _FULL_16:
            raise MapError(f"{path}: {scale_mm} mm from black to white cannot hold it; use a larger scale")
        values[strip] = block
    return values


def _write_sidecar(path: Path, resolution: int, scale_mm: float, low_mm: float, high_mm: float) -> Path:
    sidecar = path.with_suffix(".json")
    content = {
        "format": SIDECAR_FORMAT,
        "version": 1,
        "file": path.name,
        "resolution": resolution,
        "bits": 16,
        "units": "mm",
        "formula": "displacement_mm = (value / 65535 - mid) * scale_mm",
        "scale_mm": scale_mm,
        "mid": _ZERO_16 / _FULL_16,
        "zero_value": _ZERO_16,
        "min_mm": low_mm,
        "max_mm": high_mm,
        "direction": "along the smooth surface normal, outward positive",
        "layout": "chart: row 0 = forehead, column 0 = the subject's right",
        "color_space": "linear (non-colour data)",
    }
    with replacing(sidecar) as temporary:
        temporary.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    return sidecar


def _load(path: Path) -> tuple[bytes, MapHeader]:
    n_bytes = path.stat().st_size
    if n_bytes > MAX_FILE_BYTES:
        raise MapError(f"{path}: {n_bytes >> 20} MB is too large for a map of {MAX_SIDE} x {MAX_SIDE} texels")
    data = path.read_bytes()
    header = read_header(path, data)
    if min(header.width, header.height) < 1 or max(header.width, header.height) > 2 * MAX_SIDE:
        check_size(path, header)
        raise MapError(f"{path}: the map is {header.width} x {header.height} texels; it has no usable size")
    if header.is_integer and header.dtype != "uint16":
        if np.dtype(header.dtype).itemsize == 1:
            raise MapError(f"{path}: 8-bit displacement shows bands; export 16 bits, or 32-bit EXR")
        raise MapError(f"{path}: {header.dtype} values; export 16-bit unsigned or 32-bit floating point")
    return data, header


def _suggest(path: Path, header: MapHeader) -> tuple[DisplacementConvention, bool, str]:
    if not header.is_integer:
        return MILLIMETRES, header.channels == ("Y",), "floating point: mm, 0 is no displacement"
    stated = _read_sidecar(path)
    if stated is not None:
        return stated, True, f"stated in {path.with_suffix('.json').name}"
    if header.kind == "png" and header.width == header.height == 256:
        return FACESCAPE, True, "FaceScape crop: 32768 = 0, +-32768 = +-0.914 mm"
    return FACESCAPE, False, "16 bits, no scale given: FaceScape's +-0.914 mm; change it for a deeper map"


def _read_sidecar(path: Path) -> DisplacementConvention | None:
    sidecar = path.with_suffix(".json")
    try:
        if sidecar.stat().st_size > 1 << 16:
            return None
        content: Any = json.loads(sidecar.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None  # some other program's JSON, or none
    if not isinstance(content, dict) or content.get("format") != SIDECAR_FORMAT:
        return None
    if Path(str(content.get("file", ""))).suffix.lower() != path.suffix.lower():
        return None  # it describes another file of the same stem
    scale_mm, mid = content.get("scale_mm"), content.get("mid")
    if not (isinstance(scale_mm, (int, float)) and isinstance(mid, (int, float))):
        raise MapError(f"{sidecar}: scale_mm and mid must be numbers; export again or remove this file")
    return DisplacementConvention(scale_mm=float(scale_mm), mid=float(mid))


def _strips(shape: tuple[int, ...]) -> list[slice]:
    """Rows by strips of some MB, so that no float64 copy of an 8192 map is needed."""
    n_rows = max(1, (1 << 20) // max(shape[1], 1))
    return [slice(y, y + n_rows) for y in range(0, shape[0], n_rows)]


def _normalised(pixels: Pixels) -> npt.NDArray[np.float64]:
    with np.errstate(invalid="ignore"):  # signalling NaNs; they are counted afterwards
        values = pixels.astype(np.float64)
    if pixels.dtype.kind in "ui":
        values /= _FULL_16
    return values


def _oriented(path: Path, values: Pixels, convention: DisplacementConvention) -> Pixels:
    if convention.crop is not None:
        height, width = values.shape
        x0, y0, x1, y1 = convention.crop
        values = values[round(y0 * height) : round(y1 * height), round(x0 * width) : round(x1 * width)]
        rows, columns = values.shape
        if rows != columns or not MIN_SIDE <= rows <= MAX_SIDE:
            raise MapError(
                f"{path}: the crop is {columns} x {rows}; it must be square, {MIN_SIDE} to {MAX_SIDE} texels"
            )
    if convention.transpose:
        values = values.T
    if convention.flip_x:
        values = values[:, ::-1]
    if convention.flip_y:
        values = values[::-1]
    return values
