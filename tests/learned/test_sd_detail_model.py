"""SD-DeTail's bases, codes and energies at run time."""

from __future__ import annotations

import numpy as np
import pytest
from sd_detail_sample import DYNAMIC, STATIC, face_oval, sd_detail_model, sd_detail_tensors

from rhytid.core.learned.sd_detail import Codes, SdDetailModel, dynamic_weights, packed, unpacked
from rhytid.core.learned.weights import WeightsError

RELAXED = np.zeros((256, 256), np.float32)


def tension(value):
    return np.full((256, 256), value, np.float32)


def test_tension_chooses_one_of_the_two_dynamic_maps():
    model = sd_detail_model()
    codes = np.ones(DYNAMIC, np.float32), -np.ones(DYNAMIC, np.float32)
    assert not model.dynamic_detail(*codes, RELAXED).any()
    pushed, drawn = model.dynamic_detail(*codes, tension(1.0)), model.dynamic_detail(*codes, tension(-1.0))
    inside = model.inside
    np.testing.assert_allclose(pushed[inside], model.compressed(codes[0]), atol=1e-5)
    np.testing.assert_allclose(drawn[inside], model.stretched(codes[1]), atol=1e-5)
    assert not pushed[~inside].any()
    half, none = dynamic_weights(tension(0.06))
    assert np.allclose(half, 0.5, atol=1e-3)
    assert not none.any()


@pytest.mark.parametrize("value", [0.0, 0.1, -0.1])
@pytest.mark.parametrize("step", [1, 4])
def test_codes_of_a_map_of_the_model_are_found_again(value, step):
    model = sd_detail_model()
    rng = np.random.default_rng(1)
    static = model.mean_static(40.0) + rng.normal(size=STATIC).astype(np.float32)
    dynamic = rng.normal(size=(2, DYNAMIC)).astype(np.float32)
    detail = model.static_detail(static) + model.dynamic_detail(*dynamic, tension(value))
    codes = model.fitted(detail, 40.0, tension(value), step)
    np.testing.assert_allclose(codes.static, static, atol=0.1)
    if value > 0:
        np.testing.assert_allclose(codes.compressed, dynamic[0], atol=0.1)
        np.testing.assert_allclose(codes.stretched, 0, atol=1e-3)  # nothing of the map speaks for them


def test_a_blank_map_says_nothing_and_is_taken_for_an_ordinary_person():
    model = sd_detail_model()
    codes = model.fitted(RELAXED, 25.0, RELAXED)
    np.testing.assert_allclose(codes.static, model.mean_static(25.0), atol=1e-5)


def test_a_seed_is_the_same_person_at_every_age():
    model = sd_detail_model()
    young, old = model.drawn_static(7, 20.0), model.drawn_static(7, 60.0)
    np.testing.assert_allclose(old - young, model.mean_static(60.0) - model.mean_static(20.0), atol=1e-6)
    assert not np.allclose(young, model.drawn_static(8, 20.0))
    np.testing.assert_array_equal(model.mean_static(70.0), model.mean_static(99.0))


def test_what_the_map_does_not_show_is_what_was_expected():
    """Codes of equation 9 where no skin is stretched: the network's; where it is compressed: the map's."""
    model = sd_detail_model()
    rng = np.random.default_rng(2)
    static = model.mean_static(40.0)
    own, prior = rng.normal(size=(2, 2, DYNAMIC)).astype(np.float32)
    detail = model.static_detail(static) + model.dynamic_detail(*own, tension(0.1))
    codes = model.evidence(detail, tension(0.1)).codes(Codes(static, *prior))
    np.testing.assert_allclose(codes.compressed, own[0], atol=0.1)
    np.testing.assert_allclose(codes.stretched, prior[1], atol=1e-3)


def test_a_mask_is_packed_and_unpacked():
    np.testing.assert_array_equal(unpacked(packed(face_oval())), face_oval())
    with pytest.raises(WeightsError, match="inside"):
        unpacked(np.zeros(7, np.int32))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("static.basis", None),
        ("static.mean", np.zeros(9, np.float16)),
        ("age.factor", np.full((STATIC, STATIC), np.nan, np.float16)),
        ("inside", np.zeros(2048, np.uint8)),
        ("net.past.weight", None),
        ("net.codes.weight", np.zeros((3, 12), np.float16)),
    ],
)
def test_damaged_tensors_are_refused_by_name(name, value):
    tensors = sd_detail_tensors()
    tensors.pop(name)
    if value is not None:
        tensors[name] = value
    with pytest.raises(WeightsError, match=r"weights again"):
        SdDetailModel(tensors)
