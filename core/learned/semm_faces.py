"""Faces as the SEMM sees them: a generated person or an imported map, in one pose; kept while they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import partial
from threading import RLock
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.request import DetailRequest, Pose, SourceDetail
from rhytid.core.learned.code import Code
from rhytid.core.learned.expression_energy import ExpressionEnergy
from rhytid.core.learned.map_face import NO_LINES, MapChange, MapFace, PaintedLines
from rhytid.core.learned.runtime import device_here
from rhytid.core.learned.semm import Decoded, SemmModel
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.core.maps.bands import low_pass
from rhytid.core.maps.rect import Rect
from rhytid.core.maps.units import SIDE

Float32 = npt.NDArray[np.float32]
_MOMENTARY = 0.1  # share of a face's excess over the mean that another expression does not have
_MOST_EXCESS = 1.5  # that is taken as a face's own, in log energy
_BUMP_SIGMA_PX = 3.0
_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class Face:
    """A face in one pose; what the networks say of it is computed when it is asked for, and kept in the cache.

    Attributes
    ----------
    model : SemmModel
    cache : ArrayCache
    code : Code
    at_capture : MapFace or None
        The face of the imported map that it is; None if it is generated.
    change : MapChange or None
        What the pose makes of that map; None for nothing.
    """

    model: SemmModel
    cache: ArrayCache
    code: Code
    at_capture: MapFace | None = None
    change: MapChange | None = None
    _mine: object = field(default_factory=object)

    def kept(self, what: Hashable, make: Callable[[], _T]) -> _T:
        """Something that follows from this face and from `what`, made if it is not in the cache."""
        return self.cache.get((self._mine, what), make)

    @property
    def decoded(self) -> Decoded:
        """Base and texture; needed where lines are drawn and where there is no map."""
        return self.kept("decoded", lambda: self.model.decode(self.code))

    @property
    def lines(self) -> PaintedLines:
        """Lines that the face has before any are drawn: none if it is generated, those of its map otherwise."""
        return NO_LINES if self.at_capture is None else self.at_capture.lines

    @property
    def bumps_mm(self) -> Float32:
        """How far the skin of an imported map stands out between its wrinkles, float32 (256, 256), 0 or more."""
        return self.kept("bumps", self._bumps)

    def _bumps(self) -> Float32:
        if self.at_capture is None:
            return np.zeros((SIDE, SIDE), np.float32)
        skin_mm = self.at_capture.displacement
        if self.change is not None:
            skin_mm = skin_mm + self.change.added_mm
        return np.asarray(np.maximum(skin_mm - low_pass(skin_mm, _BUMP_SIGMA_PX), 0), np.float32)

    @property
    def bare_mm(self) -> Float32:
        """What the painter makes of the face's own lines, float32 (256, 256)."""
        return self.kept("bare", lambda: self._bare(None))

    def bare_in(self, rect: Rect) -> Float32:
        """A window of `bare_mm`: a slider asks a map's face for one, a pen for one after the other."""
        if self.at_capture is None:
            return self.bare_mm[rect.slices]
        first, values = self.kept("window", lambda: (rect, self._bare(rect)))
        return values if first == rect else self.bare_mm[rect.slices]

    def _bare(self, rect: Rect | None) -> Float32:
        own = self.lines
        return self.model.paint(self.decoded, own.relief_mm, 1 - own.strong, 1 - own.all, rect)


class SemmFaces:
    """Faces by person and pose. Used by several threads; one computes at a time.

    Parameters
    ----------
    model : SemmModel
    cache : ArrayCache
    energy : ExpressionEnergy, optional
        What expressions do to the relief of imported maps; without it the model's own directions say so.
    """

    def __init__(self, model: SemmModel, cache: ArrayCache, energy: ExpressionEnergy | None = None) -> None:
        self.model = model
        self.cache = cache
        self._energy = energy
        self._lock = RLock()
        self._mine = object()

    def of_map(self, source: SourceDetail) -> MapFace:
        """The face of an imported map at capture."""
        with self._lock:
            make = partial(MapFace, self.model, source.displacement, self.cache)
            return self.cache.get((self._mine, source.digest), make)

    def generated(self, pose: Pose) -> Face:
        """The person of a seed in a pose."""
        key = (self._mine, device_here().name, "seed", pose.settings.seed, pose.age, pose.expression.tobytes())

        def make() -> Face:
            code = self.model.random_code(pose.settings.seed)
            ages = (self.model.prior_age, pose.age)
            code = self.model.transform(code, pose.expression, ages, pose.expression)
            return Face(self.model, self.cache, code)

        with self._lock:
            return self.cache.get(key, make)

    def reposed(self, source: SourceDetail, captured: Pose, pose: Pose) -> Face:
        """The face of an imported map in another pose."""
        change, wanted = pose.expression - captured.expression, pose.expression
        ages = (captured.age, pose.age)
        key = (self._mine, device_here().name, source.digest, ages, change.tobytes(), wanted.tobytes())

        def make() -> Face:
            own = self.of_map(source)
            code = self.model.transform(own.code, change, ages, wanted)
            if code is own.code:
                return Face(self.model, self.cache, code, own)
            still = np.zeros_like(change)
            aged = self.model.transform(own.code, still, ages, captured.expression)
            years = self.model.log_energy(aged) - self.model.log_energy(own.code)
            if self._energy is None:
                moved = self.model.log_energy(code) - self.model.log_energy(aged) - self._fading(own, captured, change)
            else:
                then, now = (captured.age, captured.expression), (pose.age, pose.expression)
                moved = self._energy.change(own.fine_log_energy, then, now)
            return Face(self.model, self.cache, code, own, own.change(moved, years))

        with self._lock:
            return self.cache.get(key, make)

    def _fading(self, own: MapFace, captured: Pose, change: Float32) -> Float32:
        """Log energies that a map loses in another expression because they were the captured one's.

        What a map has more of than the mean face in that pose is partly the person's, which stays, and partly of
        that one moment, which does not come back: regression to the mean.
        """
        moved = 1 - np.exp(-4 * float(change @ change))
        ages = (self.model.prior_age, captured.age)
        mean = self.model.transform(self.model.mean_code, captured.expression, ages, captured.expression)
        excess = np.clip(own.log_energy - self.model.log_energy(mean), -_MOST_EXCESS, _MOST_EXCESS)
        return np.asarray(excess * np.float32(_MOMENTARY * moved), np.float32)

    def on(self, request: DetailRequest) -> Face:
        """The face that lines are drawn on."""
        if request.source is None or request.captured is None:
            return self.generated(request.pose)
        return self.reposed(request.source, request.captured, request.pose)
