"""How a change of expression or age moves a code: by directions, by a network, or by what the decoder is told."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rhytid.core.ageing import skin_decades, told_age
from rhytid.core.networks.semm_config import CODE, N_EXPRESSION
from rhytid.core.networks.stylegan2 import EqualLinear, activated

_HIDDEN = 128
_MLP_LAYERS = 4


class TransformMlp(nn.Module):
    """T_exp or T_age of equations 7 and 8: codes (B, n_code) and what is wanted (B, n_told) -> steps (B, n_code).

    It learns from the code itself where that is at present. It begins with steps of zero.
    """

    def __init__(self, n_code: int, n_told: int) -> None:
        super().__init__()
        sizes = [n_code + n_told] + [n_code] * (_MLP_LAYERS - 1)
        layers = [EqualLinear(size, n_code) for size in sizes]
        nn.init.zeros_(layers[-1].weight)
        self.layers = nn.ModuleList(layers)

    def forward(self, code: Tensor, wanted: Tensor) -> Tensor:
        values = torch.cat([code, wanted], 1)
        for layer in self.layers[:-1]:
            values = activated(layer(values))
        step: Tensor = self.layers[-1](values)
        return step


class Directions(nn.Module):
    """SEMM's transformation modules T_exp and T_age (equations 7 and 8) as linear directions.

    `forward` takes codes (B, 576), expressions (B, 52) from and to, and ages (B,) in years from and to; along the
    direction of age a code moves by `core.ageing.skin_decades`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.expression = nn.Parameter(torch.zeros(N_EXPRESSION, CODE))
        self.age = nn.Parameter(torch.zeros(CODE))

    def forward(self, code: Tensor, expression: Tensor, to_expression: Tensor, age: Tensor, to_age: Tensor) -> Tensor:
        moved = (to_expression - expression) @ self.expression
        return code + moved + (skin_decades(to_age) - skin_decades(age))[:, None] * self.age


class Concatenation(nn.Module):
    """The ablation: expression and age are told to the decoder instead of moving the code; called as `Directions`."""

    def __init__(self) -> None:
        super().__init__()
        last = nn.Linear(_HIDDEN, CODE)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.layers = nn.Sequential(nn.Linear(CODE + N_EXPRESSION + 1, _HIDDEN), nn.ReLU(), last)

    def forward(self, code: Tensor, expression: Tensor, to_expression: Tensor, age: Tensor, to_age: Tensor) -> Tensor:
        told = torch.cat([code, to_expression, told_age(to_age)[:, None]], 1)
        moved: Tensor = self.layers(told)
        return code + moved
