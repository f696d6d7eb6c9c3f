"""Wrinkle packs at full size: time, memory, and how alike their pictures are to the editor's.

    python tests/bench/pack_figures.py [--out DIR] [--json FILE] [--cases generic:2048:2:60,metahuman:2048:2:60]

A case is a layout, texels a side, a random person of the default head, and years. Each is written in a process of its
own, with the engine that the window begins with, and compared over the 20 expressions that no pack is fitted to, by the
pack's own GLSL. Printed for each, and kept as JSON: seconds on the clock and of the CPU and peak of resident memory,
of writing and of comparing; SSIM of the 20, mean and least, with the neutral maps alone beside it, of the whole face in
the face's light and of forehead and crow's feet from near in raking light; the error in um.
`--out` keeps packs, heat maps and pictures. About ten minutes a case at 2048 on one core.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
CASES = (
    "generic:2048:2:60", "metahuman:2048:2:60", "character-creator:2048:2:60", "generic:2048:1:30", "generic:2048:3:75",
    "generic:4096:2:60",
)  # fmt: skip


def one(case: str, folder: Path, step: str) -> dict[str, Any]:
    """Write the pack of a case, or compare it with the editor; in this process."""
    __import__("main")  # names the source `rhytid`
    from rhytid.core.face.face import Face
    from rhytid.core.pack.expressions import held_out_samples
    from rhytid.core.pack.options import PackOptions
    from rhytid.core.pack.writing import write_pack

    layout, size, person, years = case.split(":")
    face = Face()
    face.be_random(int(person))
    face.age = float(years)
    told: dict[str, Any] = {"engine": face.engine}
    if step == "write":
        report = write_pack(face.state, face.head, face.engines, folder, PackOptions(layout, size=int(size)))
        left = report.residual
        told |= {"mean_um": left.mean_um, "p95_um": left.p95_um, "neutral_um": left.without_um,
                 "left_of_energy": left.energy_left, "read_back": report.read_back,
                 "worst": {each.name: each.mean_um for each in left.worst},
                 "mb": sum(n_bytes for _, n_bytes in report.files) / 1e6}  # fmt: skip
        return told
    from rhytid.gui.render.pack_check import WHOLE, checked, close_views

    for name, view in {"face": WHOLE, **close_views(face.head)}.items():
        scores = checked(face, folder, held_out_samples(), pictures=folder / name, view=view)
        found, without = (np.array([getattr(each, name) for each in scores]) for name in ("ssim", "without"))
        told[name] = {"ssim_mean": found.mean(), "ssim_least": found.min(), "neutral_mean": without.mean(),
                      "neutral_least": without.min(), "ssim": {each.name: each.ssim for each in scores}}  # fmt: skip
    return told


def measured(case: str, folder: Path, step: str) -> dict[str, Any]:
    """What `one` tells, with seconds and memory of its process."""
    command = [sys.executable, __file__, "--step", step, "--out", str(folder), "--cases", case]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{case}: {step} ended with {process.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024
    return json.loads(said.splitlines()[-1]) | {
        "seconds": time.perf_counter() - started, "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss * unit / 1e6,
    }  # fmt: skip


def run() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--step", choices=("write", "check"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.step:
        print(json.dumps(one(chosen.cases, chosen.out, chosen.step)))
        return 0
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="rhytid-packs-") as name:
        for case in chosen.cases.split(","):
            folder = (chosen.out or Path(name)) / case.replace(":", "_")
            figures[case] = {step: measured(case, folder, step) for step in ("write", "check")}
            made, seen = figures[case]["write"], figures[case]["check"]
            print(
                f"{case:28} {made['seconds']:5.0f} s ({made['cpu_seconds']:.0f} CPU) {made['peak_mb']:5.0f} MB   "
                f"{made['mean_um']:.1f} um, neutral map {made['neutral_um']:.1f}"
            )
            for name in ("face", "forehead", "crow's feet"):
                of_view = seen[name]
                print(
                    f"    {name:14} SSIM {of_view['ssim_mean']:.4f}, least {of_view['ssim_least']:.4f}   neutral map "
                    f"{of_view['neutral_mean']:.4f}, least {of_view['neutral_least']:.4f}",
                    flush=True,
                )
            if chosen.json:
                chosen.json.write_text(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(run())
