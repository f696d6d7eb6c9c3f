"""Drawing: random plausible strokes on scans whose expression and age stay.

A stroke follows the skin's tension lines from a random place in the mask, 8 to 60 px long; plausible means as
deep and as wide as nine of ten wrinkles of the scans themselves, which `core.lines.graded.extract_strong_lines`
measures: 0.11 to 0.37 mm and 3.5 to 7.8 px. A valley is what counts as a line in all scores; as a second
figure, any valley down to faint ones. Baselines: the stroke's profile stamped on the map directly, and the map
before, which has valleys near some strokes by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.detail.anatomy import tension_line_angle
from rhytid.core.evaluation.locality import changed_outside
from rhytid.core.evaluation.scans import ScanSet
from rhytid.core.evaluation.scores import ANY_VALLEY_MM, LINES_MM, TOLERANCE_PX, distance_px, valley_lines
from rhytid.core.evaluation.tasks import Context
from rhytid.core.lines.profile import support_radius
from rhytid.core.lines.raster import draw_line_map
from rhytid.core.lines.relief import relief
from rhytid.core.lines.segments import segment_rows
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.units import SIDE

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

N_STROKES, N_QUICK = 200, 40
LENGTH_PX, DEPTH_MM, WIDTH = (8.0, 60.0), (0.11, 0.37), (3.5 / 256, 7.8 / 256)
_SEED = 20
_MARGIN_PX = 3.0  # a stroke stays so far inside the mask
_TURN_DEG = 20.0  # an artist's line is not exactly where the tension line is
_STEP_PX = 2.0
_CENTRE_PX = 1.0  # the valley's bottom may lie so far beside the stroke
_SHARE_OF_EFFECT = 0.6  # depth is measured where the tapered stroke has at least this share of it


@dataclass(frozen=True)
class Strokes:
    """New strokes for one scan, drawn one at a time; the unit of work."""

    engine: str
    scan: str
    strokes: tuple[Stroke, ...]


@dataclass(frozen=True)
class Measured:
    """One stroke on one map.

    Attributes
    ----------
    recall, any_valley_recall : float
        Share of the stroke's texels with a valley line within 2 px; with any valley, faint ones too.
    depth_ratio : float
        Depth reached / depth asked.
    """

    recall: float
    any_valley_recall: float
    depth_ratio: float


@dataclass(frozen=True)
class Drawn:
    """What came of one stroke: by the engine, stamped, and before it was drawn.

    `changed_outside` is a count of texels, see `core.evaluation.locality`.
    """

    engine: Measured
    stamped: Measured
    before: Measured
    changed_outside: int


def tasks(scans: ScanSet, engine: str, quick: bool) -> list[Strokes]:
    """The strokes, the same ones for every engine, by the scan that they are drawn on."""
    rng = np.random.default_rng(_SEED)
    plan: dict[str, list[Stroke]] = {}
    room = cv2.distanceTransform(scans.mask.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) > _MARGIN_PX
    if not room.any():
        raise ValueError(f"{scans.folder}: the skin mask is too narrow to draw on")
    for number in range(N_QUICK if quick else N_STROKES):
        scan = scans.scans[int(rng.integers(len(scans.scans)))]
        plan.setdefault(scan.name, []).append(random_stroke(f"drawn-{number + 1}", room, rng))
    return [Strokes(engine, name, tuple(strokes)) for name, strokes in plan.items()]


def random_stroke(name: str, room: Bool, rng: np.random.Generator) -> Stroke:
    """A stroke that lies in `room`, bool (256, 256)."""
    rows, columns = np.nonzero(room)
    points = np.zeros((0, 2))
    while len(points) < 2 or len(points) * _STEP_PX < LENGTH_PX[0]:
        at = int(rng.integers(len(rows)))
        length = float(rng.uniform(*LENGTH_PX))
        turn = float(np.deg2rad(rng.uniform(-_TURN_DEG, _TURN_DEG)))
        start = np.array([columns[at], rows[at]], np.float64)
        halves = [_followed(start, sign, length / 2, turn, room) for sign in (-1.0, 1.0)]
        points = np.concatenate([halves[0][::-1], start[None], halves[1]])
    pressure = 1 - 0.2 * rng.uniform() * np.abs(np.linspace(-1, 1, len(points)))
    return Stroke(
        name,
        ((points + 0.5) / SIDE).astype(np.float32),
        pressure.astype(np.float32),
        width=float(rng.uniform(*WIDTH)),
        depth_mm=float(rng.uniform(*DEPTH_MM)),
    )


def _followed(start: Float64, sign: float, length_px: float, turn: float, room: Bool) -> Float64:
    """Points along the tension lines from `start`, without it, until the length or the room ends; (N, 2)."""
    field = tension_line_angle()
    point, points = start.copy(), []
    heading: Float64 | None = None
    for _ in range(int(length_px / _STEP_PX)):
        column, row = np.round(point).astype(int).tolist()
        angle = float(field[row, column]) + turn
        step = sign * np.array([np.cos(angle), np.sin(angle)])
        if heading is not None and float(step @ heading) < 0:
            step = -step  # the field has no sign
        heading = step
        point = point + _STEP_PX * step
        column, row = np.round(point).astype(int).tolist()
        if not (0 <= column < SIDE and 0 <= row < SIDE and room[row, column]):
            break
        points.append(point)
    return np.array(points).reshape(-1, 2)


def draw(context: Context, task: Strokes) -> list[Drawn]:
    """Draw each stroke on the scan as it is and measure what comes out."""
    scan = next(scan for scan in context.scans.scans if scan.name == task.scan)
    editor = context.editor(scan, task.engine)
    before = scan.displacement
    results = []
    for stroke in task.strokes:
        after = editor.edit(strokes=(*editor.source.lines, stroke))
        stamped = before + relief([(stroke, 1.0)], SIDE)
        results.append(
            Drawn(
                measure(before, after, stroke),
                measure(before, stamped, stroke),
                measure(before, before, stroke),
                changed_outside(before, after, stroke),
            )
        )
    return results


def measure(before: Float32, after: Float32, stroke: Stroke) -> Measured:
    """What `after` has of a stroke that `before` had not."""
    lines, any_valley = (recall(after, stroke, thresholds) for thresholds in (LINES_MM, ANY_VALLEY_MM))
    return Measured(lines, any_valley, depth_ratio(before, after, stroke))


def recall(displacement: Float32, stroke: Stroke, thresholds_mm: tuple[float, float] = LINES_MM) -> float:
    """Share of a stroke's texels with a valley line of the map within 2 px."""
    texels = draw_line_map([stroke], SIDE)
    return float((distance_px(valley_lines(displacement, thresholds_mm))[texels] <= TOLERANCE_PX).mean())


def depth_ratio(before: Float32, after: Float32, stroke: Stroke) -> float:
    """Depth of the valley that was made over the depth asked for; the median along the stroke.

    The difference of the two maps is sampled across the stroke; the depth is how far its lowest value within
    1 px of the stroke lies below its two ends, where the stroke's own profile has come to zero.
    """
    points, normals, effect = _samples(stroke)
    reach = support_radius(stroke.profile) * stroke.width * SIDE / 2 + 1
    offsets = np.linspace(-reach, reach, 2 * int(2 * reach) + 1)
    at = (points[:, None] + offsets[:, None] * normals[:, None]).astype(np.float32)
    across = cv2.remap(
        after - before,
        np.ascontiguousarray(at[..., 0]),
        np.ascontiguousarray(at[..., 1]),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    bottom = across[:, np.abs(offsets) <= _CENTRE_PX].min(axis=1)
    reached_mm = (across[:, 0] + across[:, -1]) / 2 - bottom
    return float(np.median(reached_mm / (stroke.depth_mm * effect)))


def _samples(stroke: Stroke) -> tuple[Float64, Float64, Float64]:
    """Points (N, 2) in texels about 1 px apart where the stroke has most of its effect, normals and effect."""
    points, normals, effects = [], [], []
    for x0, y0, x1, y1, start, end, *_ in segment_rows(stroke, SIDE).tolist():
        length = float(np.hypot(x1 - x0, y1 - y0))
        share = (np.arange(max(int(length), 1)) + 0.5) / max(int(length), 1)
        points.append(np.stack([x0 + share * (x1 - x0), y0 + share * (y1 - y0)], axis=1))
        normals.append(np.tile([(y0 - y1) / length, (x1 - x0) / length], (len(share), 1)))
        effects.append(start + share * (end - start))
    effect = np.concatenate(effects)
    deep = effect >= _SHARE_OF_EFFECT * effect.max()
    return np.concatenate(points)[deep], np.concatenate(normals)[deep], effect[deep]


def summary(measured: Sequence[Measured]) -> dict[str, Any]:
    """The figures of one way of drawing."""
    return {
        "recall": float(np.mean([stroke.recall for stroke in measured])),
        "depth_ratio": float(np.median([stroke.depth_ratio for stroke in measured])),
        "any_valley_recall": float(np.mean([stroke.any_valley_recall for stroke in measured])),
        "n": len(measured),
    }
