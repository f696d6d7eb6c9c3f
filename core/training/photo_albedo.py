"""Trains the network that refines light and skin colour, on lit faces of known colour.

The terms are those of Yang et al. (section 4): the light near what the closed form found (eq. 4), symmetry (eq. 7),
smoothness where the prior albedo is smooth (eqs. 8 and 9), and a critic (eqs. 11 and 12). Their distance to the prior
(eq. 10) is one to the true colour here, which synthetic faces have.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rhytid.core.networks.photo_albedo import Critic, PhotoAlbedo
from rhytid.core.photo.light_features import N_LIGHT_FEATURES
from rhytid.core.photo.light_view import SOLVED_AT
from rhytid.core.training.averaged import AveragedTrainer, Course
from rhytid.core.training.lit_pictures import LitFaces
from rhytid.core.training.onnx_files import write_onnx
from rhytid.core.training.pictures import UInt8, grey, grid

DEFAULTS: dict[str, Any] = {"width": 24, "learning_rate": 2e-3}
EMA_DECAY = 0.99
_STEADY_SHARE, _WARM_STEPS, _MOST_GRADIENT = 0.4, 30, 1.0
_COMPLETE, _NEAR, _SYMMETRIC, _SMOOTH, _CRITIC = 0.5, 0.02, 0.05, 0.05, 0.005
_SMOOTH_ALPHA = 80.0  # Yang et al., eq. 9
_CRITIC_RATE = 5e-4
_SCORED = 24


class PhotoAlbedoTrainer(AveragedTrainer[PhotoAlbedo]):
    """See the module; the protocol is `core.training.trainer.Trainer`.

    Parameters
    ----------
    settings : mapping
        As `DEFAULTS`: channels of the finest level, and rate.
    device : torch.device
    """

    def __init__(self, settings: Mapping[str, Any], device: torch.device | str = "cpu") -> None:
        self.device = torch.device(device)
        self.config = dict(settings)
        model = _network(self.config).to(self.device)
        self.critic = Critic().to(self.device)
        optimiser = torch.optim.AdamW(model.parameters(), self.config["learning_rate"], weight_decay=1e-4)
        course = Course(self.config["learning_rate"], _STEADY_SHARE, _WARM_STEPS, EMA_DECAY, _MOST_GRADIENT)
        super().__init__(model, optimiser, course)
        self._critic_optimiser = torch.optim.Adam(self.critic.parameters(), _CRITIC_RATE, betas=(0.5, 0.99))

    def initialise(self, records: object) -> None:
        """Starts as the closed form."""

    def step(self, batch: Mapping[str, Tensor]) -> dict[str, float]:
        """One step of the network and one of its critic; gives the losses."""
        self._set_rate()
        light, color = self.model(batch["features"])
        shown = _shown(light, color, batch)
        terms = _terms(light, color, shown, batch)
        terms["critic"] = _CRITIC * F.softplus(-self.critic(shown + batch["prior"])).mean()
        self._descend(torch.stack(list(terms.values())).sum())
        true, made = self.critic(batch["albedo"] + batch["prior"]), self.critic(shown.detach() + batch["prior"])
        told_apart = F.softplus(-true).mean() + F.softplus(made).mean()
        self._critic_optimiser.zero_grad(set_to_none=True)
        told_apart.backward()  # type: ignore[no-untyped-call]
        self._critic_optimiser.step()
        self._count()
        values = {name: float(value.detach()) for name, value in terms.items()}
        return values | {"told_apart": float(told_apart.detach())}

    def _parts(self) -> dict[str, nn.Module | torch.optim.Optimizer]:
        return {
            "model": self.model, "critic": self.critic, "average": self.average, "optimiser": self._optimiser,
            "critic_optimiser": self._critic_optimiser,
        }  # fmt: skip

    def picture(self, batch: Mapping[str, Tensor]) -> UInt8:
        """Rows of: what light leaves over, the light's correction, the colour as found and as it is; uint8 (H, W)."""
        light, color = self._made(batch["features"])
        columns = [batch["remainder"], light, _shown(light, color, batch), batch["albedo"]]
        return grid([[grey(5 * part[i].mean(0).cpu().numpy()) for part in columns] for i in range(len(light))])

    def scores(self, held: LitFaces) -> dict[str, float]:
        """On faces that were not trained on: dB of the colour that is seen, and of the whole, beside the closed form's.

        0 dB is an error of 1 in natural logarithm.
        """
        batch = {name: torch.from_numpy(value).to(self.device)
                 for name, value in held.batch(_SCORED // 2, np.random.default_rng(0)).items()}  # fmt: skip
        light, color = self._made(batch["features"])
        nothing = torch.zeros_like(light)
        seen, all_of_it = (batch["weight"] > 0.4).float(), torch.ones_like(batch["weight"])
        found, before = (_shown(*parts, batch) for parts in ((light, color), (nothing, nothing)))
        return {
            "seen_db": _decibels(found, batch["albedo"], seen),
            "seen_before_db": _decibels(before, batch["albedo"], seen),
            "whole_db": _decibels(found, batch["albedo"], all_of_it),
            "whole_before_db": _decibels(before, batch["albedo"], all_of_it),
        }

    def export_onnx(self, folder: Path) -> None:
        """Write `photo_albedo.onnx` into `folder`."""
        model = self._shipped(_network(self.config))
        inputs = {"features": torch.zeros(1, N_LIGHT_FEATURES, SOLVED_AT, SOLVED_AT)}
        axes = {name: {0: "batch"} for name in ("features", "light", "color")}
        write_onnx(model, inputs, ["light", "color"], folder / "photo_albedo.onnx", axes)

    @torch.no_grad()
    def _made(self, features: Tensor) -> tuple[Tensor, Tensor]:
        light, color = self.average(features)
        return light, color


def _network(config: Mapping[str, Any]) -> PhotoAlbedo:
    width = int(config["width"])
    return PhotoAlbedo(N_LIGHT_FEATURES, (width, 8 * (width * 5 // 24), 8 * (width * 7 // 24)))


def _shown(light: Tensor, color: Tensor, batch: Mapping[str, Tensor]) -> Tensor:
    """The colour that comes out over that of the closed form: what is seen without light, the rest as completed."""
    seen = (1.3 * batch["weight"]).clamp(max=1)[:, None]
    return seen * (batch["remainder"] - light) + (1 - seen) * color


def _terms(light: Tensor, color: Tensor, shown: Tensor, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
    weight = batch["weight"][:, None]
    true = batch["albedo"]
    error = batch["remainder"] - light - true
    steps = [(error * weight).diff(dim=dim).abs().mean() for dim in (-1, -2)]
    return {
        "seen": (error.abs() * weight).mean() + (error.square() * weight).mean(),
        "edges": steps[0] + steps[1],
        "complete": _COMPLETE * ((color - true).abs().mean() + (color - true).square().mean()),
        "near": _NEAR * (light.square() * weight).mean(),
        "symmetry": _SYMMETRIC * (weight * (shown - shown.flip(-1)).square()).mean(),
        "smoothness": _SMOOTH * _roughness(shown, batch["prior"]),
    }


def _roughness(albedo: Tensor, prior: Tensor) -> Tensor:
    """Yang et al., eqs. 8 and 9."""
    total = torch.zeros((), device=albedo.device)
    for dim in (-1, -2):
        alike = torch.exp(-_SMOOTH_ALPHA * prior.diff(dim=dim).square().sum(1, keepdim=True))
        total = total + (alike * albedo.diff(dim=dim).square()).mean()
    return total


def _decibels(found: Tensor, true: Tensor, where: Tensor) -> float:
    """Mean over the faces, one gain per channel free."""
    share = (where / where.sum((1, 2), keepdim=True).clamp_min(1e-6))[:, None]
    error = found - true
    error = error - (error * share).sum((2, 3), keepdim=True)
    squares = (error.square() * share).sum((2, 3)).mean(1)
    return round(float((-10 * squares.clamp_min(1e-9).log10()).mean()), 2)
