"""Builds a material in Blender that plays the wrinkle pack in this folder on the active object.

Scripting tab > Open > this file > Run Script, with the head selected that has the ARKit shape keys and the texture
coordinates of the export (base mesh, material "face"). Blender 4.2 or newer.

Every shape key that drives a wrinkle gets one Value node whose driver is that key and nothing else: no expressions
as text, which Blender cuts at 255 characters and does not run in files that are not trusted. Weights, curves and masks
are plain Math nodes.
"""

import json
from pathlib import Path

import bpy

COLUMN = 220.0


class Tree:
    """A node tree that is written from left to right."""

    def __init__(self, tree):
        self.tree = tree
        self.count = 0

    def node(self, kind, **values):
        node = self.tree.nodes.new(kind)
        node.location = (COLUMN * (self.count // 12), -170.0 * (self.count % 12))
        self.count += 1
        for name, value in values.items():
            setattr(node, name, value)
        return node

    def put(self, socket, value):
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        else:
            socket.default_value = value

    def math(self, operation, *values, clamp=False):
        node = self.node("ShaderNodeMath", operation=operation, use_clamp=clamp)
        for socket, value in zip(node.inputs, values, strict=False):
            self.put(socket, value)
        return node.outputs[0]

    def vector(self, operation, *values):
        node = self.node("ShaderNodeVectorMath", operation=operation)
        for position, value in enumerate(values):
            self.put(node.inputs["Scale"] if operation == "SCALE" and position == 1 else node.inputs[position], value)
        return node.outputs[0]

    def image(self, folder, name, color):
        image = bpy.data.images.load(str(folder / name), check_existing=True)
        image.colorspace_settings.name = "sRGB" if color else "Non-Color"
        image.alpha_mode = "CHANNEL_PACKED"
        return self.node("ShaderNodeTexImage", image=image, extension="EXTEND")

    def slopes(self, texel, green):
        """x / z and y / z of a normal map, y up in the texture; z is 0."""
        node = self.node("ShaderNodeVectorMath", operation="MULTIPLY_ADD")
        self.put(node.inputs[0], texel)
        self.put(node.inputs[1], (2.0, 2.0, 2.0))
        self.put(node.inputs[2], (-1.0, -1.0, -1.0))
        parts = self.node("ShaderNodeSeparateXYZ")
        self.put(parts.inputs[0], node.outputs[0])
        z = self.math("MAXIMUM", parts.outputs[2], 0.05)
        joined = self.node("ShaderNodeCombineXYZ")
        self.put(joined.inputs[0], self.math("DIVIDE", parts.outputs[0], z))
        y = self.math("DIVIDE", parts.outputs[1], z)
        self.put(joined.inputs[1], y if green == "opengl" else self.math("MULTIPLY", y, -1.0))
        return joined.outputs[0]


def shape_values(tree, keys, names):
    """A node with the value of each shape key."""
    values = {}
    for name in names:
        node = tree.node("ShaderNodeValue", label=name)
        if name in keys.key_blocks:
            driver = node.outputs[0].driver_add("default_value").driver
            driver.type = "SUM"
            variable = driver.variables.new()
            target = variable.targets[0]
            target.id_type = "KEY"
            target.id = keys
            target.data_path = f'key_blocks["{name}"].value'
        values[name] = node.outputs[0]
    return values


def activation(tree, driver, shapes):
    """min(max(0, sum of weight * shape) ^ curve, 1)"""
    total = 0.0
    for name, weight in driver["shapes"].items():
        total = tree.math("MULTIPLY_ADD", shapes[name], weight, total)
    return tree.math("POWER", tree.math("MAXIMUM", total, 0.0), driver["curve"], clamp=True)


def build(head, folder):
    """The material of a pack for an object with shape keys; gives the material."""
    folder = Path(folder)
    pack = json.loads((folder / "wrinkles.json").read_text("utf-8"))
    if head.data.shape_keys is None:
        raise SystemExit(f"{head.name} has no shape keys: select the head of the export")
    material = bpy.data.materials.new("rhytid_wrinkles")
    material.use_nodes = True
    material.node_tree.nodes.clear()
    tree = Tree(material.node_tree)
    names = sorted({name for driver in pack["drivers"] for name in driver["shapes"]})
    shapes = shape_values(tree, head.data.shape_keys, names)
    masks = {}
    for entry in pack["masks"]:
        node = tree.image(folder, entry["file"], False)
        parts = tree.node("ShaderNodeSeparateColor")
        tree.put(parts.inputs[0], node.outputs["Color"])
        channels = (*parts.outputs, node.outputs["Alpha"])
        masks |= dict(zip(entry["regions"], channels, strict=False))
    green = pack["green"]
    neutral = tree.slopes(tree.image(folder, pack["maps"][0]["normal"], False).outputs["Color"], green)
    slope = neutral
    color = skin = None
    if "color" in pack["maps"][0]:
        color = skin = tree.image(folder, pack["maps"][0]["color"], True).outputs["Color"]
    for entry in pack["maps"][1:]:
        share = 0.0
        for driver in pack["drivers"]:
            if driver["map"] == entry["map"]:
                share = tree.math("MULTIPLY_ADD", masks[driver["region"]], activation(tree, driver, shapes), share)
        own = tree.slopes(tree.image(folder, entry["normal"], False).outputs["Color"], green)
        slope = tree.vector("ADD", slope, tree.vector("SCALE", tree.vector("SUBTRACT", own, neutral), share))
        if skin is not None:
            own = tree.image(folder, entry["color"], True).outputs["Color"]
            color = tree.vector("ADD", color, tree.vector("SCALE", tree.vector("SUBTRACT", own, skin), share))
    # Blender's Normal Map node wants a unit normal as a colour, 0.5 for 0.
    unit = tree.vector("NORMALIZE", tree.vector("ADD", slope, (0.0, 0.0, 1.0)))
    texel = tree.vector("ADD", tree.vector("SCALE", unit, 0.5), (0.5, 0.5, 0.5))
    normal = tree.node("ShaderNodeNormalMap", space="TANGENT")
    tree.put(normal.inputs["Color"], texel)
    skin_shader = tree.node("ShaderNodeBsdfPrincipled")
    tree.put(skin_shader.inputs["Normal"], normal.outputs[0])
    skin_shader.inputs["Roughness"].default_value = 0.5
    if color is not None:
        tree.put(skin_shader.inputs["Base Color"], color)
    output = tree.node("ShaderNodeOutputMaterial")
    tree.put(output.inputs["Surface"], skin_shader.outputs[0])
    return material


def use(head, material):
    """Put the material where the head has "face", or everywhere."""
    slots = [slot for slot in head.material_slots if slot.material and slot.material.name.startswith("face")]
    if not head.material_slots:
        head.data.materials.append(material)
    for slot in slots or head.material_slots:
        slot.material = material


if __name__ == "__main__":
    here = bpy.context.space_data.text.filepath if getattr(bpy.context, "space_data", None) else __file__
    use(bpy.context.object, build(bpy.context.object, Path(bpy.path.abspath(here)).parent))
