"""Times of the learned steps: SEMM and FaceDet3D at 256 texels, super-resolution; single precision, two threads.

They run what the editor runs, without drawing. Where the weights of a model are missing its steps are skipped.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from rhytid.core.arkit import expression_array
from rhytid.core.cli.bootstrap import ROOT
from rhytid.core.detail.change import Change
from rhytid.core.detail.drawing import drawing_of
from rhytid.core.detail.engine import Control
from rhytid.core.detail.request import DetailRequest, EngineSettings, Pose, SourceDetail, displacement_digest
from rhytid.core.face.engine_choice import PREFERRED
from rhytid.core.learned.engines import learned_engines
from rhytid.core.learned.facedet3d import FaceDet3DModel
from rhytid.core.learned.map_face import MapFace
from rhytid.core.learned.near_field import NearField
from rhytid.core.learned.semm import SemmModel
from rhytid.core.learned.semm_engine import SemmEngine
from rhytid.core.learned.super_resolution import SuperResolution
from rhytid.core.learned.weights import FACEDET3D
from rhytid.core.lines.graded import extract_strong_lines
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.core.maps.rect import Rect
from rhytid.core.read_only import read_only

GOALS_MS = {
    "semm_edit_256": 19.0, "semm_slider_256": 16.0, "semm_slider_source_256": 16.0, "semm_line_window_256": 8.0,
    "facedet3d_slider_256": 50.0, "facedet3d_slider_source_256": 50.0,
    "super_resolution_tile_256": 10.0, "super_resolution_1024": 60.0, "super_resolution_4096": 5000.0,
}  # fmt: skip
STEPS = (
    "semm_edit_256", "semm_slider_256", "semm_slider_source_256", "semm_line_window_256", "semm_encode_256",
    "facedet3d_slider_256", "facedet3d_slider_source_256",
    "super_resolution_tile_256", "super_resolution_1024", "super_resolution_4096", "semm_load",
)  # fmt: skip
SLOW = {"super_resolution_4096": 3, "semm_load": 5}  # runs; each takes long
_AGE = 60.0  # so that there are lines
_FIRST_USE = """
import time
import rhytid.core.detail.pipeline
started = time.perf_counter()
from rhytid.core.learned.semm import SemmModel
model = SemmModel.load()
model.reconstructed(model.mean_code)
print((time.perf_counter() - started) * 1e3)
"""


def timed(action: Callable[[], object]) -> float:
    """Milliseconds that an action takes."""
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1e3


def slider_steps(runs: int) -> Iterator[tuple[float, float]]:
    """A drag of a smile and of the age in turn: (weight 0..1, years) of each step."""
    smile, age = 0.0, 30.0
    for k in range(runs):
        value = (k * 0.037) % 1.0
        if k % 2:
            smile = value
        else:
            age = 30.0 + 40.0 * value
        yield smile, age


def growing_stroke(number: int, samples: int) -> Stroke:
    """A stroke over the cheek as far as the pen has come."""
    x = 0.22 + 0.003 * np.arange(samples)
    y = 0.5 + 0.01 * np.sin(x * 40 + number)
    return Stroke("bench", np.stack([x, y], -1), np.ones(samples), depth_mm=0.2)


class LearnedBench:
    """The steps, one method each: it gives the times of its runs in ms.

    Every method raises `WeightsError` where the weights that it needs are missing.
    """

    @cached_property
    def _model(self) -> SemmModel:
        return SemmModel.load()

    @cached_property
    def _engine(self) -> SemmEngine:
        return SemmEngine(ArrayCache(), self._model)

    @cached_property
    def _enlarger(self) -> SuperResolution:
        return SuperResolution.load()

    @cached_property
    def _map(self) -> np.ndarray:
        """Detail of a wrinkled face, float32 (256, 256) in mm, read-only."""
        model = self._model
        code = model.transform(model.random_code(1), *_pose(model, 0.0, _AGE))
        return read_only(model.reconstructed(code))

    def semm_edit_256(self, runs: int) -> Iterator[float]:
        """A code changes, is decoded, and the whole map is painted with its lines."""
        model = self._model
        code = model.random_code(1)
        shown = model.decode(code)
        near = np.clip(shown.distance_field * np.float32(2.56), 0, 1)

        def edit(smile: float, age: float) -> None:
            decoded = model.decode(model.transform(code, *_pose(model, smile, age)))
            model.paint(decoded, shown.relief_mm, near, near)

        edit(0.5, _AGE)
        for smile, age in slider_steps(runs):
            yield timed(lambda smile=smile, age=age: edit(smile, age))

    def semm_slider_256(self, runs: int) -> Iterator[float]:
        """An expression or age slider into maps at 256: a generated face with all its wrinkles."""
        SemmModel.load()  # where weights are missing this says so
        yield from self._slider(runs, PREFERRED, None)

    def semm_slider_source_256(self, runs: int) -> Iterator[float]:
        """The same with an imported map."""
        yield from self._slider(runs, PREFERRED, self._source)

    def facedet3d_slider_256(self, runs: int) -> Iterator[float]:
        """As `semm_slider_256`, by FaceDet3D."""
        FaceDet3DModel.load()
        yield from self._slider(runs, FACEDET3D, None)

    def facedet3d_slider_source_256(self, runs: int) -> Iterator[float]:
        """As `semm_slider_source_256`, by FaceDet3D."""
        FaceDet3DModel.load()
        yield from self._slider(runs, FACEDET3D, self._source)

    @cached_property
    def _source(self) -> SourceDetail:
        """`_map`, imported."""
        from rhytid.core.lines.extract import extract_lines

        lines = tuple(replace(line, from_source=True) for line in extract_lines(self._map))
        return SourceDetail(self._map, (0.0,) * 52, 30.0, "bench", lines, displacement_digest(self._map))

    def _slider(self, runs: int, engine: str, source: SourceDetail | None) -> Iterator[float]:
        from rhytid.core.detail.engines import Engines
        from rhytid.core.detail.pipeline import DetailPipeline

        pipeline = DetailPipeline(Engines(learned_engines()))
        pipeline.run(_request(0.5, _AGE, source, engine))
        for smile, age in slider_steps(runs):
            request = _request(smile, age, source, engine)
            yield timed(lambda request=request: pipeline.run(request))

    def semm_line_window_256(self, runs: int) -> Iterator[float]:
        """A sample of the pen: the lines about it, as the face shapes them."""
        engine, control = self._engine, Control()
        request = _request(0.0, _AGE, None)
        before = drawing_of(request, engine)
        shaped, _ = engine.shaped_lines(256).redrawn(before, Change.between(None, before), control)
        for k in range(runs):
            drawing = drawing_of(replace(request, strokes=(growing_stroke(k // 58, 2 + k % 58),)), engine)
            step = partial(shaped.redrawn, drawing, Change.between(before, drawing), control)
            yield timed(step)
            before, shaped = drawing, step()[0]

    def semm_encode_256(self, runs: int) -> Iterator[float]:
        """An imported map: its strong lines, their distance field and its code."""
        model, displacement = self._model, self._map
        MapFace(model, displacement, ArrayCache())
        for _ in range(runs):
            yield timed(lambda: MapFace(model, displacement, ArrayCache()))

    def super_resolution_tile_256(self, runs: int) -> Iterator[float]:
        """The tile of 256 texels of the 1024 map in which a line was drawn."""
        yield from self._enlarged(runs, 1024, Rect(256, 512, 512, 768))

    def super_resolution_1024(self, runs: int) -> Iterator[float]:
        """The whole map at 1024."""
        yield from self._enlarged(runs, 1024, None)

    def super_resolution_4096(self, runs: int) -> Iterator[float]:
        """The whole map at 4096, by way of 1024."""
        yield from self._enlarged(runs, 4096, None)

    def _enlarged(self, runs: int, resolution: int, rect: Rect | None) -> Iterator[float]:
        enlarger, displacement = self._enlarger, _lined_map()
        lines = extract_strong_lines(displacement)
        enlarger.enlarge(displacement, NearField(lines), 1024, Rect(0, 0, 256, 256))
        for _ in range(runs):
            yield timed(lambda: enlarger.enlarge(displacement, NearField(lines), resolution, rect))

    def semm_load(self, runs: int) -> Iterator[float]:
        """The first use in a new process: the runtime, the weights, and one map."""
        SemmModel.load()
        for _ in range(runs):
            command = [sys.executable, "-c", _FIRST_USE]
            told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
            yield float(told)


def _pose(model: SemmModel, smile: float, age: float) -> tuple[Any, ...]:
    """Arguments of `SemmModel.transform` from a neutral code at the model's own age."""
    weights = _expression(smile)
    return weights, (model.prior_age, age), weights


def _expression(smile: float) -> np.ndarray:
    return expression_array({"mouthSmileLeft": smile, "mouthSmileRight": smile})


def _request(smile: float, age: float, source: SourceDetail | None, engine: str = PREFERRED) -> DetailRequest:
    still = np.zeros((256, 256), np.float32)
    pose = Pose(_expression(smile), {"AU12": smile} if smile else {}, age, still, EngineSettings(engine))
    if source is None:
        return DetailRequest(256, pose, None, None, ())
    captured = replace(pose, expression=np.asarray(source.expression, np.float32), action_units={}, age=source.age)
    return DetailRequest(256, pose, captured, source, source.lines)


def _lined_map() -> np.ndarray:
    """A face with wrinkles that needs no weights, float32 (256, 256) in mm."""
    from rhytid.core.detail.pipeline import DetailPipeline

    request = _request(0.5, _AGE, None)
    pose = replace(request.pose, settings=EngineSettings())
    return DetailPipeline().run(replace(request, pose=pose)).displacement
