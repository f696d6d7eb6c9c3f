"""Meshes survive their files, other programs' readers agree, and hostile files are refused."""

from __future__ import annotations

import contextlib
import json
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import trimesh
from damage import damages
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.detail.request import DetailMaps
from rhytid.core.face.face import Face
from rhytid.core.head.head import Head, Part, split_faces
from rhytid.core.head.normals import vertex_normals
from rhytid.core.io import export_meshes
from rhytid.core.io.chart_uv import export_uv, lies_in_tile
from rhytid.core.io.displaced_mesh import MATERIAL_NAMES, displaced_mesh, sample_bilinear
from rhytid.core.io.errors import MeshError
from rhytid.core.io.export_meshes import base_mesh, morph_targets
from rhytid.core.io.face_textures import FaceTextures
from rhytid.core.io.gltf_file import GltfMaterial, GltfPrimitive, read_glb, write_glb
from rhytid.core.io.mesh_data import MeshData
from rhytid.core.io.mesh_file import load_mesh
from rhytid.core.io.obj_file import read_obj, write_obj
from rhytid.core.io.ply_file import write_ply

MakeMaps = Callable[[int], DetailMaps]


@pytest.fixture(scope="module")
def mesh(head: Head, make_maps: MakeMaps) -> MeshData:
    return displaced_mesh(head, head.neutral, make_maps(256).displacement, 1).mesh


def primitives(mesh: MeshData) -> list[GltfPrimitive]:
    return [
        GltfPrimitive(mesh.material == number, GltfMaterial(name)) for number, name in enumerate(mesh.material_names)
    ]


def area(vertices: np.ndarray, triangles: np.ndarray) -> float:
    corner = vertices[triangles].astype(np.float64)
    return float(np.linalg.norm(np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]), axis=1).sum())


def test_skin_outside_the_chart_has_its_tile_or_the_colour_of_the_border(head: Head) -> None:
    mesh = base_mesh(head, head.neutral)
    texture = np.full((64, 64, 3), (188, 0, 255), np.uint8)
    texture[20:40, 20:40] = 7
    body = MATERIAL_NAMES.index("head")
    tiled, plain = (
        export_meshes.primitives(mesh, FaceTextures(texture, tiles), None)[body].material
        for tiles in ({"1002": texture}, {})
    )
    np.testing.assert_allclose(plain.base_color, (0.503, 0, 1, 1), atol=1e-3)
    assert plain.base_color_png is None
    assert tiled.base_color_png is not None
    shown = cv2.imdecode(np.frombuffer(tiled.base_color_png, np.uint8), cv2.IMREAD_COLOR)
    np.testing.assert_array_equal(shown[..., ::-1], texture)


def test_displacement_moves_the_skin_along_its_normals(head: Head) -> None:
    flat = displaced_mesh(head, head.neutral, np.zeros((64, 64), np.float32), 2)
    moved = displaced_mesh(head, head.neutral, np.full((64, 64), 0.5, np.float32), 2)
    offset = moved.mesh.vertices - flat.mesh.vertices
    assert flat.mesh.normals is not None
    np.testing.assert_allclose(offset, flat.mesh.normals * 0.5 * flat.detail_weight[:, None], atol=2e-5)
    assert (flat.detail_weight[flat.is_skin] > 0.99).any()
    assert not offset[~flat.is_skin].any()


def test_relief_is_sampled_where_the_chart_says(head: Head, make_maps: MakeMaps) -> None:
    maps = make_maps(256)
    flat = displaced_mesh(head, head.neutral, np.zeros((64, 64), np.float32), 3)
    moved = displaced_mesh(head, head.neutral, maps.displacement, 3)
    assert flat.mesh.normals is not None
    height = ((moved.mesh.vertices - flat.mesh.vertices) * flat.mesh.normals).sum(axis=1)
    full = flat.detail_weight > 0.999
    x, y = flat.chart[full].T
    expected = 0.3 * np.sin(2 * np.pi * 6 * x) * np.cos(2 * np.pi * 4 * y)
    assert np.abs(height[full] - expected).max() < 0.02


def test_written_normals_are_those_of_the_relief(head: Head, make_maps: MakeMaps) -> None:
    moved = displaced_mesh(head, head.neutral, make_maps(256).displacement, 4)
    by_faces = vertex_normals(moved.mesh.vertices, split_faces(moved.mesh.faces)[0])
    full = moved.detail_weight > 0.999
    assert moved.mesh.normals is not None
    cosine = (by_faces * moved.mesh.normals)[full].sum(axis=1)
    assert np.degrees(np.arccos(np.clip(cosine, -1, 1))).max() < 1.5


def test_finer_relief_than_the_mesh_does_not_alias(head: Head) -> None:
    noise = np.random.default_rng(0).choice([-0.3, 0.3], (1024, 1024)).astype(np.float32)
    flat = displaced_mesh(head, head.neutral, np.zeros((64, 64), np.float32), 1)
    moved = displaced_mesh(head, head.neutral, noise, 1)
    assert np.abs(moved.mesh.vertices - flat.mesh.vertices).max() < 0.06


def test_bilinear_sampling_knows_texel_centres() -> None:
    values = np.arange(16, dtype=np.float32).reshape(4, 4)
    points = np.array([[0.125, 0.125], [0.25, 0.125], [0.875, 0.875], [2, 2], [-1, 0.125]], np.float32)
    np.testing.assert_allclose(sample_bilinear(values, points), [0, 0.5, 15, 15, 0])


def test_materials_follow_part_and_tile(head: Head, mesh: MeshData) -> None:
    assert mesh.uv is not None
    assert mesh.face_uv is not None
    for number, tile in ((0, 0), (1, 1)):
        corner = mesh.uv[mesh.face_uv[mesh.material == number][:, :3]]
        assert (corner[..., 0] >= tile).all()
        assert (corner[..., 0] <= tile + 1).all()
    assert {MATERIAL_NAMES[i] for i in np.unique(mesh.material)} == {"face", "head", "eye_left", "mouth"}
    n_eyes = int((head.parts == Part.EYE_LEFT).sum())
    assert int((mesh.material == MATERIAL_NAMES.index("eye_left")).sum()) == n_eyes


def test_a_head_with_another_layout_gets_the_chart_as_tile_1001(head: Head) -> None:
    own = replace(head, uv=head.uv * 0.5)
    uv, face_uv = export_uv(own)
    materials = base_mesh(own, own.neutral).material
    np.testing.assert_array_equal(materials, base_mesh(head, head.neutral).material)
    corner, vertex = face_uv[materials == 0], head.faces[materials == 0]
    valid = corner >= 0
    expected = np.stack([head.chart[:, 0], 1 - head.chart[:, 1]], axis=1)[vertex[valid]]
    np.testing.assert_allclose(uv[corner[valid]], expected, atol=1e-6)
    eyes = np.isin(materials, (2, 3))
    outer = materials == 1
    assert (uv[face_uv[(materials > 1) & ~eyes][:, 0]][:, 1] >= 1).all()
    assert lies_in_tile(uv, face_uv[outer], 1)
    corners = uv[split_faces(face_uv[outer])[0]].astype(np.float64)
    (a, b), (c, d) = (np.moveaxis(corners[:, k] - corners[:, 0], 1, 0) for k in (1, 2))
    assert (a * d - b * c < 0).sum() <= 0.001 * len(corners), "nothing is laid upside down on other skin"
    assert lies_in_tile(uv, face_uv[eyes], 2)


def test_obj_round_trip(tmp_path: Path, mesh: MeshData) -> None:
    files = write_obj(tmp_path / "a.obj", mesh, {"face": "albedo.png"}, "a comment")
    assert [path.name for path in files] == ["a.obj", "a.mtl"]
    assert "map_Kd albedo.png" in files[1].read_text()
    read = read_obj(tmp_path / "a.obj")
    np.testing.assert_allclose(read.vertices, mesh.vertices, atol=1e-5)
    assert read.uv is not None
    assert mesh.uv is not None
    np.testing.assert_allclose(read.uv, mesh.uv, atol=1e-6)
    assert read.normals is not None
    order = np.lexsort((mesh.faces[:, 3] < 0, mesh.material))  # by material, quads first
    np.testing.assert_array_equal(read.faces, mesh.faces[order])
    np.testing.assert_array_equal(read.face_uv, mesh.face_uv[order])
    names = [read.material_names[i] for i in read.material]
    assert names == [mesh.material_names[i] for i in mesh.material[order]]


def test_trimesh_reads_our_obj(tmp_path: Path, mesh: MeshData) -> None:
    write_obj(tmp_path / "a.obj", mesh)
    scene = trimesh.load(tmp_path / "a.obj", process=False)
    parts = list(scene.geometry.values()) if isinstance(scene, trimesh.Scene) else [scene]
    triangles = split_faces(mesh.faces)[0]
    assert sum(len(part.faces) for part in parts) == len(triangles)
    found = sum(area(np.asarray(part.vertices), np.asarray(part.faces)) for part in parts)
    assert found == pytest.approx(area(mesh.vertices, triangles), rel=1e-5)


def test_obj_variants(tmp_path: Path) -> None:
    text = (
        b"# colours, relative indices, a pentagon, corners without normals\r\n"
        b"v 0 0 0 0.5 0.5 0.5\r\nv 1 0 0 1 1 1\r\nv 1 1 0\r\nv 0 1 0\r\n v 0.5 1.5 0\r\n"
        b"vt 0 0\r\nvn 0 0 1\r\n"
        b"usemtl one\r\nf -5//1 -4//1 -3//1 -1//1 -2//1\r\nusemtl two\r\nf 1/1/1 2/1/1\\\r\n 3/1/1 4/1/1\r\n"
    )
    (tmp_path / "a.obj").write_bytes(text)
    read = read_obj(tmp_path / "a.obj")
    assert read.faces.tolist() == [[0, 1, 2, -1], [0, 2, 4, -1], [0, 4, 3, -1], [0, 1, 2, 3]]
    assert [read.material_names[i] for i in read.material] == ["one", "one", "one", "two"]
    assert read.uv is None  # not all corners have one
    assert read.normals is not None
    np.testing.assert_array_equal(read.normals, [[0, 0, 1]] * 5)


def test_ply_round_trip_and_trimesh(tmp_path: Path, mesh: MeshData) -> None:
    write_ply(tmp_path / "a.ply", mesh, "a comment")
    read = load_mesh(tmp_path / "a.ply")
    faces, vertex, coordinate = mesh.split_at_seams()
    np.testing.assert_array_equal(read.vertices, mesh.vertices[vertex])
    assert mesh.uv is not None
    stated = trimesh.load_mesh(tmp_path / "a.ply", process=False).metadata["_ply_raw"]["vertex"]["data"]
    np.testing.assert_array_equal(np.stack([stated["s"], stated["t"]], axis=1), mesh.uv[coordinate])
    np.testing.assert_array_equal(read.faces[:, :3], split_faces(faces)[0])  # quads and triangles are mixed here
    quads = mesh.only(mesh.faces[:, 3] >= 0)
    write_ply(tmp_path / "quads.ply", quads)
    stated = trimesh.load_mesh(tmp_path / "quads.ply", process=False).metadata["_ply_raw"]["face"]["data"]
    np.testing.assert_array_equal(stated["vertex_indices"]["f1"], quads.split_at_seams()[0])
    for name, written in (("a.ply", mesh), ("quads.ply", quads)):
        other = trimesh.load(tmp_path / name, process=False)
        found = area(np.asarray(other.vertices), np.asarray(other.faces))
        assert found == pytest.approx(area(written.vertices, split_faces(written.faces)[0]), rel=1e-5)


def test_glb_is_valid_and_whole(tmp_path: Path, head: Head) -> None:
    mesh = base_mesh(head, head.neutral)
    assert mesh.normals is not None
    targets = morph_targets(head, head.neutral, mesh.normals)
    n = 52 + len(head.ageing_names)
    weights = np.linspace(0, 1, n)
    write_glb(tmp_path / "a.glb", mesh, primitives(mesh), targets, weights.tolist())
    document, blob = glb_chunks(tmp_path / "a.glb")
    assert document["meshes"][0]["extras"]["targetNames"] == [target.name for target in targets]
    assert len(document["meshes"][0]["weights"]) == n
    check_accessors(document, blob)
    read, names = read_glb(tmp_path / "a.glb")
    assert list(names) == [*ARKIT_NAMES, *(f"age_{name}" for name in head.ageing_names)]
    for primitive in read:
        assert len(primitive.target_offsets) == n
        assert primitive.normals is not None
        np.testing.assert_allclose(np.linalg.norm(primitive.normals, axis=1), 1, atol=1e-5)
        assert primitive.uv is not None
        assert primitive.uv.min() >= -1e-6
        assert primitive.uv.max() <= 1 + 1e-6
    face = next(primitive for primitive in read if primitive.material == "face")
    where = np.array([np.abs(mesh.vertices - p * 1000).sum(axis=1).argmin() for p in face.positions])
    for index in (0, 5, 51, *range(52, n)):
        offsets = targets[index].offsets[where] * 0.001
        np.testing.assert_allclose(face.target_offsets[index], offsets, atol=2e-7)
        np.testing.assert_allclose(face.target_normals[index], targets[index].normal_offsets[where], atol=2e-4)
    bytes_if_dense = n * 2 * 12 * sum(len(primitive.positions) for primitive in read)
    assert len(blob) < bytes_if_dense


def test_age_targets_go_on_from_the_age_of_the_mesh(tmp_path: Path) -> None:
    face = Face()
    face.age = 60
    options = {"what": frozenset({"base_mesh"}), "resolution": 1024}
    report = face.export(tmp_path, **options)
    read, names = read_glb(report.path("base_mesh"))
    document, _ = glb_chunks(report.path("base_mesh"))
    by_name = dict(zip(names, document["meshes"][0]["weights"], strict=True))
    assert [name for name, weight in by_name.items() if weight] == []
    skin = next(primitive for primitive in read if primitive.material == "face")
    rest = face.pose().rest
    assert np.abs(rest - face.head.neutral).max() > 2.0
    away, _ = cKDTree(rest * 0.001).query(skin.positions)
    assert away.max() < 1e-6
    jowls = skin.target_offsets[list(names).index("age_jowls")]
    shape_mm = face.head.ageing[face.head.ageing_names.index("jowls")].astype(float)
    assert np.linalg.norm(jowls, axis=1).max() == pytest.approx(np.linalg.norm(shape_mm, axis=1).max() / 1000, rel=1e-3)


def glb_chunks(path: Path) -> tuple[dict, bytes]:
    data = path.read_bytes()
    magic, version, length = struct.unpack_from("<4sII", data)
    assert (magic, version, length) == (b"glTF", 2, len(data))
    n_json, kind = struct.unpack_from("<I4s", data, 12)
    assert kind == b"JSON"
    n_blob, kind = struct.unpack_from("<I4s", data, 20 + n_json)
    assert kind == b"BIN\0"
    return json.loads(data[20 : 20 + n_json]), data[28 + n_json : 28 + n_json + n_blob]


def check_accessors(document: dict, blob: bytes) -> None:
    """The rules of glTF 2.0 (section 3.6) that importers trip over; every accessor must have a view."""
    sizes, widths = {5123: 2, 5125: 4, 5126: 4}, {"SCALAR": 1, "VEC2": 2, "VEC3": 3}

    def read(view: int, component: int, count: int) -> np.ndarray:
        view_ = document["bufferViews"][view]
        assert view_["byteOffset"] % sizes[component] == 0
        assert view_["byteLength"] >= count * sizes[component]
        assert view_["byteOffset"] + view_["byteLength"] <= len(blob)
        return np.frombuffer(blob, {5123: "<u2", 5125: "<u4", 5126: "<f4"}[component], count, view_["byteOffset"])

    values = []
    for accessor in document["accessors"]:
        width = widths[accessor["type"]]
        content = read(accessor["bufferView"], accessor["componentType"], accessor["count"] * width)
        content = np.array(content).reshape(-1, width)
        if "sparse" in accessor:
            sparse = accessor["sparse"]
            where = read(sparse["indices"]["bufferView"], sparse["indices"]["componentType"], sparse["count"])
            assert (np.diff(where.astype(int)) > 0).all()
            assert where.max() < accessor["count"]
            moved = read(sparse["values"]["bufferView"], 5126, sparse["count"] * width)
            content[where] = moved.reshape(-1, width)
        if "min" in accessor:
            np.testing.assert_array_equal(content.min(axis=0).astype(np.float32), np.float32(accessor["min"]))
            np.testing.assert_array_equal(content.max(axis=0).astype(np.float32), np.float32(accessor["max"]))
        assert np.isfinite(content).all()
        values.append(content)
    for primitive in document["meshes"][0]["primitives"]:
        attributes = primitive["attributes"]
        count = len(values[attributes["POSITION"]])
        assert {len(values[index]) for index in attributes.values()} == {count}
        assert values[primitive["indices"]].max() < count
        assert len(values[primitive["indices"]]) % 3 == 0
        assert "min" in document["accessors"][attributes["POSITION"]]
        for target in primitive["targets"]:
            assert set(target) == {"POSITION", "NORMAL"}
            assert {len(values[index]) for index in target.values()} == {count}
            assert "min" in document["accessors"][target["POSITION"]]


def test_load_mesh_reads_our_glb_in_mm(tmp_path: Path, mesh: MeshData) -> None:
    write_glb(tmp_path / "a.glb", mesh, primitives(mesh))
    read = load_mesh(tmp_path / "a.glb")
    triangles = split_faces(mesh.faces)[0]
    assert len(read.faces) == len(triangles)
    found = area(read.vertices, split_faces(read.faces)[0])
    assert found == pytest.approx(area(mesh.vertices, triangles), rel=1e-4)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("empty.obj", b"", "no vertices"),
        ("points.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\n", "no faces"),
        ("range.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n", "line 4 .* names vertex 9, which is not there"),
        ("zero.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 0 1 2\n", "names vertex 0"),
        ("negative.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf -9 1 2\n", "names vertex -9"),
        ("nan.obj", b"v nan 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "line 1 .* not a finite number"),
        ("huge.obj", b"v 1e999 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "line 1 .* not a finite number"),
        ("words.obj", b"v a b c\nf 1 2 3\n", "line 1 .* no number"),
        ("short.obj", b"v 0 0\nv 1 0 0\nf 1 2 3\n", "line 1 .* 2 numbers, not 3"),
        ("edge.obj", b"v 0 0 0\nv 1 0 0\nf 1 2\n", "fewer than 3 corners"),
        ("large.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 99999999999999999999\n", "line 4 .* not there"),
        ("picture.ply", b"\x89PNG\r\n\x1a\n" + bytes(100), "damaged"),
        (
            "bomb.ply",
            b"ply\nformat binary_little_endian 1.0\nelement vertex 4000000000\nproperty float x\n"
            b"property float y\nproperty float z\nelement face 1\nproperty list uchar int vertex_indices\nend_header\n"
            + bytes(64),
            "damaged",
        ),
        ("order.ply", b"ply\nformat binary_little_endian 1.0\nelement face 0\nend_header\n", "damaged|no vertices"),
        ("text.glb", b"solid nothing", "not a GLB"),
        ("short.glb", b"glTF\x02\0\0\0", "damaged"),
        ("mesh.fbx", b"Kaydara", "read from .obj, .ply and .glb"),
    ],
)
def test_hostile_meshes_are_refused(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(MeshError, match=message) as caught:
        load_mesh(tmp_path / name)
    assert name in str(caught.value)


@pytest.mark.parametrize("far", [3e38, -3e38, 1e20])
def test_coordinates_near_the_largest_number_are_refused_or_read(tmp_path: Path, far: float) -> None:
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32)
    triangle = MeshData(corners, np.array([[0, 1, 2, -1]], np.int32), None, None, None, np.zeros(1, np.int32))
    write_glb(tmp_path / "far.glb", triangle, primitives(triangle))
    data = (tmp_path / "far.glb").read_bytes()
    one = np.float32(0.001).tobytes()
    assert one in data
    (tmp_path / "far.glb").write_bytes(data.replace(one, np.float32(far).tobytes()))
    if abs(far) > 1e36:  # in mm beyond what 32 bits hold
        with pytest.raises(MeshError, match=r"far\.glb.*infinite"):
            load_mesh(tmp_path / "far.glb")
    else:
        assert np.isfinite(load_mesh(tmp_path / "far.glb").vertices).all()


@pytest.fixture(scope="module")
def valid_files(tmp_path_factory: pytest.TempPathFactory, head: Head) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("valid")
    small = base_mesh(head, head.neutral)
    small = small.only(np.arange(len(small.faces)) % 9 == 0)
    write_obj(folder / "a.obj", small)
    write_ply(folder / "a.ply", small)
    write_glb(folder / "a.glb", small, primitives(small))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.filterwarnings("ignore:Ignoring chunk")
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["a.obj", "a.ply", "a.glb"]),
    damage=damages(),
)
def test_damaged_files_only_raise_mesh_errors(
    tmp_path: Path,
    valid_files: dict[str, bytes],
    name: str,
    damage: Callable[[bytes], bytes],
) -> None:
    (tmp_path / name).write_bytes(damage(valid_files[name]))
    with contextlib.suppress(MeshError):
        load_mesh(tmp_path / name)
    if name.endswith("glb"):
        with contextlib.suppress(MeshError):
            read_glb(tmp_path / name)
