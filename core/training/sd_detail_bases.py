"""The closed-form part of SD-DeTail: bases of maps and energies, and how the static code follows age."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import AGE_MAX, AGE_MIN, life_share
from rhytid.core.learned.sd_detail import packed
from rhytid.core.maps.bands import log_energies, low_pass
from rhytid.core.maps.units import SIDE, UNIT_MM
from rhytid.core.synthesis import compressed_map, static_map, stretched_map
from rhytid.core.training.records import Records

Float32 = npt.NDArray[np.float32]
PersonMaps = Callable[[int, float], tuple[Float32, Float32, Float32]]

_FIRST_SEED = 900_000_000  # persons of the bases are not those of the records
_SHOWN = 0.02  # in 0.1 mm: a texel with less is blank
_COVERED = 0.5  # share of the scans that must show a texel inside the face
_NOISE_SIGMA_PX = 3.0
_BROADEST_PX = 8.0
_LEAST = 1e-6


def person_maps(seed: int, age: float) -> tuple[Float32, Float32, Float32]:
    """Static map of a synthetic person and what wholly compressed and wholly stretched skin add, (256, 256) mm.

    Without what is broader than displacement maps show: scans are levelled at about the same width.
    """
    static, *extremes = (made(seed, age, SIDE) for made in (static_map, compressed_map, stretched_map))
    compressed, stretched = (levelled(extreme - static) for extreme in extremes)
    return levelled(static), compressed, stretched


def levelled(values: Float32) -> Float32:
    """A map without what is broader than a displacement map shows."""
    return values - low_pass(values, _BROADEST_PX)


def fitted_bases(
    config: Mapping[str, Any],
    records: Records,
    maps_of: PersonMaps,
    progress: Callable[[float], None] | None = None,
) -> dict[str, npt.NDArray[Any]]:
    """Everything of the model that least squares give, float32 by the names of `core.networks.sd_detail`.

    Beside these ``people.static``, ``.compressed``, ``.stretched`` (N, K) and ``.age_share`` (N,): codes of the persons
    whose maps made the bases.
    """
    inside, energies, sample = _surveyed(records, int(config["energy_poses"]))
    n_persons = int(config["basis_persons"])
    random = np.random.default_rng([0x5D, int(config["seed"])])
    ages = random.uniform(AGE_MIN, AGE_MAX, n_persons)
    n_inside = int(inside.sum())
    maps = {name: np.empty((n_persons, n_inside), np.float32) for name in ("static", "compressed", "stretched")}
    for i, age in enumerate(ages):
        found = maps_of(_FIRST_SEED + i, float(age))
        for name, values in zip(maps, found, strict=True):
            maps[name][i] = values[inside] / np.float32(UNIT_MM)
        if progress is not None:
            progress((i + 1) / n_persons)
    closed: dict[str, npt.NDArray[Any]] = {"inside": packed(inside)}
    sizes = {"static": config["static"], "compressed": config["dynamic"], "stretched": config["dynamic"]}
    for name, values in maps.items():
        mean, basis, codes = principal(values, int(sizes[name]))
        closed[f"{name}.mean"], closed[f"{name}.basis"], closed[f"people.{name}"] = mean, basis, codes
    closed["static.noise"] = _noise(sample, inside, closed["static.mean"])
    share = np.array([life_share(float(age)) for age in ages], np.float32)
    closed["people.age_share"] = share
    slope, factor = by_age(share, closed["people.static"])
    closed["age.slope"], closed["age.factor"] = slope, factor
    mean, basis, _ = principal(energies, int(config["energy"]))
    closed["energy.mean"], closed["energy.basis"] = mean, basis
    return closed


def _noise(sample: Float32, inside: npt.NDArray[np.bool_], mean: Float32) -> Float32:
    """RMS of what maps (N, 256, 256) have beside the mean static map, about each texel inside, float32 (M,).

    Hair and a scan's border have much that no basis holds; codes should not follow them.
    """
    square = np.zeros((SIDE, SIDE), np.float32)
    square[inside] = ((sample[:, inside] - mean) ** 2).mean(axis=0)
    share = low_pass(inside.astype(np.float32), _NOISE_SIGMA_PX)
    noise: Float32 = np.sqrt(low_pass(square, _NOISE_SIGMA_PX)[inside] / share[inside])
    return np.maximum(noise, np.float32(_SHOWN))


def principal(values: Float32, count: int) -> tuple[Float32, Float32, Float32]:
    """Mean (M,), basis (count, M) and codes (N, count) of rows (N, M); codes have unit variance.

    Fewer rows than components leave components of zero: the shape stays, so small tests fit too.
    """
    mean = values.mean(axis=0)
    centred = values - mean
    variance, vectors = np.linalg.eigh((centred @ centred.T).astype(np.float64) / len(values))
    order = np.argsort(variance)[::-1][:count]
    basis = np.zeros((count, values.shape[1]), np.float32)
    codes = np.zeros((len(values), count), np.float32)
    for row, at in enumerate(order):
        if variance[at] > _LEAST * max(float(variance.max()), _LEAST):
            code = (vectors[:, at] * np.sqrt(len(values))).astype(np.float32)
            codes[:, row] = code
            basis[row] = code @ centred / len(values)
    return mean, basis, codes


def by_age(share: Float32, codes: Float32) -> tuple[Float32, Float32]:
    """How codes follow age: slope (2, K) on [a, a^2 - 1/3], and a factor (K, K) of what ages leave over."""
    design = np.stack([share, share**2 - 1 / 3], axis=1)
    slope = np.linalg.lstsq(design, codes, rcond=None)[0].astype(np.float32)
    left = codes - design @ slope
    covariance = (left.T @ left).astype(np.float64) / len(codes)
    factor = np.linalg.cholesky(covariance + 1e-4 * np.eye(len(covariance)))
    return slope, factor.astype(np.float32)


def _surveyed(records: Records, n_poses: int) -> tuple[npt.NDArray[np.bool_], Float32, Float32]:
    """Texels inside the face, log energies (N, 1024) of some poses, and a few of their maps, in 0.1 mm."""
    step = max(len(records) // n_poses, 1)
    shown = np.zeros((SIDE, SIDE), np.float64)
    energies: list[Float32] = []
    sample: list[Float32] = []
    for _, maps in records.chunks(("x",), 32, np.arange(0, len(records), step)):
        for values in maps["x"]:
            shown += np.abs(values) > _SHOWN
            energies.append(log_energies(values).ravel())
            if len(sample) < 64:
                sample.append(values)
    # Few texels are exactly 0 within a scan; so a texel that half of the scans show is one of the face.
    inside = shown / len(energies) > _COVERED
    return inside, np.stack(energies), np.stack(sample)
