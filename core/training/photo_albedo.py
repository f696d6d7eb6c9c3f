"""Trains the network that refines light and skin colour, on lit faces of known colour.

The terms are those of Yang et al. (section 4): the light near what the closed form found (eq. 4), symmetry (eq. 7),
smoothness where the prior albedo is smooth (eqs. 8 and 9), and a critic (eqs. 11 and 12). Their distance to the prior
(eq. 10) is one to the true colour here, which synthetic faces have.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from rhytid.core.networks.photo_albedo import Critic, PhotoAlbedo
from rhytid.core.photo.light_features import N_LIGHT_FEATURES
from rhytid.core.photo.light_view import SOLVED_AT
from rhytid.core.training.lit_pictures import LitFaces
from rhytid.core.training.onnx_files import write_onnx
from rhytid.core.training.pictures import UInt8, grey, grid

DEFAULTS: dict[str, Any] = {"width": 24, "learning_rate": 2e-3}
EMA_DECAY = 0.99
_STEADY_SHARE, _LEAST_RATE, _WARM_STEPS, _MOST_GRADIENT = 0.4, 0.02, 30, 1.0
_COMPLETE, _NEAR, _SYMMETRIC, _SMOOTH, _CRITIC = 0.5, 0.02, 0.05, 0.05, 0.005
_SMOOTH_ALPHA = 80.0  # Yang et al., eq. 9
_CRITIC_RATE = 5e-4
_SCORED = 24


class PhotoAlbedoTrainer:
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
        self.model = _network(self.config).to(self.device)
        self.critic = Critic().to(self.device)
        self.average = copy.deepcopy(self.model).requires_grad_(False)
        self._optimiser = torch.optim.AdamW(self.model.parameters(), self.config["learning_rate"], weight_decay=1e-4)
        self._critic_optimiser = torch.optim.Adam(self.critic.parameters(), _CRITIC_RATE, betas=(0.5, 0.99))
        self._fraction = 0.0
        self.steps = 0

    def initialise(self, records: object) -> None:
        """Starts as the closed form."""

    def progress(self, fraction: float) -> None:
        """Tell how much of the run is over (0..1); the rate falls along a cosine after a while."""
        self._fraction = min(max(fraction, 0.0), 1.0)

    def step(self, batch: Mapping[str, Tensor]) -> dict[str, float]:
        """One step of the network and one of its critic; gives the losses."""
        falling = max(self._fraction - _STEADY_SHARE, 0.0) / (1 - _STEADY_SHARE)
        rate = _LEAST_RATE + (1 - _LEAST_RATE) * 0.5 * (1 + math.cos(math.pi * falling))
        for group in self._optimiser.param_groups:
            group["lr"] = self.config["learning_rate"] * rate * min(1.0, (self.steps + 1) / _WARM_STEPS)
        light, color = self.model(batch["features"])
        shown = _shown(light, color, batch)
        terms = _terms(light, color, shown, batch)
        terms["critic"] = _CRITIC * F.softplus(-self.critic(shown + batch["prior"])).mean()
        self._optimiser.zero_grad(set_to_none=True)
        torch.stack(list(terms.values())).sum().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), _MOST_GRADIENT)
        self._optimiser.step()
        true, made = self.critic(batch["albedo"] + batch["prior"]), self.critic(shown.detach() + batch["prior"])
        told_apart = F.softplus(-true).mean() + F.softplus(made).mean()
        self._critic_optimiser.zero_grad(set_to_none=True)
        told_apart.backward()  # type: ignore[no-untyped-call]
        self._critic_optimiser.step()
        self.steps += 1
        decay = min(EMA_DECAY, (1 + self.steps) / (10 + self.steps))
        with torch.no_grad():
            for slow, fast in zip(self.average.parameters(), self.model.parameters(), strict=True):
                slow.lerp_(fast, 1 - decay)
        values = {name: float(value.detach()) for name, value in terms.items()}
        return values | {"told_apart": float(told_apart.detach())}

    def state_dict(self) -> dict[str, Any]:
        """All that an exact resume needs."""
        return {
            "model": self.model.state_dict(),
            "critic": self.critic.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "critic_optimiser": self._critic_optimiser.state_dict(),
            "fraction": self._fraction,
            "steps": self.steps,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up what `state_dict` gave.

        Raises
        ------
        ValueError
            It is of another network.
        """
        try:
            self.model.load_state_dict(state["model"])
            self.critic.load_state_dict(state["critic"])
            self.average.load_state_dict(state["average"])
            self._optimiser.load_state_dict(state["optimiser"])
            self._critic_optimiser.load_state_dict(state["critic_optimiser"])
            self._fraction, self.steps = float(state["fraction"]), int(state["steps"])
        except (KeyError, RuntimeError) as error:
            raise ValueError(f"the checkpoint is of another network ({error})") from None

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

    def tensors(self) -> dict[str, npt.NDArray[np.float32]]:
        """The averaged weights, see `core.networks.photo_albedo`."""
        return {name: value.cpu().numpy() for name, value in self.average.state_dict().items()}

    def export_onnx(self, folder: Path) -> None:
        """Write `photo_albedo.onnx` into `folder`."""
        model = _network(self.config)
        model.load_state_dict({name: value.cpu() for name, value in self.average.state_dict().items()})
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
