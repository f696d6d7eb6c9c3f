"""Quality that follows the measured frame time.

While the artist orbits or drags, a frame must not take longer than the budget: the internal resolution
drops when frames are slow and rises again when there is room. At rest the picture is always refined at
full resolution to an anti-aliased one, one jittered sample a frame.
"""

from __future__ import annotations

BUDGET_MS = 33.0  # a slider's value is on the screen within 50 ms only if its frame leaves time for the detail
SCALES = (1.0, 0.8, 0.64, 0.5, 0.4)


class QualityController:
    """Chooses the internal resolution of interactive frames from what frames took.

    Parameters
    ----------
    budget_ms : float
        Longest frame.
    """

    def __init__(self, budget_ms: float = BUDGET_MS) -> None:
        self.budget_ms = budget_ms
        self._level = 0
        self._mean_ms: float | None = None
        self._calm = 0

    @property
    def scale(self) -> float:
        """Internal resolution of interactive frames as a fraction of the framebuffer's, per axis."""
        return SCALES[self._level]

    def measured(self, frame_ms: float) -> None:
        """Tell what a whole interactive frame (G-buffer and shading) at the present scale took."""
        mean = frame_ms if self._mean_ms is None else 0.6 * self._mean_ms + 0.4 * frame_ms
        self._mean_ms = mean
        if mean > 0.85 * self.budget_ms and self._level + 1 < len(SCALES):
            self._step(1)
        elif self._level > 0 and mean * (SCALES[self._level - 1] / self.scale) ** 2 < 0.65 * self.budget_ms:
            # Wait for a few fast frames, so that a passing load does not make the picture flicker.
            self._calm += 1
            if self._calm >= 6:
                self._step(-1)
        else:
            self._calm = 0

    def _step(self, direction: int) -> None:
        self._level += direction
        self._mean_ms = None
        self._calm = 0
