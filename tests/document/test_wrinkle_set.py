"""Strokes as text for the clipboard: nothing lost, nothing wrong let in."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from document_samples import stroke
from hypothesis import given
from hypothesis import strategies as st

from rhytid.core.detail.wrinkles import generated_strokes
from rhytid.core.document.wrinkle_set import MAX_BYTES, wrinkles_from_json, wrinkles_to_json
from rhytid.core.files.reading import FileRefused
from rhytid.core.lines.stroke import Stroke

OWN = generated_strokes(2)[:40]


def read(data: bytes) -> tuple[Stroke, ...]:
    numbers = count()
    return wrinkles_from_json(data, lambda: f"new{next(numbers)}")


def test_strokes_come_back_bit_for_bit_under_other_ids() -> None:
    strokes = (*OWN, replace(stroke("a", 1), from_source=True, layer="elsewhere"))
    back = read(wrinkles_to_json(strokes))
    assert [s.id for s in back] == [f"new{i}" for i in range(len(strokes))]
    for old, new in zip(strokes, back, strict=True):
        layer = old.layer if old.layer.startswith("site:") else ""
        assert replace(new, id=old.id) == replace(old, layer=layer, from_source=False)


def test_equal_strokes_give_equal_bytes() -> None:
    assert wrinkles_to_json(OWN) == wrinkles_to_json(tuple(replace(s) for s in OWN))


def test_text_from_before_there_was_a_growth_is_read() -> None:
    document = json.loads(wrinkles_to_json(OWN))
    for values in document["strokes"]:
        del values["binding"]["growth"]
    assert [replace(s, id="") for s in read(json.dumps(document).encode())] == [replace(s, id="") for s in OWN]


GOOD = wrinkles_to_json(OWN[:3])


@pytest.mark.parametrize("change", [
    lambda d: d.update(format="other"), lambda d: d.update(version=2), lambda d: d.pop("points"),
    lambda d: d["points"].pop(), lambda d: d["points"].append([0, 0, 0]), lambda d: d["points"][0].append(1),
    lambda d: d.update(points="x"), lambda d: d["points"][0].__setitem__(0, 7.0), lambda d: d.update(strokes={}),
    lambda d: d["strokes"][0].update(depth_mm=99.0), lambda d: d["strokes"][0].update(width="1"),
    lambda d: d["strokes"][0].update(extra=1), lambda d: d["strokes"][0].update(n_points=2**60),
    lambda d: d["strokes"].append(d["strokes"][0]), lambda d: d["strokes"][0].update(layer=5),
])  # fmt: skip
def test_what_is_wrong_is_refused(change) -> None:
    document = json.loads(GOOD)
    change(document)
    with pytest.raises(FileRefused):
        read(json.dumps(document).encode())


@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=3))
def test_broken_text_is_refused_or_read_and_nothing_else(at: int, bytes_in: bytes) -> None:
    try:
        strokes = read(GOOD[:at] + bytes_in + GOOD[at + len(bytes_in) :])
    except FileRefused:
        return
    assert all(np.isfinite(s.points).all() for s in strokes)


def test_too_much_text_is_refused() -> None:
    with pytest.raises(FileRefused, match="too many"):
        read(b" " * (MAX_BYTES + 1))
