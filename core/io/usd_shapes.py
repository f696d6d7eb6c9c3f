"""Blend shapes of UsdSkel on the one joint that every mesh of a face hangs on. Needs `pxr`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pxr import Gf, Sdf, Tf, Usd, UsdGeom, UsdSkel, Vt

from rhytid.core.io.gltf_file import MorphTarget
from rhytid.core.io.mesh_data import Float32
from rhytid.core.io.placing import Placing

# Rounding noise of the shapes; leaving it out keeps the blend shapes sparse.
_STILL_MM, _STILL_DIRECTION = 1e-4, 1e-4


def vectors(values: Float32) -> Vt.Vec3fArray:
    """(N, 3) as USD has it."""
    return Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(values, np.float32))


def add_shapes(mesh: UsdGeom.Mesh, targets: Sequence[MorphTarget], placing: Placing, skeleton: Sdf.Path) -> list[str]:
    """Define blend shapes below a mesh, bind it to the skeleton, and give the shapes' names."""
    stage, path = mesh.GetPrim().GetStage(), mesh.GetPath()
    names = []
    for target in targets:
        name = Tf.MakeValidIdentifier(target.name)
        shape = UsdSkel.BlendShape.Define(stage, path.AppendChild(name))
        moved = _moved(target)
        shape.CreateOffsetsAttr(vectors(placing.points(target.offsets[moved])))
        shape.CreateNormalOffsetsAttr(vectors(placing.directions(target.normal_offsets[moved])))
        shape.CreatePointIndicesAttr(Vt.IntArray.FromNumpy(moved.astype(np.int32)))
        names.append(name)
    binding = UsdSkel.BindingAPI.Apply(mesh.GetPrim())
    binding.CreateSkeletonRel().SetTargets([skeleton])
    binding.CreateBlendShapesAttr(names)
    binding.CreateBlendShapeTargetsRel().SetTargets([path.AppendChild(name) for name in names])
    count = len(mesh.GetPointsAttr().Get())
    binding.CreateJointIndicesPrimvar(False, 1).Set(Vt.IntArray.FromNumpy(np.zeros(count, np.int32)))
    binding.CreateJointWeightsPrimvar(False, 1).Set(Vt.FloatArray.FromNumpy(np.ones(count, np.float32)))
    binding.CreateGeomBindTransformAttr(Gf.Matrix4d(1.0))
    return names


def add_skeleton(stage: Usd.Stage, path: Sdf.Path, joint: str) -> UsdSkel.Animation:
    """Define a skeleton of one joint, which stands still, and its animation, which weighs no shapes yet."""
    skeleton = UsdSkel.Skeleton.Define(stage, path)
    still = Vt.Matrix4dArray([Gf.Matrix4d(1.0)])
    skeleton.CreateJointsAttr([joint])
    skeleton.CreateBindTransformsAttr(still)
    skeleton.CreateRestTransformsAttr(still)
    animation = UsdSkel.Animation.Define(stage, path.AppendChild("animation"))
    animation.CreateJointsAttr([joint])
    animation.CreateTranslationsAttr(Vt.Vec3fArray([Gf.Vec3f(0)]))
    animation.CreateRotationsAttr(Vt.QuatfArray([Gf.Quatf(1)]))
    animation.CreateScalesAttr(Vt.Vec3hArray([Gf.Vec3h(1)]))
    UsdSkel.BindingAPI.Apply(skeleton.GetPrim()).CreateAnimationSourceRel().SetTargets([animation.GetPath()])
    return animation


def _moved(target: MorphTarget) -> np.ndarray:
    """Vertices that a shape moves or turns; one at least, for no indices would mean all."""
    moved = (np.abs(target.offsets) > _STILL_MM).any(axis=1)
    moved |= (np.abs(target.normal_offsets) > _STILL_DIRECTION).any(axis=1)
    found = np.flatnonzero(moved)
    return found if len(found) else np.zeros(1, np.intp)
