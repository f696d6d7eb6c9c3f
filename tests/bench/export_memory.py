"""How much memory a full export takes at its peak, with all kinds of files and all of them read back.

    python tests/bench/export_memory.py [--resolution 4096] [--limit-mb 1000] [PROJECT ...]

Without projects it makes two: a generated face of 58 years that smiles, and one with an imported map of 256 texels,
a line of it erased and one drawn. Ends with 1 when a peak is above the limit.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import main  # noqa: E402, F401  # names the source `rhytid`


def make_projects(folder: Path) -> list[Path]:
    """A generated face and one with an imported map."""
    from rhytid.core.arkit import expression_array
    from rhytid.core.document.commands import ImportSource
    from rhytid.core.document.project import save_project
    from rhytid.core.face.engine_choice import default_engines, new_state
    from rhytid.core.io.displacement_file import source_detail
    from rhytid.core.io.displacement_writing import write_displacement
    from rhytid.core.lines.stroke import Stroke

    smile = tuple(expression_array({"mouthSmileLeft": 0.7, "mouthSmileRight": 0.6}).tolist())
    generated = replace(new_state(default_engines()), expression=smile, age=58.0)
    y = np.arange(256, dtype=np.float32)[:, None]
    relief = sum(-0.3 * np.exp(-(((y - row) / 2.5) ** 2)) for row in (24, 34, 150)) * np.ones((1, 256), np.float32)
    relief += np.random.default_rng(1).normal(0, 0.01, relief.shape)
    path = write_displacement(folder / "map.png", relief.astype(np.float32), scale_mm=1.8)[0]
    imported = ImportSource(source_detail(path, (0.0,) * 52, 30.0)).apply(new_state(default_engines()))
    along = np.linspace(0.3, 0.7, 30, dtype=np.float32)
    drawn = Stroke("drawn", np.stack([along, np.full_like(along, 0.12)], axis=1), np.ones_like(along))
    imported = replace(imported, strokes=(*imported.strokes[1:], drawn), expression=smile, age=45.0)
    projects = [folder / "generated.rhytid", folder / "imported.rhytid"]
    for project, state in zip(projects, (generated, imported), strict=True):
        save_project(project, state)
    return projects


def export_peak(project: Path, outdir: Path, *options: str) -> tuple[float, float]:
    """Peak of resident memory in MB and time in seconds of ``rhytid export`` in a process of its own."""
    command = [sys.executable, str(ROOT / "main.py"), "export", str(project), str(outdir), *options]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    unit = 1 if sys.platform == "darwin" else 1024
    return usage.ru_maxrss * unit / 1e6, time.perf_counter() - started


def run(argv: list[str] | None = None) -> int:
    """Measure, print, compare with the limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("projects", nargs="*", type=Path, metavar="PROJECT")
    parser.add_argument("--resolution", default="4096")
    parser.add_argument("--limit-mb", type=float, default=1000.0)
    arguments = parser.parse_args(argv)
    too_much = False
    with tempfile.TemporaryDirectory(prefix="rhytid-memory-") as name:
        folder = Path(name)
        for project in arguments.projects or make_projects(folder):
            for kind in ("obj", "ply", "glb"):
                options = ("--resolution", arguments.resolution, "--mesh-format", kind)
                peak_mb, elapsed_s = export_peak(project, folder / project.stem / kind, *options)
                too_much = too_much or peak_mb > arguments.limit_mb
                print(f"{project.stem:<16} {kind}  {peak_mb:6.0f} MB  {elapsed_s:6.1f} s", flush=True)
    return 1 if too_much else 0


if __name__ == "__main__":
    raise SystemExit(run())
