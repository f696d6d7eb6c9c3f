"""What a person's mouth needs beyond the modes: lips that meet, and jaws behind them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rhytid.core.face.closed_lips import closing, with_closed_lips
from rhytid.core.face.set_back_jaws import set_back, with_jaws_back
from rhytid.core.head.head import Head

Float32 = npt.NDArray[np.float32]


class MouthFit(NamedTuple):
    """The same in every expression; nothing is to do where it is false.

    Attributes
    ----------
    closing : tuple of float
        As `closed_lips.closing` gives it.
    back_mm : float
        As `set_back_jaws.set_back` gives it.
    """

    closing: tuple[float, ...] = ()
    back_mm: float = 0.0

    def __bool__(self) -> bool:
        return bool(self.closing or self.back_mm)


AS_THE_MODES_SAY = MouthFit()


def mouth_fit(head: Head, identity: tuple[float, ...], ageing: tuple[float, ...]) -> MouthFit:
    """That of a person at an age."""
    return MouthFit(closing(head, identity, ageing), set_back(head, identity, ageing))


def with_fitted_mouth(vertices: Float32, head: Head, fit: MouthFit) -> Float32:
    """Vertices (V, 3) of a shape with it."""
    return with_jaws_back(with_closed_lips(vertices, head, fit.closing), head, fit.back_mm)
