"""A face as a stage of USD: a mesh with blend shapes bound to a skeleton of one joint, and what it is painted with.

/face (SkelRoot) holds `mesh`, `skeleton` with its `animation`, and `materials`. Needs `pxr`: loaded by `usd_file`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pxr import Gf, Kind, Sdf, Tf, Usd, UsdGeom, UsdShade, UsdSkel, UsdUtils, Vt

from rhytid.core.io.gltf_file import MorphTarget
from rhytid.core.io.mesh_data import Float32
from rhytid.core.io.usd_material import RELIEF, add_material, add_relief
from rhytid.core.io.usd_scene import UsdFace

_ROOT, _JOINT = Sdf.Path("/face"), "head"
MESH_PATH = _ROOT.AppendChild("mesh")
# Rounding noise of the shapes; leaving it out keeps the blend shapes sparse.
_STILL_MM, _STILL_DIRECTION = 1e-4, 1e-4


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
        _animate(made, mesh, face, _blend_shapes(made, face))
    mesh.CreateExtentAttr(UsdGeom.PointBased.ComputeExtent(mesh.GetPointsAttr().Get()))
    return made


def _vectors(values: Float32) -> Vt.Vec3fArray:
    return Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(values, np.float32))


def _mesh(made: Usd.Stage, face: UsdFace) -> UsdGeom.Mesh:
    data = face.mesh
    valid = data.faces >= 0
    mesh = UsdGeom.Mesh.Define(made, MESH_PATH)
    mesh.CreatePointsAttr(_vectors(face.placing.points(data.vertices)))
    mesh.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(valid.sum(axis=1).astype(np.int32)))
    mesh.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(np.ascontiguousarray(data.faces[valid], np.int32)))
    mesh.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.catmullClark if face.subdivided else UsdGeom.Tokens.none)
    if data.normals is not None:
        mesh.CreateNormalsAttr(_vectors(face.placing.directions(data.normals)))
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
    scope = UsdGeom.Scope.Define(made, _ROOT.AppendChild("materials")).GetPath()
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


def _blend_shapes(made: Usd.Stage, face: UsdFace) -> list[str]:
    """Names of the blend shapes, which come to lie below the mesh."""
    names = []
    for target in face.targets:
        name = Tf.MakeValidIdentifier(target.name)
        shape = UsdSkel.BlendShape.Define(made, MESH_PATH.AppendChild(name))
        moved = _moved(target)
        shape.CreateOffsetsAttr(_vectors(face.placing.points(target.offsets[moved])))
        shape.CreateNormalOffsetsAttr(_vectors(face.placing.directions(target.normal_offsets[moved])))
        shape.CreatePointIndicesAttr(Vt.IntArray.FromNumpy(moved.astype(np.int32)))
        names.append(name)
    return names


def _moved(target: MorphTarget) -> np.ndarray:
    """Vertices that a shape moves or turns; one at least, for no indices would mean all."""
    moved = (np.abs(target.offsets) > _STILL_MM).any(axis=1)
    moved |= (np.abs(target.normal_offsets) > _STILL_DIRECTION).any(axis=1)
    found = np.flatnonzero(moved)
    return found if len(found) else np.zeros(1, np.intp)


def _animate(made: Usd.Stage, mesh: UsdGeom.Mesh, face: UsdFace, names: list[str]) -> None:
    """Bind the mesh to a skeleton of one joint, which stands still, and weigh its shapes."""
    skeleton = UsdSkel.Skeleton.Define(made, _ROOT.AppendChild("skeleton"))
    still = Vt.Matrix4dArray([Gf.Matrix4d(1.0)])
    skeleton.CreateJointsAttr([_JOINT])
    skeleton.CreateBindTransformsAttr(still)
    skeleton.CreateRestTransformsAttr(still)
    animation = UsdSkel.Animation.Define(made, skeleton.GetPath().AppendChild("animation"))
    animation.CreateJointsAttr([_JOINT])
    animation.CreateTranslationsAttr(Vt.Vec3fArray([Gf.Vec3f(0)]))
    animation.CreateRotationsAttr(Vt.QuatfArray([Gf.Quatf(1)]))
    animation.CreateScalesAttr(Vt.Vec3hArray([Gf.Vec3h(1)]))
    animation.CreateBlendShapesAttr(names)
    weights = animation.CreateBlendShapeWeightsAttr([float(weight) for weight in face.weights or [0.0] * len(names)])
    if face.motion is not None:
        for time_s, row in zip(face.motion.times_s, face.motion.weights, strict=True):
            weights.Set(Vt.FloatArray.FromNumpy(row), float(time_s * face.motion.fps))
    binding = UsdSkel.BindingAPI.Apply(mesh.GetPrim())
    binding.CreateSkeletonRel().SetTargets([skeleton.GetPath()])
    UsdSkel.BindingAPI.Apply(skeleton.GetPrim()).CreateAnimationSourceRel().SetTargets([animation.GetPath()])
    binding.CreateBlendShapesAttr(names)
    binding.CreateBlendShapeTargetsRel().SetTargets([MESH_PATH.AppendChild(name) for name in names])
    count = len(face.mesh.vertices)
    binding.CreateJointIndicesPrimvar(False, 1).Set(Vt.IntArray.FromNumpy(np.zeros(count, np.int32)))
    binding.CreateJointWeightsPrimvar(False, 1).Set(Vt.FloatArray.FromNumpy(np.ones(count, np.float32)))
    binding.CreateGeomBindTransformAttr(Gf.Matrix4d(1.0))
