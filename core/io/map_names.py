"""Names of the map files that an export writes, by what is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rhytid.core.maps.bands import REGIONS

MAP_FORMATS = ("exr", "png", "tiff")
PICTURE_FORMATS = ("exr", "tiff")
PACKINGS = ("packed", "apart", "both")
SUFFIXES = {"exr": ".exr", "png": ".png", "tiff": ".tif"}
BANDS = ("folds", "fine_lines", "pores")
_CHART_ALONE = ("line_map", "distance_field", "region_masks", "detail_mask")
_PICTURES = {
    "normal_map": "normal", "line_map": "lines", "distance_field": "distance", "albedo": "albedo",
    "object_normals": "normal_object", "detail_mask": "detail_mask",
    **{name: name for name in ("roughness", "specular", "cavity", "occlusion")},
}  # fmt: skip
_VALUES = {
    "displacement": "displacement", "vector_displacement": "vector", "vector_displacement_object": "vector_object",
    "curvature": "curvature",
}  # fmt: skip
WITH_UNIT = frozenset({*_VALUES, "bands"})
"""Maps whose values have a unit; all others are pictures."""
_REGIONS_PER_PICTURE = 4


class MapChoice(Protocol):
    """What of `core.io.export_options.ExportOptions` the names follow from."""

    @property
    def what(self) -> frozenset[str]: ...
    @property
    def name(self) -> str: ...
    @property
    def map_formats(self) -> frozenset[str]: ...
    @property
    def picture_formats(self) -> frozenset[str]: ...
    @property
    def packing(self) -> str: ...


def map_files(options: MapChoice, own_tiles: Sequence[str] = ()) -> list[str]:
    """File names of all maps, in the tiles of a head's own layout if it is given."""
    names: list[str] = []
    for what in sorted(options.what):
        tiles: tuple[str, ...] = ("1001",) if what in _CHART_ALONE else ("1001", "1002")
        tiles = ("1001", "1002", "1003") if what == "albedo" else tiles
        tiles = tuple(own_tiles) or tiles
        pictures, values = _labels(what, options)
        for labels, formats in ((pictures, {"png", *options.picture_formats}), (values, options.map_formats)):
            names += [
                f"{options.name}_{label}.{tile}{SUFFIXES[kind]}"
                for label in labels
                for tile in tiles
                for kind in MAP_FORMATS
                if kind in formats
            ]
        if what == "displacement" and "png" in options.map_formats:
            names += [f"{options.name}_displacement.{tile}.json" for tile in tiles]
    return names


def _labels(what: str, options: MapChoice) -> tuple[list[str], list[str]]:
    """Middle parts of the names: of pictures, and of maps with a unit."""
    packed, apart = options.packing != "apart", options.packing != "packed"
    if what == "bands":
        return [], ["bands"] * packed + [f"band_{name}" for name in BANDS if apart]
    if what == "region_masks":
        n_pictures = -(-len(REGIONS) // _REGIONS_PER_PICTURE)
        numbered = [f"regions_{number}" for number in range(1, n_pictures + 1) if packed]
        return numbered + [f"region_{name}" for name in REGIONS if apart], []
    return [_PICTURES[what]] if what in _PICTURES else [], [_VALUES[what]] if what in _VALUES else []
