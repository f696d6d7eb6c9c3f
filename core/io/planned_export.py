"""What an export will write for a head, before anything is made."""

from __future__ import annotations

import re
from pathlib import Path

from rhytid.core.head.head import Head
from rhytid.core.io.export_options import SHOWING, ExportOptions, planned_files
from rhytid.core.io.export_other_parts import part_pictures
from rhytid.core.io.layout_bake import OwnLayout, is_charts
from rhytid.core.io.own_layout_mesh import own_materials, plain_pictures

_TILE_IN_NAME = re.compile(r"_[a-z]+\.(\d{4})\.[a-z]+")


def layout_of(head: Head) -> OwnLayout | None:
    """A head's own layout of texture coordinates; None where it is the chart's, as the default head's is."""
    return None if is_charts(head) else OwnLayout(head)


def planned_for(head: Head, options: ExportOptions, layout: OwnLayout | None) -> tuple[str, ...]:
    """Names of all files that an export of a head writes; `layout` as `layout_of` gives it."""
    if layout is None or options.layout == "chart":
        layout = None
    tiles = None if layout is None else tuple(str(tile) for tile in layout.skin_tiles)
    own: tuple[str, ...] = ()
    if layout is not None and "albedo" in options.what and _has_obj(options):
        pictures = plain_pictures(own_materials(layout), options.name)
        own = (*pictures.kept, *filter(None, (pictures.eyes,)))
    with_normals = "base_mesh" in options.what and bool(options.base_formats & SHOWING)
    return (*planned_files(options, tiles), *own, *part_pictures(head.other_parts, options.name, with_normals))


def _has_obj(options: ExportOptions) -> bool:
    displaced = "displaced_mesh" in options.what and options.mesh_format == "obj"
    return displaced or ("base_mesh" in options.what and "obj" in options.base_formats)


def planned_in(folder: Path, options: ExportOptions) -> tuple[str, ...]:
    """The same where the head is not read yet: in its own layout, of the tiles that lie in the folder."""
    if options.layout == "chart" or not folder.is_dir():
        return planned_files(options)
    names = [path.name.removeprefix(options.name) for path in folder.iterdir() if path.name.startswith(options.name)]
    tiles = sorted({found[1] for name in names if (found := _TILE_IN_NAME.fullmatch(name))})
    return planned_files(options, tiles)
