"""Small tables of `ExpressionEnergy`: a smile deepens relief beside the nose, a raised brow that of the forehead."""

from __future__ import annotations

import numpy as np

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.learned.expression_energy import CELLS, ExpressionEnergy

SMILE_CELLS, BROW_CELLS = np.s_[:, 14:23, 6:13], np.s_[:, 1:5, 8:24]
BROUGHT = 0.8  # to the log energy, by each side of a smile


def expression_energy_tensors():
    """Tensors by the names of `ExpressionEnergy`."""
    brought = np.zeros((104, 4, CELLS, CELLS), np.float16)
    for name in ("mouthSmileLeft", "mouthSmileRight"):
        brought[ARKIT_INDEX[name]][SMILE_CELLS] = BROUGHT
    brought[ARKIT_INDEX["browInnerUp"]][BROW_CELLS] = 1.0
    brought[52 + ARKIT_INDEX["browInnerUp"]][BROW_CELLS] = 0.5  # more with age
    rest = np.full((2, 4 * CELLS * CELLS), -2.0, np.float16)
    rest[1] = 0.25
    return {"rest": rest, "brought": brought.reshape(104, -1), "momentary": np.float16([0.4, 0.3, 0.2, 0.1])}


def expression_energy():
    """The tables."""
    return ExpressionEnergy(expression_energy_tensors())
