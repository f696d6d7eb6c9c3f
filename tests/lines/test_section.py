"""The cross-section of a stroke is that of the displacement it makes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rhytid.core.lines.profile import cross_section
from rhytid.core.lines.relief import relief
from rhytid.core.lines.section import section_of
from rhytid.core.lines.stroke import Profile, Stroke, Style

LINE = Stroke("s", np.array([[0.5, 0.2], [0.5, 0.5], [0.5, 0.8]]), np.ones(3), width=0.03, depth_mm=0.8)


@pytest.mark.parametrize("profile", list(Profile))
def test_it_is_the_cross_section_in_mm_and_the_displacement(profile: Profile) -> None:
    stroke = replace(LINE, profile=profile)
    across, height = section_of(stroke)
    half_mm = 0.03 * 200 / 2
    q = ((across / half_mm) ** 2).astype(np.float32)
    left = across < 0  # of a line that goes down, as the chart is seen: to its right in x
    assert height == pytest.approx(0.8 * cross_section(profile, q, left).astype(float), abs=0.02)
    side = 2048
    row = relief([(stroke, 1.0)], side)[side // 2]
    x = (0.5 - across / 200) * side - 0.5
    assert np.interp(x, np.arange(side), row) == pytest.approx(height, abs=0.02)


def test_depth_width_style_and_place_show_in_it() -> None:
    assert section_of(replace(LINE, depth_mm=-0.5))[1].max() == pytest.approx(0.5, abs=0.01)
    assert np.ptp(section_of(replace(LINE, width=0.001))[0]) < 2
    assert np.ptp(section_of(replace(LINE, width=0.15))[0]) > 100
    thin = replace(LINE, pressure=np.array([0.2, 0.6, 1.0]))
    assert section_of(thin, 0.25)[1].min() > section_of(thin, 0.75)[1].min()
    natural = section_of(replace(LINE, style=Style.NATURAL, seed=3))[1]
    assert np.abs(natural - section_of(LINE)[1]).max() > 0.02
    edge = replace(LINE, points=LINE.points * [0, 1] + [0.001, 0])
    assert np.isfinite(section_of(edge)[1]).all()
