"""The paper's variant of SEMM and the layers of StyleGAN2 that it is built of."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch
import torch.nn.functional as F

from rhytid.core.networks.semm_config import CODE, N_EXPRESSION, STRUCTURE, PaperConfig
from rhytid.core.networks.semm_paper import PaperDiscriminator, PaperSemm
from rhytid.core.networks.semm_transform import TransformMlp
from rhytid.core.networks.stylegan2 import (
    DownBlock,
    ModulatedConv,
    StyledConv,
    doubled,
    filtered,
    widths,
    with_spread,
)


def small(ablation="", channels=2):
    torch.manual_seed(0)
    return PaperSemm(PaperConfig(ablation=ablation, channels=channels)).eval()


def pairs(count=2, seed=0):
    return torch.randn(count, 2, 256, 256, generator=torch.Generator().manual_seed(seed))


def told(count=2):
    return torch.rand(count, N_EXPRESSION), torch.full((count,), 30.0)


def test_modulation_is_that_of_weights_scaled_and_normalised_for_each_face():
    torch.manual_seed(0)
    layer = ModulatedConv(3, 5, 3, 4)
    x, style = torch.randn(2, 3, 8, 8), torch.randn(2, 4)
    with torch.no_grad():
        made = layer(x, style)
        for face in range(2):
            weight = layer.conv.weight * layer.conv.scale * layer.affine(style)[face][None, :, None, None]
            weight = weight / weight.square().sum((1, 2, 3), keepdim=True).add(1e-8).sqrt()
            assert torch.allclose(made[face], F.conv2d(x[face][None], weight, padding=1)[0], atol=1e-5)


def test_demodulation_takes_the_style_s_size_away():
    torch.manual_seed(0)
    layer, plain = ModulatedConv(3, 5, 3, 4), ModulatedConv(3, 5, 3, 4, demodulated=False)
    x, style = torch.randn(1, 3, 8, 8), torch.randn(1, 4)
    with torch.no_grad():
        for one in (layer, plain):
            one.affine.bias.zero_()
        assert torch.allclose(layer(x, 3 * style), layer(x, style), atol=1e-4)
        assert torch.allclose(plain(x, 3 * style), 3 * plain(x, style), atol=1e-4)


def test_noise_is_for_training_and_begins_at_zero():
    torch.manual_seed(0)
    layer = StyledConv(3, 3, 4)
    x, style = torch.randn(1, 3, 8, 8), torch.randn(1, 4)
    with torch.no_grad():
        assert torch.equal(layer(x, style), layer(x, style))
        layer.noise.fill_(1)
        assert not torch.equal(layer(x, style), layer(x, style))
        layer.eval()
        assert torch.equal(layer(x, style), layer(x, style))


def test_resolutions_change_through_the_binomial_filter():
    x = torch.zeros(1, 2, 8, 8)
    x[0, 1, 4, 4] = 1
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 4
    assert torch.allclose(doubled(x)[0, 1, 7:11, 7:11], torch.outer(taps, taps), atol=1e-6)
    assert torch.equal(doubled(x)[0, 0], torch.zeros(16, 16))
    assert torch.allclose(filtered(torch.ones(1, 2, 8, 8), 1, 2)[..., 1:-1, 1:-1], torch.ones(1, 2, 2, 2))
    assert DownBlock(2, 3)(x).shape == (1, 3, 4, 4)


def test_width_is_one_number():
    assert [widths(128, side) for side in (256, 128, 64, 8)] == [128, 256, 512, 512]
    count = [sum(p.numel() for p in small(channels=width).generator.parameters()) for width in (2, 4)]
    assert count[1] > 2 * count[0]


def test_the_critic_sees_whether_faces_of_a_batch_differ():
    x = torch.randn(1, 3, 4, 4)
    alike, apart = with_spread(x.repeat(4, 1, 1, 1)), with_spread(torch.randn(4, 3, 4, 4))
    assert alike.shape == (4, 4, 4, 4)
    assert alike[:, 3].abs().max() < 1e-3
    assert apart[:, 3].min() > 0.5
    assert with_spread(torch.randn(3, 3, 4, 4)).shape == (3, 4, 4, 4)


def test_a_code_has_576_numbers_and_a_generated_pair_two_maps():
    model = small()
    with torch.no_grad():
        code = model.encode(pairs())
        assert code.shape == (2, CODE) == (2, 576)
        assert model.reconstructed(code, *told()).shape == (2, 2, 256, 256)
        # Of unit power, each cell's structure and the style.
        assert torch.allclose(code[:, :STRUCTURE].reshape(2, 8, 64).square().mean(1), torch.ones(2, 64), atol=1e-3)
        assert torch.allclose(code[:, STRUCTURE:].square().mean(1), torch.ones(2), atol=1e-3)


def test_transforms_are_networks_of_four_layers_that_look_at_the_code_and_at_no_source():
    mlp = TransformMlp(CODE, N_EXPRESSION)
    assert [layer.weight.shape[1] for layer in mlp.layers] == [CODE + N_EXPRESSION, CODE, CODE, CODE]
    code, wanted = torch.randn(2, CODE), torch.rand(1, N_EXPRESSION).repeat(2, 1)
    with torch.no_grad():
        assert not mlp(code, wanted).any()
        torch.nn.init.normal_(mlp.layers[-1].weight)
        step = mlp(code, wanted)
    assert not torch.allclose(step[0], step[1], atol=1e-2)  # the same wish, another face


def test_expression_and_age_move_the_code_and_nothing_else_is_asked():
    model = small()
    expression, age = told()
    with torch.no_grad():
        code = model.encode(pairs())
        same = model.reconstructed(code, expression, age)
        assert torch.equal(same, model.reconstructed(code, 0 * expression, age + 20))
        assert torch.equal(same, model.in_expression(code, expression, age))  # steps begin at zero
        for part in (model.by_expression, model.by_age):
            torch.nn.init.normal_(part.layers[-1].weight)
        smiling, older = model.in_expression(code, expression, age), model.at_age(code, age + 30, expression)
        assert not torch.allclose(smiling, same)
        assert not torch.allclose(older, same)
        assert torch.equal(smiling, model.in_expression(code, expression, age + 10))
        assert torch.equal(older, model.at_age(code, age + 30, 0 * expression))


def test_concatenation_tells_the_generator_instead():
    model = small("concatenation")
    expression, age = told()
    with torch.no_grad():
        code = model.encode(pairs())
        same = model.reconstructed(code, expression, age)
        assert not torch.allclose(same, model.reconstructed(code, 0 * expression, age))
        assert not torch.allclose(same, model.reconstructed(code, expression, age + 30))
        neutral = model.in_expression(code, 0 * expression, age)
        assert torch.equal(neutral, model.reconstructed(code, 0 * expression, age))
        assert torch.equal(model.at_age(code, age + 9, expression), model.reconstructed(code, expression, age + 9))
    assert not any(name.startswith("by_") for name in model.state_dict())


def test_maps_come_back_from_a_pair():
    model = small()
    model.mean.copy_(torch.tensor([0.2, 0.7]))
    model.scale.copy_(torch.tensor([1.5, 0.3]))
    x, field = torch.randn(2, 256, 256), torch.rand(2, 256, 256)
    back = model.maps(model.pair(x, field))
    assert torch.allclose(back[0], x, atol=1e-5)
    assert torch.allclose(back[1], field, atol=1e-5)
    assert model.delta == pytest.approx(1.0)


def test_without_distance_field_lines_stand_for_it():
    model = small("no-distance-field")
    field = torch.tensor([0.0, 1.0, 2.0, 12.8]) / 12.8
    lines = model.raw(torch.zeros(1, 1, 4), field[None, None])[0, 1]
    assert torch.allclose(lines[0], torch.tensor([1.0, 0.2, 0.0, 0.0]), atol=1e-6)
    assert model.delta == float("inf")


def test_the_discriminator_has_27_verdicts_and_shows_its_layers():
    torch.manual_seed(0)
    verdicts, features = PaperDiscriminator(2)(pairs(4))
    assert verdicts.shape == (4, 27)
    assert [one.shape[-1] for one in features] == [256, 128, 64, 32, 16, 8, 4, 4, 8]


@pytest.mark.parametrize("values", [{"variant": "structured"}, {"ablation": "no-lines"}, {"channels": 0}])
def test_impossible_configurations_are_refused(values):
    with pytest.raises(ValueError, match=r"variant|ablation|channels"):
        PaperConfig(**values)
