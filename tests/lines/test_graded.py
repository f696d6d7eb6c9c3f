"""Strong and faint valleys of a map."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.lines.distance import distance_field
from rhytid.core.lines.graded import extract_faint_lines, extract_strong_lines
from rhytid.core.lines.relief import relief
from rhytid.core.lines.stroke import Stroke


def _line(name: str, y: float, depth_mm: float) -> Stroke:
    points = np.array([[0.2, y], [0.5, y + 0.02], [0.8, y]], np.float32)
    return Stroke(name, points, np.ones(3, np.float32), width=0.02, depth_mm=depth_mm)


def _map(*strokes: Stroke) -> np.ndarray:
    return relief([(stroke, 1.0) for stroke in strokes], 256)


def test_a_deep_valley_is_strong_and_a_shallow_one_faint() -> None:
    deep, shallow = _line("deep", 0.3, 0.2), _line("shallow", 0.7, 0.06)
    displacement = _map(deep, shallow)
    strong = extract_strong_lines(displacement)
    faint = extract_faint_lines(displacement, strong)
    assert all(stroke.points[:, 1].max() < 0.5 for stroke in strong)
    assert max(stroke.depth_mm for stroke in strong) == pytest.approx(0.2, rel=0.25)
    assert any(stroke.points[:, 1].min() > 0.6 for stroke in faint)
    course = distance_field([deep], 256)
    assert all(course[int(y * 256), int(x * 256)] < 0.15 for s in strong for x, y in s.points[1:-1])


def test_a_valley_is_not_counted_twice() -> None:
    displacement = _map(_line("deep", 0.3, 0.2))
    strong = extract_strong_lines(displacement)
    (again,) = extract_faint_lines(displacement, ())
    x, y = (again.points * 256).astype(int).T
    assert distance_field(strong, 256)[y, x].max() < 0.15
    assert extract_faint_lines(displacement, strong) == ()


def test_a_flat_map_has_none() -> None:
    flat = np.zeros((256, 256), np.float32)
    assert extract_strong_lines(flat) == () == extract_faint_lines(flat, ())


@pytest.mark.parametrize("bad", [np.zeros((128, 128)), np.full((256, 256), np.nan)])
def test_other_maps_are_refused(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"256 x 256|finite"):
        extract_strong_lines(bad)
