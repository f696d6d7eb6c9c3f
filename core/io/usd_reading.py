"""A USD file that was written here, read again for its proof. Needs `pxr`: loaded by `usd_file`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pxr import Usd, UsdGeom, UsdShade, UsdSkel

from rhytid.core.io.clients import Axis, Unit
from rhytid.core.io.placing import Placing
from rhytid.core.io.usd_scene import ReadUsd

_UNITS: dict[float, Unit] = {0.001: "mm", 0.01: "cm", 1.0: "m"}


def mesh_of(path: Path) -> ReadUsd:
    """The mesh below the default prim, in mm with Y up."""
    stage = Usd.Stage.Open(str(path))
    prim = stage.GetDefaultPrim().GetChild("mesh")
    mesh, binding = UsdGeom.Mesh(prim), UsdSkel.BindingAPI(prim)
    up: Axis = "z" if UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.z else "y"
    placing = Placing(_UNITS[round(UsdGeom.GetStageMetersPerUnit(stage), 6)], up)
    points = np.asarray(placing.in_mm(np.array(mesh.GetPointsAttr().Get())), np.float32)
    sizes = np.array(mesh.GetFaceVertexCountsAttr().Get())
    materials = np.full(len(sizes), -1, np.int32)
    for number, subset in enumerate(UsdShade.MaterialBindingAPI(prim).GetMaterialBindSubsets()):
        materials[np.array(subset.GetIndicesAttr().Get())] = number
    names = binding.GetBlendShapesAttr().Get() or []
    shapes = {}
    for name, target in zip(names, binding.GetBlendShapeTargetsRel().GetTargets(), strict=True):
        shape = UsdSkel.BlendShape(stage.GetPrimAtPath(target))
        offsets = np.zeros_like(points)
        offsets[np.array(shape.GetPointIndicesAttr().Get())] = placing.in_mm(np.array(shape.GetOffsetsAttr().Get()))
        shapes[str(name)] = offsets
    return ReadUsd(points, sizes, np.array(mesh.GetFaceVertexIndicesAttr().Get()), materials, shapes)
