"""Each term of SEMM's training reacts to what it should and to nothing else."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from rhytid.core.training import losses


def field(distance_px):
    return 1 - (distance_px / 12.8)


def test_reconstruction_is_absolute_but_squared_near_zero():
    x = torch.zeros(1, 1, 8, 8)
    assert losses.reconstruction(x, x) == 0
    one, two = (float(losses.reconstruction(x + step, x)) for step in (1.0, 2.0))
    assert two - one == pytest.approx(1.0, abs=1e-6)
    small, double = (float(losses.reconstruction(x + step, x)) for step in (0.05, 0.1))
    assert double == pytest.approx(4 * small, rel=1e-4)


def test_importance_decides_where_differences_count():
    x = torch.zeros(1, 1, 4, 4)
    wrong = x.clone()
    wrong[..., 0, 0] = 1
    importance = torch.ones(4, 4)
    importance[0, 0] = 0
    assert losses.reconstruction(wrong, x, importance) == 0
    assert losses.reconstruction(wrong, x) > 0


def test_distances_beyond_delta_do_not_count():
    near, far = torch.tensor([[[[3.0, 12.8]]]]), torch.tensor([[[[3.0, 40.0]]]])
    assert losses.truncated_field(field(far), field(near)) == pytest.approx(0, abs=1e-7)
    assert losses.truncated_field(field(near + 2), field(near)) > 0
    predicted = field(far).requires_grad_(True)
    losses.truncated_field(predicted, torch.zeros_like(predicted)).backward()
    assert predicted.grad[..., 1] == 0
    assert predicted.grad[..., 0] != 0


def test_feature_matching_pulls_the_fake_towards_the_real_only():
    fake, real = [torch.ones(2, 3, requires_grad=True)], [torch.full((2, 3), 2.0, requires_grad=True)]
    losses.feature_matching(fake, real).backward()
    assert (fake[0].grad < 0).all()
    assert real[0].grad is None
    assert losses.feature_matching(real, real) == 0


def test_verdicts_push_apart_and_uncounted_ones_are_left_alone():
    counts = torch.tensor([[0.0, 1.0]])
    good, bad = torch.tensor([[5.0, 5.0]]), torch.tensor([[5.0, -5.0]])
    assert losses.discriminator_verdicts(good, bad, counts, counts) < losses.discriminator_verdicts(
        bad, good, counts, counts
    )
    assert losses.generator_verdicts(good, counts) < losses.generator_verdicts(bad, counts)
    fake = torch.zeros(1, 2, requires_grad=True)
    losses.generator_verdicts(fake, counts).backward()
    assert fake.grad[0, 0] == 0
    # Non-saturating: a fake that is seen through still learns.
    seen_through = torch.full((1, 2), -20.0, requires_grad=True)
    losses.generator_verdicts(seen_through, counts).backward()
    assert seen_through.grad[0, 1] == pytest.approx(-1, abs=1e-3)


def test_gradient_penalty_is_the_squared_slope():
    pair = torch.zeros(3, 2, 4, 4, requires_grad=True)
    verdicts = 0.5 * pair.sum((1, 2, 3))
    assert losses.gradient_penalty(verdicts, pair) == pytest.approx(0.25 * 2 * 16)


def test_mixed_structure_must_keep_its_lines():
    y = torch.zeros(1, 1, 8, 8)
    y[..., 4, :] = 1
    moved = y.roll(2, 2)
    assert losses.structure_kept(y, y) == 0
    assert losses.structure_kept(moved, y) > 0


def test_cycle_moves_the_way_back_and_not_the_aim():
    code, returned = torch.zeros(2, 5, requires_grad=True), torch.ones(2, 5, requires_grad=True)
    losses.cycle(code, returned).backward()
    assert code.grad is None
    assert (returned.grad > 0).all()


def test_pairs_supervise_the_transformed_code():
    transformed, code = torch.ones(2, 5, requires_grad=True), torch.zeros(2, 5, requires_grad=True)
    losses.paired_code(transformed, code).backward()
    assert (transformed.grad > 0).all()
    assert code.grad is None


def test_one_line_less_counts_where_the_line_was():
    with_line, without = torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 8, 8)
    with_line[..., 4, 2:6] = -1
    right = losses.line_difference(with_line, without, with_line, without)
    missed = losses.line_difference(without, without, with_line, without)
    elsewhere = with_line.clone()
    elsewhere[..., 0, 0] = 3
    assert right == 0
    assert missed > 0
    assert losses.line_difference(elsewhere, without, with_line, without) == 0


def test_style_energies():
    energy = torch.zeros(1, 4, 16, 16)
    assert losses.style_energies(energy, energy) == 0
    assert losses.style_energies(energy + 1, energy) > losses.style_energies(energy + 0.5, energy) > 0
