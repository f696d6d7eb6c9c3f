"""Time every step that an artist waits for: medians and 95th percentiles in milliseconds.

The steps run through the editor's own stages without its window: document, pipeline, renderer at
1280 x 800 pixels and 1 sample, finished by the graphics driver. `first_frame` starts the whole editor, in
a new process each time, and counts from the start of Python to the first frame of the face on the screen.
Those that an artist's hand waits for are measured in the real window as well (`gui.cli.bench_window`).

First comes a probe of the machine (`gui.cli.bench_probe`): every step is also given as a multiple of its convolution.

Detail comes from the engine that a new document has; steps that end in `_procedural` are the same with the
procedural one. The learned steps are described in `gui.cli.bench_learned`; those whose weights are missing are
skipped and say why.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from rhytid.core.arkit import N_EXPRESSION
from rhytid.core.cli.options import add_overwrite_option, output_file
from rhytid.core.detail.request import FALLBACK
from rhytid.core.face.engine_choice import default_engines, new_state
from rhytid.core.files.outputs import outputs
from rhytid.core.files.writing import write_text
from rhytid.core.learned.weights import WeightsError
from rhytid.gui.cli import bench_in_photo, bench_learned, bench_played
from rhytid.gui.cli.bench_learned import LearnedBench, growing_stroke, slider_steps
from rhytid.gui.cli.bench_learned import timed as _timed
from rhytid.gui.cli.bench_probe import probe
from rhytid.gui.cli.bench_times import WINDOW_STEPS, window_times_ms

SIZE_PX = (1280, 800)
_BY_ENGINE = ("stroke_to_surface_1024", "slider_to_preview_256", "slider_to_1024", "edit_256")
_PROCEDURAL = {f"{name}_{FALLBACK}": name for name in _BY_ENGINE}
STEPS = (
    *_BY_ENGINE, *_PROCEDURAL, *bench_played.STEPS, "line_extraction_256", "frame", "first_frame", "export_4096",
    "save_4096", *bench_in_photo.STEPS, *bench_learned.STEPS,
)  # fmt: skip
_SLOW = {"first_frame": 5, "export_4096": 3, "save_4096": 5, **bench_learned.SLOW}  # runs; each of these takes long
_GOALS_MS = {
    "save_4096": 1000.0, **bench_played.GOALS_MS, **bench_learned.GOALS_MS, **bench_in_photo.GOALS_MS,
}  # fmt: skip
Figures = dict[str, float | str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--json", type=output_file, metavar="F", help="write the figures to F as well")
    add_overwrite_option(parser)
    parser.add_argument("--only", metavar="STEP,...", help="of " + ", ".join(STEPS))
    parser.add_argument("--runs", type=int, default=40, metavar="N", help="of each quick step; default 40")
    # The bench's own process with the window; see gui.cli.bench_window.
    parser.add_argument("--window-times", type=Path, metavar="F", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Print the table. Returns 0."""
    chosen = tuple(arguments.only.split(",")) if arguments.only else STEPS
    unknown = set(chosen) - set(STEPS)
    if unknown:
        raise ValueError(f"no such step: {', '.join(sorted(unknown))}; there are {', '.join(STEPS)}")
    if not 1 <= arguments.runs <= 10_000:
        raise ValueError("--runs must be 1..10000")
    if arguments.window_times is not None:
        from rhytid.gui.cli.bench_window import write_times

        write_times(arguments.window_times, chosen, arguments.runs)
        return 0
    with outputs([arguments.json] if arguments.json else [], arguments.overwrite):
        _report(chosen, arguments)
    return 0


def _report(chosen: tuple[str, ...], arguments: argparse.Namespace) -> None:
    probed = probe()
    print("this machine now: " + "   ".join(f"{name.removesuffix('_ms')} {ms:.1f} ms" for name, ms in probed.items()))
    steps, skipped = measure(chosen, arguments.runs)
    window_px = _add_window(steps, skipped, arguments.runs)
    for figures in steps.values():
        figures["per_convolution"] = round(float(figures["median_ms"]) / probed["convolution_ms"], 3)
    for name, figures in steps.items():
        goal = f"   goal {figures['goal_ms']:7.1f}" if "goal_ms" in figures else ""
        engine = f"   {figures['engine']}" if "engine" in figures else ""
        if "frames_per_second" in figures:
            engine += f"   {figures['frames_per_second']} frames per second"
        print(
            f"{name:<34} median {figures['median_ms']:9.1f} ms   p95 {figures['p95_ms']:9.1f} ms"
            f"   n {figures['n']:<4} = {figures['per_convolution']:8.1f} convolutions{_window(figures)}{goal}{engine}"
        )
    for name, reason in skipped.items():
        print(f"{name:<34} skipped: {reason}")
    if arguments.json:
        report = {"probe": probed, "steps": steps, "skipped": skipped, "viewport_px": window_px, "machine": _machine()}
        write_text(arguments.json, json.dumps(report, indent=1) + "\n")


def _window(figures: Figures) -> str:
    if "window_median_ms" not in figures:
        return ""
    told = f"   window {figures['window_median_ms']:7.1f} ms   p95 {figures['window_p95_ms']:7.1f} ms"
    pictures = figures.get("window_frames_per_second")
    return told if pictures is None else f"{told}   {pictures} pictures per second"


def _add_window(steps: dict[str, Figures], skipped: dict[str, str], runs: int) -> tuple[int, int] | None:
    """Add what the steps take in the real window; the size of its viewport in pixels, None where there is none."""
    chosen = tuple(name for name in WINDOW_STEPS if name in steps)
    if not chosen:
        return None
    try:
        times_ms, pictures, size_px = window_times_ms(chosen, runs)
    except (OSError, RuntimeError) as error:
        skipped["window"] = str(error)
        return None
    for name, found in times_ms.items():
        steps[name].update({f"window_{key}": value for key, value in _summary(found).items()})
        if name in pictures:
            steps[name]["window_frames_per_second"] = round(pictures[name], 1)
    return size_px


def measure(steps: tuple[str, ...], runs: int) -> tuple[dict[str, Figures], dict[str, str]]:
    """Figures by step (median_ms, p95_ms, n; goal_ms and the engine where there is one), and why others lack them."""
    figures: dict[str, Figures] = {}
    skipped: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        benches = _Benches(stack)
        for name in steps:
            try:
                times_ms = list(benches.times_ms(name, min(runs, _SLOW.get(name, runs))))
            except WeightsError as error:
                skipped[name] = str(error)
                continue
            figures[name] = _summary(times_ms)
            if name in _GOALS_MS:
                figures[name]["goal_ms"] = _GOALS_MS[name]
            if name in bench_played.STEPS:
                figures[name]["frames_per_second"] = round(1000 / float(figures[name]["median_ms"]), 1)
            if name in (*_BY_ENGINE, *bench_played.STEPS, "export_4096"):
                figures[name]["engine"] = new_state(default_engines()).settings.name
    return figures, skipped


class _Benches:
    """What the steps run on, made when the first one needs it."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack
        self._made: dict[str, _Bench] = {}
        self._learned = LearnedBench()

    def times_ms(self, name: str, runs: int) -> Iterator[float]:
        if name == "first_frame":
            return _first_frames(runs)
        if name in bench_learned.STEPS:
            times_ms: Iterator[float] = getattr(self._learned, name)(runs)
        elif name in bench_in_photo.STEPS:
            times_ms = getattr(self._photo, name)(runs)
        elif name in bench_played.STEPS:
            times_ms = bench_played.STEPS[name](self._of(new_state(default_engines()).settings.name), runs)
        else:
            engine = FALLBACK if name in _PROCEDURAL else new_state(default_engines()).settings.name
            times_ms = getattr(self._of(engine), _PROCEDURAL.get(name, name))(runs)
        return times_ms

    @cached_property
    def _ctx(self) -> Any:
        from rhytid.gui.render.offscreen import standalone_context

        return self._stack.enter_context(standalone_context())

    @cached_property
    def _photo(self) -> bench_in_photo.InPhotoBench:
        return bench_in_photo.InPhotoBench(self._ctx)

    def _of(self, engine: str) -> _Bench:
        if engine not in self._made:
            self._made[engine] = _Bench(self._ctx, engine)
        return self._made[engine]


def _summary(times_ms: list[float]) -> Figures:
    ordered = sorted(times_ms)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return {"median_ms": round(statistics.median(ordered), 3), "p95_ms": round(p95, 3), "n": len(ordered)}


class _Bench:
    """The editor's stages on the default head, aged 60 so that there are lines to find.

    Parameters
    ----------
    ctx : moderngl.Context
    engine : str
        What draws the detail.
    """

    def __init__(self, ctx: Any, engine: str) -> None:
        from rhytid.core.document.commands import SetAge
        from rhytid.core.document.document import Document
        from rhytid.core.face.detail_maker import DetailMaker
        from rhytid.core.head.load import default_head
        from rhytid.gui.render.renderer import FaceRenderer

        self.head = default_head()
        state = new_state(default_engines())
        self.document = Document(replace(state, settings=replace(state.settings, name=engine)))
        self.document.execute(SetAge(60.0))
        self.maker = DetailMaker(default_engines())
        self.pose: Any = None
        self.ctx = ctx
        self.renderer = FaceRenderer(self.ctx, self.head)
        self.framebuffer = self.ctx.framebuffer([self.ctx.texture(SIZE_PX, 4)])
        self.show(256)
        self.show(1024)

    def show(self, resolution: int) -> None:
        """Bring the document's state onto the surface."""
        from rhytid.core.face.hair import worn_hair
        from rhytid.core.face.resolve import resolve_pose

        state = self.document.state
        pose = resolve_pose(state, self.head, self.pose)
        maps = self.maker.maps(state, self.head, resolution, pose)
        if pose is not self.pose:
            self.renderer.set_shape(pose.vertices)
            self.pose = pose
        self.renderer.set_detail(maps)
        self.renderer.set_hair(worn_hair(state), state.settings.seed, state.age)
        self.draw()

    def draw(self) -> None:
        state = self.document.state
        self.renderer.render(self.framebuffer, SIZE_PX, state.camera, state.lighting)
        self.ctx.finish()

    def maps(self, resolution: int) -> Any:
        return self.maker.maps(self.document.state, self.head, resolution, self.pose)

    def _growing_stroke(self, runs: int) -> Iterator[Callable[[], None]]:
        """Draw strokes over the cheek; each item takes one more sample of the pen into the document."""
        from rhytid.core.document.commands import AddStrokes

        done = 0
        while done < runs:
            gesture = self.document.begin_gesture("Draw a line")
            for k in range(2, min(60, runs - done + 2)):
                stroke = growing_stroke(done, k)
                yield lambda stroke=stroke, gesture=gesture: gesture.preview(AddStrokes((stroke,)))
                done += 1
            gesture.cancel()

    def stroke_to_surface_1024(self, runs: int) -> Iterator[float]:
        self.show(1024)
        for sample in self._growing_stroke(runs):
            yield _timed(lambda sample=sample: (sample(), self.show(1024)))
        self.show(1024)

    def edit_256(self, runs: int) -> Iterator[float]:
        self.maps(256)
        for sample in self._growing_stroke(runs):
            yield _timed(lambda sample=sample: (sample(), self.maps(256)))

    def _slider(self, runs: int, resolutions: tuple[int, ...]) -> Iterator[float]:
        """A drag of mouthSmile and age in turn."""
        from rhytid.core.document.commands import SetAge, SetExpressionWeights

        for k, (smile, age) in enumerate(slider_steps(runs)):
            weights = (("mouthSmileLeft", smile), ("mouthSmileRight", smile))
            command = SetExpressionWeights(weights) if k % 2 else SetAge(age)
            yield _timed(lambda command=command: (self.document.execute(command), *map(self.show, resolutions)))

    def slider_to_preview_256(self, runs: int) -> Iterator[float]:
        yield from self._slider(runs, (256,))

    def slider_to_1024(self, runs: int) -> Iterator[float]:
        yield from self._slider(runs, (256, 1024))

    def save_4096(self, runs: int) -> Iterator[float]:
        """A project that wears an imported map of 16 bits."""
        from rhytid.core.detail.request import SourceDetail, displacement_digest
        from rhytid.core.document.commands import ImportSource
        from rhytid.core.document.project import save_project

        step_mm = 0.914 / 32767.5
        worn_map = (np.rint(self.maps(4096).displacement / step_mm).astype(np.int32) * step_mm).astype(np.float32)
        source = SourceDetail(worn_map, (0.0,) * N_EXPRESSION, 60.0, "bench", (), displacement_digest(worn_map))
        state = ImportSource(source).apply(self.document.state)
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(runs):
                yield _timed(partial(save_project, Path(folder) / "bench.rhytid", state))

    def line_extraction_256(self, runs: int) -> Iterator[float]:
        from rhytid.core.lines.extract import extract_lines

        displacement = self.maps(256).displacement
        extract_lines(displacement)
        for _ in range(runs):
            yield _timed(lambda: extract_lines(displacement))

    def frame(self, runs: int) -> Iterator[float]:
        """Turning the head: everything on the screen is redrawn."""
        self.show(1024)
        camera = self.document.state.camera
        for k in range(runs):
            turned = replace(camera, yaw_deg=1.0 + k)

            def turn(turned: Any = turned) -> None:
                self.renderer.render(self.framebuffer, SIZE_PX, turned, self.document.state.lighting)
                self.ctx.finish()

            yield _timed(turn)

    def export_4096(self, runs: int) -> Iterator[float]:
        """Displacement and normal map at 4096 into files."""
        from rhytid.core.face.detail_maker import DetailMaker
        from rhytid.core.face.skin_color import skin_colors
        from rhytid.core.io.export import export
        from rhytid.core.io.export_options import ExportOptions
        from rhytid.core.io.shown_face import ShownFace

        options = ExportOptions(what=frozenset({"displacement", "normal_map"}), resolution=4096)
        state = self.document.state

        def maps_for(resolution: int) -> Any:
            return DetailMaker(default_engines()).maps(state, self.head, resolution, self.pose)

        def export_to(outdir: Path) -> None:
            shape = self.pose.vertices, self.pose.rest
            color = partial(skin_colors, state, cache=default_engines().cache)
            export(ShownFace(state, self.head, *shape, maps_for, color), outdir, options)

        for _ in range(runs):
            with tempfile.TemporaryDirectory() as folder:
                yield _timed(partial(export_to, Path(folder) / "export"))


def _first_frames(runs: int) -> Iterator[float]:
    """From the start of a new Python to the editor's first frame."""
    from rhytid.core.cli.bootstrap import ROOT
    from rhytid.core.cli.virtual_display import display_environment

    with display_environment() as environment, tempfile.TemporaryDirectory() as folder:
        timings = Path(folder) / "timings.json"
        for _ in range(runs):
            started_s = time.time()
            command = [sys.executable, str(ROOT / "main.py"), "--smoke", "--timings", str(timings)]
            subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
            yield (json.loads(timings.read_text())["first_frame_unix_s"] - started_s) * 1e3


def _machine() -> dict[str, object]:
    return {"processor": platform.processor() or platform.machine(), "cores": os.cpu_count(),
            "system": platform.system(), "python": platform.python_version()}  # fmt: skip
