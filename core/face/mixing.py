"""The source of a document with its second face mixed in: what the stages see as the imported map."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import lru_cache

import numpy as np

from rhytid.core.detail.request import PREVIEW, VIEWPORT, SourceDetail
from rhytid.core.document.state import DocumentState, Mix
from rhytid.core.face.engine_choice import PREFERRED, reason_against
from rhytid.core.maps.resample import resample
from rhytid.core.read_only import read_only


def mixed_source(state: DocumentState, resolution: int) -> SourceDetail | None:
    """The source for detail of `resolution` texels.

    The source itself without a second face, with a share of 0, and where the model that mixes faces cannot run.
    Its lines stay those of the first face.

    Raises
    ------
    WeightsError
        The model's weights turned out to be damaged.
    """
    source, second = state.source, state.second
    if source is None or second is None or second.share == 0.0 or reason_against(PREFERRED):
        return source
    side = min(len(source.displacement), max(resolution, PREVIEW))
    mix = _kept if side <= VIEWPORT else _mixed
    return mix(source, second.detail, second.mix, second.share, side)


@lru_cache(maxsize=4)
def _kept(first: SourceDetail, second: SourceDetail, mix: Mix, share: float, side: int) -> SourceDetail:
    return _mixed(first, second, mix, share, side)


def _mixed(first: SourceDetail, second: SourceDetail, mix: Mix, share: float, side: int) -> SourceDetail:
    from rhytid.core.learned.latent import interpolate_detail, transfer_detail

    own, other = _sized(first, side), _brought(first.expression, first.age, second, side)
    blends = mix is Mix.BLEND
    values = interpolate_detail(own, other, share) if blends else transfer_detail(other, own, share)
    if values is own.displacement or values is other.displacement:
        values = values.copy()
    read_only(values)
    recipe = repr((first.digest, second.digest, mix.value, share, side))
    return replace(first, displacement=values, digest=hashlib.sha256(recipe.encode()).hexdigest())


@lru_cache(maxsize=4)
def _brought(expression: tuple[float, ...], age: float, second: SourceDetail, side: int) -> SourceDetail:
    """The second face in the pose of the first; kept, because a slider asks for it again and again."""
    from rhytid.core.learned.latent import reposed_detail

    sized = _sized(second, min(side, max(len(second.displacement), PREVIEW)))
    values = read_only(np.array(reposed_detail(sized, expression, age)))
    digest = hashlib.sha256(repr((second.digest, expression, age, side)).encode()).hexdigest()
    return replace(second, displacement=values, expression=expression, age=age, digest=digest)


@lru_cache(maxsize=8)
def _sized(source: SourceDetail, side: int) -> SourceDetail:
    if len(source.displacement) == side:
        return source
    values = read_only(resample(source.displacement, side))
    return replace(source, displacement=values, digest=f"{source.digest[:48]}.{side}")
