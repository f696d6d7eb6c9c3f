"""Exported meshes are valid and open in the readers that other programs are built on, whatever they are called."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pygltflib
import pytest
import trimesh
from other_programs import assimp_info, gltf_issues

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES, expression_array
from rhytid.core.detail.request import DetailMaps
from rhytid.core.document.state import DocumentState
from rhytid.core.face.skin_color import skin_colors
from rhytid.core.head.head import Head, split_faces
from rhytid.core.io.export import export
from rhytid.core.io.export_meshes import base_mesh, morph_targets
from rhytid.core.io.export_options import ExportOptions, ExportReport, planned_files
from rhytid.core.io.gltf_file import GltfMaterial, GltfPrimitive, MorphTarget, read_glb, write_glb
from rhytid.core.io.mesh_data import MeshData
from rhytid.core.io.mesh_density import face_count_limits
from rhytid.core.io.mesh_file import load_mesh
from rhytid.core.io.obj_file import plain_name, write_obj
from rhytid.core.io.shown_face import ShownFace
from rhytid.core.maps.array_cache import ArrayCache

MakeMaps = Callable[[int], DetailMaps]
NAMES = ("my face", "Jürgen 佐藤.v002", "a#b", "100%", "-o", "‘quotes’ (and) [brackets]", "पता", "🙂", "face")


def run(head: Head, make_maps: MakeMaps, outdir: Path, **changes: object) -> ExportReport:
    options = ExportOptions(**{"resolution": 1024, "levels": 1, "padding_px": 4} | changes)  # type: ignore[arg-type]
    weights = expression_array({"jawOpen": 0.25})
    state = DocumentState(expression=tuple(weights.tolist()))
    color_for = partial(skin_colors, state, cache=ArrayCache())
    face = ShownFace(state, head, head.shape((), weights), head.neutral, make_maps, color_for)
    return export(face, outdir, options)


@pytest.fixture(scope="module")
def glbs(head: Head, make_maps: MakeMaps, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Base mesh and displaced mesh."""
    done = run(
        head, make_maps, tmp_path_factory.mktemp("glb"), what={"base_mesh", "displaced_mesh"}, mesh_format="glb"
    )
    return done.path("base_mesh"), done.path("displaced_mesh")


def no_complaints(path: Path) -> None:
    issues = gltf_issues(path)
    assert (issues["numErrors"], issues["numWarnings"]) == (0, 0), issues["messages"]


def test_the_validator_sees_a_fault(tmp_path: Path, glbs: tuple[Path, Path]) -> None:
    data = glbs[0].read_bytes().replace(b'"type":"VEC3"', b'"type":"VEC9"', 1)
    (tmp_path / "bad.glb").write_bytes(data)
    assert gltf_issues(tmp_path / "bad.glb")["numErrors"] > 0


def test_both_glbs_are_valid(glbs: tuple[Path, Path]) -> None:
    for path in glbs:
        no_complaints(path)


def test_any_set_of_parts_is_valid(tmp_path: Path, head: Head) -> None:
    mesh = base_mesh(head, head.neutral)
    assert mesh.normals is not None
    targets = morph_targets(head, head.neutral, mesh.normals)
    still = [MorphTarget("still", np.zeros_like(mesh.vertices), np.zeros_like(mesh.vertices))]
    png = cv2.imencode(".png", np.full((8, 8, 3), 128, np.uint8))[1].tobytes()
    bare = replace(mesh, normals=None, uv=None, face_uv=None)
    cases: list[tuple[MeshData, set[int], list[MorphTarget], bytes | None]] = [
        (mesh, {0, 1, 2, 3, 4, 5}, targets, png),  # teeth and one eye have no face here
        (mesh, {2}, targets, None),
        (mesh, {0}, still, png),
        (mesh, {5, 0}, [], png),
        (bare, {0, 2}, targets[:1], png),
    ]
    for number, (case, parts, shapes, picture) in enumerate(cases):
        primitives = [
            GltfPrimitive(case.material == part, GltfMaterial(str(part), base_color_png=picture, normal_png=picture))
            for part in sorted(parts)
        ]
        path = write_glb(tmp_path / f"{number}.glb", case, primitives, shapes)[0]
        document = pygltflib.GLTF2().load_binary(str(path))
        used = [part for part in sorted(parts) if (case.material == part).any()]
        assert [material.name for material in document.materials] == [str(part) for part in used]
        no_complaints(path)


def test_every_accessor_has_a_view_and_every_target_the_same_attributes(glbs: tuple[Path, Path]) -> None:
    for path in glbs:
        document = pygltflib.GLTF2().load_binary(str(path))
        assert all(accessor.bufferView is not None for accessor in document.accessors)
        primitives = document.meshes[0].primitives
        shapes = {tuple(sorted(target)) for primitive in primitives for target in primitive.targets or []}
        assert shapes <= {("NORMAL", "POSITION"), ("NORMAL", "POSITION", "TANGENT")}
        of_views = [accessor.bufferView for accessor in document.accessors]
        of_views += [image.bufferView for image in document.images]
        for accessor in document.accessors:
            if accessor.sparse is not None:
                of_views += [accessor.sparse.indices.bufferView, accessor.sparse.values.bufferView]
        assert set(of_views) == set(range(len(document.bufferViews)))
    base = pygltflib.GLTF2().load_binary(str(glbs[0]))
    names = base.meshes[0].extras["targetNames"]
    assert names[:52] == list(ARKIT_NAMES)
    assert {name[:4] for name in names[52:]} <= {"age_"}
    assert {len(primitive.targets) for primitive in base.meshes[0].primitives} == {len(names)}


def accessor(document: pygltflib.GLTF2, index: int) -> np.ndarray:
    """Values of an accessor of float32, sparse ones filled in."""
    one, blob = document.accessors[index], document.binary_blob()
    width = {"VEC3": 3, "VEC4": 4}[one.type]

    def part(view: int, dtype: str, count: int) -> np.ndarray:
        return np.frombuffer(blob, dtype, count, document.bufferViews[view].byteOffset)

    values = part(one.bufferView, "<f4", one.count * width).reshape(-1, width).copy()
    if one.sparse is not None:
        kind = {5123: "<u2", 5125: "<u4"}[one.sparse.indices.componentType]
        where = part(one.sparse.indices.bufferView, kind, one.sparse.count)
        values[where] = part(one.sparse.values.bufferView, "<f4", one.sparse.count * width).reshape(-1, width)
    return values


def test_tangents_follow_the_texture_and_the_shapes(glbs: tuple[Path, Path]) -> None:
    document = pygltflib.GLTF2().load_binary(str(glbs[0]))
    face = document.meshes[0].primitives[0]
    tangents, normals = accessor(document, face.attributes.TANGENT), accessor(document, face.attributes.NORMAL)
    np.testing.assert_allclose(np.linalg.norm(tangents[:, :3], axis=1), 1, atol=1e-5)
    np.testing.assert_allclose((tangents[:, :3] * normals).sum(axis=1), 0, atol=1e-5)
    assert set(np.unique(tangents[:, 3])) == {1.0}  # u to the right and v up as seen from outside
    assert (tangents[:, 0] > 0.8).all()  # the dome's chart runs along x
    for target in face.targets:
        turned = tangents[:, :3] + accessor(document, target["TANGENT"])
        posed = normals + accessor(document, target["NORMAL"])
        np.testing.assert_allclose(np.linalg.norm(turned, axis=1), 1, atol=1e-3)
        np.testing.assert_allclose((turned * posed).sum(axis=1), 0, atol=1e-3)
    still = accessor(document, face.targets[ARKIT_INDEX["tongueOut"]]["TANGENT"])
    assert not still.any()
    assert max(np.abs(accessor(document, target["TANGENT"])).max() for target in face.targets) > 0.02


def test_assimp_opens_every_mesh(head: Head, make_maps: MakeMaps, tmp_path: Path, glbs: tuple[Path, Path]) -> None:
    base, displaced = load_mesh(glbs[0]), load_mesh(glbs[1])
    said = assimp_info(glbs[0])
    assert int(re.search(r"Faces:\s+(\d+)", said)[1]) == len(base.faces)  # type: ignore[index]
    assert all(name in said for name in ("face", "eye_left", "mouth"))
    for path in (glbs[1], *(
        run(head, make_maps, tmp_path / kind, what={"displaced_mesh"}, mesh_format=kind).path("displaced_mesh")
        for kind in ("obj", "ply")
    )):  # fmt: skip
        faces = int(re.search(r"Faces:\s+(\d+)", assimp_info(path))[1])  # type: ignore[index]
        assert faces == len(split_faces(displaced.faces)[0])


def test_trimesh_opens_every_mesh(head: Head, make_maps: MakeMaps, tmp_path: Path, glbs: tuple[Path, Path]) -> None:
    n_triangles = sum(len(primitive.triangles) for primitive in read_glb(glbs[1])[0])
    for kind in ("obj", "ply", "glb"):
        done = run(head, make_maps, tmp_path / kind, what={"displaced_mesh"}, mesh_format=kind)
        mesh = trimesh.load_mesh(done.path("displaced_mesh"), process=False)
        assert len(mesh.faces) == n_triangles
    assert len(trimesh.load_mesh(glbs[0], process=False).faces) > 0


@pytest.mark.parametrize("name", NAMES)
def test_whatever_the_name_an_obj_finds_its_material_and_picture(
    head: Head, make_maps: MakeMaps, tmp_path: Path, name: str
) -> None:
    done = run(head, make_maps, tmp_path, what={"displaced_mesh", "albedo"}, name=name, levels=0)
    obj = done.path("displaced_mesh", ".obj")
    assert obj.name == f"{name}_displaced.obj"
    assert done.path("albedo").name == f"{name}_albedo.1001.png"
    statements = []
    for path in (obj, done.path("displaced_mesh", ".mtl")):
        text = path.read_bytes()
        assert b"\r" not in text
        statements += [line.split(" ") for line in text.decode("utf-8").split("\n")]
    named = [words[1:] for words in statements if words[0] in ("mtllib", "usemtl", "newmtl", "g", "o", "map_Kd")]
    assert named
    for words in named:
        assert len(words) == 1
        assert words[0] == plain_name(words[0])
        assert not set(words[0]) & set("#%\\\"'`$&;,()[]{}")
    (library,) = (words[1] for words in statements if words[0] == "mtllib")
    picture, beside = (words[1] for words in statements if words[0] == "map_Kd")
    assert (tmp_path / library).is_file()
    assert (tmp_path / picture).read_bytes() == done.path("albedo").read_bytes()
    assert (tmp_path / beside).read_bytes() == (tmp_path / f"{name}_albedo.1002.png").read_bytes()
    options = ExportOptions(what={"displaced_mesh", "albedo"}, name=name)  # type: ignore[arg-type]
    assert {path.name for path in tmp_path.iterdir()} == {file.name for file in done.files}
    missing = {*planned_files(options)} - {file.name for file in done.files}
    assert all(name.endswith("_albedo.1003.png") for name in missing)  # this head's eyes lie in no tile of their own
    scene = trimesh.load_scene(obj, process=False)
    materials = {part.visual.material.name: part.visual.material for part in scene.geometry.values()}
    assert materials["face"].image.size == (1024, 1024)
    if name == "my face":
        said = assimp_info(obj)
        assert "'face'" in said
        assert picture in said


def test_an_obj_names_the_roughness_of_both_skins(head: Head, make_maps: MakeMaps, tmp_path: Path) -> None:
    done = run(head, make_maps, tmp_path, what={"displaced_mesh", "roughness"}, levels=0)
    scene = trimesh.load_scene(done.path("displaced_mesh", ".obj"), process=False)
    given = {part.visual.material.name: part.visual.material.kwargs for part in scene.geometry.values()}
    for name, tile in (("face", "1001"), ("head", "1002")):
        assert given[name]["pr"] == ["1"]
        assert given[name]["map_pr"] == [f"face_roughness.{tile}.png"]
        assert (tmp_path / given[name]["map_pr"][0]).is_file()
    assert "map_pr" not in given["mouth"]
    without = run(head, make_maps, tmp_path / "without", what={"displaced_mesh"}, levels=0)
    assert "map_Pr" not in without.path("displaced_mesh", ".mtl").read_text("utf-8")


def test_comments_and_materials_cannot_break_an_obj(tmp_path: Path, head: Head) -> None:
    mesh = base_mesh(head, head.neutral)
    odd = replace(mesh, material_names=tuple(f"{name} #1" for name in mesh.material_names))
    obj, mtl = write_obj(tmp_path / "a.obj", odd, comment="佐藤\nv 1 2 3\r\nends with \\")
    assert obj.read_text("utf-8").startswith("# 佐藤 v 1 2 3 ends with /\n# units: mm")
    assert "newmtl face__1\n" in mtl.read_text("utf-8")
    assert len(load_mesh(obj).vertices) == len(mesh.vertices)
    with pytest.raises(ValueError, match=r"call it a_b\.png"):
        write_obj(tmp_path / "a.obj", mesh, {"face": "a b.png"})


def test_any_face_count_gives_a_mesh_or_a_reason(head: Head, make_maps: MakeMaps, tmp_path: Path) -> None:
    least, most = face_count_limits(head)
    assert least == len(head.faces)
    for count in (least, least + 1, 4 * least, most):
        done = run(head, make_maps, tmp_path / str(count), what={"displaced_mesh"}, face_count=min(count, 30_000))
        assert all(check.passed for check in done.checks)
        (mesh,) = (file for file in done.files if file.name.endswith(".obj"))
        assert least <= mesh.details["faces"] <= count
    for count, reason in ((1, "has 0 thousand faces at least"), (least - 1, f"at least \\({least}\\)"),
                          (8_000_001, f"\\({most}\\)"), (10**15, "the most that")):  # fmt: skip
        with pytest.raises(ValueError, match=reason):
            run(head, make_maps, tmp_path / "refused", what={"displaced_mesh"}, face_count=count)
        assert not (tmp_path / "refused").exists()


def test_the_coarsest_mesh_is_displaced_too(head: Head, make_maps: MakeMaps, tmp_path: Path) -> None:
    before = head.neutral.copy()
    done = run(head, make_maps, tmp_path, what={"displaced_mesh"}, levels=0, pose="neutral")
    read = load_mesh(done.path("displaced_mesh", ".obj"))
    assert len(read.vertices) == len(head.neutral)
    moved = np.abs(read.vertices - head.neutral).max(axis=1)
    assert moved[: head.n_skin].max() > 0.01
    assert moved[head.n_skin :].max() < 1e-4
    np.testing.assert_array_equal(head.neutral, before)
