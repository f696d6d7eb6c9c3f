"""Run in Blender: files imported as it is set at first, posed, and rendered by Cycles as normals and as they look.

ARGS: a JSON file with jobs of "file", "out" (a NumPy file of float32 (H, W, 7): normals in the head's axes -1..1, the
colours that one sees 0..1, and coverage), "weights", "size", "world_from_camera" (4, 4, Blender's axes, m), "fov_deg".
"""

import json
import os
import tempfile

import bpy
import numpy as np
from mathutils import Matrix

IMPORTERS = {
    "glb": lambda path: bpy.ops.import_scene.gltf(filepath=path),
    "fbx": lambda path: bpy.ops.import_scene.fbx(filepath=path),
    "obj": lambda path: bpy.ops.wm.obj_import(filepath=path),
    "usd": lambda path: bpy.ops.wm.usd_import(filepath=path),
}


def rendered(samples, transform):
    """What the camera sees, float32 (H, W, 4), row 0 on top."""
    scene = bpy.context.scene
    scene.cycles.samples = samples
    scene.view_settings.view_transform = transform
    image = scene.render.image_settings
    image.file_format = "OPEN_EXR" if transform == "Raw" else "PNG"
    image.color_mode, image.color_depth = "RGBA", "32" if transform == "Raw" else "8"
    with tempfile.TemporaryDirectory() as folder:
        scene.render.filepath = os.path.join(folder, "seen")
        bpy.ops.render.render(write_still=True)
        (name,) = os.listdir(folder)
        loaded = bpy.data.images.load(os.path.join(folder, name))
        loaded.colorspace_settings.name = "Non-Color"
        values = np.empty(4 * loaded.size[0] * loaded.size[1], np.float32)
        loaded.pixels.foreach_get(values)
        return values.reshape(loaded.size[1], loaded.size[0], 4)[::-1]


def show_normals():
    """Every material shines with the normal that it shades with, halved and moved to 0..1."""
    for material in bpy.data.materials:
        if not material.node_tree:
            material.use_nodes = True
        tree = material.node_tree
        output = next((node for node in tree.nodes if node.type == "OUTPUT_MATERIAL"), None)
        output = output or tree.nodes.new("ShaderNodeOutputMaterial")
        links = [node.inputs["Normal"].links for node in tree.nodes if node.type == "BSDF_PRINCIPLED"]
        links = [link for found in links for link in found]
        normal = links[0].from_socket if links else tree.nodes.new("ShaderNodeNewGeometry").outputs["Normal"]
        half = tree.nodes.new("ShaderNodeVectorMath")
        half.operation = "MULTIPLY_ADD"
        half.inputs[1].default_value = half.inputs[2].default_value = (0.5, 0.5, 0.5)
        shine = tree.nodes.new("ShaderNodeEmission")
        tree.links.new(normal, half.inputs[0])
        tree.links.new(half.outputs[0], shine.inputs["Color"])
        tree.links.new(shine.outputs[0], output.inputs["Surface"])


def add_light():
    world = bpy.data.worlds.new("sky")
    bpy.context.scene.world = world
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs[1].default_value = 0.5
    lamp = bpy.data.objects.new("lamp", bpy.data.lights.new("lamp", "SUN"))
    lamp.data.energy = 3.0
    lamp.matrix_world = Matrix(((1, 0, 0.5, 0), (0, 1, -1, 0), (0, 0, 0.7, 0), (0, 0, 0, 1))).to_4x4()
    lamp.rotation_euler = (0.9, 0.0, 0.45)
    bpy.context.scene.collection.objects.link(lamp)


def show(job):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    suffix = job["file"].rpartition(".")[2]
    IMPORTERS["usd" if suffix.startswith("usd") else suffix](job["file"])
    meshes = [thing for thing in bpy.context.scene.objects if thing.type == "MESH"]
    posed = 0
    for thing in meshes:
        if thing.data.shape_keys and job["weights"] is not None:
            thing.data.shape_keys.animation_data_clear()
            for key in thing.data.shape_keys.key_blocks[1:]:
                key.value = job["weights"].get(key.name, 0.0)
                posed += key.value > 0
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.render.film_transparent = True
    scene.render.threads_mode, scene.render.threads = "FIXED", 1
    scene.render.resolution_x, scene.render.resolution_y = job["size"]
    scene.render.resolution_percentage = 100
    for old in [thing for thing in scene.objects if thing.type in ("CAMERA", "LIGHT")]:
        bpy.data.objects.remove(old)
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.data.sensor_fit = "VERTICAL"
    camera.data.angle = np.radians(job["fov_deg"])
    camera.data.clip_start = 0.01
    camera.matrix_world = Matrix(job["world_from_camera"])
    scene.collection.objects.link(camera)
    scene.camera = camera
    add_light()
    looks = rendered(12, "Standard")
    show_normals()
    seen = rendered(8, "Raw")
    covered = seen[..., 3:]
    world = np.where(covered > 0, seen[..., :3] / np.maximum(covered, 1e-6), 0.5) * 2 - 1
    head = np.stack([world[..., 0], world[..., 2], -world[..., 1]], axis=-1)
    np.save(job["out"], np.concatenate([head, looks[..., :3], covered], axis=-1).astype(np.float32))
    return {
        "meshes": {thing.name: [len(thing.data.vertices), len(thing.data.polygons)] for thing in meshes},
        "shapes": max((len(t.data.shape_keys.key_blocks) - 1 for t in meshes if t.data.shape_keys), default=0),
        "posed": posed, "materials": sorted({m.name for t in meshes for m in t.data.materials if m}),
    }


with open(ARGS[0], encoding="utf-8") as stream:  # noqa: F821  # the runner's
    tell([show(job) for job in json.load(stream)])  # noqa: F821
