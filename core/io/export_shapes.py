"""The expressions of a base mesh as OBJ files of their own: the same vertices, faces and texture coordinates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.head.head import Float32, Head
from rhytid.core.head.person_lids import PersonLids
from rhytid.core.io.export_meshes import ExportedMesh
from rhytid.core.io.export_options import ExportOptions, shape_file
from rhytid.core.io.export_other_parts import posed_parts
from rhytid.core.io.mesh_data import MeshData
from rhytid.core.io.obj_file import plain_name, write_obj


def write_shape_objs(
    folder: Path, head: Head, rest: Float32, base: MeshData, options: ExportOptions
) -> Iterator[ExportedMesh]:
    """Write the OBJ of each expression at 1 that moves a vertex, one with each step.

    They name the materials of the base mesh's MTL, and have no normals: programs take offsets of vertices alone.

    Parameters
    ----------
    folder : Path
    head : Head
    rest : float32 (V, 3)
        The identity at its age without expression, mm.
    base : MeshData
        What the base mesh's OBJ holds: the head's vertices, then those of its other parts, if any.
    options : ExportOptions
    """
    placing = options.placing("obj")
    library = plain_name(f"{options.name}_base.mtl")
    lids = PersonLids(head, rest)
    for number, name in enumerate(ARKIT_NAMES):
        weights = [float(shape == number) for shape in range(len(ARKIT_NAMES))]
        others = [part.vertices for part in posed_parts(head.other_parts, weights)]
        every = np.concatenate([rest + lids.straight(number), *others])
        vertices = every[: len(base.vertices)].astype(np.float32)
        if np.array_equal(vertices, base.vertices):
            continue
        mesh = replace(base, vertices=vertices, normals=None)
        path = folder / shape_file(options, name)
        comment = f"Rhytid: expression {name} of head {head.name}"
        details = {"shape": name, "vertices": len(vertices), "faces": len(mesh.faces), **placing.details(vertices)}
        paths = write_obj(path, mesh, None, comment, placing=placing, library=library)
        yield ExportedMesh("shape", paths, mesh, details, placing=placing)
