"""Edit one displacement map: lines, expression, age."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.pipeline import DetailPipeline
from rhytid.core.detail.request import DetailRequest, EngineSettings, SourceDetail, displacement_digest
from rhytid.core.lines.extract import extract_lines
from rhytid.core.lines.match import strokes_from_edited_map
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.resample import resample

Float32 = npt.NDArray[np.float32]
Intensities = Iterable[tuple[str, float]]


def edit_map(
    displacement: Float32,
    *,
    source_expression: npt.ArrayLike,
    source_age: float,
    expression: npt.ArrayLike,
    age: float,
    source_action_units: Intensities = (),
    action_units: Intensities = (),
    source_tension: Float32 | None = None,
    tension: Float32 | None = None,
    lines_picture: npt.NDArray[np.bool_] | None = None,
    strokes: Sequence[Stroke] | None = None,
    settings: EngineSettings | None = None,
    resolution: int | None = None,
) -> Float32:
    """A displacement map with other lines, in another expression or at another age.

    Parameters
    ----------
    displacement : float32 (H, H)
        mm, outward positive, chart layout.
    source_expression, expression : (52,)
        ARKit weights at capture and wanted.
    source_age, age : float
        Years at capture and wanted.
    source_action_units, action_units : pairs of name and intensity
        What the action unit table says of the two expressions.
    source_tension, tension : float32 (256, 256), optional
        Tension of the skin in the two expressions; none by default.
    lines_picture : bool (N, N), optional
        The whole line map after editing: lines that the map's own extraction has are unchanged, missing ones
        are erased, others drawn.
    strokes : sequence of Stroke, optional
        All lines after editing, instead of a picture. By default the map's own.
    settings : EngineSettings, optional
    resolution : int, optional
        Side of the result; that of the input by default.

    Returns
    -------
    float32 (resolution, resolution)
        Bit for bit the input where nothing changes, at its own resolution.
    """
    source_map = np.ascontiguousarray(displacement, np.float32)
    lines = extract_lines(source_map)
    if strokes is None:
        strokes = lines
    if lines_picture is not None:
        edited = strokes_from_edited_map(lines, lines_picture)
        strokes = (*edited.kept, *edited.drawn)
    weights = np.asarray(source_expression, np.float32)
    blank = np.zeros((256, 256), np.float32)
    tension = blank if tension is None else tension
    if source_map is displacement:
        source_map = source_map.view()
    source_map.setflags(write=False)
    source = SourceDetail(
        source_map, tuple(float(w) for w in weights), float(source_age), "", lines,
        displacement_digest(source_map),
    )  # fmt: skip
    request = DetailRequest(
        resolution=resolution or source_map.shape[0],
        expression=np.asarray(expression, np.float32),
        action_units=tuple(action_units),
        age=float(age),
        tension=resample(tension, 256),
        source=source,
        strokes=tuple(strokes),
        settings=settings or EngineSettings(),
        source_action_units=tuple(source_action_units),
        source_tension=blank if source_tension is None else resample(source_tension, 256),
    )
    return DetailPipeline().run(request).displacement
