"""Trains the network that reads relief and lines out of unwrapped photographs, on pictures of synthetic faces."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from rhytid.core.maps.units import UNIT_MM
from rhytid.core.networks.photo_detail import WIDTHS, PhotoDetail, Shipped
from rhytid.core.photo.features import N_FEATURES
from rhytid.core.synthesis.photo_shading import chart_picture
from rhytid.core.training.averaged import AveragedTrainer, Course, channels_last
from rhytid.core.training.onnx_files import write_onnx
from rhytid.core.training.photo_pictures import PictureSource, picture_features
from rhytid.core.training.pictures import UInt8, grey, grid
from rhytid.core.training.records import Records

DEFAULTS: dict[str, Any] = {"width": WIDTHS[0], "learning_rate": 2e-3, "half": True}
EMA_DECAY = 0.995
_STEADY_SHARE = 0.5  # of the run; then the rate falls along a cosine
_WARM_STEPS = 100
_MOST_GRADIENT = 1.0
_FLAT = 0.03  # 0.01 mm^2; a map's mean square at least, so that flat faces do not outweigh the others
_ABSOLUTE, _SLOPE, _LINES = 0.5, 0.7, 0.5
_LINE_WEIGHT = 3.0
_SCORED_POSES = 24
_DARKENINGS = {"": 0.0, "dark_": 1.1}  # per mm


class PhotoDetailTrainer(AveragedTrainer[PhotoDetail]):
    """See the module; the protocol is `core.training.trainer.Trainer`.

    Parameters
    ----------
    settings : mapping
        As `DEFAULTS`: channels of the finest level, rate, and whether convolutions compute in bfloat16.
    device : torch.device
    """

    def __init__(self, settings: Mapping[str, Any], device: torch.device | str = "cpu") -> None:
        self.device = torch.device(device)
        self.config = dict(settings)
        model = channels_last(_network(self.config).to(self.device))
        optimiser = torch.optim.AdamW(model.parameters(), self.config["learning_rate"], weight_decay=1e-4)
        course = Course(self.config["learning_rate"], _STEADY_SHARE, _WARM_STEPS, EMA_DECAY, _MOST_GRADIENT)
        super().__init__(model, optimiser, course)

    def initialise(self, records: Records) -> None:
        """There is nothing to solve for."""

    def step(self, batch: Mapping[str, Tensor]) -> dict[str, float]:
        """One step; gives the losses and the correlation of the relief."""
        self._set_rate()
        features = batch["features"].contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.config["half"]):
            made, lines = self.model(features)
        made, lines = made.float(), lines.float()
        terms = _terms(made, lines, batch)
        self._descend(torch.stack(list(terms.values())).sum())
        self._count()
        alike = _correlation(made.detach(), batch["displacement"], batch["weight"])
        return {name: float(value.detach()) for name, value in terms.items()} | {"correlation": alike}

    def picture(self, batch: Mapping[str, Tensor]) -> UInt8:
        """Rows of: brightness, relief as found and as it is, lines as found and as they are; uint8 (H, W)."""
        made, lines = self._made(batch["features"])
        columns = [
            batch["features"][:, 0], made, batch["displacement"] * (batch["weight"] > 0.1),
            torch.sigmoid(lines) * 5 - 2.5, batch["lines"] * 5 - 2.5,
        ]  # fmt: skip
        return grid([[grey(part[i].cpu().numpy()) for part in columns] for i in range(len(made))])

    def scores(self, held: PictureSource) -> dict[str, float]:
        """On persons who were not trained on: correlation of the relief with and without darkened valleys.

        Beside it the correlation of another person's relief, and the share of the relief's amplitude that is found.
        """
        poses = np.unique(np.linspace(0, len(held.records) - 1, _SCORED_POSES).astype(np.int64))
        truth = held.records.maps(poses, ("x",))["x"]
        result = {}
        for name, darkening in _DARKENINGS.items():
            rng = np.random.default_rng(0)
            made, weights = [], []
            for x in truth:
                picture = chart_picture(x * np.float32(UNIT_MM), rng, darkening=darkening)
                features = torch.from_numpy(picture_features(picture))[None].to(self.device)
                made.append(self._made(features)[0].cpu())
                weights.append(torch.from_numpy(picture.weight)[None])
            true = [torch.from_numpy(x)[None] for x in truth]
            others = [*made[len(made) // 2 :], *made[: len(made) // 2]]  # neighbours are of one person
            found = [_correlation(*triple) for triple in zip(made, true, weights, strict=True)]
            other = [_correlation(*triple) for triple in zip(others, true, weights, strict=True)]
            energy = [_mean(part * part, weight) for parts in (made, true)
                      for part, weight in zip(parts, weights, strict=True)]  # fmt: skip
            n = len(made)
            result[f"{name}correlation"] = round(float(np.mean(found)), 4)
            result[f"{name}correlation_of_another"] = round(float(np.mean(other)), 4)
            result[f"{name}amplitude"] = round(math.sqrt(sum(energy[:n]) / max(sum(energy[n:]), 1e-9)), 4)
        return result

    def export_onnx(self, folder: Path) -> None:
        """Write `photo_detail.onnx` into `folder`."""
        model = self._shipped(_network(self.config))
        inputs = {"features": torch.zeros(1, N_FEATURES, 64, 64)}
        axes = {name: {0: "batch"} for name in ("features", "displacement", "lines")}
        for name, first in (("features", 2), ("displacement", 1), ("lines", 1)):
            axes[name] |= {first: "height", first + 1: "width"}
        write_onnx(Shipped(model), inputs, ["displacement", "lines"], folder / "photo_detail.onnx", axes)

    @torch.no_grad()
    def _made(self, features: Tensor) -> tuple[Tensor, Tensor]:
        displacement, lines = self.average(features)
        return displacement, lines


def _network(config: Mapping[str, Any]) -> PhotoDetail:
    width = int(config["width"])
    return PhotoDetail(N_FEATURES, (width, *WIDTHS[1:]))


def _terms(made: Tensor, lines: Tensor, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Terms of the loss, each sample's relative to the strength of its relief."""
    true, weight = batch["displacement"], batch["weight"]
    share = weight / weight.mean((1, 2), keepdim=True).clamp_min(1e-3)
    power = (true.square() * share).mean((1, 2)) + _FLAT
    error = made - true
    squares = (error.square() * share).mean((1, 2)) / power
    absolute = (error.abs() * share).mean((1, 2)) / power.sqrt()
    slopes = []
    for dim, crop in ((-1, share[:, :, 1:]), (-2, share[:, 1:])):
        steepness = (true.diff(dim=dim).square() * crop).mean((1, 2)) + _FLAT
        slopes.append((error.diff(dim=dim).abs() * crop).mean((1, 2)) / steepness.sqrt())
    entropy = F.binary_cross_entropy_with_logits(
        lines, batch["lines"], reduction="none", pos_weight=torch.tensor(_LINE_WEIGHT, device=lines.device)
    )
    return {
        "squares": squares.mean(),
        "absolute": _ABSOLUTE * absolute.mean(),
        "slopes": _SLOPE * 0.5 * (slopes[0] + slopes[1]).mean(),
        "lines": _LINES * (entropy * share).mean(),
    }


def _mean(values: Tensor, weight: Tensor) -> float:
    return float((values * weight).sum() / weight.sum().clamp_min(1e-6))


def _correlation(one: Tensor, other: Tensor, weight: Tensor) -> float:
    """Weighted Pearson correlation of maps (B, H, W), the mean over the batch."""
    share = weight / weight.sum((1, 2), keepdim=True).clamp_min(1e-6)
    a = one - (one * share).sum((1, 2), keepdim=True)
    b = other - (other * share).sum((1, 2), keepdim=True)
    covariance = (a * b * share).sum((1, 2))
    spread = ((a * a * share).sum((1, 2)) * (b * b * share).sum((1, 2))).clamp_min(1e-12).sqrt()
    return float((covariance / spread).mean())
