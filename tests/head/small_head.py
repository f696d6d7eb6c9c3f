"""A head of a few vertices for tests: a curved square of skin and one free triangle of an eye."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from rhytid.core.arkit import ARKIT_INDEX, N_EXPRESSION
from rhytid.core.head.head import Head, Part
from rhytid.core.head.pins import HeadPin
from rhytid.core.head.store import checked_head

SIDE = 9


def small_head(**changes: object) -> Head:
    """SIDE x SIDE grid of skin bent over a cylinder, chart = the grid, plus one triangle of the left eye."""
    column, row = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    chart = (np.stack([column, row], axis=-1).reshape(-1, 2) / (SIDE - 1)).astype(np.float32)
    x = 100 * (chart[:, 0] - 0.5)
    skin = np.stack([x, 100 * (0.5 - chart[:, 1]), 50 - x**2 / 100], axis=1)
    eye = np.array([[10, 10, 60], [20, 10, 60], [15, 20, 60]])
    neutral = np.concatenate([skin, eye]).astype(np.float32)
    index = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    quads = np.stack([index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], axis=-1).reshape(-1, 4)
    n = SIDE * SIDE
    faces = np.concatenate([quads, [[n, n + 1, n + 2, -1]]]).astype(np.int32)
    identity = np.zeros((3, len(neutral), 3), np.float16)
    identity[0, :, 1] = 2.0
    identity[1] = (neutral * 0.01).astype(np.float16)
    expression = np.zeros((N_EXPRESSION, len(neutral), 3), np.float16)
    expression[ARKIT_INDEX["jawOpen"], n // 2 : n, 1] = -5.0
    expression[ARKIT_INDEX["eyeLookUpLeft"], n:, 2] = 1.0
    content: dict[str, object] = {
        "name": "small",
        "neutral": neutral,
        "faces": faces,
        "parts": np.array([Part.SKIN] * len(quads) + [Part.EYE_LEFT], np.uint8),
        "n_skin": n,
        "chart": chart,
        "detail_weight": np.ones(n, np.float32),
        "uv": np.concatenate([chart * [1, -1] + [0, 1], [[2.1, 0.1], [2.2, 0.1], [2.1, 0.2]]]).astype(np.float32),
        "face_uv": faces.copy(),
        "identity": identity,
        "expression": expression,
        "landmarks": np.arange(68, dtype=np.int32),
        "eye_centers": np.array([[15, 12, 50], [-15, 12, 50]], np.float32),
        "pins": (HeadPin(30, (0.0, 10.5, 60.25)), HeadPin(8, (-1.5, -40.0, 49.0))),
    }
    content.update(changes)
    return checked_head(Path("small.npz"), **content)


def two_tiles() -> Head:
    """The small head, its texture coordinates exchanged: the upper part in tile 1001, the larger lower one in 1002."""
    head = small_head()
    skin = head.face_uv[:-1].ravel()
    uv = head.uv[skin][:, ::-1].reshape(-1, 4, 2).copy()
    uv[uv.mean(axis=1)[:, 0] < 0.6, :, 0] += 1  # v of the chart is u here
    every = np.concatenate([uv.reshape(-1, 2), head.uv[-3:] + np.array([5, 0])]).astype(np.float32)
    face_uv = np.arange(len(skin)).reshape(-1, 4)
    eye = [[len(skin), len(skin) + 1, len(skin) + 2, -1]]
    return replace(head, uv=every, face_uv=np.concatenate([face_uv, eye]).astype(np.int32))
