from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.synthesis import KEY_EXPRESSIONS


@pytest.fixture(scope="session")
def neutral() -> np.ndarray:
    return KEY_EXPRESSIONS["1_neutral"]


@pytest.fixture(scope="session")
def smile() -> np.ndarray:
    return KEY_EXPRESSIONS["2_smile"]
