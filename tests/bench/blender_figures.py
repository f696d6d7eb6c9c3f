"""How near Blender's displacement of the base mesh comes to the displaced mesh of the same export, on the default head.

    RHYTID_BPY=PYTHON_WITH_BPY python tests/bench/blender_figures.py [--resolution 1024] [--age 60]

The steps are the recipe card's. Prints JSON: distances in mm from vertices of the displaced mesh to the nearest one of
Blender's, where the skin is displaced; `smooth` are those to Blender's mesh without the map, which says what the map
is worth.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "io")]

from other_programs import blender  # noqa: E402
from test_recipe_in_blender import FOLLOW  # noqa: E402

import main  # noqa: E402, F401  # names the source `rhytid`
import rhytid  # noqa: E402
from rhytid.core.io.mesh_file import load_mesh  # noqa: E402

MM_PER_M = 1000


def figures(resolution: int, age: float) -> dict[str, object]:
    """What Blender makes of an export at an age, beside the exported displaced mesh."""
    face = rhytid.Face()
    face.age = age
    with tempfile.TemporaryDirectory(prefix="rhytid-bench-") as name:
        folder = Path(name)
        report = face.export(
            folder, client="blender", what={"base_mesh", "displacement", "displaced_mesh"}, base_formats={"obj"},
            mesh_format="obj", resolution=resolution, verify=False,
        )  # fmt: skip
        recipe = json.loads((folder / "export.json").read_text("utf-8"))["recipe"]
        jobs = folder / "jobs.json"
        jobs.write_text(json.dumps([{**recipe, "meshes": [], "folder": name, "clamps": [False]}]), "utf-8")
        blender(FOLLOW, jobs, timeout_s=900)
        moved, smooth = (np.load(folder / f"clamp0_{part}.npy") for part in ("moved", "smooth"))
        meant = load_mesh(report.path("displaced_mesh")).vertices * MM_PER_M
    is_moved = np.linalg.norm(moved - smooth, axis=1) > 1e-4
    tree = cKDTree(smooth)
    away, nearest = tree.query(meant, workers=1)
    on_skin = is_moved[nearest] & (away < 3)
    found = {"vertices": len(meant), "of_blender": len(moved), "levels": recipe["displacement"]["levels"]}
    for label, points in (("displaced", moved), ("smooth", smooth)):
        distance, _ = cKDTree(points).query(meant[on_skin], workers=1)
        found[label] = {"median_mm": round(float(np.median(distance)), 4),
                        "p95_mm": round(float(np.percentile(distance, 95)), 4)}  # fmt: skip
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resolution", type=int, default=1024)
    parser.add_argument("--age", type=float, default=60.0)
    given = parser.parse_args()
    print(json.dumps(figures(given.resolution, given.age), indent=1))
