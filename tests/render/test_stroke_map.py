"""The lines that are laid over the face are the curves that become relief."""

from __future__ import annotations

import numpy as np

from rhytid.core.lines import knots
from rhytid.core.lines.curve import course_of
from rhytid.core.lines.stroke import Stroke
from rhytid.gui.render.overlay import STROKE_MAP, draw_stroke_map, stroke_bounds

STRAIGHT = Stroke("line", np.array([[0.3, 0.4], [0.5, 0.4], [0.7, 0.4]]), np.ones(3))
BENT = knots.with_tangent(STRAIGHT, 1, knots.AFTER, (0.56, 0.25))


def test_lines_over_the_face_follow_tangents() -> None:
    picture = draw_stroke_map([BENT], {"line"})
    texels = np.round(course_of(BENT)[:, :2] * STROKE_MAP - 0.5).astype(int)
    assert (picture[texels[:, 1], texels[:, 0]] > 200).all()
    row = round(0.4 * STROKE_MAP)
    assert picture[row, round(0.6 * STROKE_MAP)].max() == 0, "not along the chord"
    rows, columns = np.nonzero(picture[..., 0])
    bounds = stroke_bounds([BENT])
    assert bounds is not None
    assert (bounds.x0 <= columns.min(), bounds.y0 <= rows.min()) == (True, True)
    assert (bounds.x1 > columns.max(), bounds.y1 > rows.max()) == (True, True)
