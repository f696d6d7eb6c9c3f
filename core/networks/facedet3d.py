"""FaceDet3D's detail hallucination (Athar et al., section 3.2): a face's detail for target action units, by a mask.

`Hallucinator` is DetH of eq. 2: features of the detail map and of the action units that it was captured with, and a
decoder that gets the target through adaptive instance normalisation (Huang and Belongie, ICCV 2017). It gives a
hallucination and a mask, which eq. 4 puts together with the detail that came in: where the mask is 0 nothing changes.
The hallucination is told in two parts. Gains deepen and flatten what came in, octave by octave, where it is: a person's
lines lie where they do and not where other people have them. What is added are wrinkles that were not there. The mask
starts where gains change something, and closes where the network finds that they need not.
`ExpressionDiscriminator` is DExp of eq. 5: a U-Net (Schonfeld et al., CVPR 2020) that judges each place and the whole,
and reads the action units out of a map.

Age goes in beside the action units, at capture and wanted: in the paper it is an input feature alone. There is no face
embedding: the person is in the map.

The ONNX file `facedet3d.onnx` takes ``detail`` (1, 256, 256) in 0.1 mm, ``told`` (1, 12, 16, 16) of
`core.learned.facedet3d.Usual`, ``source`` and ``target`` (1, n) and gives ``gains`` (1, 4, 16, 16), ``added`` and
``mask`` (1, 256, 256); `core.learned.facedet3d.Hallucination` puts them together.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

WIDTHS = (16, 32, 64, 96)
_BLOCKS = (1, 1, 2, 2)
_BANDS = 4
_TOLD = 3 * _BANDS
LEAST_GAIN, LARGEST_GAIN = 0.35, 2.5
_SHARE = 2  # texels of the chart per texel of the finest level
_CONDITION = 64
_SHUT, _STEEP = 5.0, 30.0  # of the mask's logit: at first a change by less than a tenth is none
_WHOLE = 0.15  # difference of conditions up to which the mask opens: where nothing is wanted nothing changes
_SLACK = 0.1  # by which the mask's sigmoid is stretched beyond 0, so that it reaches it
_SIDE = 256


class _Block(nn.Module):
    """Two convolutions beside what goes by."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.second.weight)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = x + self.second(F.relu(self.first(F.relu(x))))
        return result


class _AdaptiveBlock(nn.Module):
    """The same with adaptive instance normalisation by a condition."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.style = nn.Linear(_CONDITION, 2 * channels)
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.second.weight)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        scale, shift = self.style(condition)[:, :, None, None].chunk(2, 1)
        styled = F.instance_norm(x) * (1 + scale) + shift
        result: Tensor = x + self.second(F.relu(self.first(F.relu(styled))))
        return result


class Hallucinator(nn.Module):
    """See the module.

    Parameters
    ----------
    n_units : int
        Numbers of a condition: action units and age.
    """

    place: Tensor

    def __init__(self, n_units: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(_SHARE**2 + 2, WIDTHS[0], 3, padding=1)
        self.down = nn.ModuleList(nn.Conv2d(a, b, 2, stride=2) for a, b in pairwise(WIDTHS))
        self.coming = nn.ModuleList(
            nn.Sequential(*(_Block(width) for _ in range(n))) for width, n in zip(WIDTHS, _BLOCKS, strict=True)
        )
        self.captured = nn.Linear(n_units, WIDTHS[-1])
        self.told = nn.Conv2d(_TOLD, WIDTHS[-1], 1)
        self.wanted = nn.Sequential(
            nn.Linear(2 * n_units, 2 * _CONDITION), nn.ReLU(), nn.Linear(2 * _CONDITION, _CONDITION)
        )
        self.middle = _AdaptiveBlock(WIDTHS[-1])
        self.gain = nn.Conv2d(WIDTHS[-1] + _TOLD, _BANDS, 1)
        self.up = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in pairwise(WIDTHS))
        self.going = nn.ModuleList(_AdaptiveBlock(width) for width in WIDTHS[:-1])
        self.out = nn.Conv2d(WIDTHS[0], 2 * _SHARE**2, 3, padding=1)
        for layer in (self.gain, self.out):
            for parameter in layer.parameters():
                nn.init.zeros_(parameter)
        side = torch.linspace(-1, 1, _SIDE // _SHARE)
        place = torch.stack([side[None].abs().expand(len(side), -1), side[:, None].expand(-1, len(side))])
        self.register_buffer("place", place[None], persistent=False)

    def forward(self, detail: Tensor, told: Tensor, source: Tensor, target: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Gains (B, 4, 16, 16), what is added and its mask, (B, 256, 256) each.

        Parameters
        ----------
        detail : (B, 256, 256)
        told : (B, 12, 16, 16)
        source, target : (B, n)
        """
        place = self.place.expand(len(detail), -1, -1, -1)
        x = self.stem(torch.cat([F.pixel_unshuffle(detail[:, None], _SHARE), place], 1))
        passed = []
        for level, block in enumerate(self.coming):
            x = block(x if level == 0 else self.down[level - 1](x))
            passed.append(x)
        condition = self.wanted(torch.cat([target, target - source], 1))
        x = self.middle(x + self.captured(source)[:, :, None, None] + self.told(told), condition)
        # Half of an energy's logarithm is an amplitude's.
        gains = 0.5 * told[:, :_BANDS] + self.gain(torch.cat([F.relu(x), told], 1))
        for level in reversed(range(len(self.going))):
            larger = F.interpolate(self.up[level](x), scale_factor=2.0, mode="bilinear", align_corners=False)
            x = self.going[level](passed[level] + larger, condition)
        made = F.pixel_shuffle(self.out(F.relu(x)), _SHARE)
        gains = gains.float().clamp(math.log(LEAST_GAIN), math.log(LARGEST_GAIN))
        changed = F.interpolate(
            gains.detach().abs().amax(1, keepdim=True), size=(_SIDE, _SIDE), mode="bilinear", align_corners=False
        )[:, 0]
        mask = (torch.sigmoid(made[:, 1] + _STEEP * changed - _SHUT) * (1 + _SLACK) - _SLACK).clamp(min=0)
        near = ((target - source).abs().amax(1) / _WHOLE).clamp(max=1)
        return gains.exp(), made[:, 0], mask * near[:, None, None]


class ExpressionDiscriminator(nn.Module):
    """See the module; only training needs it.

    Parameters
    ----------
    n_units : int
        Numbers that are read out of a map.
    """

    def __init__(self, n_units: int) -> None:
        super().__init__()
        widths = (24, 32, 48, 64)
        self.stem = nn.Conv2d(_SHARE**2, widths[0], 3, padding=1)
        self.down = nn.ModuleList(nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in pairwise(widths))
        self.whole = nn.Linear(widths[-1], 1 + n_units)
        self.up = nn.ModuleList(nn.Conv2d(b, a, 3, padding=1) for a, b in pairwise(widths))
        self.out = nn.Conv2d(widths[1], 1, 1)

    def forward(self, detail: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Verdicts on the whole (B,) and on places (B, 64, 64), and action units (B, n)."""
        x = F.leaky_relu(self.stem(F.pixel_unshuffle(detail[:, None], _SHARE)), 0.2)
        passed = []
        for layer in self.down:
            passed.append(x)
            x = F.leaky_relu(layer(x), 0.2)
        told = self.whole(x.mean((2, 3)))
        for level in reversed(range(1, len(self.up))):
            larger = F.interpolate(x, scale_factor=2.0, mode="nearest")
            x = F.leaky_relu(self.up[level](larger) + passed[level], 0.2)
        return told[:, 0], self.out(x)[:, 0], told[:, 1:]
