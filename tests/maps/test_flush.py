from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.maps.flush import MOST_TENSION, flush_factor, flushed
from rhytid.core.maps.srgb import linear_from_srgb


def test_squeezed_skin_is_redder_and_darker_and_stretched_skin_paler() -> None:
    squeezed, rest, stretched = flush_factor([0.2, 0.0, -0.2])
    assert (rest == 1).all()
    assert 0.85 < squeezed[1] < 0.95 < squeezed[0] < 1
    assert squeezed[0] / squeezed[1] > 1.05
    np.testing.assert_allclose(squeezed * stretched, 1, rtol=1e-6)
    np.testing.assert_array_equal(flush_factor(5.0), flush_factor(MOST_TENSION))


@pytest.mark.parametrize("tone", [(225, 185, 165), (201, 156, 135), (75, 45, 32)])
def test_a_texture_changes_by_the_factor_in_every_tone(tone) -> None:
    srgb = np.full((512, 512, 3), tone, np.uint8)
    tension = np.zeros((256, 256), np.float32)
    tension[64:128] = 0.2
    tension[160:224] = -0.2
    assert flushed(srgb, np.zeros_like(tension)) is srgb
    found = flushed(srgb, tension)
    np.testing.assert_array_equal(found[:100], srgb[:100])
    for row, value in ((192, 0.2), (384, -0.2)):
        ratio = linear_from_srgb(found[row, 256] / 255) / linear_from_srgb(srgb[row, 256] / 255)
        np.testing.assert_allclose(ratio, flush_factor(value), atol=0.03)
