"""SD-DeTail at run time: bases, the dynamic network and band energies, in numpy.

HiFace (Chai et al., ICCV 2023, sections 3.2 and 3.3). The network is two hundred thousand multiplications, so no
runtime is needed for it; `core.networks.sd_detail` is the reference and lists the tensors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import life_share
from rhytid.core.learned.semm import normal_numbers
from rhytid.core.learned.weights import SD_DETAIL, WeightsError, open_model
from rhytid.core.maps.bands import BAND_CELLS, N_BANDS, low_pass
from rhytid.core.maps.units import SIDE

Float32 = npt.NDArray[np.float32]
BoolMap = npt.NDArray[np.bool_]

_NORM_FLOOR = 1e-5  # as in the network
_TENSION_SIGMA_PX = 2.0
_FULL_TENSION = 0.12  # at which skin counts as wholly compressed or stretched
# Neighbouring texels of what the bases leave over are not independent: about so many make one observation.
_TEXELS_PER_OBSERVATION = 24.0
_LEAST_NOISE, _BLANK = 0.02, 1e-3  # in 0.1 mm
_SPREAD, _DRAWN = 1.7, 0.7  # most standard deviations of a drawn person, and how many are usual


@dataclass(frozen=True, eq=False)
class Codes:
    """What the bases make of a map.

    Attributes
    ----------
    static : float32 (S,)
    compressed, stretched : float32 (D,)
    """

    static: Float32
    compressed: Float32
    stretched: Float32


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a map says of its codes: normal (K, K) and pull (K,) of the least squares, static codes first.

    The solution for any expectation of the codes costs next to nothing from here.
    """

    normal: Float32
    pull: Float32

    def codes(self, expected: Codes) -> Codes:
        """The posterior mean: codes of unit variance about `expected`, given the map."""
        parts = (expected.static, expected.compressed, expected.stretched)
        prior = np.concatenate(parts)
        code = np.linalg.solve(self.normal + np.eye(len(prior), dtype=np.float32), self.pull + prior)
        ends = np.cumsum([len(part) for part in parts])[:-1]
        return Codes(*np.split(code.astype(np.float32), ends))


@dataclass(frozen=True, eq=False)
class Basis:
    """A linear model of maps inside the face: mean (M,) and basis (K, M), float32, 0.1 mm."""

    mean: Float32
    basis: Float32

    def __call__(self, code: Float32) -> Float32:
        """The map of a code, float32 (M,)."""
        values: Float32 = self.mean + code @ self.basis
        return values


def dynamic_weights(tension: Float32) -> tuple[Float32, Float32]:
    """Share of wholly compressed and wholly stretched skin at each texel (equations 8 and 9).

    Parameters
    ----------
    tension : float32 (256, 256)
        + compression, - stretch.

    Returns
    -------
    compression, stretching : float32 (256, 256), 0..1
        One of them is 0 everywhere.
    """
    share = low_pass(np.asarray(tension, np.float32), _TENSION_SIGMA_PX) / np.float32(_FULL_TENSION)
    return np.clip(share, 0, 1), np.clip(-share, 0, 1)


def packed(inside: BoolMap) -> npt.NDArray[np.int32]:
    """A mask (256, 256) as bits, int32 (2048,), first texel in the lowest bit."""
    return np.packbits(inside, bitorder="little").view("<i4").astype(np.int32)


def unpacked(words: npt.NDArray[Any] | None, origin: str = SD_DETAIL) -> BoolMap:
    """The mask that `packed` packed; raises `WeightsError` for anything else."""
    if words is None or words.dtype != np.int32 or words.shape != (SIDE * SIDE // 32,):
        raise WeightsError(f"{origin}: tensor inside is damaged; install the program's weights again")
    bits = np.unpackbits(words.astype("<i4").view(np.uint8), bitorder="little")
    return bits.astype(bool).reshape(SIDE, SIDE)


class SdDetailModel:
    """The trained model.

    Parameters
    ----------
    tensors : mapping
        By the names of `core.networks.sd_detail`.
    origin : str
        Named in messages.

    Attributes
    ----------
    inside : bool (256, 256)
        Texels of the bases.

    Raises
    ------
    WeightsError
        A tensor is missing or its shape does not fit the others.
    """

    def __init__(self, tensors: Mapping[str, npt.NDArray[Any]], origin: str = SD_DETAIL) -> None:
        def tensor(name: str, *shape: int) -> Float32:
            value = tensors.get(name)
            if value is None or (shape and value.shape != shape) or not np.isfinite(value).all():
                found = "missing" if value is None else f"not finite or of shape {value.shape}"
                raise WeightsError(f"{origin}: tensor {name} is {found}; install the program's weights again")
            return np.asarray(value, np.float32)

        self.inside: BoolMap = unpacked(tensors.get("inside"), origin)
        count = int(self.inside.sum())
        n_static, n_dynamic = len(tensor("static.basis")), len(tensor("compressed.basis"))
        n_energy = len(tensor("energy.basis"))
        cells = N_BANDS * BAND_CELLS * BAND_CELLS
        self.static = Basis(tensor("static.mean", count), tensor("static.basis", n_static, count))
        self.compressed = Basis(tensor("compressed.mean", count), tensor("compressed.basis", n_dynamic, count))
        self.stretched = Basis(tensor("stretched.mean", count), tensor("stretched.basis", n_dynamic, count))
        self.energy = Basis(tensor("energy.mean", cells), tensor("energy.basis", n_energy, cells))
        self._noise = np.maximum(tensor("static.noise", count), np.float32(_LEAST_NOISE))
        self._age_slope = tensor("age.slope", 2, n_static)
        self._age_factor = tensor("age.factor", n_static, n_static)
        self._net = {name: tensor(name) for name in tensors if name.startswith("net.")}
        try:
            self.predicted(np.zeros(n_static, np.float32), 40.0, np.zeros(52, np.float32))
        except (KeyError, ValueError) as error:
            raise WeightsError(
                f"{origin}: the network's tensors do not fit ({error}); install the program's weights again"
            ) from error

    @classmethod
    def load(cls, folder: Path | None = None) -> SdDetailModel:
        """The model that comes with the program, or that of another folder.

        Raises
        ------
        WeightsError
            Missing or damaged; names the file and the remedy.
        """
        return cls(open_model(SD_DETAIL, folder).tensors())

    def predicted(self, static: Float32, age: float, expression: Float32) -> tuple[Float32, Float32, Float32]:
        """Equation 6: codes of compressed skin (D,), stretched skin (D,) and band energies (E,)."""
        net = self._net

        def linear(name: str, values: Float32) -> Float32:
            result: Float32 = net[f"net.{name}.weight"] @ values + net[f"net.{name}.bias"]
            return result

        person = np.append(static, np.float32(life_share(age)))
        features = np.maximum(linear("person", person), 0)
        style = np.maximum(linear("expression", np.asarray(expression, np.float32)), 0)
        block = 0
        while f"net.blocks.{block}.layer.weight" in net:
            centred = features - features.mean()
            normed = centred / np.sqrt((centred * centred).mean() + np.float32(_NORM_FLOOR))
            scale, shift = np.split(linear(f"blocks.{block}.style", style), 2)
            features = features + np.maximum(linear(f"blocks.{block}.layer", normed * (1 + scale) + shift), 0)
            block += 1
        codes = linear("codes", features) + net["net.past.weight"] @ person
        count = len(self.compressed.basis)
        compressed, stretched, energy = np.split(codes, (count, 2 * count))
        if len(energy) != len(self.energy.basis):
            raise ValueError(f"{len(codes)} codes")
        return compressed, stretched, energy

    def evidence(self, detail: Float32, tension: Float32, step: int = 1) -> Evidence:
        """What a map in a known pose says of the codes of equations 5 and 7, through equations 4 and 9.

        Parameters
        ----------
        detail : float32 (256, 256)
            0.1 mm.
        tension : float32 (256, 256)
            At capture.
        step : int
            Only every `step`-th texel is looked at, which is enough for the codes.
        """
        compression, stretching = (weight[self.inside][::step] for weight in dynamic_weights(tension))
        parts = (self.static, self.compressed, self.stretched)
        weights = (np.ones_like(compression), compression, stretching)
        design = np.concatenate([p.basis[:, ::step] * w for p, w in zip(parts, weights, strict=True)])
        mean = np.sum([p.mean[::step] * w for p, w in zip(parts, weights, strict=True)], axis=0)
        values = detail[self.inside][::step]
        # Where a scan ends there is nothing to fit.
        shown = (np.abs(values) > _BLANK).astype(np.float32)
        trust = shown * np.float32(step / _TEXELS_PER_OBSERVATION) / self._noise[::step] ** 2
        weighed = design * trust
        return Evidence(weighed @ design.T, weighed @ (values - mean))

    def fitted(self, detail: Float32, age: float, tension: Float32, step: int = 1) -> Codes:
        """Codes of a map in a known pose, the closest to an ordinary person of the age; see `evidence`."""
        return self.evidence(detail, tension, step).codes(self.ordinary(age))

    def ordinary(self, age: float) -> Codes:
        """What is expected of a person of an age without evidence."""
        none = np.zeros(len(self.compressed.basis), np.float32)
        return Codes(self.mean_static(age), none, none)

    def mean_static(self, age: float) -> Float32:
        """Static code of the average person of an age, float32 (S,)."""
        share = life_share(age)
        code: Float32 = np.array([share, share * share - 1 / 3], np.float32) @ self._age_slope
        return code

    def drawn_static(self, seed: int, age: float) -> Float32:
        """Static code of the person with a seed at an age, float32 (S,); the same on every machine."""
        # Less various than people are: a sum of many components at full strength is no likely face.
        normal = np.clip(np.float32(_DRAWN) * normal_numbers(seed, len(self.static.basis)), -_SPREAD, _SPREAD)
        code: Float32 = self.mean_static(age) + self._age_factor @ normal
        return code

    def static_detail(self, static: Float32) -> Float32:
        """Static detail, float32 (256, 256) in 0.1 mm, 0 outside the face."""
        return self._spread(self.static(static))

    def dynamic_detail(
        self, compressed: Float32, stretched: Float32, tension: Float32, beyond: Float32 | None = None
    ) -> Float32:
        """Equation 9: what the tension makes of two codes, float32 (256, 256) in 0.1 mm.

        With another tension `beyond`, only how much farther the first one goes at each texel counts.
        """
        weights = dynamic_weights(tension)
        if beyond is not None:
            before = dynamic_weights(beyond)
            weights = np.maximum(weights[0] - before[0], 0), np.maximum(weights[1] - before[1], 0)
        compression, stretching = (weight[self.inside] for weight in weights)
        return self._spread(compression * self.compressed(compressed) + stretching * self.stretched(stretched))

    def log_energies(self, code: Float32) -> Float32:
        """Log energies (4, 16, 16) of the octave bands of an energies' code."""
        return self.energy(code).reshape(N_BANDS, BAND_CELLS, BAND_CELLS)

    def _spread(self, values: Float32) -> Float32:
        result = np.zeros((SIDE, SIDE), np.float32)
        result[self.inside] = values
        return result
