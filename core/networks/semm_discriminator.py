"""The multi-task discriminator: one verdict per key expression (20) and per age group (7)."""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rhytid.core.networks.semm_config import AGE_GROUP_YEARS, N_KEY_EXPRESSIONS

_STEM = 2


def age_group(age: Tensor) -> Tensor:
    """Number 0..6 of the group of each age (B,) in years, int64 (B,)."""
    return torch.bucketize(age.contiguous(), torch.tensor(AGE_GROUP_YEARS, device=age.device), right=True)


class Discriminator(nn.Module):
    """Pairs (B, 2, 256, 256) of x in 0.1 mm and y -> verdicts (B, 27) and the features of its layers.

    It looks at half the resolution: the finest texture is noise, which no code holds and no generator should invent.
    """

    def __init__(self, channels: int = 32) -> None:
        super().__init__()
        widths = (channels, 2 * channels, 3 * channels, 4 * channels)
        layers = [nn.Conv2d(2 * _STEM**2, widths[0], 3, padding=1)]
        layers += [nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in pairwise(widths)]
        self.layers = nn.ModuleList(layers)
        self.verdict = nn.Conv2d(widths[-1], N_KEY_EXPRESSIONS + len(AGE_GROUP_YEARS) + 1, 3, padding=1)

    def forward(self, pair: Tensor) -> tuple[Tensor, list[Tensor]]:
        values = F.pixel_unshuffle(F.avg_pool2d(pair, 2), _STEM)
        features = []
        for layer in self.layers:
            values = F.leaky_relu(layer(values), 0.2)
            features.append(values)
        return self.verdict(values).float().mean((2, 3)), features


def chosen_verdicts(verdicts: Tensor, key_expression: Tensor, age: Tensor) -> tuple[Tensor, Tensor]:
    """Verdicts of the tasks that a face belongs to, and which of them count.

    Parameters
    ----------
    verdicts : (B, 27)
    key_expression : int64 (B,)
        -1 for mixtures, which only their age group judges.
    age : (B,)
        Years.

    Returns
    -------
    (B, 2), (B, 2)
        Verdicts for the key expression and for the age group, and weights 0 or 1.
    """
    known = key_expression >= 0
    columns = torch.stack([key_expression.clamp(min=0), N_KEY_EXPRESSIONS + age_group(age)], 1)
    counts = torch.stack([known.to(verdicts.dtype), torch.ones_like(known, dtype=verdicts.dtype)], 1)
    return verdicts.gather(1, columns), counts
