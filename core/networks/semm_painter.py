"""Paints skin along given lines: every texel depends on what lies within 7 px of it, so crops are exact."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rhytid.core.maps.bands import N_BANDS
from rhytid.core.maps.units import SIDE
from rhytid.core.networks.semm_refiner import scaled_energy

REACH_PX = 7
CONDITION = 4 + N_BANDS  # relief, two line fields, base, log energies
FIELD_PX, NEAR_PX = 0.05 * SIDE, 5.0  # truncation of the code's and of the painter's distance fields


def near_field(distance_field: Tensor) -> Tensor:
    """1 - DF5 of a distance field truncated at 5 % of the width: 1 on a line, 0 from 5 px on."""
    return 1 - (distance_field * (FIELD_PX / NEAR_PX)).clamp(0, 1)


def condition(relief: Tensor, near_strong: Tensor, near_all: Tensor, base: Tensor, log_energy: Tensor) -> Tensor:
    """The painter's input (B, 8, 256, 256) from maps (B, 1, 256, 256) and log energies (B, 4, 16, 16)."""
    size = (SIDE, SIDE)
    energy = F.interpolate(log_energy, size=size, mode="bilinear", align_corners=False)
    return torch.cat([relief, near_strong, near_all, base, energy], 1)


class Painter(nn.Module):
    """Condition (B, 8, H, W), H and W even -> x (B, 1, H, W) in 0.1 mm: base + relief + what the net adds."""

    def __init__(self, channels: int = 40) -> None:
        super().__init__()
        last = nn.Conv2d(channels, 4, 3, padding=1)
        with torch.no_grad():
            last.weight.mul_(0.1)
        self.layers = nn.Sequential(
            nn.Conv2d(4 * CONDITION, channels, 3, padding=1), nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1), nn.ReLU(),
            last,
        )  # fmt: skip

    def forward(self, condition: Tensor) -> Tensor:
        relief, base = condition[:, :1], condition[:, 3:4]
        seen = torch.cat([condition[:, :4], scaled_energy(condition[:, 4:])], 1)
        added = F.pixel_shuffle(self.layers(F.pixel_unshuffle(seen, 2)), 2).float()
        return base + relief + added
