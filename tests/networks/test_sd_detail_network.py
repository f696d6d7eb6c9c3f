"""SD-DeTail's network, and numpy's evaluation of it against torch."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from rhytid.core.networks.sd_detail import AdaIn, DynamicNet, composed


def network():
    torch.manual_seed(0)
    net = DynamicNet(static=6, dynamic=3, energy=4, width=16)
    torch.nn.init.normal_(net.past.weight, std=0.1)
    return net


def test_equation_6_depends_on_person_and_expression():
    net = network()
    person, smile = torch.randn(1, 6), torch.zeros(1, 52)
    smile[0, 40:44] = 1
    age = torch.zeros(1)
    base = net(person, age, torch.zeros(1, 52))
    assert [tuple(part.shape) for part in base] == [(1, 3), (1, 3), (1, 4)]
    for other in (net(person, age, smile), net(-person, age, torch.zeros(1, 52)), net(person, age + 1, smile * 0)):
        assert all((a != b).all() for a, b in zip(base, other, strict=True))


def test_adain_takes_mean_and_scale_of_a_person_from_the_expression():
    torch.manual_seed(1)
    block = AdaIn(16, 8)
    features, style = torch.randn(2, 16), torch.randn(2, 8)
    moved = block(features * 3 + 5, style) - (features * 3 + 5)
    torch.testing.assert_close(moved, block(features, style) - features, atol=1e-3, rtol=1e-3)


def test_equation_9_lets_tension_choose():
    static, pushed, drawn = torch.randn(3, 1, 50)
    share = torch.rand(1, 50)
    zero = torch.zeros(1, 50)
    torch.testing.assert_close(composed(static, pushed, drawn, zero, zero), static)
    torch.testing.assert_close(composed(static, pushed, drawn, share, zero), static + share * pushed)
    torch.testing.assert_close(composed(static, pushed, drawn, zero, share), static + share * drawn)


def test_a_code_of_another_length_is_refused():
    with pytest.raises(ValueError, match="shape"):
        network()(torch.zeros(1, 5), torch.zeros(1), torch.zeros(1, 52))


def test_numpy_computes_what_torch_does():
    from rhytid.core.learned.sd_detail import SdDetailModel, packed

    net = network()
    inside = np.zeros((256, 256), bool)
    inside[100:110, 100:110] = True
    tensors = {"inside": packed(inside), "static.noise": np.ones(100)}
    for name, n in (("static", 6), ("compressed", 3), ("stretched", 3)):
        tensors |= {f"{name}.mean": np.zeros(100), f"{name}.basis": np.zeros((n, 100))}
    tensors |= {"energy.mean": np.zeros(1024), "energy.basis": np.zeros((4, 1024))}
    tensors |= {"age.slope": np.zeros((2, 6)), "age.factor": np.eye(6)}
    tensors |= {f"net.{name}": value.numpy() for name, value in net.state_dict().items()}
    model = SdDetailModel(tensors)
    rng = np.random.default_rng(0)
    for age, share in ((16.0, -1.0), (43.0, 0.0), (70.0, 1.0)):
        person, expression = rng.normal(size=6).astype(np.float32), rng.random(52).astype(np.float32)
        with torch.no_grad():
            wanted = net(torch.from_numpy(person)[None], torch.tensor([share]), torch.from_numpy(expression)[None])
        for a, b in zip(model.predicted(person, age, expression), wanted, strict=True):
            np.testing.assert_allclose(a, b[0].numpy(), atol=2e-5)
