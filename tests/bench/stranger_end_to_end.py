"""A stranger's head from its file to three programs: opened, drawn on, smiling, exported, and compared as pictures.

    RHYTID_BPY=... RHYTID_GLTF_VALIDATOR=... python tests/bench/stranger_end_to_end.py [--model ICT] [--out DIR]

A random person of ICT-FaceKit (`--model`, its .npz or folder), of the default head where none is named, gets other
vertices and triangles, another layout of texture coordinates, a body, lashes and the names of a VRM's shapes, and is
written as a GLB. That is opened as the program opens it; strokes are drawn, it smiles, and it is exported as Blender,
three.js and readers of USD take it, in the chart's layout and in its own. Blender (by its importers of glTF, OBJ and
USD) and three.js show it from the camera of the editor. Printed for each: SSIM of the normals' pictures, and the angle
to the editor's normals, median and 95 %, over all pixels and over those of the face; pictures side by side in `--out`.
Programs that are not there are left out. `--stranger FILE` takes a file that was made before.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from skimage.metrics import structural_similarity

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), *(str(ROOT / "tests" / name) for name in ("samples", "io", "bench"))]

import pytest  # noqa: E402
from other_programs import blender, gltf_issues, three  # noqa: E402
from stranger import write_stranger  # noqa: E402
from stranger_head import remeshed  # noqa: E402

import main  # noqa: E402, F401  # names the source `rhytid`
import rhytid  # noqa: E402
from rhytid.core.arkit import N_EXPRESSION  # noqa: E402
from rhytid.core.document.state import Camera  # noqa: E402
from rhytid.core.head.load import default_head, load_head  # noqa: E402
from rhytid.core.io.export_other_parts import posed_parts  # noqa: E402
from rhytid.core.io.usd_file import why_no_usd  # noqa: E402
from rhytid.gui.render.camera import position_mm, view_from_head  # noqa: E402
from rhytid.gui.render.offscreen import OffscreenRenderer, standalone_context  # noqa: E402
from rhytid.gui.render.view_mode import ViewMode  # noqa: E402

SIZE = (640, 640)
CAMERA = Camera(yaw_deg=25.0, pitch_deg=5.0, distance_mm=560.0)
SMILE = {"mouthSmileLeft": 0.9, "mouthSmileRight": 0.9, "cheekSquintLeft": 0.6, "cheekSquintRight": 0.6}
RESOLUTION = 2048
PERSON = 21


def make_stranger(path: Path, model: Path | None) -> None:
    """Write the GLB."""
    head = default_head() if model is None else load_head(model)
    weights = 0.8 * np.random.default_rng(PERSON).normal(size=head.n_identity)
    person = replace(head, neutral=head.shape(weights, np.zeros(N_EXPRESSION)))
    made, uv = remeshed(person)
    tile = np.floor(uv[made.skin_triangles].mean(axis=1)[:, 0]).astype(int)  # the face, and the back of the head
    turned = np.stack([1 - uv[:, 1], uv[:, 0]], axis=1)[made.skin_triangles]
    turned[..., 1] -= tile[:, None]
    bent = turned + 0.04 * np.sin(np.pi * turned)[..., ::-1]
    print(f"{len(person.skin_triangles)} triangles of skin became {len(made.skin_triangles)}")
    write_stranger(path, made, layout=(0.02 + 0.9 * bent, np.where(tile == 0, 0, 2)))


def strokes() -> list[rhytid.Stroke]:
    """Lines of the brow, a fold beside the nose, crow's feet and a scar."""

    def stroke(name: str, points: list[tuple[float, float]], **given: Any) -> rhytid.Stroke:
        along = np.array(points, np.float32)
        return rhytid.Stroke(name, along, np.ones(len(along), np.float32), **given)

    wrinkles = [
        stroke(f"brow{number}", [(0.3, y + 0.015), (0.4, y), (0.5, y + 0.01), (0.6, y), (0.7, y + 0.015)],
               depth_mm=0.5, width=0.018)
        for number, y in enumerate((0.08, 0.13))
    ]  # fmt: skip
    fold = stroke("fold", [(0.62, 0.5), (0.67, 0.58), (0.7, 0.68)], depth_mm=0.7, width=0.03,
                  profile=rhytid.Profile.FOLD, folding=0.5)  # fmt: skip
    crows = [stroke(f"crow{n}", [(0.78, 0.3 + 0.02 * n), (0.86, 0.27 + 0.04 * n)], depth_mm=0.35, width=0.012)
             for n in range(3)]  # fmt: skip
    scar = stroke("scar", [(0.28, 0.5), (0.36, 0.6)], depth_mm=-0.4, width=0.02, profile=rhytid.Profile.SCAR)
    return [*wrinkles, fold, *crows, scar]


class Editor:
    """What the editor shows of a face: normals (H, W, 3), its picture, and which pixels are of the face."""

    def __init__(self, face: rhytid.Face) -> None:
        pose, maps = face.pose(), face.maps(RESOLUTION)
        others = [part.vertices for part in posed_parts(face.head.other_parts, face.state.expression)]
        with standalone_context() as ctx:
            renderer = OffscreenRenderer(ctx, face.head, SIZE)

            def picture(view: ViewMode, relief: Any, samples: int = 8) -> np.ndarray:
                return renderer.picture(pose.vertices, relief, CAMERA, face.state.lighting, view, samples,
                                        tension=pose.tension, scale_bar=False)  # fmt: skip

            # Views of data show the head alone: what other parts hide is not compared.
            with_parts, without = (
                renderer.picture(pose.vertices, maps, CAMERA, face.state.lighting, ViewMode.DETAILED, 1,
                                 tension=pose.tension, others=shown).astype(int)
                for shown in (others, ())
            )  # fmt: skip
            self.hidden = cv2.dilate((with_parts != without).any(axis=2).astype(np.uint8), np.ones((5, 5))) > 0
            self.normals = as_normals(picture(ViewMode.NORMALS, maps))
            self.looks = face.picture("detailed", SIZE, resolution=RESOLUTION, yaw_deg=CAMERA.yaw_deg,
                                      pitch_deg=CAMERA.pitch_deg, distance_mm=CAMERA.distance_mm)  # fmt: skip
            flat, raised = (
                picture(ViewMode.DISPLACEMENT, np.full((64, 64), mm, np.float32), 1).astype(int) for mm in (0.0, 0.3)
            )
            self.face = cv2.erode((np.abs(flat - raised).sum(axis=2) > 60).astype(np.uint8), np.ones((7, 7))) > 0
            renderer.release()


def as_normals(picture: np.ndarray) -> np.ndarray:
    """Unit normals of a picture that shows them as colours."""
    normals = picture.astype(np.float64) / 127.5 - 1
    return normals / np.maximum(np.linalg.norm(normals, axis=2, keepdims=True), 1e-6)


def as_colors(normals: np.ndarray) -> np.ndarray:
    return ((normals + 1) * 127.5).clip(0, 255).astype(np.uint8)


def lit(normals: np.ndarray) -> np.ndarray:
    """Clay in the light of one lamp from the side, which shows each wrinkle."""
    lamp = np.array([0.9, 0.5, 0.4]) / np.linalg.norm([0.9, 0.5, 0.4])
    return (255 * (0.15 + 0.85 * np.clip(normals @ lamp, 0, 1))).astype(np.uint8)


def compared(editor: Editor, normals: np.ndarray, covered: np.ndarray) -> str:
    """SSIM of lit clay, and angles, over all pixels and over the face."""
    inside = (cv2.erode(covered.astype(np.uint8), np.ones((9, 9))) > 0) & ~editor.hidden
    angle = np.degrees(np.arccos(np.clip((editor.normals * normals).sum(axis=2), -1, 1)))
    alike = structural_similarity(
        lit(editor.normals), lit(normals), full=True, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )[1]
    told = []
    for name, chosen in (("all", inside), ("face", inside & editor.face)):
        median, most = np.percentile(angle[chosen], [50, 95])
        told.append(f"{name}: SSIM {alike[chosen].mean():.4f}, {median:.2f} deg, 95 % below {most:.2f}")
    return "   ".join(told)


def side_by_side(path: Path, editor: Editor, normals: np.ndarray, covered: np.ndarray, looks: np.ndarray) -> None:
    """Clay, normals and looks of the editor and of a program, and where normals differ (white: 20 degrees)."""
    angle = np.degrees(np.arccos(np.clip((editor.normals * normals).sum(axis=2), -1, 1))) * covered
    away = np.repeat((np.clip(angle / 20, 0, 1) * 255).astype(np.uint8)[..., None], 3, axis=2)
    rows = [
        [np.repeat(lit(editor.normals)[..., None], 3, axis=2), np.repeat(lit(normals)[..., None], 3, axis=2), away],
        [editor.looks, looks, as_colors(normals)],
    ]
    picture = np.concatenate([np.concatenate(row, axis=1) for row in rows])
    cv2.imwrite(str(path), picture[..., ::-1])


def tell(remarks: Sequence[str]) -> None:
    for remark in remarks:
        print(f"  {remark}")


def exported(face: rhytid.Face, out: Path) -> dict[str, Path]:
    """Files to look at, by what they are."""
    found = {}
    what = {"base_mesh", "displacement", "normal_map", "albedo", "roughness", "occlusion"}
    usd = set() if why_no_usd() else {"usdc"}
    for client in ("blender", "three"):
        formats = {"blender": {"glb", "obj"} | usd, "three": {"glb"}}[client]
        report = face.export(out / client, client=client, what=what, base_formats=formats, resolution=RESOLUTION,
                             overwrite=True)  # fmt: skip
        found |= {f"{client} {kind}": report.path("base_mesh", f".{kind}") for kind in sorted(formats)}
        tell(report.remarks)
    own = face.export(out / "own", client="three", what=what, layout="own", resolution=RESOLUTION, overwrite=True,
                      base_formats={"glb"} | ({"usdz"} if usd else set()))  # fmt: skip
    tell(own.remarks)
    found["own glb"] = own.path("base_mesh", ".glb")
    if usd:
        found["own usdz"] = own.path("base_mesh", ".usdz")
    displaced = face.export(out / "displaced", client="blender", what={"displaced_mesh", "albedo"}, levels=2,
                            resolution=RESOLUTION, overwrite=True)  # fmt: skip
    found["displaced obj"] = displaced.path("displaced_mesh", ".obj")
    return found


def by_three(file: Path, weights: dict[str, float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Normals in the head's axes, coverage and looks."""
    camera = {"fov_deg": CAMERA.fov_deg, "position": (position_mm(CAMERA) / 1000).tolist()}
    camera["target"] = [value / 1000 for value in CAMERA.target_mm]
    pictures = [{"weights": weights, "material": material} for material in ("normals", "own")]
    seen, looks = three(file, {"size": SIZE, "camera": camera, "pictures": pictures})["pictures"]
    return as_normals(seen) @ view_from_head(CAMERA)[:3, :3], seen.any(axis=2), looks


def by_blender(files: dict[str, Path], weights: dict[str, float], out: Path) -> dict[str, np.ndarray]:
    """Normals, looks and coverage of each file, (H, W, 7)."""
    camera = np.linalg.inv(view_from_head(CAMERA))
    camera[:3, 3] /= 1000
    world = np.array([[1, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1]]) @ camera
    jobs = [
        {"file": str(file), "out": str(out / f"{name}.npy"), "size": SIZE, "fov_deg": CAMERA.fov_deg,
         "weights": weights if file.suffix != ".obj" else None, "world_from_camera": world.tolist()}
        for name, file in files.items()
    ]  # fmt: skip
    (out / "jobs.json").write_text(json.dumps(jobs))
    told = blender(ROOT / "tests" / "bench" / "stranger_in_blender.py", out / "jobs.json", timeout_s=3000)
    for name, one in zip(files, told, strict=True):
        print(f"  Blender, {name}: {one}")
    return {name: np.load(out / f"{name}.npy") for name in files}


def run() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--stranger", type=Path)
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rhytid-stranger-") as name:
        out = chosen.out or Path(name)
        out.mkdir(parents=True, exist_ok=True)
        path = chosen.stranger or out / "stranger.glb"
        if chosen.stranger is None:
            make_stranger(path, chosen.model)
        walk(path, out)
    return 0


def walk(path: Path, out: Path) -> None:
    started = time.process_time()
    face = rhytid.Face(path)
    print(f"opened in {time.process_time() - started:.1f} s of the CPU: {face.remark}")
    print(f"beside the head: {', '.join(part.name for part in face.head.other_parts)}")
    face.age = 55
    face.strokes = strokes()
    face.expression = SMILE
    editor = Editor(face)
    cv2.imwrite(str(out / "editor.png"), editor.looks[..., ::-1])
    cv2.imwrite(str(out / "editor_clay.png"), lit(editor.normals))
    started = time.process_time()
    files = exported(face, out)
    print(f"exported in {time.process_time() - started:.1f} s of the CPU", flush=True)
    try:
        for label in ("three glb", "own glb"):
            issues = gltf_issues(files[label])
            print(f"{label}: Khronos finds {issues['numErrors']} errors, {issues['numWarnings']} warnings",
                  *{each["message"] for each in issues["messages"] if each["severity"] < 2})  # fmt: skip
            normals, covered, looks = by_three(files[label], SMILE)
            print(f"three.js, {label}: {compared(editor, normals, covered)}", flush=True)
            side_by_side(out / f"three_{label.replace(' ', '_')}.png", editor, normals, covered, looks)
    except pytest.skip.Exception as reason:
        print(f"three.js is left out: {reason}")
    try:
        wanted = {name: file for name, file in files.items() if name not in ("three glb", "blender obj")}
        seen = by_blender(wanted, SMILE, out)
    except pytest.skip.Exception as reason:
        print(f"Blender is left out: {reason}")
        return
    for label, values in seen.items():
        normals = values[..., :3].astype(np.float64)
        normals /= np.maximum(np.linalg.norm(normals, axis=2, keepdims=True), 1e-6)
        covered, looks = values[..., 6] > 0.99, (values[..., 3:6].clip(0, 1) * 255).astype(np.uint8)
        print(f"Blender, {label}: {compared(editor, normals, covered)}")
        side_by_side(out / f"blender_{label.replace(' ', '_')}.png", editor, normals, covered, looks)


if __name__ == "__main__":
    raise SystemExit(run())
