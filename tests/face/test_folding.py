"""Strokes deepen where the expression pushes the skin together across them, and fade where it draws it apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import rhytid
from rhytid.core.document.commands import AddStrokes, SetStrokeProperties
from rhytid.core.document.document import Document
from rhytid.core.face.folding import compressions, fold_factors
from rhytid.core.head.load import default_head
from rhytid.core.lines.edit import mirror
from rhytid.core.lines.stroke import Stroke

SMILE = {"mouthSmileLeft": 1.0, "mouthSmileRight": 1.0}


def stroke(name: str, start: tuple[float, float], end: tuple[float, float], folding: float = 1.0) -> Stroke:
    return Stroke(name, np.linspace(start, end, 8), np.ones(8), folding=folding)


LEVEL, UPRIGHT = stroke("level", (0.44, 0.09), (0.56, 0.09)), stroke("upright", (0.5, 0.05), (0.5, 0.13))
# Beside the nose's wing: as the nasolabial fold runs, across which a smile pushes the cheek, and along that push.
ACROSS, ALONG = stroke("across", (0.377, 0.57), (0.343, 0.59)), stroke("along", (0.35, 0.563), (0.37, 0.597))


@pytest.mark.parametrize("axis", [0, 1])
def test_compression_is_that_of_the_skin_across_the_line(axis: int) -> None:
    head = default_head()
    squeezed = head.neutral.copy()
    squeezed[:, axis] *= 0.8
    level, upright = compressions((LEVEL, UPRIGHT), head, head.neutral, squeezed)
    across, along = (upright, level) if axis == 0 else (level, upright)
    # The forehead leans back and is round, so a little of what is across lies along the view.
    assert 0.15 < across <= 0.2
    assert abs(along) < 0.01


def test_stretched_skin_counts_the_other_way_and_shares_of_folding_scale_the_answer() -> None:
    head = default_head()
    taller = head.neutral * np.array([1, 1.2, 1], np.float32)
    half = replace(LEVEL, id="half", folding=0.5)
    none = replace(LEVEL, id="none", folding=0.0)
    factors = fold_factors((LEVEL, half, none), head, head.neutral, taller)
    assert set(factors) == {"level", "half"}
    assert 0 < factors["level"] < 0.6
    assert 1 - factors["half"] == pytest.approx((1 - factors["level"]) / 2)
    assert fold_factors((LEVEL, half), head, taller, taller) == {}


def test_pressure_says_where_along_the_line_the_skin_counts() -> None:
    head = default_head()
    lower = head.neutral.copy()
    lower[:, 0] *= np.where(lower[:, 0] > 0, 0.7, 1).astype(np.float32)  # the subject's left half is narrower
    upright = stroke("a", (0.45, 0.05), (0.55, 0.13))
    left = replace(upright, pressure=np.linspace(0, 1, 8))
    right = replace(upright, pressure=np.linspace(1, 0, 8))
    on_left, on_right = compressions((left, right), head, head.neutral, lower)
    assert on_left > 1.5 * on_right > 0


def test_a_line_across_a_smile_deepens_and_one_along_it_does_not() -> None:
    face = rhytid.Face()
    face.engine = "procedural"
    face.expression = SMILE
    pose = face.pose()
    factors = fold_factors((ACROSS, ALONG), face.head, pose.rest, pose.vertices)
    assert factors["across"] > 1.3
    assert factors["along"] < 1.0


def deepest(face: rhytid.Face, one: Stroke) -> float:
    """How deep the stroke is in the face's relief, mm."""
    face.strokes = ()
    bare = face.maps(256).displacement
    face.strokes = (one,)
    return float((bare - face.maps(256).displacement).max())


def test_relief_follows_the_skin_as_far_as_the_stroke_says_and_not_at_all_by_itself() -> None:
    face = rhytid.Face()
    face.engine = "procedural"
    plain = replace(ACROSS, folding=0.0)
    at_rest = deepest(face, ACROSS)
    assert at_rest == deepest(face, plain)
    face.expression = SMILE
    smiling = deepest(face, plain)
    assert deepest(face, ACROSS) > 1.2 * smiling
    assert smiling < deepest(face, replace(ACROSS, folding=0.3)) < deepest(face, ACROSS)


def test_twins_fold_alike() -> None:
    face = rhytid.Face()
    face.expression = SMILE
    pose = face.pose()
    here, there = compressions((ACROSS, mirror(ACROSS, "twin")), face.head, pose.rest, pose.vertices)
    assert mirror(ACROSS, "twin").folding == ACROSS.folding
    assert there == pytest.approx(here, abs=0.03)


def test_folding_is_one_undo_step() -> None:
    document = Document()
    document.execute(AddStrokes((ACROSS,)))
    before = document.state
    document.execute(SetStrokeProperties(("across",), folding=0.25))
    assert document.state.strokes[0].folding == 0.25
    document.undo()
    assert document.state == before
