"""The terms of the paper's variant, one function for each equation of the paper (Ling et al., ECCV 2022).

Pairs are (B, 2, 256, 256), displacement and distance field, each of mean 0 and standard deviation 1. Norms are means
over texels, so that the weights of equation 14 mean the same at any size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor


def feature_matching(made: Sequence[Tensor], wanted: Sequence[Tensor]) -> Tensor:
    """Equation 3: the distance of the discriminator's features, summed over its layers; wanted ones are fixed."""
    return torch.stack(
        [(a.float() - b.float().detach()).abs().mean() for a, b in zip(made, wanted, strict=True)]
    ).sum()


def absolute(made: Tensor, wanted: Tensor) -> Tensor:
    """What stands for equation 3 in table 1's "w/o FM": the distance of the pairs texel by texel."""
    return (made - wanted).abs().mean()


def distance_field(made: Tensor, wanted: Tensor, delta: float) -> Tensor:
    """Equation 4: the distance of the fields of two pairs, both cut off at `delta`; displacements play no role."""
    return (made[:, 1].clamp(max=delta) - wanted[:, 1].clamp(max=delta)).abs().mean()


def reconstruction(matching: Tensor, field: Tensor, weight_field: float) -> Tensor:
    """Equation 2: `feature_matching` (or `absolute`) and `distance_field` of one pair and its target."""
    return matching + weight_field * field


def structure(mixed: Tensor, pair: Tensor, delta: float, weight_field: float) -> Tensor:
    """Equation 6: what is made of another face's displacement and this pair's field (equation 5) keeps that field."""
    return weight_field * distance_field(mixed, pair, delta)


def told_fake(chosen: Tensor, counts: Tensor) -> Tensor:
    """Equation 9 as the discriminator's loss: verdicts (B, 2) of expression and age on a made face shall be low.

    `counts` (B, 2) is 0 for a mixture of expressions, which has no verdict of its own.
    """
    return (F.softplus(chosen) * counts).sum(1).mean()


def told_real(chosen: Tensor, counts: Tensor) -> Tensor:
    """Equation 10 as the discriminator's loss, and equation 9 as the generator's, which does not saturate."""
    return (F.softplus(-chosen) * counts).sum(1).mean()


def full_objective(terms: Mapping[str, Tensor], weight_adversarial: float, weight_cycle: float) -> Tensor:
    """Equation 14, of `reconstruction`, `adversarial`, `structure` and `cycle`: equations 12, 11, 6 and 13."""
    return (
        terms["reconstruction"] + weight_adversarial * terms["adversarial"] + terms["structure"]
        + weight_cycle * terms["cycle"]
    )  # fmt: skip
