"""What a face's code allows beside editing: faces between two, one face's wrinkles on another.

Pure functions of maps and of an engine that `mixes`. A map that comes out belongs to the pose of the face that it is
made for, which is named at each function.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.engine import Control, Engine
from rhytid.core.detail.request import EngineSettings, Pose, SourceDetail
from rhytid.core.detail.source import covered
from rhytid.core.maps.bands import ENERGY_FLOOR, cell_means, enlarged, low_pass, octave_bands
from rhytid.core.maps.resample import resample
from rhytid.core.maps.units import SIDE, UNIT_MM

Float32 = npt.NDArray[np.float32]
_WRINKLE_SIGMA_PX = 0.7  # of 256: what is finer is skin texture, not a wrinkle
_MOST_GAIN = 2.0


def reposed_detail(engine: Engine, source: SourceDetail, expression: npt.ArrayLike, age: float) -> Float32:
    """A map in another expression and at another age, at its own resolution; the map itself where nothing changes."""
    if tuple(np.asarray(expression, float)) == tuple(source.expression) and age == source.age:
        return source.displacement
    values = engine.reposed(
        source.displacement, source, _pose(source.expression, source.age), _pose(expression, age), Control()
    ).values  # fmt: skip
    return values


def interpolate_detail(engine: Engine, a: SourceDetail, b: SourceDetail, share: float) -> Float32:
    """A face between two, in the pose and at the resolution of `a`.

    `b` is first brought into the pose of `a`. The maps are mixed, and each octave band of the mixture is then raised
    to the energy between theirs: a plain mean of two faces' textures would be flatter than either.

    Parameters
    ----------
    engine : Engine
    a, b : SourceDetail
    share : float
        0 gives `a` bit for bit, 1 gives `b` in the pose of `a`.

    Returns
    -------
    float32 (H, H)
        mm.
    """
    if share == 0:
        return a.displacement
    side = len(a.displacement)
    other = resample(reposed_detail(engine, b, a.expression, a.age), side)
    if share == 1:
        return other
    mixed = a.displacement * np.float32(1 - share) + other * np.float32(share)
    small = [resample(values, SIDE) for values in (a.displacement, other, mixed)]
    bands = [octave_bands(values) for values in small]
    added = np.zeros((SIDE, SIDE), np.float32)
    for one, two, band in zip(*bands, strict=True):
        energy_one, energy_two, energy = (
            np.log(cell_means(values**2) + np.float32(ENERGY_FLOOR * UNIT_MM**2)) for values in (one, two, band)
        )
        wanted = (1 - share) * energy_one + share * energy_two
        gain = np.clip(np.exp((wanted - energy) / 2), 1, _MOST_GAIN).astype(np.float32)
        added += (enlarged(gain) - 1) * band
    return np.asarray(mixed + resample(added, side), np.float32)


def transfer_detail(engine: Engine, giver: SourceDetail, taker: SourceDetail, share: float = 1.0) -> Float32:
    """The wrinkles of `giver` on the skin of `taker`, in the pose and at the resolution of `taker`.

    `giver` is first brought into the pose of `taker`. All but the fine texture comes from it; where it is blank,
    as scans are beyond the face, the taker's stay.

    Parameters
    ----------
    engine : Engine
    giver, taker : SourceDetail
    share : float
        0..1 of the way; 0 gives `taker` bit for bit.

    Returns
    -------
    float32 (H, H)
        mm.
    """
    if share == 0:
        return taker.displacement
    side = len(taker.displacement)
    given = resample(reposed_detail(engine, giver, taker.expression, taker.age), side)
    sigma = _WRINKLE_SIGMA_PX * side / SIDE
    change = low_pass(given - taker.displacement, sigma)
    there = covered(resample(given, SIDE))
    change *= resample(there, side) * np.float32(share)
    return np.asarray(taker.displacement + change, np.float32)


def _pose(expression: npt.ArrayLike, age: float) -> Pose:
    """A pose as far as an engine that mixes reads it."""
    return Pose.without_head(np.asarray(expression, np.float32), float(age), EngineSettings())
