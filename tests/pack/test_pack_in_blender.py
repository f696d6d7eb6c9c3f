"""The script in a pack's folder builds a material in Blender whose pictures are those of the baked maps."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "io"))
from other_programs import blender
from small_maps import allow_small_maps

from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.face.face import Face
from rhytid.core.face.skin_color import skin_colors
from rhytid.core.io.map_pixels import write_png
from rhytid.core.maps.resample import resample
from rhytid.core.pack.options import BLENDER_NAME
from rhytid.core.pack.playing import read_pack
from rhytid.core.pack.sampling import Sampler
from rhytid.core.pack.textures import color_texels, normal_texels
from rhytid.core.pack.writing import PackReport
from rhytid.gui.render.pack_check import similarity

SMILE = {"mouthSmileLeft": 0.9, "mouthSmileRight": 0.9, "cheekSquintLeft": 0.8, "cheekSquintRight": 0.8,
         "browInnerUp": 0.9, "noseSneerLeft": 0.6, "noseSneerRight": 0.6}  # fmt: skip
SCRIPT = """
import importlib.util, json, bpy
from mathutils import Vector
glb, script, folder, weights, baked, out = ARGS
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.import_scene.gltf(filepath=glb)
head = max((o for o in bpy.data.objects if o.type == "MESH" and o.data.shape_keys), key=lambda o: len(o.data.vertices))
for name, weight in json.loads(weights).items():
    head.data.shape_keys.key_blocks[name].value = weight
spec = importlib.util.spec_from_file_location("wrinkles_blender", script)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
material = module.build(head, folder)
longest = max((len(d.driver.expression) for d in material.node_tree.animation_data.drivers), default=0)
plain = bpy.data.materials.new("baked")
plain.use_nodes = True
tree = module.Tree(plain.node_tree)
plain.node_tree.nodes.clear()
normal = tree.node("ShaderNodeNormalMap", space="TANGENT")
from pathlib import Path
tree.put(normal.inputs["Color"], tree.image(Path(baked), "normal.png", False).outputs["Color"])
shader = tree.node("ShaderNodeBsdfPrincipled")
shader.inputs["Roughness"].default_value = 0.5
tree.put(shader.inputs["Normal"], normal.outputs[0])
tree.put(shader.inputs["Base Color"], tree.image(Path(baked), "color.png", True).outputs["Color"])
output = tree.node("ShaderNodeOutputMaterial")
tree.put(output.inputs["Surface"], shader.outputs[0])
scene = bpy.context.scene
camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
scene.collection.objects.link(camera)
corners = [head.matrix_world @ Vector(c) for c in head.bound_box]
middle = sum(corners, Vector()) / 8
camera.location = middle + Vector((0.0, -0.62, 0.03))
camera.rotation_euler = (1.5707963, 0.0, 0.0)
camera.data.angle = 0.36
scene.camera = camera
lamp = bpy.data.objects.new("key", bpy.data.lights.new("key", "SUN"))
lamp.rotation_euler = (0.9, 0.0, -0.7)
lamp.data.energy = 4.0
scene.collection.objects.link(lamp)
scene.render.engine = "CYCLES"
scene.cycles.samples, scene.cycles.use_denoising, scene.cycles.max_bounces = 4, False, 0
scene.cycles.seed = 1
scene.render.resolution_x = scene.render.resolution_y = 288
scene.render.resolution_percentage = 100
scene.view_settings.view_transform = "Standard"
slots = [s for s in head.material_slots if s.material and s.material.name.startswith("face")]
found = {"slots": len(slots), "longest": longest, "nodes": len(material.node_tree.nodes)}
for name, one in (("pack", material), ("baked", plain)):
    for slot in slots:
        slot.material = one
    scene.render.filepath = f"{out}/{name}.png"
    bpy.ops.render.render(write_still=True)
for block in head.data.shape_keys.key_blocks:
    block.value = 0.0
for slot in slots:
    slot.material = material
for name, weight in json.loads(weights).items():
    head.data.shape_keys.key_blocks[name].value = weight
material.node_tree.animation_data_clear()
for node in material.node_tree.nodes:
    if node.type == "VALUE":
        node.outputs[0].default_value = 0.0
scene.render.filepath = f"{out}/neutral.png"
bpy.ops.render.render(write_still=True)
tell(found)
"""


def test_blender_plays_the_pack_by_its_script(
    pack: PackReport, old_face: Face, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow_small_maps(monkeypatch)  # the base mesh's own are not looked at
    face = Face.of(old_face.state, old_face.head, old_face.engines)
    report = face.export(tmp_path / "base", what=["base_mesh"], resolution=256)
    glb = report.path("base_mesh", ".glb")
    files = read_pack(pack.folder)
    weights = tuple(SMILE.get(name, 0.0) for name in ARKIT_NAMES)
    sampler = Sampler(face.state, face.head, face.engines, files.side)
    look, neutral = sampler.look(weights), sampler.look((0.0,) * 52)
    # The neutral map goes on outside the chart; what the expression adds is the editor's.
    slopes = files.slopes((0.0,) * 52) + look.slopes - neutral.slopes
    write_png(tmp_path / "normal.png", normal_texels(slopes, "opengl", 8))
    darkening = skin_colors(face.state, files.side, face.engines.cache).darkening
    factor = look.color_factor(darkening, files.side) / neutral.color_factor(darkening, files.side)
    write_png(tmp_path / "color.png", color_texels(files.color((0.0,) * 52) * resample(factor, files.side)))
    found = blender(SCRIPT, glb, pack.folder / BLENDER_NAME, pack.folder, json.dumps(SMILE), tmp_path, tmp_path)
    assert found["slots"] == 1
    assert found["longest"] < 255
    pictures = {name: cv2.imread(str(tmp_path / f"{name}.png"))[..., ::-1] for name in ("pack", "baked", "neutral")}
    differs = np.abs(pictures["baked"].astype(int) - pictures["neutral"]).sum(axis=2)
    near = cv2.dilate((differs > 12).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert near.mean() > 0.03
    score, without = (similarity(pictures["baked"], np.ascontiguousarray(pictures[one]), near) for one in
                      ("pack", "neutral"))  # fmt: skip
    print(f"SSIM where the expression shows: pack {score:.4f}, neutral map alone {without:.4f}; {found}")
    assert score > 0.95
    assert 1 - score < 0.75 * (1 - without)
