"""What the networks that read photos are built of."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

GROUP = 8
"""Channels that are normalised together."""


class Block(nn.Module):
    """Two convolutions beside what goes by.

    Parameters
    ----------
    channels : int
        A multiple of 8.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(channels // GROUP, channels)
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.second.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Features (B, C, H, W) as they are, and what the convolutions add."""
        result: Tensor = x + self.second(F.relu(self.first(F.relu(self.norm(x)))))
        return result


def enlarged(x: Tensor) -> Tensor:
    """Features (B, C, H, W) at twice the size."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
