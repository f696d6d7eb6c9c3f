"""The `paper` variant: SEMM as its paper has it (Ling et al., ECCV 2022, sections 5 and 6), at any width.

A pair is (B, 2, 256, 256): displacement and distance field, each brought to mean 0 and standard deviation 1. The code
has 576 numbers: 8 x 8 x 8 for the structure, from which the generator starts, and 64 for the style, which modulates it.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from rhytid.core.ageing import told_age
from rhytid.core.maps.units import SIDE
from rhytid.core.networks.semm_config import (
    AGE_GROUP_YEARS,
    CHANNELS,
    CODE,
    GRID,
    N_EXPRESSION,
    N_KEY_EXPRESSIONS,
    STRUCTURE,
    STYLE,
    PaperConfig,
)
from rhytid.core.networks.semm_transform import TransformMlp
from rhytid.core.networks.stylegan2 import (
    DownBlock,
    EqualConv,
    EqualLinear,
    ModulatedConv,
    StyledConv,
    activated,
    doubled,
    unit_power,
    widths,
    with_spread,
)

_LINE = 1.25 / 12.8  # of the distance field, nearer than which there is a line
_TOLD = N_EXPRESSION + 1
_SMALLEST = 4  # side of the discriminator's last maps


def _halvings(channels: int, smallest: int) -> nn.ModuleList:
    sides = [SIDE >> level for level in range((SIDE // smallest).bit_length())]
    return nn.ModuleList(DownBlock(widths(channels, a), widths(channels, b)) for a, b in pairwise(sides))


class Encoder(nn.Module):
    """E of equation 1 after Park et al. (NeurIPS 2020): pairs -> codes (B, 576).

    As theirs do, the structure of each cell and the style have unit power.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = widths(channels, GRID)
        self.first = EqualConv(2, channels, 1)
        self.downs = _halvings(channels, GRID)
        self.structure = nn.ModuleList([EqualConv(inner, inner, 1), EqualConv(inner, CHANNELS, 1)])
        self.style = nn.ModuleList([EqualConv(inner, inner, 3, stride=2), EqualConv(inner, inner, 3, stride=2)])
        self.last = EqualLinear(inner, STYLE)

    def forward(self, pair: Tensor) -> Tensor:
        values = activated(self.first(pair))
        for down in self.downs:
            values = down(values)
        structure = self.structure[1](activated(self.structure[0](values)))
        for layer in self.style:
            values = activated(layer(values))
        style = self.last(values.mean((2, 3)))
        return torch.cat([unit_power(structure.float()).flatten(1), unit_power(style.float())], 1)


class Generator(nn.Module):
    """G of equation 1, StyleGAN2 with skip connections: codes (B, 576 + n_told) -> pairs.

    The structure is added to the constant that StyleGAN2 starts from; the style, and what is told beside the code,
    modulate every layer.
    """

    def __init__(self, channels: int, n_told: int = 0) -> None:
        super().__init__()
        n_style, inner = STYLE + n_told, widths(channels, GRID)
        self.constant = nn.Parameter(torch.randn(1, inner, GRID, GRID))
        self.structure = EqualConv(CHANNELS, inner, 1)
        self.first = StyledConv(inner, inner, n_style)
        self.first_maps = ModulatedConv(inner, 2, 1, n_style, demodulated=False)
        sides = [GRID << level for level in range((SIDE // GRID).bit_length())]
        self.ups, self.layers, self.maps = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        for a, b in pairwise(sides):
            n_in, n_out = widths(channels, a), widths(channels, b)
            self.ups.append(StyledConv(n_in, n_out, n_style, doubling=True))
            self.layers.append(StyledConv(n_out, n_out, n_style))
            self.maps.append(ModulatedConv(n_out, 2, 1, n_style, demodulated=False))
        self.bias = nn.Parameter(torch.zeros(1, 2, 1, 1))

    def forward(self, code: Tensor) -> Tensor:
        style = code[:, STRUCTURE:]
        structure = code[:, :STRUCTURE].reshape(-1, CHANNELS, GRID, GRID)
        values = self.first(self.constant + self.structure(structure), style)
        pair: Tensor = self.first_maps(values, style)
        for up, layer, maps in zip(self.ups, self.layers, self.maps, strict=True):
            values = layer(up(values, style), style)
            pair = doubled(pair) + maps(values, style)
        return pair + self.bias


class PaperDiscriminator(nn.Module):
    """D, StyleGAN2's residual discriminator: pairs -> 20 + 7 verdicts (B, 27) and the features of its layers."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = widths(channels, _SMALLEST)
        self.first = EqualConv(2, channels, 1)
        self.downs = _halvings(channels, _SMALLEST)
        self.joined = EqualConv(inner + 1, inner, 3)
        self.flat = EqualLinear(inner * _SMALLEST**2, inner)
        self.verdict = EqualLinear(inner, N_KEY_EXPRESSIONS + len(AGE_GROUP_YEARS) + 1)

    def forward(self, pair: Tensor) -> tuple[Tensor, list[Tensor]]:
        features = [activated(self.first(pair))]
        for down in self.downs:
            features.append(down(features[-1]))
        features.append(activated(self.joined(with_spread(features[-1]))))
        features.append(activated(self.flat(features[-1].flatten(1))))
        return self.verdict(features[-1]).float(), features


class PaperSemm(nn.Module):
    """Encoder, generator and the two transforms, or what stands for these in the ablation "concatenation".

    Attributes
    ----------
    mean, scale : (2,)
        Mean and standard deviation of displacement in 0.1 mm and distance field, which a pair does not have any more.
    bf16 : bool
        Convolutions in bfloat16.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, config: PaperConfig) -> None:
        super().__init__()
        self.lines_only = config.ablation == "no-distance-field"
        self.concatenated = config.ablation == "concatenation"
        self.encoder = Encoder(config.channels)
        self.generator = Generator(config.channels, _TOLD if self.concatenated else 0)
        if not self.concatenated:
            self.by_expression, self.by_age = TransformMlp(CODE, N_EXPRESSION), TransformMlp(CODE, 1)
        self.register_buffer("mean", torch.zeros(2))
        self.register_buffer("scale", torch.ones(2))
        self.bf16 = False

    def raw(self, x: Tensor, field: Tensor) -> Tensor:
        """Displacement in 0.1 mm and distance field 0..1, (B, 256, 256), as (B, 2, 256, 256).

        In the ablation "no-distance-field" the lines themselves stand for the field, as in table 1's.
        """
        return torch.stack([x, (1 - field / _LINE).clamp(min=0) if self.lines_only else field], 1)

    def pair(self, x: Tensor, field: Tensor) -> Tensor:
        """The pair of maps (B, 256, 256)."""
        return (self.raw(x, field) - self.mean[:, None, None]) / self.scale[:, None, None]

    def maps(self, pair: Tensor) -> tuple[Tensor, Tensor]:
        """Displacement in 0.1 mm, and distance field or lines, (B, 256, 256), of a pair."""
        x, field = (pair * self.scale[:, None, None] + self.mean[:, None, None]).unbind(1)
        return x, field

    @property
    def delta(self) -> float:
        """Where equation 4 cuts a pair's second map off: at 5 % of the width, the distance field's 1; lines nowhere."""
        return float("inf") if self.lines_only else float((1 - self.mean[1]) / self.scale[1])

    def encode(self, pair: Tensor) -> Tensor:
        """z = E(x), equation 1; (B, 576)."""
        with torch.autocast(pair.device.type, torch.bfloat16, enabled=self.bf16):
            code: Tensor = self.encoder(pair)
        return code.float()

    def reconstructed(self, code: Tensor, expression: Tensor, age: Tensor) -> Tensor:
        """G(z), equation 1, a pair; only the ablation "concatenation" looks at expression (B, 52) and age (B,)."""
        return self._generated(code, expression, age)

    def in_expression(self, code: Tensor, wanted: Tensor, age: Tensor) -> Tensor:
        """G(z + T_exp(z, e)), equation 7, for the wanted expression (B, 52); `age` as in `reconstructed`."""
        moved = code if self.concatenated else code + self.by_expression(code, wanted)
        return self._generated(moved, wanted, age)

    def at_age(self, code: Tensor, wanted: Tensor, expression: Tensor) -> Tensor:
        """G(z + T_age(z, a)), equation 8, for the wanted age (B,) in years; `expression` as in `reconstructed`."""
        moved = code if self.concatenated else code + self.by_age(code, told_age(wanted)[:, None])
        return self._generated(moved, expression, wanted)

    def _generated(self, code: Tensor, expression: Tensor, age: Tensor) -> Tensor:
        if self.concatenated:
            code = torch.cat([code, expression, told_age(age)[:, None]], 1)
        with torch.autocast(code.device.type, torch.bfloat16, enabled=self.bf16):
            pair: Tensor = self.generator(code)
        return pair.float()
