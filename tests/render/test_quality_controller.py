from __future__ import annotations

from rhytid.gui.render.accumulation import jitter_sequence
from rhytid.gui.render.quality import SCALES, QualityController


def test_slow_frames_lower_the_resolution_and_fast_ones_raise_it_again():
    quality = QualityController(budget_ms=50)
    assert quality.scale == 1.0
    for _ in range(3):
        quality.measured(90)
    assert quality.scale < 1.0
    for _ in range(60):
        quality.measured(10)
    assert quality.scale == 1.0


def test_the_resolution_settles_where_frames_fit_the_budget():
    quality = QualityController(budget_ms=50)
    for _ in range(200):
        quality.measured(75 * quality.scale**2)
    assert 75 * quality.scale**2 < 50
    settled = quality.scale
    for _ in range(50):
        quality.measured(75 * quality.scale**2)
        assert quality.scale == settled


def test_the_lowest_resolution_is_kept_however_slow():
    quality = QualityController()
    for _ in range(50):
        quality.measured(1e4)
    assert quality.scale == SCALES[-1]


def test_one_slow_frame_changes_nothing():
    quality = QualityController(budget_ms=50)
    for _ in range(10):
        quality.measured(20)
    quality.measured(70)
    assert quality.scale == 1.0


def test_jitter_stays_inside_the_pixel_and_ends_at_its_centre():
    for n in (1, 2, 8, 16):
        sequence = jitter_sequence(n)
        assert len(set(sequence)) == n
        assert sequence[-1] == (0.0, 0.0)
        assert all(abs(x) <= 0.5 and abs(y) <= 0.5 for x, y in sequence)
