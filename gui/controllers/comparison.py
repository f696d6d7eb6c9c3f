"""A and B: a kept state of the face beside the present one.

A is a way of looking, no part of the document: it is neither saved nor exported, and undo leaves it alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from psygnal import SignalGroupDescriptor

from rhytid.core.document.state import DocumentState
from rhytid.core.face.resolve import ResolvedPose
from rhytid.core.maps.albedo_map import SkinColors

DIVIDER_MIN, DIVIDER_MAX = 0.02, 0.98


@dataclass(frozen=True, eq=False)
class Kept:
    """What A is.

    Attributes
    ----------
    state : DocumentState
    displacement : float32 (H, H), read-only
        mm.
    skin : SkinColors or None
    pose : ResolvedPose
        Its head and shape.
    """

    state: DocumentState
    displacement: npt.NDArray[np.float32]
    skin: SkinColors | None
    pose: ResolvedPose


@dataclass
class Comparison:
    """How A and B are looked at.

    Attributes
    ----------
    kept : Kept or None
        A.
    split : bool
        A shows left of the divider.
    position : float
        Of the divider, share of the viewport's width.
    pinned, held : bool
        A shows alone: until further notice, or while a key is down.
    difference : bool
        The relief of B less that of A shows in false colours.
    difference_um : float
        They span minus to plus this, in micrometres.
    """

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    kept: Kept | None = None
    split: bool = False
    position: float = 0.5
    pinned: bool = False
    held: bool = False
    difference: bool = False
    difference_um: float = 50.0

    @property
    def shows_difference(self) -> bool:
        """False colours of the difference are on the screen."""
        return self.kept is not None and self.difference and not self.a_alone

    @property
    def a_alone(self) -> bool:
        return self.kept is not None and (self.pinned or self.held)

    @property
    def divided(self) -> bool:
        """The divider is on the screen."""
        return self.kept is not None and self.split and not self.a_alone and not self.difference

    @property
    def divider(self) -> float | None:
        """Share of the viewport's width that shows A; None when it does not show."""
        if self.kept is None or self.shows_difference:
            return None
        return 1.0 if self.a_alone else self.position if self.split else None

    @contextmanager
    def set_aside(self) -> Iterator[None]:
        """Without the difference for as long as the block lasts."""
        shown, self.difference = self.difference, False
        try:
            yield
        finally:
            self.difference = shown

    def move_divider(self, position: float) -> None:
        """Put the divider at a share of the width, not so far out that it could not be caught again."""
        self.position = min(max(position, DIVIDER_MIN), DIVIDER_MAX)

    def forget(self) -> None:
        """No A any more."""
        self.kept = None
        self.split = self.pinned = self.held = self.difference = False
