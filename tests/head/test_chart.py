"""The chart as a raster and the way back to the skin."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.head.chart import ChartLocator, ChartRaster, rasterise

from .small_head import small_head


def test_sampling_reproduces_linear_functions_at_texel_centres() -> None:
    head = small_head()
    raster = ChartRaster(head, 37)
    assert raster.covered.all()
    sampled = raster.sample(head.chart)
    centre = (np.arange(37) + 0.5) / 37
    np.testing.assert_allclose(sampled[..., 0], np.broadcast_to(centre, (37, 37)), atol=1e-5)
    np.testing.assert_allclose(sampled[..., 1], np.broadcast_to(centre[:, None], (37, 37)), atol=1e-5)
    np.testing.assert_allclose(raster.barycentric.sum(axis=2), 1, atol=1e-5)


def test_texels_without_skin_are_marked_and_extended() -> None:
    head = small_head(chart=small_head().chart * np.float32(0.5))
    raster = ChartRaster(head, 32)
    assert raster.covered[:16, :16].all()
    assert not raster.covered[16:].any()
    assert not raster.covered[:, 16:].any()
    ones = np.ones(head.n_skin, np.float32)
    assert raster.sample(ones, fill=-3.0)[20, 20] == -3.0
    plain = (raster.matrix() @ ones).reshape(32, 32)
    extended = (raster.matrix(extend=True) @ ones).reshape(32, 32)
    np.testing.assert_allclose(plain, raster.covered, atol=1e-5)
    np.testing.assert_allclose(extended, 1, atol=1e-5)


def test_position_finds_vertices_and_points_between() -> None:
    head = small_head()
    raster = ChartRaster(head, 16)
    np.testing.assert_allclose(raster.position(head.neutral, head.chart), head.neutral[: head.n_skin], atol=1e-3)
    middle = head.chart[head.faces[3]].mean(axis=0)
    found = raster.position(head.neutral, middle)
    assert found.shape == (3,)
    np.testing.assert_allclose(found[:2], head.neutral[head.faces[3], :2].mean(axis=0), atol=1e-3)


def test_points_off_the_skin_come_to_its_border() -> None:
    head = small_head()
    found = ChartRaster(head, 16).position(head.neutral, np.array([[1.2, 0.5], [0.5, -3.0]]))
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found[0, 0], 50, atol=8)


@pytest.mark.parametrize("resolution", [0, -1, 8193])
def test_unusable_resolutions_are_refused(resolution: int) -> None:
    with pytest.raises(ValueError, match="resolution"):
        ChartRaster(small_head(), resolution)


def test_locator_agrees_with_the_raster() -> None:
    head = small_head()
    triangle, weights = rasterise(head.chart, head.skin_triangles, 50)
    grid = (np.stack(np.meshgrid(np.arange(50), np.arange(50)), axis=-1) + 0.5) / 50
    found, found_weights = ChartLocator(head.chart, head.skin_triangles).locate(grid.reshape(-1, 2).astype(float))
    chart = head.chart.astype(float)
    by_raster = np.einsum("ij,ijk->ik", weights.reshape(-1, 3), chart[head.skin_triangles[triangle.ravel()]])
    by_locator = np.einsum("ij,ijk->ik", found_weights, chart[head.skin_triangles[found]])
    np.testing.assert_allclose(by_raster, by_locator, atol=1e-5)
