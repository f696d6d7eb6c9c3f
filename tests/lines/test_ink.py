"""Ink is told from paper whatever the colours of both."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from rhytid.core.lines.ink import InkError, find_ink

WHITE, BLACK, RED, CREAM, BLUE = (1, 1, 1), (0, 0, 0), (0.85, 0.1, 0.1), (0.98, 0.93, 0.8), (0.1, 0.1, 0.5)


def drawing(size: int = 256) -> np.ndarray:
    picture = np.zeros((size, size), np.uint8)
    for y in (40, 90, 150, 200):
        cv2.line(picture, (30, y), (size - 40, y + 15), 1)
    return picture > 0


def painted(lines: np.ndarray, ink: tuple[float, ...], paper: tuple[float, ...]) -> np.ndarray:
    return np.where(lines[..., None], np.float32(ink), np.float32(paper)).astype(np.float32)


@pytest.mark.parametrize(
    ("ink", "paper", "assumed"),
    [
        (WHITE, BLACK, "white ink on black paper"),
        (BLACK, WHITE, "black ink on white paper"),
        (RED, WHITE, "coloured ink on white paper"),
        (RED, BLACK, "coloured ink on black paper"),
        (BLUE, CREAM, "coloured ink on white paper"),
        (CREAM, BLUE, "white ink on coloured paper"),
        ((0.06,) * 3, BLACK, "black ink on black paper"),
        ((0.93,) * 3, WHITE, "white ink on white paper"),
        ((0.3,) * 3, (0.5,) * 3, "grey ink on grey paper"),
    ],
)
def test_any_ink_on_any_paper(ink: tuple[float, ...], paper: tuple[float, ...], assumed: str) -> None:
    lines = drawing()
    found = find_ink(painted(lines, ink, paper), np.ones(lines.shape, np.float32))
    np.testing.assert_array_equal(found.lines, lines)
    assert found.assumed == assumed


@pytest.mark.parametrize("softness", [0.0, 1.0])
def test_marks_that_are_too_faint_are_told(softness: float) -> None:
    lines = drawing()
    strength = lines.astype(np.float32)
    strength[128:] *= np.float32(0.2)
    if softness:
        strength = cv2.GaussianBlur(strength, (0, 0), softness)
    opaque = np.ones(lines.shape, np.float32)
    assert find_ink(np.repeat(strength[..., None], 3, axis=2), opaque).assumed.endswith("fainter marks are left out")
    strength[128:] = 0
    assert "faint" not in find_ink(np.repeat(strength[..., None], 3, axis=2), opaque).assumed


@pytest.mark.parametrize("ink", [WHITE, BLACK, RED])
@pytest.mark.parametrize("hidden", [WHITE, BLACK, RED])
@pytest.mark.parametrize("strength", [1.0, 0.3])
def test_ink_on_transparent_ground(ink: tuple[float, ...], hidden: tuple[float, ...], strength: float) -> None:
    lines = drawing()
    found = find_ink(painted(lines, ink, hidden), lines.astype(np.float32) * np.float32(strength))
    np.testing.assert_array_equal(found.lines, lines)
    assert found.assumed.endswith("ink on transparent paper")


@pytest.mark.parametrize("hidden", [WHITE, BLACK])
def test_paper_that_is_cut_out_stays_paper(hidden: tuple[float, ...]) -> None:
    """White lines on a black face; around the face nothing."""
    lines = drawing()
    row, column = np.mgrid[:256, :256] - 127.5
    face = np.hypot(row, column) < 120
    color = np.where(face[..., None], painted(lines, WHITE, BLACK), np.float32(hidden)).astype(np.float32)
    np.testing.assert_array_equal(find_ink(color, face.astype(np.float32)).lines, lines & face)


def test_smooth_edges_and_weaker_strokes_count() -> None:
    picture = np.zeros((256, 256), np.uint8)
    cv2.line(picture, (20, 30), (230, 60), 255, 1, cv2.LINE_AA)
    cv2.line(picture, (20, 130), (230, 160), 120, 1, cv2.LINE_AA)
    color = np.repeat(picture[..., None] / np.float32(255), 3, axis=2)
    found = find_ink(color, np.ones(picture.shape, np.float32)).lines
    columns = np.arange(25, 225)
    assert all(found[:100, column].any() and found[100:, column].any() for column in columns)
    assert cv2.distanceTransform((picture == 0).astype(np.uint8), cv2.DIST_L2, 5)[found].max() == 0


@pytest.mark.parametrize("paper", [BLACK, WHITE, RED, (0.5,) * 3])
@pytest.mark.parametrize("opacity", [0.0, 1.0])
def test_paper_alone_has_no_line(paper: tuple[float, ...], opacity: float) -> None:
    nothing = np.zeros((64, 64), bool)
    found = find_ink(painted(nothing, paper, paper), np.full(nothing.shape, opacity, np.float32))
    assert not found.lines.any()
    assert "without ink" in found.assumed


def test_grain_of_paper_is_no_ink() -> None:
    lines = drawing()
    grain = np.random.default_rng(0).normal(0.9, 0.01, (*lines.shape, 1)).astype(np.float32)
    color = np.where(lines[..., None], np.float32(0.2), grain) * np.ones(3, np.float32)
    np.testing.assert_array_equal(find_ink(color, np.ones(lines.shape, np.float32)).lines, lines)


def test_what_covers_much_of_a_picture_is_refused() -> None:
    half = np.zeros((64, 64), bool)
    half[:26] = True
    with pytest.raises(InkError, match="41% of the picture would be ink"):
        find_ink(painted(half, WHITE, BLACK), np.ones(half.shape, np.float32))
