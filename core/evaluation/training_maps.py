"""Synthetic maps like those that the networks are trained on, for baselines that need maps of their own."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import AGE_MAX, AGE_MIN
from rhytid.core.evaluation.principal import Batches
from rhytid.core.evaluation.tasks import Context, Setup, Workers
from rhytid.core.synthesis import KEY_EXPRESSIONS, synthesise

Float32 = npt.NDArray[np.float32]
N_MAPS, N_QUICK = 1500, 700
_FIRST_SEED = 1
_BLOCK = 64


def made_maps(n_maps: int, setup: Setup, workers: Workers) -> Batches:
    """Maps of as many synthetic persons, each at a random age in a random key expression.

    They are kept as float16, 128 KB each, and given out as float32 (n, 256, 256) in mm.
    """
    seeds = range(_FIRST_SEED, _FIRST_SEED + n_maps)
    blocks = [tuple(seeds[start : start + _BLOCK]) for start in range(0, n_maps, _BLOCK)]
    made = workers.run(_made_block, blocks, setup, "synthetic maps")

    def batches() -> Iterator[Float32]:
        for block in made:
            yield block.astype(np.float32)

    return batches


def _made_block(context: Context, seeds: tuple[int, ...]) -> npt.NDArray[np.float16]:
    maps = []
    for seed in seeds:
        rng = np.random.default_rng([seed, 0x9CA])
        expression = list(KEY_EXPRESSIONS.values())[int(rng.integers(len(KEY_EXPRESSIONS)))]
        maps.append(synthesise(seed, float(rng.uniform(AGE_MIN, AGE_MAX)), expression).displacement.astype(np.float16))
    return np.stack(maps)
