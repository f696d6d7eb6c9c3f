"""The clocks of the head's shape: which parts age, from when on, and how fast.

| part | what the years do | from | gathers speed |
| --- | --- | --- | --- |
| brows | the outer brow descends | 34 | little |
| upper_lids | skin hangs over the outer lid | 37 | yes |
| lower_lids | bags above a tear trough | 33 | little |
| temples | hollow | 30 | no, it slows down |
| cheeks | fat slides down from the cheek-bone, the cheek grows hollow | 30 | no |
| nasolabial | fold from nose to mouth | 30 | little |
| marionette | furrow below the corner of the mouth | 41 | yes |
| jowls | break the line of the jaw, a hollow before them | 40 | yes |
| chin | its pad sinks, the fold under the lip deepens | 40 | yes |
| lips | longer and thinner, their corners lower | 33 | little |
| nose | longer, with a lower tip | youth on | no |
| ears | longer by 0.22 mm a year, lobes most | 30 | no |
| neck | bands of the platysma, fullness under the chin | 40 | yes |
| youth | full cheeks and a small nose | until 26 | |

Temple and cheek lose most between 30 and 60 (Wysong et al., "Quantifying soft tissue loss in facial aging", 2013);
ears grow straight on (Heathcote, "Why do old men have big ears?", 1995) and so does the nose; lips change faster from
40 on ("Stereophotogrammetry to reveal age-related changes of labial morphology", 2020); folds that gravity pulls over
ligaments come in the forties and gather speed (Mendelson and Wong 2012; Windhager et al., "Facial aging
trajectories", 2019).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import AGE_MAX, AGE_MIN
from rhytid.core.maps.random_stream import RandomStream

Float64 = npt.NDArray[np.float64]

# The mean head's own: the form in which no part has aged yet.
SHAPE_AGE = 30.0


class _Clock(NamedTuple):
    """Share ``((age - onset) / (70 - onset)) ** bend``; before the onset 0, or straight on if it grows early."""

    onset: float
    bend: float
    grows_early: bool = False


_CLOCKS = {
    "brows": _Clock(34, 1.1),
    "upper_lids": _Clock(37, 1.3),
    "lower_lids": _Clock(33, 1.1),
    "temples": _Clock(30, 0.9),
    "cheeks": _Clock(30, 1.0),
    "nasolabial": _Clock(30, 1.1),
    "marionette": _Clock(41, 1.2),
    "jowls": _Clock(40, 1.3),
    "chin": _Clock(40, 1.2),
    "lips": _Clock(33, 1.1),
    "nose": _Clock(30, 1.0, grows_early=True),
    "ears": _Clock(30, 1.0),
    "neck": _Clock(40, 1.3),
}
AGED_PARTS: tuple[str, ...] = (*_CLOCKS, "youth")
_YOUTH_UNTIL = 26.0
# A part that is ahead by one standard deviation has so much more of its share, so many years earlier.
_SHARE_SPREAD, _YEARS_SPREAD = 0.16, 3.0
_PEOPLE_SEED, _MOST_MODES = 3_000_017, 128


def part_shares(age: float, identity: Iterable[float] = (), since: float = SHAPE_AGE) -> npt.NDArray[np.float32]:
    """How far each of `AGED_PARTS` has aged between two ages, float32 (A,); all 0 where they are the same.

    Parameters
    ----------
    age : float
        Years.
    identity : iterable of float
        Weights of the head's modes. People age each in their own way, and which way follows smoothly from who they
        are; the mean head ages as the sources say.
    since : float
        Years at which the head stands without ageing.
    """
    ahead = _ahead(np.fromiter(identity, np.float64))
    return (_shares(age, ahead) - _shares(since, ahead)).astype(np.float32)


def _shares(age: float, ahead: Float64) -> Float64:
    shares = []
    for clock, way in zip(_CLOCKS.values(), ahead, strict=False):
        onset = clock.onset - (0 if clock.grows_early else _YEARS_SPREAD * way)
        along = (age - onset) / (AGE_MAX - onset)
        share = along if clock.grows_early else max(along, 0.0) ** clock.bend
        shares.append(share * (1 + _SHARE_SPREAD * way))
    young = min(max((_YOUTH_UNTIL - age) / (_YOUTH_UNTIL - AGE_MIN), 0.0), 1.0)
    return np.array([*shares, young * young * (3 - 2 * young)])


def _ahead(identity: Float64) -> Float64:
    """How far a person's parts are ahead of those of the mean head, (A,) within -1.5..1.5."""
    identity = identity[:_MOST_MODES]
    length = max(float(np.linalg.norm(identity)), 1.0)
    return np.asarray(1.5 * np.tanh(identity @ _ways()[: len(identity)] / length / 1.5))


@cache
def _ways() -> Float64:
    """Fixed directions among people, (modes, A): weights of 0 behind the others change nothing."""
    return RandomStream(_PEOPLE_SEED).normal(_MOST_MODES * len(AGED_PARTS)).reshape(_MOST_MODES, -1)
