"""How the reliefs of several strokes share the skin. The order of the strokes changes no bit of it.

The deepest valley counts, so crossing lines do not add up their depths. Of strokes as they were drawn the highest
bulge is added to it. Natural wrinkles share the skin between them: a bulge that two of them claim is lower than either
alone would raise it, and skin that one of them folds in is not pushed up by the other.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rhytid.core.lines.stroke import Style

Float32 = npt.NDArray[np.float32]
Window = tuple[slice, slice]
_SHARED = np.float32(0.5)  # of the lower of two bulges is taken from the higher
_YIELDING = np.float32(2.0)  # how readily a bulge gives way to a valley


class Stack:
    """Reliefs of strokes on one window of a map.

    Parameters
    ----------
    height, width : int
    """

    def __init__(self, height: int, width: int) -> None:
        self._low = np.zeros((height, width), np.float32)
        self._high = np.zeros_like(self._low)
        self._natural: tuple[Float32, Float32] | None = None

    def add(self, window: Window, values: Float32, style: Style) -> None:
        """One stroke's relief in mm on a part of the window."""
        low = self._low[window]
        np.minimum(low, values, out=low)
        if style is Style.AS_DRAWN:
            high = self._high[window]
            np.maximum(high, values, out=high)
            return
        if self._natural is None:
            self._natural = np.zeros_like(self._low), np.zeros_like(self._low)
        first, second = (bulge[window] for bulge in self._natural)
        np.maximum(second, np.minimum(first, values), out=second)
        np.maximum(first, values, out=first)

    def relief(self) -> Float32:
        """All of them together, float32 (height, width) in mm. The stack is used up."""
        if self._natural is not None:
            first, second = self._natural
            second *= -_SHARED
            first += second
            yielding = self._low * -_YIELDING
            yielding += first
            first *= first
            np.divide(first, yielding, out=first, where=yielding > 0)
            np.maximum(self._high, first, out=self._high)
        self._high += self._low
        self._high += np.float32(0)  # no negative zeros, whose sign would depend on the window
        return self._high
