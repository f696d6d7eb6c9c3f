"""How much of a scan's detail comes back, and what it costs: a person of known relief as a scan.

    python tests/bench/scan_detail.py [--sizes 1024,4096,8192] [--triangles 5000000] [--format ply] [--limit-mb 4000]

A random person of the default head is subdivided and moved by a relief of folds, lines and pores; the scanner gives
noise, spikes and holes, and the scan stands turned, in metres. Each size is made by `rhytid scan` in a process of its
own. Printed are its seconds, its peak of resident memory, and, where the scan shows skin:

- the correlation of the relief found with the true one, whole and without what is broader than about 4 mm;
- how far the made face (base and displacement) lies from the true surface, in um, and how far the base alone does;
- the difference of the colour to the true one, in levels of 255.

Ends with 1 when a peak is above the limit.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from scipy.spatial.transform import Rotation

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "samples")]

import main  # noqa: E402, F401  # names the source `rhytid`

SIDE = 4096
HOLES = ((0.3, 0.65, 0.04), (0.72, 0.4, 0.025), (0.5, 0.12, 0.03))  # chart coordinates and radius
NOISE_MM, SPIKE_MM, SPIKES = 0.01, 5.0, 200
BANDS = ((0.12, 6.0), (0.1, 2.0), (0.06, 0.7), (0.025, 0.25))  # RMS and width of the relief, mm
CHART_MM = 157.0
FINE_MM = 2.0
SAMPLES = 50_000


class Truth(NamedTuple):
    """Head, person (V, 3), relief (R, R) in mm."""

    head: object
    person: np.ndarray
    relief: np.ndarray


def truth_of(seed: int) -> Truth:
    """A person and a relief: noise in bands, and furrows."""
    from rhytid.core.head.load import default_head

    head, rng = default_head(), np.random.default_rng(seed)
    person = head.shape(0.8 * rng.standard_normal(40), np.zeros(52))
    relief = np.zeros((SIDE, SIDE), np.float32)
    for rms, width in BANDS:
        px = width / CHART_MM * SIDE
        step = max(int(px / 3), 1)
        coarse = rng.standard_normal((SIDE // step, SIDE // step)).astype(np.float32)
        band = cv2.resize(cv2.GaussianBlur(coarse, (0, 0), px / step), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        relief += rms * band / band.std()
    rows = np.arange(SIDE, dtype=np.float32)[:, None] / SIDE
    for row in (0.16, 0.2, 0.24):
        relief -= 0.35 * np.exp(-(((rows - row) * CHART_MM / 0.8) ** 2))
    return Truth(head, person, relief)


def color_at(chart: np.ndarray) -> np.ndarray:
    """Red, green and blue of places in the chart (N, 2), 0..255."""
    x, y = chart.T
    return np.stack([120 + 100 * np.sin(9 * x), 110 + 90 * np.sin(7 * y), 100 + 60 * np.cos(8 * (x + y))], axis=1)


def surface_of(truth: Truth, vertices: np.ndarray, relief: np.ndarray, levels: int):
    """The skin in the chart, subdivided and moved: vertices (V, 3), chart (V, 2), quads (Q, 4)."""
    from rhytid.core.head.head import Part
    from rhytid.core.head.normals import vertex_normals
    from rhytid.core.head.subdivide import subdivide

    head = truth.head
    skin = head.faces[head.parts == Part.SKIN]
    finer = subdivide(skin, head.n_skin, levels)
    smooth = finer.apply(vertices[: head.n_skin])
    chart, weight = np.split(finer.apply(np.concatenate([head.chart, head.detail_weight[:, None]], axis=1)), [2], 1)
    quads = finer.faces
    normals = vertex_normals(smooth, np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]))
    place = (chart * len(relief) - 0.5).astype(np.float32)
    height = np.concatenate([cv2.remap(relief, part[None, :, 0], part[None, :, 1], cv2.INTER_CUBIC)[0]
                             for part in np.array_split(place, len(place) // 30000 + 1)])  # fmt: skip
    return smooth + normals * (height * weight[:, 0])[:, None], chart, quads, weight[:, 0]


def write_scan(path: Path, truth: Truth, n_triangles: int, seed: int) -> int:
    """A scan of the person; the number of its triangles."""
    rng = np.random.default_rng(seed)
    levels = next(level for level in (1, 2, 3, 4) if level == 4 or 32800 * 4**level > 0.9 * n_triangles)
    vertices, chart, quads, weight = surface_of(truth, truth.person, truth.relief, levels)
    # Nearest to the middle of the chart first: what is left over is the back of the head.
    near = np.abs(chart - 0.5).max(axis=1) + (weight <= 0)
    order = np.argsort(near[quads].max(axis=1), kind="stable")[: n_triangles // 2]
    quads = quads[np.sort(order)]
    open_ = np.ones(len(quads), bool)
    for x, y, radius in HOLES:
        open_ &= (np.hypot(*(chart - (x, y)).T) > radius)[quads].all(axis=1)
    quads = quads[open_]
    used = np.unique(quads)
    index = np.full(len(vertices), -1)
    index[used] = np.arange(len(used))
    vertices, chart, quads = vertices[used], chart[used], index[quads]
    vertices = vertices + NOISE_MM * rng.standard_normal(vertices.shape)
    vertices[rng.choice(len(vertices), SPIKES)] += SPIKE_MM
    vertices = Rotation.from_euler("xyz", (100, 20, 35), degrees=True).apply(vertices) / 1000 + (0.3, 1.2, -0.4)
    if path.suffix == ".ply":
        from scan_samples import write_ply

        write_ply(path, vertices, quads, color_at(chart).clip(0, 255))
    else:
        from scan_samples import write_textured

        x, y = np.meshgrid((np.arange(SIDE) + 0.5) / SIDE, 1 - (np.arange(SIDE) + 0.5) / SIDE)
        rgb = color_at(np.stack([x, y], axis=-1).reshape(-1, 2)).clip(0, 255).astype(np.uint8)
        write_textured(path, vertices, quads, chart, rgb.reshape(SIDE, SIDE, 3))
    return 2 * len(quads)


def measured(truth: Truth, project: Path) -> dict[str, float]:
    """How a made face compares with the truth."""
    from rhytid.core.face.face import Face
    from rhytid.core.head.chart import ChartRaster
    from rhytid.core.head.surface import Surface

    face = Face(project)
    found = face.state.source.displacement
    side = min(len(found), SIDE)
    relief, found = (cv2.resize(one, (side, side), interpolation=cv2.INTER_AREA) for one in (truth.relief, found))
    x, y = np.meshgrid(*2 * [(np.arange(side, dtype=np.float32) + 0.5) / side])
    known = cv2.resize(ChartRaster(truth.head, 512).sample(truth.head.detail_weight), (side, side)) > 0.99
    for column, row, radius in HOLES:
        known &= np.hypot(x - column, y - row) > radius + 0.015
    px = FINE_MM / CHART_MM * side
    fine = [one - cv2.GaussianBlur(one, (0, 0), px) for one in (found, relief)]
    alike, alike_fine = (np.corrcoef(*(one[known] for one in pair))[0, 1] for pair in ((found, relief), fine))
    result = {"r": alike, "r fine": alike_fine, "rms fine": fine[0][known].std() / fine[1][known].std()}
    true, chart, quads, weight = surface_of(truth, truth.person, truth.relief, 3)
    surface = Surface(true, np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]))
    rng = np.random.default_rng(0)
    inside = weight > 0.99
    for column, row, radius in HOLES:
        inside &= np.hypot(*(chart - (column, row)).T) > radius + 0.015
    chosen = rng.choice(np.flatnonzero(inside), min(SAMPLES, int(inside.sum())), replace=False)
    made = face.head.shape((), np.zeros(52))
    n = truth.head.n_skin
    shift = np.median(truth.person[:n] - made[:n], axis=0)
    turn = np.eye(3)
    for name, relief_of in (("base", np.zeros((8, 8), np.float32)), ("face", face.state.source.displacement)):
        given = surface_of(truth, made, relief_of, 3)[0][chosen]
        for _ in range(8):  # the made face stands where heads do, not where the person stood
            where = surface.nearest(given @ turn.T + shift, n_candidates=8)
            near = where.distance < 3 * np.median(where.distance)
            a, b = given[near].mean(axis=0), surface.at(where)[near].mean(axis=0)
            turn = Rotation.align_vectors(surface.at(where)[near] - b, given[near] - a)[0].as_matrix()
            shift = b - turn @ a
        away = 1000 * surface.nearest(given @ turn.T + shift, n_candidates=8).distance
        result |= {f"{name} median um": np.median(away), f"{name} p95 um": np.quantile(away, 0.95)}
    albedo = face.state.albedo
    if albedo is not None:
        side = len(albedo.srgb)
        x, y = np.meshgrid(*2 * [(np.arange(side) + 0.5) / side])
        shown = cv2.resize(known.astype(np.uint8), (side, side)) > 0
        off = np.abs(albedo.srgb[shown] - color_at(np.stack([x[shown], y[shown]], axis=1)))
        result["colour"] = float(np.median(off))
    return result


def run(argv: list[str] | None = None) -> int:
    """Make, measure, print, compare with the limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1024,4096,8192")
    parser.add_argument("--triangles", type=int, default=5_000_000)
    parser.add_argument("--format", choices=("ply", "obj", "glb"), default="ply")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit-mb", type=float, default=4000.0)
    arguments = parser.parse_args(argv)
    truth, too_much = truth_of(arguments.seed), False
    with tempfile.TemporaryDirectory(prefix="rhytid-scan-") as name:
        scan = Path(name) / f"scan.{arguments.format}"
        count = write_scan(scan, truth, arguments.triangles, arguments.seed)
        print(f"{count} triangles, {scan.stat().st_size / 1e6:.0f} MB of {arguments.format}", flush=True)
        for size in arguments.sizes.split(","):
            project = Path(name) / f"{size}.rhytid"
            command = [sys.executable, str(ROOT / "main.py"), "scan", str(scan), str(project), "--size", size]
            started = time.perf_counter()
            _, status, usage = os.wait4(subprocess.Popen(command).pid, 0)
            if status:
                raise RuntimeError(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
            peak_mb = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
            too_much = too_much or peak_mb > arguments.limit_mb
            elapsed_s, core_s = time.perf_counter() - started, usage.ru_utime + usage.ru_stime
            print(f"{size}: {elapsed_s:.0f} s ({core_s:.0f} s of a core), {peak_mb:.0f} MB", flush=True)
            values = measured(truth, project)
            print(" ", ", ".join(f"{key} {value:.3g}" for key, value in values.items()), flush=True)
    return int(too_much)


if __name__ == "__main__":
    sys.exit(run())
