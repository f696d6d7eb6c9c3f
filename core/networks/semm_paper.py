"""The `paper` variant: one joint generator makes displacement and line field from the code, a conv net encodes."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rhytid.core.maps.bands import N_BANDS
from rhytid.core.networks.semm import Decoded, halved
from rhytid.core.networks.semm_config import CHANNELS, GRID, STRUCTURE, STYLE, SemmConfig
from rhytid.core.networks.semm_style import StyleMap
from rhytid.core.networks.semm_transform import Concatenation, Directions

_STEM = 4
_LEVELS = 3  # halvings between the stem's 64 and the structure's 8


class _Encoder(nn.Module):
    """(B, 2, 256, 256) -> codes (B, 576)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(2 * _STEM**2, channels, 3, padding=1)
        self.downs = nn.ModuleList(nn.Conv2d(channels, channels, 4, stride=2, padding=1) for _ in range(_LEVELS))
        self.structure = nn.Conv2d(channels, CHANNELS, 1)
        self.style = nn.Linear(channels, STYLE)

    def forward(self, pair: Tensor) -> Tensor:
        values = F.relu(self.stem(F.pixel_unshuffle(pair, _STEM)))
        for down in self.downs:
            values = F.relu(down(values))
        return torch.cat([self.structure(values).flatten(1), self.style(values.mean((2, 3)))], 1)


class _Generator(nn.Module):
    """Structure (B, 8, 8, 8), modulated by the style (B, 64) at every level -> x and field logits (B, 2, 256, 256)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.place = nn.Parameter(torch.zeros(1, channels, GRID, GRID))
        self.first = nn.Conv2d(CHANNELS, channels, 3, padding=1)
        self.gains = nn.ModuleList(nn.Linear(STYLE, channels) for _ in range(_LEVELS))
        self.layers = nn.ModuleList(nn.Conv2d(channels, channels, 3, padding=1) for _ in range(_LEVELS))
        self.ups = nn.ModuleList(nn.Conv2d(channels, 4 * channels, 1) for _ in range(_LEVELS))
        self.last = nn.Conv2d(channels, 2 * _STEM**2, 3, padding=1)

    def forward(self, structure: Tensor, style: Tensor) -> Tensor:
        values = self.first(structure) + self.place
        for gain, layer, up in zip(self.gains, self.layers, self.ups, strict=True):
            modulated = values * (1 + gain(style))[:, :, None, None]
            values = F.pixel_shuffle(up(values + F.relu(layer(modulated))), 2)
        return F.pixel_shuffle(self.last(values), _STEM)


class PaperSemm(nn.Module):
    """Same calls as `core.networks.semm.Semm`; there is no painter, so lines act through the code alone."""

    def __init__(self, config: SemmConfig) -> None:
        super().__init__()
        self.with_field = config.sees_field
        self.bf16 = False
        self.encoder = _Encoder(config.paper_channels)
        self.generator = _Generator(config.paper_channels)
        self.energy = nn.Linear(STYLE, N_BANDS * 256)
        self.style = StyleMap(config.sees_field)
        self.transform: Directions | Concatenation
        self.transform = Concatenation() if config.ablation == "concatenation" else Directions()

    def encode(self, x: Tensor, y: Tensor, features: Tensor | None = None) -> Tensor:
        """Codes (B, 576) of x (B, 256, 256) in 0.1 mm and y (B, 256, 256); `features` are not looked at."""
        with torch.autocast(x.device.type, torch.bfloat16, enabled=self.bf16):
            code: Tensor = self.encoder(torch.stack([x, y if self.with_field else torch.zeros_like(y)], 1))
        return code.float()

    def decode(self, code: Tensor) -> Decoded:
        """Maps of codes; the relief of lines is not told apart and stays zero."""
        structure = code[:, :STRUCTURE].reshape(-1, CHANNELS, GRID, GRID)
        with torch.autocast(code.device.type, torch.bfloat16, enabled=self.bf16):
            x, field = self.generator(structure, code[:, STRUCTURE:]).float().chunk(2, 1)
        energy = self.energy(code[:, STRUCTURE:]).float().reshape(-1, N_BANDS, 16, 16)
        return Decoded(x, torch.sigmoid(field), torch.zeros_like(x), energy)

    def painted(self, decoded: Decoded) -> Tensor:
        """x (B, 1, 256, 256)."""
        return decoded.x

    def style_features(self, x: Tensor, y: Tensor) -> Tensor:
        """Style features (B, 1280), whose log energies the code must know."""
        return self.style.features(x, halved(y))
