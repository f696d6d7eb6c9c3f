"""Identity weights of random people."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from rhytid.core.maps.random_stream import RandomStream

# Faces beyond two standard deviations in some mode look like caricatures; random ones stay inside.
_IDENTITY_SPREAD = 2.0


def seeded_identity(seed: int, n_modes: int) -> tuple[float, ...]:
    """Identity weights (n_modes,) of a random person, the same for a seed on every machine.

    Normal with standard deviation 1, truncated at 2.
    """
    raw = RandomStream(seed).words(n_modes)
    normal = NormalDist()
    low = normal.cdf(-_IDENTITY_SPREAD)
    uniform = (raw.astype(np.float64) + 0.5) / 2.0**64
    return tuple(round(normal.inv_cdf(low + (1.0 - 2.0 * low) * float(u)), 6) for u in uniform)
