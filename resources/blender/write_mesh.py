"""Run by Blender: a mesh with shapes and keys, out of `mesh.npz`, as FBX or Alembic.

The job: "target" ("mesh.fbx" or "mesh.abc"), "names" of the shapes, "materials" with "name", "color", "roughness" and
perhaps "albedo" and "normal" (names of pictures), "fps", "scale" (units of the file in a millimetre).
The arrays, Y up and mm: vertices (V, 3), sizes (F,), corners (C,), uv (C, 2), material (F,),
shapes (T, V, 3), weights (T,), times_s (K,), keys (K, T).
"""

import json
import os
import sys

import bpy
import numpy as np

CM_PER_MM = 0.1


def upright(values):
    """Y up becomes Blender's Z up."""
    return values[..., [0, 2, 1]] * np.array([1, -1, 1], np.float32)


def built(job, data, units_per_mm):
    """The object in the scene, its numbers in the units of the file."""
    mesh = bpy.data.meshes.new("face")
    vertices = upright(data["vertices"]) * units_per_mm
    sizes, corners = data["sizes"], data["corners"]
    mesh.vertices.add(len(vertices))
    mesh.vertices.foreach_set("co", vertices.ravel())
    mesh.loops.add(len(corners))
    mesh.loops.foreach_set("vertex_index", corners)
    mesh.polygons.add(len(sizes))
    mesh.polygons.foreach_set("loop_start", np.cumsum(sizes) - sizes)
    mesh.polygons.foreach_set("material_index", data["material"])
    mesh.polygons.foreach_set("use_smooth", np.ones(len(sizes), bool))
    mesh.update(calc_edges=True)
    mesh.uv_layers.new(name="st").data.foreach_set("uv", data["uv"].ravel())
    for material in job["materials"]:
        mesh.materials.append(painted(material))
    mesh.validate(clean_customdata=False)
    made = bpy.data.objects.new("face", mesh)
    bpy.context.scene.collection.objects.link(made)
    if job["names"]:
        made.shape_key_add(name="Basis")
    for name, offsets, weight in zip(job["names"], data["shapes"], data["weights"], strict=True):
        key = made.shape_key_add(name=name)
        key.slider_min, key.slider_max = -10, 10
        key.data.foreach_set("co", (vertices + upright(offsets) * units_per_mm).ravel())
        key.value = float(weight)
    return made


def painted(described):
    """A material with its pictures, which are named and not loaded."""
    material = bpy.data.materials.new(described["name"])
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    surface = next(node for node in nodes if node.type == "BSDF_PRINCIPLED")
    surface.inputs["Base Color"].default_value = (*described["color"], 1.0)
    surface.inputs["Roughness"].default_value = described["roughness"]
    for kind in ("albedo", "normal"):
        if kind not in described:
            continue
        image = bpy.data.images.new(described[kind], 1, 1)
        image.source, image.filepath = "FILE", described[kind]
        node = nodes.new("ShaderNodeTexImage")
        node.image = image
        if kind == "albedo":
            links.new(node.outputs["Color"], surface.inputs["Base Color"])
        else:
            turned = nodes.new("ShaderNodeNormalMap")
            links.new(node.outputs["Color"], turned.inputs["Color"])
            links.new(turned.outputs["Normal"], surface.inputs["Normal"])
    return material


def keyed(made, job, data):
    """Keys with straight lines between; the scene's rate and range. Gives the last frame."""
    scene = bpy.context.scene
    scene.render.fps = max(round(job["fps"]), 1)
    scene.render.fps_base = scene.render.fps / job["fps"]
    frames = data["times_s"] * job["fps"]
    if not len(frames):
        scene.frame_start = scene.frame_end = 0
        return 0
    for key, values in zip(made.data.shape_keys.key_blocks[1:], data["keys"].T, strict=True):
        if not np.ptp(values):
            key.value = float(values[0])
            continue
        for frame, value in zip(frames, values, strict=True):
            key.value = float(value)
            key.keyframe_insert("value", frame=float(frame))
    for curve in curves(made.data.shape_keys.animation_data):
        for point in curve.keyframe_points:
            point.interpolation = "LINEAR"
    scene.frame_start, scene.frame_end = 0, round(float(frames[-1]))
    return scene.frame_end


def curves(animation):
    """F-curves of an action, which newer Blenders keep in layers and slots."""
    if animation is None or animation.action is None:
        return []
    action = animation.action
    if hasattr(action, "fcurves"):
        return list(action.fcurves)
    bags = [bag for layer in action.layers for strip in layer.strips for bag in strip.channelbags]
    return [curve for bag in bags for curve in bag.fcurves]


def read_back(target, data, job):
    """What Blender finds in the file: names of the shapes, and how far its vertices and shapes are off, in mm."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    if target.endswith(".fbx"):
        bpy.ops.import_scene.fbx(filepath=target)
        units_per_mm = CM_PER_MM
    else:
        bpy.ops.wm.alembic_import(filepath=target)
        units_per_mm = job["scale"]
    (found,) = (one for one in bpy.data.objects if one.type == "MESH")
    mesh = found.data
    if len(mesh.vertices) != len(data["vertices"]):
        return {"vertices": len(mesh.vertices), "shapes": [], "worst_mm": -1.0}
    if target.endswith(".fbx"):  # its vertices are in the axes of the file, which the object turns
        keys = mesh.shape_keys.key_blocks if mesh.shape_keys else []
        sets = [np.empty(len(mesh.vertices) * 3, np.float32) for _ in keys]
        for key, values in zip(keys, sets, strict=True):
            key.data.foreach_get("co", values)
        meant = [data["vertices"], *(data["vertices"] + offsets for offsets in data["shapes"])]
        off = [np.abs(one.reshape(-1, 3) / units_per_mm - other).max() for one, other in zip(sets, meant, strict=False)]
        return {"vertices": len(mesh.vertices), "shapes": [key.name for key in keys][1:], "worst_mm": float(max(off))}
    bpy.context.scene.frame_set(0)
    shown = found.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    values = np.empty(len(shown.vertices) * 3, np.float32)
    shown.vertices.foreach_get("co", values)
    weights = data["keys"][0] if len(data["keys"]) else data["weights"]
    meant = upright(data["vertices"] + np.tensordot(weights, data["shapes"], 1))
    worst = np.abs(values.reshape(-1, 3) / units_per_mm - meant).max()
    return {"vertices": len(shown.vertices), "shapes": [], "worst_mm": float(worst)}


def main():
    with open(sys.argv[-1], encoding="utf-8") as stream:
        job = json.load(stream)
    folder = os.path.dirname(os.path.abspath(sys.argv[-1]))
    data = np.load(os.path.join(folder, "mesh.npz"), allow_pickle=False)
    target = os.path.join(folder, job["target"])
    bpy.ops.wm.read_factory_settings(use_empty=True)
    fbx = target.endswith(".fbx")
    if fbx:  # its own unit is the centimetre, and nothing is left to be scaled
        bpy.context.scene.unit_settings.scale_length = 0.01
    made = built(job, data, CM_PER_MM if fbx else job["scale"])
    last = keyed(made, job, data)
    if fbx:
        bpy.ops.export_scene.fbx(
            filepath=target, object_types={"MESH"}, apply_scale_options="FBX_SCALE_NONE",
            axis_forward="-Z", axis_up="Y", bake_space_transform=True, mesh_smooth_type="OFF", path_mode="STRIP",
            bake_anim=last > 0, bake_anim_use_nla_strips=False, bake_anim_use_all_actions=False,
            bake_anim_force_startend_keying=True, bake_anim_simplify_factor=0.0,
        )  # fmt: skip
    else:
        bpy.ops.wm.alembic_export(
            filepath=target, start=0, end=last, uvs=True, normals=True, face_sets=True, as_background_job=False,
        )  # fmt: skip
    answer = {"version": bpy.app.version_string, "frames": last + 1, **read_back(target, data, job)}
    with open(os.path.join(folder, "answer.json"), "w", encoding="utf-8") as stream:
        json.dump(answer, stream)


main()
