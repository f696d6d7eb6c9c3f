"""The recipe card, followed literally: in Blender by Blender's own steps, for others by what their files must hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from other_programs import blender
from small_maps import allow_small_maps

from rhytid.core.detail.request import DetailMaps
from rhytid.core.document.state import DocumentState
from rhytid.core.face.skin_color import skin_colors
from rhytid.core.head.head import Head
from rhytid.core.io.clients import CLIENTS, UNITS_PER_MM
from rhytid.core.io.displacement_file import read_displacement
from rhytid.core.io.export import export
from rhytid.core.io.export_options import options_for
from rhytid.core.io.mesh_file import load_mesh
from rhytid.core.io.shown_face import ShownFace
from rhytid.core.maps.array_cache import ArrayCache

LEVELS = {"blender": 4, "unreal": 1}  # of the displaced mesh, where there is one
SIDES = {"blender": 1024}  # of the maps that are more than read back
# Importers of Blender, set as the program of each client takes its files: the up axis of the file, and its unit.
FOLLOW = """
import bpy, numpy as np

def heights(job):
    told = []
    for mesh in job["meshes"]:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        path, suffix = job["folder"] + "/" + mesh["file"], mesh["file"].rpartition(".")[2]
        if suffix == "glb":
            bpy.ops.import_scene.gltf(filepath=path)
        elif job["client"] == "blender":
            (bpy.ops.wm.obj_import if suffix == "obj" else bpy.ops.wm.ply_import)(filepath=path)
        else:
            up = {"Y": ("NEGATIVE_Z", "Y"), "Z": ("Y", "Z")}[mesh["up_axis"]]
            bpy.ops.wm.obj_import(filepath=path, forward_axis=up[0], up_axis=up[1])
        low, high = np.full(3, np.inf), np.full(3, -np.inf)
        for thing in bpy.context.scene.objects:
            if thing.type == "MESH":
                points = np.empty(3 * len(thing.data.vertices), np.float32)
                thing.data.vertices.foreach_get("co", points)
                world = np.array(thing.matrix_world)
                points = points.reshape(-1, 3) @ world[:3, :3].T + world[:3, 3]
                low, high = np.minimum(low, points.min(0)), np.maximum(high, points.max(0))
        told.append((high - low).tolist())
    return told

def displaced(job):
    one = job["displacement"]
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.wm.obj_import(filepath=job["folder"] + "/" + one["mesh"], import_vertex_groups=True)
    (thing,) = bpy.context.scene.objects
    subdivided = thing.modifiers.new("subdivide", "SUBSURF")
    subdivided.levels, subdivided.use_limit_surface = one["levels"], one["limit_surface"]
    image = bpy.data.images.load(job["folder"] + "/" + one["map"])
    image.colorspace_settings.name = "Non-Color"
    texture = bpy.data.textures.new("relief", "IMAGE")
    texture.image, texture.use_clamp = image, job.get("clamp", one["clamp"])
    moved = thing.modifiers.new("displace", "DISPLACE")
    moved.texture, moved.texture_coords, moved.direction = texture, "UV", "NORMAL"
    moved.mid_level, moved.strength, moved.vertex_group = one["mid"], one["scale"], one["on"]
    for part in ("moved", "smooth"):
        moved.show_viewport = part == "moved"
        mesh = thing.evaluated_get(bpy.context.evaluated_depsgraph_get()).to_mesh()
        points = np.empty(3 * len(mesh.vertices), np.float32)
        mesh.vertices.foreach_get("co", points)
        world = np.array(thing.matrix_world)
        x, y, z = 1000 * (points.reshape(-1, 3) @ world[:3, :3].T + world[:3, 3]).T
        np.save(job["out"] + part + ".npy", np.stack([x, z, -y], axis=1))  # mm, Y up

import json
jobs = json.loads(open(ARGS[0]).read())
answers = []
for job in jobs:
    answers.append(heights(job))
    for clamp in job["clamps"]:
        displaced({**job, "clamp": clamp, "out": job["folder"] + f"/clamp{int(clamp)}_"})
tell(answers)
"""


@pytest.fixture(scope="module")
def recipes(
    head: Head, make_maps: Callable[[int], DetailMaps], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[Path, dict[str, Any]]]:
    """Folder and recipe of an export for each program."""
    state, done = DocumentState(), {}
    color_for = partial(skin_colors, state, cache=ArrayCache())
    patch = pytest.MonkeyPatch()
    allow_small_maps(patch)
    for name in CLIENTS:
        folder = tmp_path_factory.mktemp(name)
        what = {"base_mesh", "displacement", "normal_map"} | ({"displaced_mesh"} if name in LEVELS else set())
        # Neither USD nor shapes are looked at here.
        options = options_for(
            name, what=what, base_formats=CLIENTS[name].base_formats - {"usdc"}, shapes_obj=False,
            resolution=SIDES.get(name, 256), levels=LEVELS.get(name, 1), verify=name == "blender",
        )  # fmt: skip
        export(ShownFace(state, head, head.neutral, head.neutral, make_maps, color_for), folder, options)
        done[name] = folder, json.loads((folder / "export.json").read_text("utf-8"))["recipe"]
    ply = tmp_path_factory.mktemp("ply")
    export(
        ShownFace(state, head, head.neutral, head.neutral, make_maps, color_for), ply,
        options_for("blender", what={"displaced_mesh"}, mesh_format="ply", resolution=256, levels=1),
    )  # fmt: skip
    patch.undo()
    done["blender's ply"] = ply, json.loads((ply / "export.json").read_text("utf-8"))["recipe"]
    return done


@pytest.fixture(scope="module")
def told(recipes: dict[str, tuple[Path, dict[str, Any]]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Blender measures, in one process."""
    jobs = [
        {**recipe, "folder": str(folder), "clamps": [False, True] if name == "blender" else []}
        for name, (folder, recipe) in recipes.items()
    ]
    path = tmp_path_factory.mktemp("jobs") / "jobs.json"
    path.write_text(json.dumps(jobs), "utf-8")
    return dict(zip(recipes, blender(FOLLOW, path), strict=True))


def test_every_mesh_stands_and_is_as_tall_as_the_card_says(
    recipes: dict[str, tuple[Path, dict[str, Any]]], told: dict[str, Any], head: Head
) -> None:
    tall_m = float(np.ptp(head.neutral[:, 1])) / 1000
    for name, sizes in told.items():
        for mesh, size in zip(recipes[name][1]["meshes"], sizes, strict=True):
            in_m = size[2] * (1 if mesh["file"].endswith(".glb") else 0.001 / UNITS_PER_MM[mesh["unit"]])
            assert in_m == pytest.approx(tall_m, rel=0.03), (name, mesh)  # the displaced one is a little rounder
            assert mesh["height"] == pytest.approx(size[2], rel=0.01), (name, mesh)
    assert told["blender"][0][2] == pytest.approx(tall_m, rel=0.03)  # importers as they are set at first
    assert told["blender's ply"][0][2] == pytest.approx(tall_m, rel=0.03)


def test_blender_s_steps_make_the_displaced_mesh(
    recipes: dict[str, tuple[Path, dict[str, Any]]], told: dict[str, Any], head: Head
) -> None:
    folder, _ = recipes["blender"]
    meant = load_mesh(folder / "face_displaced.obj").vertices
    away = {}
    for clamp in (False, True):
        moved = np.load(folder / f"clamp{int(clamp)}_moved.npy")
        inner = (np.abs(meant[:, :2]) < 40).all(axis=1)
        distance = np.array([np.linalg.norm(moved - point, axis=1).min() for point in meant[inner][::97]])
        away[clamp] = np.percentile(distance, [50, 95])
    assert (away[False] < (0.004, 0.016)).all(), away
    assert (away[True] > 2 * away[False]).all(), "clamped, the wrinkles are cut: the card says not to"


def test_every_program_s_numbers_give_the_relief(
    recipes: dict[str, tuple[Path, dict[str, Any]]], make_maps: Callable[[int], DetailMaps]
) -> None:
    for name in CLIENTS:
        folder, recipe = recipes[name]
        one = recipe["displacement"]
        stated = one["scale_mm"] * UNITS_PER_MM[one["unit"]]
        assert one["scale"] == pytest.approx(stated, rel=1e-6)
        path = folder / one["map"]
        if path.suffix == ".exr":
            value = read_displacement(path)
        else:
            value = cv2.imread(str(path), cv2.IMREAD_UNCHANGED) / 65535
        relief_mm = (value - one["mid"]) * one["scale"] / UNITS_PER_MM[one["unit"]]
        side = len(relief_mm)
        inner = np.s_[2 * side // 5 : 3 * side // 5, 2 * side // 5 : 3 * side // 5]
        assert np.abs(relief_mm[inner] - make_maps(side).displacement[inner]).max() < 1e-3, name
        assert one["bound"] >= np.abs(relief_mm).max() * UNITS_PER_MM[one["unit"]] * 0.999
        assert recipe["normal_map"]["flip_green"] is False
        text = (folder / "README.txt").read_text("utf-8")
        for number in (f"{one['mid']:g}", f"{one['levels']}", one["map"], one["mesh"]):
            assert number in text, (name, number)


def test_the_relief_stays_off_eyes_and_what_is_not_the_face(
    recipes: dict[str, tuple[Path, dict[str, Any]]], told: dict[str, Any]
) -> None:
    folder, _ = recipes["blender"]
    moved, smooth = (np.load(folder / f"clamp0_{part}.npy") for part in ("moved", "smooth"))
    by_mm = np.linalg.norm(moved - smooth, axis=1)
    assert by_mm.max() > 0.2
    eye = smooth[:, 2] > 70  # above the dome
    outside = (np.abs(smooth[:, :2]) > 75).any(axis=1)
    assert eye.any()
    assert outside.any()
    assert by_mm[eye | outside].max() < 1e-4
