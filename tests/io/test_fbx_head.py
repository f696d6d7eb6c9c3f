"""FBX as heads: what Blender wrote comes back through it, upright, in mm and with its shapes."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from other_programs import blender
from scipy.spatial import cKDTree

from rhytid.core import blender_bridge
from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.fbx import read_fbx
from rhytid.core.head.head import Part
from rhytid.core.head.load import default_head, load_head

NAMES = {"Jaw_Open": "jawOpen", "AU12_L": "mouthSmileLeft", "mouthSmile_R": "mouthSmileRight"}
WRITE = """
import bpy, numpy as np
bpy.ops.wm.read_factory_settings(use_empty=True)
data, target = np.load(ARGS[0]), ARGS[1]
pictures = {"head": ARGS[2], "eyes": ARGS[3]}
for name in ("head", "eyes"):
    mesh = bpy.data.meshes.new(name)
    points = data[name][:, [0, 2, 1]] * [1, -1, 1]
    mesh.from_pydata(points.tolist(), [], data[name + "_faces"].tolist())
    made = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(made)
    mesh.uv_layers.new(name="st")
    material = bpy.data.materials.new({"head": "face", "eyes": "iris"}[name])
    material.use_nodes = True
    mesh.materials.append(material)
    nodes, picture = material.node_tree.nodes, bpy.data.images.new(name, 4, 4)
    picture.filepath_raw, picture.file_format = pictures[name], "PNG"
    picture.save()
    shown = nodes.new("ShaderNodeTexImage")
    shown.image = bpy.data.images.load(pictures[name])
    surface = next(node for node in nodes if node.type == "BSDF_PRINCIPLED")
    material.node_tree.links.new(shown.outputs["Color"], surface.inputs["Base Color"])
    if name == "head":
        made.shape_key_add(name="Basis")
        for shape, offsets in zip(ARGS[4:], data["shapes"]):
            key = made.shape_key_add(name=shape)
            key.data.foreach_set("co", (points + offsets[:, [0, 2, 1]] * [1, -1, 1]).ravel())
bpy.ops.export_scene.fbx(filepath=target, object_types={"MESH"}, path_mode="ABSOLUTE")
tell(True)
"""


@pytest.fixture(scope="module")
def fbx(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Skin with three shapes and eyes of their own in Blender's metres, Z up; the eyes' picture lies elsewhere."""
    head, folder = default_head(), tmp_path_factory.mktemp("fbx")
    own, elsewhere = folder / "skin.png", tmp_path_factory.mktemp("elsewhere") / "secret.png"
    arrays = {}
    for name, parts in (("head", [Part.SKIN]), ("eyes", [Part.EYE_LEFT, Part.EYE_RIGHT])):
        triangles = head.triangles[np.isin(head.triangle_parts, parts)]
        used, faces = np.unique(triangles, return_inverse=True)
        arrays |= {name: head.neutral[used] / 1000, f"{name}_faces": faces.reshape(-1, 3)}
        if name == "head":
            rows = [ARKIT_INDEX[arkit] for arkit in NAMES.values()]
            arrays["shapes"] = head.expression[rows].astype(np.float32)[:, used] / 1000
    np.savez(folder / "head.npz", allow_pickle=False, **arrays)
    blender(WRITE, folder / "head.npz", folder / "anna.fbx", own, elsewhere, *NAMES)
    return folder / "anna.fbx"


@pytest.fixture
def _reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program reads with the Blender that the tests write with."""
    if os.environ.get("RHYTID_BPY"):
        monkeypatch.setenv(blender_bridge.VARIABLE, os.environ["RHYTID_BPY"])


@pytest.mark.usefixtures("_reader")
def test_a_head_with_shape_keys_comes_back(fbx: Path) -> None:
    model, own = read_fbx(fbx, default_head()), default_head()
    assert model.notes[0].startswith("turned into a GLB by Blender ")
    assert "pictures left out, they are neither in the file nor in its folder: secret.png" in model.notes
    assert {one.name: len(one.pictures) for one in model.materials} == {"face": 1, "iris": 0}
    assert not any(note.startswith("turned by") for note in model.notes)
    assert set(model.measured) == set(NAMES.values())
    assert model.n_skin == own.n_skin
    away, same = cKDTree(model.neutral[: model.n_skin]).query(own.neutral[: own.n_skin])
    assert away.max() < 0.01
    for name in NAMES.values():
        moves = model.expression[ARKIT_INDEX[name], : own.n_skin].astype(float)[same]
        np.testing.assert_allclose(moves, own.expression[ARKIT_INDEX[name], : own.n_skin].astype(float), atol=0.03)
    assert {Part.EYE_LEFT, Part.EYE_RIGHT} <= set(model.parts.tolist())
    right = model.neutral[np.unique(model.faces[model.parts == Part.EYE_RIGHT][:, :3]), 0]
    assert right.max() < 0


@pytest.mark.usefixtures("_reader")
def test_what_blender_cannot_read_is_named(fbx: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.fbx"
    path.write_bytes(fbx.read_bytes()[:4000])
    with pytest.raises(HeadFileError, match=r"cut\.fbx: .*; export the head as GLB"):
        load_head(path)


def test_without_blender_the_message_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(blender_bridge.VARIABLE, str(tmp_path / "nowhere"))
    path = tmp_path / "anna.fbx"
    path.write_bytes(b"Kaydara FBX Binary  ")
    with pytest.raises(HeadFileError, match=r"anna\.fbx: RHYTID_BLENDER names .*; or export the head as GLB"):
        load_head(path)
