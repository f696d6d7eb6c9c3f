from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.maps.albedo import MEAN_SRGB, procedural_albedo
from rhytid.core.maps.srgb import linear_from_srgb
from rhytid.core.photo.albedo_prior import PATH, albedo_prior, read_prior
from rhytid.core.synthesis.skin_prior import N_MODES, SIDE, components, skin_sample

EVERYWHERE = np.ones((SIDE, SIDE), np.float32)


def usual_skin(tone):
    """The program's own skin with another mean colour, logarithm of linear colour (64, 64, 3)."""
    skin = np.log(linear_from_srgb(procedural_albedo(SIDE, seed=3, age=40) / 255))
    return (skin - np.log(linear_from_srgb(np.array(MEAN_SRGB) / 255)) + np.log(tone)).astype(np.float32)


@pytest.mark.parametrize("tone", [(0.72, 0.50, 0.40), (0.45, 0.27, 0.18), (0.22, 0.12, 0.07), (0.08, 0.045, 0.03)])
def test_skin_of_every_tone_lies_in_the_space(tone):
    skin = usual_skin(tone)
    near = albedo_prior().nearest(skin, EVERYWHERE)
    inner = slice(SIDE // 8, -SIDE // 8)
    assert np.abs((near - skin)[inner, inner]).mean() < 0.06
    assert np.abs((near - skin)[inner, inner].mean(axis=(0, 1))).max() < 0.05


def test_what_was_not_seen_goes_with_what_was():
    skin = usual_skin((0.22, 0.12, 0.07))
    half = EVERYWHERE.copy()
    half[:, SIDE // 2 :] = 0
    spoilt = skin.copy()
    spoilt[:, SIDE // 2 :] = 0  # white, with no weight
    near = albedo_prior().nearest(spoilt, half)
    assert np.abs(near - skin)[8:-8, SIDE // 2 : -8].mean() < 0.08
    assert np.abs(albedo_prior().nearest(skin, 0 * EVERYWHERE) - albedo_prior().mean).max() < 1e-5


def test_light_from_one_side_is_no_colour_of_skin():
    skin = usual_skin((0.45, 0.27, 0.18))
    ramp = np.linspace(-0.5, 0.5, SIDE, dtype=np.float32)[None, :, None]
    assert np.abs(albedo_prior().nearest(skin + ramp, EVERYWHERE) - skin)[8:-8, 8:-8].mean() < 0.07
    basis = albedo_prior().basis
    assert np.abs(basis - basis[:, :, ::-1]).max() < 2e-3


def test_brows_and_lips_are_dark_of_themselves_and_cheeks_are_not():
    dark = albedo_prior().dark_features(128)
    brow, lips, cheek, forehead = (dark[int(128 * y), int(128 * x)] for x, y in
                                   ((0.345, 0.195), (0.499, 0.69), (0.25, 0.5), (0.5, 0.08)))  # fmt: skip
    assert min(brow, lips) > 0.8
    assert max(cheek, forehead) == 0


def test_it_is_made_of_painted_skins_alike_on_both_halves():
    sample = skin_sample(np.random.default_rng(1))
    assert np.array_equal(sample, sample[:, ::-1])
    assert np.array_equal(sample, skin_sample(np.random.default_rng(1)))
    # The shipped components hold nearly all that such skins differ by.
    others = [skin_sample(np.random.default_rng([9, number])) for number in range(6)]
    prior = albedo_prior()
    assert prior.basis.shape == (N_MODES, SIDE, SIDE, 3)
    for other in others:
        left = other - prior.nearest(other, EVERYWHERE)
        assert left.var() < 0.1 * (other - prior.mean).var() + 0.002


def test_components_are_the_directions_of_most_variance():
    rng = np.random.default_rng(0)
    directions = np.linalg.qr(rng.normal(size=(12, 2)))[0].T
    samples = (5 + rng.normal(0, (3.0, 0.5), (4000, 2)) @ directions).astype(np.float32)
    mean, basis = components(samples.reshape(4000, 2, 2, 3), 2)
    assert np.allclose(mean, samples.mean(axis=0).reshape(2, 2, 3))
    assert np.allclose(np.linalg.norm(basis.reshape(2, -1), axis=1), (3.0, 0.5), rtol=0.05)
    assert np.abs(basis.reshape(2, -1) @ directions.T / (3.0, 0.5)).round(1).tolist() == [[1, 0], [0, 1]]


def test_a_damaged_file_is_named(tmp_path):
    path = tmp_path / "prior.npz"
    path.write_bytes(PATH.read_bytes()[:1000])
    with pytest.raises(ValueError, match=r"prior\.npz"):
        read_prior(path)
    np.savez(path, mean=np.zeros((4, 4, 3)), basis=np.zeros((2, 5, 5, 3)))
    with pytest.raises(ValueError, match=r"prior\.npz"):
        read_prior(path)
    with pytest.raises(ValueError, match="reinstall"):
        read_prior(tmp_path / "none.npz")
