"""Expression shapes of other programs: found by name, and believed only where they could be a face's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.head import Int32
from rhytid.core.head.shape_names import Source, shape_meaning

# An open jaw moves skin by 40 mm, a tongue comes out by 70.
MAX_MOVE_MM = 80.0
# Of the edges that a shape moves, at most 3 in 10 000 grow by this much and to this multiple on the model's heads;
# where vertices are in another order, most do.
_TORN_MM, _TORN_TIMES, _TORN_SHARE = 5.0, 3.0, 0.02
_MOVING_MM = 0.05
# An expression leaves ears, crown or neck where they are: of 20 vertices at least one moves by less than this.
_STILL_MM, _STILL_SHARE = 2.0, 0.05
_TELLING_MM = 1.0
# Halves of a shape give way to each other over twice this width, about that of the philtrum.
_FADE_MM = 6.0


class ArkitShapes(NamedTuple):
    """Shapes of a file under ARKit's names.

    Attributes
    ----------
    offsets : float32 (52, n, 3)
        In ARKit's order, 0 where the file has none.
    both : dict of tuple of str to float (n, 3)
        Shapes that are left and right at once, by the two names that they are; to be cut apart, see `cut_apart`.
    """

    offsets: npt.NDArray[np.float32]
    both: dict[tuple[str, ...], npt.NDArray[Any]]


def arkit_shapes(shapes: Mapping[str, npt.NDArray[Any]], n: int, file: Path) -> ArkitShapes:
    """Find the 52 shapes by their names.

    Parts of a shape that ARKit has whole (ICT's `browInnerUp_L` and `_R`) are added up. Where shapes of a file mean the
    same, ARKit's own name goes before other programs' words and these before action units.

    Parameters
    ----------
    shapes : mapping of str to float (n, 3)
        Offsets under the names that the file gives them, strangers among them.

    Raises
    ------
    HeadFileError
        Two shapes of the same meaning, or one of another mesh.
    """
    result = np.zeros((len(ARKIT_NAMES), n, 3), np.float32)
    best: dict[str, Source] = {}
    whole: dict[tuple[str, ...], str] = {}
    meanings = {given: meaning for given in shapes if (meaning := shape_meaning(given))}
    for meaning in meanings.values():
        for name in meaning.names:
            best[name] = min(meaning.source, best.get(name, meaning.source))
    both = {}
    for given, (names, source) in meanings.items():
        offsets = shapes[given]
        if offsets.shape != (n, 3):
            raise HeadFileError(f"{file}: {given} is {offsets.shape}, not ({n}, 3); take all shapes of one version")
        if all(source > best[name] for name in names):
            continue
        if source is Source.NEAR and names in whole:
            continue
        if not meanings[given].is_part and names in whole:
            found = " and ".join(names)
            raise HeadFileError(f"{file}: {whole[names]} and {given} are both {found}; take one of them away")
        if not meanings[given].is_part:
            whole[names] = given
        if len(names) == 1:
            result[ARKIT_INDEX[names[0]]] += offsets
        else:
            both[tuple(name if source == best[name] else "" for name in names)] = offsets
    return ArkitShapes(result, both)


def cut_apart(
    offsets: npt.NDArray[Any], points_mm: npt.NDArray[Any], is_left: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Left and right half of a shape that is both, each float32 (V, 3), faded into each other in the middle.

    Parameters
    ----------
    offsets, points_mm : float (V, 3)
        The shape, and the head that stands upright.
    is_left : int
        1 where the subject's left is +X, as it should be; -1 in a mesh seen in a mirror.
    """
    size = np.linalg.norm(offsets.astype(np.float64), axis=1)
    # Both sides move as much, so the middle of what moves is the middle of the face.
    middle = float((size * points_mm[:, 0]).sum() / max(size.sum(), 1e-30))
    share = np.clip(is_left * (points_mm[:, 0] - middle) / (2 * _FADE_MM) + 0.5, 0, 1)
    share = (share * share * (3 - 2 * share))[:, None]
    left: npt.NDArray[np.float32] = (share * offsets).astype(np.float32)
    return left, offsets.astype(np.float32) - left


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


def left_moves_left(neutral: npt.NDArray[Any], expression: npt.NDArray[Any]) -> bool | None:
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
