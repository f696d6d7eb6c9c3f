"""From a request to the maps that viewport, canvas and export read.

Stages, each redone only when what it reads has changed:

- surface: the engine's detail that does not come from lines, or the imported map with its edits;
- lines: strokes shaped by the engine, redone in the rectangle that they change;
- line map of the lines that show; their distance field is computed when it is read.

A pipeline keeps the last result of each resolution and says in `DetailMaps.dirty` what differs from it. Maps
that were given out are never changed afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock

import numpy as np
import numpy.typing as npt

from rhytid.core.detail import procedural
from rhytid.core.detail.amounts import amounts
from rhytid.core.detail.engine import Control, Drawn, Engine, LineLayer, get_engine
from rhytid.core.detail.line_picture import LinePicture
from rhytid.core.detail.request import DetailMaps, DetailRequest, LazyArray
from rhytid.core.detail.source import SourceLayer
from rhytid.core.lines.distance import DistanceField, distance_field
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.rect import EMPTY, Rect
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
SHOWN_FROM = 0.08  # lines that show less than this are on no line map
_KEPT_UP_TO = 2048  # larger results are made for export: nothing of them is kept

procedural.register()  # the engine that is always there


class _Level:
    """What is kept of the last result at one resolution."""

    def __init__(self, engine: Engine, resolution: int) -> None:
        self.engine = engine
        self.resolution = resolution
        self.surface_key: Hashable = None
        self.surface: Float32 | None = None
        self.source: SourceLayer | None = None
        self.relief: LineLayer = engine.line_layer(resolution)
        self.picture = LinePicture(resolution)
        self.distance = _LazyDistance(resolution)
        self.maps: DetailMaps | None = None
        # What changed since `maps` was made; a run that was cancelled leaves its share here.
        self.displacement_dirty = Rect.whole(resolution)
        self.lines_dirty = Rect.whole(resolution)

    def run(self, request: DetailRequest, generation: int, control: Control) -> DetailMaps:
        control(0.0)
        surface, drawn, shown = self._surface(request, control.part(0.0, 0.5))
        control(0.5)
        changed_lines = self.relief.update(drawn, request, control.part(0.5, 0.8))
        self.displacement_dirty = self.displacement_dirty.union(changed_lines)
        displacement = self._displacement(surface)
        control(0.8)
        courses = _distinct(shown)
        self.lines_dirty = self.lines_dirty.union(self.picture.update(courses))
        control(1.0)
        dirty = None if self.maps is None else self.displacement_dirty.union(self.lines_dirty)
        result = DetailMaps(displacement, self.picture.values, self.distance.of(courses), dirty, generation)
        self.maps = result
        self.displacement_dirty = self.lines_dirty = EMPTY
        return result

    def _surface(self, request: DetailRequest, control: Control) -> tuple[Float32, Drawn, tuple[Stroke, ...]]:
        """What lies under the lines, the lines to stamp on it, and the lines for the line map."""
        pose, settings = request.pose, request.pose.settings
        if request.source is not None and request.captured is not None:
            if self.source is None:
                self.source = SourceLayer(self.resolution)
                self.displacement_dirty = Rect.whole(self.resolution)
            self.surface_key = self.surface = None
            changed = self.source.update(
                request.source, request.strokes, pose, request.captured, self.engine, control
            )
            self.displacement_dirty = self.displacement_dirty.union(changed)
            drawn = self.source.drawn
            unchanged = self.source.unchanged
            return self.source.values, drawn, (*unchanged, *_showing(drawn))
        if self.source is not None:
            self.source = None
            self.displacement_dirty = Rect.whole(self.resolution)
        key = self.engine.surface_key(pose, self.resolution)
        if self.surface is None or key != self.surface_key:
            self.surface = read_only(self.engine.surface(pose, self.resolution, control))
            self.surface_key = key
            self.displacement_dirty = Rect.whole(self.resolution)
        own = self.engine.strokes(settings) if settings.generate_wrinkles else ()
        strokes = (*own, *request.strokes)
        drawn = tuple(zip(strokes, amounts(strokes, pose)[0].tolist(), strict=True))
        return self.surface, drawn, _showing(drawn)

    def _displacement(self, surface: Float32) -> Float32:
        if self.maps is not None and self.displacement_dirty.empty:
            return self.maps.displacement
        if self.maps is None or self.displacement_dirty == Rect.whole(self.resolution):
            displacement = np.empty_like(surface)
            window = Rect.whole(self.resolution).slices
        else:
            displacement = self.maps.displacement.copy()
            window = self.displacement_dirty.slices
        lines = self.relief.values[window]
        part = surface[window].copy()
        np.add(part, lines, out=part, where=lines != 0)  # skin without lines keeps its very bits
        displacement[window] = part
        return read_only(displacement)


class _LazyDistance:
    """Distance fields of the same lines as they change, each computed when it is read."""

    def __init__(self, resolution: int) -> None:
        self._resolution = resolution
        self._field: DistanceField | None = None
        self._courses: tuple[Stroke, ...] | None = None
        self._last: LazyArray | None = None
        self._lock = Lock()

    def of(self, courses: tuple[Stroke, ...]) -> LazyArray:
        """The field of some strokes; the same object while the strokes stay the same."""
        if self._last is None or self._courses is None or not _same_strokes(courses, self._courses):
            self._last = LazyArray(lambda: self._make(courses))
            self._courses = courses
        return self._last

    def _make(self, courses: tuple[Stroke, ...]) -> Float32:
        with self._lock:
            if self._resolution > _KEPT_UP_TO:
                return distance_field(courses, self._resolution)
            if self._field is None:
                self._field = DistanceField(self._resolution)
            self._field.update(courses)
            return self._field.values.copy()


def _same_strokes(a: tuple[Stroke, ...], b: tuple[Stroke, ...]) -> bool:
    return len(a) == len(b) and all(x is y for x, y in zip(a, b, strict=True))


def _distinct(strokes: tuple[Stroke, ...]) -> tuple[Stroke, ...]:
    """One stroke of each course: a wrinkle in motion and the same at rest are one line."""
    return tuple({stroke.points.tobytes(): stroke for stroke in reversed(strokes)}.values())[::-1]


def _showing(drawn: Drawn) -> tuple[Stroke, ...]:
    return tuple(stroke for stroke, amount in drawn if abs(amount) >= SHOWN_FROM)


class DetailPipeline:
    """Computes detail and remembers the last result of each resolution. Runs are serialised by a lock."""

    def __init__(self) -> None:
        self._levels: dict[int, _Level] = {}
        self._lock = Lock()

    def run(
        self,
        request: DetailRequest,
        generation: int = 0,
        cancel: Callable[[], bool] | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> DetailMaps:
        """Maps for a request.

        Parameters
        ----------
        request : DetailRequest
        generation : int
            Copied into the result.
        cancel : callable, optional
            Polled between stages; when it says True the run ends with `Cancelled`.
        progress : callable, optional
            Gets the share that is done, 0..1; what it raises ends the run too.

        Returns
        -------
        DetailMaps
            `dirty` is what differs from this pipeline's previous result of the same resolution (an empty
            rectangle when nothing does); None when there is none.

        Raises
        ------
        Cancelled
            `cancel` said True. Stages that were done are kept for the next run.
        UnknownEngineError
            The settings name an engine that does not exist.
        """
        control = Control(cancel, progress)
        with self._lock:
            resolution = request.resolution
            engine = get_engine(request.pose.settings.name)
            level = self._levels.get(resolution)
            if level is None or level.engine is not engine:
                level = _Level(engine, resolution)
            if resolution <= _KEPT_UP_TO:
                self._levels[resolution] = level
            return level.run(request, generation, control)

    def forget(self) -> None:
        """Drop everything that is kept, as after opening another document."""
        with self._lock:
            self._levels.clear()
