"""Body and lashes of a head's file in GLB and OBJ: as they came, valid, found again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pygltflib
import pytest
from other_programs import gltf_issues
from small_material import COAT, LASHES, small_parts

from rhytid.core.arkit import ARKIT_INDEX, N_EXPRESSION, expression_array
from rhytid.core.head.head import Head
from rhytid.core.io.export_base import BaseFace, write_base
from rhytid.core.io.export_meshes import base_mesh
from rhytid.core.io.export_options import ExportOptions
from rhytid.core.io.export_other_parts import (
    obj_look,
    part_pictures,
    posed_parts,
    with_part_shapes,
    with_parts,
    write_part_pictures,
)
from rhytid.core.io.export_verify import mesh_checks
from rhytid.core.io.gltf_file import GltfMaterial, GltfPrimitive, MorphTarget, write_glb
from rhytid.core.io.morph_motion import MorphMotion
from rhytid.core.io.obj_file import read_obj, write_obj
from tests.head.small_head import small_head


@pytest.fixture(scope="module")
def dressed() -> Head:
    return replace(small_head(), other_parts=small_parts())


def base_of(head: Head, expression: dict[str, float]) -> BaseFace:
    """The base mesh with two shapes and plain materials."""
    mesh = base_mesh(head, head.neutral)
    parts = [GltfPrimitive(mesh.material == k, GltfMaterial(name)) for k, name in enumerate(mesh.material_names)]
    moved = head.expression[ARKIT_INDEX["jawOpen"]].astype(np.float32)
    targets = [MorphTarget(name, moved, 0 * moved) for name in ("jawOpen", "eyeBlinkLeft")]
    return BaseFace(mesh, parts, targets, [expression.get(one.name, 0.0) for one in targets], None, head.other_parts)


def test_a_glb_holds_them_as_they_came(tmp_path: Path, dressed: Head) -> None:
    base = base_of(dressed, {"eyeBlinkLeft": 0.25})
    path = tmp_path / "dressed.glb"
    write_glb(path, base.mesh, base.parts, base.targets, base.weights, others=base.others)
    document = pygltflib.GLTF2().load_binary(str(path))
    assert [document.nodes[k].name for k in document.scenes[0].nodes] == ["face", COAT, LASHES]
    coat, lashes = document.meshes[1:]
    cloth, lash = (document.materials[one.primitives[0].material] for one in (coat, lashes))
    assert (cloth.name, lash.name, lash.alphaMode) == ("cloth", "lash", "BLEND")
    image = document.images[document.textures[cloth.pbrMetallicRoughness.baseColorTexture.index].source]
    view = document.bufferViews[image.bufferView]
    held = document.binary_blob()[view.byteOffset : view.byteOffset + view.byteLength]
    assert held == dressed.other_parts[0].material.base_picture, "the very bytes"
    assert lashes.extras["targetNames"] == ["eyeBlinkLeft"]
    assert lashes.weights == [0.25]
    position = document.accessors[coat.primitives[0].attributes.POSITION]
    np.testing.assert_allclose(position.min, dressed.other_parts[0].vertices.min(axis=0) / 1000, atol=1e-7)


def test_khronos_finds_nothing_wrong_with_a_normal_map_and_keys(tmp_path: Path, dressed: Head) -> None:
    mesh = base_mesh(dressed, dressed.neutral)
    parts = [GltfPrimitive(mesh.material == k, GltfMaterial(name)) for k, name in enumerate(mesh.material_names)]
    still = np.zeros_like(dressed.neutral)
    targets = [MorphTarget(name, still, still) for name in ("jawOpen", "eyeBlinkLeft")]
    motion = MorphMotion(25.0, np.array([0.0, 1.0]), np.array([[0, 0], [0.5, 1]], np.float32))
    coat, lashes = dressed.other_parts
    bumpy = '{"name":"lash","normalTexture":{"index":0}}'
    lashes = replace(lashes, material=replace(lashes.material, pictures=coat.material.pictures, gltf=bumpy))
    path = tmp_path / "dressed.glb"
    write_glb(path, mesh, parts, targets, [0.0, 0.0], motion=motion, others=(coat, lashes))
    document = pygltflib.GLTF2().load_binary(str(path))
    assert document.meshes[1].primitives[0].attributes.TANGENT is None
    assert document.meshes[2].primitives[0].attributes.TANGENT is not None
    (clip,) = document.animations
    assert [channel.target.node for channel in clip.channels] == [0, 2], "lashes blink, too"
    keys = document.accessors[clip.samplers[1].output]
    start = document.bufferViews[keys.bufferView].byteOffset
    assert np.frombuffer(document.binary_blob(), "<f4", 2, start).tolist() == [0.0, 1.0]
    issues = gltf_issues(path)
    assert (issues["numErrors"], issues["numWarnings"]) == (0, 0), issues


def test_a_material_whose_json_is_nonsense_becomes_plain(tmp_path: Path, dressed: Head) -> None:
    coat = dressed.other_parts[0]
    broken = replace(coat, material=replace(coat.material, gltf=json.dumps({"name": 3, "pbrMetallicRoughness": "no"})))
    mesh = base_mesh(dressed, dressed.neutral)
    parts = [GltfPrimitive(mesh.material == k, GltfMaterial(name)) for k, name in enumerate(mesh.material_names)]
    write_glb(tmp_path / "broken.glb", mesh, parts, others=[broken])
    document = pygltflib.GLTF2().load_binary(str(tmp_path / "broken.glb"))
    assert len(document.meshes) == 2


def test_an_obj_holds_them_in_their_pose_with_their_picture(tmp_path: Path, dressed: Head) -> None:
    pose = expression_array({"eyeBlinkLeft": 1.0}).tolist()
    parts = posed_parts(dressed.other_parts, pose)
    assert len(pose) == N_EXPRESSION
    np.testing.assert_allclose(parts[1].vertices, dressed.other_parts[1].vertices - 2)
    mesh = with_parts(base_mesh(dressed, dressed.neutral), parts)
    look = obj_look(dressed.other_parts, mesh, "face")
    written = write_part_pictures(tmp_path, dressed.other_parts, "face")
    write_obj(tmp_path / "face.obj", mesh, look.pictures, "", look.colors)
    assert [path.name for path in written] == list(part_pictures(dressed.other_parts, "face")) == ["face_cloth.png"]
    again = read_obj(tmp_path / "face.obj")
    assert again.material_names[-2:] == ("cloth", "lash")
    assert len(again.faces) == len(dressed.faces) + 3
    cloth = again.material == again.material_names.index("cloth")
    corners = again.vertices[again.faces[cloth][:, :3]]
    np.testing.assert_allclose(corners, parts[0].vertices[parts[0].triangles], atol=1e-4)
    assert "map_Kd face_cloth.png" in (tmp_path / "face.mtl").read_text()


def test_usd_holds_them_beside_the_face(tmp_path: Path, dressed: Head) -> None:
    pxr = pytest.importorskip("pxr.Usd", reason="needs usd-core, which has no build for every machine")
    from pxr import UsdGeom, UsdShade, UsdSkel, UsdValidation

    base = base_of(dressed, {"eyeBlinkLeft": 0.25})
    options = ExportOptions(what={"base_mesh"}, base_formats={"usda", "usdz"})
    for kind in ("usda", "usdz"):
        written = write_base(tmp_path, base, kind, options)
        stage = pxr.Stage.Open(str(written.paths[0]))
        validators = UsdValidation.ValidationRegistry().GetOrLoadAllValidators()
        assert [e.GetMessage() for e in UsdValidation.ValidationContext(validators).Validate(stage)] == []
        coat, lashes = (UsdGeom.Mesh(stage.GetPrimAtPath(f"/face/{name}")) for name in (COAT, LASHES))
        points = np.array(coat.GetPointsAttr().Get()) / options.placing(kind).per_mm
        np.testing.assert_allclose(points, dressed.other_parts[0].vertices, atol=1e-4)
        bound = UsdSkel.BindingAPI(lashes)
        assert list(bound.GetBlendShapesAttr().Get()) == ["eyeBlinkLeft"]
        (target,) = bound.GetBlendShapeTargetsRel().GetTargets()
        moved = np.array(UsdSkel.BlendShape(stage.GetPrimAtPath(target)).GetOffsetsAttr().Get())
        np.testing.assert_allclose(moved / options.placing(kind).per_mm, np.full((3, 3), -2.0), atol=1e-4)
        cloth, lash = (UsdShade.MaterialBindingAPI(one).ComputeBoundMaterial()[0] for one in (coat, lashes))
        assert (cloth.GetPrim().GetName(), lash.GetPrim().GetName()) == ("cloth", "lash")
        surface = lash.ComputeSurfaceSource()[0]
        assert surface.GetInput("opacity").Get() == pytest.approx(0.8)
        assert all(check.passed for check in mesh_checks(written.paths[0], written.mesh, written.target_names))
    assert (tmp_path / "face_cloth.png").read_bytes() == dressed.other_parts[0].material.base_picture


def test_what_blender_writes_has_them_in_one_mesh(dressed: Head) -> None:
    base = base_of(dressed, {})
    mesh = with_parts(base.mesh, dressed.other_parts)
    (blink,) = [one for one in with_part_shapes(base.targets, dressed.other_parts) if one.name == "eyeBlinkLeft"]
    assert blink.offsets.shape == mesh.vertices.shape
    np.testing.assert_array_equal(blink.offsets[-3:], np.float32(-2))
    assert not blink.offsets[-7:-3].any()


def test_a_glb_is_told_to_be_as_tall_as_all_that_it_holds(tmp_path: Path, dressed: Head) -> None:
    mesh = base_mesh(dressed, dressed.neutral)
    parts = [GltfPrimitive(mesh.material == k, GltfMaterial(name)) for k, name in enumerate(mesh.material_names)]
    written = write_base(tmp_path, BaseFace(mesh, parts, [], [], None, dressed.other_parts), "glb", ExportOptions())
    tall = float(np.ptp(with_parts(mesh, dressed.other_parts).vertices[:, 1])) / 1000
    assert written.details["height"] == pytest.approx(tall, abs=1e-6)
    assert tall > float(np.ptp(mesh.vertices[:, 1])) / 1000 + 0.001
