"""A mesh of an export as USD, with its materials and the pictures that these name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rhytid.core.head.other_parts import OtherPart
from rhytid.core.io.base_pictures import package_pictures, usd_materials, usd_parts
from rhytid.core.io.export_options import ExportOptions
from rhytid.core.io.export_other_parts import write_part_pictures
from rhytid.core.io.gltf_file import GltfMaterial
from rhytid.core.io.usd_file import PACKAGE, write_usd
from rhytid.core.io.usd_scene import UsdFace


def write_usd_mesh(
    path: Path, scene: UsdFace, materials: Sequence[GltfMaterial], options: ExportOptions,
    others: Sequence[OtherPart] = (),
) -> list[Path]:  # fmt: skip
    """Write a mesh in the unit and axis of the options; gives the file and the pictures that were written beside it.

    USD names the maps that are exported with it, which must be there, and pictures for those that are not; a package
    holds its own.

    Parameters
    ----------
    path : Path
    scene : UsdFace
        Without materials and other parts. One that is not subdivided has its relief already, and no map of it.
    materials : sequence of GltfMaterial
    options : ExportOptions
    others : sequence of OtherPart
    """
    placing = options.placing(path.suffix[1:])
    notes = {"mesh_units": placing.unit, **scene.notes}
    made: list[Path] = []
    parts, of_parts = usd_parts(others, options.name)
    if path.suffix == PACKAGE:
        described, pictures = package_pictures(materials)
        pictures |= of_parts
    else:
        pictures = {}
        described, made = usd_materials(path.parent, materials, options, placing.per_mm, scene.subdivided)
        made += write_part_pictures(path.parent, others, options.name, with_normals=True)
        if scene.subdivided:
            notes["displacement_map"] = "32-bit float, mm, 0 is none, along the smooth normal of the subdivided surface"
    done = replace(scene, materials=described, placing=placing, notes=notes, others=parts)
    return write_usd(path, done, pictures) + made
