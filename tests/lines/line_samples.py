"""Strokes for the tests of lines, drawn from a seed."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from rhytid.core.lines.stroke import Profile, Stroke


def arc(seed: int, points: int = 24, stroke_id: str | None = None, **changes: object) -> Stroke:
    """A curved stroke of random place, bend, pressure, width, depth and profile."""
    rng = np.random.default_rng(seed)
    length, bend, heading = rng.uniform(0.05, 0.3), rng.uniform(-8, 8), rng.uniform(0, 2 * np.pi)
    s = np.linspace(0, length, points)
    steps = np.stack([np.cos(heading + bend * s), np.sin(heading + bend * s)], axis=1) * length / points
    path = np.cumsum(steps, axis=0)
    path += rng.uniform(0.1, 0.9, 2) - path.mean(0)
    settings: dict[str, object] = {
        "width": float(rng.uniform(0.006, 0.03)),
        "depth_mm": float(rng.uniform(-0.1, 0.4)),
        "profile": list(Profile)[int(rng.integers(3))],
    } | changes
    return Stroke(
        id=stroke_id or f"s{seed}",
        points=np.clip(path, 0, 1),
        pressure=np.clip(0.6 + 0.4 * np.sin(9 * s + seed), 0, 1),
        **settings,  # type: ignore[arg-type]
    )


seeds = st.integers(0, 10_000)
stroke_sets = st.lists(seeds, min_size=1, max_size=6, unique=True).map(lambda found: [arc(seed) for seed in found])
