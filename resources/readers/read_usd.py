"""Run in a process of its own: the meshes of a USD file with their blend shapes, as one mesh in `arrays.npz`."""

import json
import os
import sys

import numpy as np
from pxr import Sdf, Tf, Usd, UsdGeom, UsdShade, UsdSkel

MOST_VERTICES, MOST_CORNERS, MOST_SHAPES, MOST_MOVED = 400_000, 3_200_000, 1000, 20_000_000
MOST_LAYERS, MOST_PRIMS = 200, 20_000


class Refused(Exception):
    pass


def check_layers(path, folder):
    """A layer that is part of the scene lies in the file's own folder."""
    waiting, seen = [path], set()
    while waiting:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        layer = Sdf.Layer.FindOrOpen(place)
        if layer is None or len(seen) > MOST_LAYERS:
            raise Refused("is no readable USD" if layer is None else "is made of too many files")
        for name in layer.GetCompositionAssetDependencies():
            inside = os.path.realpath(os.path.join(os.path.dirname(place), name))
            if "://" in name or os.path.isabs(name) or not inside.startswith(folder + os.sep):
                raise Refused(f"names {name}, which lies outside of its folder: flatten it")
            if not path.endswith(".usdz"):
                waiting.append(inside)


def numbers(value, sides):
    array = np.zeros((0, sides)) if value is None else np.array(value, np.float64)
    if array.ndim != 2 or array.shape[1] != sides:
        raise Refused("has points that are none")
    return array


def materials(prim, count):
    """Name of each face's material."""
    found = np.full(count, UsdShade.MaterialBindingAPI(prim).ComputeBoundMaterial()[0].GetPath().name, object)
    for subset in UsdGeom.Subset.GetAllGeomSubsets(UsdGeom.Imageable(prim)):
        bound = UsdShade.MaterialBindingAPI(subset.GetPrim()).ComputeBoundMaterial()[0]
        chosen = np.array(subset.GetIndicesAttr().Get() or [], np.int64)
        if bound and len(chosen) and 0 <= chosen.min() <= chosen.max() < count:
            found[chosen] = bound.GetPath().name
    return found


def texture(prim, corners):
    """Texture coordinates of each corner."""
    for primvar in UsdGeom.PrimvarsAPI(prim).GetPrimvarsWithValues():
        if "texCoord2" in str(primvar.GetTypeName()) or primvar.GetPrimvarName() in ("st", "UVMap"):
            values = primvar.ComputeFlattened()
            values = np.zeros((0, 2)) if values is None else np.array(values, np.float64)
            if primvar.GetInterpolation() in ("vertex", "varying") and len(values) > corners.max(initial=-1):
                values = values[corners]
            if values.shape == (len(corners), 2) and np.isfinite(values).all():
                return values
    return np.zeros((len(corners), 2))


def shapes(prim, stage, count):
    """Name, vertices and offsets of each blend shape."""
    binding = UsdSkel.BindingAPI(prim)
    names = binding.GetBlendShapesAttr().Get() or []
    targets = binding.GetBlendShapeTargetsRel().GetTargets()
    if len(names) > MOST_SHAPES:
        raise Refused(f"has more than {MOST_SHAPES} shapes")
    for name, target in zip(names, targets, strict=False):
        shape = UsdSkel.BlendShape(stage.GetPrimAtPath(target))
        offsets = numbers(shape.GetOffsetsAttr().Get() if shape else None, 3)
        chosen = shape.GetPointIndicesAttr().Get() if shape else None
        chosen = np.arange(count) if chosen is None or not len(chosen) else np.array(chosen, np.int64)
        if len(chosen) != len(offsets) or (len(chosen) and not 0 <= chosen.min() <= chosen.max() < count):
            raise Refused(f"has a shape {name} of another mesh")
        yield str(name), chosen, offsets


def main(job):
    path = job["file"]
    check_layers(path, os.path.dirname(path))
    stage = Usd.Stage.Open(path)
    places = UsdGeom.XformCache(Usd.TimeCode.Default())
    points, sizes, corners, uv, label, labels, moved = [], [], [], [], [], {}, {}
    first, left = 0, MOST_MOVED
    for number, prim in enumerate(stage.Traverse()):
        if number > MOST_PRIMS:
            raise Refused("holds too many objects")
        if not prim.IsA(UsdGeom.Mesh):
            continue
        mesh = UsdGeom.Mesh(prim)
        own = numbers(mesh.GetPointsAttr().Get(), 3)
        count = np.array(mesh.GetFaceVertexCountsAttr().Get() or [], np.int64)
        index = np.array(mesh.GetFaceVertexIndicesAttr().Get() or [], np.int64)
        if first + len(own) > MOST_VERTICES or sum(map(len, corners)) + len(index) > MOST_CORNERS:
            raise Refused(f"holds more than {MOST_VERTICES} vertices, too many for a head: reduce the mesh")
        if (count < 3).any() or count.sum() != len(index):
            raise Refused(f"has faces in {prim.GetName()} that are none")
        if len(index) and not 0 <= index.min() <= index.max() < len(own):
            raise Refused(f"has a face in {prim.GetName()} that names a vertex that is not there")
        matrix = np.array(places.GetLocalToWorldTransform(prim))
        found = list(shapes(prim, stage, len(own)))
        for name, chosen, offsets in found:
            left -= len(chosen)
            if left < 0:
                raise Refused("has shapes that are too large for a head")
            moved.setdefault(name, []).append((first + chosen, offsets @ matrix[:3, :3]))
        coordinates = texture(prim, index)
        if mesh.GetOrientationAttr().Get() == "leftHanded":
            begin = np.repeat(np.cumsum(count) - count, count)
            turned = 2 * begin + np.repeat(count, count) - 1 - np.arange(len(index))
            index, coordinates = index[turned], coordinates[turned]
        for material in materials(prim, len(count)):
            text = f"{material[:100]}\n{prim.GetName()[:100]}\n{int(bool(found))}"
            label.append(labels.setdefault(text, len(labels)))
        points.append(own @ matrix[:3, :3] + matrix[3, :3])
        sizes.append(count)
        corners.append(index + first)
        uv.append(coordinates)
        first += len(own)
    if not points:
        raise Refused("holds no mesh")
    names = list(moved)
    parts = [part for name in names for part in moved[name]]
    lengths = [sum(len(chosen) for chosen, _ in moved[name]) for name in names]
    np.savez(
        "arrays.npz",
        vertices=np.concatenate(points),
        sizes=np.concatenate(sizes),
        corners=np.concatenate(corners),
        uv=np.concatenate(uv),
        label=np.array(label, np.int64),
        labels=np.array(list(labels), "U240"),
        shape_names=np.array([name[:200] for name in names], "U200"),
        shape_start=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        shape_vertex=np.concatenate([chosen for chosen, _ in parts] or [np.zeros(0, np.int64)]),
        shape_offset=np.concatenate([offsets for _, offsets in parts] or [np.zeros((0, 3))]).astype(np.float32),
    )


with open(sys.argv[-1], encoding="utf-8") as stream:
    task = json.load(stream)
answer = {}
try:
    main(task)
except Tf.ErrorException:
    answer = {"refused": "is no readable USD"}
except (Refused, OSError, ValueError, RuntimeError, TypeError, MemoryError) as error:
    answer = {"refused": str(error) or type(error).__name__}
with open("answer.json", "w", encoding="utf-8") as stream:
    json.dump(answer, stream)
