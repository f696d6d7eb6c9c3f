"""What training writes is what the run time opens."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from rhytid.core.learned.weights import open_model
from rhytid.core.training.onnx_files import halve_weights, write_onnx
from rhytid.core.training.shipping import save_model

TRAINING = {"data": "synthetic", "steps": 2, "minutes": 0.5, "device": "cpu"}


def network() -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Conv2d(2, 16, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.Conv2d(16, 4, 3, padding=1),
        torch.nn.PixelShuffle(2),
    )


def export(folder: Path) -> None:
    axes = {2: "height", 3: "width"}
    example = {"x": torch.zeros(1, 2, 8, 8)}
    write_onnx(network(), example, ["y"], folder / "semm_refiner.onnx", {"x": axes, "y": {2: "h", 3: "w"}})


def test_a_saved_model_opens_and_computes_the_same(tmp_path: Path) -> None:
    weights = {name: value.numpy() for name, value in network().state_dict().items()}
    save_model(tmp_path, "semm", weights, {"width": 16}, TRAINING, {"psnr": 30.5}, export)
    model = open_model("semm", tmp_path)
    assert model.json["training"] == TRAINING
    assert model.json["scores"] == {"psnr": 30.5}
    for name, value in model.tensors().items():
        np.testing.assert_allclose(value, weights[name], atol=2e-4)
    x = np.random.default_rng(0).standard_normal((1, 2, 12, 20)).astype(np.float32)
    (y,) = model.onnx("refiner").run(None, {"x": x})
    np.testing.assert_allclose(y, network()(torch.from_numpy(x)).detach().numpy(), atol=3e-3)
    assert y.shape == (1, 1, 24, 40)


def test_networks_are_stored_as_float16(tmp_path: Path) -> None:
    export(tmp_path)
    path = tmp_path / "semm_refiner.onnx"
    data = path.read_bytes()
    assert len(data) < 4 * sum(p.numel() for p in network().parameters())
    halve_weights(path)  # a second time changes nothing
    assert path.read_bytes() == data


@pytest.mark.parametrize(
    "value", [np.array([np.nan], np.float32), np.array([1e6], np.float32), np.zeros(2), np.array(["a"])]
)
def test_what_cannot_be_stored_is_refused(tmp_path: Path, value: np.ndarray) -> None:
    with pytest.raises(ValueError, match="weight"):
        save_model(tmp_path, "semm", {"weight": value}, {}, TRAINING)
    assert not list(tmp_path.iterdir())


def test_scores_must_be_numbers(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        save_model(tmp_path, "semm", {"a": np.zeros(2, np.float32)}, {}, TRAINING, {"psnr": float("nan")})
    assert not (tmp_path / "semm.json").exists()


def test_the_description_is_plain_json(tmp_path: Path) -> None:
    path = save_model(tmp_path, "semm", {"a": np.zeros(2, np.float32)}, {}, TRAINING)
    assert json.loads(path.read_text("utf-8"))["files"].keys() == {"semm.safetensors"}
