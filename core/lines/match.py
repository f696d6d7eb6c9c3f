"""What an artist changed in a picture of lines: which strokes stayed, which went, which are new."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.lines import polyline
from rhytid.core.lines.curve import samples_of, with_samples
from rhytid.core.lines.edit import remove_spans, stroke_from_samples
from rhytid.core.lines.raster import draw_line_map
from rhytid.core.lines.stroke import Stroke
from rhytid.core.lines.tracing import thinned, trace
from rhytid.core.maps.units import SIDE

Bool = npt.NDArray[np.bool_]
Float64 = npt.NDArray[np.float64]
Float32 = npt.NDArray[np.float32]
_WORKING_SIZE = 1024
_SHORTEST_PX = 4  # of 256; shorter new marks are specks
_STEP_PX = 0.5
_TIP_PX = 4
_HEADING_PX = 10


class EditedLines(NamedTuple):
    """Strokes of the old picture that are still there, those that are not, and what is only in the new one.

    A stroke that lost a part is in both `kept` and `erased` with its pieces, as the eraser tool would cut it.
    """

    kept: tuple[Stroke, ...]
    erased: tuple[Stroke, ...]
    drawn: tuple[Stroke, ...]

    def met(self) -> tuple[float, float]:
        """By length, the share of the old lines that are still there, and of the new picture's that are old."""
        kept, erased, drawn = (sum(polyline.arc_length(samples_of(s))[-1] for s in strokes) for strokes in self)
        return float(kept / ((kept + erased) or 1)), float(kept / ((kept + drawn) or 1))


class NothingDrawnError(ValueError):
    """A picture without lines, which would erase every line."""


def strokes_from_edited_map(
    extracted: Sequence[Stroke],
    picture: Bool,
    *,
    depth_mm: float = 0.15,
    width: float = 0.012,
    id_prefix: str = "drawn",
    erase_all: bool = False,
) -> EditedLines:
    """Compare strokes with an edited picture of them.

    A picture that `draw_line_map` made of `extracted`, at any resolution and up to three texels thick, gives
    back the very same strokes and nothing else.

    Parameters
    ----------
    extracted : sequence of Stroke
        The lines of the picture before it was edited.
    picture : bool (N, N)
        True on lines.
    depth_mm, width : float
        Of new strokes; see `Stroke`.
    id_prefix : str
        New strokes are called ``prefix-1``, ``prefix-2`` and so on.
    erase_all : bool
        Whether a picture without lines may erase all; far more often such a picture is a mistake.

    Raises
    ------
    NothingDrawnError
        The picture has no line, there are lines to lose, and `erase_all` is not set.
    ValueError
        The picture is not square or smaller than 64 texels.
    """
    if picture.ndim != 2 or picture.shape[0] != picture.shape[1] or len(picture) < 64:
        raise ValueError(f"a line map must be square and at least 64 texels wide, got {picture.shape}")
    picture = _reduced(np.ascontiguousarray(picture, bool))
    tolerance_px = 2.0 + 0.5 * len(picture) / SIDE
    to_picture = _distance_px(picture)
    to_own_picture = _distance_px(draw_line_map(extracted, len(picture)))
    kept: list[Stroke] = []
    erased: list[Stroke] = []
    for stroke in extracted:
        stays, goes = _split(stroke, to_picture, to_own_picture, tolerance_px - 1)
        kept += stays
        erased += goes
    unexplained = picture & (to_own_picture > tolerance_px)
    drawn = [
        stroke_from_samples(line, f"{id_prefix}-{i}", depth_mm=depth_mm, width=width)
        for i, line in enumerate(_traced(unexplained, 3 * tolerance_px), 1)
    ]
    if extracted and not kept and not drawn and not erase_all:
        raise NothingDrawnError(f"no line in the picture: all {len(extracted)} would be erased")
    return EditedLines(tuple(kept), tuple(erased), tuple(drawn))


def _reduced(picture: Bool) -> Bool:
    """The picture at the working size or smaller; no line gets lost."""
    if len(picture) <= _WORKING_SIZE:
        return picture
    area = cv2.resize(picture.astype(np.float32), (_WORKING_SIZE, _WORKING_SIZE), interpolation=cv2.INTER_AREA)
    reduced: Bool = area > 0
    return reduced


def _distance_px(picture: Bool) -> Float32:
    """Distance of each texel to the nearest line texel; far beyond everything when there is none."""
    if not picture.any():
        return np.full(picture.shape, np.float32(4 * len(picture)))
    background = np.where(picture, 0, 255).astype(np.uint8)
    return np.asarray(cv2.distanceTransform(background, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32)


def _split(
    stroke: Stroke, to_picture: Float32, to_own_picture: Float32, tolerance_px: float
) -> tuple[list[Stroke], list[Stroke]]:
    """What of a stroke the picture shows and what it does not.

    What the strokes' own picture does not show either, as beyond the chart's border, cannot have been erased.
    """
    size = len(to_picture)
    samples = samples_of(stroke)
    along_px = polyline.arc_length(samples) * size
    at = np.linspace(0, along_px[-1], max(2, int(along_px[-1] / _STEP_PX) + 2))
    position = np.interp(at, along_px, np.arange(len(samples)))
    x, y = (np.interp(at, along_px, samples[:, i] * size - 0.5) for i in range(2))
    column, row = (np.clip(np.floor(v + 0.5).astype(np.int64), 0, size - 1) for v in (x, y))
    distance = np.where(to_own_picture[row, column] > tolerance_px, np.float32(0), to_picture[row, column])
    missing = _missing_runs(distance, tolerance_px, at)
    if not missing:
        return [stroke], []
    spans = [(float(position[a]), float(position[b])) for a, b in missing]
    if spans == [(0.0, float(len(samples) - 1))]:
        return [], [stroke]
    gone = [polyline.cut(samples, start, end) for start, end in spans]
    pieces = [with_samples(stroke, piece, id=f"{stroke.id}.erased.{i}") for i, piece in enumerate(gone, 1)]
    return remove_spans(stroke, spans), pieces


def _missing_runs(distance: Float32, tolerance_px: float, at: Float64) -> list[tuple[int, int]]:
    """First and last sample of each run that the picture lacks.

    A run begins and ends where the picture's line does, not a tolerance further in. Short pieces that are
    there only because another line crosses are counted as missing.
    """
    absent = distance > tolerance_px
    if not absent.any():
        return []
    near = distance <= 1.0
    present = _runs(~_flooded(absent, ~near))
    island_px = 2 * tolerance_px + 2
    solid = np.zeros(len(at), bool)
    for first, last in present:
        if at[last] - at[first] > island_px:
            solid[first : last + 1] = True
    return _runs(~solid)


def _flooded(seeds: Bool, allowed: Bool) -> Bool:
    """Runs of `allowed` that hold a seed."""
    filled = np.zeros(len(seeds), bool)
    for first, last in _runs(allowed):
        filled[first : last + 1] = seeds[first : last + 1].any()
    return filled


def _runs(flags: Bool) -> list[tuple[int, int]]:
    """First and last index of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(a), int(b) - 1) for a, b in edges.reshape(-1, 2)]


def _traced(picture: Bool, gap_px: float) -> list[Float64]:
    """Lines of a picture in chart units; those that an existing line interrupts are put together again."""
    if not picture.any():
        return []
    size = len(picture)
    scale = size / SIDE
    shortest_px = max(2, round(_SHORTEST_PX * scale))
    lines = trace(thinned(picture), shortest_px, 2)
    lines = [line for line in _bridged(lines, gap_px + 3) if polyline.arc_length(line)[-1] >= shortest_px - 1]
    return [(polyline.smoothed(line, 1.5) + 0.5) / size for line in lines]


def _bridged(lines: list[Float64], gap_px: float) -> list[Float64]:
    """Lines joined over gaps of at most `gap_px` where they head for each other."""
    lines = list(lines)
    i = 0
    while i < len(lines):
        joined = _first_continuation(lines, i, gap_px)
        if joined is None:
            i += 1
            continue
        j, line = joined
        lines[i] = line
        del lines[j]
        i = min(i, j)
    return lines


def _first_continuation(lines: list[Float64], i: int, gap_px: float) -> tuple[int, Float64] | None:
    for j in range(i + 1, len(lines)):
        for a in (lines[i], lines[i][::-1]):
            for b in (lines[j], lines[j][::-1]):
                if np.hypot(*(b[0] - a[-1])) > gap_px:
                    continue
                a_core, b_core = _without_tip(a)[::-1], _without_tip(b[::-1])[::-1]
                leaving = a_core[0] - a_core[min(_HEADING_PX, len(a_core) - 1)]
                arriving = b_core[min(_HEADING_PX, len(b_core) - 1)] - b_core[0]
                bridge = b_core[0] - a_core[0]
                if _heads_for(leaving, arriving) and _heads_for(leaving, bridge):
                    return j, np.concatenate([a_core[::-1], b_core])
    return None


def _without_tip(line: Float64) -> Float64:
    """The line without its last pixels, which bend where a thick line was cut."""
    return line[: max(len(line) - _TIP_PX, 2)]


def _heads_for(a: Float64, b: Float64) -> bool:
    return bool(a @ b > 0.8 * np.hypot(*a) * np.hypot(*b))
