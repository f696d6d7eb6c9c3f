"""A and B in one picture: what is kept shows left of the divider, and only what the divider crosses is shaded."""

from __future__ import annotations

import numpy as np
import pytest
from render_samples import SIZE, bump_map

from rhytid.core.maps.albedo_map import SkinColors
from rhytid.core.maps.rect import Rect
from rhytid.gui.render.view_mode import ViewMode

HALF = SIZE[0] // 2


@pytest.fixture
def sides(renderer, picture, bump):
    """Pictures of the kept detail alone and of the present one alone; the renderer then shows the present one."""

    def draw(mode):
        renderer.set_displacement(-bump)
        kept = picture.draw(renderer, mode=mode)
        renderer.keep(-bump)
        renderer.set_displacement(bump)
        return kept, picture.draw(renderer, mode=mode)

    return draw


def close(a: np.ndarray, b: np.ndarray) -> bool:
    """Equal but for a few pixels: vertices stay where the detail was when the geometry buffer was made."""
    return float((np.abs(a - b).max(axis=2) > 6).mean()) < 0.02


@pytest.mark.parametrize("mode", list(ViewMode))
def test_each_side_of_the_divider_shows_its_own_detail(renderer, picture, sides, mode):
    kept, present = sides(mode)
    both = picture.draw(renderer, mode=mode, divider=0.5)
    assert close(both[:, :HALF], kept[:, :HALF])
    assert np.array_equal(both[:, HALF:], present[:, HALF:])
    if mode.shows_detail:
        assert not close(both[:, :HALF], present[:, :HALF])


@pytest.mark.parametrize(
    ("mode", "another"), [(ViewMode.DETAILED, ViewMode.NORMALS), (ViewMode.WIREFRAME, ViewMode.TENSION)]
)
def test_a_dragged_divider_leaves_what_a_whole_new_picture_shows(renderer, picture, sides, mode, another):
    sides(mode)
    for divider in (0.3, 0.8, 0.5, 1.0, 0.4):
        dragged = picture.draw(renderer, mode=mode, divider=divider)
    picture.draw(renderer, mode=another, divider=0.4)
    assert np.array_equal(dragged, picture.draw(renderer, mode=mode, divider=0.4))


def test_a_moved_divider_shades_only_the_strip_between(renderer, picture, sides, monkeypatch):
    sides(ViewMode.DETAILED)
    picture.draw(renderer, divider=0.5)
    shaded = []
    draw = renderer._shading.draw
    monkeypatch.setattr(
        renderer._shading, "draw", lambda *arguments: (shaded.append(arguments[-1]), draw(*arguments))[1]
    )
    picture.draw(renderer, divider=0.6)
    assert shaded == [Rect(HALF, 0, round(0.6 * SIZE[0]), SIZE[1])]
    shaded.clear()
    picture.draw(renderer, divider=0.6)
    assert shaded == []


def test_an_edit_under_a_divider_changes_its_own_side_only(renderer, picture, bump):
    renderer.keep(bump)
    renderer.set_displacement(bump)
    before = picture.draw(renderer, divider=0.5)
    renderer.set_displacement(bump + bump_map(256, -3.0, 0.05), Rect(90, 90, 166, 166))
    after = picture.draw(renderer, divider=0.5)
    assert np.array_equal(after[:, :HALF], before[:, :HALF])
    assert np.abs(after[:, HALF:] - before[:, HALF:]).max() > 8


def test_without_anything_kept_the_divider_shows_the_present_everywhere(renderer, picture, bump):
    renderer.set_displacement(bump)
    plain = picture.draw(renderer)
    assert np.array_equal(picture.draw(renderer, divider=0.5), plain)
    renderer.keep(-bump)
    assert not np.array_equal(picture.draw(renderer, divider=0.5), plain)
    renderer.keep(None)
    assert np.array_equal(picture.draw(renderer, divider=0.5), plain)


def test_the_kept_side_keeps_its_skin_colour(renderer, picture):
    dark, light = (np.full((64, 64, 3), value, np.uint8) for value in (60, 200))
    renderer.keep(np.zeros((64, 64), np.float32), SkinColors.of(dark))
    renderer.set_albedo(light)
    both = picture.draw(renderer, divider=0.5)
    middle = both[SIZE[1] // 2]
    assert middle[HALF - 20].mean() < middle[HALF + 20].mean() - 30


def test_both_sides_are_refined_at_rest(renderer, picture, sides):
    sides(ViewMode.DETAILED)
    rough = picture.draw(renderer, divider=0.5)
    for _ in range(200):
        picture.draw(renderer, divider=0.5, interactive=False)
        if not renderer.needs_refinement:
            break
    refined = picture.draw(renderer, divider=0.5, interactive=False)
    assert not renderer.needs_refinement
    for part in (slice(0, HALF), slice(HALF, None)):
        assert not np.array_equal(refined[:, part], rough[:, part])
        assert np.median(np.abs(refined[:, part] - rough[:, part])) < 4
