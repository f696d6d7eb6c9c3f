"""A USD file that was written here, read again for its proof. Needs `pxr`: loaded by `usd_file`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pxr import Usd, UsdGeom, UsdShade, UsdSkel

from rhytid.core.io.mesh_data import Float32
from rhytid.core.io.usd_scene import ReadUsd

_MM_PER_METRE = 1000.0
_Z_UP_TO_Y_UP = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], np.float32)


def mesh_of(path: Path) -> ReadUsd:
    """The mesh below the default prim, in mm with Y up."""
    stage = Usd.Stage.Open(str(path))
    prim = stage.GetDefaultPrim().GetChild("mesh")
    mesh, binding = UsdGeom.Mesh(prim), UsdSkel.BindingAPI(prim)
    mm = np.float32(UsdGeom.GetStageMetersPerUnit(stage) * _MM_PER_METRE)
    turn = _Z_UP_TO_Y_UP if UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.z else np.eye(3, dtype=np.float32)
    points: Float32 = np.array(mesh.GetPointsAttr().Get()) @ turn * mm
    sizes = np.array(mesh.GetFaceVertexCountsAttr().Get())
    materials = np.full(len(sizes), -1, np.int32)
    for number, subset in enumerate(UsdShade.MaterialBindingAPI(prim).GetMaterialBindSubsets()):
        materials[np.array(subset.GetIndicesAttr().Get())] = number
    names = binding.GetBlendShapesAttr().Get() or []
    shapes = {}
    for name, target in zip(names, binding.GetBlendShapeTargetsRel().GetTargets(), strict=True):
        shape = UsdSkel.BlendShape(stage.GetPrimAtPath(target))
        offsets = np.zeros_like(points)
        offsets[np.array(shape.GetPointIndicesAttr().Get())] = np.array(shape.GetOffsetsAttr().Get()) @ turn * mm
        shapes[str(name)] = offsets
    return ReadUsd(points, sizes, np.array(mesh.GetFaceVertexIndicesAttr().Get()), materials, shapes)
