"""What to do with an export in the program that it is for, as numbers: `export.json` holds them, the card says them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rhytid.core.io.clients import CLIENTS, UNITS_PER_MM
from rhytid.core.io.export_options import TILE, ExportedFile, ExportOptions
from rhytid.core.io.gltf_file import MAPPED

_MESHES = ("base_mesh", "displaced_mesh", "hair")
UNTRIED = "By common usage: the program was not run to try it."
_FACE = "face"  # material and group of the skin in tile 1001


def client_recipe(files: Sequence[ExportedFile], options: ExportOptions, levels: int) -> dict[str, Any]:
    """Numbers for the client of an export.

    Parameters
    ----------
    files : sequence of ExportedFile
    options : ExportOptions
    levels : int
        Catmull-Clark levels that make the base mesh as fine as the displaced one.

    Returns
    -------
    dict
        ``client``; ``meshes``: file, unit, up axis and height of each; ``displacement`` and ``normal_map``: what is set
        to which value; ``shapes``: the OBJ of each expression; where the export has them.
    """
    client = CLIENTS[options.client]
    recipe: dict[str, Any] = {"client": client.name, "meshes": [_mesh(file) for file in files if _is_mesh(file)]}
    base = _base(files)
    relief = _map(files, "displacement", f".{TILE}.{client.displacement}")
    if relief is not None and base is not None:
        # A GLB states its metres, and an importer makes the program's own unit of them.
        unit = client.unit if base.name.endswith(".glb") else base.details["units"]
        mid, scale_mm = float(relief.details["mid"]), float(relief.details["scale_mm"])
        deepest_mm = max(abs(float(relief.details["min_mm"])), abs(float(relief.details["max_mm"])))
        recipe["displacement"] = {
            "mesh": base.name, "map": relief.name, "on": _masked_by(client.name, base), "levels": levels,
            "limit_surface": False,
            "mid": mid, "scale": round(scale_mm * UNITS_PER_MM[unit], 9), "unit": unit, "scale_mm": scale_mm,
            "bound": round(deepest_mm * UNITS_PER_MM[unit], 9), "clamp": False, "color_space": "linear",
            "flip_v": client.flip_v,
        }  # fmt: skip
    shapes = {file.details["shape"]: file.name for file in files if file.kind == "shape"}
    if shapes and base is not None:
        recipe["shapes"] = {"mesh": base.name, "files": shapes, "unit": base.details["units"]}
    normal = _map(files, "normal_map", f".{TILE}.png")
    if normal is not None:
        recipe["normal_map"] = {
            "map": normal.name, "on": _FACE, "green": normal.details["green"],
            "flip_green": normal.details["green"] != client.green, "flip_v": client.flip_v, "color_space": "linear",
        }  # fmt: skip
    return recipe


def client_text(recipe: dict[str, Any]) -> str:
    """The section of the card that says `client_recipe` in the program's own words."""
    client = CLIENTS[recipe["client"]]
    lines = [f"FOR {client.title.upper()}"]
    for mesh in recipe["meshes"]:
        size = f"{mesh['height']:.4g} {mesh['unit']} tall, {mesh['up_axis']} up"
        lines.append(f"{mesh['file']}: {size}. {_loading(client.name, mesh['file'])}".rstrip())
    if "displacement" in recipe:
        lines += ["", *_displacing(client.name, recipe["displacement"])]
    if "shapes" in recipe:
        lines += ["", *_shapes(client.name, recipe["shapes"])]
    if "normal_map" in recipe:
        one = recipe["normal_map"]
        flip = "; flip its green channel" if one["flip_green"] else ""
        lines.append(f"Normal map {one['map']} goes on the material {one['on']} as data{flip}.")
    if client.flip_v:
        lines.append("Turn every map over (Flip V) after loading it.")
    return "\n".join(lines)


def _is_mesh(file: ExportedFile) -> bool:
    return file.kind in _MESHES and "height" in file.details and file.name.endswith((".obj", ".ply", ".glb"))


def _mesh(file: ExportedFile) -> dict[str, Any]:
    details = file.details
    return {"file": file.name, "kind": file.kind, "unit": details["units"], "up_axis": details["up_axis"],
            "height": details["height"], "faces": details["faces"]}  # fmt: skip


def _base(files: Sequence[ExportedFile]) -> ExportedFile | None:
    """The base mesh that is displaced: quads where there are some."""
    found = [file for suffix in (".obj", ".glb") for file in files if file.kind == "base_mesh" and _ends(file, suffix)]
    return found[0] if found else None


def _masked_by(client: str, base: ExportedFile) -> str:
    """What keeps the map to the skin: in Blender a vertex group, which a GLB holds as an attribute."""
    return MAPPED if client == "blender" and base.name.endswith(".glb") else _FACE


def _map(files: Sequence[ExportedFile], kind: str, ending: str) -> ExportedFile | None:
    return next((file for file in files if file.kind == kind and _ends(file, ending)), None)


def _ends(file: ExportedFile, ending: str) -> bool:
    return file.name.endswith(ending) and (file.kind not in _MESHES or "height" in file.details)


def _loading(client: str, name: str) -> str:
    """How a mesh comes in."""
    suffix = name.rpartition(".")[2]
    if client == "blender":
        return {
            "obj": "File > Import > Wavefront as it is set at first; tick Vertex Groups for a base mesh.",
            "ply": "File > Import > Stanford PLY as it is set at first.",
            "glb": "File > Import > glTF 2.0; the shapes are shape keys.",
        }[suffix]
    if suffix == "glb":
        return "It states metres and Y up itself."
    return {
        "maya": "File > Import with the working unit centimetre.",
        "unreal": "Import it with scale 1, without conversion of axes.",
        "unity": "Scale Factor 1.",
        "houdini": "File node, scale 1.",
        "zbrush": "Tool > Import.",
    }.get(client, "")


def _shapes(client: str, one: dict[str, Any]) -> list[str]:
    """How the expressions' files become shapes."""
    names = list(one["files"].values())
    lines = [f"Shapes of {one['mesh']}: {names[0]} and so on, {len(names)} files. Each is that mesh with one ARKit",
             "  expression at 1: the same vertices in the same order, unit and axis."]  # fmt: skip
    steps = {
        "maya": "Select the shapes, then the base mesh, and make a Blend Shape deformer of them.",
        "zbrush": "For each: a new layer in record mode, Tool > Import of the file onto the base mesh, record off.",
    }
    if client == "blender":
        return [*lines, "  Import them; select them, the base mesh last: Object Data > Shape Keys > Join as Shapes."]
    return [*lines, *([f"  {steps[client]} {UNTRIED}"] if client in steps else [])]


def _displacing(client: str, one: dict[str, Any]) -> list[str]:
    """Which value goes where."""
    scale, mid, levels, unit = f"{one['scale']:.6g}", f"{one['mid']:g}", one["levels"], one["unit"]
    start = f"To displace {one['mesh']} by {one['map']} (data, linear; scene in {unit}):"
    if client == "blender":
        convert = f"  0. Object Data > Attributes: choose {MAPPED}, Convert Attribute, Mode Vertex Group."
        return [
            start,
            *([convert] if one["on"] == MAPPED else []),
            f"  1. Modifier Subdivision Surface: Catmull-Clark, Levels {levels}; Advanced: Use Limit Surface off.",
            f"  2. Modifier Displace: texture Image {one['map']}, Color Space Non-Color, Clamping off;",
            f"     Coordinates UV, Direction Normal, Midlevel {mid}, Strength {scale}, Vertex Group {one['on']}.",
            "  The group keeps the map off eyes, teeth and the rest of the head.",
            f"  For a render instead: Displacement node with Midlevel {mid} and Scale {scale}, on the material "
            f"{_FACE} alone.",
        ]
    bound, on = f"{one['bound']:.4g}", f"material {one['on']}"
    anywhere = f"{levels} levels of Catmull-Clark, then (map - {mid}) x {scale} along the normal, on the {on} alone."
    steps = {
        "maya": f"Arnold on the shape: Subdivision Type catclark, Iterations {levels}; Displacement: Height {scale}, "
                f"Scalar Zero Value {mid}, Bounds Padding {bound}; file node Raw; on the faces of the {on} alone.",
        "unreal": f"On the {on}: Displacement Magnitude {scale}, Center {mid}; texture without sRGB.",
        "unity": f"HDRP, {on}: tessellation displacement, Amplitude {one['scale_mm'] / 10:.6g} (its unit is cm), "
                 f"Base {mid}; texture without sRGB.",
        "houdini": f"Render Polygons as Subdivision; {on}: displacement (map - {mid}) x {scale}, Bound {bound}.",
        "zbrush": f"Divide {levels} times with Smt; Displacement Map: mid {mid}; black to white is {scale} {unit} of "
                  "the OBJ, so bring Intensity to that.",
        "three": f"{on}: displacementMap the EXR, displacementScale {scale}, "
                 f"displacementBias {0 - one['mid'] * one['scale']:g}; turn the map over (repeat.y = -1), for a GLB "
                 "counts downward. Triangles are not subdivided.",
    }  # fmt: skip
    said = steps.get(client)
    return [start, f"  {said}", f"  {UNTRIED}"] if said else [start, f"  {anywhere}"]
