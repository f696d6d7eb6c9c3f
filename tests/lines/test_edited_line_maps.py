"""A picture of lines after editing tells which strokes stayed, went or came."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from line_samples import arc, stroke_sets

from rhytid.core.lines import polyline
from rhytid.core.lines.edit import erase
from rhytid.core.lines.extract import extract_lines
from rhytid.core.lines.match import NothingDrawnError, strokes_from_edited_map
from rhytid.core.lines.raster import draw_line_map
from rhytid.core.lines.relief import relief
from rhytid.core.lines.stroke import Stroke


def as_png(picture: np.ndarray) -> np.ndarray:
    """The picture written as PNG and read again."""
    ok, data = cv2.imencode(".png", picture.astype(np.uint8) * 255)
    assert ok
    return cv2.imdecode(data, cv2.IMREAD_GRAYSCALE) > 127


def apart(count: int = 6) -> list[Stroke]:
    """Strokes that do not touch each other."""
    t = np.linspace(0, 1, 30)
    return [
        Stroke(
            id=f"s{i}",
            points=np.stack([0.15 + 0.6 * t, 0.1 + 0.14 * i + 0.02 * np.sin(6 * t + i)], axis=1),
            pressure=0.5 + 0.5 * t,
        )
        for i in range(count)
    ]


def length(strokes: tuple[Stroke, ...]) -> float:
    return sum(float(polyline.arc_length(stroke.points.astype(np.float64))[-1]) for stroke in strokes)


@pytest.mark.parametrize("resolution", [256, 512, 1024, 2048])
@pytest.mark.parametrize("thickness", [1, 2, 3])
def test_an_unedited_picture_changes_nothing(resolution: int, thickness: int) -> None:
    strokes = [(arc(seed), 1.0) for seed in range(30)]
    noise = np.random.default_rng(0).normal(0, 0.02, (256, 256))
    extracted = extract_lines(relief(strokes, 256) + noise)
    assert len(extracted) > 15
    picture = draw_line_map(extracted, resolution).astype(np.uint8)
    picture = as_png(cv2.dilate(picture, np.ones((thickness, thickness), np.uint8)))
    result = strokes_from_edited_map(extracted, picture)
    assert result == (extracted, (), ())
    assert all(kept is stroke for kept, stroke in zip(result.kept, extracted, strict=True))


@settings(max_examples=25, deadline=None)
@given(stroke_sets, st.sampled_from([64, 256, 700]))
def test_any_strokes_survive_their_own_picture(strokes: list[Stroke], resolution: int) -> None:
    assert strokes_from_edited_map(strokes, draw_line_map(strokes, resolution)) == (tuple(strokes), (), ())


def at_the_border(row: float) -> Stroke:
    """A stroke that runs along a border of the map, or beyond it."""
    x = np.linspace(0.2, 0.8, 20)
    return Stroke(id=f"row {row:g}", points=np.stack([x, np.full(20, row)], axis=1), pressure=np.ones(20))


@pytest.mark.parametrize("row", [-0.004, 0.0, 1.0, 1.004])
def test_an_unedited_picture_keeps_what_it_cannot_show(row: float) -> None:
    strokes = [at_the_border(row), *apart(2)]
    assert strokes_from_edited_map(strokes, draw_line_map(strokes, 256)) == (tuple(strokes), (), ())


def test_lines_at_the_border_of_a_map_are_in_its_picture() -> None:
    noise = cv2.GaussianBlur(np.random.default_rng(3).normal(0, 0.3, (256, 256)).astype(np.float32), (0, 0), 2)
    extracted = extract_lines(noise)
    points = np.concatenate([stroke.points for stroke in extracted])
    assert ((points < 1.5 / 256) | (points > 1 - 1.5 / 256)).any()
    assert points.min() >= 0.5 / 256
    assert points.max() <= 1 - 0.5 / 256
    assert strokes_from_edited_map(extracted, draw_line_map(extracted, 256)) == (extracted, (), ())


@pytest.mark.parametrize("resolution", [256, 1024])
def test_a_missing_line_is_erased(resolution: int) -> None:
    strokes = apart()
    result = strokes_from_edited_map(strokes, draw_line_map(strokes[:2] + strokes[3:], resolution))
    assert result.kept == tuple(strokes[:2] + strokes[3:])
    assert result.erased == (strokes[2],)
    assert result.drawn == ()


@pytest.mark.parametrize("resolution", [256, 1024])
def test_a_gap_splits_a_stroke_like_the_eraser_does(resolution: int) -> None:
    strokes = apart()
    split = erase(strokes, [(0.45, 0.37)], 0.06)
    assert len(split) == len(strokes) + 1
    result = strokes_from_edited_map(strokes, draw_line_map(split, resolution))
    assert [stroke.id for stroke in result.kept] == [stroke.id for stroke in split]
    for kept, wanted in zip(result.kept, split, strict=True):
        assert kept.points[[0, -1]] == pytest.approx(wanted.points[[0, -1]], abs=2.5 / resolution)
    assert length(result.erased) == pytest.approx(0.12, abs=0.02)
    assert result.drawn == ()


@pytest.mark.parametrize(("resolution", "thickness"), [(256, 1), (256, 3), (1024, 3)])
def test_a_new_line_is_drawn_in_one_piece_across_old_ones(resolution: int, thickness: int) -> None:
    strokes = apart()
    picture = draw_line_map(strokes, resolution).astype(np.uint8)
    a, b = (int(0.25 * resolution), int(0.15 * resolution)), (int(0.6 * resolution), int(0.85 * resolution))
    cv2.line(picture, a, b, 1, thickness)
    result = strokes_from_edited_map(strokes, as_png(picture), depth_mm=0.3, width=0.02)
    assert result.kept == tuple(strokes)
    assert result.erased == ()
    (drawn,) = result.drawn
    ends = drawn.points[np.argsort(drawn.points[:, 1])][[0, -1]]
    assert ends == pytest.approx(np.array([[0.25, 0.15], [0.6, 0.85]]), abs=4 / 256)
    assert (drawn.depth_mm, drawn.width, drawn.from_source) == (0.3, 0.02, False)


def test_an_empty_picture_erases_everything_and_specks_draw_nothing() -> None:
    strokes = apart()
    empty = np.zeros((256, 256), bool)
    assert strokes_from_edited_map(strokes, empty, erase_all=True) == ((), tuple(strokes), ())
    with pytest.raises(NothingDrawnError, match=f"all {len(strokes)} would be erased"):
        strokes_from_edited_map(strokes, empty)
    assert strokes_from_edited_map((), empty) == ((), (), ())
    picture = draw_line_map(strokes, 256)
    picture[5, 5] = True
    assert strokes_from_edited_map(strokes, picture).drawn == ()


def test_lines_can_be_drawn_where_there_were_none() -> None:
    picture = np.zeros((300, 300), np.uint8)
    cv2.ellipse(picture, (150, 150), (80, 50), 0, 0, 250, 1)
    result = strokes_from_edited_map((), picture > 0, id_prefix="new")
    assert [stroke.id for stroke in result.drawn] == ["new-1"]


@pytest.mark.parametrize("shape", [(256, 255), (32, 32), (256,)])
def test_bad_pictures_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="line map"):
        strokes_from_edited_map((), np.zeros(shape, bool))
