"""Groups of records of synthetic persons.

A person's group holds the neutral face, two other expressions, one of these at another age, and for every second
person one of the poses again with one of its lines erased.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import AGE_MAX, AGE_MIN
from rhytid.core.lines import polyline
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.units import SIDE
from rhytid.core.synthesis import KEY_EXPRESSIONS, Sample, random_expression, synthesise
from rhytid.core.synthesis.key_expressions import key_expression_index
from rhytid.core.training.make_records import line_maps
from rhytid.core.training.record_shards import Group, Pose

Float32 = npt.NDArray[np.float32]

MIXTURE_SHARE = 0.35  # of the expressions that are not neutral
LEAST_AGE_STEP = 8.0
ERASABLE_DEPTH_MM, ERASABLE_LENGTH = 0.02, 0.03  # the length as a fraction of the chart's side
_STREAM = 0x7261  # parts the choices made here from the generator's own random numbers


def drawn_expression(rng: np.random.Generator) -> tuple[Float32, int]:
    """Weights of an expression that is not neutral, float32 (52,), and its number, -1 for a mixture."""
    if rng.random() < MIXTURE_SHARE:
        weights = random_expression(rng)
        return weights, key_expression_index(weights)
    number = int(rng.integers(1, len(KEY_EXPRESSIONS)))
    return list(KEY_EXPRESSIONS.values())[number], number


def synthetic_group(seed: int) -> Group:
    """The group of the synthetic person `seed`."""
    rng = np.random.default_rng([_STREAM, seed])
    age = float(rng.uniform(AGE_MIN, AGE_MAX))
    expressions = [(KEY_EXPRESSIONS["1_neutral"], 0), drawn_expression(rng), drawn_expression(rng)]
    plan = [(weights, number, age) for weights, number in expressions]
    weights, number = expressions[int(rng.integers(1, 3))]
    plan.append((weights, number, _other_age(age, rng)))
    samples = [synthesise(seed, years, expression, SIDE) for expression, _, years in plan]
    poses = [
        Pose(line_maps(sample.displacement), expression.astype(np.float32), years, key)
        for sample, (expression, key, years) in zip(samples, plan, strict=True)
    ]
    if seed % 2 == 0:
        twin = int(rng.integers(len(plan)))
        line = _erasable_line(samples[twin], rng)
        if line is not None:
            expression, key, years = plan[twin]
            less = synthesise(seed, years, expression, SIDE, erased=(line.id,))
            poses.append(Pose(line_maps(less.displacement), expression.astype(np.float32), years, key, twin))
    return Group(seed, tuple(poses))


def _other_age(age: float, rng: np.random.Generator) -> float:
    """An age at least `LEAST_AGE_STEP` years from `age`."""
    below, above = max(age - LEAST_AGE_STEP - AGE_MIN, 0.0), max(AGE_MAX - age - LEAST_AGE_STEP, 0.0)
    at = float(rng.uniform(0, below + above))
    return AGE_MIN + at if at < below else age + LEAST_AGE_STEP + at - below


def _erasable_line(sample: Sample, rng: np.random.Generator) -> Stroke | None:
    """One of the valleys that show in `sample`, long and deep ones more often; None if none does."""
    lines, shares = [], []
    for line, amount in sample.lines:
        length = polyline.length(line.points)
        depth_mm = line.depth_mm * amount  # of a ridge it is negative
        if depth_mm >= ERASABLE_DEPTH_MM and length >= ERASABLE_LENGTH:
            lines.append(line)
            shares.append(depth_mm * length)
    if not lines:
        return None
    return lines[int(rng.choice(len(lines), p=np.array(shares) / sum(shares)))]
