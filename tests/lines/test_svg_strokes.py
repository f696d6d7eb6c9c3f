"""Strokes survive SVG; hostile or odd SVG gives one clear error."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from line_samples import arc, stroke_sets

from rhytid.core.lines import svg
from rhytid.core.lines.stroke import Binding, Onset, Stroke
from rhytid.core.lines.svg import SvgError, strokes_from_svg, strokes_to_svg


@settings(max_examples=30, deadline=None)
@given(stroke_sets)
def test_writing_and_reading_gives_equal_strokes(strokes: list[Stroke]) -> None:
    assert strokes_from_svg(strokes_to_svg(strokes)) == tuple(strokes)


def test_names_bindings_and_flags_survive() -> None:
    stroke = replace(
        arc(5), name='crow\'s "feet" <3 & ü', birth_age=42.5, visible=False, from_source=True,
        binding=Binding(Onset.ACTION_UNITS, (("AU12", 0.7), ("AU6", 1.0))),
    )  # fmt: skip
    text = strokes_to_svg([stroke])
    assert strokes_from_svg(text) == strokes_from_svg(text.encode()) == (stroke,)
    assert strokes_to_svg(strokes_from_svg(text)) == text


def test_a_drawing_programs_svg_is_understood() -> None:
    text = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100"><g>
      <path d="M20 10l40,0v10H100z m5,5 L10-10.5.5 2" stroke-width="4px"/>
      <polyline points="0,0 100,50 200,100"/><line x1="1" y1="2" x2="3" y2="4"/></g></svg>"""
    first, second, third, fourth = strokes_from_svg(text)
    assert first.points == pytest.approx(np.array([[0.1, 0.1], [0.3, 0.1], [0.3, 0.2], [0.5, 0.2], [0.1, 0.1]]))
    assert first.width == pytest.approx(0.02)
    assert len({stroke.id for stroke in (first, second, third, fourth)}) == 4
    assert third.points[1] == pytest.approx([0.5, 0.5])


def test_curves_become_polylines() -> None:
    text = '<svg viewBox="0 0 100 100"><path d="M10,10 C10,60 90,60 90,10 s5 5 5 5 Q95 50 50 50 t-5 5"/></svg>'
    (stroke,) = strokes_from_svg(text)
    assert len(stroke.points) > 30
    assert stroke.points[:, 1].max() == pytest.approx(0.55, abs=0.01)
    assert stroke.points[-1] == pytest.approx([0.45, 0.55], abs=1e-6)
    assert np.abs(np.diff(stroke.points, axis=0)).max() < 0.12


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "well-formed"),
        ("<svg", "well-formed"),
        ("<html></html>", "outermost"),
        ('<!DOCTYPE svg [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><svg>&c;</svg>', "entities"),
        ('<svg viewBox="0 0 0 0"/>', "viewBox"),
        ('<svg><path d="M0 0 A1 1 0 0 0 5 5"/></svg>', "path command"),
        ('<svg><path d="M0 0 L1"/></svg>', "middle of a point"),
        ('<svg><path d="L1 1 2 2"/></svg>', "move"),
        ('<svg><path d="M0 0 L1e999 1"/></svg>', "finite"),
        ('<svg><path d="M0 0 Lx 1"/></svg>', "no number"),
        ('<svg><path transform="scale(2)" d="M0 0 L1 1"/></svg>', "transform"),
        ('<svg><path data-profile="canyon" d="M0 0 L1 1"/></svg>', "canyon"),
        ('<svg><path data-onset="always" data-weights="[1" d="M0 0 L1 1"/></svg>', "stroke"),
        ('<svg><path stroke-width="0" d="M0 0 L1 1"/></svg>', "width"),
    ],
)
def test_bad_svg_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(SvgError, match=reason):
        strokes_from_svg(text)


def test_sizes_are_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    text = strokes_to_svg([arc(1), arc(2)])
    monkeypatch.setattr(svg, "MOST_STROKES", 1)
    with pytest.raises(SvgError, match="more than"):
        strokes_from_svg(text)
    monkeypatch.setattr(svg, "MOST_BYTES", 100)
    with pytest.raises(SvgError, match="larger"):
        strokes_from_svg(text)
