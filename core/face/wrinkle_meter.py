"""How wrinkled a face is: count, length, depth and area of the lines that show, by anatomical site."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rhytid.core.detail.site_match import site_of
from rhytid.core.document.expression import ExpressedFace
from rhytid.core.face.engine_choice import generated_strokes
from rhytid.core.face.resolve import resolve_pose
from rhytid.core.head.chart import ChartLocator
from rhytid.core.lines.polyline import arc_length, points_at
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.units import CHART_MM

if TYPE_CHECKING:
    from rhytid.core.detail.engines import Engines
    from rhytid.core.document.state import DocumentState
    from rhytid.core.head.head import Head

SHOWN_FROM = 0.02  # of a line's depth: what shows less is not counted
ELSEWHERE = "Elsewhere"
_STEP = 1 / 256  # of the chart, between two places where a line is measured


@dataclass(frozen=True)
class SiteMeasure:
    """The lines of one site that show.

    Attributes
    ----------
    site : str
        Title of the site with its side; "Elsewhere" for lines at none.
    count : int
    length_mm : float
        Of all of them together, along the posed skin.
    depth_mm : float
        Greatest depth or height of each, mean over the lines.
    area_mm2 : float
        Length by width, of all together.
    """

    site: str
    count: int
    length_mm: float
    depth_mm: float
    area_mm2: float


def measure_wrinkles(state: DocumentState, head: Head, engines: Engines) -> list[SiteMeasure]:
    """Lines of the document and of its engine as they show now, by site, those with most length first."""
    face = ExpressedFace.of(state)
    strokes = [s for s in (*state.strokes, *generated_strokes(state, engines)) if s.visible]
    shares = [face.share_of(stroke) for stroke in strokes]
    vertices = np.asarray(resolve_pose(state, head).vertices, np.float64)
    locator = ChartLocator(head.chart, head.skin_triangles)
    found: dict[str, list[tuple[float, float, float]]] = {}
    for stroke, share in zip(strokes, shares, strict=True):
        if share > SHOWN_FROM and len(stroke.points) >= 2:
            length_mm = _length_mm(stroke, vertices, head, locator)
            depth_mm = share * abs(stroke.depth_mm) * float(stroke.pressure.max())
            found.setdefault(_title(stroke), []).append((length_mm, depth_mm, length_mm * stroke.width * CHART_MM))
    measures = []
    for site, lines in found.items():
        length_mm, depth_mm, area_mm2 = np.array(lines).T
        measures.append(
            SiteMeasure(site, len(lines), float(length_mm.sum()), float(depth_mm.mean()), float(area_mm2.sum()))
        )
    return sorted(measures, key=lambda one: -one.length_mm)


def measures_csv(measures: Sequence[SiteMeasure]) -> str:
    """The measures as a table that other programs read; one line a site, numbers in mm."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["site", "count", "length_mm", "depth_mm", "area_mm2"])
    for one in measures:
        table.writerow([one.site, one.count, f"{one.length_mm:.2f}", f"{one.depth_mm:.4f}", f"{one.area_mm2:.2f}"])
    return text.getvalue()


def _title(stroke: Stroke) -> str:
    match = site_of(stroke)
    if match is None:
        return ELSEWHERE
    site, side = match
    return f"{site.titles} {side}".strip()


def _length_mm(stroke: Stroke, vertices: np.ndarray, head: Head, locator: ChartLocator) -> float:
    """Length of a line over the skin with these vertices."""
    points = stroke.points.astype(np.float64)
    along = arc_length(points)
    n = max(int(np.ceil(along[-1] / _STEP)) + 1, 2)
    triangles, weights = locator.locate(points_at(points, along, np.linspace(0.0, along[-1], n)))
    places = np.einsum("nk,nkd->nd", weights, vertices[head.skin_triangles[triangles]])
    return float(np.linalg.norm(np.diff(places, axis=0), axis=1).sum())
