"""Binary PLY: quads or triangles with normals and texture coordinates per vertex (split at seams)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rhytid.core.files.writing import replacing
from rhytid.core.head.head import split_faces
from rhytid.core.io.mesh_data import MeshData
from rhytid.core.io.placing import Placing

_IN_MM = Placing()


def write_ply(path: Path | str, mesh: MeshData, comment: str = "", placing: Placing = _IN_MM) -> list[Path]:
    """Write little-endian binary PLY: x y z, nx ny nz, s t as Blender reads them.

    All faces have the same number of corners, because many readers take the first face's for all: quads stay
    quads in a mesh without triangles, otherwise they become two triangles each.
    """
    path = Path(path)
    faces, vertex, coordinate = mesh.split_at_seams()
    columns = [placing.points(mesh.vertices[vertex])]
    names = ["x", "y", "z"]
    if mesh.normals is not None:
        columns.append(placing.directions(mesh.normals[vertex]))
        names += ["nx", "ny", "nz"]
    if mesh.uv is not None:
        columns.append(mesh.uv[coordinate])
        names += ["s", "t"]
    polygons = faces if (faces[:, 3] >= 0).all() else split_faces(faces)[0]
    note = " ".join(comment.encode("ascii", "replace").decode().split())
    header = ["ply", "format binary_little_endian 1.0"]
    header += [f"comment {note}"] if note else []
    header += [f"comment {placing.words}", f"element vertex {len(vertex)}"]
    header += [f"property float {name}" for name in names]
    header += [f"element face {len(polygons)}", "property list uchar int vertex_indices", "end_header\n"]
    with replacing(path) as temporary, temporary.open("wb") as stream:
        stream.write("\n".join(header).encode("ascii"))
        stream.write(np.concatenate(columns, axis=1, dtype="<f4").data)
        rows = np.empty(len(polygons), [("count", "u1"), ("index", "<i4", polygons.shape[1])])
        rows["count"] = polygons.shape[1]
        rows["index"] = polygons
        stream.write(rows.data)
    return [path]
