"""Enlarges displacement four times along lines that are known sharply: an ESPCN-like network (Shi et al., CVPR 2016).

FaceDet3D (section 3.3) takes 256 to 1024 and 1024 to 4096 by one network applied twice; so do we. All arithmetic
happens at the small size: the line field comes in by pixel unshuffle, the result goes out by pixel shuffle. What the
network gives is a residual on an enlargement that keeps means, and has mean 0 in every 4 x 4 texels itself: enlarging
adds detail and never drifts.

The network sees the map's local contrast only, the field of the lines times this contrast, and has no biases. So it is
homogeneous: half the depth gives half the residual, and where nothing is there to sharpen, nothing is added, which
matters most on the way to 4096, where most of the map is smooth.

Shipped tensors are `layers.{0,2,4}.weight`; the ONNX file `super_resolution.onnx` takes ``low`` (1, 1, h + 10,
w + 10) in 0.1 mm, ``enlarged`` (1, 1, 4 h, 4 w), its enlargement without the margin, and ``nearness`` (1, 1,
4 h + 40, 4 w + 40), and gives ``high`` (1, 1, 4 h, 4 w) in 0.1 mm.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

FACTOR = 4
MARGIN = 5  # texels of the small map round a window: two for the contrast, one for each convolution


class SuperResolution(nn.Module):
    """Residual enlargement by `FACTOR`.

    Parameters
    ----------
    channels : int
        Of the two inner layers.
    """

    def __init__(self, channels: int = 32) -> None:
        super().__init__()
        n_in = 2 + FACTOR * FACTOR
        self.layers = nn.Sequential(
            nn.Conv2d(n_in, channels, 3, bias=False),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, bias=False),
            nn.ReLU(),
            nn.Conv2d(channels, FACTOR * FACTOR, 3, bias=False),
        )
        last = self.layers[-1]
        assert isinstance(last, nn.Conv2d)
        nn.init.zeros_(last.weight)  # starts as the enlargement that it adds to

    def forward(self, low: Tensor, enlarged: Tensor, nearness: Tensor) -> Tensor:
        """The enlarged window.

        Parameters
        ----------
        low : (B, 1, h + 2 MARGIN, w + 2 MARGIN)
            Small map in 0.1 mm with its margin.
        enlarged : (B, 1, 4 h, 4 w)
            Enlargement of the window that keeps means, see `core.learned.super_resolution.enlarged_inside`.
        nearness : (B, 1, 4 (h + 2 MARGIN), 4 (w + 2 MARGIN))
            1 on a line, 0 from `core.learned.super_resolution.REACH_PX` texels on.

        Returns
        -------
        (B, 1, 4 h, 4 w)
            0.1 mm; the mean of every 4 x 4 texels is that of `low`.
        """
        rough = low[:, :, 1:-1, 1:-1] - F.avg_pool2d(low, 3, 1)
        contrast = F.avg_pool2d(rough.abs(), 3, 1)
        lines = F.pixel_unshuffle(nearness, FACTOR)[:, :, 2:-2, 2:-2]
        residual = self.layers(torch.cat([rough[:, :, 1:-1, 1:-1], contrast, lines * contrast], 1))
        residual = residual - residual.mean(1, keepdim=True)
        parts = F.pixel_unshuffle(enlarged, FACTOR)
        # What `enlarged` misses of the means is next to nothing, but exact means are promised.
        missing = low[:, :, MARGIN:-MARGIN, MARGIN:-MARGIN] - parts.mean(1, keepdim=True)
        return F.pixel_shuffle(parts + residual + missing, FACTOR)
