"""What the artist holds while a photo is fitted again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Locks:
    """What a new fit leaves as it is."""

    identity: bool = False
    expression: bool = False
    light: bool = False
    albedo: bool = False
    detail: bool = False


UNLOCKED = Locks()
