import numpy as np
import pytest
import torch

from rhytid.core.ageing import (
    AGE_MAX,
    AGE_MIN,
    capped_growth,
    coarseness,
    colour_age,
    grown_share,
    grown_shares,
    life_share,
    skin_decades,
    told_age,
)


def test_skin_ages_ever_faster():
    years = np.arange(16.0, 71.0)
    decades = skin_decades(years)
    assert decades[0] == 0
    assert decades[-1] == pytest.approx(5.4)
    assert (np.diff(decades) > 0).all()
    assert (np.diff(decades, 2) > 0).all()


def test_children_count_as_sixteen():
    assert skin_decades(3.0) == 0


def test_floats_arrays_and_tensors_agree():
    years = [20.0, 41.5, 66.0]
    expected = [skin_decades(age) for age in years]
    assert skin_decades(np.array(years)) == pytest.approx(expected)
    assert skin_decades(torch.tensor(years)).tolist() == pytest.approx(expected, rel=1e-5)


def test_strokes_grow_alike_alone_and_together():
    births, ages = np.array([0.0, 5.0, 16.0, 33.3, 69.0]), (16.0, 20.5, 40.0, 45.3, 70.0)
    for age in ages:
        assert grown_shares(births, age).tolist() == [grown_share(birth, age) for birth in births.tolist()]
    assert grown_share(30.0, 36.0) == 0.5


def test_the_clocks_begin_and_end_where_the_table_says():
    assert [life_share(age) for age in (3.0, AGE_MIN, 43.0, AGE_MAX, 90.0)] == [-1, -1, 0, 1, 1]
    assert [coarseness(age) for age in (AGE_MIN, 20.0, 45.0, AGE_MAX)] == [0, 0, 0.5, 1]
    assert told_age(torch.tensor([AGE_MIN, AGE_MAX])).tolist() == pytest.approx([-1.2, 1.5])
    assert [colour_age(age) for age in (16.0, 18.0, 70.0)] == [15, 20, 70]


def test_growth_of_a_map_is_capped_and_small_growth_is_not():
    growth = np.array([-9.0, -0.01, 0.0, 0.01, 9.0])
    grown = np.exp(capped_growth(growth))
    np.testing.assert_allclose(grown, [1 / 1.65, 0.99, 1, 1.01, 1.65], atol=1e-4)
