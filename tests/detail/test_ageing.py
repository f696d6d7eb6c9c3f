import numpy as np
import pytest
import torch

from rhytid.core.detail.ageing import skin_decades


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
