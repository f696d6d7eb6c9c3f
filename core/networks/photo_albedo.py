"""Refines light and skin colour of an unwrapped photo, after the detail refinement of Yang et al. (section 3.2).

One encoder and two decoders, as theirs. The light's decoder has the encoder's skips, for shadows have edges; the
albedo's has none, so that a shadow's edge cannot come through (their section 4.1). Both give corrections, in logarithm,
of what the closed form of `core.photo.light` found: the light's at each texel, where their map has 27 coefficients, and
the low-frequency colour's. Arithmetic happens at half the size and below.

The ONNX file `photo_albedo.onnx` takes ``features`` (B, 19, 128, 128) of `core.photo.light_features` and gives
``light`` and ``color`` (B, 3, 128, 128).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from rhytid.core.networks.residual import Block, enlarged

WIDTHS = (24, 40, 56)
_SHARE = 2


class PhotoAlbedo(nn.Module):
    """See the module.

    Parameters
    ----------
    n_features : int
    widths : sequence of int
        Channels of the levels, multiples of 8.
    """

    def __init__(self, n_features: int = 19, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        self.stem = nn.Conv2d(n_features * _SHARE**2, widths[0], 3, padding=1)
        self.coming = nn.ModuleList(Block(width) for width in widths)
        self.down = nn.ModuleList(nn.Conv2d(a, b, 2, stride=2) for a, b in pairwise(widths))
        self.middle = nn.Sequential(Block(widths[-1]), Block(widths[-1]))
        self.light_up = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in pairwise(widths))
        self.light_going = nn.ModuleList(Block(width) for width in widths[:-1])
        self.light_out = nn.Conv2d(widths[0], 3 * _SHARE**2, 3, padding=1)
        self.color_up = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in pairwise(widths))
        self.color_going = nn.ModuleList(Block(width) for width in widths[:-1])
        self.color_out = nn.Conv2d(widths[0], 3, 3, padding=1)
        for last in (self.light_out, self.color_out):  # starts as the closed form
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)  # type: ignore[arg-type]

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Corrections of light and colour, (B, 3, H, W) each, of features (B, n_features, H, W)."""
        x = self.coming[0](self.stem(F.pixel_unshuffle(features, _SHARE)))
        passed = [x]
        for down, block in zip(self.down, list(self.coming)[1:], strict=True):
            x = block(down(x))
            passed.append(x)
        light = color = self.middle(x)
        for level in reversed(range(len(self.light_going))):
            light = self.light_going[level](passed[level] + enlarged(self.light_up[level](light)))
            color = self.color_going[level](enlarged(self.color_up[level](color)))
        made = F.pixel_shuffle(self.light_out(F.relu(light)), _SHARE)
        return made, enlarged(self.color_out(F.relu(color)))


class Critic(nn.Module):
    """Tells patches of skin from patches with light in them; only trains (Yang et al., eq. 10)."""

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, width, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(width, width, 4, 2, 1), nn.LeakyReLU(0.2),
            nn.Conv2d(width, width, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(width, 1, 3, 1, 1),
        )  # fmt: skip

    def forward(self, albedo: Tensor) -> Tensor:
        """Scores (B, 1, H / 8, W / 8) of the logarithm of colour over its mean, (B, 3, H, W)."""
        result: Tensor = self.layers(albedo)
        return result
