"""Mean and covariance of the codes of neutral faces, followed while a SEMM learns: from these faces are drawn."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rhytid.core.networks.semm_config import CODE
from rhytid.core.networks.semm_transform import Directions
from rhytid.core.training.semm_terms import Batch

AGE = 30.0
_DECAY = 0.997
_FLOOR = 1e-4


class Prior(nn.Module):
    """Running mean (576,) and second moment (576, 576) of codes brought to the neutral face of 30 years."""

    mean: Tensor
    second: Tensor
    count: Tensor

    def __init__(self, device: torch.device) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(CODE, device=device))
        self.register_buffer("second", torch.eye(CODE, device=device))
        self.register_buffer("count", torch.zeros((), dtype=torch.int64, device=device))

    @torch.no_grad()
    def follow(self, code: Tensor, batch: Batch, directions: Directions | None) -> None:
        """Take in the codes of a batch."""
        neutral = code.float()
        if directions is not None:
            there = torch.zeros_like(batch.expression)
            neutral = directions(neutral, batch.expression, there, batch.age, torch.full_like(batch.age, AGE))
        self.count += 1
        rate = max(1 - _DECAY, 1 / (int(self.count) + 1))
        self.mean.lerp_(neutral.mean(0), rate)
        self.second.lerp_(neutral.T @ neutral / len(neutral), rate)

    def factor(self) -> Tensor:
        """Square root of the covariance, symmetric, (576, 576)."""
        covariance = self.second - torch.outer(self.mean, self.mean)
        values, vectors = torch.linalg.eigh(covariance.double().cpu())
        root: Tensor = (vectors * values.clamp(min=_FLOOR).sqrt()) @ vectors.T
        return root.float()
