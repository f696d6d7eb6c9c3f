"""What points of strokes have beyond place and pressure is saved, bounded and read back; older strokes have none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rhytid.core.document.commands import AddStrokes, SetStrokeProperties
from rhytid.core.document.limits import clamp_stroke
from rhytid.core.document.project_json import state_from_json, state_to_json, strokes_from_json, strokes_to_json
from rhytid.core.document.state import DocumentState
from rhytid.core.document.wrinkle_set import wrinkles_from_json, wrinkles_to_json
from rhytid.core.lines.stroke import Profile, Stroke

PLAIN = Stroke("plain", np.array([[0.2, 0.2], [0.4, 0.3], [0.5, 0.3]]), np.array([0.1, 1, 0.5]))
SHAPED = replace(
    PLAIN, id="shaped", breadth=np.array([0.25, 1, 0.5]), tangents=np.arange(12).reshape(3, 4) / 100, tint=-0.5,
    folding=0.4, profile=Profile.SCAR,
)  # fmt: skip


def test_shaped_strokes_come_back_from_projects_and_from_the_clipboard() -> None:
    state = AddStrokes((PLAIN, SHAPED)).apply(DocumentState())
    again = state_from_json(*state_to_json(state), displacement=None)
    assert again.strokes == (PLAIN, SHAPED)
    names = iter("ab")
    pasted = wrinkles_from_json(wrinkles_to_json(state.strokes), lambda: next(names))
    assert pasted == (replace(PLAIN, id="a"), replace(SHAPED, id="b"))


def test_strokes_of_before_have_no_tangents_an_even_width_no_colour_and_do_not_fold() -> None:
    values, points = strokes_to_json([PLAIN])
    for name in ("breadth", "tangents", "tint", "folding"):
        del values[0][name]
    assert strokes_from_json(values, points) == (PLAIN,)


@pytest.mark.parametrize(("name", "value"), [
    ("breadth", [1.0]), ("breadth", [1.0, "a", 1.0]), ("tangents", [0.0] * 11), ("tangents", {}), ("tint", "red"),
    ("folding", None),
    ("breadth", [1.0, float("nan"), 1.0]),
])  # fmt: skip
def test_damaged_shapes_are_refused_by_name(name: str, value: object) -> None:
    values, points = strokes_to_json([SHAPED])
    values[0][name] = value
    with pytest.raises(ValueError, match=name):
        strokes_from_json(values, points)


def test_values_beyond_their_range_are_brought_back() -> None:
    wild = replace(SHAPED, breadth=[-1, 2, 0.5], tangents=np.full((3, 4), 9.0), tint=-7.0, folding=3.0)
    inside = clamp_stroke(wild)
    assert inside.breadth is not None
    assert inside.breadth.tolist() == [0, 1, 0.5]
    assert inside.tangents is not None
    assert np.abs(inside.tangents).max() == 1
    assert (inside.tint, inside.folding) == (-1, 1)
    assert clamp_stroke(SHAPED) is SHAPED
    state = AddStrokes((PLAIN,)).apply(DocumentState())
    assert SetStrokeProperties(("plain",), tint=0.5).apply(state).strokes[0].tint == 0.5
