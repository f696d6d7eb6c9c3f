"""Two faces side by side in one framebuffer: each draws its own columns, and only what is newly shown is shaded."""

from __future__ import annotations

import numpy as np
import pytest
from render_samples import SIZE, bump_map, sheet

from rhytid.core.maps.albedo_map import SkinColors
from rhytid.core.maps.rect import Rect
from rhytid.gui.render.renderer import FaceRenderer
from rhytid.gui.render.view_mode import ViewMode

HALF = SIZE[0] // 2


@pytest.fixture
def other(ctx):
    """Another head: another shape, another colour."""
    made = FaceRenderer(ctx, sheet(bend_mm=60.0, n=17))
    made.set_albedo(SkinColors.of(np.full((64, 64, 3), 60, np.uint8)))
    yield made
    made.release()


def both(picture, left, right, share, **how):
    picture.draw(left, columns=(0.0, share), **how)
    return picture.draw(right, columns=(share, 1.0), **how)


@pytest.mark.parametrize("mode", list(ViewMode))
def test_each_side_shows_its_own_face(renderer, other, picture, mode):
    left, right = (picture.draw(one, mode=mode).copy() for one in (other, renderer))
    shown = both(picture, other, renderer, 0.5, mode=mode)
    assert np.array_equal(shown[:, :HALF], left[:, :HALF])
    assert np.array_equal(shown[:, HALF:], right[:, HALF:])


@pytest.mark.parametrize(
    ("mode", "another"), [(ViewMode.DETAILED, ViewMode.NORMALS), (ViewMode.WIREFRAME, ViewMode.TENSION)]
)
def test_a_dragged_divider_leaves_what_a_whole_new_picture_shows(renderer, other, picture, mode, another):
    for share in (0.3, 0.8, 0.5, 1.0, 0.0, 0.4):
        dragged = both(picture, other, renderer, share, mode=mode)
    both(picture, other, renderer, 0.4, mode=another)
    assert np.array_equal(dragged, both(picture, other, renderer, 0.4, mode=mode))


def test_moved_columns_shade_only_the_strip_that_is_new(renderer, picture, monkeypatch):
    picture.draw(renderer, columns=(0.5, 1.0))
    shaded = []
    draw = renderer._shading.draw
    monkeypatch.setattr(
        renderer._shading, "draw", lambda *arguments: (shaded.append(arguments[-1]), draw(*arguments))[1]
    )
    picture.draw(renderer, columns=(0.4, 1.0))
    assert shaded == [Rect(round(0.4 * SIZE[0]), 0, HALF, SIZE[1])]
    shaded.clear()
    picture.draw(renderer, columns=(0.4, 1.0))
    picture.draw(renderer, columns=(0.6, 1.0))
    assert shaded == []


def test_an_edit_changes_its_own_columns_only(renderer, picture, bump):
    renderer.set_displacement(bump)
    whole = picture.draw(renderer)
    renderer.set_displacement(bump + bump_map(256, -3.0, 0.05), Rect(90, 90, 166, 166))
    after = picture.draw(renderer, columns=(0.5, 1.0))
    assert np.array_equal(after[:, :HALF], whole[:, :HALF]), "what others drew stays"
    assert np.abs(after[:, HALF:] - whole[:, HALF:]).max() > 8
    assert np.abs(picture.draw(renderer)[:, :HALF] - whole[:, :HALF]).max() > 8, "and it comes when it is shown again"


def test_both_sides_are_refined_at_rest(renderer, other, picture):
    rough = both(picture, other, renderer, 0.5)
    for _ in range(200):
        refined = both(picture, other, renderer, 0.5, interactive=False)
        if not (renderer.needs_refinement or other.needs_refinement):
            break
    assert not renderer.needs_refinement
    assert not other.needs_refinement
    for part in (slice(0, HALF), slice(HALF, None)):
        assert not np.array_equal(refined[:, part], rough[:, part])
        assert np.median(np.abs(refined[:, part] - rough[:, part])) < 4
