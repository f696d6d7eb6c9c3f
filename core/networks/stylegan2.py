"""Layers of StyleGAN2, written from its paper (Karras et al., CVPR 2020): what the paper's variant of SEMM is built of.

Weights are drawn from a standard normal distribution and scaled while computing (equalised learning rate). Maps are
(B, C, H, W); resolutions double and halve through the binomial filter 1 3 3 1.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_SLOPE = 0.2
_GROUP = 4  # faces whose spread the critic sees
_LEAST_POWER = 1e-8


def activated(x: Tensor) -> Tensor:
    """Leaky ReLU that keeps the power of what it is given."""
    return F.leaky_relu(x, _SLOPE) * math.sqrt(2)


def unit_power(x: Tensor) -> Tensor:
    """Numbers (B, C, ...) whose mean square over C is 1."""
    return x * torch.rsqrt(x.square().mean(1, keepdim=True) + _LEAST_POWER)


def widths(channels: int, resolution: int, finest: int = 256) -> int:
    """Channels at a resolution: `channels` at the finest, twice as many at each coarser one, at most four times."""
    return min(channels * finest // resolution, 4 * channels)


class EqualLinear(nn.Module):
    """A linear layer whose weights are scaled while computing."""

    def __init__(self, n_in: int, n_out: int, bias: float = 0.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_out, n_in))
        self.bias = nn.Parameter(torch.full((n_out,), bias))
        self.scale = 1 / math.sqrt(n_in)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight * self.scale, self.bias)


class EqualConv(nn.Module):
    """A convolution whose weights are scaled while computing; with a stride it pads nothing."""

    def __init__(self, n_in: int, n_out: int, size: int, stride: int = 1, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_out, n_in, size, size))
        self.bias = nn.Parameter(torch.zeros(n_out)) if bias else None
        self.scale = 1 / math.sqrt(n_in * size**2)
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        padding = self.weight.shape[-1] // 2 if self.stride == 1 else 0
        return F.conv2d(x, self.weight * self.scale, self.bias, self.stride, padding)


def filtered(x: Tensor, padding: int, stride: int = 1) -> Tensor:
    """Maps through the binomial filter, (B, C, (H + 2 padding - 4) / stride + 1, ...)."""
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0], device=x.device, dtype=x.dtype)
    channels = x.shape[1]
    kernel = (torch.outer(taps, taps) / 64).repeat(channels, 1, 1, 1)
    return F.conv2d(x, kernel, stride=stride, padding=padding, groups=channels)


def doubled(x: Tensor) -> Tensor:
    """Maps at twice the size; bilinear enlarging is the binomial filter on a map with zeros between its texels."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


class DownBlock(nn.Module):
    """A residual block of the discriminator: (B, n_in, H, W) -> (B, n_out, H / 2, W / 2)."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.first = EqualConv(n_in, n_in, 3)
        self.second = EqualConv(n_in, n_out, 3, stride=2)
        self.skip = EqualConv(n_in, n_out, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        values = activated(self.second(filtered(activated(self.first(x)), 2)))
        beside: Tensor = self.skip(filtered(x, 1, 2))
        return (values + beside) / math.sqrt(2)


class ModulatedConv(nn.Module):
    """A convolution whose inputs a style scales, and whose outputs are brought back to unit power (demodulation)."""

    def __init__(self, n_in: int, n_out: int, size: int, n_style: int, demodulated: bool = True) -> None:
        super().__init__()
        self.affine = EqualLinear(n_style, n_in, bias=1.0)
        self.conv = EqualConv(n_in, n_out, size, bias=False)
        self.demodulated = demodulated

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        # Scaling inputs and outputs is the same as scaling the weights for each face, and needs no weights for each.
        with torch.autocast(x.device.type, enabled=False):
            scale = self.affine(style.float())
            power = F.linear(scale**2, (self.conv.weight * self.conv.scale).square().sum((2, 3)))
        values: Tensor = self.conv(x * scale[:, :, None, None].to(x.dtype))
        if not self.demodulated:
            return values
        return values * torch.rsqrt(power + _LEAST_POWER)[:, :, None, None].to(values.dtype)


class StyledConv(nn.Module):
    """Modulated convolution, noise while training, bias and activation; `doubling` enlarges first."""

    def __init__(self, n_in: int, n_out: int, n_style: int, doubling: bool = False) -> None:
        super().__init__()
        self.conv = ModulatedConv(n_in, n_out, 3, n_style)
        self.bias = nn.Parameter(torch.zeros(1, n_out, 1, 1))
        self.noise = nn.Parameter(torch.zeros(()))
        self.doubling = doubling

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        values: Tensor = self.conv(doubled(x) if self.doubling else x, style)
        if self.training:
            values = values + self.noise * torch.randn_like(values[:, :1])
        return activated(values + self.bias.to(values.dtype))


def with_spread(x: Tensor) -> Tensor:
    """Features and one more plane: how much the faces of a group differ, on average (minibatch standard deviation)."""
    group = next(size for size in range(_GROUP, 0, -1) if len(x) % size == 0)
    grouped = x.float().reshape(group, -1, *x.shape[1:])
    spread = (grouped.var(0, unbiased=False) + _LEAST_POWER).sqrt().mean((1, 2, 3))
    plane = spread.repeat(group)[:, None, None, None].expand(-1, 1, *x.shape[2:])
    return torch.cat([x, plane.to(x.dtype)], 1)
