"""USD as heads: blend shapes of UsdSkel in any axes and unit; scenes that reach out of their folder are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.head import Part
from rhytid.core.head.load import default_head, load_head
from rhytid.core.head.usd import read_usd
from rhytid.core.io.export_meshes import base_mesh
from rhytid.core.io.gltf_file import GltfMaterial, MorphTarget
from rhytid.core.io.usd_file import UsdFace, write_usd
from rhytid.core.io.usd_scene import UsdMaterial

pxr = pytest.importorskip("pxr")
NAMES = {"Jaw_Open": "jawOpen", "AU12_L": "mouthSmileLeft", "mouthSmile_R": "mouthSmileRight"}


def write_scene(path: Path) -> Path:
    """Skin with three shapes, eyes of their own and a box, in metres under a turned transform."""
    from pxr import Gf, Usd, UsdGeom, UsdSkel, Vt

    head = default_head()
    stage = Usd.Stage.CreateNew(str(path))
    root = UsdSkel.Root.Define(stage, "/anna")
    root.AddRotateXOp().Set(90.0)
    for name, parts in (("skin", [Part.SKIN]), ("eyes", [Part.EYE_LEFT, Part.EYE_RIGHT])):
        faces = head.faces[np.isin(head.parts, parts)]
        used, index = np.unique(faces[faces >= 0], return_inverse=True)
        mesh = UsdGeom.Mesh.Define(stage, f"/anna/{name}")
        mesh.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(head.neutral[used] / np.float32(1000)))
        mesh.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy((faces >= 0).sum(axis=1).astype(np.int32)))
        mesh.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(index.astype(np.int32)))
        if name == "skin":
            binding = UsdSkel.BindingAPI.Apply(mesh.GetPrim())
            binding.CreateBlendShapesAttr(list(NAMES))
            for shape_name, arkit in NAMES.items():
                offsets = head.expression[ARKIT_INDEX[arkit]].astype(np.float32)[used] / np.float32(1000)
                moving = np.flatnonzero(offsets.any(axis=1)).astype(np.int32)
                shape = UsdSkel.BlendShape.Define(stage, f"/anna/skin/{shape_name}")
                shape.CreateOffsetsAttr(Vt.Vec3fArray.FromNumpy(offsets[moving]))
                shape.CreatePointIndicesAttr(Vt.IntArray.FromNumpy(moving))
                binding.CreateBlendShapeTargetsRel().AddTarget(shape.GetPath())
    box = UsdGeom.Mesh.Define(stage, "/anna/box")
    box.CreatePointsAttr([Gf.Vec3f(0, 0, 0), Gf.Vec3f(1, 0, 0), Gf.Vec3f(0, 1, 0)])
    box.CreateFaceVertexCountsAttr([3])
    box.CreateFaceVertexIndicesAttr([0, 1, 2])
    stage.Save()
    return path


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scene(tmp_path_factory.mktemp("usd") / "anna.usdc")


def test_a_head_with_blend_shapes_is_read(scene: Path) -> None:
    own = default_head()
    model = read_usd(scene, own)
    assert set(model.measured) == set(NAMES.values())
    assert "turned by -90 degrees about X" in model.notes
    assert model.n_skin == own.n_skin
    assert (model.faces[:, 3] >= 0).any(), "quads stay quads"
    np.testing.assert_allclose(model.neutral[: own.n_skin], own.neutral[: own.n_skin], atol=2e-3)
    for name in NAMES.values():
        skin = (h.expression[ARKIT_INDEX[name], : own.n_skin].astype(float) for h in (model, own))
        np.testing.assert_allclose(*skin, atol=0.03)
    assert {part: int((model.parts == part).sum()) for part in (Part.EYE_LEFT, Part.EYE_RIGHT)} == {
        part: int((own.parts == part).sum()) for part in (Part.EYE_LEFT, Part.EYE_RIGHT)
    }


def test_our_own_export_comes_back_as_it_was(tmp_path: Path) -> None:
    own = default_head()
    mesh = base_mesh(own, own.neutral)
    offsets = own.expression.astype(np.float32)
    targets = [MorphTarget(name, moved, 0 * moved) for name, moved in zip(ARKIT_NAMES, offsets, strict=True)]
    materials = [UsdMaterial(GltfMaterial(name), {}) for name in mesh.material_names]
    write_usd(tmp_path / "own.usdz", UsdFace(mesh, materials, targets, [0.0] * len(targets), None, notes={}))
    model = read_usd(tmp_path / "own.usdz", own)
    assert model.measured == ARKIT_NAMES
    np.testing.assert_allclose(model.neutral[: own.n_skin], own.neutral[: own.n_skin], atol=2e-3)
    assert {part: int((model.parts == part).sum()) for part in Part} == {
        part: int((own.parts == part).sum()) for part in Part
    }


SCENES = {
    "outside": ('#usda 1.0\ndef "a" (references = @../secret.usda@</a>)\n{\n}\n', "outside of its folder: flatten it"),
    "absolute": ('#usda 1.0\n(subLayers = [@/etc/a.usda@])\n', "outside of its folder"),
    "far": ('#usda 1.0\ndef "a" (payload = @https://example.com/a.usda@)\n{\n}\n', "outside of its folder"),
    "empty": ("#usda 1.0\n", "holds no mesh"),
    "broken": ("#usda 1.0\ndef {{{", "no readable USD"),
    "nothing": ("", "no readable USD"),
    "lie": (
        '#usda 1.0\ndef Mesh "a" {\n point3f[] points = [(0,0,0)]\n int[] faceVertexCounts = [3]\n'
        " int[] faceVertexIndices = [0, 1, 2]\n}\n",
        "not there",
    ),
}


@pytest.mark.parametrize(("text", "message"), SCENES.values(), ids=SCENES.keys())
def test_scenes_that_are_no_head_are_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "own").mkdir()
    path = tmp_path / "own" / "scene.usda"
    path.write_text(text)
    with pytest.raises(HeadFileError, match=message) as caught:
        load_head(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_damaged_crate_is_refused(scene: Path, tmp_path: Path) -> None:
    data = scene.read_bytes()
    path = tmp_path / "cut.usdc"
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(HeadFileError, match=r"cut\.usdc"):
        load_head(path)
