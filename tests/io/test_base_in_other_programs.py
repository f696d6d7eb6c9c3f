"""The base mesh of a real face, as three.js, Blender and Assimp show and know it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pygltflib
import pytest
from other_programs import assimp_info, blender, gltf_issues, three
from skimage.metrics import structural_similarity
from small_maps import allow_small_maps

import rhytid
from rhytid.core import blender_bridge
from rhytid.core.animation.clip import Clip
from rhytid.core.animation.edit import with_keys
from rhytid.core.animation.track import Key
from rhytid.core.arkit import ARKIT_NAMES, expression_array
from rhytid.core.detail.request import DetailMaps
from rhytid.core.document.state import Camera, DocumentState
from rhytid.core.io.export_options import ExportOptions, ExportReport, planned_files
from rhytid.core.io.usd_file import why_no_usd
from rhytid.gui.render.camera import position_mm, view_from_head
from rhytid.gui.render.offscreen import NoOpenGLError, render_image
from rhytid.gui.render.view_mode import ViewMode

SIZE = (320, 320)
CAMERA = Camera(yaw_deg=25.0, pitch_deg=5.0)
POSES: tuple[dict[str, float], ...] = (
    {},
    {"mouthSmileLeft": 1.0, "mouthSmileRight": 1.0, "eyeSquintLeft": 0.7, "eyeSquintRight": 0.7},
    {"jawOpen": 0.8, "browInnerUp": 1.0, "eyeBlinkLeft": 1.0},
)
FPS = 25.0
KNOWN = {".glb", ".usdc", ".fbx", ".abc"}


@pytest.fixture(scope="module")
def face() -> rhytid.Face:
    clip = replace(Clip(), fps=FPS, end_s=2.0)
    keys = [("jawOpen", Key(0.0, 0.0)), ("jawOpen", Key(1.0, 1.0)), ("jawOpen", Key(2.0, 0.5))]
    made = rhytid.Face()
    made.state = DocumentState(age=60.0, clip=with_keys(clip, keys))
    return made


@pytest.fixture(scope="module")
def maps(face: rhytid.Face) -> DetailMaps:
    return face.maps(512)


@pytest.fixture(scope="module")
def exported(face: rhytid.Face, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExportReport]:
    """All formats that can be had here."""
    with pytest.MonkeyPatch.context() as patch:
        allow_small_maps(patch)
        if os.environ.get("RHYTID_BPY"):
            patch.setenv(blender_bridge.VARIABLE, os.environ["RHYTID_BPY"])
        kinds = {"glb"} | ({"usdc"} if not why_no_usd() else set())
        kinds |= {"fbx", "abc"} if not blender_bridge.why_no_blender() else set()
        folder = tmp_path_factory.mktemp("base")
        yield face.export(folder, what={"base_mesh"}, base_formats=kinds, resolution=512, unit="m")


def seen_normals(picture: np.ndarray, turned: np.ndarray) -> np.ndarray:
    """Unit normals (H, W, 3) of a picture that shows them as colours, turned by a matrix."""
    normals = (picture.astype(np.float64) / 127.5 - 1) @ turned.T
    return normals / np.maximum(np.linalg.norm(normals, axis=2, keepdims=True), 1e-6)


def test_three_shows_what_the_editor_shows(
    face: rhytid.Face, maps: DetailMaps, exported: ExportReport, few_rays: None
) -> None:
    path = exported.path("base_mesh", ".glb")
    camera = {"fov_deg": CAMERA.fov_deg, "position": (position_mm(CAMERA) / 1000).tolist()}
    camera["target"] = [value / 1000 for value in CAMERA.target_mm]
    pictures = [{"weights": pose, "material": "normals"} for pose in POSES]
    told = three(path, {"size": SIZE, "camera": camera, "pictures": pictures})
    assert told["names"][:52] == list(ARKIT_NAMES)
    assert set(told["meshes"]) == {"face", "head", "eye_left", "eye_right", "teeth", "mouth"}
    assert told["animations"] == [["clip", 2.0]]
    assert 0.25 < told["max"][1] - told["min"][1] < 0.6  # m
    state = face.state
    for pose, theirs in zip(POSES, told["pictures"], strict=True):
        face.state = replace(state, expression=tuple(expression_array(pose).tolist()))
        try:
            ours = render_image(
                face.head, face.pose().vertices, maps, CAMERA, view_mode=ViewMode.NORMALS, size=SIZE, samples=2
            )
        except NoOpenGLError as error:
            pytest.skip(str(error))
        finally:
            face.state = state
        turned = seen_normals(ours, view_from_head(CAMERA)[:3, :3])
        there = cv2.erode(theirs.any(axis=2).astype(np.uint8), np.ones((9, 9))) > 0
        angle = np.degrees(np.arccos(np.clip((turned * seen_normals(theirs, np.eye(3))).sum(axis=2), -1, 1)))
        grey = [cv2.cvtColor(one, cv2.COLOR_RGB2GRAY) for one in (((turned + 1) * 127.5).astype(np.uint8), theirs)]
        score = structural_similarity(*grey, full=True, gaussian_weights=True, sigma=1.5)[1][there].mean()
        assert score > 0.95
        assert np.median(angle[there]) < 1.5


_ASK_BLENDER = """
import bpy, numpy as np
answers = {}
for path in ARGS:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    kind = path.rpartition(".")[2]
    if kind == "glb":
        bpy.ops.import_scene.gltf(filepath=path)
    elif kind == "fbx":
        bpy.ops.import_scene.fbx(filepath=path)
    elif kind == "abc":
        bpy.ops.wm.alembic_import(filepath=path)
    else:
        bpy.ops.wm.usd_import(filepath=path)
    meshes = [one for one in bpy.data.objects if one.type == "MESH"]
    (made,) = meshes
    keys = made.data.shape_keys
    points = np.empty(3 * len(made.data.vertices), np.float32)
    made.data.vertices.foreach_get("co", points)
    world = np.array(made.matrix_world)
    points = points.reshape(-1, 3) @ world[:3, :3].T + world[:3, 3]
    curves = {}
    frames = [0, 25, 50] if kind != "fbx" else [1, 26, 51]  # its importer begins with frame 1
    if kind == "glb":  # at the scene's rate
        frames = [round(frame * bpy.context.scene.render.fps / 25) for frame in (0, 25, 50)]
    if keys:
        for frame in frames:
            bpy.context.scene.frame_set(frame)
            curves.setdefault("jawOpen", []).append(keys.key_blocks["jawOpen"].value)
    answers[kind] = {
        "vertices": len(made.data.vertices),
        "sizes": sorted({len(polygon.vertices) for polygon in made.data.polygons}),
        "shapes": [key.name for key in keys.key_blocks][1:] if keys else [],
        "low": points.min(0).tolist(),
        "high": points.max(0).tolist(),
        "weights": curves.get("jawOpen", []),
        "materials": [material.name for material in made.data.materials],
        "uv": len(made.data.uv_layers),
    }
tell(answers)
"""


def test_blender_knows_mesh_shapes_and_keys(face: rhytid.Face, exported: ExportReport) -> None:
    paths = [exported.folder / file.name for file in exported.files if Path(file.name).suffix in KNOWN]
    told = blender(_ASK_BLENDER, *paths)
    rest = face.pose().rest
    height = float(np.ptp(rest[:, 1])) / 1000
    for kind, found in told.items():
        low, high = np.array(found["low"]), np.array(found["high"])
        assert high[2] - low[2] == pytest.approx(height, rel=0.05 if kind == "abc" else 1e-3), kind  # m, Z up
        assert low[1] == pytest.approx(-rest[:, 2].max() / 1000, abs=1e-3 if kind != "abc" else 0.02)  # faces -Y
        assert found["uv"] == 1
        assert {name.partition(".")[0] for name in found["materials"]} == {
            "face", "head", "eye_left", "eye_right", "teeth", "mouth"
        }, kind  # fmt: skip
        if kind != "glb":  # triangles, split at seams
            assert found["vertices"] == len(rest)
            assert 4 in found["sizes"]
        if kind != "abc":
            assert found["shapes"][:52] == list(ARKIT_NAMES), kind
            assert found["weights"] == pytest.approx([0.0, 1.0, 0.5], abs=0.01), kind


def test_others_open_the_glb(exported: ExportReport) -> None:
    path = exported.path("base_mesh", ".glb")
    assert "face" in assimp_info(path)
    issues = gltf_issues(path)
    assert (issues["numErrors"], issues["numWarnings"]) == (0, 0), issues["messages"]


def test_keys_are_there(exported: ExportReport) -> None:
    document = pygltflib.GLTF2().load_binary(str(exported.path("base_mesh", ".glb")))
    (animation,) = document.animations
    assert (animation.channels[0].target.path, animation.extras) == ("weights", {"fps": FPS})
    times = document.accessors[animation.samplers[0].input]
    assert (times.min, times.max) == ([0.0], [2.0])
    assert 5 < times.count < 45  # of 51 frames: two eased ways
    details = next(file.details for file in exported.files if file.name.endswith(".glb"))
    assert details["fps"] == FPS


def test_the_card_tells_of_each_format(exported: ExportReport) -> None:
    card = (exported.folder / "README.txt").read_text("utf-8")
    kinds = {file.name.rpartition(".")[2] for file in exported.files if file.name.startswith("face_base.")}
    for kind, said in (("usdc", "m, Y up"), ("fbx", "cm, Y up"), ("abc", "m, Y up")):
        if kind in kinds:
            (line,) = [line for line in card.splitlines() if line.startswith(f"face_base.{kind}:")]
            assert said in line
    options = ExportOptions(what=frozenset({"base_mesh"}), base_formats=frozenset(kinds))
    assert {file.name for file in exported.files} <= set(planned_files(options))
