"""By how much an expression strengthens or calms the relief of skin, place by place and octave by octave.

The log energies of a map's octave bands are those of a face at rest at its age, plus what the expression brings, plus
what the person has more or less than others:

    log E = rest + a ageing + e brought + a e aged + deviation

with the age's share a, the expression weights e, and four tables that `core.training.expression_energy` solves for on
synthetic people. So the change between any two expressions is known without a network. In part the deviation is the
expression's own, too: of what a smile shows more than others' do, some is not there at rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import life_share
from rhytid.core.arkit import N_EXPRESSION
from rhytid.core.detail import anatomy
from rhytid.core.learned.weights import EXPRESSION_ENERGY, WEIGHTS_FOLDER, WeightsError, open_model
from rhytid.core.maps.bands import N_BANDS, cell_means, low_pass

Float32 = npt.NDArray[np.float32]

CELLS = 32
"""Cells per side of the chart: half as large as those of the networks, for lines are narrow."""

_SHAPE = (N_BANDS, CELLS, CELLS)
_DEVIATION_SIGMA = 1.5  # cells over which a deviation is averaged
_MOVED = 0.3  # of a log energy, beyond which a change is a whole one


class ExpressionEnergy:
    """The tables.

    Parameters
    ----------
    tensors : mapping
        ``rest`` (2, 4096): log energies at rest = [1, a] @ rest; ``brought`` (104, 4096): what an expression adds =
        [e, a e] @ brought; ``momentary`` (4,): the share of a deviation, by band, that goes with the expression.
    origin : str
        Named in messages.

    Raises
    ------
    WeightsError
        A tensor is missing, of another shape or not finite.
    """

    def __init__(self, tensors: Mapping[str, npt.NDArray[Any]], origin: str = EXPRESSION_ENERGY) -> None:
        def tensor(name: str, *shape: int) -> Float32:
            value = tensors.get(name)
            if value is None or value.shape != shape or not np.isfinite(value).all():
                raise WeightsError(f"{origin}: tensor {name} is damaged; install the program's weights again")
            return np.asarray(value, np.float32)

        count = int(np.prod(_SHAPE))
        self._rest = tensor("rest", 2, count)
        self._brought = tensor("brought", 2 * N_EXPRESSION, count)
        self._momentary = tensor("momentary", N_BANDS)[:, None, None]

    @classmethod
    def load(cls, folder: Path | None = None) -> ExpressionEnergy:
        """The tables of a folder of weights; those that come with the program where it has none.

        Raises
        ------
        WeightsError
            Damaged; names the file and the remedy.
        """
        own = folder is not None and (folder / f"{EXPRESSION_ENERGY}.json").is_file()
        return cls(open_model(EXPRESSION_ENERGY, folder if own else WEIGHTS_FOLDER).tensors())

    def brought(self, age: float, expression: Float32) -> Float32:
        """What an expression adds to the log energies of rest, float32 (4, 32, 32); 0 for the neutral one."""
        return (features(life_share(age), expression) @ self._brought).reshape(_SHAPE)

    def expected(self, age: float, expression: Float32) -> Float32:
        """Log energies of ordinary people, float32 (4, 32, 32)."""
        rest = np.array([1, life_share(age)], np.float32) @ self._rest
        return rest.reshape(_SHAPE) + self.brought(age, expression)

    def change(self, own: Float32, captured: tuple[float, Float32], wanted: tuple[float, Float32]) -> Float32:
        """By how much a map's log energies grow with the expression, float32 (4, 32, 32).

        Parameters
        ----------
        own : float32 (4, 32, 32)
            Log energies of the map.
        captured, wanted : (age in years, expression (52,))
            What only the years do is not part of it.
        """
        change = self.brought(*wanted) - self.brought(*captured)
        left = deviation(own, self.expected(*captured))
        result: Float32 = change - self._momentary * moved(change) * left
        return result


def features(share: float, expression: Float32) -> Float32:
    """What `ExpressionEnergy.brought` is linear in, float32 (104,)."""
    weights = np.asarray(expression, np.float32)
    return np.concatenate([weights, np.float32(share) * weights])


def deviation(own: Float32, expected: Float32) -> Float32:
    """What a person has more or less than is expected, without what a whole band has, float32 (4, 32, 32).

    The latter is the capture's: a photograph is softer than any scan.
    """
    left = np.stack([low_pass(band, _DEVIATION_SIGMA) for band in own - expected])
    left -= np.median(left[:, face_cells()], axis=1)[:, None, None]
    return left


def moved(change: Float32) -> Float32:
    """0 where an expression changes nothing, up to 1 where it does."""
    return np.asarray(1 - np.exp(-((change / np.float32(_MOVED)) ** 2)), np.float32)


@lru_cache(maxsize=1)
def face_cells() -> npt.NDArray[np.bool_]:
    """Cells of the face that are skin and nothing else, bool (32, 32)."""
    return cell_means(anatomy.bare_skin(), CELLS) > 0.5
