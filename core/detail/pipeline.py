"""From a request to the maps that viewport, canvas and export read.

A request is first made a drawing (`core.detail.drawing`), whose change since the last run (`core.detail.change`) tells
each stage what to redo:

- surface: the engine's detail that does not come from lines, or the imported map with its edits;
- lines: strokes shaped by the engine, redone in the rectangle that they change;
- finish: strengths of bands, skin that is locked (`core.detail.finish`);
- line map of the lines that show; their distance field is computed when it is read.

A pipeline keeps the last result of each resolution; `DetailMaps.changed_since` tells what differs from those that were
shown before. Maps that were given out are never changed afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.change import Change, Drawing, same_source
from rhytid.core.detail.drawing import drawing_of
from rhytid.core.detail.engine import Control, Engine, ShapedLines, checked
from rhytid.core.detail.engines import Engines
from rhytid.core.detail.line_picture import LinePicture
from rhytid.core.detail.request import DetailMaps, DetailRequest
from rhytid.core.detail.source import EditedSource, ImportedMap
from rhytid.core.lines.distance import DistanceField, distance_field
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.core.maps.field import Field
from rhytid.core.maps.rect import EMPTY, Rect
from rhytid.core.maps.revisions import Revisions
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]
_KEPT_UP_TO = 2048  # larger results are made for export: nothing of them is kept


@dataclass(frozen=True, eq=False)
class _Result:
    """Everything of a run that the next one starts from."""

    drawing: Drawing
    surface: Float32
    source: EditedSource | None
    lines: ShapedLines
    picture: LinePicture
    bare: Float32  # the displacement before its finish
    maps: DetailMaps


class _Level:
    """What is kept of the last result at one resolution. A run that is cancelled changes nothing of it."""

    def __init__(self, engine: Engine, resolution: int, cache: ArrayCache) -> None:
        self.engine = engine
        self._cache = cache
        self.resolution = resolution
        self._whole = Rect.whole(resolution)
        self._last: _Result | None = None
        self._imported: ImportedMap | None = None
        self._distances: DistanceField | None = None
        self._distances_lock = Lock()

    def run(self, request: DetailRequest, generation: int, control: Control) -> DetailMaps:
        control(0.0)
        last = self._last
        drawing = drawing_of(request, self.engine)
        change = Change.between(None if last is None else last.drawing, drawing)
        surface, source, dirty = self._surface(drawing, change, control.part(0.0, 0.5))
        control(0.5)
        lines = self.engine.shaped_lines(self.resolution) if last is None else last.lines
        lines, touched = lines.redrawn(drawing, change, control.part(0.5, 0.8))
        dirty = dirty.union(touched)
        bare = self._displacement(surface, lines, dirty)
        same = last is not None and bare is last.bare and request.finish == last.drawing.request.finish
        displacement = last.maps.displacement if last is not None and same else request.finish.applied(bare)
        if last is not None:
            dirty = request.finish.changed(last.drawing.request.finish, dirty, self.resolution)
        control(0.8)
        picture = LinePicture(self.resolution) if last is None else last.picture
        picture, crossed = picture.redrawn(change)
        control(1.0)
        revisions = Revisions.first() if last is None else last.maps.revisions.with_change(dirty.union(crossed))
        maps = DetailMaps(
            Field.of(displacement), picture.values, self._distance(drawing, change), revisions, generation
        )
        self._last = _Result(drawing, surface, source, lines, picture, bare, maps)
        return maps

    def _surface(
        self, drawing: Drawing, change: Change, control: Control
    ) -> tuple[Float32, EditedSource | None, Rect]:
        """What lies under the lines, the imported map behind it, and where it differs from the last."""
        request, last = drawing.request, self._last
        if request.source is None:
            self._imported = None
            if last is not None and not change.skin:
                return last.surface, None, EMPTY
            surface = self.engine.surface(request.pose, self.resolution, control)
            return read_only(checked(surface, self.resolution, "surface")), None, self._whole
        if last is not None and last.source is not None and not change.skin:
            source, dirty = last.source.redrawn(drawing, change, control)
            return source.values, source, dirty
        if self._imported is None or not same_source(self._imported.source, request.source):
            self._imported = ImportedMap(request.source, self.engine, self.resolution, self._cache)
        source = EditedSource(self._imported, drawing, self.engine, control)
        return source.values, source, self._whole

    def _displacement(self, surface: Float32, shaped: ShapedLines, dirty: Rect) -> Float32:
        """The surface with the lines on it: the last displacement, redone where it is `dirty`."""
        last = self._last
        if last is not None and dirty.empty:
            return last.bare
        if last is None or dirty == self._whole:
            displacement, dirty = np.empty_like(surface), self._whole
        else:
            displacement = last.bare.copy()
        lines, part = shaped.values[dirty.slices], surface[dirty.slices].copy()
        np.add(part, lines, out=part, where=lines != 0)  # skin without lines keeps its very bits
        displacement[dirty.slices] = part
        return read_only(displacement)

    def _distance(self, drawing: Drawing, change: Change) -> Field:
        """The distance to the lines that show, which are compared with those for which it was last read."""
        if self._last is not None and not change.courses:
            return self._last.maps.distance
        courses = tuple(drawing.courses.values())
        return Field((self.resolution, self.resolution), lambda: self._distance_to(courses))

    def _distance_to(self, courses: tuple[Stroke, ...]) -> Float32:
        if self.resolution > _KEPT_UP_TO:
            return distance_field(courses, self.resolution)
        with self._distances_lock:
            if self._distances is None:
                self._distances = DistanceField(self.resolution)
            self._distances.update(courses)
            return self._distances.values.copy()


class DetailPipeline:
    """Computes detail and remembers the last result of each resolution. Runs are serialised by a lock.

    Parameters
    ----------
    engines : Engines, optional
        The procedural one alone by default.
    """

    def __init__(self, engines: Engines | None = None) -> None:
        self._engines = Engines() if engines is None else engines
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
            Of the same revision as this pipeline's previous result of the resolution when nothing differs.

        Raises
        ------
        Cancelled
            `cancel` said True. The next run starts from the last one that was completed.
        UnknownEngineError
            The settings name an engine that does not exist.
        EngineFailed
            The engine cannot be made; or it is of another package and raised something, or gave what is no detail.
        """
        resolution = request.resolution
        with self._lock:
            name = request.pose.settings.name
            engine = self._engines.get(name)
            with self._engines.watched(name, Control(cancel, progress)) as control:
                level = self._levels.get(resolution)
                if level is None or level.engine is not engine:
                    kept = resolution <= _KEPT_UP_TO
                    level = _Level(engine, resolution, self._engines.cache if kept else ArrayCache(0))
                    if kept:
                        self._levels[resolution] = level
                maps = level.run(request, generation, control)
                if self._engines.is_foreign(name) and not np.isfinite(maps.displacement).all():
                    raise ValueError("its detail is not finite")
                return maps
