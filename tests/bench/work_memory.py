"""How much memory the editor takes over a long time of random work, and how long it holds each hand up.

    python tests/bench/work_memory.py [--minutes 60] [--seed 0] [--json F] [--limit-mb-per-hour 100]

A window of 1280 x 800 pixels is worked in by a pen and a mouse: strokes, erasing, smoothing, masks, selecting and
moving, sliders of all panels, undo and redo, random people, lights, turning the head, views, panels, a new face now
and then. Every minute it comes to rest and tells its resident memory. Printed are memory at the start and the end, its
growth in the last two thirds (a line through the minutes: what caches fill at first is no leak), and for each kind of
work how long the GUI thread was held up by one event: median, 95th percentile and worst. Ends with 1 when memory grows
by more than the limit.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import main  # noqa: E402, F401  # names the source `rhytid`

MINUTE_S = 60.0


def resident_mb() -> float:
    """Resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


class Work:
    """One window, and hands that never rest; a method per kind of work."""

    def __init__(self, seed: int) -> None:
        from PySide6.QtCore import QEvent, QPointF, Qt

        from rhytid.gui.cli.bench_window import WindowBench, _mouse

        self.bench = WindowBench()
        self.chance = random.Random(seed)
        self.held_ms: dict[str, list[float]] = defaultdict(list)
        self._event, self._point, self._button, self._mouse = QEvent.Type, QPointF, Qt.MouseButton, _mouse
        self._doing = ""
        for dock in self.bench.window.docks.docks.values():
            dock.may_build = True
            dock.build()
        self.kinds: dict[Callable[[], None], int] = {
            self.draw: 6, self.erase: 3, self.smooth: 1, self.mask: 1, self.move: 2, self.slide: 8, self.undo: 4,
            self.redo: 2, self.person: 1, self.light: 1, self.turn: 3, self.look: 1, self.panel: 2,
        }  # fmt: skip

    @property
    def document(self):  # type: ignore[no-untyped-def]
        return self.bench.session.document

    def one(self) -> None:
        """Something that a hand might do next."""
        work = self.chance.choices(list(self.kinds), list(self.kinds.values()))[0]
        self._doing = work.__name__
        work()
        if len(self.document.state.strokes) > 150 or self.chance.random() < 0.004:
            self.document.new()

    def sent(self, act: Callable[[], object]) -> None:
        """Time an event, and let the program go on for a moment."""
        started = time.perf_counter()
        act()
        self.held_ms[self._doing].append(1e3 * (time.perf_counter() - started))
        self.bench._app.processEvents()

    # ---- kinds of work -------------------------------------------------------------------------------

    def draw(self) -> None:
        self._pen_with("brush")

    def erase(self) -> None:
        self._pen_with("eraser")

    def smooth(self) -> None:
        self.sent(self._action("select_all"))
        self.sent(self._action("smooth_selected"))

    def mask(self) -> None:
        from rhytid.core.document.commands import AddLayer
        from rhytid.core.lines.layer import StrokeLayer

        if not self.document.state.layers:
            self.sent(lambda: self.document.execute(AddLayer(StrokeLayer("mask"))))
        self.bench.session.tools.layer = self.document.state.layers[0].id
        self._pen_with("mask")

    def move(self) -> None:
        self._pen_with("select")

    def slide(self) -> None:
        rows = [row for _title, row in self.bench.window.docks.sliders() if row.isVisible()]
        if not rows:
            return
        row = self.chance.choice(rows)
        groove = row.groove_rect()

        def at(share: float):  # type: ignore[no-untyped-def]
            return self._point(groove.left() + groove.width() * share, groove.center().y())

        left, here = self._button.LeftButton, self.chance.random()
        self.sent(lambda: self._mouse(row, self._event.MouseButtonPress, at(here), left))
        for _ in range(self.chance.randrange(3, 12)):
            here = min(max(here + self.chance.uniform(-0.2, 0.2), 0.0), 1.0)
            self.sent(lambda share=here: self._mouse(row, self._event.MouseMove, at(share), left))
        self.sent(lambda: self._mouse(row, self._event.MouseButtonRelease, at(here), left))

    def undo(self) -> None:
        self.sent(self._action("undo"))

    def redo(self) -> None:
        self.sent(self._action("redo"))

    def person(self) -> None:
        self.sent(self._action("random_face"))

    def light(self) -> None:
        from rhytid.gui.controllers.light_looks import LOOKS

        name = self.chance.choice(list(LOOKS))
        self.sent(lambda: self.document.execute(LOOKS[name].command))

    def turn(self) -> None:
        view = self.bench.viewport
        at = self._point(self.chance.uniform(0, view.width()), self.chance.uniform(0, view.height()))
        middle = self._button.MiddleButton
        self.sent(lambda: self._mouse(view, self._event.MouseButtonPress, at, middle))
        for _ in range(10):
            at = at + self._point(self.chance.uniform(-20, 20), self.chance.uniform(-8, 8))
            self.sent(lambda at=at: self._mouse(view, self._event.MouseMove, at, middle))
        self.sent(lambda: self._mouse(view, self._event.MouseButtonRelease, at, middle))
        if self.chance.random() < 0.3:
            self.sent(self._action("look_front"))

    def look(self) -> None:
        self.sent(self._action(self.chance.choice(["view_normals", "view_displacement", "view_tension"])))
        self.sent(self._action("view_detailed"))

    def panel(self) -> None:
        dock = self.chance.choice(list(self.bench.window.docks.docks.values()))
        self.sent(dock.raise_)

    # ---- hands ---------------------------------------------------------------------------------------

    def _pen_with(self, tool: str) -> None:
        self.sent(self._action(tool))
        view, pen = self.bench.viewport, self.bench._pen
        at = self.bench._place((self.chance.uniform(0.25, 0.75), self.chance.uniform(0.12, 0.8)))
        self.sent(lambda: pen.send(view, self._event.TabletPress, at))
        heading = self.chance.uniform(0, 2 * np.pi)
        for _ in range(self.chance.randrange(6, 30)):
            heading += self.chance.uniform(-0.4, 0.4)
            at = at + 4 * self._point(np.cos(heading), np.sin(heading))
            self.sent(lambda at=at: pen.send(view, self._event.TabletMove, at))
        self.sent(lambda: pen.send(view, self._event.TabletRelease, at))

    def _action(self, name: str) -> Callable[[], object]:
        return self.bench.window.actions_by_name[name].trigger


def measure(minutes: float, seed: int) -> dict[str, object]:
    """Work, and tell what it took."""
    work = Work(seed)
    try:
        memory_mb, done, started = [], 0, time.perf_counter()
        while time.perf_counter() - started < minutes * MINUTE_S:
            minute_s = time.perf_counter()
            while time.perf_counter() - minute_s < min(MINUTE_S, minutes * MINUTE_S / 3):
                work.one()
                done += 1
            work.bench._rest()
            gc.collect()
            memory_mb.append(round(resident_mb(), 1))
            print(f"{len(memory_mb):3} min   {done:6} pieces of work   {memory_mb[-1]:7.1f} MB", flush=True)
    finally:
        work.bench.close()
    late = memory_mb[len(memory_mb) // 3 :]
    span_h = minutes / 60 / len(memory_mb)
    growth = float(np.polyfit(np.arange(len(late)) * span_h, late, 1)[0]) if len(late) > 1 else 0.0
    held = {
        name: {"n": len(ms), "median_ms": round(statistics.median(ms), 2),
               "p95_ms": round(float(np.percentile(ms, 95)), 2), "worst_ms": round(max(ms), 1)}
        for name, ms in sorted(work.held_ms.items())
    }  # fmt: skip
    return {"minutes": minutes, "seed": seed, "pieces_of_work": done, "memory_mb": memory_mb,
            "growth_mb_per_hour": round(growth, 1), "held_up": held}  # fmt: skip


def run(argv: list[str] | None = None) -> int:
    """Measure, print, compare with the limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--limit-mb-per-hour", type=float, default=100.0)
    arguments = parser.parse_args(argv)
    report = measure(arguments.minutes, arguments.seed)
    for name, figures in report["held_up"].items():  # type: ignore[attr-defined]
        print(f"{name:<8} n {figures['n']:<6} median {figures['median_ms']:7.2f} ms   p95 {figures['p95_ms']:7.2f} ms"
              f"   worst {figures['worst_ms']:7.1f} ms")  # fmt: skip
    print(f"memory grows by {report['growth_mb_per_hour']} MB an hour")
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
    return int(report["growth_mb_per_hour"] > arguments.limit_mb_per_hour)  # type: ignore[operator]


if __name__ == "__main__":
    raise SystemExit(run())
