"""What differs between two sets of things by name: the one way in which sets of strokes are compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")


def replaced(before: Mapping[str, T], after: Mapping[str, T]) -> tuple[tuple[T | None, T | None], ...]:
    """What is another thing now, as pairs (old, new): an old one of None has come, a new one of None is gone."""
    pairs = [(before.get(name), new) for name, new in after.items()]
    changed: list[tuple[T | None, T | None]] = [pair for pair in pairs if pair[0] is not pair[1] and pair[0] != pair[1]]
    changed += [(old, None) for name, old in before.items() if name not in after]
    return tuple(changed)
