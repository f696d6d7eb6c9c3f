"""Maps of numbers with a unit as EXR, PNG and TIFF: floats as they are, 16 bits with a scale that clips nothing.

Each file states inside what its values mean: a text of the PNG, the description of the TIFF, an attribute of the EXR.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.io.displacement_file import open_layers
from rhytid.core.io.displacement_writing import quantised, scale_mm_for
from rhytid.core.io.errors import MapError
from rhytid.core.io.export_options import Check, ExportOptions
from rhytid.core.io.map_meaning import ZERO_16
from rhytid.core.io.map_pixels import write_exr, write_png, write_tiff

Float32 = npt.NDArray[np.float32]
STATEMENT = "rhytid-map"
_NAMES = {1: ("Y",), 3: ("R", "G", "B")}
_MID = ZERO_16 / 65535
_STRIP_ROWS = 256


@dataclass(frozen=True, eq=False)
class ValueMap:
    """One map of a tile.

    Attributes
    ----------
    planes : tuple of float32 (H, H)
        One, or red, green and blue.
    unit : str
        "mm" or "1/mm".
    details : mapping
        What is told of it beside: space, what the channels hold.
    """

    planes: tuple[Float32, ...]
    unit: str
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def largest(self) -> float:
        """The largest distance from 0."""
        return max(float(np.abs(plane).max()) for plane in self.planes)


def write_value_map(path: Path, shown: ValueMap, scale: float, options: ExportOptions) -> dict[str, Any]:
    """Write a map in the format that the suffix names; gives what is to be told of the file.

    Parameters
    ----------
    path : Path
    shown : ValueMap
    scale : float
        Of 16 bits: units from value 0 to value 1, with 0 at 32768.
    options : ExportOptions
        Whose depth of EXR and TIFF count.

    Raises
    ------
    MapError
        Values are not finite, or do not fit the scale.
    """
    if not all(np.isfinite(plane).all() for plane in shown.planes):
        raise MapError(f"{path}: the map holds values that are not finite")
    bits = _bits(path, options)
    is_float = path.suffix == ".exr" or bits == 32
    told = {"bits": bits, "units": shown.unit, "mid": 0.0 if is_float else _MID, "scale": 1.0 if is_float else scale}
    told |= {"color_space": "linear (non-colour data)", **shown.details}
    stored = "value" if is_float else "value / 65535"
    formula = f"{shown.unit} = ({stored} - mid) * scale"
    text = json.dumps({"format": STATEMENT, "version": 1, "file": path.name, "formula": formula, **told}, indent=2)
    if path.suffix == ".exr":
        dtype = np.float16 if bits == 16 else np.float32
        if bits == 16 and shown.largest > np.finfo(np.float16).max:
            raise MapError(f"{path}: {shown.largest:g} {shown.unit} is too much for half floats; use 32 bits")
        planes = dict(zip(_NAMES[len(shown.planes)], (plane.astype(dtype) for plane in shown.planes), strict=True))
        write_exr(path, planes, f"{shown.unit}, 0 is none", {STATEMENT: text})
        return told | {"channels": ",".join(planes)}
    values = [plane if is_float else quantised(path, plane, scale) for plane in shown.planes]
    pixels = values[0] if len(values) == 1 else np.stack(values, axis=-1)
    if path.suffix == ".png":
        write_png(path, pixels, text=(STATEMENT, text))
    else:
        write_tiff(path, pixels, text)
    return told


def scale_for(maps: Sequence[ValueMap]) -> float:
    """One scale for the 16 bits of several maps: the smallest tenth of a unit that holds them all."""
    return scale_mm_for(max(one.largest for one in maps))


def value_map_check(path: Path, meant: ValueMap, scale: float, options: ExportOptions) -> list[Check]:
    """A map that was written here, read back."""
    (layer,) = open_layers(path)
    names = _NAMES[len(meant.planes)]
    if set(layer.channels) != set(names) and layer.kind == "exr":
        return [Check(path.name, "channels", False, f"{', '.join(layer.channels)} instead of {', '.join(names)}")]
    order = [layer.channels.index(name) for name in names] if layer.kind == "exr" else range(len(names))
    read = layer.decode(list(order))
    bits = _bits(path, options)
    worst = 0.0
    for stored, plane in zip(read, meant.planes, strict=True):
        if stored.shape != plane.shape:
            return [Check(path.name, "values", False, f"{stored.shape} instead of {plane.shape}")]
        for y in range(0, len(plane), _STRIP_ROWS):
            part = stored[y : y + _STRIP_ROWS].astype(np.float64)
            if stored.dtype.kind == "u":
                part = (part / 65535 - _MID) * scale
            worst = max(worst, float(np.abs(part - plane[y : y + _STRIP_ROWS]).max()))
    allowed = 0.0
    if bits == 16:
        allowed = meant.largest * 2.0**-11 + 1e-7 if path.suffix == ".exr" else 0.51 * scale / 65535
    found = f"differs by at most {worst:.3g} {meant.unit}, allowed {allowed:.3g}"
    return [Check(path.name, "values", worst <= allowed, found)]


def _bits(path: Path, options: ExportOptions) -> int:
    """Of a stored value."""
    return {".exr": options.float_bits, ".tif": options.tiff_bits}.get(path.suffix, 16)
