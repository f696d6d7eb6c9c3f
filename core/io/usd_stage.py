"""A face as a stage of USD: a mesh with blend shapes bound to a skeleton of one joint, and what it is painted with.

/face (SkelRoot) holds `mesh`, `skeleton` with its `animation`, `materials`, and what else the head's file holds. Needs
`pxr`: loaded by `usd_file`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pxr import Kind, Sdf, Tf, Usd, UsdGeom, UsdShade, UsdSkel, UsdUtils, Vt

from rhytid.core.io.usd_material import RELIEF, add_material, add_relief
from rhytid.core.io.usd_parts import add_parts
from rhytid.core.io.usd_scene import UsdFace
from rhytid.core.io.usd_shapes import add_shapes, add_skeleton, vectors

_ROOT, _JOINT = Sdf.Path("/face"), "head"
MESH_PATH = _ROOT.AppendChild("mesh")
_SKELETON, _MATERIALS = _ROOT.AppendChild("skeleton"), _ROOT.AppendChild("materials")


def save_stage(path: Path, face: UsdFace) -> None:
    """Write a new file, text or binary by its suffix."""
    made = stage(face)  # its layer lives as long as it does
    made.GetRootLayer().Export(str(path))


def save_package(path: Path, face: UsdFace) -> None:
    """Write a package of the stage and the pictures beside `path`, which it names."""
    flat = path.with_suffix(".usdc")
    save_stage(flat, face)
    if not UsdUtils.CreateNewARKitUsdzPackage(Sdf.AssetPath(str(flat)), str(path)):
        raise OSError(f"{path.name}: the package could not be made")


def stage(face: UsdFace) -> Usd.Stage:
    """The stage, in memory."""
    made = Usd.Stage.CreateInMemory()
    place = face.placing
    UsdGeom.SetStageMetersPerUnit(made, round(0.001 / place.per_mm, 9))
    UsdGeom.SetStageUpAxis(made, UsdGeom.Tokens.z if place.up == "z" else UsdGeom.Tokens.y)
    root = (UsdSkel.Root if face.targets else UsdGeom.Xform).Define(made, _ROOT)
    made.SetDefaultPrim(root.GetPrim())
    Usd.ModelAPI(root).SetKind(Kind.Tokens.component)
    if face.notes:
        root.GetPrim().SetCustomDataByKey("rhytid", dict(face.notes))
        said = "; ".join(f"{key}: {value}" for key, value in face.notes.items())
        made.GetRootLayer().documentation = f"Rhytid. {said}"
    if face.motion is not None:
        made.SetTimeCodesPerSecond(face.motion.fps)
        made.SetFramesPerSecond(face.motion.fps)
        made.SetStartTimeCode(0.0)
        made.SetEndTimeCode(float(face.motion.times_s[-1] * face.motion.fps))
    mesh = _mesh(made, face)
    _paint(made, mesh, face)
    if face.targets:
        _animate(made, mesh, face)
    add_parts(made, _ROOT, _MATERIALS, _SKELETON if face.targets else None, face.others, face.placing)
    mesh.CreateExtentAttr(UsdGeom.PointBased.ComputeExtent(mesh.GetPointsAttr().Get()))
    return made


def _mesh(made: Usd.Stage, face: UsdFace) -> UsdGeom.Mesh:
    data = face.mesh
    valid = data.faces >= 0
    mesh = UsdGeom.Mesh.Define(made, MESH_PATH)
    mesh.CreatePointsAttr(vectors(face.placing.points(data.vertices)))
    mesh.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(valid.sum(axis=1).astype(np.int32)))
    mesh.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(np.ascontiguousarray(data.faces[valid], np.int32)))
    mesh.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.catmullClark if face.subdivided else UsdGeom.Tokens.none)
    if any(described.material.two_sided for described in face.materials):
        mesh.CreateDoubleSidedAttr(True)
    if data.normals is not None:
        mesh.CreateNormalsAttr(vectors(face.placing.directions(data.normals)))
        mesh.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
    if data.uv is not None and data.face_uv is not None:
        st = UsdGeom.PrimvarsAPI(mesh).CreatePrimvar(
            "st", Sdf.ValueTypeNames.TexCoord2fArray, UsdGeom.Tokens.faceVarying
        )
        st.Set(Vt.Vec2fArray.FromNumpy(np.ascontiguousarray(data.uv, np.float32)))
        st.SetIndices(Vt.IntArray.FromNumpy(np.ascontiguousarray(data.face_uv[valid], np.int32)))
    if data.detail is not None:
        detail = UsdGeom.PrimvarsAPI(mesh).CreatePrimvar(
            "detail", Sdf.ValueTypeNames.FloatArray, UsdGeom.Tokens.vertex
        )
        detail.Set(Vt.FloatArray.FromNumpy(np.ascontiguousarray(data.detail, np.float32)))
    return mesh


def _paint(made: Usd.Stage, mesh: UsdGeom.Mesh, face: UsdFace) -> None:
    """A material for each part, bound to the subset of its faces; parts without faces are left out.

    A variant of the root says whether normal maps or displacement show the relief.
    """
    scope = UsdGeom.Scope.Define(made, _MATERIALS).GetPath()
    binding = UsdShade.MaterialBindingAPI.Apply(mesh.GetPrim())
    made_of = []
    for number, described in enumerate(face.materials):
        faces = np.flatnonzero(face.mesh.material == number).astype(np.int32)
        if not len(faces):
            continue
        name = face.mesh.material_names[number]
        subset = binding.CreateMaterialBindSubset(name, Vt.IntArray.FromNumpy(faces), UsdGeom.Tokens.face)
        material = add_material(made, scope.AppendChild(Tf.MakeValidIdentifier(name)), described)
        UsdShade.MaterialBindingAPI.Apply(subset.GetPrim()).Bind(material)
        made_of.append((material, described))
    binding.SetMaterialBindSubsetsFamilyType(UsdGeom.Tokens.partition)
    in_relief = [(material, one) for material, one in made_of if set(RELIEF) <= set(one.pictures)]
    if not in_relief:
        return
    variants = made.GetDefaultPrim().GetVariantSets().AddVariantSet("relief")
    for choice, name in (("displacement", "displacement"), ("normal_map", "normal")):  # the last one is chosen
        variants.AddVariant(choice)
        variants.SetVariantSelection(choice)
        with variants.GetVariantEditContext():
            for material, one in in_relief:
                add_relief(material, one, name)


def _animate(made: Usd.Stage, mesh: UsdGeom.Mesh, face: UsdFace) -> None:
    """Give the mesh its shapes on the skeleton, and weigh them."""
    animation = add_skeleton(made, _SKELETON, _JOINT)
    names = add_shapes(mesh, face.targets, face.placing, _SKELETON)
    animation.CreateBlendShapesAttr(names)
    weights = animation.CreateBlendShapeWeightsAttr([float(weight) for weight in face.weights or [0.0] * len(names)])
    if face.motion is not None:
        for time_s, row in zip(face.motion.times_s, face.motion.weights, strict=True):
            weights.Set(Vt.FloatArray.FromNumpy(row), float(time_s * face.motion.fps))
