"""What the linear synthesis misses: a small U-shaped net from the code's linear maps to the maps themselves."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rhytid.core.maps.bands import N_BANDS
from rhytid.core.maps.units import SIDE

_STEM = 4
_PLACES = 8
_COARSE = SIDE // _STEM
_INPUTS = _STEM**2 + (_STEM // 2) ** 2 + N_BANDS + _PLACES
FIELD_SHARPNESS = 6.0


def scaled_energy(log_energy: Tensor) -> Tensor:
    """Log energies brought to about -1..1 for the convolutions."""
    return (log_energy + 3) / 3


def _place_channels() -> Tensor:
    """Smooth functions of the place in the chart to begin with, (1, 8, 64, 64)."""
    axis = (np.arange(_COARSE) + 0.5) / _COARSE * 2 - 1
    x, y = np.tile(axis, (_COARSE, 1)), np.tile(axis[:, None], (1, _COARSE))
    waves = [x, y, x * x, y * y, np.cos(np.pi * 2 * x), np.cos(np.pi * 2 * y), np.sin(np.pi * 3 * y), x * y]
    return torch.from_numpy(np.stack(waves)[None].astype(np.float32))


class Refiner(nn.Module):
    """x_lin (B, 1, 256, 256), y_lin (B, 1, 128, 128), log energies (B, 4, 16, 16) -> x_base, y_hat, relief_hat.

    All results are (B, 1, 256, 256): the map without its lines and the relief of its lines in 0.1 mm, and the line
    field 0..1. Without normalisation over the image, so nearby texels decide.
    """

    def __init__(self, channels: int = 48, inner: int = 80) -> None:
        super().__init__()
        self.places = nn.Parameter(_place_channels())
        self.stem = nn.Conv2d(_INPUTS, channels, 3, padding=1)
        self.outer = nn.Conv2d(channels, channels, 3, padding=1)
        self.down = nn.Conv2d(channels, inner, 4, stride=2, padding=1)
        self.inner = nn.ModuleList(nn.Conv2d(inner, inner, 3, padding=1) for _ in range(2))
        self.up = nn.Conv2d(inner, 4 * channels, 1)
        self.joined = nn.Conv2d(channels, channels, 3, padding=1)
        self.last = nn.Conv2d(channels, 3 * _STEM**2, 3, padding=1)
        with torch.no_grad():
            self.last.weight.mul_(0.1)

    def forward(self, x_lin: Tensor, y_lin: Tensor, log_energy: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        energy = F.interpolate(scaled_energy(log_energy), size=(_COARSE, _COARSE), mode="bilinear", align_corners=False)
        seen = [F.pixel_unshuffle(x_lin, _STEM), F.pixel_unshuffle(y_lin, _STEM // 2), energy]
        places = self.places.expand(x_lin.shape[0], -1, -1, -1)
        outer = F.relu(self.stem(torch.cat([*seen, places], 1)))
        outer = outer + F.relu(self.outer(outer))
        inner = F.relu(self.down(outer))
        for layer in self.inner:
            inner = inner + F.relu(layer(inner))
        outer = outer + F.pixel_shuffle(self.up(inner), 2)
        outer = outer + F.relu(self.joined(outer))
        x_rest, field, relief = F.pixel_shuffle(self.last(outer), _STEM).float().chunk(3, 1)
        enlarged = F.interpolate(y_lin, scale_factor=2.0, mode="bilinear", align_corners=False)
        return x_lin + x_rest, torch.sigmoid(FIELD_SHARPNESS * (enlarged - 0.5) + field), relief
