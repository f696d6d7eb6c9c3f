"""How fast this machine is right now: three fixed pieces of work without anything of the program in them.

Machines differ, and one that is shared differs from hour to hour; a step's time as a multiple of the probe's
convolution hardly does.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

RUNS = 7
SIDE, CHANNELS = 256, 32
PRODUCT_SIDE = 1024
COPY_BYTES = 64 << 20


def probe() -> dict[str, float]:
    """Medians in ms.

    Keys
    ----
    convolution_ms
        3 x 3, 32 channels to 32 at 256 x 256, in single precision: nine products of matrices.
    product_ms
        Two 1024 x 1024 matrices in single precision.
    copy_ms
        64 MiB in memory.
    """
    rng = np.random.default_rng(0)
    planes = rng.standard_normal((CHANNELS, SIDE + 2, SIDE + 2), np.float32)
    weights = rng.standard_normal((3, 3, CHANNELS, CHANNELS), np.float32)
    matrix = rng.standard_normal((PRODUCT_SIDE, PRODUCT_SIDE), np.float32)
    block = np.ones(COPY_BYTES, np.uint8)
    target = np.empty_like(block)
    works: dict[str, Callable[[], object]] = {
        "convolution_ms": lambda: convolved(planes, weights),
        "product_ms": lambda: matrix @ matrix,
        "copy_ms": lambda: np.copyto(target, block),
    }
    return {name: _median_ms(work) for name, work in works.items()}


def convolved(planes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """3 x 3 convolution (as networks count it) of float32 (C, H + 2, W + 2) with (3, 3, D, C), float32 (D, H * W)."""
    channels, height, width = planes.shape[0], planes.shape[1] - 2, planes.shape[2] - 2
    total = np.zeros((weights.shape[2], height * width), np.float32)
    for row in range(3):
        for column in range(3):
            moved = planes[:, row : row + height, column : column + width].reshape(channels, -1)
            total += weights[row, column] @ moved
    return total


def _median_ms(work: Callable[[], object]) -> float:
    work()
    times_ms = []
    for _ in range(RUNS):
        started = time.perf_counter()
        work()
        times_ms.append((time.perf_counter() - started) * 1e3)
    return round(statistics.median(times_ms), 3)
