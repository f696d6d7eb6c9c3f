"""Solves the tables of `core.learned.expression_energy` on synthetic people; no network, and no torch.

Everybody is made at rest and in all key expressions and some mixtures, without what a scanner adds. What an expression
brings is ridge regression of how log energies grow from rest, so that it holds for mixtures as well. What of a
person's deviation belongs to the expression is regressed where the expression changes something.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import AGE_MAX, AGE_MIN, life_share
from rhytid.core.learned.expression_energy import (
    CELLS,
    ExpressionEnergy,
    deviation,
    face_cells,
    features,
    moved,
)
from rhytid.core.learned.weights import EXPRESSION_ENERGY
from rhytid.core.maps.bands import N_BANDS, log_energies
from rhytid.core.maps.units import UNIT_MM
from rhytid.core.synthesis import KEY_EXPRESSIONS, random_expression, static_map, synthesise
from rhytid.core.training.shipping import save_model

Float32 = npt.NDArray[np.float32]

N_PEOPLE, N_MIXTURES = 120, 8
_FIRST_SEED = 920_000_000  # of no record, basis or score
_STREAM = 7
_RIDGE = 3.0  # of the expressions; that of the ages only keeps one person from being too few
_LEAST = 1e-9


def solved(
    n_people: int = N_PEOPLE, n_mixtures: int = N_MIXTURES, told: Callable[[], object] | None = None
) -> dict[str, Float32]:
    """The tensors of `ExpressionEnergy`.

    Parameters
    ----------
    n_people, n_mixtures : int
        Synthetic people, and random mixtures of each beside the key expressions.
    told : callable, optional
        Called once for each person that is done.
    """
    rest, grown, inputs, ages, seen = [], [], [], [], []
    for seed in range(_FIRST_SEED, _FIRST_SEED + n_people):
        random = np.random.default_rng([_STREAM, seed])
        age = float(random.uniform(AGE_MIN, AGE_MAX))
        relaxed = _energies(static_map(seed, age))
        rest.append(relaxed.ravel())
        ages.append(age)
        expressions = [*list(KEY_EXPRESSIONS.values())[1:], *(random_expression(random) for _ in range(n_mixtures))]
        for expression in expressions:
            own = _energies(synthesise(seed, age, expression, scan=False).displacement)
            grown.append((own - relaxed).ravel())
            inputs.append(features(life_share(age), expression))
            seen.append((age, expression, own))
        if told is not None:
            told()
    lines = np.array([[1, life_share(age)] for age in ages], np.float32)
    tensors = {
        "rest": _ridge(lines, np.stack(rest), 0.1),
        "brought": _ridge(np.stack(inputs), np.stack(grown), _RIDGE),
        "momentary": np.zeros(N_BANDS, np.float32),
    }
    tensors["momentary"] = _momentary(ExpressionEnergy(tensors, "training"), seen, np.stack(grown))
    return tensors


def _momentary(table: ExpressionEnergy, seen: list[tuple[float, Float32, Float32]], grown: Float32) -> Float32:
    """Share of a deviation that is lost on the way to rest, float32 (4,)."""
    cells = face_cells()
    both, one = np.zeros(N_BANDS), np.zeros(N_BANDS)
    for (age, expression, own), real in zip(seen, grown, strict=True):
        brought = table.brought(age, expression)
        theirs = moved(brought) * deviation(own, table.expected(age, expression))
        left = real.reshape(brought.shape) - brought
        both += (theirs * left)[:, cells].sum(axis=1)
        one += (theirs * theirs)[:, cells].sum(axis=1)
    return np.clip(both / np.maximum(one, _LEAST), 0, 1).astype(np.float32)


def make(out: Path, n_people: int = N_PEOPLE, told: Callable[[], object] | None = None) -> Path:
    """Solve, write the model into the folder `out` and give the path of its JSON."""
    config = {"cells": CELLS, "mixtures": N_MIXTURES}
    training: dict[str, Any] = {"data": "synthetic", "people": n_people, "first_seed": _FIRST_SEED}
    return save_model(out, EXPRESSION_ENERGY, solved(n_people, told=told), config, training)


def _energies(displacement: Float32) -> Float32:
    return log_energies(displacement * np.float32(1 / UNIT_MM), CELLS)


def _ridge(given: Float32, wanted: Float32, strength: float) -> Float32:
    """Coefficients (F, M) that give `wanted` (N, M) of `given` (N, F), the smaller the stronger the ridge."""
    normal = given.T @ given + np.float32(strength) * np.eye(given.shape[1], dtype=np.float32)
    return np.linalg.solve(normal, given.T @ wanted).astype(np.float32)
