"""How much of a valley every texel is, so that a painted map is told where its lines must show.

SEMM compares distance fields; of a painted map there is none without extracting its lines. The strength that
extraction thresholds can be compared instead, and it has a gradient.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from rhytid.core.training.losses import weighted_mean

SIGMAS_PX = (1.5, 2.2)
THRESHOLD = 0.45  # 0.1 mm; what a plain extraction by this measure starts lines at
_CEILING = 1.6  # thresholds; how deep a clear line is, reconstruction decides
_SPREADS = 0.67  # thresholds; to here an extracted line goes on from where it began
_LEAST = 0.95  # thresholds; on a line that was given, however shallow its ends: extraction follows it from its peak
_TINY = 1e-6


def _blur(sigma: float, side: int, device: torch.device) -> Tensor:
    """Gaussian along one axis as a matrix (side, side), renormalised at the ends."""
    at = torch.arange(side, device=device, dtype=torch.float32)
    weights = torch.exp(-0.5 * ((at[:, None] - at[None, :]) / sigma) ** 2)
    return weights / weights.sum(1, keepdim=True)


def valley_strength(x: Tensor) -> Tensor:
    """Largest eigenvalue of the scale-normalised Hessian over two scales.

    Parameters
    ----------
    x : (B, H, H)
        0.1 mm.

    Returns
    -------
    (B, H - 4, H - 4)
        In `THRESHOLD`; above 1 lines begin, ridges and flat skin are at or below 0.
    """
    strengths = []
    for sigma in SIGMAS_PX:
        blur = _blur(sigma, x.shape[-1], x.device)
        smooth = blur @ x @ blur.T
        down = smooth[:, 2:, 1:-1] - smooth[:, :-2, 1:-1]
        across = smooth[:, 1:-1, 2:] - smooth[:, 1:-1, :-2]
        rows = (down[:, 2:, 1:-1] - down[:, :-2, 1:-1]) / 4
        columns = (across[:, 1:-1, 2:] - across[:, 1:-1, :-2]) / 4
        mixed = (down[:, 1:-1, 2:] - down[:, 1:-1, :-2]) / 4
        half = (rows - columns) / 2
        largest = (rows + columns) / 2 + (half * half + mixed * mixed + _TINY).sqrt()
        strengths.append(largest * (sigma * sigma / THRESHOLD))
    return torch.stack(strengths).amax(0)


def valleys(painted: Tensor, x: Tensor, on_line: Tensor, importance: Tensor | None = None) -> Tensor:
    """Paired supervision beyond the paper: valleys where the map has lines, and none elsewhere.

    Parameters
    ----------
    painted, x : (B, H, H)
        0.1 mm.
    on_line : bool (B, H, H)
        Texels that a strong line of the map passes.
    importance : (B, H, H), optional
    """
    line = on_line[..., 2:-2, 2:-2]
    inner = None if importance is None else importance[..., 2:-2, 2:-2]
    found, wanted = (valley_strength(values).clamp(0, _CEILING) for values in (painted, x))
    wanted = torch.where(line, wanted.clamp(min=_LEAST), wanted)
    # A missed line is as bad as an invented one, though lines cover little of the skin.
    shown = 1 + 3 * line + 2 * ((found > _SPREADS) & (wanted < _SPREADS))
    return weighted_mean(F.smooth_l1_loss(found, wanted, beta=0.3, reduction="none") * shown, inner)
