"""Asks a process of its own, with the real window in it, for the times of `gui.cli.bench_window`."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from rhytid.core.animation.clip import Clip
from rhytid.core.animation.edit import with_keys
from rhytid.core.animation.track import Key
from rhytid.core.cli.bootstrap import ROOT
from rhytid.core.cli.virtual_display import display_environment

WINDOW_STEPS = (
    "stroke_to_surface_1024", "slider_to_preview_256", "slider_to_1024", "frame", "playback", "live_link_frame",
)  # fmt: skip


def laugh() -> Clip:
    """Two seconds in which a face laughs and calms down."""
    names = ("mouthSmileLeft", "mouthSmileRight", "cheekSquintLeft", "cheekSquintRight", "jawOpen")
    keys = [(name, Key(time_s, value)) for name in names for time_s, value in ((0.0, 0.0), (1.0, 0.8), (2.0, 0.0))]
    return with_keys(Clip(end_s=2.0), keys)


def window_times_ms(
    steps: tuple[str, ...], runs: int
) -> tuple[dict[str, list[float]], dict[str, float], tuple[int, int]]:
    """Times of `runs` events per step in ms, how many pictures a second came of those that play by themselves, and the
    viewport's size in pixels, from a process of its own.

    Raises
    ------
    OSError
        There is no display and no Xvfb.
    RuntimeError
        The window did not get to measure; the message is the process's own.
    """
    with display_environment() as environment, tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "times.json"
        options = ["--only", ",".join(steps), "--runs", str(runs), "--window-times", str(told)]
        command = [sys.executable, str(ROOT / "main.py"), "bench", *options]
        private = {**environment, "RHYTID_STATE_DIR": str(Path(folder) / "state")}
        done = subprocess.run(command, env=private, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            raise RuntimeError(f"the window could not be measured: {done.stderr.strip()[-500:]}")
        report = json.loads(told.read_text())
    width, height = report["viewport_px"]
    return report["times_ms"], report["pictures_per_second"], (width, height)
