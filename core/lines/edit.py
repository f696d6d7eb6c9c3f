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
from rhytid.core.lines.stroke import Binding, Profile, Stroke

Float64 = npt.NDArray[np.float64]
SIMPLIFY_TOLERANCE = 0.0004  # chart units: a tenth of a texel of the 256 px map
_PRESSURE_SCALE = 0.01  # a change of pressure of 0.04 weighs like the tolerance
_SHORTEST = 1 / 256  # pieces that an eraser leaves and that are shorter go with it
_FINEST_SPACING = 1 / 4096


def samples_of(stroke: Stroke) -> Float64:
    """x, y and pressure of each point, float64 (N, 3)."""
    return np.concatenate([stroke.points, stroke.pressure[:, None]], axis=1).astype(np.float64)


def with_samples(stroke: Stroke, samples: Float64, **changes: object) -> Stroke:
    """The stroke along other points: `samples` (N, 3) as x, y and pressure, kept inside the chart."""
    points = np.clip(samples[:, :2], 0, 1)
    pressure = np.clip(samples[:, 2], 0, 1)
    return replace(stroke, points=points, pressure=pressure, **changes)  # type: ignore[arg-type]


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
        away = (stroke.points.max(0) < low) | (stroke.points.min(0) > high)
        near = pieces[~away.any(1)]
        hit = polyline.inside_capsules(stroke.points.astype(np.float64), near, radius) if len(near) else []
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
    """The stroke with as few points as keep it within `tolerance` chart units, pressure included."""
    samples = samples_of(stroke)
    kept = polyline.simplified(samples, tolerance, np.array([1, 1, _PRESSURE_SCALE]))
    return stroke if len(kept) == len(samples) else with_samples(stroke, samples[kept])


def resample(stroke: Stroke, spacing: float) -> Stroke:
    """The stroke with points at equal distances of about `spacing` chart units."""
    return with_samples(stroke, polyline.resampled(samples_of(stroke), max(spacing, _FINEST_SPACING)))


def reverse(stroke: Stroke) -> Stroke:
    """The stroke drawn from its other end; moves the bulge of a fold to its other side."""
    return with_samples(stroke, samples_of(stroke)[::-1])


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
    samples = samples_of(stroke) * np.array([-1, 1, 1]) + np.array([1, 0, 0])
    depth_mm = stroke.depth_mm
    if asymmetry > 0:
        rng = np.random.default_rng(seed)
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
        depth_mm *= 1 + asymmetry * float(rng.uniform(-0.2, 0.2))
    if stroke.profile is Profile.FOLD:
        samples = samples[::-1]  # a mirror swaps left and right of the direction
    weights = tuple(sorted((_mirrored_weight(name), value) for name, value in stroke.binding.weights))
    twin = with_samples(
        stroke, samples, id=stroke_id, depth_mm=depth_mm, binding=replace(stroke.binding, weights=weights),
        from_source=False, seed=-stroke.seed,
    )  # fmt: skip
    return simplify(twin) if asymmetry > 0 else twin


def _mirrored_weight(name: str) -> str:
    if name.startswith("AU") and name[-1:] in ("L", "R"):
        return name[:-1] + ("R" if name[-1] == "L" else "L")
    return mirrored_name(name)


def pick(strokes: Sequence[Stroke], point: tuple[float, float], radius: float) -> Stroke | None:
    """The visible stroke nearest to `point`, or None when none is within `radius` (both chart units)."""
    best, best_distance = None, radius
    at = np.array(point)
    for stroke in strokes:
        margin = max(radius, stroke.width)
        away = (stroke.points.max(0) < at - margin) | (stroke.points.min(0) > at + margin)
        if not stroke.visible or away.any():
            continue
        distance, _ = polyline.nearest_on(stroke.points.astype(np.float64), at)
        if distance <= best_distance:
            best, best_distance = stroke, distance
    return best


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
    return with_samples(stroke, samples_of(stroke) + np.array([*shift, 0]))


def transform(stroke: Stroke, new_from_old: npt.ArrayLike) -> Stroke:
    """The stroke under an affine map (2, 3) of the chart; its width follows the map's scale."""
    matrix = np.asarray(new_from_old, np.float64)
    if matrix.shape != (2, 3) or not np.isfinite(matrix).all():
        raise ValueError(f"an affine map of the chart has shape (2, 3), got {matrix.shape}")
    samples = samples_of(stroke)
    samples[:, :2] = samples[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    determinant = float(np.linalg.det(matrix[:, :2]))
    if determinant < 0 and stroke.profile is Profile.FOLD:
        samples = samples[::-1]
    return with_samples(stroke, samples, width=stroke.width * float(np.sqrt(abs(determinant))))


def drag(stroke: Stroke, grip: tuple[float, float], offset: tuple[float, float], radius: float) -> Stroke:
    """The stroke pulled at `grip` by `offset`; the pull fades with the distance from the grip."""
    samples = polyline.resampled(samples_of(stroke), 1 / 512)
    samples[:, :2] += _brush_share(samples, grip, radius) * np.array(offset)
    return simplify(with_samples(stroke, samples))


def _brush_share(samples: Float64, centre: tuple[float, float], radius: float) -> Float64:
    """1 at the brush's centre, smoothly 0 at its rim, (N, 1)."""
    q = ((samples[:, :2] - np.array(centre)) ** 2).sum(1, keepdims=True) / radius**2
    return np.asarray(np.maximum(1 - q, 0) ** 2)


def join(first: Stroke, second: Stroke) -> Stroke:
    """One stroke along both, joined at their nearest ends; it keeps id, depth and binding of `first`."""
    a, b = samples_of(first), samples_of(second)
    gaps = [np.hypot(*(p - q)[:2]) for p in (a[0], a[-1]) for q in (b[0], b[-1])]
    nearest = int(np.argmin(gaps))
    if nearest < 2:
        a = a[::-1]
    if nearest % 2:
        b = b[::-1]
    if gaps[nearest] < 1e-6:
        b = b[1:]
    joined = np.concatenate([a, b])
    return with_samples(first, joined[::-1] if nearest < 2 else joined)
