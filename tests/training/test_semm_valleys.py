"""Valley strength and the term that compares it."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from rhytid.core.training.semm_valleys import valley_strength, valleys


def valley(depth, side=48, column=24):
    x = np.arange(side, dtype=np.float32)
    values = np.tile(-depth * np.exp(-(((x - column) / 2) ** 2)), (side, 1))
    return torch.from_numpy(values.astype(np.float32))[None]


def course(side=48, column=24):
    on_line = torch.zeros(1, side, side, dtype=torch.bool)
    on_line[..., column] = True
    return on_line


def test_strength_is_highest_in_the_valley_and_none_on_a_ridge():
    strength = valley_strength(valley(2.0))[0]
    assert strength.shape == (44, 44)
    assert int(strength[20].argmax()) == 24 - 2
    assert strength.max() > 1
    assert valley_strength(-valley(2.0))[0][20, 22] < 0.05
    assert valley_strength(torch.zeros(1, 48, 48)).max() < 0.02


def test_strength_does_not_depend_on_the_direction():
    turned = valley_strength(valley(2.0).transpose(1, 2))
    assert torch.allclose(turned, valley_strength(valley(2.0)).transpose(1, 2), atol=1e-4)


def test_a_missed_and_an_invented_valley_count_and_a_deeper_one_does_not():
    flat, line, deep = torch.zeros(1, 48, 48), valley(4.0), valley(5.0)
    on_line = course()
    assert valleys(line, line, on_line) == 0
    assert valleys(deep, line, on_line) < 0.1 * valleys(flat, line, on_line)
    assert valleys(line, flat, ~on_line & on_line) > 0
    weight = torch.ones(1, 48, 48)
    weight[..., 8:40] = 0
    assert valleys(flat, line, on_line, weight) < 0.05 * valleys(flat, line, on_line)


def test_a_given_line_must_show_where_the_map_has_it_but_faintly():
    faint = valley(0.5)
    assert 0 < float(valley_strength(faint).max()) < 0.9
    assert valleys(faint, faint, course()) > 0
    assert valleys(faint, faint, ~course() & course()) == 0


def test_the_gradient_deepens_a_valley_that_is_too_shallow():
    shallow = valley(0.8).requires_grad_(True)
    valleys(shallow, valley(3.0), course()).backward()
    assert shallow.grad[0, 24, 24] > 0
