"""Body, hair and clothes of a head's file on a stage of USD: a mesh each, which blinks with the face. Needs `pxr`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pxr import Sdf, Tf, Usd, UsdGeom, UsdShade, Vt

from rhytid.core.head.normals import vertex_normals
from rhytid.core.head.other_parts import OtherPart
from rhytid.core.io.gltf_file import MorphTarget
from rhytid.core.io.placing import Placing
from rhytid.core.io.usd_material import add_material
from rhytid.core.io.usd_scene import UsdPart
from rhytid.core.io.usd_shapes import add_shapes, vectors


def add_parts(
    stage: Usd.Stage, root: Sdf.Path, scope: Sdf.Path, skeleton: Sdf.Path | None, parts: Sequence[UsdPart],
    placing: Placing,
) -> None:  # fmt: skip
    """Define the meshes below the root and their materials in the scope; without a skeleton they have no shapes."""
    materials: dict[int, UsdShade.Material] = {}
    for one in parts:
        mesh = _mesh(stage, _free(stage, root, one.part.name), one.part, placing)
        number = id(one.material)
        if number not in materials:
            materials[number] = add_material(stage, _free(stage, scope, one.material.material.name), one.material)
        UsdShade.MaterialBindingAPI.Apply(mesh.GetPrim()).Bind(materials[number])
        if one.part.names and skeleton is not None:
            add_shapes(mesh, _targets(one.part), placing, skeleton)


def _free(stage: Usd.Stage, above: Sdf.Path, name: str) -> Sdf.Path:
    """A path of that name, with a number behind it where it is taken."""
    plain, number = Tf.MakeValidIdentifier(name), 2
    path = above.AppendChild(plain)
    while stage.GetPrimAtPath(path):
        path, number = above.AppendChild(f"{plain}_{number}"), number + 1
    return path


def _mesh(stage: Usd.Stage, path: Sdf.Path, part: OtherPart, placing: Placing) -> UsdGeom.Mesh:
    mesh = UsdGeom.Mesh.Define(stage, path)
    mesh.CreatePointsAttr(vectors(placing.points(part.vertices)))
    mesh.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(np.full(len(part.triangles), 3, np.int32)))
    mesh.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(np.ascontiguousarray(part.triangles.ravel(), np.int32)))
    mesh.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
    mesh.CreateNormalsAttr(vectors(placing.directions(part.normals)))
    mesh.SetNormalsInterpolation(UsdGeom.Tokens.vertex)
    mesh.CreateDoubleSidedAttr(part.material.is_two_sided)
    st = UsdGeom.PrimvarsAPI(mesh).CreatePrimvar("st", Sdf.ValueTypeNames.TexCoord2fArray, UsdGeom.Tokens.vertex)
    st.Set(Vt.Vec2fArray.FromNumpy(np.ascontiguousarray(part.uv, np.float32)))
    mesh.CreateExtentAttr(UsdGeom.PointBased.ComputeExtent(mesh.GetPointsAttr().Get()))
    return mesh


def _targets(part: OtherPart) -> list[MorphTarget]:
    still, targets = vertex_normals(part.vertices, part.triangles), []
    for name, offsets in zip(part.names, part.offsets, strict=True):
        moved = offsets.astype(np.float32)
        turned = vertex_normals(part.vertices + moved, part.triangles) - still
        targets.append(MorphTarget(name, moved, turned))
    return targets
