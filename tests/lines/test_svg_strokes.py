"""Strokes as SVG: what a drawing program shows, and all of a stroke beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
from hypothesis import given, settings
from line_samples import arc, stroke_sets

from rhytid.core.lines.stroke import Binding, Onset, Stroke
from rhytid.core.lines.svg import strokes_to_svg


def paths(strokes: list[Stroke]) -> list[ElementTree.Element]:
    root = ElementTree.fromstring(strokes_to_svg(strokes))
    assert root.attrib["viewBox"] == "0 0 1000 1000"
    return root.findall("{http://www.w3.org/2000/svg}path")


def numbers(text: str) -> np.ndarray:
    return np.array(text.replace("M", " ").replace("L", " ").replace(",", " ").split(), float)


@settings(max_examples=30, deadline=None)
@given(stroke_sets)
def test_every_stroke_is_a_path_in_its_place(strokes: list[Stroke]) -> None:
    written = paths(strokes)
    assert len(written) == len(strokes)
    for path, stroke in zip(written, strokes, strict=True):
        assert path.attrib["id"] == stroke.id
        np.testing.assert_allclose(numbers(path.attrib["d"]).reshape(-1, 2), stroke.points * 1000.0, rtol=1e-6)
        np.testing.assert_array_equal(numbers(path.attrib["data-pressure"]).astype(np.float32), stroke.pressure)
        assert np.isclose(float(path.attrib["stroke-width"]) / 1000, stroke.width, rtol=1e-9)
        assert float(path.attrib["data-depth-mm"]) == stroke.depth_mm


def test_names_bindings_and_flags_are_written() -> None:
    stroke = replace(
        arc(5), name='crow\'s "feet" <3 & ü', birth_age=42.5, visible=False, from_source=True,
        binding=Binding(Onset.ACTION_UNITS, (("AU12", 0.7), ("AU6", 1.0))),
    )  # fmt: skip
    (path,) = paths([stroke])
    assert path.attrib["data-name"] == stroke.name
    assert json.loads(path.attrib["data-weights"]) == {"AU12": 0.7, "AU6": 1.0}
    assert path.attrib["data-onset"] == stroke.binding.onset.value
    assert path.attrib["visibility"] == "hidden"
    assert path.attrib["data-from-source"] == "true"
    assert float(path.attrib["data-birth-age"]) == 42.5
