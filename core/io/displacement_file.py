"""Displacement maps from files: mm in the program, many conventions outside.

`read_map` is the one reader: the command line, the dialog and the program's own checks go through it. What a map
leaves open is taken as such maps usually are, and said; what cannot be known is refused with the choices there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import N_EXPRESSION
from rhytid.core.detail.request import SourceDetail, displacement_digest
from rhytid.core.files.reading import FileRefused, read_file
from rhytid.core.given import given_items, given_path
from rhytid.core.io.errors import ChoiceNeeded, MapError
from rhytid.core.io.formats import exr, npy, png, tiff
from rhytid.core.io.formats.picture import MAX_FILE_BYTES, Layer, Pixels, check_size
from rhytid.core.io.map_channels import channel_names, chosen_group, unasked
from rhytid.core.io.map_meaning import (
    AS_STATED,
    MapReading,
    Meaning,
    doubts,
    doubts_of_values,
    meaning_of,
    normal_map_meaning,
)
from rhytid.core.io.map_no_data import KEEP, MAX_ABS_MM, commonest, missing_texels, settled
from rhytid.core.io.map_statement import Scaling, Statement, statement_beside, statement_inside
from rhytid.core.io.map_values import MapValues, cropped, oriented, values_of
from rhytid.core.lines.stroke import Stroke
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class MapHeader:
    """What a map file says of itself.

    Attributes
    ----------
    kind : str
        "png", "tiff", "exr" or "npy".
    width, height : int
        Texels of the picture, before any crop.
    dtype : str
        numpy name of the stored values, "uint16" or "float32" for instance.
    channels : tuple of str
        Full names of all channels of the file.
    """

    kind: str
    width: int
    height: int
    dtype: str
    channels: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class DisplacementMap:
    """A map as it was read, and all that is needed to write one like it.

    Attributes
    ----------
    displacement : float32 (H, H)
        mm, outward positive, in the chart's layout; read-only.
    header : MapHeader
    reading : MapReading
        What was asked for.
    channel : str
        The channel that was read.
    scaling : Scaling
    certain : bool
        The file, its JSON or the options state the scaling; otherwise it is the likeliest one.
    reason : str
        Where the scaling comes from.
    warnings : tuple of str
        What was assumed and may be wrong, one line each, for the artist.
    stored : (H, H) array or None
        The values as they are in the file, in the layout of `displacement`; None where these were added up or
        integrated.
    no_data : float or None
        What `stored` holds where displacement was missing and was filled; the commonest of several.
    worn : bool
        The file states that it is weighted as the skin shows it.
    """

    displacement: Float32
    header: MapHeader
    reading: MapReading
    channel: str
    scaling: Scaling
    certain: bool
    reason: str
    warnings: tuple[str, ...] = ()
    stored: Pixels | None = None
    no_data: float | None = None
    worn: bool = False


@dataclass(frozen=True, eq=False)
class DisplacementProbe:
    """What an import dialog shows before it imports.

    Attributes
    ----------
    header : MapHeader
    value_min, value_max : float
        Range of the values (integers divided by their largest) over all texels that hold one.
    n_not_finite : int
        NaN or infinite texels.
    missing : str
        What stands where the map holds no displacement; empty when it is whole.
    suggested : Scaling
    certain : bool
        The scaling is stated by the file or its JSON; otherwise it is the likeliest one.
    reason : str
        Where the suggestion comes from, for the artist.
    warnings : tuple of str
        As of `DisplacementMap`, but for where the suggestion comes from.
    values : float32 (H, H)
        The values themselves, filled where they are missing, before anything is flipped.
    channel : str
        What was read, as of `DisplacementMap`.
    n_added : int
        Channels that were added up, so that the zero of each is that of `suggested`.
    layout : str
        What the file states: "chart", "own", or "" for nothing.
    """

    header: MapHeader
    value_min: float
    value_max: float
    n_not_finite: int
    missing: str
    suggested: Scaling
    certain: bool
    reason: str
    warnings: tuple[str, ...]
    values: Float32 = field(repr=False)
    channel: str = ""
    n_added: int = 1
    layout: str = ""


def read_map(path: Path | str, reading: MapReading = AS_STATED, turn: Float32 | None = None) -> DisplacementMap:
    """Read a displacement map.

    Parameters
    ----------
    path : path
        16-bit PNG or TIFF, 32-bit EXR or TIFF, NPY or NPZ; 64 to 8192 texels wide, square after the crop.
    reading : MapReading, optional
        What the file does not say, or says wrongly.
    turn : float32 (r, r, 4), optional
        Of the head on whose skin normals are integrated, `ChartFrame.turn`; a flat chart of 200 mm without.

    Raises
    ------
    ChoiceNeeded
        It can be read in several ways; the message lists them.
    MapError
        The file cannot be such a map; the message says why and what to do.
    OSError
        The file cannot be read.
    """
    path = given_path(path)
    content = _content(path, reading, turn)
    meaning, stored = content.meaning, content.values.pixels
    if not meaning.is_known:
        what = f"{path}: {stored.dtype} values, and nothing says what they mean; state scale and zero"
        raise ChoiceNeeded(f"{what} (--scale, --mid)", "scale_mm", ())
    displacement = np.empty(stored.shape, np.float32)
    for strip in _strips(stored.shape):
        # In float64 FaceScape's zero is an exact zero; in float32 it would come out as some nanometres.
        with np.errstate(over="ignore", invalid="ignore"):
            values = normalised(stored[strip])
            displacement[strip] = (values - meaning.scaling.mid) * meaning.scaling.scale_mm
    missing, found = content.missing()
    displacement = settled(path, displacement, missing, found, reading.no_data)
    low_mm, high_mm = float(displacement.min()), float(displacement.max())
    if max(abs(low_mm), abs(high_mm)) > MAX_ABS_MM:
        raise MapError(
            f"{path}: displacement reaches {max(abs(low_mm), abs(high_mm)):.4g} mm; more than {MAX_ABS_MM:g} mm is no "
            "skin, check scale and mid value (--scale, --mid)"
        )
    warnings = content.warnings(missing, low_mm, high_mm)
    if meaning.is_guess:
        warnings = (f"assumed: {meaning.reason} (--scale, --mid)", *warnings)
    displacement = read_only(np.ascontiguousarray(oriented(displacement, reading)))
    return DisplacementMap(
        displacement, content.header, reading, content.values.name, meaning.scaling, meaning.certain, meaning.reason,
        warnings, oriented(stored, reading) if content.values.is_stored else None,
        None if reading.no_data == KEEP else commonest(stored[missing]), content.worn,
    )  # fmt: skip


def read_displacement(path: Path | str, reading: MapReading = AS_STATED) -> Float32:
    """Displacement in mm, float32 (H, H), read-only, in the chart's layout; see `read_map`."""
    return read_map(path, reading).displacement


def probe_displacement(
    path: Path | str, reading: MapReading = AS_STATED, turn: Float32 | None = None
) -> DisplacementProbe:
    """Size, type, range and likeliest meaning of a map. Raises as `read_map`, though not for values and their range.

    Of `reading`, flips count for nothing and whatever is missing is filled.
    """
    path = given_path(path)
    content = _content(path, reading, turn)
    stored = content.values.pixels
    missing, found = content.missing()
    with np.errstate(over="ignore", invalid="ignore"):
        values = normalised(stored).astype(np.float32)
    n_bad = values.size - int(np.count_nonzero(np.isfinite(values)))
    if missing.any():
        values = settled(path, values, missing, found, "fill") if not missing.all() else np.zeros_like(values)
    scaling, low, high = content.meaning.scaling, float(values.min()), float(values.max())
    ends = [(value - scaling.mid) * scaling.scale_mm for value in (low, high)]
    return DisplacementProbe(
        content.header, low, high, n_bad, ", ".join(found), scaling, content.meaning.certain, content.meaning.reason,
        content.warnings(missing, min(ends), max(ends)), values, content.values.name, content.values.n_added,
        content.layout,
    )  # fmt: skip


def source_detail(
    path: Path | str,
    expression: Sequence[float],
    age: float,
    reading: MapReading = AS_STATED,
    extract: Callable[[Float32], tuple[Stroke, ...]] | None = None,
) -> SourceDetail:
    """Import a map together with the pose it was captured in and its own lines.

    Parameters
    ----------
    expression : 52 floats
        ARKit weights at capture.
    age : float
        Years at capture.
    reading : MapReading, optional
    extract : callable, optional
        Finds the map's lines; None uses `core.lines.extract.extract_lines`.
    """
    return detail_of_map(read_displacement(path, reading), Path(path), expression, age, extract)


def detail_of_map(
    displacement: Float32,
    path: Path,
    expression: Sequence[float],
    age: float,
    extract: Callable[[Float32], tuple[Stroke, ...]] | None = None,
) -> SourceDetail:
    """As `source_detail`, of a map that was read from `path` before."""
    if len(expression) != N_EXPRESSION:
        raise MapError(f"{path}: {len(expression)} expression weights at capture; {N_EXPRESSION} are needed")
    if extract is None:
        from rhytid.core.lines.extract import extract_lines  # skimage behind it takes long to import

        extract = extract_lines
    return SourceDetail(
        displacement=displacement,
        expression=tuple(float(weight) for weight in expression),
        age=float(age),
        name=path.name,
        lines=tuple(replace(line, from_source=True) for line in extract(displacement)),
        digest=displacement_digest(displacement),
    )


def normalised(pixels: Pixels) -> Float64:
    """Values as float64, integers divided by their largest."""
    with np.errstate(invalid="ignore"):  # signalling NaNs; they are counted elsewhere
        values = pixels.astype(np.float64)
    if pixels.dtype.kind in "ui":
        values /= np.iinfo(pixels.dtype).max
    return values


@dataclass(frozen=True, eq=False)
class _Content:
    """The wanted values of a file and what they are taken for."""

    header: MapHeader
    layer: Layer
    values: MapValues
    meaning: Meaning
    no_data: float | None
    notes: tuple[str, ...]
    layout: str
    worn: bool

    def missing(self) -> tuple[npt.NDArray[np.bool_], tuple[str, ...]]:
        return missing_texels(self.values.pixels, self.meaning.scaling, self.no_data, self.meaning.certain)

    def warnings(self, missing: npt.NDArray[np.bool_], low_mm: float, high_mm: float) -> tuple[str, ...]:
        lines = list(self.notes)
        if not self.meaning.certain:
            sparse = slice(None, None, -(-len(missing) // 1024))
            sample = normalised(self.values.pixels[sparse, sparse][~missing[sparse, sparse]])
            doubt, scaling = "", self.meaning.scaling
            if sample.size and self.values.is_stored:
                ends = [value_mm / scaling.scale_mm + scaling.mid for value_mm in (low_mm, high_mm)]
                doubt = doubts_of_values(np.append(sample, ends), self.values.pixels.dtype, scaling)
            lines += filter(None, (doubt or doubts(low_mm, high_mm),))
        return tuple(lines)


def _content(path: Path, reading: MapReading, turn: Float32 | None) -> _Content:
    given_items(reading, MapReading, "what is known of a map")
    if reading.layout != "chart":
        raise MapError(f"{path}: a map in a head's own layout can be read for that head alone")
    layers = open_layers(path)
    stated, notes = _stated(path, layers)
    if reading.channel is None and stated is not None and stated.channel is not None:
        reading = replace(reading, channel=stated.channel)
    group = chosen_group(path, layers, reading.channel, reading.normal_map not in (None, "no"))
    layer = group.layer
    if reading.channel is None and unasked(group):
        notes.append(f"the only channel is {group.name}, which rarely holds displacement")
    notes += layer.notes
    x, y, width, height = cropped(layer, reading.crop)
    if width != height and reading.crop is None:
        _refuse_shape(path, layer)
    check_size(path, width, height)
    mid = stated.scaling.mid if reading.mid is None and stated is not None else reading.mid
    window = slice(y, y + height), slice(x, x + width)
    values = values_of(path, group, reading, channel_names(layers), mid, window, turn)
    dtype = layer.dtypes[group.indices[0]]
    if values.side_mm is None:
        meaning = meaning_of(path, np.dtype(dtype), reading, stated)
    else:
        meaning = normal_map_meaning(reading, values.side_mm, values.on_skin)
    header = MapHeader(layer.kind, layer.width, layer.height, dtype, channel_names(layers))
    no_data = _first(reading.no_data, stated, layer.no_data)
    layout, worn = ("", False) if stated is None else (stated.layout or "", stated.worn)
    return _Content(header, layer, values, meaning, no_data, (*notes, *values.notes), layout, worn)


def _stated(path: Path, layers: Sequence[Layer]) -> tuple[Statement | None, list[str]]:
    """What the JSON beside a map states, else what the file does, and where the two do not agree."""
    beside, inside = statement_beside(path), statement_inside(path, layers[0].facts)
    if beside is None:
        return inside, []
    if beside.bits not in (None, *(8 * np.dtype(dtype).itemsize for layer in layers for dtype in layer.dtypes)):
        return inside, [f"{beside.where}, but of {beside.bits} bits: another file, so that it does not count"]
    if inside is not None and beside.scaling != inside.scaling:
        return beside, [f"{beside.where}, which contradicts what the file states itself; the former counts"]
    return beside, []


def _first(answer: str | float | None, stated: Statement | None, named: float | None) -> float | None:
    """The no-data value: the artist's, the statement's, the format's."""
    if isinstance(answer, (int, float)):
        return float(answer)
    return named if stated is None or stated.no_data is None else stated.no_data


def _refuse_shape(path: Path, layer: Layer) -> None:
    places = ("left", "centre", "right") if layer.width > layer.height else ("top", "middle", "bottom")
    size = f"{layer.width} x {layer.height} texels"
    message = f"the map is {size}; it must be square, crop it to the chart (--crop {', '.join(places)} or a part)"
    raise ChoiceNeeded(f"{path}: {message}", "crop", places)


def open_layers(path: Path) -> list[Layer]:
    """The pictures of a map file, described and not yet decoded; raises `MapError` and `OSError`."""
    try:
        data = read_file(path, MAX_FILE_BYTES, "a map has 8192 x 8192 texels at most")
    except FileRefused as error:
        raise MapError(str(error)) from None
    if data.startswith(png.SIGNATURE):
        return png.open_png(path, data)
    if data[:4] in tiff.SIGNATURES:
        return tiff.open_tiff(path, data)
    if data.startswith(exr.SIGNATURE):
        return exr.open_exr(path, data)
    if data.startswith(npy.SIGNATURE):
        return npy.open_npy(path, data)
    if data.startswith(npy.ZIP_SIGNATURE):
        return npy.open_npz(path, data)
    what = "is empty" if not data else "is not an image that can hold displacement"
    raise MapError(f"{path}: the file {what}; use a 16-bit PNG or TIFF, a 32-bit EXR or TIFF, or an NPY file")


def _strips(shape: tuple[int, ...]) -> list[slice]:
    """Rows by strips of some MB, so that no float64 copy of an 8192 map is needed."""
    n_rows = max(1, (1 << 20) // max(shape[1], 1))
    return [slice(y, y + n_rows) for y in range(0, shape[0], n_rows)]
