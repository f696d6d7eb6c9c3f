"""One displacement map edited: lines, expression, age."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rhytid.core.document.state import AGE_DEFAULT
from rhytid.core.face.face import Face, Weights
from rhytid.core.lines.match import strokes_from_edited_map
from rhytid.core.lines.stroke import Stroke

Float32 = npt.NDArray[np.float32]


def edit_map(
    displacement: npt.ArrayLike,
    *,
    expression: Weights | None = None,
    action_units: Weights | None = None,
    age: float | None = None,
    strokes: Sequence[Stroke] | None = None,
    line_map: npt.NDArray[np.bool_] | None = None,
    erase_all: bool = False,
    source_expression: Weights = (),
    source_age: float = AGE_DEFAULT,
    engine: str | None = None,
    resolution: int | None = None,
) -> Float32:
    """A displacement map with other lines, in another expression or at another age; only what is given changes.

    Parameters
    ----------
    displacement : float32 (H, H)
        mm, outward positive, chart layout.
    expression, action_units : mapping of name to weight, optional
        The expression that is wanted, by ARKit weights, by FACS action units or both.
    age : float, optional
        The age that is wanted, 16..70 years.
    strokes : sequence of Stroke, optional
        All lines after editing; `extract_lines` gives those that the map has.
    line_map : bool (N, N), optional
        The same as a picture: lines of the map's own that it has are unchanged, missing ones are erased, others
        drawn.
    erase_all : bool
        Whether a `line_map` without lines may erase all.
    source_expression, source_age
        ARKit weights and years at which the map was captured.
    engine : str, optional
        Name of an engine; the best that can run by default.
    resolution : int, optional
        Side of the result; that of the input by default.

    Returns
    -------
    float32 (resolution, resolution)
        mm, read-only; bit for bit the input where nothing changes, at its own resolution.

    Raises
    ------
    ValueError
        The map, a name or a value is wrong, or `line_map` has no line and would erase all.

    Examples
    --------
    >>> import numpy as np
    >>> skin = np.zeros((256, 256), np.float32)
    >>> bool((edit_map(skin) == skin).all()), bool((edit_map(skin, age=70) == skin).all())
    (True, False)
    """
    face = Face()
    face.wear(displacement, source_expression, source_age)
    if engine is not None:
        face.engine = engine
    if expression is not None:
        face.expression = expression
    if action_units is not None:
        face.action_units = action_units
    if age is not None:
        face.age = age
    if line_map is not None:
        edited = strokes_from_edited_map(face.strokes, line_map, erase_all=erase_all)
        face.strokes = (*edited.kept, *edited.drawn)
    if strokes is not None:
        face.strokes = strokes
    return face.maps(resolution or len(np.asarray(displacement))).displacement
