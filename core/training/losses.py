"""The terms of the structured SEMM's training, one small function each.

Those after the paper (Ling et al., ECCV 2022) name its equation and what differs; the paper's own are in
`semm_paper_losses`. Maps are (B, 1, H, W); x is in 0.1 mm and y = 1 - distance field,
truncated at 5 % of the width. `importance` (H, W) or None weighs texels.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

_KNEE = 0.3  # 0.1 mm; differences below it count squared


def weighted_mean(values: Tensor, importance: Tensor | None) -> Tensor:
    """Mean of `values` (..., H, W) over all texels, each as much as `importance` says."""
    if importance is None:
        return values.mean()
    return (values * importance).mean() / importance.mean()


def reconstruction(predicted: Tensor, x: Tensor, importance: Tensor | None = None) -> Tensor:
    """Beside the paper, which has only equation 3: absolute differences of the maps, squared near zero."""
    return weighted_mean(F.smooth_l1_loss(predicted, x, beta=_KNEE, reduction="none"), importance)


def truncated_field(predicted: Tensor, y: Tensor, importance: Tensor | None = None) -> Tensor:
    """Equation 4 with delta = 5 % of the width, on 1 - distance field.

    Both fields are cut off at delta, so that only the neighbourhood of lines is compared: y = 0 beyond delta,
    and a prediction below 0 there (a distance beyond delta) is as good as 0.
    """
    return weighted_mean((predicted.clamp(0, 1) - y.clamp(0, 1)).abs(), importance)


def feature_matching(fake: Sequence[Tensor], real: Sequence[Tensor]) -> Tensor:
    """Equation 3, but for its scale: distance of the discriminator's features.

    Every layer counts as much as any other; the real features are fixed.
    """
    terms = [(a.float() - b.float().detach()).abs().mean() / (b.float().detach().abs().mean() + 1e-3)
             for a, b in zip(fake, real, strict=True)]  # fmt: skip
    return torch.stack(terms).mean()


def discriminator_verdicts(real: Tensor, fake: Tensor, real_counts: Tensor, fake_counts: Tensor) -> Tensor:
    """Equations 9 and 10 for the discriminator, a mean over the verdicts that count.

    Parameters
    ----------
    real, fake : (B, 2)
        Verdicts of each face's key expression and age group.
    real_counts, fake_counts : (B, 2)
        0 where a face has no key expression.
    """
    return _counted(F.softplus(-real), real_counts) + _counted(F.softplus(fake), fake_counts)


def generator_verdicts(fake: Tensor, counts: Tensor) -> Tensor:
    """Equation 9 for the generator, non-saturating, a mean over the verdicts that count."""
    return _counted(F.softplus(-fake), counts)


def gradient_penalty(verdicts: Tensor, pair: Tensor) -> Tensor:
    """R1 (Mescheder et al. 2018), which the paper adds to equation 11: squared gradient of the verdicts on real pairs.

    `pair` (B, 2, H, W) must require a gradient and have led to `verdicts`.
    """
    (gradient,) = torch.autograd.grad(verdicts.sum(), pair, create_graph=True)
    return gradient.square().sum((1, 2, 3)).mean()


def structure_kept(mixed_y: Tensor, y: Tensor, importance: Tensor | None = None) -> Tensor:
    """Equation 6, but mixed in the code: one face's structure in another's style keeps its lines.

    That the mixture must look real is `generator_verdicts` on it.
    """
    return truncated_field(mixed_y, y, importance)


def cycle(code: Tensor, returned: Tensor) -> Tensor:
    """After equation 13, which compares maps: transformed there and back, a code is what it was."""
    return (returned - code.detach()).abs().mean()


def paired_code(transformed: Tensor, code: Tensor) -> Tensor:
    """Paired supervision beyond the paper: the same person's code at the other expression and age, (B, 576)."""
    return F.smooth_l1_loss(transformed, code.detach())


def line_difference(with_line: Tensor, without: Tensor, x_with: Tensor, x_without: Tensor) -> Tensor:
    """Paired supervision beyond the paper: what one line less changes, where it changes anything.

    Texels count as much as the line's going moves them, so that a line of a few texels is not drowned.
    """
    wanted = x_with - x_without
    moved = wanted.abs()
    return ((with_line - without - wanted).abs() * moved).sum() / (moved.sum() + 1.0)


def style_energies(predicted: Tensor, log_energy: Tensor) -> Tensor:
    """The code knows how much texture each band has where: log energies (B, 4, 16, 16)."""
    return F.smooth_l1_loss(predicted, log_energy)


def _counted(values: Tensor, counts: Tensor) -> Tensor:
    return (values * counts).sum() / counts.sum().clamp(min=1)
