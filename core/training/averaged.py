"""What trainers share that average their weights: the rate's course, the step's frame, and all that a resume needs."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

Network = TypeVar("Network", bound=nn.Module)


@dataclass(frozen=True)
class Course:
    """How a run goes.

    Attributes
    ----------
    rate : float
        The highest learning rate.
    steady_share : float
        Share of the run after which the rate falls along a cosine.
    warm_steps : int
        Over which it rises at first.
    decay : float
        Of the averaged weights, once many steps are done.
    most_gradient : float or None
        Norm at which gradients are clipped.
    """

    rate: float
    steady_share: float
    warm_steps: int
    decay: float
    most_gradient: float | None = None


_LEAST_RATE = 0.02  # of the highest


class AveragedTrainer(Generic[Network]):
    """A network, its averaged weights and its optimiser; `core.training.trainer.Trainer` is the protocol.

    Attributes
    ----------
    model, average : nn.Module
    steps : int
    """

    def __init__(self, model: Network, optimiser: torch.optim.Optimizer, course: Course) -> None:
        self.model = model
        self.average: Network = copy.deepcopy(model).requires_grad_(False)
        self._optimiser = optimiser
        self._course = course
        self._fraction = 0.0
        self.steps = 0

    def progress(self, fraction: float) -> None:
        """Tell how much of the run is over (0..1)."""
        self._fraction = min(max(fraction, 0.0), 1.0)

    def _set_rate(self) -> None:
        """Of the step that begins."""
        course = self._course
        falling = max(self._fraction - course.steady_share, 0.0) / (1 - course.steady_share)
        rate = _LEAST_RATE + (1 - _LEAST_RATE) * 0.5 * (1 + math.cos(math.pi * falling))
        for group in self._optimiser.param_groups:
            group["lr"] = course.rate * rate * min(1.0, (self.steps + 1) / course.warm_steps)

    def _descend(self, loss: Tensor) -> None:
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        if self._course.most_gradient is not None:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), self._course.most_gradient)
        self._optimiser.step()

    def _count(self) -> None:
        """The step is done."""
        self.steps += 1
        decay = min(self._course.decay, (1 + self.steps) / (10 + self.steps))
        with torch.no_grad():
            for slow, fast in zip(self.average.parameters(), self.model.parameters(), strict=True):
                slow.lerp_(fast, 1 - decay)

    def _parts(self) -> dict[str, nn.Module | torch.optim.Optimizer]:
        return {"model": self.model, "average": self.average, "optimiser": self._optimiser}

    def state_dict(self) -> dict[str, Any]:
        """All that an exact resume needs."""
        parts: dict[str, Any] = {name: part.state_dict() for name, part in self._parts().items()}
        return parts | {"fraction": self._fraction, "steps": self.steps}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up what `state_dict` gave.

        Raises
        ------
        ValueError
            It is of another network.
        """
        try:
            for name, part in self._parts().items():
                part.load_state_dict(state[name])
            self._fraction, self.steps = float(state["fraction"]), int(state["steps"])
        except (KeyError, RuntimeError) as error:
            raise ValueError(f"the checkpoint is of another network ({error})") from None

    def tensors(self) -> dict[str, npt.NDArray[np.float32]]:
        """The averaged weights by name."""
        return {name: value.cpu().numpy() for name, value in self.average.state_dict().items()}

    def _shipped(self, model: Network) -> Network:
        """A new network on the processor with the averaged weights."""
        model.load_state_dict({name: value.cpu() for name, value in self.average.state_dict().items()})
        return model


def channels_last(model: Network) -> Network:
    """A network with its weights in the layout in which convolutions are fast on processors."""
    for parameter in model.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return model
