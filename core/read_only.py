"""Arrays that many hold at once, and that nobody may therefore change."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

Array = TypeVar("Array", bound="np.ndarray[Any, Any]")


def read_only(values: Array) -> Array:
    """The array itself, from now on read-only."""
    values.setflags(write=False)
    return values
