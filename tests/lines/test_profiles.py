"""Cross-sections of fine lines, scars and strokes of uneven width, as they are drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rhytid.core.lines.profile import cross_section, support_radius
from rhytid.core.lines.relief import affected_rect, relief
from rhytid.core.lines.stroke import Profile, Stroke, Style
from rhytid.core.maps.rect import Rect

SIDE = 512
x = np.linspace(0.2, 0.8, 40)
LINE = Stroke("s", np.column_stack([x, np.full(40, 0.5)]), np.ones(40), width=0.04, depth_mm=1.0)


@pytest.mark.parametrize("profile", list(Profile))
def test_every_cross_section_is_deepest_at_the_line_and_ends_smoothly(profile: Profile) -> None:
    q = (np.linspace(0, 1.2 * support_radius(profile), 600) ** 2).astype(np.float32)
    for side in (np.zeros(600, bool), np.ones(600, bool)):
        value = cross_section(profile, q, side)
        assert value[0] == pytest.approx(-1)
        assert value.min() == pytest.approx(-1)
        assert (value[q > support_radius(profile) ** 2 * 1.0001] == 0).all()
        assert np.abs(np.diff(value)).max() < 0.03


def test_a_scar_has_a_floor_and_a_fine_line_none_and_neither_bulges() -> None:
    q = (np.linspace(0, 2, 200) ** 2).astype(np.float32)
    scar, fine, furrow = (cross_section(p, q) for p in (Profile.SCAR, Profile.FINE_LINE, Profile.WRINKLE))
    assert (scar[q < 0.25] < -0.97).all()
    assert (fine[q < 0.25].max() > -0.6)
    assert scar.max() <= 0
    assert fine.max() <= 0
    assert furrow.max() > 0.2


@pytest.mark.parametrize("style", list(Style))
@pytest.mark.parametrize("profile", list(Profile))
def test_a_part_of_the_map_is_the_crop_of_the_whole_whatever_the_width(style: Style, profile: Profile) -> None:
    stroke = replace(LINE, style=style, profile=profile, seed=5, breadth=np.linspace(0.2, 1, 40))
    whole = relief([(stroke, 1.0)], SIDE)
    window = Rect(150, 200, 330, 300)
    assert (relief([(stroke, 1.0)], SIDE, window) == whole[window.slices]).all()
    assert np.isfinite(whole).all()


@pytest.mark.parametrize("style", list(Style))
def test_the_width_follows_its_share_along_the_line(style: Style) -> None:
    stroke = replace(LINE, style=style, profile=Profile.CREASE, seed=5, breadth=np.linspace(0.2, 1, 40))
    valley = relief([(stroke, 1.0)], SIDE) < -0.1
    thin, broad = (valley[:, int(at * SIDE) - 8 : int(at * SIDE) + 8].sum() for at in (0.32, 0.7))
    assert 1.6 * thin < broad
    even = relief([(replace(stroke, breadth=None), 1.0)], SIDE) < -0.1
    assert valley.sum() < 0.8 * even.sum()


def test_what_changes_with_the_width_is_known() -> None:
    even, uneven = LINE, replace(LINE, breadth=np.linspace(0.2, 1, 40))
    bent = replace(uneven, breadth=np.where(x > 0.7, 0.5, uneven.breadth))
    for old, new in ((even, uneven), (uneven, bent)):
        rect = affected_rect([(old, 1.0)], [(new, 1.0)], SIDE)
        differs = relief([(old, 1.0)], SIDE) != relief([(new, 1.0)], SIDE)
        differs[rect.slices] = False
        assert not differs.any()
        assert not rect.empty
