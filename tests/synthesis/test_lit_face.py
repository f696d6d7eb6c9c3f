from __future__ import annotations

import numpy as np

from rhytid.core.synthesis.lit_face import cast_shadow, lit_face
from rhytid.core.synthesis.photo_shading import skins


def test_faces_are_of_the_seed_and_lie_in_the_chart():
    one, again, other = (lit_face(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one.rgb, again.rgb)
    assert not np.array_equal(one.rgb, other.rgb)
    assert one.rgb.shape == one.albedo.shape == one.normal.shape == (256, 256, 3)
    assert one.weight.shape == (256, 256)
    assert 0 <= one.weight.min() < one.weight.max() <= 1
    assert one.rgb.dtype == np.float32
    assert np.isfinite(one.rgb).all()


def test_a_photograph_shows_its_albedo_under_some_light():
    # Where it is seen the two go together, and they are not the same.
    for seed in range(3, 6):
        face = lit_face(np.random.default_rng(seed))
        seen = face.weight > 0.7
        rgb, albedo = (np.log(np.maximum(part[seen], 1e-3)) for part in (face.rgb, face.albedo))
        hue = [part[:, 0] - part[:, 2] for part in (rgb, albedo)]
        assert np.corrcoef(*hue)[0, 1] > 0.15
        assert np.std(rgb.mean(axis=1) - albedo.mean(axis=1)) > 0.05


def test_the_nose_casts_its_shadow_on_the_far_cheek_and_a_lamp_before_the_face_none():
    skin, _ = skins(0)
    ahead = cast_shadow(skin.position, np.array([0.0, 0.0, 1.0], np.float32))
    assert ahead[20:45, 80:176].min() > 0.97
    side = np.array([0.94, 0.1, 0.33], np.float32)  # from the subject's left, which is at the right of the chart
    through = cast_shadow(skin.position, side / np.linalg.norm(side))
    beside_nose = np.s_[105:140, 88:112]
    assert through[beside_nose].mean() < 0.5
    assert through[105:140, 144:168].mean() > 0.8
    assert 0 <= through.min() <= through.max() <= 1 + 1e-6


def test_a_step_throws_a_shadow_as_long_as_it_is_high():
    x, y = np.meshgrid(np.arange(100.0), np.arange(100.0))
    z = np.where(x < 50, 30.0, 0.0)
    floor = np.stack([x, y, z], axis=-1).astype(np.float32)
    slanting = cast_shadow(floor, np.array([-1.0, 0.0, 1.0], np.float32) / np.float32(np.sqrt(2)))
    dark = slanting[50] < 0.5
    assert not dark[:48].any()
    assert dark[52:68].all()
    assert not dark[84:].any()
