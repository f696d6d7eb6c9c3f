"""How near Blender comes to an export of the default head: displacement, tangents, normals and the displaced mesh.

    RHYTID_BPY=PYTHON_WITH_BPY python tests/bench/blender_figures.py [--resolution 1024] [--age 60] [--levels 3]

The steps of the displacement are the recipe card's. Prints JSON:

- `displacement`: mm from vertices of the displaced mesh to the nearest one of Blender's, where the skin is displaced,
  `obj` by the quads and `glb` by the GLB; `smooth` are those to Blender's mesh without the map, which says what the map
  is worth.
- `tangents`: degrees between the tangents in the GLB and those that Blender computes (MikkTSpace), corner for corner.
- `normals`: degrees between our normal map and what Blender bakes from the displaced mesh to the base mesh, where the
  skin takes all of the detail: `baked` as it is; `relief` without what Blender bakes of the same mesh without relief,
  which is how the subdivided skin differs from the base mesh's interpolated normals: `shape` says how much that is.
  `slopes` is the root mean square of the relief's slopes in the bake, as a share of that in our map, and what an export
  says of itself.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pygltflib
from scipy.spatial import cKDTree

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "io")]

from other_programs import blender  # noqa: E402
from test_recipe_in_blender import FOLLOW  # noqa: E402

import main  # noqa: E402, F401  # names the source `rhytid`
import rhytid  # noqa: E402
from rhytid.core.head.head import Head  # noqa: E402
from rhytid.core.io.chart_frame import chart_frame  # noqa: E402
from rhytid.core.io.displaced_mesh import displaced_mesh  # noqa: E402
from rhytid.core.io.mesh_file import load_mesh  # noqa: E402
from rhytid.core.io.obj_file import write_obj  # noqa: E402
from rhytid.core.io.placing import Placing  # noqa: E402
from rhytid.core.maps.resample import resample  # noqa: E402

_TANGENTS = """
import bpy, numpy as np
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.import_scene.gltf(filepath=ARGS[0])
(thing,) = [one for one in bpy.context.scene.objects if one.type == "MESH"]
mesh = thing.data
mesh.calc_tangents()
tangents, vertex = np.zeros(3 * len(mesh.loops), np.float32), np.zeros(len(mesh.loops), np.int32)
mesh.loops.foreach_get("tangent", tangents)
mesh.loops.foreach_get("vertex_index", vertex)
x, y, z = tangents.reshape(-1, 3).T
np.savez(ARGS[1], tangents=np.stack([x, z, -y], axis=1), vertex=vertex)
tell(len(mesh.vertices))
"""
_BAKE = """
import bpy, json, numpy as np
low_path, side, jobs = ARGS[0], int(ARGS[1]), json.loads(ARGS[2])
for high_path, out in jobs:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 4
    scene.cycles.device = "CPU"
    scene.render.threads_mode, scene.render.threads = "FIXED", 1
    things = []
    for path in (high_path, low_path):
        bpy.ops.wm.obj_import(filepath=path)
        things.append(bpy.context.selected_objects[0])
    high, low = things
    image = bpy.data.images.new("baked", side, side, float_buffer=True)
    image.colorspace_settings.name = "Non-Color"
    for slot in low.material_slots:
        tree = slot.material.node_tree
        node = tree.nodes.new("ShaderNodeTexImage")
        node.image = image
        tree.nodes.active = node
    high.select_set(True)
    low.select_set(True)
    bpy.context.view_layer.objects.active = low
    bpy.ops.object.bake(type="NORMAL", use_selected_to_active=True, cage_extrusion=0.002, margin=0,
                        normal_space="TANGENT", use_clear=True)
    pixels = np.empty(4 * side * side, np.float32)
    image.pixels.foreach_get(pixels)
    np.save(out, pixels.reshape(side, side, 4)[::-1, :, :3])
tell(len(jobs))
"""


def displacement(folder: Path, recipe: dict[str, Any]) -> dict[str, object]:
    """What Blender makes of the base mesh by the card's steps, beside the displaced mesh."""
    jobs = folder / "jobs.json"
    jobs.write_text(json.dumps([{**recipe, "meshes": [], "folder": str(folder), "clamps": [False]}]), "utf-8")
    blender(FOLLOW, jobs, timeout_s=900)
    moved, smooth = (np.load(folder / f"clamp0_{part}.npy") for part in ("moved", "smooth"))
    meant = load_mesh(folder / "face_displaced.obj").vertices
    is_moved = np.linalg.norm(moved - smooth, axis=1) > 1e-4
    away, nearest = cKDTree(smooth).query(meant, workers=1)
    on_skin = is_moved[nearest] & (away < 3)
    found: dict[str, object] = {"vertices": len(meant), "of_blender": len(moved)}
    for label, points in (("displaced", moved), ("smooth", smooth)):
        distance, _ = cKDTree(points).query(meant[on_skin], workers=1)
        found[label] = spread(distance, 4)
    return found


def tangents(glb: Path, folder: Path) -> dict[str, float]:
    """Tangents in a GLB beside those that Blender computes of it."""
    document = pygltflib.GLTF2().load_binary(str(glb))
    blob, ours = document.binary_blob(), []
    for primitive in document.meshes[0].primitives:
        count = document.accessors[primitive.attributes.POSITION].count
        if primitive.attributes.TANGENT is None:
            ours.append(np.full((count, 4), np.nan, np.float32))
            continue
        accessor = document.accessors[primitive.attributes.TANGENT]
        start = document.bufferViews[accessor.bufferView].byteOffset
        ours.append(np.frombuffer(blob, "<f4", 4 * count, start).reshape(-1, 4))
    blender(_TANGENTS, glb, folder / "tangents.npz")
    told = np.load(folder / "tangents.npz")
    mine = np.concatenate(ours)[told["vertex"], :3]
    there = np.isfinite(mine).all(axis=1)
    return spread(angles(mine[there], told["tangents"][there]), 4)


def normals(folder: Path, head: Head, vertices: np.ndarray, levels: int, kept: float) -> dict[str, object]:
    """Our normal map beside Blender's bake of the displaced mesh, and of the same mesh without relief."""
    ours = cv2.imread(str(folder / "face_normal.1001.png"), cv2.IMREAD_UNCHANGED)[..., ::-1].astype(np.float64)
    ours = ours / 32767.5 - 1
    plain = displaced_mesh(head, vertices, np.zeros((64, 64), np.float32), levels).mesh
    write_obj(folder / "plain.obj", plain, placing=Placing("m"))
    jobs = [(str(folder / f"{name}.obj"), str(folder / f"{name}.npy")) for name in ("face_displaced", "plain")]
    blender(_BAKE, folder / "face_base.obj", len(ours), json.dumps(jobs), timeout_s=1800)
    baked, shape = (np.load(out).astype(np.float64) * 2 - 1 for _, out in jobs)
    weight = resample(chart_frame(head, vertices).weight, len(ours))
    here = (weight > 0.999) & (np.linalg.norm(baked, axis=2) > 0.9) & (np.linalg.norm(shape, axis=2) > 0.9)
    mine, full, still = (slopes(one[here]) for one in (ours, baked, shape))
    relief = full - still
    flat = np.zeros_like(mine)
    sizes = [float(np.sqrt(np.square(one).sum(axis=1).mean())) for one in (mine, relief)]
    return {
        "texels": int(here.sum()),
        "baked": spread(angles(directions(mine), directions(full)), 2),
        "shape": spread(angles(directions(flat), directions(still)), 2),
        "relief": spread(angles(directions(mine), directions(relief)), 2),
        "slopes": {"map": round(sizes[0], 4), "share": round(sizes[1] / sizes[0], 3), "stated": kept},
    }


def slopes(vectors: np.ndarray) -> np.ndarray:
    return vectors[:, :2] / np.maximum(vectors[:, 2:], 0.05)


def directions(slope: np.ndarray) -> np.ndarray:
    return np.concatenate([slope, np.ones((len(slope), 1))], axis=1)


def angles(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Degrees between vectors (N, 3)."""
    one, other = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in (one, other))
    return np.degrees(2 * np.arcsin(np.clip(np.linalg.norm(one - other, axis=1) / 2, 0, 1)))


def spread(values: np.ndarray, digits: int) -> dict[str, float]:
    shares = {"median": 50, "p95": 95, "most": 100}
    return {name: round(float(np.percentile(values, share)), digits) for name, share in shares.items()}


def figures(resolution: int, age: float, levels: int | None) -> dict[str, object]:
    """All of an export at an age."""
    face = rhytid.Face()
    face.age = age
    found: dict[str, object] = {}
    with tempfile.TemporaryDirectory(prefix="rhytid-bench-") as name:
        folder = Path(name)
        what = {"base_mesh", "displacement", "displaced_mesh", "normal_map"}
        face.export(
            folder, client="blender", what=what, base_formats={"obj", "glb"}, mesh_format="obj",
            resolution=resolution, verify=False, levels=levels,
        )  # fmt: skip
        content = json.loads((folder / "export.json").read_text("utf-8"))
        recipe = content["recipe"]
        displaced = next(file for file in content["files"] if file["kind"] == "displaced_mesh")
        found |= {"faces": displaced["faces"], "levels": displaced["levels"]}
        found["displacement"] = displacement(folder, recipe)
        found["tangents"] = tangents(folder / "face_base.glb", folder)
        shape, kept = face.pose().vertices, displaced["slopes_kept"]
        found["normals"] = normals(folder, face.head, shape, displaced["levels"], kept)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resolution", type=int, default=1024)
    parser.add_argument("--age", type=float, default=60.0)
    parser.add_argument("--levels", type=int)
    given = parser.parse_args()
    print(json.dumps(figures(given.resolution, given.age, given.levels), indent=1))
