"""Identity weights of random people."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

# Faces beyond two standard deviations in some mode look like caricatures; random ones stay inside.
_IDENTITY_SPREAD = 2.0


def seeded_identity(seed: int, n_modes: int) -> tuple[float, ...]:
    """Identity weights (n_modes,) of a random person, the same for a seed on every machine.

    Normal with standard deviation 1, truncated at 2. Only the raw stream of the generator is used: numpy
    keeps that stable between versions, its distributions not (NEP 19).
    """
    raw = np.atleast_1d(np.random.PCG64(seed).random_raw(n_modes)) if n_modes else np.zeros(0, np.uint64)
    normal = NormalDist()
    low = normal.cdf(-_IDENTITY_SPREAD)
    uniform = (raw.astype(np.float64) + 0.5) / 2.0**64
    return tuple(round(normal.inv_cdf(low + (1.0 - 2.0 * low) * float(u)), 6) for u in uniform)
