"""What shaders make of one channel of displacement: gradient, mip levels, and rectangles of both."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rhytid.core.maps.gradient import gradient
from rhytid.core.maps.rect import Rect
from rhytid.gui.render.detail_passes import TILE, DetailPasses
from rhytid.gui.render.detail_texture import N_LEVELS, DetailTexture

HALF_STEP = 2.0**-10  # relative distance of neighbouring half floats, at most


@pytest.fixture
def passes(ctx) -> Iterator[DetailPasses]:
    """With room for the largest of the maps below, so that none leaves larger targets behind."""
    made = DetailPasses(ctx)
    largest = DetailTexture(ctx, made, TILE + 256)
    largest.update(np.zeros((TILE + 256, TILE + 256), np.float32), None)
    largest.release()
    yield made
    made.release()


def levels(texture: DetailTexture) -> list[np.ndarray]:
    """All mip levels, float64 (H, H, 4)."""
    found = []
    for level in range(N_LEVELS):
        side = texture.resolution >> level
        if side < 8:
            break
        data = np.frombuffer(texture.texture.read(level=level, alignment=1), np.float16)
        found.append(data.reshape(side, side, 4).astype(np.float64))
    return found


def noise(resolution: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, (resolution, resolution)).astype(np.float32)


@pytest.mark.parametrize("resolution", [64, 256, 320, TILE + 256])
def test_the_gradient_is_that_of_the_closed_form(ctx, passes, resolution):
    """A tilted parabola: central differences of a parabola are exact inside, and half a texel off at the border."""
    t = (np.arange(resolution) + 0.5) / resolution
    x, y = np.meshgrid(t, t)
    texture = DetailTexture(ctx, passes, resolution)
    texture.update((3.0 * x**2 - 2.0 * y**2 + 0.5 * x).astype(np.float32), None)
    found = levels(texture)[0]
    texture.release()
    inside = np.s_[1:-1, 1:-1]
    # The heights are single floats: their rounding, up to 2^-24 * 4 mm each, is divided by two texels.
    tolerance = HALF_STEP * 7 + resolution * 2.0**-22
    np.testing.assert_allclose(found[inside][..., 0], (6 * x + 0.5)[inside], atol=tolerance)
    np.testing.assert_allclose(found[inside][..., 1], (-4 * y)[inside], atol=tolerance)
    np.testing.assert_allclose(found[inside][..., 2], (3 * x**2 - 2 * y**2 + 0.5 * x)[inside], atol=4 * HALF_STEP)
    np.testing.assert_allclose(found[..., 3], np.hypot(found[..., 0], found[..., 1]), rtol=2 * HALF_STEP)
    np.testing.assert_allclose(found[:, 0, 0], (6 * (x + 0.5 / resolution) + 0.5)[:, 0], atol=tolerance)
    np.testing.assert_allclose(found[-1, :, 1], (-4 * (y - 0.5 / resolution))[-1], atol=tolerance)


@pytest.mark.parametrize("resolution", [64, 96, 256, 1024])
def test_every_level_is_what_the_processor_makes_in_single_precision(ctx, passes, resolution):
    displacement = noise(resolution, 1)
    texture = DetailTexture(ctx, passes, resolution)
    texture.update(displacement, None)
    found = levels(texture)
    texture.release()
    slopes = gradient(displacement).astype(np.float64)
    expected = np.dstack([slopes, displacement, np.hypot(slopes[..., 0], slopes[..., 1])])
    largest = np.abs(expected).max(axis=(0, 1))
    assert len(found) == {64: 4, 96: 4, 256: 6, 1024: 7}[resolution]
    # The nearest half floats, whatever the driver rounds by itself.
    nearest = expected[..., :3].astype(np.float32).astype(np.float16)
    np.testing.assert_allclose(found[0][..., :3], nearest, rtol=0, atol=2.0**-24)  # the smallest half float
    for level, texels in enumerate(found):
        side = resolution >> level
        squares = expected * np.where(np.arange(4) == 3, expected, 1)
        means = squares.reshape(side, 1 << level, side, 1 << level, 4).mean(axis=(1, 3))
        means[..., 3] = np.sqrt(means[..., 3])  # so that variances of slopes are exact at every level
        # Each level rounds once more what it averages: a step of the largest value, and no drift.
        assert (np.abs(texels - means).max(axis=(0, 1)) <= HALF_STEP * largest).all()
        assert abs(texels[..., 3].mean() / means[..., 3].mean() - 1) < 1e-4


@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rectangles_leave_what_the_whole_map_gives_bit_for_bit(ctx, passes, data):
    resolution = data.draw(st.sampled_from([64, 160, 256, TILE + 128]))
    place = st.integers(0, resolution - 1)
    displacement = noise(resolution, 2)
    texture = DetailTexture(ctx, passes, resolution)
    texture.update(displacement, None)
    for step in range(data.draw(st.integers(1, 3))):
        (x0, x1), (y0, y1) = (sorted((data.draw(place), data.draw(place))) for _ in "xy")
        rect = Rect(x0, y0, x1 + 1, y1 + 1)
        displacement = displacement.copy()
        displacement[rect.slices] = noise(resolution, 3 + step)[rect.slices]
        named = rect if data.draw(st.booleans()) else None
        touched = texture.update(displacement, named)
        assert touched == rect.grown(1, resolution)
    by_parts = levels(texture)
    texture.release()
    whole = DetailTexture(ctx, passes, resolution)
    whole.update(displacement, None)
    at_once = levels(whole)
    whole.release()
    for part, full in zip(by_parts, at_once, strict=True):
        np.testing.assert_array_equal(part, full)


def test_an_unchanged_map_touches_nothing(ctx, passes):
    texture = DetailTexture(ctx, passes, 128)
    texture.update(noise(128, 1), None)
    assert texture.update(noise(128, 1), None).empty
    texture.release()


def test_nothing_is_left_bound_that_a_window_would_miss(ctx, passes):
    """A window's own framebuffer may have any number: after an update it is drawn into as before."""
    color = ctx.texture((16, 16), 4)
    window = ctx.framebuffer([color])
    texture = DetailTexture(ctx, passes, 64)
    window.use()
    assert ctx.error is not None  # forgets what others left
    texture.update(noise(64, 1), None)
    window.use()
    window.clear(1.0, 0.0, 0.0, 1.0)
    assert window.viewport == (0, 0, 16, 16)
    assert np.frombuffer(window.read(components=4), np.uint8).reshape(-1, 4).tolist() == [[255, 0, 0, 255]] * 256
    assert ctx.error == "GL_NO_ERROR"
    texture.release()
    window.release()
    color.release()
