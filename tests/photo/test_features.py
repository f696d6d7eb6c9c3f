"""What the relief's network sees does not depend on exposure, and is mirrored with the picture."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.photo.features import N_FEATURES, detail_features
from rhytid.core.synthesis.photo_shading import chart_picture


@pytest.fixture(scope="module")
def picture():
    relief = 0.05 * np.random.default_rng(0).standard_normal((256, 256), np.float32)
    return chart_picture(relief, np.random.default_rng(4))


def features(picture, **changed):
    names = ("rgb", "normal", "position", "light", "weight")
    return detail_features(*(changed.get(name, getattr(picture, name)) for name in names))


def test_exposure_does_not_count(picture):
    bright = np.maximum(picture.rgb, 0.01)
    one, other = features(picture, rgb=bright), features(picture, rgb=3 * bright)
    assert one.shape == (N_FEATURES, 256, 256)
    np.testing.assert_allclose(one, other, atol=2e-3)


def test_one_light_is_the_same_as_that_light_everywhere(picture):
    everywhere = np.broadcast_to(picture.light, (256, 256, 9, 3))
    np.testing.assert_allclose(features(picture), features(picture, light=everywhere), atol=1e-4)
    grey = picture.light.mean(-1)
    np.testing.assert_allclose(features(picture), features(picture, light=grey), atol=1e-4)


def test_what_is_not_seen_does_not_count(picture):
    rng = np.random.default_rng(1)
    hidden = picture.weight == 0
    assert hidden.any()
    other = np.where(hidden[..., None], rng.random((256, 256, 3), np.float32), picture.rgb)
    np.testing.assert_allclose(features(picture), features(picture, rgb=other), atol=1e-4)


def test_a_mirrored_face_has_mirrored_features(picture):
    flip = np.array([-1, 1, 1], np.float32)
    mirrored = features(
        picture,
        rgb=picture.rgb[:, ::-1].copy(),
        normal=(picture.normal * flip)[:, ::-1].copy(),
        position=(picture.position * flip)[:, ::-1].copy(),
        # Of 1, y, z, x, xy, yz, 3zz - 1, xz, xx - yy those odd in x turn over.
        light=picture.light * np.array([1, 1, 1, -1, -1, 1, 1, -1, 1], np.float32)[:, None],
        weight=picture.weight[:, ::-1].copy(),
    )
    sign = np.array([1, 1, 1, -1, 1, 1, 1, 1, 1, -1, 1], np.float32)[:, None, None]
    np.testing.assert_allclose(mirrored, sign * features(picture)[:, :, ::-1], atol=5e-3)


def test_another_size_is_refused(picture):
    with pytest.raises(ValueError, match="256"):
        features(picture, rgb=picture.rgb[:128, :128], weight=picture.weight[:128, :128])
