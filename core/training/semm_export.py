"""What of a trained SEMM is shipped: named tensors and two ONNX files, see `core.networks.semm`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rhytid.core.networks.semm import Semm
from rhytid.core.networks.semm_painter import CONDITION, Painter
from rhytid.core.networks.semm_refiner import scaled_energy
from rhytid.core.networks.semm_transform import Directions
from rhytid.core.training.onnx_files import write_onnx
from rhytid.core.training.semm_prior import AGE, Prior


def shipped_tensors(model: Semm, prior: Prior) -> dict[str, npt.NDArray[Any]]:
    """Tensors by name, float16 but for origins and the prior's age.

    Raises
    ------
    ValueError
        Weights that are not finite.
    """
    lapped, style = model.lapped, model.style
    named = {f"structure.{name}": getattr(lapped, name) for name in ("mean_x", "mean_y", "mix")}
    for name in ("analysis_x", "analysis_y", "synthesis_x", "synthesis_y"):
        named[f"structure.{name}"] = getattr(lapped, name)
    named |= {f"style.{name}": getattr(style, name) for name in ("mean", "analysis", "synthesis")}
    if isinstance(model.transform, Directions):
        named |= {"transform.expression": model.transform.expression, "transform.age": model.transform.age}
    else:
        for name, parameter in model.transform.layers.named_parameters():
            named[f"concatenation.{name}"] = parameter
    named |= {"prior.mean": prior.mean, "prior.factor": prior.factor()}
    result = {name: _half(name, tensor) for name, tensor in named.items()}
    result["structure.origin"] = lapped.origin.cpu().numpy().astype(np.int32)
    result["prior.age"] = np.array([AGE], np.float32)
    return result


def _half(name: str, tensor: Tensor) -> npt.NDArray[np.float16]:
    values = tensor.detach().float().cpu().numpy()
    if not np.isfinite(values).all():
        raise ValueError(f"{name} is not finite; train again with a smaller learning_rate")
    return values.astype(np.float16)


def export_onnx(model: Semm, folder: Path) -> None:
    """Write `semm_refiner.onnx` and `semm_painter.onnx` into `folder`."""
    refiner, painter = model.refiner.cpu(), model.painter.cpu()
    maps = {
        "x_lin": torch.zeros(1, 1, 256, 256),
        "y_lin": torch.zeros(1, 1, 128, 128),
        "log_energy": torch.zeros(1, 4, 16, 16),
    }
    write_onnx(refiner, maps, ("x_base", "y_hat", "relief_hat"), folder / "semm_refiner.onnx")
    free = {2: "height", 3: "width"}
    seen = {"condition": torch.zeros(1, CONDITION, 64, 64)}
    path = folder / "semm_painter.onnx"
    write_onnx(_PainterAtFullSize(painter), seen, ("x",), path, {"condition": free, "x": free})
    device = model.lapped.mean_x.device
    refiner.to(device)
    painter.to(device)


class _PainterAtFullSize(nn.Module):
    """The painter with its unshuffling inside the first convolution.

    ONNX Runtime unshuffles by a transposition on one thread, which takes a sixth of the painter's time.
    """

    def __init__(self, painter: Painter) -> None:
        super().__init__()
        first, *others = painter.layers
        assert isinstance(first, nn.Conv2d)
        self.layers = nn.Sequential(_unshuffling(first, 2), *others)

    def forward(self, seen: Tensor) -> Tensor:
        scaled = torch.cat([seen[:, :4], scaled_energy(seen[:, 4:])], 1)
        return seen[:, 3:4] + seen[:, :1] + F.pixel_shuffle(self.layers(scaled), 2)


def _unshuffling(layer: nn.Conv2d, factor: int) -> nn.Conv2d:
    """The convolution that does what unshuffling by `factor` and `layer`, of 3 x 3 texels, do."""
    n_out, n_in = layer.weight.shape[0], layer.weight.shape[1] // factor**2
    parts = layer.weight.detach().reshape(n_out, n_in, factor, factor, 3, 3)
    result = nn.Conv2d(n_in, n_out, 3 * factor, stride=factor, padding=factor)
    with torch.no_grad():
        result.weight.copy_(parts.permute(0, 1, 4, 2, 5, 3).reshape(result.weight.shape))
        if layer.bias is not None and result.bias is not None:
            result.bias.copy_(layer.bias)
    return result
