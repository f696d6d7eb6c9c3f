"""What an export says of itself: `export.json` and README.txt."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from rhytid.core.document.state import DocumentState
from rhytid.core.head.head import Head
from rhytid.core.io.chart_uv import is_moved_up
from rhytid.core.io.client_recipe import client_recipe
from rhytid.core.io.export_options import (
    BASE_FORMATS,
    LISTING_NAME,
    README_NAME,
    ExportedFile,
    ExportOptions,
    ExportReport,
)
from rhytid.core.io.mesh_density import chosen_levels
from rhytid.core.io.recipe import recipe_text


def described(path: Path, kind: str, details: dict[str, Any]) -> ExportedFile:
    """What is told of a file that was written, its size and sha256 among it."""
    with path.open("rb") as stream:
        digest = hashlib.sha256()
        while block := stream.read(1 << 22):
            digest.update(block)
    return ExportedFile(path.name, kind, path.stat().st_size, digest.hexdigest(), details)



def _tiles(report: ExportReport, is_moved: bool) -> str:
    if is_moved and not report.own_tiles:
        return (
            "tile 1001 is the chart; skin goes on in 1002 (scalp, ears and neck, laid out anew), colour in 1003 (eyes);"
            " the head's own layout of other parts stands from 1011 on"
        )
    if report.own_tiles:
        return f"the head's own, maps in {', '.join(report.own_tiles)}"
    return "tile 1001 is the chart; skin goes on in 1002 (scalp, ears and neck), colour in 1003 (eyes)"


def write_about(
    folder: Path, report: ExportReport, options: ExportOptions, state: DocumentState, head: Head
) -> tuple[ExportedFile, ...]:
    """Write `export.json` and README.txt into the export's folder; gives what is told of both."""
    finest = chosen_levels(head, head.neutral, ExportOptions())
    levels = next((f.details["levels"] for f in report.files if "levels" in f.details), finest)
    recipe = client_recipe(report.files, options, levels)
    is_moved = is_moved_up(head)
    written = {f.name.rpartition(".")[2] for f in report.files}
    placings = {kind: options.placing(kind) for kind in (*BASE_FORMATS, "ply") if kind in written}
    content = {
        "format": "rhytid-export",
        "version": 1,
        "head": {"name": head.name, "digest": head.digest, "made_shapes": list(head.made_shapes)},
        "pose": options.pose,
        "age": state.age,
        "seed": state.settings.seed,
        "units": {**{kind: placing.unit for kind, placing in placings.items()}, "displacement": "mm"},
        "axes": {kind: f"{placing.words}, right-handed" for kind, placing in placings.items()},
        "texture_coordinates": f"UDIM, origin bottom left; {_tiles(report, is_moved)}",
        "remarks": list(report.remarks),
        "files": [
            {"name": f.name, "kind": f.kind, "bytes": f.n_bytes, "sha256": f.sha256, **f.details}
            for f in report.files
        ],
        "recipe": recipe,
        "checks": [
            {"file": c.file, "what": c.what, "passed": c.passed, "found": c.found} for c in report.checks
        ],
    }
    readme, listing = folder / README_NAME, folder / LISTING_NAME
    readme.write_text(recipe_text(report, options, recipe, is_moved), "utf-8")
    listing.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return tuple(described(path, "about", {}) for path in (readme, listing))
