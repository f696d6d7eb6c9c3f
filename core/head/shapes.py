"""Expression shapes of other programs: found by name, and believed only where they could be a face's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES, arkit_half, arkit_name
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.head import Float16, Float32, Int32

# An open jaw moves skin by 40 mm, a tongue comes out by 70.
MAX_MOVE_MM = 80.0
# Of the edges that a shape moves, at most 3 in 10 000 grow by this much and to this multiple on the model's heads;
# where vertices are in another order, most do.
_TORN_MM, _TORN_TIMES, _TORN_SHARE = 5.0, 3.0, 0.02
_MOVING_MM = 0.05
# An expression leaves ears, crown or neck where they are: of 20 vertices at least one moves by less than this.
_STILL_MM, _STILL_SHARE = 2.0, 0.05
_TELLING_MM = 1.0


def arkit_shapes(
    shapes: Mapping[str, npt.NDArray[Any]], n: int, file: Path
) -> tuple[npt.NDArray[np.float32], tuple[str, ...]]:
    """The 52 shapes in ARKit's order, and the names of those that are missing.

    Halves of a shape that ARKit has whole (ICT's `browInnerUp_L` and `_R`) are added up.

    Parameters
    ----------
    shapes : mapping of str to float (n, 3)
        Offsets under the names that the file gives them, strangers among them.

    Returns
    -------
    float32 (52, n, 3), tuple of str
        A shape that moves nothing is missing, too.

    Raises
    ------
    HeadFileError
        No shape at all, two of the same meaning, or one of another mesh.
    """
    result = np.zeros((len(ARKIT_NAMES), n, 3), np.float32)
    whole: dict[str, str] = {}
    halves: dict[str, str] = {}
    for given, offsets in shapes.items():
        name, half = arkit_name(given), arkit_half(given)
        found = name or half
        if found is None:
            continue
        if offsets.shape != (n, 3):
            raise HeadFileError(f"{file}: {given} is {offsets.shape}, not ({n}, 3); take all shapes of one version")
        if name and name in whole:
            raise HeadFileError(f"{file}: {whole[name]} and {given} are both {name}; take one of them away")
        (whole if name else halves)[found] = given
        if name and name in halves:
            result[ARKIT_INDEX[name]] = 0
        if name or found not in whole:
            result[ARKIT_INDEX[found]] += offsets
    if not whole and not halves:
        raise HeadFileError(
            f"{file}: no expression shape with an ARKit name; name them jawOpen, mouthSmile_L and so on "
            "(an OBJ of each beside the neutral mesh, or the shape keys of a GLB)"
        )
    return result, tuple(name for name, offsets in zip(ARKIT_NAMES, result, strict=True) if not offsets.any())


def check_move(neutral_mm: npt.NDArray[Any], offsets_mm: npt.NDArray[Any], triangles: Int32, what: str) -> None:
    """Refuse a shape that no face can make.

    Parameters
    ----------
    neutral_mm, offsets_mm : float (V, 3)
    triangles : int32 (T, 3)
        The skin.
    what : str
        The shape's file or name, for the message.

    Raises
    ------
    HeadFileError
        It moves vertices too far, or tears neighbours apart.
    """
    if not np.isfinite(offsets_mm).all():
        raise HeadFileError(f"{what} moves vertices by no number; export it again")
    distance = np.linalg.norm(offsets_mm, axis=1)
    if distance.max(initial=0) > MAX_MOVE_MM:
        raise HeadFileError(
            f"{what} moves vertices by up to {distance.max():.0f} mm: other vertex order? Export all shapes from one "
            "mesh"
        )
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    edges = edges[(distance[edges] > _MOVING_MM).any(axis=1)]
    if not len(edges):
        return
    before = np.linalg.norm(neutral_mm[edges[:, 0]] - neutral_mm[edges[:, 1]], axis=1)
    moved = neutral_mm + offsets_mm
    after = np.linalg.norm(moved[edges[:, 0]] - moved[edges[:, 1]], axis=1)
    torn = (after - before > _TORN_MM) & (after > _TORN_TIMES * before)
    if torn.mean() > _TORN_SHARE:
        raise HeadFileError(
            f"{what} tears neighbouring vertices apart ({torn.mean():.0%} of the edges that it moves): other vertex "
            "order? Export all shapes from one mesh"
        )


def check_stands(offsets_mm: npt.NDArray[Any], triangles: Int32, what: str) -> None:
    """Refuse an expression shape that carries the whole head away; parameters and errors as `check_move`."""
    distance = np.linalg.norm(offsets_mm[np.unique(triangles)], axis=1)
    least = float(np.quantile(distance, _STILL_SHARE))
    if least > _STILL_MM:
        raise HeadFileError(
            f"{what} moves the whole head by {least:.0f} mm or more: exported from another place? Export all shapes "
            "where the neutral mesh stands"
        )


def left_moves_left(neutral: Float32, expression: Float16) -> bool | None:
    """Whether the shapes of the left move the subject's left, which is +X; None where no shape tells."""
    middle = (neutral[:, 0].min() + neutral[:, 0].max()) / 2
    score = 0.0
    for name, offsets in zip(ARKIT_NAMES, expression, strict=True):
        # The gaze and the jaw move as a whole; so does the mouth to its sides.
        if name in ("jawLeft", "jawRight", "mouthLeft", "mouthRight") or "Look" in name or not offsets.any():
            continue
        side = 1 if name.endswith("Left") else -1 if name.endswith("Right") else 0
        moved = np.abs(offsets.astype(np.float32)).sum(axis=1)
        score += side * float((moved * (neutral[:, 0] - middle)).sum() / moved.sum())
    return None if abs(score) < _TELLING_MM else score > 0
