"""How much of the drawn detail each vertex shows, and where a map moves it: in GLB and USD, as groups in Blender."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pygltflib
import pytest
from other_programs import blender, gltf_issues

from rhytid.core.head.head import Head
from rhytid.core.io.client_recipe import client_recipe, client_text
from rhytid.core.io.displaced_mesh import displaced_mesh
from rhytid.core.io.export_meshes import base_mesh
from rhytid.core.io.export_options import ExportedFile, options_for
from rhytid.core.io.gltf_file import DETAIL, MAPPED, GltfMaterial, GltfPrimitive, write_glb
from rhytid.core.io.mesh_data import MeshData

CONVERT = """
import bpy

bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.import_scene.gltf(filepath=ARGS[0])
(thing,) = [one for one in bpy.context.scene.objects if one.type == "MESH"]
bpy.context.view_layer.objects.active = thing
told = {}
for name in ("_DETAIL", "_MAPPED"):
    thing.data.attributes.active = thing.data.attributes[name]
    bpy.ops.geometry.attribute_convert(mode="VERTEX_GROUP")
    group = thing.vertex_groups[name]
    told[name] = [sum(g.weight for g in v.groups if g.group == group.index) for v in thing.data.vertices]
tell(told)
"""


def written(path: Path, mesh: MeshData, name: str = DETAIL) -> np.ndarray:
    """An attribute of all primitives, one after the other."""
    materials = [GltfPrimitive(mesh.material == k, GltfMaterial(name)) for k, name in enumerate(mesh.material_names)]
    write_glb(path, mesh, materials)
    document = pygltflib.GLTF2().load_binary(str(path))
    found = []
    for primitive in document.meshes[0].primitives:
        accessor = document.accessors[getattr(primitive.attributes, name)]
        assert (accessor.componentType, accessor.type) == (pygltflib.FLOAT, "SCALAR")
        start = document.bufferViews[accessor.bufferView].byteOffset
        found.append(np.frombuffer(document.binary_blob(), "<f4", accessor.count, start))
    return np.concatenate(found)


@pytest.mark.parametrize("displaced", [False, True])
def test_a_glb_says_how_much_detail_a_vertex_shows(head: Head, tmp_path: Path, displaced: bool) -> None:
    mesh = base_mesh(head, head.neutral)
    if displaced:
        mesh = displaced_mesh(head, head.neutral, np.zeros((64, 64), np.float32), 1).mesh
    read = written(tmp_path / "a.glb", mesh)
    assert mesh.detail is not None
    assert set(np.unique(mesh.detail)) == set(np.unique(read))
    assert (read.min(), read.max()) == (0, 1)
    issues = gltf_issues(tmp_path / "a.glb")
    assert (issues["numErrors"], issues["numWarnings"]) == (0, 0), issues


def test_blender_makes_vertex_groups_of_both(head: Head, tmp_path: Path) -> None:
    mesh = base_mesh(head, head.neutral)
    read = {name: written(tmp_path / "a.glb", mesh, name) for name in (DETAIL, MAPPED)}
    told = blender(CONVERT, tmp_path / "a.glb")
    for name in (DETAIL, MAPPED):
        assert np.allclose(told[name], read[name], atol=1e-6), name


def test_the_map_is_not_faded_again_where_it_fades(head: Head) -> None:
    mesh = base_mesh(head, head.neutral)
    assert mesh.mapped is not None
    assert mesh.detail is not None
    fades = (mesh.detail > 0.05) & (mesh.detail < 0.95)
    assert mesh.mapped[fades].mean() > 0.9, "but for what the next tile begins at"
    elsewhere = mesh.faces[mesh.material != 0]
    assert not mesh.mapped[elsewhere[elsewhere >= 0]].any(), "the next tile, eyes and teeth stay where they are"


def test_a_glb_moves_by_the_map_what_the_mesh_does(head: Head, tmp_path: Path) -> None:
    mesh = base_mesh(head, head.neutral)
    moved, detail = (written(tmp_path / "a.glb", mesh, name) for name in (MAPPED, DETAIL))
    assert moved[detail > 0.5].mean() > 0.9
    assert moved[detail == 0].mean() < 0.5


def test_a_usd_has_it_as_a_primvar(head: Head) -> None:
    pytest.importorskip("pxr")
    from pxr import UsdGeom

    from rhytid.core.io.usd_scene import UsdFace
    from rhytid.core.io.usd_stage import MESH_PATH, stage

    mesh = base_mesh(head, head.neutral)
    made = stage(UsdFace(mesh, []))
    primvar = UsdGeom.PrimvarsAPI(made.GetPrimAtPath(MESH_PATH)).GetPrimvar("detail")
    assert primvar.GetInterpolation() == UsdGeom.Tokens.vertex
    assert np.array_equal(primvar.Get(), mesh.detail)


def test_the_recipe_makes_the_group_where_the_base_mesh_is_a_glb() -> None:
    placed = {"units": "m", "up_axis": "Y", "height": 0.3, "faces": 1}
    relief = {"mid": 0.0, "scale_mm": 1.0, "min_mm": -0.5, "max_mm": 0.5}
    map_file = ExportedFile("face_displacement.1001.exr", "displacement", 1, "", relief)
    for kind, group in (("glb", MAPPED), ("obj", "face")):
        files = [ExportedFile(f"face_base.{kind}", "base_mesh", 1, "", placed), map_file]
        text = client_text(client_recipe(files, options_for("blender"), 4))
        assert f"Vertex Group {group}." in text
        assert ("Convert Attribute" in text) == (kind == "glb")
