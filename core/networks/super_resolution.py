"""Enlarges displacement four times along lines that are known sharply: an ESPCN-like network (Shi et al., CVPR 2016).

FaceDet3D (section 3.3) takes 256 to 1024 and 1024 to 4096 by one network applied twice; so do we. All arithmetic
happens at the small size: the line field comes in by pixel unshuffle, the result goes out by pixel shuffle. What the
network gives is a residual on bicubic enlargement, moved so that every 4 x 4 texels keep the mean that the small
map asked for: enlarging adds detail and never drifts.

Shipped tensors are `layers.{0,2,4}.{weight,bias}`; the ONNX file `super_resolution.onnx` takes ``low`` (1, 1, h + 6,
w + 6) in 0.1 mm, ``enlarged`` (1, 1, 4 h, 4 w), its bicubic enlargement without the margin, and ``nearness`` (1, 1,
4 h + 24, 4 w + 24), and gives ``high`` (1, 1, 4 h, 4 w) in 0.1 mm.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

FACTOR = 4
MARGIN = 3  # texels of the small map round a window, one for each convolution


class SuperResolution(nn.Module):
    """Residual enlargement by `FACTOR`.

    Parameters
    ----------
    channels : int
        Of the two inner layers.
    """

    def __init__(self, channels: int = 32) -> None:
        super().__init__()
        n_in = 1 + FACTOR * FACTOR
        self.layers = nn.Sequential(
            nn.Conv2d(n_in, channels, 3),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3),
            nn.ReLU(),
            nn.Conv2d(channels, FACTOR * FACTOR, 3),
        )
        last = self.layers[-1]
        assert isinstance(last, nn.Conv2d)
        nn.init.zeros_(last.weight)  # starts as bicubic enlargement with its means put right
        nn.init.zeros_(torch.as_tensor(last.bias))

    def forward(self, low: Tensor, enlarged: Tensor, nearness: Tensor) -> Tensor:
        """The enlarged window.

        Parameters
        ----------
        low : (B, 1, h + 2 MARGIN, w + 2 MARGIN)
            Small map in 0.1 mm with its margin.
        enlarged : (B, 1, 4 h, 4 w)
            Bicubic enlargement of the window.
        nearness : (B, 1, 4 h + 8 MARGIN, 4 w + 8 MARGIN)
            1 on a line, 0 from `core.learned.super_resolution.REACH_PX` texels on.

        Returns
        -------
        (B, 1, 4 h, 4 w)
            0.1 mm; the mean of every 4 x 4 texels is that of `low`.
        """
        texels = torch.cat([low, F.pixel_unshuffle(nearness, FACTOR)], 1)
        parts = F.pixel_unshuffle(enlarged, FACTOR) + self.layers(texels)
        wanted = low[:, :, MARGIN:-MARGIN, MARGIN:-MARGIN]
        return F.pixel_shuffle(parts + (wanted - parts.mean(1, keepdim=True)), FACTOR)
