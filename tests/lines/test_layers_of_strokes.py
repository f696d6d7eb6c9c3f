"""What layers make of strokes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rhytid.core.lines.layer import MASK_SIDE, Layering, StrokeLayer, brush_share, mask_at, masked, painted
from rhytid.core.lines.relief import relief
from rhytid.core.lines.stroke import Stroke


def stroke(name: str = "a", layer: str = "", y: float = 0.5) -> Stroke:
    x = np.linspace(0.2, 0.8, 9)
    return Stroke(name, np.stack([x, np.full(9, y)], axis=1), np.full(9, 0.8), layer=layer)


def distance_to(places: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Distances (H, W) of places (H, W, 2) from a segment."""
    along = end - start
    length2 = along @ along
    share = np.clip((places - start) @ along / length2, 0, 1)[..., None] if length2 > 1e-12 else 0.0
    return np.linalg.norm(places - start - share * along, axis=-1)


def half_mask() -> np.ndarray:
    mask = np.zeros((MASK_SIDE, MASK_SIDE), np.uint8)
    mask[:, : MASK_SIDE // 2] = 255
    return mask


def test_without_layers_strokes_stay_the_same_objects() -> None:
    strokes = (stroke("a"), stroke("b", "one"))
    assert Layering().shown(strokes) is strokes
    assert Layering().left_to_engine(strokes) is strokes
    plain = Layering((StrokeLayer("one"),)).shown(strokes)
    assert all(a is b for a, b in zip(plain, strokes, strict=True))


def test_strength_multiplies_depth_and_may_turn_it_round() -> None:
    strokes = (stroke("a", "one"), stroke("b"))
    deep, other = Layering((StrokeLayer("one", strength=-2.0),)).shown(strokes)
    assert deep.depth_mm == -2 * strokes[0].depth_mm
    assert other is strokes[1]
    ridge = relief([(deep, 1.0)], 128)
    assert np.allclose(ridge, -2 * relief([(strokes[0], 1.0)], 128), atol=1e-6)


def test_hidden_and_solo_layers() -> None:
    strokes = (stroke("a", "one"), stroke("b", "two"), stroke("c"))

    def visible(*layers: StrokeLayer) -> str:
        return "".join(s.id for s in Layering(layers).shown(strokes) if s.visible)

    assert visible(StrokeLayer("one", visible=False), StrokeLayer("two")) == "bc"
    assert visible(StrokeLayer("one", solo=True), StrokeLayer("two")) == "a"
    assert visible(StrokeLayer("one", solo=True), StrokeLayer("two", solo=True)) == "ab"
    assert visible(StrokeLayer("one", solo=True, visible=False), StrokeLayer("two")) == ""


def test_a_mask_shows_what_lies_in_it_and_hides_the_rest() -> None:
    whole = stroke()
    part = masked(whole, half_mask())
    assert part.points[:, 0].max() < 0.52
    before, after = relief([(whole, 1.0)], 256), relief([(part, 1.0)], 256)
    left, right = slice(0, 110), slice(134, 256)
    assert np.abs(after[:, right]).max() == 0
    assert np.abs(after[:, left] - before[:, left]).max() < 0.1 * np.abs(before).max()


def test_a_full_mask_changes_nothing_and_an_empty_one_hides() -> None:
    whole = stroke()
    full = np.full((MASK_SIDE, MASK_SIDE), 255, np.uint8)
    assert masked(whole, full) is whole
    assert not masked(whole, np.zeros_like(full)).visible


def test_the_engine_leaves_out_what_was_taken_by_stroke_or_layer() -> None:
    own = (stroke("a", "one"), stroke("b", "one"), stroke("c", "two"))
    assert [s.id for s in Layering((), ("b",)).left_to_engine(own)] == ["a", "c"]
    assert [s.id for s in Layering((), ("one",)).left_to_engine(own)] == ["c"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-0.2, 1.2), st.floats(-0.2, 1.2)), min_size=1, max_size=5),
    st.floats(0.002, 0.15), st.floats(0, 1),
)  # fmt: skip
def test_a_brush_changes_a_mask_under_it_alone_and_towards_its_value(path, radius, value) -> None:
    base = half_mask()
    new = painted(base, brush_share(path, radius), value)
    assert base.tobytes() == half_mask().tobytes(), "a mask is never changed in place"
    axis = (np.arange(MASK_SIDE) + 0.5) / MASK_SIDE
    x, y = np.meshgrid(axis, axis)
    segments = zip(path, path[1:] or path, strict=False)
    distance = np.min([distance_to(np.stack([x, y], axis=-1), *np.array(segment)) for segment in segments], axis=0)
    away = distance > radius + 1.5 / MASK_SIDE + 0.005
    assert np.array_equal(new[away], base[away])
    target = 255 * value
    assert (np.abs(new - target) <= np.abs(base - target) + 0.51).all()


def test_a_mask_is_read_between_texels() -> None:
    mask = half_mask()
    at = mask_at(mask, np.array([[0.25, 0.5], [0.5, 0.5], [0.75, 0.5]]))
    assert at == pytest.approx([1.0, 0.5, 0.0], abs=0.01)


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="256"):
        StrokeLayer("a", mask=np.zeros((8, 8), np.uint8))
