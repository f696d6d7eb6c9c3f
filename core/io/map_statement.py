"""What a map says of its own values: a JSON of the same name beside it, or the same JSON inside it.

Inside, the JSON is the text of a PNG chunk, the description of a TIFF or an attribute of an EXR. Numbers of the
names `scale_mm` and `mid` stated there one by one are understood as well.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rhytid.core.files.reading import parse_json, read_file
from rhytid.core.files.writing import replacing
from rhytid.core.io.errors import MapError

STATEMENT_FORMAT = "rhytid-displacement"
WORN = "as the skin wears it: drawn detail fades at the face's edge, where the relief of the skin around begins"
IN_CHART = "chart: row 0 = forehead, column 0 = the subject's right"
_MAX_JSON_BYTES = 1 << 16
_REMEDY = "export again or remove this file"


@dataclass(frozen=True)
class Scaling:
    """How stored values become mm: ``(value - mid) * scale_mm``, integers divided by their largest first.

    Attributes
    ----------
    scale_mm : float
        mm per unit of the value.
    mid : float
        The value that stands for no displacement.
    """

    scale_mm: float = 1.0
    mid: float = 0.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.scale_mm) and math.isfinite(self.mid)) or self.scale_mm == 0:
            raise MapError(f"scale {self.scale_mm} mm and mid {self.mid} must be finite, the scale not 0")


@dataclass(frozen=True)
class Statement:
    """What a file states.

    Attributes
    ----------
    scaling : Scaling
    where : str
        The file that states it, for the artist.
    channel : str, optional
    no_data : float, optional
    bits : int, optional
        Of a stored value.
    layout : str, optional
        Whose texture coordinates the map lies in: "chart" or "own", the head's.
    worn : bool
        The map is weighted as skin of the head shows it, and goes on outside the face.
    """

    scaling: Scaling
    where: str
    channel: str | None = None
    no_data: float | None = None
    bits: int | None = None
    layout: str | None = None
    worn: bool = False


def statement_beside(path: Path) -> Statement | None:
    """What the JSON beside a map states; None where there is none, or one of another program or another file.

    Raises
    ------
    MapError
        It is this program's and is damaged or states no numbers.
    """
    sidecar = path.with_suffix(".json")
    try:
        data = read_file(sidecar, _MAX_JSON_BYTES)
    except (OSError, ValueError):
        return None
    try:
        content = parse_json(data, str(sidecar))
    except ValueError as error:
        if STATEMENT_FORMAT.encode() in data:
            raise MapError(f"{error}; {_REMEDY}") from None
        return None  # some other program's
    if not isinstance(content, dict) or not _is_statement(content):
        return None
    named = content.get("file")
    if isinstance(named, str) and Path(named).suffix.lower() != path.suffix.lower():
        return None  # it describes another file of the same stem
    return _statement(content, str(sidecar), f"stated in {sidecar.name}")


def statement_inside(path: Path, facts: Mapping[str, object]) -> Statement | None:
    """What the texts and numbers of a map state; raises as `statement_beside`."""
    for text in facts.values():
        if isinstance(text, str) and text.lstrip("\0 ").startswith("{"):
            try:
                content = parse_json(text.strip("\0 ").encode("utf-8", "replace"), str(path))
            except ValueError:
                continue
            if isinstance(content, dict) and content.get("format") == STATEMENT_FORMAT:
                return _statement(content, str(path), "stated in the file")
    plain = {name: _number(facts.get(name)) for name in ("scale_mm", "mid", "no_data")}
    if plain["scale_mm"] is not None and plain["mid"] is not None:
        return _statement(plain, str(path), "stated in the file")
    return None


def _is_statement(content: Mapping[str, Any]) -> bool:
    """Whether a JSON is this program's, or a person's who wrote down the two numbers that matter."""
    if "format" in content:
        return bool(content["format"] == STATEMENT_FORMAT)
    return None not in (_json_number(content.get("scale_mm")), _json_number(content.get("mid")))


def _statement(content: Mapping[str, Any], where: str, reason: str) -> Statement:
    scale_mm, mid, no_data = (_json_number(content.get(name)) for name in ("scale_mm", "mid", "no_data"))
    if scale_mm is None or mid is None:
        raise MapError(f"{where}: scale_mm and mid must be numbers; {_REMEDY}")
    try:
        scaling = Scaling(scale_mm, mid)
    except MapError as error:
        raise MapError(f"{where}: {error}; {_REMEDY}") from None
    channel, bits, layout = (content.get(name) for name in ("channel", "bits", "layout"))
    return Statement(
        scaling, reason, channel if isinstance(channel, str) else None, no_data,
        bits if isinstance(bits, int) else None, layout.partition(":")[0] if isinstance(layout, str) else None,
        bool(content.get("worn")),
    )  # fmt: skip


def _json_number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _number(fact: object) -> float | None:
    try:
        return float(str(fact)) if fact is not None else None
    except ValueError:
        return None


def statement_text(
    name: str, dtype: np.dtype[Any], resolution: int, scaling: Scaling, low_mm: float, high_mm: float,
    no_data: float | None = None, layout: str = IN_CHART, worn: bool = False,
) -> str:
    """The JSON that states what the values of map file `name` are, as it stands inside and beside it."""
    content: dict[str, object] = {
        "format": STATEMENT_FORMAT,
        "version": 1,
        "file": name,
        "resolution": resolution,
        "bits": 8 * dtype.itemsize,
        "units": "mm",
    }
    if dtype.kind in "ui":
        largest = np.iinfo(dtype).max
        content["formula"] = f"displacement_mm = (value / {largest} - mid) * scale_mm"
        content |= {"scale_mm": scaling.scale_mm, "mid": scaling.mid, "zero_value": round(scaling.mid * largest)}
    else:
        content["formula"] = "displacement_mm = (value - mid) * scale_mm"
        content |= {"scale_mm": scaling.scale_mm, "mid": scaling.mid}
    if no_data is not None:
        content["no_data"] = no_data
    content |= {
        "min_mm": low_mm,
        "max_mm": high_mm,
        "direction": "along the smooth surface normal, outward positive",
        "layout": layout,
        "color_space": "linear (non-colour data)",
    }
    if worn:
        content["worn"] = WORN
    return json.dumps(content, indent=2)


def write_statement(path: Path, text: str) -> Path:
    """Write the JSON beside map file `path`; gives its path."""
    sidecar = path.with_suffix(".json")
    with replacing(sidecar) as temporary:
        temporary.write_text(text + "\n", "utf-8")
    return sidecar
