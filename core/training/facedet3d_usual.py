"""The closed-form part of FaceDet3D's training: how much relief people usually have under a condition."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.document.action_units import action_unit_table
from rhytid.core.learned.facedet3d import Usual, condition, deviations
from rhytid.core.maps.bands import BAND_CELLS, N_BANDS, cell_means, log_energies
from rhytid.core.training.records import Records
from rhytid.core.training.semm_importance import importance

Float32 = npt.NDArray[np.float32]
_RIDGE = 5.0  # poses
_FACE = 0.5
_MOVED = 0.3  # of a log energy: where less is expected, nothing is learned of what people keep
_LEAST = 1e-9


def projection() -> Float32:
    """Matrix (52, n) that gives the intensities of action units in an expression, sides apart; then clip to 0..1."""
    table = action_unit_table()
    sided = {unit.facs for unit in table.units if unit.side}
    rows = [table.weights[unit.name] for unit in table.units if unit.side or unit.facs not in sided]
    return np.stack([row / float((row * row).sum()) for row in rows], axis=1).astype(np.float32)


def solved(records: Records, matrix: Float32) -> Usual:
    """Ridge regression of log energies on conditions, within people; then what people keep, by halves of them.

    A person's deviation from what is usual is to be told of somebody whom the regression has not seen.

    Parameters
    ----------
    matrix : float32 (52, n)
        Of `projection`.
    """
    conditions = np.stack([
        condition(expression, float(age), matrix)
        for expression, age in zip(records.expression, records.age, strict=True)
    ])  # fmt: skip
    energies = np.concatenate([
        np.stack([log_energies(values) for values in maps["x"]]) for _, maps in records.chunks(("x",))
    ])  # fmt: skip
    face = cell_means(importance()) > _FACE
    every = np.ones(len(energies), bool)
    halves = [records.group % 2 == half for half in range(2)]
    sums = np.zeros((2, N_BANDS))
    for half in halves:
        mean, slopes = _regression(conditions, energies, records.group, ~half if (~half).any() else every)
        own = energies - mean - np.tensordot(conditions, slopes, 1)
        sums += _kept_sums(own, conditions, slopes, records, half, face)
    kept = np.clip(sums[0] / np.maximum(sums[1], _LEAST), 0, 1).astype(np.float32)
    return Usual(*_regression(conditions, energies, records.group, every), kept, face)


def _regression(
    conditions: Float32, energies: Float32, groups: npt.NDArray[np.int64], which: npt.NDArray[np.bool_]
) -> tuple[Float32, Float32]:
    """Mean (4, 16, 16) and slopes (n + 1, 4, 16, 16) of some poses."""
    told, values = conditions[which].astype(np.float64), energies[which].reshape(int(which.sum()), -1)
    number = np.unique(groups[which], return_inverse=True)[1]
    a, b = (part - _means(part, number)[number] for part in (told, values))
    slopes = np.linalg.solve(a.T @ a + _RIDGE * np.eye(a.shape[1]), a.T @ b).astype(np.float32)
    mean = (values - told @ slopes).mean(axis=0).astype(np.float32)
    cells = (N_BANDS, BAND_CELLS, BAND_CELLS)
    return mean.reshape(cells), slopes.reshape(-1, *cells)


def _means(values: npt.NDArray[np.floating], number: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    sums = np.zeros((int(number.max()) + 1, values.shape[1]))
    np.add.at(sums, number, values)
    return sums / np.bincount(number)[:, None]


def _kept_sums(
    own: Float32,
    conditions: Float32,
    slopes: Float32,
    records: Records,
    which: npt.NDArray[np.bool_],
    face: npt.NDArray[np.bool_],
) -> npt.NDArray[np.float64]:
    """Products of deviations in two poses of one person, and squares of the first, by band; float64 (2, 4)."""
    sums = np.zeros((2, N_BANDS))
    smooth = np.stack([deviations(one, face) for one in own])
    for a, b in records.same_person_pairs():
        if not which[a]:
            continue
        change = np.tensordot(conditions[b] - conditions[a], slopes, 1)
        moved = (np.abs(change) > _MOVED) & face
        sums[0] += (smooth[a] * smooth[b] * moved).sum(axis=(1, 2))
        sums[1] += (smooth[a] ** 2 * moved).sum(axis=(1, 2)) / 2 + (smooth[b] ** 2 * moved).sum(axis=(1, 2)) / 2
    return sums
