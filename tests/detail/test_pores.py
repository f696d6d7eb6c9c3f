"""Pores are round on the skin, wherever the chart is stretched."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from rhytid.core.detail import anatomy, skin
from rhytid.core.detail import pores as pore
from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.load import default_head
from rhytid.core.head.metric import mm_from_chart, stretch

NOSE = ((0.44, 0.56), (0.40, 0.54))


def elongation_mm(person: pore.Pores) -> tuple[np.ndarray, np.ndarray]:
    """Length over width of each pore and its mean radius, on the default head's own triangles."""
    head = default_head()
    triangle = ChartRaster(head, 1024).triangle
    index = triangle[(person.y * 1024).astype(int), (person.x * 1024).astype(int)]
    there = head.skin_triangles[np.maximum(index, 0)]
    steps = []
    for values in (head.neutral, head.chart):
        corners = values[there].astype(np.float64)
        steps.append(np.stack([corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]], axis=-1))
    jacobian = steps[0] @ np.linalg.inv(steps[1])
    cosine, sine = np.cos(person.angle), np.sin(person.angle)
    long, short = person.sigma_x, person.sigma_y
    axes = np.array([[cosine * long, -sine * short], [sine * long, cosine * short]])
    singular = np.linalg.svd(jacobian @ np.moveaxis(axes, 2, 0), compute_uv=False)
    return np.where(index >= 0, singular[:, 0] / singular[:, 1], np.nan), singular.prod(1) ** 0.5


def on_nose(person: pore.Pores) -> np.ndarray:
    (left, right), (top, bottom) = NOSE
    return (person.x > left) & (person.x < right) & (person.y > top) & (person.y < bottom)


def test_pores_on_the_nose_do_not_stretch_into_streaks() -> None:
    drawn = pore.pores(3)
    laid = pore.laid(drawn, mm_from_chart())
    nose = on_nose(drawn)
    assert nose.sum() > 200
    before, _ = elongation_mm(drawn)
    after, size_mm = elongation_mm(laid)
    assert np.nanmedian(before[nose]) > 1.5  # as a control: the chart does stretch them
    assert np.nanmedian(after[nose]) < 1.4
    assert np.nanpercentile(after[nose], 80) < 1.5
    asked_mm = np.sqrt(drawn.sigma_x * drawn.sigma_y) * 200
    assert np.nanmedian(size_mm[nose] / asked_mm[nose]) == pytest.approx(1, abs=0.1)
    for name in ("x", "y", "depth"):
        assert np.array_equal(getattr(laid, name), getattr(drawn, name))


def test_fine_lines_do_not_stretch_into_streaks() -> None:
    across, along = np.moveaxis(np.linalg.eigvalsh(mm_from_chart()), -1, 0)
    fine = skin.medium_patterns(5)["net"]
    power = cv2.resize(fine**2, (256, 256), interpolation=cv2.INTER_AREA)
    bare = anatomy.bare_skin() > 0.9
    nose = np.zeros_like(bare)
    nose[105:142, 110:146] = True
    drawn_out = nose & (along > 3 * across)
    assert drawn_out.sum() > 30
    assert power[drawn_out].mean() < 0.15 * power[bare & (along < 1.5 * across)].mean()


def test_a_chart_without_stretch_changes_nothing_but_the_longest_pores() -> None:
    drawn = pore.pores(4)
    even = np.broadcast_to(np.eye(2, dtype=np.float32) * 200, (256, 256, 2, 2))
    laid = pore.laid(drawn, even)
    np.testing.assert_allclose(laid.sigma_x * laid.sigma_y, drawn.sigma_x * drawn.sigma_y, rtol=1e-4)
    assert (laid.sigma_x / laid.sigma_y).max() < 1.5
    long = drawn.sigma_x > 1.2 * drawn.sigma_y
    np.testing.assert_allclose(np.abs(np.cos(laid.angle - drawn.angle)[long]), 1, atol=1e-4)


def test_the_stretch_tells_lengths_on_the_skin() -> None:
    head = default_head()
    matrix = stretch(head, 256)
    assert matrix.shape == (256, 256, 2, 2)
    assert np.array_equal(matrix[..., 0, 1], matrix[..., 1, 0])
    # Along the forehead's middle the skin is as long as the steps add up to.
    raster = ChartRaster(head, 256)
    row, columns = 26, np.arange(90, 166)
    places = raster.sample(head.neutral)[row, columns]
    length_mm = np.linalg.norm(np.diff(places, axis=0), axis=1).sum()
    told_mm = np.sqrt((matrix[row, columns, :, 0] ** 2).sum(1)).mean() * (len(columns) - 1) / 256
    assert told_mm == pytest.approx(length_mm, rel=0.03)
