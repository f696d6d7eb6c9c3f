"""HiFace's split (Chai et al. 2023, equations 4 to 9): what of a face's detail is the person's, what the expression's.

On synthetic people in expression, of whom both parts are known: the static map is the face at rest, the dynamic one
is what the expression adds to it. An engine's static map is the whole map brought to the neutral expression, its
dynamic one what is left. Baseline: all of it is static, and nothing dynamic. Its correlation with the static truth is
high by itself, for most of a map is the person's, so that there is little room above it; the truth's is 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import AGE_MAX, AGE_MIN
from rhytid.core.detail.engine import Control
from rhytid.core.detail.request import EngineSettings, SourceDetail, displacement_digest
from rhytid.core.evaluation.scores import correlation
from rhytid.core.evaluation.tasks import Context
from rhytid.core.face.resolve import detail_pose
from rhytid.core.read_only import read_only
from rhytid.core.synthesis import static_map, synthesise
from rhytid.core.synthesis.key_expressions import KEY_EXPRESSIONS

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
EXPRESSIONS = ("2_smile", "4_anger", "12_lip_puckerer", "16_grin", "19_brow_raiser")
N_PEOPLE, N_QUICK = 24, 6
_FIRST_SEED = 970_000_000  # of no training


@dataclass(frozen=True)
class Split:
    """A synthetic person whose maps are split; the unit of work."""

    engine: str
    person: int


def tasks(engine: str, quick: bool) -> list[Split]:
    """All people."""
    return [Split(engine, person) for person in range(N_QUICK if quick else N_PEOPLE)]


def split(context: Context, task: Split) -> Float64:
    """Correlations of the static map, the dynamic map and the whole map taken for static, float64 (expressions, 3)."""
    seed = _FIRST_SEED + task.person
    age = float(np.random.default_rng(seed).uniform(AGE_MIN, AGE_MAX))
    engine, mask = context.engines.get(task.engine), context.scans.mask
    settings = EngineSettings(name=task.engine)
    static = static_map(seed, age)
    rest = detail_pose(context.expressions.of(KEY_EXPRESSIONS["1_neutral"]), age, settings)
    rows = []
    for name in EXPRESSIONS:
        weights = KEY_EXPRESSIONS[name]
        whole = read_only(synthesise(seed, age, weights, scan=False).displacement)
        captured = detail_pose(context.expressions.of(weights), age, settings)
        source = SourceDetail(whole, tuple(map(float, weights)), age, name, (), displacement_digest(whole))
        found = engine.reposed(whole, source, captured, rest, Control()).values
        pairs = (found, static), (whole - found, whole - static), (whole, static)
        rows.append([correlation(a, b, mask) for a, b in pairs])
    return np.array(rows)


def summary(results: Sequence[Float64]) -> dict[str, float]:
    """The figures of one engine."""
    every = np.concatenate(results)
    static, dynamic, baseline = (float(value) for value in every.mean(axis=0))
    return {"static": static, "dynamic": dynamic, "all_static": baseline, "n": len(every)}
