"""How much deeper strokes are for what the expression does to the skin under them.

Skin that is pushed together folds, and skin that is drawn apart smooths. HiFace (Chai et al., ICCV 2023, eqs. 6 to 8)
tells which by the tension of a vertex, 1 - edge length / rest edge length over its edges, and gives a compressed vertex
the detail of compressed skin. A wrinkle has a direction, and only what happens across it folds it: so here the edges
are laid across the line, from one side of it to the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.head.chart import ChartLocator
from rhytid.core.head.head import Head
from rhytid.core.lines import polyline
from rhytid.core.lines.curve import samples_of
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.units import CHART_MM

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
_STEP_MM = 3.0  # along the line, from edge to edge
_MOST_EDGES = 32
_LEAST_EDGE_MM, _EDGE_WIDTHS = 4.0, 1.5  # of an edge: never shorter than the triangles of the head
_RESPONSE = 4.0  # a compression of a fifth makes the depth 1.66 times what it is, at full folding


def fold_factors(strokes: Sequence[Stroke], head: Head, rest: Float32, vertices: Float32) -> dict[str, float]:
    """Factors on the depth of strokes that fold with the skin, by id.

    Parameters
    ----------
    strokes : sequence of Stroke
        Those of no folding are left out, and all of them at rest.
    rest, vertices : float32 (V, 3)
        The head in mm, without and with the expression.

    Returns
    -------
    dict of float by id
        0..2, 1 where the skin is as long across the line as at rest.
    """
    folding = tuple(stroke for stroke in strokes if stroke.folding > 0)
    if not folding or np.array_equal(rest, vertices):
        return {}
    shares = np.array([stroke.folding for stroke in folding])
    factors = 1 + shares * np.tanh(_RESPONSE * compressions(folding, head, rest, vertices))
    return dict(zip((stroke.id for stroke in folding), factors.tolist(), strict=True))


def compressions(strokes: tuple[Stroke, ...], head: Head, rest: Float32, vertices: Float32) -> Float64:
    """How much the skin is compressed across each stroke, float64 (N,): positive compressed, negative stretched.

    The mean along the stroke, where it is drawn with more pressure counting more; 0 for a stroke without length.
    """
    edges = _laid(tuple(stroke.shape for stroke in strokes), head)
    before, now = (edges.lengths(shape) for shape in (rest, vertices))
    tension = 1 - now / np.maximum(before, 1e-6)
    return np.asarray(np.bincount(edges.owner, edges.weight * tension, len(strokes)), np.float64)


@dataclass(frozen=True, eq=False)
class _Edges:
    """Edges across strokes: corners of the triangles at their ends (E, 2, 3), their weights, owner and weight (E,)."""

    corners: npt.NDArray[np.int32]
    weights: Float32
    owner: npt.NDArray[np.intp]
    weight: Float64

    def lengths(self, vertices: Float32) -> Float32:
        ends = np.einsum("eij,eijk->eik", self.weights, vertices[self.corners])
        across = ends[:, 1] - ends[:, 0]
        return np.asarray(np.sqrt(np.einsum("ei,ei->e", across, across)), np.float32)


@lru_cache(maxsize=8)
def _laid(shapes: tuple[Stroke, ...], head: Head) -> _Edges:
    corners, weights, weight = zip(*(_on_head(shape, head) for shape in shapes), strict=True)
    owner = np.repeat(np.arange(len(shapes)), [len(part) for part in weight])
    return _Edges(np.concatenate(corners), np.concatenate(weights), owner, np.concatenate(weight))


@lru_cache(maxsize=4096)
def _on_head(shape: Stroke, head: Head) -> tuple[npt.NDArray[np.int32], Float32, Float64]:
    """Corners, weights of corners and weight of the edges of one stroke; see `_Edges`."""
    ends, weight = _across(shape)
    triangle, weights = _locator(head).locate(ends.reshape(-1, 2))
    corners = head.skin_triangles[triangle].reshape(-1, 2, 3)
    return corners, weights.astype(np.float32).reshape(-1, 2, 3), weight


@lru_cache(maxsize=2)
def _locator(head: Head) -> ChartLocator:
    return ChartLocator(head.chart, head.skin_triangles)


def _across(stroke: Stroke) -> tuple[Float64, Float64]:
    """Ends of a stroke's edges in the chart (E, 2, 2), and what each counts, 1 together (E,)."""
    samples = samples_of(stroke)
    length = float(polyline.arc_length(samples[:, :2])[-1])
    if not length > 0:
        return np.zeros((0, 2, 2)), np.zeros(0)
    step = max(_STEP_MM / CHART_MM, length / _MOST_EDGES)
    samples = polyline.resampled(samples, min(step, length / 2))
    middle = (samples[1:] + samples[:-1]) / 2
    ahead = np.diff(samples[:, :2], axis=0)
    ahead /= np.maximum(np.hypot(ahead[:, 0], ahead[:, 1])[:, None], 1e-12)
    half = max(_LEAST_EDGE_MM / CHART_MM, _EDGE_WIDTHS * stroke.width) / 2
    aside = half * np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
    weight = np.maximum(middle[:, 2], 1e-6)
    return np.stack([middle[:, :2] - aside, middle[:, :2] + aside], axis=1), weight / weight.sum()
