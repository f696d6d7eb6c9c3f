"""Faces as the SEMM sees them: a generated person or an imported map, in one pose; kept while they are looked at."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from threading import RLock
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from core.detail.engine import Ground, Pose
from core.detail.request import SourceDetail
from core.detail.source import covered
from core.learned.code import Code
from core.learned.line_fields import UnitFields, field_of
from core.learned.semm import SIZE, UNIT_MM, Decoded, SemmModel, octave_bands
from core.lines.distance import distance_field
from core.lines.graded import extract_faint_lines, extract_strong_lines
from core.lines.relief import relief
from core.lines.stroke import Stroke
from core.maps.resample import resample

Float32 = npt.NDArray[np.float32]
_KEPT_MAPS, _KEPT_FACES = 4, 8
_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class PaintedLines:
    """Lines of a face as the painter sees them, each float32 (256, 256)."""

    relief_mm: Float32
    strong: Float32
    all: Float32


def _blank() -> Float32:
    values = np.zeros((SIZE, SIZE), np.float32)
    values.setflags(write=False)
    return values


NO_LINES = PaintedLines(_blank(), _blank(), _blank())


@dataclass(frozen=True, eq=False)
class Face:
    """A face in one pose.

    Attributes
    ----------
    code : Code
    decoded : Decoded
    lines : PaintedLines
        Lines that the face has before any are drawn: none if it is generated, those of its map otherwise.
    """

    model: SemmModel
    code: Code
    decoded: Decoded
    lines: PaintedLines

    @cached_property
    def bare_mm(self) -> Float32:
        """What the painter makes of the face's own lines, float32 (256, 256)."""
        return self.model.paint(self.decoded, self.lines.relief_mm, 1 - self.lines.strong, 1 - self.lines.all)


class MapFace:
    """An imported map at capture: what the code says of it, and what it leaves over."""

    def __init__(self, model: SemmModel, displacement: Float32, units: UnitFields) -> None:
        self.displacement: Float32 = resample(displacement, SIZE)
        self._strong = extract_strong_lines(self.displacement)
        self._units = units
        self.code = model.encode(self.displacement, distance_field(self._strong, SIZE))
        self.decoded = model.decode(self.code)

    @cached_property
    def residual_bands(self) -> list[Float32]:
        """Octave bands, in mm, of what the decoded base does not say: lines, moles, the scan's own texture."""
        return octave_bands(self.displacement - self.decoded.base_mm)

    @cached_property
    def covered(self) -> Float32:
        """1 where the map shows skin, 0 where it is blank."""
        return covered(self.displacement)

    @cached_property
    def lines(self) -> PaintedLines:
        """The map's own lines, strong and faint."""
        every: tuple[Stroke, ...] = (*self._strong, *extract_faint_lines(self.displacement, self._strong))
        depth_mm = relief([(stroke, 1.0) for stroke in every], SIZE)
        return PaintedLines(depth_mm, field_of(self._strong, self._units), field_of(every, self._units))


class _Recent:
    """The most recent of some things by their key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._items: OrderedDict[Hashable, object] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], _T]) -> _T:
        if key not in self._items:
            self._items[key] = make()
            while len(self._items) > self._most:
                self._items.popitem(last=False)
        self._items.move_to_end(key)
        item: _T = self._items[key]  # type: ignore[assignment]
        return item


class SemmFaces:
    """Faces by person and pose. Used by several threads; one computes at a time."""

    def __init__(self, model: SemmModel) -> None:
        self.model = model
        self.units = UnitFields()
        self._lock = RLock()
        self._maps = _Recent(_KEPT_MAPS)
        self._faces = _Recent(_KEPT_FACES)

    def of_map(self, source: SourceDetail) -> MapFace:
        """The face of an imported map at capture."""
        with self._lock:
            return self._maps.get(source.digest, lambda: MapFace(self.model, source.displacement, self.units))

    def generated(self, pose: Pose) -> Face:
        """The person of a seed in a pose."""
        weights = pose.expression * np.float32(pose.settings.dynamic_strength)
        key = ("seed", pose.settings.seed, pose.age, weights.tobytes())

        def make() -> Face:
            code = self.model.random_code(pose.settings.seed)
            years = pose.age - self.model.prior_age
            code = self.model.transform(code, weights, years, (weights, pose.age))
            return Face(self.model, code, self.model.decode(code), NO_LINES)

        with self._lock:
            return self._faces.get(key, make)

    def reposed(self, source: SourceDetail, captured: Pose, pose: Pose) -> Face:
        """The face of an imported map in another pose."""
        change = (pose.expression - captured.expression) * np.float32(pose.settings.dynamic_strength)
        wanted = captured.expression + change
        key = (source.digest, pose.age - captured.age, change.tobytes(), pose.age, wanted.tobytes())

        def make() -> Face:
            own = self.of_map(source)
            code = self.model.transform(own.code, change, pose.age - captured.age, (wanted, pose.age))
            decoded = own.decoded if code is own.code else self.model.decode(code)
            return Face(self.model, code, decoded, own.lines)

        with self._lock:
            return self._faces.get(key, make)

    def on(self, ground: Ground) -> Face:
        """The face that lines are drawn on."""
        if ground.source is None or ground.captured is None:
            return self.generated(ground.pose)
        return self.reposed(ground.source, ground.captured, ground.pose)


def shown_mm(decoded: Decoded) -> Float32:
    """What of a code is certain: its base and the relief of its lines, in 0.1 mm."""
    return (decoded.base_mm + decoded.relief_mm) * np.float32(1 / UNIT_MM)
