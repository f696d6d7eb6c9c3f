"""Edits of scans through the program's own pipeline, as the editor and the `detail` command make them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.engines import Engines
from rhytid.core.detail.pipeline import DetailPipeline
from rhytid.core.detail.request import DetailRequest, EngineSettings, SourceDetail
from rhytid.core.document.state import DocumentState
from rhytid.core.evaluation.scans import Scan
from rhytid.core.face.resolve import ResolvedPose, detail_pose, resolve_pose
from rhytid.core.head.load import default_head
from rhytid.core.io.displacement_file import source_detail
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.units import SIDE

Float32 = npt.NDArray[np.float32]


class Expressions:
    """Expressions of the default head by their weights, each posed once."""

    def __init__(self) -> None:
        self._head = default_head()
        self._known: dict[bytes, ResolvedPose] = {}

    def of(self, weights: Float32) -> ResolvedPose:
        """The head with these ARKit weights, float32 (52,)."""
        key = weights.tobytes()
        if key not in self._known:
            state = DocumentState(expression=tuple(float(weight) for weight in weights))
            self._known[key] = resolve_pose(state, self._head)
        return self._known[key]


class ScanEditor:
    """One scan, opened for editing with one engine; keeps the pipeline's caches from edit to edit.

    Parameters
    ----------
    scan : Scan
    source : SourceDetail
        The scan as the program imports it, see `opened`.
    engine : str
        Name of one of `engines`.
    expressions : Expressions
    engines : Engines
    """

    def __init__(
        self, scan: Scan, source: SourceDetail, engine: str, expressions: Expressions, engines: Engines
    ) -> None:
        self.scan = scan
        self.source = source
        self._settings = replace(EngineSettings(), name=engine)
        self._expressions = expressions
        self._pipeline = DetailPipeline(engines)

    def edit(
        self,
        *,
        weights: Float32 | None = None,
        age: float | None = None,
        strokes: Sequence[Stroke] | None = None,
    ) -> Float32:
        """The scan in another expression, at another age or with other lines; what is not given stays.

        Returns
        -------
        float32 (256, 256)
            mm, read-only.
        """
        captured = self._expressions.of(self.scan.weights)
        wanted = captured if weights is None else self._expressions.of(weights)
        request = DetailRequest(
            resolution=SIDE,
            pose=detail_pose(wanted, self.scan.age if age is None else age, self._settings),
            captured=detail_pose(captured, self.scan.age, self._settings),
            source=self.source,
            strokes=self.source.lines if strokes is None else tuple(strokes),
        )
        return self._pipeline.run(request).displacement


def opened(scan: Scan) -> SourceDetail:
    """A scan as the program imports it, with its own lines."""
    return source_detail(scan.path, tuple(float(weight) for weight in scan.weights), scan.age)
