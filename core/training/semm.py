"""Trains a structured SEMM: closed-form start, then steps on pairs of faces with an adversary every few steps.

The trainer keeps its optimisers and the running average (EMA) of the weights, which is what is shown and shipped.
"""

from __future__ import annotations

import copy
import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from rhytid.core.networks.semm import Semm
from rhytid.core.networks.semm_config import SemmConfig
from rhytid.core.networks.semm_discriminator import Discriminator
from rhytid.core.networks.semm_transform import Directions
from rhytid.core.training.records import Records
from rhytid.core.training.semm_export import export_onnx, shipped_tensors
from rhytid.core.training.semm_importance import importance
from rhytid.core.training.semm_initialise import Told, initialise
from rhytid.core.training.semm_picture import picture
from rhytid.core.training.semm_prior import Prior
from rhytid.core.training.semm_terms import (
    Batch,
    Terms,
    adversarial_terms,
    discriminator_terms,
    generator_terms,
    painter_terms,
)

_LARGEST_GRADIENT = 5.0
_WARM_STEPS = 100
_FULL_RATE_STEPS = 1000  # from here on rates fall as the inverse root of the step
_LAST_SHARE, _LEAST_RATE = 0.2, 0.03  # in this last share of the time they fall to so much of that, for a calm end


class SemmTrainer:
    """Everything that changes while a SEMM learns.

    Parameters
    ----------
    config : SemmConfig
    device : torch.device or str
    """

    def __init__(self, config: SemmConfig, device: torch.device | str = "cpu") -> None:
        self.config = config
        self.device = torch.device(device)
        torch.manual_seed(config.seed)
        self.model = Semm(config)
        self.model.to(self.device)
        _channels_last(self.model)
        self.model.bf16 = config.bf16 and fast_bf16(self.device)
        self.average = copy.deepcopy(self.model).requires_grad_(False)
        self.average.bf16 = False
        self.discriminator = Discriminator(config.discriminator_channels)
        self.discriminator.to(self.device)
        _channels_last(self.discriminator)
        self.importance = torch.from_numpy(importance()).to(self.device)
        self.prior = Prior(self.device)
        self.steps = 0
        self._fraction = 0.0
        self._random = torch.Generator().manual_seed(config.seed)
        groups = self.parameters_groups()
        self._rates = [float(group["lr"]) for group in groups]
        self._optimiser = torch.optim.Adam(groups, betas=(0.9, 0.99))
        self._opponent = torch.optim.Adam(
            self.discriminator.parameters(), lr=config.discriminator_rate, betas=(0.0, 0.99)
        )

    def parameters_groups(self) -> list[dict[str, Any]]:
        """Convolutions and transforms; lapped and style maps, which start nearly right and move slowly."""
        linear = ("lapped.", "style.")
        named = [(name, p) for name, p in self.model.named_parameters() if p.requires_grad]
        return [
            {"params": [p for n, p in named if not n.startswith(linear)], "lr": self.config.learning_rate},
            {"params": [p for n, p in named if n.startswith(linear)], "lr": self.config.linear_rate},
        ]

    def initialise(self, records: Records, told: Told | None = None) -> None:
        """Closed-form start."""
        self.model.cpu()
        initialise(self.model, records, self.config, self.importance.cpu(), told)
        self.model.to(self.device)
        self.average.load_state_dict(self.model.state_dict())

    def step(self, values: dict[str, Tensor]) -> dict[str, float]:
        """One step on a batch of pairs; named losses as they were before it."""
        batch = Batch.of(values, self.device)
        config = self.config
        self._set_rates()
        if self.steps % config.whole_every:
            return self._painter_step(batch)
        rounds = self.steps // config.whole_every
        adversarial = rounds % config.adversarial_every == 0
        self.discriminator.requires_grad_(False)
        terms, fakes, code = generator_terms(
            self.model, batch, config, self.importance, self._random_numbers, adversarial
        )
        if fakes is not None:
            terms |= adversarial_terms(self.discriminator, batch, fakes, config, self.model.bf16)
        total = self._descend(terms)
        if fakes is not None:
            self.discriminator.requires_grad_(True)
            penalised = rounds // config.adversarial_every % config.penalty_every == 0
            judged = discriminator_terms(self.discriminator, batch, fakes, config, self.model.bf16, penalised)
            self._opponent.zero_grad(set_to_none=True)
            torch.autograd.backward(torch.stack(list(judged.values())).sum())
            self._opponent.step()
            terms |= judged
        self.steps += 1
        self._follow()
        self.prior.follow(code.detach(), batch, self._directions())
        return _told(total, terms)

    def _painter_step(self, batch: Batch) -> dict[str, float]:
        terms = painter_terms(self.model, batch, self.config, self.importance, self._random_numbers)
        total = self._descend(terms)
        self.steps += 1
        self._follow()
        return _told(total, terms)

    def _descend(self, terms: Terms) -> Tensor:
        total = torch.stack(list(terms.values())).sum()
        self._optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(total)
        nn.utils.clip_grad_norm_(self.model.parameters(), _LARGEST_GRADIENT)
        self._optimiser.step()
        return total

    def progress(self, fraction: float) -> None:
        """Hear which share of the training's time is over."""
        self._fraction = fraction

    def _directions(self) -> Directions | None:
        return self.model.transform if isinstance(self.model.transform, Directions) else None

    def _random_numbers(self, below: int, count: int) -> Tensor:
        return torch.randint(below, (count,), generator=self._random)

    def _set_rates(self) -> None:
        warm = min(1.0, (self.steps + 1) / _WARM_STEPS)
        fall = min(1.0, math.sqrt(_FULL_RATE_STEPS / (self.steps + 1)))
        fall *= min(1.0, max((1 - self._fraction) / _LAST_SHARE, _LEAST_RATE))
        for group, rate in zip(self._optimiser.param_groups, self._rates, strict=True):
            group["lr"] = rate * fall * warm

    @torch.no_grad()
    def _follow(self) -> None:
        decay = min(self.config.ema_decay, (1 + self.steps) / (10 + self.steps))
        kept: list[Tensor] = list(self.average.parameters())
        now: list[Tensor] = list(self.model.parameters())
        torch._foreach_lerp_(kept, now, 1 - decay)

    def state_dict(self) -> dict[str, Tensor]:
        """All that a later process needs to go on as if nothing had happened, as flat tensors."""
        state = {
            "steps": torch.tensor(self.steps),
            "random": self._random.get_state(),
        }
        for name, module in self._modules().items():
            state |= {f"{name}/{key}": value.detach().clone() for key, value in module.state_dict().items()}
        for name, optimiser in self._optimisers().items():
            for index, values in optimiser.state_dict()["state"].items():
                state |= {f"{name}/{index}/{key}": torch.as_tensor(value).clone() for key, value in values.items()}
        return state

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Take up a state; see `state_dict`.

        Raises
        ------
        ValueError
            It is of another configuration.
        """
        try:
            for name, module in self._modules().items():
                prefix = f"{name}/"
                module.load_state_dict({k[len(prefix) :]: v for k, v in state.items() if k.startswith(prefix)})
            for name, optimiser in self._optimisers().items():
                _load_optimiser(optimiser, name, state)
            self._random.set_state(state["random"].cpu())
            self.steps = int(state["steps"])
        except (KeyError, RuntimeError) as error:
            raise ValueError(f"the state is not of this configuration ({error}); train with the one it has") from None

    def _modules(self) -> dict[str, nn.Module]:
        return {
            "model": self.model, "average": self.average, "discriminator": self.discriminator, "prior": self.prior
        }  # fmt: skip

    def _optimisers(self) -> dict[str, torch.optim.Optimizer]:
        return {"optimiser": self._optimiser, "opponent": self._opponent}

    def picture(self, values: dict[str, Tensor]) -> npt.NDArray[np.uint8]:
        """Faces of a batch, their reconstructions and their transforms side by side, uint8 (H, W)."""
        return picture(self.average, Batch.of(values, self.device))

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """What is shipped, see `core.networks.semm`: the averaged weights as float16."""
        return shipped_tensors(self.average, self.prior)

    def export_onnx(self, folder: Path) -> None:
        """Write `semm_refiner.onnx` and `semm_painter.onnx` into `folder`."""
        export_onnx(self.average, folder)


def _told(total: Tensor, terms: Terms) -> dict[str, float]:
    return {"loss": float(total.detach())} | {name: float(term.detach()) for name, term in terms.items()}


def fast_bf16(device: torch.device) -> bool:
    """Whether bfloat16 is faster than float32 there; emulated, it is several times slower."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    if device.type != "cpu":
        return False
    known = [getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")]
    return any(bool(check()) for check in known if check is not None)


def _channels_last(module: nn.Module) -> None:
    """Lay the convolutions out as they are fastest; the lapped maps are matrices and stay."""
    for part in module.modules():
        if isinstance(part, nn.Conv2d):
            part.weight.data = part.weight.data.contiguous(memory_format=torch.channels_last)


def _load_optimiser(optimiser: torch.optim.Optimizer, name: str, state: dict[str, Tensor]) -> None:
    found: dict[int, dict[str, Tensor]] = {}
    for key, value in state.items():
        if key.startswith(f"{name}/"):
            _, index, entry = key.split("/")
            found.setdefault(int(index), {})[entry] = value.clone()
    optimiser.load_state_dict({"state": found, "param_groups": optimiser.state_dict()["param_groups"]})
