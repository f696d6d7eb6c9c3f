"""The clocks of age: what the years do to a face, each with its unit and its reason.

| clock | curve | moves | why so |
| --- | --- | --- | --- |
| `grown_share` | 0 to 1, eased, within 12 years of the birth age | strokes | a wrinkle deepens over a decade |
| `coarseness` | 0 to 1, straight, 20 to 70 | procedural skin, depth of lines in motion | skin roughens steadily |
| `skin_decades` | 0 to 5.4, power 1.7, 16 to 70 | code of SEMM | roughness and sagging set in late |
| `life_share` | -1 to 1, straight, 16 to 70 | network of SD-DeTail | it was trained on this number |
| `told_age` | -1.2 to 1.5, straight, 16 to 70 | FaceDet3D; ablation "concatenation" of SEMM | they were trained on it |
| `capped_growth` | at most a factor of 1.65 | imported maps | skin ages by wrinkles more than by grain |
| `colour_age` | steps of 5 years | colour of the skin | few colours then serve a slider |
| `core.head.ageing.part_shares` | 0 at 30, 1 at 70, on to 80; each part its own | shape of the head | given there |
| `REFERENCE_AGE` | 27 years | synthetic faces | the people whose scans their figures are of |

Ages are in years. Those of skin are bounded by `AGE_MIN` and `AGE_MAX`, what the project has data and sources for. A
person goes on to `LIFE_MAX`: the shape of the head ages on, and the skin stays at `skin_age`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

AGE_MIN, AGE_MAX = 16.0, 70.0
LIFE_MAX = 80.0
REFERENCE_AGE = 27.0
DEEPENING_YEARS = 12.0
_COARSE_FROM, _COARSE_YEARS = 20, 50
_BEND = 1.7
_MOST_GROWTH = float(np.log(1.65))
_COLOUR_STEP_YEARS = 5


def skin_age(age: float) -> float:
    """The age that skin of a person of `age` is shown with: no clock and no network is asked beyond `AGE_MAX`."""
    return min(age, AGE_MAX)


def grown_share(birth_age: float, age: float) -> float:
    """Share of a stroke's depth that has come: 0 below its birth age, 1 from 12 years later on; 1 for birth age 0."""
    if birth_age <= 0:
        return 1.0
    return float(_eased(min(max((age - birth_age) / DEEPENING_YEARS, 0.0), 1.0)))


def grown_shares(birth_ages: npt.NDArray[np.float64], age: float) -> npt.NDArray[np.float64]:
    """`grown_share` of many strokes, bit for bit."""
    return np.where(birth_ages > 0, _eased(np.clip((age - birth_ages) / DEEPENING_YEARS, 0, 1)), 1.0)


def coarseness(age: float) -> float:
    """0 up to 20 years, 1 from 70 on."""
    return min(max((age - _COARSE_FROM) / _COARSE_YEARS, 0.0), 1.0)


def skin_decades(age: Any) -> Any:
    """Decades that skin has aged since 16: 0 up to there, 5.4 at 70; of a float, an array or a tensor."""
    span = AGE_MAX - AGE_MIN
    past = age - AGE_MIN
    past = (past + abs(past)) / 2
    return span / 10 * (past / span) ** _BEND


def life_share(age: float) -> float:
    """-1 at 16 and 1 at 70 years, clipped there."""
    middle, half = (AGE_MIN + AGE_MAX) / 2, (AGE_MAX - AGE_MIN) / 2
    return float(np.clip((age - middle) / half, -1.0, 1.0))


def told_age(age: Any) -> Any:
    """Years as networks take them as a number, about 0 and of size 1; of a float or a tensor."""
    return (age - 40) / 20


def capped_growth(log_growth: Any) -> Any:
    """Growth of an amplitude by the years that levels off, both as logarithms; of a float or an array."""
    return _MOST_GROWTH * np.tanh(log_growth / _MOST_GROWTH)


def colour_age(age: float) -> float:
    """The age whose colour is shown."""
    return _COLOUR_STEP_YEARS * float(round(age / _COLOUR_STEP_YEARS))


def _eased(x: Any) -> Any:
    """Smoothstep of what lies in 0..1."""
    return x * x * (3 - 2 * x)
