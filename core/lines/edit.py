"""What an artist's tools do to strokes: pure functions from strokes to new strokes.

Strokes that a tool did not touch come back as the same objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import mirrored_name
from rhytid.core.lines import polyline
from rhytid.core.lines.curve import control_points, course_of, samples_of, with_samples
from rhytid.core.lines.stroke import Binding, Profile, Stroke

Float64 = npt.NDArray[np.float64]
SIMPLIFY_TOLERANCE = 0.0004  # chart units: a tenth of a texel of the 256 px map
_PRESSURE_SCALE = 0.01  # a change of pressure or of the width's share of 0.04 weighs like the tolerance
_REFINEMENTS = 6
_COLUMN_SCALE = np.array([1, 1, _PRESSURE_SCALE, _PRESSURE_SCALE])
_SHORTEST = 1 / 256  # pieces that an eraser leaves and that are shorter go with it
_FINEST_SPACING = 1 / 4096


def stroke_from_samples(
    samples: npt.ArrayLike,
    stroke_id: str,
    *,
    width: float = 0.012,
    depth_mm: float = 0.15,
    profile: Profile = Profile.WRINKLE,
    binding: Binding | None = None,
    birth_age: float = 0.0,
    name: str = "",
    smoothing: float = 0.0,
) -> Stroke:
    """A stroke from what the pen gave, as it is kept after pen-up.

    Points that repeat are dropped and the rest simplified, pressure kept. A fold is turned so that its bulge
    lies on the side away from the middle of the face, whichever way it was drawn.

    Parameters
    ----------
    samples : array-like (N, 2) or (N, 3)
        Chart coordinates and pressure (1 when missing).
    smoothing : float
        0..1, how much a shaky hand is evened out.

    Raises
    ------
    ValueError
        Fewer than two different points: a click is no line.
    """
    array = np.asarray(samples, np.float64)
    if array.ndim != 2 or array.shape[1] not in (2, 3) or not np.isfinite(array).all():
        raise ValueError(f"samples of a stroke must be finite and have shape (N, 2) or (N, 3), got {array.shape}")
    if array.shape[1] == 2:
        array = np.concatenate([array, np.ones((len(array), 1))], axis=1)
    array = np.clip(array, 0, 1)
    apart = np.ones(len(array), bool)
    apart[1:] = np.hypot(*np.diff(array[:, :2], axis=0).T) > 1e-6
    array = array[apart]
    if len(array) < 2:
        raise ValueError("a stroke needs at least two different points")
    stroke = Stroke(
        id=stroke_id, points=array[:, :2].astype(np.float32), pressure=array[:, 2].astype(np.float32),
        width=width, depth_mm=depth_mm, profile=profile,
        binding=binding or Binding(), birth_age=birth_age, name=name,
    )  # fmt: skip
    if smoothing > 0:
        stroke = smooth(stroke, smoothing)
    stroke = simplify(stroke)
    return outward_fold(stroke) if profile is Profile.FOLD else stroke


def erase(strokes: Sequence[Stroke], path: npt.ArrayLike, radius: float) -> tuple[Stroke, ...]:
    """Strokes without what lies under an eraser.

    Parameters
    ----------
    path : array-like (K, 2), K >= 1
        Where the eraser went, chart coordinates.
    radius : float
        Of the eraser in chart units.

    Returns
    -------
    tuple of Stroke
        In the old order. A trimmed stroke keeps its id; pieces of a split one are called ``id.1``, ``id.2``
        and so on from its beginning. Strokes that the eraser did not touch are the same objects. Remaining
        points keep their coordinates exactly.
    """
    swept = np.asarray(path, np.float64).reshape(-1, 2)
    if len(swept) == 1:
        swept = np.repeat(swept, 2, axis=0)
    pieces = np.stack([swept[:-1], swept[1:]], axis=1)
    low, high = pieces.min(1) - radius, pieces.max(1) + radius
    left: list[Stroke] = []
    for stroke in strokes:
        points = stroke.points if stroke.tangents is None else samples_of(stroke)[:, :2]
        away = (points.max(0) < low) | (points.min(0) > high)
        near = pieces[~away.any(1)]
        hit = polyline.inside_capsules(samples_of(stroke)[:, :2], near, radius) if len(near) else []
        left += remove_spans(stroke, hit) if hit else [stroke]
    return tuple(left)


def remove_spans(stroke: Stroke, spans: Sequence[tuple[float, float]]) -> list[Stroke]:
    """What is left of a stroke without some spans of it.

    Parameters
    ----------
    spans : sequence of (start, end)
        Disjoint and sorted positions along the stroke: index of a segment plus the passed share of it.

    Returns
    -------
    list of Stroke
        Named as in `erase`; slivers are dropped.
    """
    samples = samples_of(stroke)
    edges = [0.0, *(edge for span in spans for edge in span), float(len(samples) - 1)]
    pieces = [
        polyline.cut(samples, start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if end > start
    ]
    pieces = [piece for piece in pieces if polyline.arc_length(piece)[-1] >= _SHORTEST]
    if len(pieces) == 1:
        return [with_samples(stroke, pieces[0])]
    return [with_samples(stroke, piece, id=f"{stroke.id}.{i}") for i, piece in enumerate(pieces, 1)]


def smooth(stroke: Stroke, amount: float = 0.5) -> Stroke:
    """The stroke with its wobble evened out; both ends stay.

    Parameters
    ----------
    amount : float
        0 leaves it as it is, 1 averages over about a twentieth of the chart.
    """
    if amount <= 0:
        return stroke
    spacing = 1 / 512
    samples = polyline.resampled(samples_of(stroke), spacing)
    return simplify(with_samples(stroke, polyline.smoothed(samples, amount * 0.02 / spacing)))


def smooth_near(stroke: Stroke, centre: tuple[float, float], radius: float, amount: float = 0.5) -> Stroke:
    """The stroke smoothed under a soft brush; the same object where the brush does not reach it."""
    samples = samples_of(stroke)
    distance, _ = polyline.nearest_on(samples, np.array(centre))
    if distance >= radius or amount <= 0:
        return stroke
    samples = polyline.resampled(samples, 1 / 512)
    even = polyline.smoothed(samples, amount * 0.02 * 512)
    share = _brush_share(samples, centre, radius)
    return simplify(with_samples(stroke, samples + share * (even - samples)))


def simplify(stroke: Stroke, tolerance: float = SIMPLIFY_TOLERANCE) -> Stroke:
    """The stroke with as few points as keep its curve within `tolerance` chart units, pressure and width included.

    One whose points have tangents of their own stays: its points are where the artist put them.
    """
    if stroke.tangents is not None:
        return stroke
    samples = samples_of(stroke)
    kept = polyline.simplified(samples, tolerance, _COLUMN_SCALE)
    for _ in range(_REFINEMENTS):
        missing = _strayed(stroke, samples, kept, 2 * tolerance)
        if not len(missing):
            break
        kept = np.union1d(kept, missing)
    return stroke if len(kept) == len(samples) else with_samples(stroke, samples[kept])


def _strayed(stroke: Stroke, samples: Float64, kept: npt.NDArray[np.int64], tolerance: float) -> npt.NDArray[np.int64]:
    """Samples from which the smooth curve through the kept ones strays most, one of each span that strays too far.

    Beside a bend a long span swings out, however straight the samples in it are.
    """
    cubics = control_points(with_samples(stroke, samples[kept]))
    span = np.clip(np.searchsorted(kept, np.arange(len(samples)), side="right") - 1, 0, len(cubics) - 1)
    along = polyline.arc_length(samples)
    t = (along - along[kept[span]]) / np.maximum(along[kept[span + 1]] - along[kept[span]], 1e-12)
    t = np.clip(t, 0, 1)[:, None]
    p, q, r, s = (cubics[span, i] for i in range(4))
    away = (1 - t) ** 3 * p + 3 * t * (1 - t) ** 2 * q + 3 * t**2 * (1 - t) * r + t**3 * s - samples[:, :2]
    chord = s - p
    across = np.abs(chord[:, 0] * away[:, 1] - chord[:, 1] * away[:, 0]) / np.maximum(np.hypot(*chord.T), 1e-12)
    order = np.lexsort((-across, span))
    worst = order[np.unique(span[order], return_index=True)[1]]
    return worst[across[worst] > tolerance]


def resample(stroke: Stroke, spacing: float) -> Stroke:
    """The stroke with points at equal distances of about `spacing` chart units."""
    return with_samples(stroke, polyline.resampled(samples_of(stroke), max(spacing, _FINEST_SPACING)))


def reverse(stroke: Stroke) -> Stroke:
    """The stroke drawn from its other end; moves the bulge of a fold to its other side."""
    breadth = None if stroke.breadth is None else stroke.breadth[::-1]
    tangents = None if stroke.tangents is None else stroke.tangents[::-1, [2, 3, 0, 1]]
    return replace(
        stroke, points=stroke.points[::-1], pressure=stroke.pressure[::-1], breadth=breadth, tangents=tangents
    )


def outward_fold(stroke: Stroke) -> Stroke:
    """The stroke drawn in the direction that puts a fold's bulge on the side away from x = 0.5."""
    points = stroke.points.astype(np.float64)
    across_x = points[-1, 1] - points[0, 1]  # x component of the normal to the left of the chord
    outward = points[:, 0].mean() - 0.5
    return reverse(stroke) if across_x * outward < 0 else stroke


def mirror(stroke: Stroke, stroke_id: str, asymmetry: float = 0.0, seed: int = 0) -> Stroke:
    """The stroke on the other side of the face (x = 0.5), its binding mirrored too.

    Parameters
    ----------
    asymmetry : float
        0 gives the exact twin, 1 differs in course, length and depth as two sides of a real face do.
    seed : int
        Which difference.
    """
    weights = tuple(sorted((_mirrored_weight(name), value) for name, value in stroke.binding.weights))
    twin = replace(
        _reflected(stroke), id=stroke_id, binding=replace(stroke.binding, weights=weights), from_source=False,
        seed=-stroke.seed,
    )  # fmt: skip
    if asymmetry > 0:
        rng = np.random.default_rng(seed)
        samples = samples_of(twin)
        if twin.profile is Profile.FOLD:
            samples = samples[::-1]  # what differs belongs to the stroke's beginning and end, not to the twin's
        length = polyline.arc_length(samples)[-1]
        samples = polyline.resampled(samples, max(length / 64, 1 / 512))
        n = len(samples)
        ends = asymmetry * rng.uniform(0, 0.12, 2) * (n - 1)
        samples = polyline.cut(samples, ends[0], n - 1 - ends[1])
        s = np.linspace(0, 1, len(samples))[:, None]
        shift = rng.normal(0, 0.004, 2) * asymmetry
        for wave in (1, 2, 3):
            shift = shift + asymmetry * rng.normal(0, 0.03 * length / wave**2, 2) * np.sin(np.pi * wave * s)
        samples[:, :2] += shift
        samples[:, 2] *= 1 - asymmetry * 0.15 * (1 + np.sin(2 * np.pi * (s[:, 0] + rng.uniform())))
        depth_mm = stroke.depth_mm * (1 + asymmetry * float(rng.uniform(-0.2, 0.2)))
        width = stroke.width * (1 + asymmetry * float(rng.uniform(-0.15, 0.15)))
        if twin.profile is Profile.FOLD:
            samples = samples[::-1]
        twin = simplify(with_samples(twin, samples, depth_mm=depth_mm, width=width))
    return twin


def _reflected(stroke: Stroke) -> Stroke:
    points = (1 - stroke.points.astype(np.float64)[:, :1], stroke.points[:, 1:])
    tangents = None if stroke.tangents is None else stroke.tangents * np.array([-1, 1, -1, 1], np.float32)
    twin = replace(stroke, points=np.concatenate(points, axis=1), tangents=tangents)
    # A mirror swaps left and right of the direction, and with them the sides of a fold.
    return reverse(twin) if stroke.profile is Profile.FOLD else twin


def _mirrored_weight(name: str) -> str:
    if name.startswith("AU") and name[-1:] in ("L", "R"):
        return name[:-1] + ("R" if name[-1] == "L" else "L")
    return mirrored_name(name)


def pick(strokes: Sequence[Stroke], point: tuple[float, float], radius: float) -> Stroke | None:
    """The visible stroke nearest to `point`, or None when none is within `radius` (both chart units)."""
    found = picked(strokes, point, radius)
    return found[0] if found else None


def picked(strokes: Sequence[Stroke], point: tuple[float, float], radius: float) -> tuple[Stroke, ...]:
    """Visible strokes whose curve is within `radius` of `point`, the nearest first, of equals the last drawn first."""
    at = np.array(point)
    found = []
    for number, stroke in enumerate(strokes):
        # Without tangents of their own a curve hardly swings beyond its points.
        margin = radius + 0.2 * float(np.ptp(stroke.points, axis=0).max())
        away = (stroke.points.max(0) < at - margin) | (stroke.points.min(0) > at + margin)
        if not stroke.visible or (stroke.tangents is None and away.any()):
            continue
        distance, _ = polyline.nearest_on(course_of(stroke), at)
        if distance <= radius:
            found.append((distance, -number, stroke))
    return tuple(stroke for _, _, stroke in sorted(found, key=lambda one: one[:2]))


def strokes_in(strokes: Sequence[Stroke], low: tuple[float, float], high: tuple[float, float]) -> tuple[Stroke, ...]:
    """Visible strokes with a point inside the rectangle `low`..`high` (chart units)."""
    return tuple(
        stroke
        for stroke in strokes
        if stroke.visible and ((stroke.points >= np.array(low)) & (stroke.points <= np.array(high))).all(1).any()
    )


def move(stroke: Stroke, offset: tuple[float, float]) -> Stroke:
    """The stroke shifted by `offset` chart units; its shape stays, the chart's border stops it."""
    low, high = stroke.points.min(0), stroke.points.max(0)
    shift = np.clip(np.array(offset, np.float64), -low, 1 - high)
    return replace(stroke, points=np.clip(stroke.points + shift, 0, 1))


def transform(stroke: Stroke, new_from_old: npt.ArrayLike) -> Stroke:
    """The stroke under an affine map (2, 3) of the chart; its width follows the map's scale."""
    matrix = np.asarray(new_from_old, np.float64)
    if matrix.shape != (2, 3) or not np.isfinite(matrix).all():
        raise ValueError(f"an affine map of the chart has shape (2, 3), got {matrix.shape}")
    linear = matrix[:, :2]
    points = np.clip(stroke.points.astype(np.float64) @ linear.T + matrix[:, 2], 0, 1)
    tangents = None
    if stroke.tangents is not None:
        tangents = (stroke.tangents.reshape(-1, 2) @ linear.T).reshape(-1, 4).astype(np.float32)
    determinant = float(np.linalg.det(linear))
    width = stroke.width * float(np.sqrt(abs(determinant)))
    turned = replace(stroke, points=points.astype(np.float32), tangents=tangents, width=width)
    return reverse(turned) if determinant < 0 and stroke.profile is Profile.FOLD else turned


def drag(stroke: Stroke, grip: tuple[float, float], offset: tuple[float, float], radius: float) -> Stroke:
    """The stroke pulled at `grip` by `offset`; the pull fades with the distance from the grip."""
    samples = polyline.resampled(samples_of(stroke), 1 / 512)
    samples[:, :2] += _brush_share(samples, grip, radius) * np.array(offset)
    return simplify(with_samples(stroke, samples))


def _brush_share(samples: Float64, centre: tuple[float, float], radius: float) -> Float64:
    """1 at the brush's centre, smoothly 0 at its rim, (N, 1)."""
    q = ((samples[:, :2] - np.array(centre)) ** 2).sum(1, keepdims=True) / radius**2
    return np.asarray(np.maximum(1 - q, 0) ** 2)
