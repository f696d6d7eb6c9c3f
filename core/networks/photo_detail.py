"""Relief and lines from an unwrapped photograph: a U-Net (Ronneberger et al., MICCAI 2015) at half the chart's size.

The features of `core.photo.features` come in by pixel unshuffle and the results go out by pixel shuffle, so that all
arithmetic happens at 128 texels and below, where it is cheap on a processor; each group of 2 x 2 texels keeps its own
values. Residual blocks with group normalisation: a picture's contrast is normalised away where only its pattern counts.

The ONNX file `photo_detail.onnx` takes ``features`` (B, 11, H, W), H and W multiples of 16, and gives ``displacement``
(B, H, W) in 0.1 mm and ``lines`` (B, H, W), 0..1, how likely a wrinkle's line runs there.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rhytid.core.networks.residual import Block, enlarged

WIDTHS, BLOCKS = (48, 64, 80, 96), (2, 2, 3, 2)
_SHARE = 2  # texels of the chart per texel of the finest level


class PhotoDetail(nn.Module):
    """See the module.

    Parameters
    ----------
    n_features : int
    widths : sequence of int
        Channels of the four levels, multiples of 8.
    """

    def __init__(self, n_features: int = 11, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        self.stem = nn.Conv2d(n_features * _SHARE**2, widths[0], 3, padding=1)
        self.down = nn.ModuleList(nn.Conv2d(a, b, 2, stride=2) for a, b in pairwise(widths))
        self.coming = nn.ModuleList(
            nn.Sequential(*(Block(width) for _ in range(n))) for width, n in zip(widths, BLOCKS, strict=True)
        )
        self.up = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in pairwise(widths))
        self.going = nn.ModuleList(Block(width) for width in widths[:-1])
        self.out = nn.Conv2d(widths[0], 2 * _SHARE**2, 3, padding=1)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Displacement in 0.1 mm and logits of the lines, (B, H, W) each, of features (B, n_features, H, W)."""
        x = self.stem(F.pixel_unshuffle(features, _SHARE))
        passed = []
        for level, block in enumerate(self.coming):
            x = block(x if level == 0 else self.down[level - 1](x))
            passed.append(x)
        for level in reversed(range(len(self.going))):
            larger = enlarged(self.up[level](x))
            x = self.going[level](passed[level] + larger)
        made = F.pixel_shuffle(self.out(F.relu(x)), _SHARE)
        return made[:, 0], made[:, 1]


class Shipped(nn.Module):
    """The network with its lines as shares, as the ONNX file holds it."""

    def __init__(self, network: PhotoDetail) -> None:
        super().__init__()
        self.network = network

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Displacement in 0.1 mm, and lines 0..1."""
        displacement, lines = self.network(features)
        return displacement, torch.sigmoid(lines)
