"""The table of a pack as JSON and CSV, and back."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES, N_EXPRESSION
from rhytid.core.files.reading import FileRefused, read_json
from rhytid.core.pack.drivers import CURVES, Drivers
from rhytid.core.pack.options import MOST_MAPS, PackOptions
from rhytid.core.pack.regions import N_REGIONS, REGION_NAMES
from rhytid.core.pack.residual import ExpressionError, RegionError, Residual

FORMAT, VERSION = "rhytid-wrinkle-pack", 1
FORMULA = "activation = min(max(0, sum of weight * shape) ^ curve, 1)"
BLENDING = (
    "slope = slope(neutral) + sum over maps of share * (slope(map) - slope(neutral)), slope = (x / z, y / z) of a "
    "normal; "
    "linear colour likewise; share of a map at a texel = sum over regions of mask * activation"
)
_DIGITS = 4
_REMEDY = "write the pack again"


def rounded(drivers: Drivers) -> Drivers:
    """Drivers as the table writes them."""
    return Drivers(np.round(drivers.weights, _DIGITS), np.round(drivers.curves, _DIGITS))


def table_json(drivers: Drivers, options: PackOptions, about: Mapping[str, Any], residual: Residual) -> str:
    """`wrinkles.json`: files, masks, drivers and the error that was measured."""
    layout = options.shape
    maps = []
    for number in range(options.budget + 1):
        entry: dict[str, Any] = {"map": number, "normal": layout.normal(options.name, number)}
        if options.colors:
            entry["color"] = layout.color(options.name, number)
        if options.heights:
            entry["height"] = layout.height(options.name, number)
        maps.append(entry)
    masks = []
    for number in range(1, layout.n_mask_files + 1):
        regions = [name for at, name in enumerate(REGION_NAMES) if layout.mask_place(at)[0] == number]
        masks.append({"file": layout.mask(options.name, number), "regions": regions})
    content = {
        "format": FORMAT, "version": VERSION, "layout": layout.name, **about, "size": options.size,
        "green": options.normal_green, "normal_bits": options.normal_bits, "maps": maps, "masks": masks,
        "formula": FORMULA, "blending": BLENDING,
        "drivers": [
            {
                "name": layout.driver(row["map"], row["region"]), "map": row["map"],
                "region": REGION_NAMES[row["region"]], "curve": row["curve"], "shapes": row["shapes"],
            }
            for row in _rows(drivers)
        ],
        "error_um": {
            "mean": _short(residual.mean_um), "p95": _short(residual.p95_um),
            "without_pack": _short(residual.without_um), "regions": [_shortened(one) for one in residual.regions],
            "worst_expressions": [_shortened(one) for one in residual.worst],
        },
    }  # fmt: skip
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def table_csv(drivers: Drivers, options: PackOptions) -> str:
    """`wrinkles.csv`: one row for each shape of each driver."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["driver", "map", "region", "mask_file", "mask_channel", "shape", "weight", "curve"])
    layout = options.shape
    for row in _rows(drivers):
        number, channel = layout.mask_place(row["region"])
        place = layout.driver(row["map"], row["region"]), row["map"], REGION_NAMES[row["region"]]
        for shape, weight in row["shapes"].items():
            writer.writerow([*place, layout.mask(options.name, number), channel, shape, weight, row["curve"]])
    return stream.getvalue()


def read_table(path: Path) -> tuple[dict[str, Any], Drivers]:
    """`wrinkles.json` as it is, and its drivers.

    Raises
    ------
    FileRefused
        It is no such table; the message names the file.
    OSError
        It cannot be opened.
    """
    content = read_json(path, remedy=_REMEDY)
    if not isinstance(content, dict) or content.get("format") != FORMAT or content.get("version") != VERSION:
        raise FileRefused(f"{path}: is no table of a wrinkle pack of version {VERSION}; {_REMEDY}")
    try:
        return content, _drivers_of(content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FileRefused(f"{path}: is damaged ({error}); {_REMEDY}") from None


def _drivers_of(content: dict[str, Any]) -> Drivers:
    n_maps = len(content["maps"]) - 1
    if not 1 <= n_maps <= MOST_MAPS:
        raise ValueError(f"it has {n_maps} wrinkle maps, 1 to {MOST_MAPS} are known")
    weights, curves = np.zeros((n_maps, N_REGIONS, N_EXPRESSION)), np.ones((n_maps, N_REGIONS))
    for driver in content["drivers"]:
        number, region = int(driver["map"]) - 1, REGION_NAMES.index(driver["region"])
        if not 0 <= number < n_maps:
            raise ValueError(f"there is no map {number + 1}")
        curves[number, region] = _number(driver["curve"], *CURVES)
        for shape, weight in driver["shapes"].items():
            weights[number, region, ARKIT_INDEX[shape]] = _number(weight, 0.0, 1000.0)
    return Drivers(weights, curves)


def _number(value: object, low: float, high: float) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise ValueError(f"{value!r:.40} is no number")
    if not low <= value <= high:
        raise ValueError(f"{value} is not {low:g}..{high:g}")
    return float(value)


def _rows(drivers: Drivers) -> list[dict[str, Any]]:
    rows = []
    for number in range(drivers.n_maps):
        for region in range(N_REGIONS):
            weights = drivers.weights[number, region]
            shapes = {ARKIT_NAMES[at]: round(float(weights[at]), _DIGITS) for at in np.argsort(-weights) if weights[at]}
            if shapes:
                curve = round(float(drivers.curves[number, region]), _DIGITS)
                rows.append({"map": number + 1, "region": region, "curve": curve, "shapes": shapes})
    return rows


def _shortened(error: RegionError | ExpressionError) -> dict[str, Any]:
    return {key: _short(value) for key, value in asdict(error).items()}


def _short(value: Any) -> Any:
    return round(value, 3) if isinstance(value, float) else value
