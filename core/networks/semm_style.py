"""The style of a map: how much texture each octave band has where, as 64 numbers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rhytid.core.maps.bands import BAND_CELLS, BAND_EDGES_PX, ENERGY_FLOOR, N_BANDS, low_pass
from rhytid.core.maps.units import SIDE
from rhytid.core.networks.semm_config import STYLE

N_ENERGIES = N_BANDS * BAND_CELLS**2
N_FEATURES = N_ENERGIES + BAND_CELLS**2


def _blur_matrix(sigma: float) -> npt.NDArray[np.float32]:
    """The blur along one axis as a matrix, float32 (256, 256), borders as `low_pass` has them."""
    # A constant along the columns passes unchanged, so one call gives the blur along the rows alone.
    return np.stack(
        [low_pass(np.tile(unit[:, None], (1, 65)), sigma)[:, 32] for unit in np.eye(SIDE, dtype=np.float32)], 1
    )


class BandEnergies(nn.Module):
    """Log energies of the octave bands, (B, 256, 256) in 0.1 mm -> (B, 4, 16, 16)."""

    _blurs: Tensor

    def __init__(self) -> None:
        super().__init__()
        matrices = np.stack([_blur_matrix(sigma) for sigma in BAND_EDGES_PX])
        self.register_buffer("_blurs", torch.from_numpy(matrices), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        blurred = torch.matmul(torch.matmul(self._blurs[None], x[:, None]), self._blurs.transpose(1, 2)[None])
        bands = blurred[:, :-1] - blurred[:, 1:]
        return torch.log(F.avg_pool2d(bands * bands, SIDE // BAND_CELLS) + ENERGY_FLOOR)


class StyleMap(nn.Module):
    """Linear maps between style features (B, 1280), the style (B, 64) and log energies (B, 4, 16, 16)."""

    mean: Tensor

    def __init__(self, with_field: bool = True) -> None:
        super().__init__()
        self.with_field = with_field
        self.energies = BandEnergies()
        self.register_buffer("mean", torch.zeros(N_FEATURES))
        self.analysis = nn.Parameter(torch.randn(STYLE, N_FEATURES) / N_FEATURES**0.5)
        self.synthesis = nn.Parameter(torch.randn(N_ENERGIES, STYLE) * 0.01)

    def features(self, x: Tensor, y_half: Tensor) -> Tensor:
        """Style features (B, 1280) of x (B, 256, 256) and y (B, 128, 128)."""
        field = F.avg_pool2d(y_half[:, None], y_half.shape[-1] // BAND_CELLS).flatten(1)
        log_energy: Tensor = self.energies(x)
        return torch.cat([log_energy.flatten(1), field if self.with_field else torch.zeros_like(field)], 1)

    def encode(self, features: Tensor) -> Tensor:
        """Style (B, 64) of style features."""
        return F.linear(features - self.mean, self.analysis)

    def decode(self, style: Tensor) -> Tensor:
        """Log energies (B, 4, 16, 16) of a style."""
        energies = F.linear(style, self.synthesis) + self.mean[:N_ENERGIES]
        return energies.reshape(-1, N_BANDS, BAND_CELLS, BAND_CELLS)
