"""Where points of the chart lie on the posed head, fast enough for every move of the pointer."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import numpy.typing as npt

from core.document.resolve import ResolvedPose
from core.document.state import Camera
from core.head.chart import ChartLocator
from core.head.head import Head
from core.head.normals import vertex_normals
from core.lines.polyline import resampled
from core.lines.stroke import Stroke
from gui.render.camera import position_mm

KEPT_STROKES = 2000
LINE_SPACING = 1 / 160  # chart units between the points of a drawn line
Float32 = npt.NDArray[np.float32]
_Located = tuple[npt.NDArray[np.intp], Float32]


class SkinPoints:
    """Remembers in which triangle of the skin chart points lie, so that a new pose costs one product."""

    def __init__(self) -> None:
        self._head: Head | None = None
        self._locator: ChartLocator | None = None
        self._strokes: OrderedDict[Stroke, _Located] = OrderedDict()
        self._normals: tuple[ResolvedPose, Float32] | None = None

    def positions(self, pose: ResolvedPose, chart: npt.NDArray[np.floating]) -> Float32:
        """Positions in mm, (N, 3), of chart points (N, 2)."""
        return _combine(pose, pose.vertices, self._locate(pose.head, chart))

    def visible_pieces(
        self, pose: ResolvedPose, stroke: Stroke, camera: Camera
    ) -> list[Float32]:
        """Parts of a stroke's centre line, each (N, 3) in mm, where the skin faces the camera."""
        located = self._located_stroke(pose.head, stroke)
        points = _combine(pose, pose.vertices, located)
        normals = _combine(pose, self._vertex_normals(pose), located)
        facing = ((position_mm(camera) - points) * normals).sum(axis=1) > 0
        edges = np.flatnonzero(np.diff(facing.astype(np.int8))) + 1
        pieces = np.split(np.arange(len(points)), edges)
        return [points[piece] for piece in pieces if facing[piece[0]] and len(piece) >= 2]

    def _locate(self, head: Head, chart: npt.NDArray[np.floating]) -> _Located:
        if self._locator is None or self._head is not head:
            self._head, self._locator = head, ChartLocator(head.chart, head.skin_triangles)
            self._strokes.clear()
        triangle, weights = self._locator.locate(np.asarray(chart, np.float64))
        return triangle, weights.astype(np.float32)

    def _located_stroke(self, head: Head, stroke: Stroke) -> _Located:
        if self._head is not head or stroke not in self._strokes:
            located = self._locate(head, resampled(stroke.points.astype(np.float64), LINE_SPACING))
            self._strokes[stroke] = located
            while len(self._strokes) > KEPT_STROKES:
                self._strokes.popitem(last=False)
        return self._strokes[stroke]

    def _vertex_normals(self, pose: ResolvedPose) -> Float32:
        if self._normals is None or self._normals[0] is not pose:
            self._normals = (pose, vertex_normals(pose.vertices, pose.head.triangles))
        return self._normals[1]


def _combine(pose: ResolvedPose, values: Float32, located: _Located) -> Float32:
    triangle, weights = located
    corners = values[pose.head.skin_triangles[triangle]]
    return np.asarray(np.einsum("ij,ijk->ik", weights, corners), np.float32)
