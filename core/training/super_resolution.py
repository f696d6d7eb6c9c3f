"""Trains the super-resolution on crops of synthetic maps: absolute differences of the map and of its slopes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from rhytid.core.maps.resample import resample
from rhytid.core.maps.units import UNIT_MM
from rhytid.core.networks.super_resolution import FACTOR, MARGIN, SuperResolution
from rhytid.core.training.averaged import AveragedTrainer, Course, channels_last
from rhytid.core.training.fine_records import FineRecords
from rhytid.core.training.onnx_files import write_onnx
from rhytid.core.training.pictures import UInt8, grey, grid

CHANNELS = 32
LEARNING_RATE = 2e-3
EMA_DECAY = 0.999
SLOPE_WEIGHT = 2.0
_WARM_STEPS = 50


class SuperResolutionTrainer(AveragedTrainer[SuperResolution]):
    """See the module; the protocol is `core.training.trainer.Trainer`.

    Parameters
    ----------
    channels : int
        Of the network's inner layers.
    device : torch.device
    """

    def __init__(self, channels: int = CHANNELS, device: torch.device | str = "cpu") -> None:
        self.device = torch.device(device)
        self.config = {"channels": channels}
        model = channels_last(SuperResolution(channels).to(self.device))
        optimiser = torch.optim.Adam(model.parameters(), LEARNING_RATE, betas=(0.9, 0.99))
        super().__init__(model, optimiser, Course(LEARNING_RATE, 0.0, _WARM_STEPS, EMA_DECAY))

    def initialise(self, records: FineRecords) -> None:
        """Starts as an enlargement that keeps means; there is nothing to solve for."""

    def step(self, batch: Mapping[str, Tensor]) -> dict[str, float]:
        """One step on crops; gives the losses in 0.1 mm, and the map's without the network."""
        self._set_rate()
        made = self.model(batch["low"], batch["enlarged"], batch["nearness"])
        error = made - batch["high"]
        value = error.abs().mean()
        slope = (error.diff(dim=-1).abs().mean() + error.diff(dim=-2).abs().mean()) / 2
        self._descend(value + SLOPE_WEIGHT * slope)
        self._count()
        without = (batch["enlarged"] - batch["high"]).abs().mean()
        return {"value": float(value.detach()), "slope": float(slope.detach()), "without": float(without)}

    def picture(self, batch: Mapping[str, Tensor]) -> UInt8:
        """Rows of: the enlargement without the network, with it, the truth, the lines; uint8 (H, W)."""
        made = self._made(batch)
        inner = slice(MARGIN * FACTOR, -MARGIN * FACTOR)
        lines = batch["nearness"][:, :, inner, inner] * 2 - 1
        columns = [batch["enlarged"], made, batch["high"], lines]
        return grid([[grey(part[i, 0].cpu().numpy()) for part in columns] for i in range(len(made))])

    def scores(self, held: FineRecords) -> dict[str, float]:
        """On maps that were not trained on: PSNR (peak 1 mm) and energy of the finest octave, both beside bicubic's."""
        sums, n_tiles = np.zeros(5), 0
        for number in range(len(held)):
            for tile in held.tiles(number):
                batch = {name: torch.from_numpy(value)[None, None].to(self.device) for name, value in tile.items()}
                made, high, bicubic = self._made(batch), batch["high"], _bicubic(batch["low"])
                errors = [float((part - high).square().mean()) for part in (made, bicubic)]
                sums += [*errors, *(_fine_energy(part) for part in (made, bicubic, high))]
                n_tiles += 1
        if not n_tiles:
            return {}
        error, bicubic_error, fine, bicubic_fine, true_fine = np.maximum(sums / n_tiles, 1e-12)
        peak = (1 / UNIT_MM) ** 2
        return {
            "psnr": round(10 * math.log10(peak / error), 3),
            "bicubic_psnr": round(10 * math.log10(peak / bicubic_error), 3),
            "fine_energy_ratio": round(float(fine / true_fine), 4),
            "bicubic_fine_energy_ratio": round(float(bicubic_fine / true_fine), 4),
        }

    def export_onnx(self, folder: Path) -> None:
        """Write `super_resolution.onnx` into `folder`."""
        model = self._shipped(SuperResolution(self.config["channels"]))
        h = 16
        inputs = {
            "low": torch.zeros(1, 1, h + 2 * MARGIN, h + 2 * MARGIN),
            "enlarged": torch.zeros(1, 1, FACTOR * h, FACTOR * h),
            "nearness": torch.zeros(1, 1, FACTOR * (h + 2 * MARGIN), FACTOR * (h + 2 * MARGIN)),
        }
        axes = {name: {2: f"{name}_height", 3: f"{name}_width"} for name in [*inputs, "high"]}
        write_onnx(model, inputs, ["high"], folder / "super_resolution.onnx", axes)

    @torch.no_grad()
    def _made(self, batch: Mapping[str, Tensor]) -> Tensor:
        result: Tensor = self.average(batch["low"], batch["enlarged"], batch["nearness"])
        return result


def _bicubic(low: Tensor) -> Tensor:
    """The enlargement that the product makes without any network, of the window inside the margin."""
    large = resample(low[0, 0].cpu().numpy(), low.shape[-1] * FACTOR)
    inner = slice(MARGIN * FACTOR, -MARGIN * FACTOR)
    return torch.from_numpy(large[inner, inner].copy())[None, None].to(low.device)


def _fine_energy(values: Tensor) -> float:
    """Mean square of what a small texel's mean does not hold."""
    coarse = torch.nn.functional.avg_pool2d(values, FACTOR)
    return float((values - coarse.repeat_interleave(FACTOR, -1).repeat_interleave(FACTOR, -2)).square().mean())
