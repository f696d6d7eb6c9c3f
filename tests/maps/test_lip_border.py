"""The edge of the lips' red is even on the face, at any size, and belongs to the default head."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

from rhytid.core.head.build.lip_border import lip_places
from rhytid.core.head.chart import ChartLocator
from rhytid.core.head.load import default_head
from rhytid.core.maps.albedo import procedural_gloss
from rhytid.core.maps.face_marks import lips_mask
from rhytid.core.maps.lip_border import SIDE, WINDOW, lip_lines, lip_share
from rhytid.core.resources import resource

HEAD = default_head()


def off_the_edge_mm(share: np.ndarray) -> np.ndarray:
    """How far the line of half red lies from the edge through the landmarks on the face, seen from the front, mm."""
    contours, _ = cv2.findContours((share > 100).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = (max(contours, key=len)[:, 0] + 0.5) / len(share)
    triangle, weights = ChartLocator(HEAD.chart, HEAD.skin_triangles).locate(outline.astype(np.float64))
    at = np.einsum("nj,njk->nk", weights, HEAD.neutral[HEAD.skin_triangles[triangle]])
    at = at[np.abs(at[:, 0]) < 22]  # the corners are a point
    marks = HEAD.neutral[HEAD.landmarks].astype(np.float64)
    upper = PchipInterpolator(marks[48:55, 0], marks[48:55, 1])
    lower = PchipInterpolator(*marks[[48, 59, 58, 57, 56, 55, 54], :2].T)
    return np.minimum(np.abs(at[:, 1] - upper(at[:, 0])), np.abs(at[:, 1] - lower(at[:, 0])))


def test_the_edge_is_even_on_the_face() -> None:
    off = off_the_edge_mm(lip_share(2048))
    assert np.quantile(off, 0.95) < 0.6
    assert off.max() < 1.6
    assert np.quantile(off_the_edge_mm(lips_mask(2048)), 0.95) > 1.4  # an even line in the chart


def test_what_is_kept_is_the_default_heads() -> None:
    with np.load(resource("head", "lips.npz"), allow_pickle=False) as kept:
        np.testing.assert_allclose(kept["places_mm"].astype(float), lip_places(HEAD).astype(float), atol=0.02)


@pytest.mark.parametrize("resolution", [64, 100, 512, 2048])
def test_all_sizes_show_the_same_lips(resolution: int) -> None:
    wanted = cv2.resize(lip_share(SIDE), (resolution, resolution), interpolation=cv2.INTER_AREA).astype(float)
    assert np.abs(lip_share(resolution) - wanted).mean() < 1.0
    assert lip_share(resolution)[: resolution // 2].max() == 0


def test_lines_run_across_the_lips_and_are_matt() -> None:
    lines = lip_lines(2048)
    on = lip_share(2048) > 210
    assert 0.05 < lines[on].mean() < 0.5
    assert lines[~(lip_share(2048) > 0)].max() == 0
    rows, columns = (slice(part.start * 2, part.stop * 2) for part in WINDOW)
    change_y, change_x = np.gradient(lines[rows, columns])
    assert np.abs(change_x).mean() > 1.5 * np.abs(change_y).mean()
    gloss = procedural_gloss(2048).astype(float)
    assert gloss[on & (lines > 0.5)].mean() < gloss[on & (lines < 0.05)].mean() - 10
    assert gloss[on].mean() > gloss[rows, columns][~on[rows, columns]].mean() + 25
