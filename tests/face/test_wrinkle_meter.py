"""Lines in mm: measured against the head itself."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from rhytid.core.document.commands import AddStrokes, SetAge, SetEngine
from rhytid.core.document.state import DocumentState
from rhytid.core.face.engine_choice import standard_engines
from rhytid.core.face.wrinkle_meter import ELSEWHERE, measure_wrinkles, measures_csv
from rhytid.core.head.load import default_head
from rhytid.core.lines.stroke import Binding, Onset, Stroke
from rhytid.core.maps.units import CHART_MM


def stroke(name, x0, x1, y, **changes):
    x = np.linspace(x0, x1, 20)
    given = {"width": 0.01, "depth_mm": 0.4} | changes
    return Stroke(id=name, points=np.column_stack([x, np.full(20, y)]).astype(np.float32),
                  pressure=np.full(20, 0.5, np.float32), **given)  # fmt: skip


@pytest.fixture(scope="module")
def parts():
    return default_head(), standard_engines()


def measured(parts, *strokes, age=30.0):
    state = SetEngine(generate_wrinkles=False).apply(DocumentState())
    state = SetAge(age).apply(AddStrokes(strokes).apply(state))
    return measure_wrinkles(state, *parts)


def test_a_forehead_line_has_the_length_of_the_skin_under_it(parts):
    head, _engines = parts
    (one,) = measured(parts, stroke("a", 0.40, 0.60, 0.10))
    near = np.abs(head.chart[: head.n_skin, 1] - 0.10) < 0.01
    ends = [head.neutral[: head.n_skin][near][np.abs(head.chart[: head.n_skin, 0][near] - x).argmin()]
            for x in (0.40, 0.60)]  # fmt: skip
    straight_mm = float(np.linalg.norm(np.subtract(*ends)))
    assert straight_mm * 0.95 < one.length_mm < straight_mm * 1.3
    assert one.count == 1
    assert one.depth_mm == pytest.approx(0.2)
    assert one.area_mm2 == pytest.approx(one.length_mm * 0.01 * CHART_MM)
    assert one.site != ELSEWHERE


def test_lines_add_up_by_site_and_hidden_ones_do_not_count(parts):
    two = measured(parts, stroke("a", 0.40, 0.60, 0.10), stroke("b", 0.40, 0.60, 0.11, depth_mm=0.8))
    assert sum(one.count for one in two) == 2
    bound = Binding(Onset.EXPRESSION, (("jawOpen", 1.0),))
    hidden = (
        replace(stroke("c", 0.4, 0.6, 0.12), visible=False), stroke("d", 0.4, 0.6, 0.12, binding=bound),
        stroke("e", 0.4, 0.6, 0.12, birth_age=60.0),
    )  # fmt: skip
    assert measured(parts, *hidden) == []
    assert len(measured(parts, *hidden, age=70.0)) == 1


def test_the_table_is_read_back(parts):
    found = measured(parts, stroke("a", 0.40, 0.60, 0.10))
    (row,) = csv.DictReader(io.StringIO(measures_csv(found)))
    assert row["site"] == found[0].site
    assert float(row["length_mm"]) == pytest.approx(found[0].length_mm, abs=0.01)


def test_an_older_face_has_more_of_its_own(parts):
    young, old = (measure_wrinkles(SetAge(age).apply(DocumentState()), *parts) for age in (22.0, 68.0))
    assert sum(one.area_mm2 for one in old) > 1.5 * sum(one.area_mm2 for one in young)
