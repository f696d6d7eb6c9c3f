"""Small made-up groups of records."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence

import cv2
import numpy as np

from rhytid.core.training.record_shards import Group, Pose


def made_up_group(person: int) -> Group:
    """Three poses and, for even persons, a copy of the second with one line less; smooth noise and a valley."""
    rng = np.random.default_rng(person)
    poses = []
    for key in range(3):
        poses.append(_pose(rng, key, 20.0 + 5 * key, True))
    if person % 2 == 0:
        second = poses[1]
        x = second.maps["x"] - second.maps["relief"]
        maps = {"x": x, "relief": np.zeros_like(x), "df_strong": np.ones_like(x), "df_all": np.ones_like(x)}
        poses.append(Pose(maps, second.expression, second.age, second.key_expression, 1))
    return Group(person, tuple(poses))


def _pose(rng: np.random.Generator, key: int, age: float, line: bool) -> Pose:
    noise = cv2.GaussianBlur(rng.standard_normal((256, 256)).astype(np.float32), (0, 0), 2.0) * 3
    at = rng.integers(40, 216)
    distance = np.abs(np.arange(256, dtype=np.float32)[:, None] - at) + np.zeros((1, 256), np.float32)
    relief = -4 * np.exp(-((distance / 2) ** 2)).astype(np.float32)
    df = np.minimum(distance / 12.8, 1).astype(np.float32)
    expression = np.zeros(52, np.float32)
    if key:
        expression[rng.integers(0, 52, 3)] = 0.5
    return Pose({"x": noise + relief, "relief": relief, "df_strong": df, "df_all": df}, expression, age, key)


def tell_and_sleep(seeds: Sequence[int]) -> None:
    """Work that does not end by itself: prints the number of its process."""
    os.write(sys.stdout.fileno(), f"{os.getpid()}\n".encode())  # whole, for others write into the same pipe
    time.sleep(600)
