"""USD as its own library takes it: shapes, skin, materials, keys and units, text, binary and package."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.head.head import Head
from rhytid.core.io.errors import MeshError
from rhytid.core.io.export_meshes import base_mesh, morph_targets
from rhytid.core.io.gltf_file import GltfMaterial
from rhytid.core.io.morph_motion import MorphMotion
from rhytid.core.io.placing import Placing
from rhytid.core.io.usd_file import NoUsdError, read_usd, write_usd
from rhytid.core.io.usd_scene import UsdFace, UsdMaterial, UsdPicture

pxr = pytest.importorskip("pxr", reason="needs usd-core, which has no build for every machine")
from pxr import Gf, Usd, UsdGeom, UsdShade, UsdSkel, UsdValidation  # noqa: E402

FPS = 25.0


def make_face(head: Head, **changes: Any) -> UsdFace:
    mesh = base_mesh(head, head.neutral)
    assert mesh.normals is not None
    targets = morph_targets(head, head.neutral, mesh.normals)
    weights = np.zeros((26, len(targets)), np.float32)
    weights[:, 0] = np.minimum(np.linspace(0, 2, 26), 1)
    pictures = {
        "diffuseColor": UsdPicture("albedo.png", srgb=True),
        "normal": UsdPicture("normal.png", scale=2.0, bias=-1.0),
        "roughness": UsdPicture("orm.png", "g"),
        "occlusion": UsdPicture("orm.png", "r"),
        "displacement": UsdPicture("height.exr", "r", scale=0.1),
    }
    materials = [UsdMaterial(GltfMaterial(name, specular=0.7), pictures) for name in mesh.material_names]
    motion = MorphMotion(FPS, np.arange(26) / FPS, weights).reduced()
    face = UsdFace(mesh, materials, targets, [0.25, *[0.0] * (len(targets) - 1)], motion, notes={"length": "mm"})
    return replace(face, **changes)


PNG = cv2.imencode(".png", np.full((4, 4, 3), 128, np.uint8))[1].tobytes()
PICTURES = dict.fromkeys(("albedo.png", "normal.png", "orm.png", "height.exr"), PNG)


def packaged(face: UsdFace) -> UsdFace:
    """Without displacement, which is in no package."""
    kept = [
        replace(one, pictures={name: picture for name, picture in one.pictures.items() if name != "displacement"})
        for one in face.materials
    ]
    return replace(face, materials=kept)


def complaints(path: Path) -> list[str]:
    """All that the library's validators say."""
    validators = UsdValidation.ValidationRegistry().GetOrLoadAllValidators()
    found = UsdValidation.ValidationContext(validators).Validate(Usd.Stage.Open(str(path)))
    return [f"{error.GetName()}: {error.GetMessage()}" for error in found]


@pytest.fixture(scope="module")
def files(head: Head, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("usd")
    for name, content in PICTURES.items():
        (folder / name).write_bytes(content)
    face = make_face(head)
    write_usd(folder / "face.usda", face)
    write_usd(folder / "face.usdc", replace(face, placing=Placing("cm", "z")))
    write_usd(folder / "face.usdz", packaged(replace(face, placing=Placing("cm"))), PICTURES)
    return {suffix: folder / f"face{suffix}" for suffix in (".usda", ".usdc", ".usdz")}


def test_the_validators_have_nothing_to_say(files: dict[str, Path]) -> None:
    for path in files.values():
        assert complaints(path) == []


def test_the_validators_see_faults(files: dict[str, Path], tmp_path: Path) -> None:
    text = files[".usda"].read_text("utf-8").replace('    upAxis = "Y"\n', "").replace("albedo.png", "gone.png")
    (tmp_path / "bad.usda").write_text(text, "utf-8")
    said = " ".join(complaints(tmp_path / "bad.usda"))
    assert "upAxis" in said
    assert "gone.png" in said


def test_mesh_and_shapes_are_ours_in_any_unit_and_axis(head: Head, files: dict[str, Path]) -> None:
    face = make_face(head)
    for path in files.values():
        read = read_usd(path)
        np.testing.assert_allclose(read.vertices, face.mesh.vertices, atol=1e-4)
        valid = face.mesh.faces >= 0
        np.testing.assert_array_equal(read.face_sizes, valid.sum(axis=1))
        np.testing.assert_array_equal(read.corners, face.mesh.faces[valid])
        assert list(read.shapes)[:52] == list(ARKIT_NAMES)
        for target in face.targets:
            np.testing.assert_allclose(read.shapes[target.name], target.offsets, atol=2e-4)
    assert (read_usd(files[".usda"]).face_sizes == 4).any()


def test_the_stage_says_its_units(files: dict[str, Path]) -> None:
    for suffix, unit_m, axis in ((".usda", 1.0, "Y"), (".usdc", 0.01, "Z"), (".usdz", 0.01, "Y")):
        stage = Usd.Stage.Open(str(files[suffix]))
        assert UsdGeom.GetStageMetersPerUnit(stage) == pytest.approx(unit_m)
        assert UsdGeom.GetStageUpAxis(stage) == axis
        assert (stage.GetStartTimeCode(), stage.GetEndTimeCode(), stage.GetTimeCodesPerSecond()) == (0, 25, FPS)
        assert stage.GetDefaultPrim().GetCustomDataByKey("rhytid") == {"length": "mm"}
        mesh = UsdGeom.Mesh(stage.GetPrimAtPath("/face/mesh"))
        assert mesh.GetSubdivisionSchemeAttr().Get() == "catmullClark"
        st = UsdGeom.PrimvarsAPI(mesh).GetPrimvar("st")
        assert (st.GetInterpolation(), st.IsIndexed()) == ("faceVarying", True)
        assert max(float(u) for u, _v in st.Get()) > 1  # UDIM tiles stay


def test_baked_skinning_is_our_shape(head: Head, tmp_path: Path) -> None:
    face = make_face(head, motion=None)
    for index in (0, 17, 40):
        weights = np.zeros(len(face.targets))
        weights[index] = 1.0
        path = write_usd(tmp_path / f"{index}.usdc", replace(face, weights=weights.tolist(), placing=Placing("cm")))[0]
        stage = Usd.Stage.Open(str(path))
        assert UsdSkel.BakeSkinning(UsdSkel.Root(stage.GetDefaultPrim()), Gf.Interval(0, 0))
        mesh = UsdGeom.Mesh(stage.GetPrimAtPath("/face/mesh"))
        baked = np.array(mesh.GetPointsAttr().Get(0)) * 10
        meant = face.mesh.vertices + face.targets[index].offsets
        assert np.abs(baked - meant).max() < 0.01  # mm
        assert np.abs(face.targets[index].offsets).max() > 1


def test_shapes_hold_only_what_moves(head: Head, files: dict[str, Path]) -> None:
    face = make_face(head)
    stage = Usd.Stage.Open(str(files[".usdc"]))
    for target in face.targets:
        shape = UsdSkel.BlendShape(stage.GetPrimAtPath(f"/face/mesh/{target.name}"))
        values = (shape.GetOffsetsAttr(), shape.GetNormalOffsetsAttr(), shape.GetPointIndicesAttr())
        counts = {len(attribute.Get()) for attribute in values}
        assert len(counts) == 1
        assert 1 <= counts.pop() < 0.9 * len(face.mesh.vertices)


def test_weights_have_keys(files: dict[str, Path]) -> None:
    stage = Usd.Stage.Open(str(files[".usdz"]))
    weights = UsdSkel.Animation(stage.GetPrimAtPath("/face/skeleton/animation")).GetBlendShapeWeightsAttr()
    assert weights.Get()[0] == pytest.approx(0.25)  # of the pose
    assert 2 < weights.GetNumTimeSamples() < 6  # of 26 frames, for it rises and holds
    for frame, weight in ((0, 0), (5, 0.4), (12, 0.96), (25, 1)):
        assert weights.Get(frame)[0] == pytest.approx(weight, abs=0.01)


def test_materials_are_bound_and_painted(head: Head, files: dict[str, Path]) -> None:
    stage = Usd.Stage.Open(str(files[".usda"]))
    mesh = stage.GetPrimAtPath("/face/mesh")
    subsets = {s.GetPrim().GetName(): s for s in UsdShade.MaterialBindingAPI(mesh).GetMaterialBindSubsets()}
    assert set(subsets) == {"face", "head", "eye_left", "mouth"}  # the others have no face in this head
    for name, subset in subsets.items():
        material = UsdShade.MaterialBindingAPI(subset.GetPrim()).ComputeBoundMaterial()[0]
        assert material.GetPrim().GetName() == name
        surface = material.ComputeSurfaceSource()[0]
        normal = surface.GetInput("normal").GetConnectedSources()[0][0].source
        texture = UsdShade.Shader(normal.GetPrim())
        assert texture.GetInput("sourceColorSpace").Get() == "raw"
        assert texture.GetInput("scale").Get() == Gf.Vec4f(2, 2, 2, 1)
        assert texture.GetInput("bias").Get() == Gf.Vec4f(-1, -1, -1, 0)
        ior = surface.GetInput("ior").Get()
        assert ((ior - 1) / (ior + 1)) ** 2 == pytest.approx(0.04 * 0.7, rel=1e-3)
        assert not material.ComputeDisplacementSource()[0]  # the same relief would be there twice
    assert stage.GetDefaultPrim().GetVariantSets().GetVariantSet("relief").SetVariantSelection("displacement")
    for name in subsets:
        material = UsdShade.Material(stage.GetPrimAtPath(f"/face/materials/{name}"))
        surface = material.ComputeDisplacementSource()[0]
        inputs = {one.GetBaseName() for one in surface.GetInputs()}
        assert "displacement" in inputs
        assert "normal" not in inputs


def test_a_mesh_without_shapes_needs_no_skeleton(head: Head, tmp_path: Path) -> None:
    path = write_usd(tmp_path / "a.usdc", make_face(head, targets=(), weights=(), motion=None, subdivided=False))[0]
    stage = Usd.Stage.Open(str(path))
    assert stage.GetDefaultPrim().GetTypeName() == "Xform"
    assert not stage.GetPrimAtPath("/face/skeleton")
    assert stage.GetPrimAtPath("/face/mesh").GetAttribute("subdivisionScheme").Get() == "none"


def test_damaged_files_are_named(tmp_path: Path, files: dict[str, Path]) -> None:
    cut = files[".usdc"].read_bytes()[:3000]
    for name, content in (("a.usda", b"#usda 1.0\n("), ("a.usdc", cut), ("b.usda", b"#usda 1.0\n")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(MeshError, match=rf"{name}.*export it again"):
            read_usd(tmp_path / name)


def test_without_the_library_a_remedy_is_named(head: Head, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(NoUsdError, match="pip install usd-core"):
        write_usd(tmp_path / "a.usda", make_face(head))
    assert list(tmp_path.iterdir()) == []
