"""Tangents of the base mesh are those that Blender computes, corner for corner."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from other_programs import blender

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.head.head import split_faces
from rhytid.core.head.load import default_head
from rhytid.core.head.mikktspace import TangentFrames
from rhytid.core.head.normals import vertex_normals
from rhytid.core.io.chart_uv import export_uv

# Normals as floats per vertex: what scripts usually set is rounded for each corner apart, which parts the corners.
_TANGENTS = """
import bpy
import numpy as np
given = np.load(ARGS[0])
found = {}
for name in ("plain", "mirrored"):
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(given["vertices"].tolist(), [], given["triangles"].tolist())
    layer = mesh.uv_layers.new(name="map")
    layer.data.foreach_set("uv", given[name][given["uv_triangles"]].ravel())
    normals = mesh.attributes.new("custom_normal", "FLOAT_VECTOR", "POINT")
    normals.data.foreach_set("vector", given["normals"].ravel())
    mesh.calc_tangents(uvmap="map")
    tangents, signs = np.zeros(3 * len(mesh.loops), np.float32), np.zeros(len(mesh.loops), np.float32)
    mesh.loops.foreach_get("tangent", tangents)
    mesh.loops.foreach_get("bitangent_sign", signs)
    found[name] = np.concatenate([tangents.reshape(-1, 3), signs[:, None]], axis=1)
np.savez(ARGS[1], **found)
tell(bpy.app.version_string)
"""


def test_tangents_are_those_of_blender(tmp_path: Path) -> None:
    head = default_head()
    vertices = head.neutral + head.expression[ARKIT_INDEX["jawOpen"]].astype(np.float32)
    normals = vertex_normals(vertices, head.triangles)
    uv, face_uv = export_uv(head)
    layouts = {"plain": uv, "mirrored": np.stack([np.abs(uv[:, 0] - 0.5), uv[:, 1]], axis=1).astype(np.float32)}
    triangles, uv_triangles = split_faces(head.faces)[0], split_faces(face_uv)[0]
    np.savez(
        tmp_path / "mesh.npz", vertices=vertices, normals=normals, triangles=triangles, uv_triangles=uv_triangles,
        **layouts,
    )  # fmt: skip
    blender(_TANGENTS, tmp_path / "mesh.npz", tmp_path / "tangents.npz")
    theirs = np.load(tmp_path / "tangents.npz")
    for name, layout in layouts.items():
        frames = TangentFrames(layout, triangles, uv_triangles)
        ours = frames.of(vertices, normals)[frames.of_corner].reshape(-1, 4)
        turned = np.degrees(2 * np.arcsin(np.clip(np.linalg.norm(ours[:, :3] - theirs[name][:, :3], axis=1) / 2, 0, 1)))
        np.testing.assert_array_equal(ours[:, 3], theirs[name][:, 3])
        found = {share: float(np.percentile(turned, share)) for share in (50, 95, 100)}
        assert found[50] < 1e-4, (name, found)
        assert found[95] < 1e-2, (name, found)
        assert found[100] < 0.1, (name, found)
