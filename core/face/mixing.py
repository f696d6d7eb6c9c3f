"""The source of a document with its second face mixed in: what the stages see as the imported map.

A map that is made here has the digest of its recipe (`_digest_of`) instead of one of its texels: what it is made of,
by their digests, and how. Caches only ask whether two maps are the same, and a recipe is quicker than a map.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.engine import Control, EngineFailed, checked
from rhytid.core.detail.engines import Engines
from rhytid.core.detail.request import PREVIEW, VIEWPORT, SourceDetail
from rhytid.core.document.state import DocumentState, Mix
from rhytid.core.learned.weights import WeightsError
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.core.maps.resample import resample
from rhytid.core.read_only import read_only

Float32 = npt.NDArray[np.float32]


def mixed_source(state: DocumentState, resolution: int, engines: Engines) -> SourceDetail | None:
    """The source for detail of `resolution` texels.

    The source itself without a second face, with a share of 0, and where no engine that mixes faces can run. Its
    lines stay those of the first face.

    Raises
    ------
    EngineFailed
        The engine that mixes cannot go on.
    """
    source, second = state.source, state.second
    if source is None or second is None or second.share == 0.0:
        return source
    name = next((name for name in engines.mixers(state.settings) if not engines.reason_against(name)), "")
    if not name:
        return source
    side = min(len(source.displacement), max(resolution, PREVIEW))
    mixing = _Mixing(engines, name, engines.cache if side <= VIEWPORT else ArrayCache(0))
    try:
        with engines.watched(name, Control()):
            mixed = mixing.mixed(source, second.detail, second.mix, second.share, side)
    except WeightsError as error:
        raise EngineFailed(name, str(error)) from error
    if mixed.lines is source.lines and mixed.name == source.name:
        return mixed
    return replace(source, displacement=mixed.displacement, digest=mixed.digest)


@dataclass(frozen=True)
class _Mixing:
    """An engine that mixes, and what is kept of it: a slider asks for the same again and again."""

    engines: Engines
    name: str
    cache: ArrayCache

    def mixed(self, first: SourceDetail, second: SourceDetail, mix: Mix, share: float, side: int) -> SourceDetail:
        from rhytid.core.learned.latent import interpolate_detail, transfer_detail

        digest = _digest_of(
            self.name, first.digest, first.expression, first.age, second.digest, second.expression, second.age,
            mix.value, share, side,
        )  # fmt: skip

        def make() -> SourceDetail:
            engine = self.engines.get(self.name)
            own, other = self._sized(first, side), self._brought(first.expression, first.age, second, side)
            if mix is Mix.BLEND:
                values = interpolate_detail(engine, own, other, share)
            else:
                values = transfer_detail(engine, other, own, share)
            if values is own.displacement or values is other.displacement:
                values = values.copy()
            return _made(first, values, digest)

        return self.cache.get(("mixed", digest), make)

    def _brought(self, expression: tuple[float, ...], age: float, second: SourceDetail, side: int) -> SourceDetail:
        """The second face in the pose of the first."""
        from rhytid.core.learned.latent import reposed_detail

        digest = _digest_of(self.name, second.digest, second.expression, second.age, expression, age, side)

        def make() -> SourceDetail:
            sized = self._sized(second, min(side, max(len(second.displacement), PREVIEW)))
            values = reposed_detail(self.engines.get(self.name), sized, expression, age)
            if not np.isfinite(checked(values, len(sized.displacement), "map in another pose")).all():
                raise ValueError("its detail is not finite")
            return replace(_made(second, values.copy(), digest), expression=expression, age=age)

        return self.cache.get(("brought", digest), make)

    def _sized(self, source: SourceDetail, side: int) -> SourceDetail:
        if len(source.displacement) == side:
            return source
        digest = _digest_of(source.digest, side)
        return self.cache.get(
            ("sized", digest), lambda: _made(source, resample(source.displacement, side), digest)
        )


def _made(source: SourceDetail, values: Float32, digest: str) -> SourceDetail:
    return replace(source, displacement=read_only(values), digest=digest)


def _digest_of(*recipe: object) -> str:
    """Digest of a map by what it is made of: the engine, digests of maps with their capture, and numbers."""
    return hashlib.sha256(repr(recipe).encode()).hexdigest()
