"""GLB and VRM as heads: what the program exports comes back, what other programs write is found, lies are refused."""

from __future__ import annotations

import base64
import json
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial import cKDTree

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.gltf import read_gltf
from rhytid.core.head.head import Head, Part
from rhytid.core.head.load import default_head, load_head
from rhytid.core.io.export_meshes import base_mesh
from rhytid.core.io.gltf_file import GltfMaterial, GltfPrimitive, MorphTarget, write_glb


class Builder:
    """A GLB by hand: arrays become accessors, the rest is plain JSON."""

    def __init__(self) -> None:
        self.blob = bytearray()
        self.json: dict[str, Any] = {"asset": {"version": "2.0"}, "bufferViews": [], "accessors": []}

    def view(self, data: bytes, **entry: int) -> int:
        self.blob.extend(bytes(-len(self.blob) % 4))
        place = {"buffer": 0, "byteOffset": len(self.blob), "byteLength": len(data)}
        self.json["bufferViews"].append(place | entry)
        self.blob.extend(data)
        return len(self.json["bufferViews"]) - 1

    def accessor(self, values: np.ndarray) -> int:
        kind = {1: "SCALAR", 2: "VEC2", 3: "VEC3"}[values.shape[1] if values.ndim > 1 else 1]
        component = {"<f4": 5126, "<u4": 5125, "<u2": 5123}[values.dtype.str]
        entry = {"bufferView": self.view(values.tobytes()), "componentType": component, "count": len(values)}
        self.json["accessors"].append(entry | {"type": kind})
        return len(self.json["accessors"]) - 1

    def sparse(self, values: np.ndarray) -> int:
        moving = np.flatnonzero(values.any(axis=1)).astype("<u4")
        sparse = {
            "count": len(moving),
            "indices": {"bufferView": self.view(moving.tobytes()), "componentType": 5125},
            "values": {"bufferView": self.view(values[moving].tobytes())},
        }
        entry = {"componentType": 5126, "count": len(values), "type": "VEC3"}
        self.json["accessors"].append(entry | ({"sparse": sparse} if len(moving) else {}))
        return len(self.json["accessors"]) - 1

    def write(self, path: Path) -> Path:
        self.json["buffers"] = [{"byteLength": len(self.blob)}]
        text = json.dumps(self.json).encode()
        text += b" " * (-len(text) % 4)
        blob = bytes(self.blob) + bytes(-len(self.blob) % 4)
        body = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(blob), 0x004E4942) + blob
        path.write_bytes(struct.pack("<III", 0x46546C67, 2, 12 + len(body)) + body)
        return path


    def write_text(self, path: Path, uri: str, data: bytes | None = None) -> Path:
        """A .gltf whose buffer is at `uri`; a file of that name beside it where there is `data`."""
        self.json["buffers"] = [{"byteLength": len(self.blob), "uri": uri}]
        path.write_text(json.dumps(self.json))
        if data is not None:
            (path.parent / uri.replace("%20", " ")).write_bytes(data)
        return path


SHAPES = ("jawOpen", "mouthSmileLeft", "mouthSmileRight", "eyeBlinkLeft")


def face_of_another_program(names: tuple[str, ...] = SHAPES, turn: np.ndarray | None = None) -> Builder:
    """The skin and eyes of the default head under names of others, one shape sparse, beside a body."""
    head = default_head()
    builder = Builder()
    turn = np.eye(3) if turn is None else turn
    vertices = (head.neutral.astype(float) @ turn.T / 1000).astype("<f4")
    targets = []
    for number, name in enumerate(SHAPES):
        offsets = (head.expression[ARKIT_INDEX[name]].astype(float) @ turn.T / 1000).astype("<f4")
        targets.append({"POSITION": builder.accessor(offsets) if number == 0 else builder.sparse(offsets)})
    position = builder.accessor(vertices)
    skin = builder.accessor(head.skin_triangles.astype("<u4").ravel())
    is_eye = np.isin(head.triangle_parts, (Part.EYE_LEFT, Part.EYE_RIGHT))
    eyes = builder.accessor(head.triangles[is_eye].astype("<u4").ravel())
    cube = builder.accessor(np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], "<f4"))
    builder.json |= {
        "materials": [{"name": "N00_Face_SKIN"}, {"name": "EyeIris"}, {"name": "Body"}],
        "meshes": [
            {
                "primitives": [
                    {"attributes": {"POSITION": position}, "indices": skin, "targets": targets, "material": 0},
                    {"attributes": {"POSITION": position}, "indices": eyes, "material": 1},
                ],
                "extras": {"targetNames": list(names)},
            },
            {"primitives": [{"attributes": {"POSITION": cube}, "material": 2}]},
        ],
        "nodes": [{"children": [1, 2], "translation": [0, 1.5, 0]}, {"mesh": 0}, {"mesh": 1, "scale": [9, 9, 9]}],
        "scenes": [{"nodes": [0]}],
    }
    return builder


def test_our_own_export_comes_back_as_it_was(tmp_path: Path) -> None:
    head = default_head()
    mesh = base_mesh(head, head.neutral)
    offsets = head.expression.astype(np.float32)
    targets = [MorphTarget(name, moved, 0 * moved) for name, moved in zip(ARKIT_NAMES, offsets, strict=True)]
    primitives = [
        GltfPrimitive(mesh.material == number, GltfMaterial(name)) for number, name in enumerate(mesh.material_names)
    ]
    write_glb(tmp_path / "own.glb", mesh, primitives, targets)
    again = load_head(tmp_path / "own.glb")
    assert again.notes == ("scaled from metres",)
    assert (len(again.neutral), again.n_skin) == (len(head.neutral), head.n_skin)
    distance, index = cKDTree(again.neutral).query(head.neutral)
    assert distance.max() < 1e-4
    np.testing.assert_array_equal(again.expression[:, index], head.expression)
    skin = index[: head.n_skin]
    on_face = head.detail_weight > 0
    np.testing.assert_allclose(again.chart[skin][on_face], head.chart[on_face], atol=1e-3)
    np.testing.assert_allclose(again.eye_centers, head.eye_centers, atol=1)
    count = {part: int((head.triangle_parts == part).sum()) for part in Part}
    assert {part: int((again.parts == part).sum()) for part in Part} == count


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Head:
    return load_head(face_of_another_program().write(tmp_path_factory.mktemp("plain") / "face.vrm"))


def test_a_head_beside_a_body_is_found_and_moved(plain: Head) -> None:
    head = default_head()
    assert "scaled from metres" in plain.notes
    assert "moved by 1.5 m to where heads are" in plain.notes
    assert any(note.startswith("without 48 of the 52 shapes") for note in plain.notes)
    assert plain.n_skin == head.n_skin
    np.testing.assert_allclose(np.ptp(plain.neutral, axis=0), np.ptp(head.neutral, axis=0), atol=0.1)
    assert np.linalg.norm(plain.neutral[: plain.n_skin].mean(axis=0) - head.neutral[: head.n_skin].mean(axis=0)) < 2
    assert set(plain.parts.tolist()) == {Part.SKIN, Part.EYE_LEFT, Part.EYE_RIGHT}
    assert plain.eye_centers[0, 0] > 20
    assert plain.eye_centers[1, 0] < -20
    assert set(plain.made_shapes) == set(ARKIT_NAMES) - set(SHAPES)


def test_z_up_with_names_of_others(tmp_path: Path, plain: Head) -> None:
    turn = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]])
    names = ("Jaw_Open", "Face.M_MouthSmile_L", "MouthSmileRight.001", "Blink_L")
    again = read_gltf(face_of_another_program(names, turn).write(tmp_path / "face.glb"), default_head())
    assert "turned by -90 degrees about X" in again.notes
    np.testing.assert_allclose(np.ptp(again.neutral, axis=0), np.ptp(plain.neutral, axis=0), atol=1e-2)
    measured = [ARKIT_INDEX[name] for name in SHAPES]
    np.testing.assert_allclose(again.expression[measured], plain.expression[measured], atol=0.03)
    assert not np.delete(again.expression, measured, axis=0).any()


@pytest.mark.parametrize("is_inside", [True, False])
def test_a_gltf_with_its_buffer_inside_or_beside_it_is_the_same(tmp_path: Path, plain: Head, is_inside: bool) -> None:
    glb = face_of_another_program()
    data = bytes(glb.blob)
    uri = "data:application/octet-stream;base64," + base64.b64encode(data).decode()
    path = tmp_path / "face.gltf"
    glb.write_text(path, *((uri,) if is_inside else ("the%20face.bin", data)))
    again = read_gltf(path, default_head())
    np.testing.assert_array_equal(again.neutral, plain.neutral)
    measured = [ARKIT_INDEX[name] for name in SHAPES]  # the others are made after reading
    np.testing.assert_array_equal(again.expression[measured], plain.expression[measured])


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("../face.bin", "outside of its folder"),
        ("%2e%2e/face.bin", "outside of its folder"),
        ("/etc/hostname", "outside of its folder"),
        ("file:///etc/hostname", "outside of its folder"),
        ("https://example.com/face.bin", "outside of its folder"),
        ("C:\\face.bin", "outside of its folder"),
        ("link.bin", "outside of its folder"),
        ("face%00.bin", "outside of its folder"),
        ("lost.bin", "not there: take its files along"),
        ("data:application/octet-stream;base64,####", "no base64"),
        ("data:text/plain,hello", "not base64"),
        (".", "is a folder"),
        ("small.bin", "byteOffset|byteLength|more than it holds"),
    ],
)
def test_buffers_out_of_reach_are_refused(tmp_path: Path, uri: str, message: str) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    glb = face_of_another_program()
    (tmp_path / "face.bin").write_bytes(bytes(glb.blob))
    (folder / "link.bin").symlink_to(tmp_path / "face.bin")
    (folder / "small.bin").write_bytes(bytes(100))
    with pytest.raises(HeadFileError, match=message):
        load_head(glb.write_text(folder / "face.gltf", uri))


def without_names(glb: Builder) -> None:
    del glb.json["meshes"][0]["extras"]


def cube_with_shapes(glb: Builder) -> None:
    corners = np.array(np.meshgrid([0, 1], [0, 1], [0, 1])).reshape(3, 8).T.astype("<f4")
    faces = np.array([0, 1, 3, 0, 3, 2, 4, 6, 7, 4, 7, 5, 0, 4, 5, 0, 5, 1, 2, 3, 7, 2, 7, 6], "<u4")
    position = {"POSITION": glb.accessor(corners)}
    cube = {"attributes": position, "indices": glb.accessor(faces), "targets": [position]}
    glb.json["meshes"] = [{"primitives": [cube], "extras": {"targetNames": ["jawOpen"]}}]
    glb.json["nodes"] = [{"mesh": 0}]


def edit(*path: Any, value: Any) -> Callable[[Builder], None]:
    def change(glb: Builder) -> None:
        place = glb.json
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (cube_with_shapes, "no human face"),
        (edit("extensionsRequired", value=["KHR_draco_mesh_compression"]), "KHR_draco_mesh_compression"),
        (edit("extensionsUsed", value=["EXT_meshopt_compression"]), "EXT_meshopt_compression"),
        (edit("accessors", 0, "count", value=2_000_000_000), "count 2000000000"),
        (edit("accessors", 0, "count", value=23478), "another number of vertices"),
        (edit("accessors", 0, "count", value=-1), "count -1"),
        (edit("accessors", 0, "count", value=1e3), "count 1000.0"),
        (edit("accessors", 0, "componentType", value=5130), "component type 5130"),
        (edit("accessors", 0, "type", value="MAT4"), "damaged"),
        (edit("accessors", 0, "bufferView", value=-1), "bufferViews -1"),
        (edit("accessors", 0, "byteOffset", value=8), "more than it holds"),
        (edit("bufferViews", 0, "byteOffset", value=10**9), "byteOffset"),
        (edit("bufferViews", 0, "byteLength", value=10**9), "byteLength"),
        (edit("bufferViews", 0, "byteStride", value=1), "more than it holds"),
        (edit("bufferViews", 0, "buffer", value=1), "another file"),
        (edit("accessors", 1, "sparse", "count", value=10**9), "count 1000000000"),
        (edit("accessors", 1, "sparse", "indices", "componentType", value=5126), "sparse"),
        (edit("meshes", 0, "primitives", 0, "attributes", value=[]), "attributes"),
        (edit("meshes", 0, "primitives", 0, "targets", value=[1, 1, 1, 1]), "targets"),
        (edit("nodes", 1, "mesh", value=7), "meshes 7"),
        (edit("nodes", 1, "children", value=[1]), "no mesh of it is a head|its own child"),
        (edit("nodes", 2, "children", value=[1]), "its own child"),
        (edit("nodes", 0, "translation", value=[0, "x", 0]), "translation"),
        (edit("nodes", 0, "rotation", value=5), "rotation"),
        (edit("meshes", value={}), "meshes"),
    ],
)
def test_what_is_no_head_or_lies_is_named_in_one_line(
    tmp_path: Path, change: Callable[[Builder], None], message: str
) -> None:
    glb = face_of_another_program()
    change(glb)
    path = glb.write(tmp_path / "face.glb")
    with pytest.raises(HeadFileError, match=message) as caught:
        load_head(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no GLB"),
        (b"glTF", "cut off"),
        (b"Kaydara FBX Binary  \0", "no GLB"),
        (struct.pack("<IIIII", 0x46546C67, 1, 20, 0, 0x4E4F534A), "glTF 1"),
        (struct.pack("<IIIII", 0x46546C67, 2, 1 << 31, 0, 0x4E4F534A), "cut off"),
        (struct.pack("<IIIII", 0x46546C67, 2, 24, 1 << 31, 0x4E4F534A) + bytes(4), "cut off"),
        (struct.pack("<IIIII", 0x46546C67, 2, 24, 4, 0x4E4F534A) + b"[1] ", "damaged"),
        (struct.pack("<IIIII", 0x46546C67, 2, 28, 8, 0x4E4F534A) + b'{"a":NaN', "JSON"),
        (struct.pack("<IIIII", 0x46546C67, 2, 22, 2, 0x4E4F534A) + b"{}", "no mesh of it is a head"),
        (struct.pack("<IIIII", 0x46546C67, 2, 40, 2, 0x4E4F534A) + b"{}" + struct.pack("<II", 99, 0x4E4942), "cut off"),
    ],
)
def test_broken_containers_are_refused(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "broken.glb"
    path.write_bytes(data)
    with pytest.raises(HeadFileError, match=message):
        load_head(path)


def test_zeros_without_end_are_not_made(tmp_path: Path) -> None:
    glb = Builder()
    zeros = {"componentType": 5126, "count": 2_000_000, "type": "VEC3"}
    primitive = {"attributes": {"POSITION": 0}, "targets": [{"POSITION": 0}]}
    glb.json |= {
        "accessors": [zeros],
        "meshes": [{"primitives": [primitive] * 50, "extras": {"targetNames": ["jawOpen"]}}],
        "nodes": [{"mesh": 0}],
    }
    path = glb.write(tmp_path / "zeros.glb")
    tracemalloc.start()
    with pytest.raises(HeadFileError, match="vertices"):
        load_head(path)
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()
