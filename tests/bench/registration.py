"""How well meshes of strangers are registered: pose, places on the chart, and shapes made for them.

    python tests/bench/registration.py [--model ICT] [--people 2] [--cases plain,cut] [--first-seed 11]

Random people of ICT-FaceKit (`--model`, its .npz or folder), or of the default head where none is named, are changed
as meshes of strangers are (cut at the neck, finer triangles, fewer, holes, noise, turned at random, any unit), written
as an OBJ without a word, and opened. Printed for each: CPU seconds, by how many degrees it stands askew, distance of
the iBUG landmarks from where they belong in px of a chart of 256 (median and 95 %), and error of the shapes made, as
shares of their size (median and 90 %). Decimated meshes need the package fast-simplification and are left out without.
People of the default head are easier than those of another model, for the model that is laid onto them is their own.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import trimesh
from scipy.spatial.transform import Rotation

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import main  # noqa: E402, F401  # names the source `rhytid`
from rhytid.core.head.errors import HeadFileError  # noqa: E402
from rhytid.core.head.head import Head, Part, split_faces  # noqa: E402
from rhytid.core.head.ict import read_ict  # noqa: E402
from rhytid.core.head.load import default_head, load_head  # noqa: E402
from rhytid.core.head.register import similarity  # noqa: E402
from rhytid.core.head.surface import Surface  # noqa: E402

_ASKED_SHAPE_MM = 5.0  # norm over about 11 000 vertices: shapes that move less are left out
_CHIN = 8
_OFF_MESH_MM = 4.0


class Case(NamedTuple):
    """A mesh of a stranger: its unit in mm, what is done to it, and noise in mm."""

    unit_mm: float
    steps: tuple[str, ...]
    noise_mm: float = 0.0


CASES = {
    "plain": Case(1.0, ()),
    "rotated": Case(1.0, ("turn",)),
    "cut": Case(10.0, ("cut", "turn")),
    "finer": Case(25.4, ("finer", "cut", "turn")),
    "noise": Case(1.0, ("cut", "turn"), 0.3),
    "holes": Case(1000.0, ("holes", "cut", "turn"), 0.3),
    "decimated": Case(1000.0, ("cut", "decimate", "turn")),
    "400000": Case(25.4, ("subdivide", "turn")),
}


class People(NamedTuple):
    """A model whose shapes are known: skin vertices (n, 3) in mm, modes, shapes, triangles and landmarks."""

    neutral: np.ndarray
    identity: np.ndarray
    expression: np.ndarray
    triangles: np.ndarray
    landmarks: np.ndarray


def people(model: Path | None) -> People:
    """Those of a file, else those of the default head."""
    if model is None:
        own = default_head()
        n, triangles = own.n_skin, own.skin_triangles
        return People(own.neutral[:n], own.identity[:, :n], own.expression[:, :n], triangles, own.landmarks)
    read = read_ict(model)
    n, triangles = read.n_skin, split_faces(read.faces[read.parts == Part.SKIN])[0]
    assert read.landmarks is not None
    return People(read.neutral[:n], read.identity[:, :n], read.expression[:, :n], triangles, read.landmarks)


def stranger(
    person: np.ndarray, base: People, case: Case, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vertices in the unit of the file, triangles, and the same vertices without noise, turn and unit."""
    triangles = base.triangles
    if "cut" in case.steps:
        up = np.array([0, 1, -0.25])
        below = person[base.landmarks[_CHIN]] + [0, -25, 30]
        triangles = triangles[(person[triangles] @ up > below @ up).all(axis=1)]
    if "holes" in case.steps:
        middles = person[random.choice(len(person), 25)]
        near = np.linalg.norm(person[:, None] - middles, axis=2).min(axis=1) < 6
        triangles = triangles[~near[triangles].any(axis=1)]
    mesh = trimesh.Trimesh(person, triangles, process=False)
    mesh.remove_unreferenced_vertices()
    points, triangles = np.asarray(mesh.vertices), np.asarray(mesh.faces)
    if "finer" in case.steps:
        points, triangles = trimesh.remesh.subdivide_to_size(points, triangles, 4.0)
    while "subdivide" in case.steps and len(triangles) <= 400_000 // 4:
        points, triangles = trimesh.remesh.subdivide(points, triangles)
    if "decimate" in case.steps:
        from fast_simplification import simplify

        points, triangles = simplify(points.astype(np.float32), triangles.astype(np.int32), target_count=5000)
    points = np.asarray(points, np.float64)
    turn = Rotation.random(random_state=random).as_matrix() if "turn" in case.steps else np.eye(3)
    noisy = points + case.noise_mm * random.normal(size=points.shape)
    return noisy @ turn.T / case.unit_mm, triangles, points


def opened(points: np.ndarray, triangles: np.ndarray) -> tuple[Head, float]:
    """The head of a mesh without a word, and the CPU seconds that it took."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stranger.obj"
        lines = [f"v {x:.7g} {y:.7g} {z:.7g}" for x, y, z in points] + [f"f {a} {b} {c}" for a, b, c in triangles + 1]
        path.write_text("\n".join(lines) + "\n")
        before = time.process_time()
        return load_head(path), time.process_time() - before


def report(head: Head, clean: np.ndarray, triangles: np.ndarray, person: np.ndarray, base: People) -> str:
    """Figures of a head against the person it was made of."""
    own, used = default_head(), np.unique(triangles)
    scale, turn, shift = similarity(clean[used], head.neutral[: head.n_skin].astype(np.float64))
    tilt = np.degrees(Rotation.from_matrix(turn).magnitude())
    surface = Surface(head.neutral[: head.n_skin].astype(np.float64), head.skin_triangles)
    where = surface.nearest(scale * person[base.landmarks] @ turn.T + shift)
    away = 256 * np.linalg.norm(surface.at(where, head.chart.astype(np.float64)) - own.chart[own.landmarks], axis=1)
    px = away[where.distance < _OFF_MESH_MM]
    found = Surface(person, base.triangles).nearest(clean[used])
    corners, errors = base.triangles[found.triangle], []
    for known, made in zip(base.expression, head.expression, strict=True):
        true = scale * np.einsum("nk,nkc->nc", found.barycentric, known.astype(np.float64)[corners]) @ turn.T
        size = np.linalg.norm(true)
        if size > _ASKED_SHAPE_MM * np.sqrt(len(used) / 11_000):
            errors.append(np.linalg.norm(made[: len(used)] - true) / size)
    return (
        f"askew {tilt:5.1f} deg   landmarks {np.median(px):.2f} / {np.quantile(px, 0.95):.2f} px   "
        f"shapes {np.median(errors):.3f} / {np.quantile(errors, 0.9):.3f}"
    )


def run() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--people", type=int, default=2)
    parser.add_argument("--first-seed", type=int, default=11)
    parser.add_argument("--cases", default=",".join(CASES))
    chosen = parser.parse_args()
    base = people(chosen.model)
    for name in chosen.cases.split(","):
        case = CASES[name]
        if "decimate" in case.steps and importlib.util.find_spec("fast_simplification") is None:
            print(f"{name}: left out, fast-simplification is not installed")
            continue
        for seed in range(chosen.first_seed, chosen.first_seed + chosen.people):
            random = np.random.default_rng(seed)
            weights = random.normal(size=len(base.identity))
            person = base.neutral.astype(np.float64) + np.tensordot(weights, base.identity.astype(np.float64), 1)
            points, triangles, clean = stranger(person, base, case, random)
            try:
                head, seconds = opened(points, triangles)
                told = f"{seconds:5.1f} s   {report(head, clean, triangles, person, base)}"
            except HeadFileError as error:
                told = f"refused: {str(error).split(': ', 1)[-1]}"
            print(f"{name:10} {seed:3} {len(triangles):7} triangles   {told}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(run())
