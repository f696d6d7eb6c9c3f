"""Bookkeeping of what an artist waits for: from the event of the hand to the frame that shows it."""

from __future__ import annotations

import math
import time
from collections import deque

from rhytid.gui.controllers.detail_scheduler import Delivery

KEPT = 240


class Latencies:
    """Times of recent steps by name.

    Names are those of the program's `bench` command: "stroke_to_surface_1024", "slider_to_preview_256",
    "slider_to_1024", "frame", "first_frame".
    """

    def __init__(self) -> None:
        self._samples: dict[str, deque[float]] = {}
        self._frames: deque[float] = deque(maxlen=60)
        self._delivered: list[tuple[str, float]] = []
        self._answered_s: dict[str, float] = {}
        self.last_latency_ms: float | None = None

    def add(self, step: str, elapsed_ms: float) -> None:
        """Note that `step` took `elapsed_ms`."""
        self._samples.setdefault(step, deque(maxlen=KEPT)).append(elapsed_ms)
        if step != "frame":
            self.last_latency_ms = elapsed_ms

    def add_frame(self, elapsed_ms: float) -> None:
        """Note a painted frame and the time it took."""
        self._frames.append(time.perf_counter())
        self.add("frame", elapsed_ms)

    def delivered(self, delivery: Delivery) -> None:
        """Note what the next frame will show for the first time."""
        if delivery.input_s is None:
            return
        refined = "stroke_to_surface_1024" if delivery.strokes_only else "slider_to_1024"
        self._delivered.append((refined if delivery.refined else "slider_to_preview_256", delivery.input_s))

    def painted(self, elapsed_ms: float | None) -> None:
        """Note that everything delivered so far is on the screen.

        Parameters
        ----------
        elapsed_ms : float or None
            How long the frame took; None leaves it out of the figures.
        """
        if elapsed_ms is not None:
            self.add_frame(elapsed_ms)
        now = time.perf_counter()
        for step, input_s in self._delivered:
            self.add(step, (now - input_s) * 1e3)
            self._answered_s[step] = input_s
        self._delivered.clear()

    def answered_s(self, step: str) -> float:
        """When the newest event came in that a painted frame answers as `step`; before all others if none does."""
        return self._answered_s.get(step, -math.inf)

    def samples(self, step: str) -> list[float]:
        """Times of `step` in ms, oldest first."""
        return list(self._samples.get(step, ()))

    def clear(self, step: str | None = None) -> None:
        if step is None:
            self._samples.clear()
        else:
            self._samples.pop(step, None)

    def frames_per_second(self) -> float:
        """Frames painted during the last second; 0 while nothing moves."""
        now = time.perf_counter()
        return float(sum(1 for t in self._frames if now - t <= 1.0))

    @property
    def last_frame_ms(self) -> float | None:
        frames = self._samples.get("frame")
        return frames[-1] if frames else None
