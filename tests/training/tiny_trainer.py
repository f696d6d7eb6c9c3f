"""A trainer of a few numbers, with all that the loop's protocol asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from rhytid.core.training.onnx_files import write_onnx
from rhytid.core.training.records import Records


class TinyTrainer:
    """Predicts a map from its relief by one convolution and dropout, with Adam."""

    def __init__(self, after_step: Callable[[int], None] = lambda step: None) -> None:
        torch.manual_seed(7)
        self.network = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3, padding=1), torch.nn.Dropout2d(0.2))
        self.optimiser = torch.optim.Adam(self.network.parameters(), 2e-2)
        self.after_step = after_step
        self.initialised = 0
        self.fractions: list[float] = []
        self.steps = 0

    def initialise(self, records: Records) -> None:
        self.initialised = len(records)

    def progress(self, fraction: float) -> None:
        self.fractions.append(fraction)

    def step(self, batch: dict[str, torch.Tensor]) -> dict[str, float]:
        made = self.network(batch["relief"][:, None, ::4, ::4]).mean(1)
        loss = (made - batch["x"][:, ::4, ::4]).square().mean()
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self.steps += 1
        self.after_step(self.steps)
        return {"loss": float(loss.detach())}

    def state_dict(self) -> dict[str, Any]:
        return {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "steps": self.steps,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.steps = state["steps"]

    def picture(self, batch: dict[str, torch.Tensor]) -> np.ndarray:
        return batch["x"][0].numpy()

    def tensors(self) -> dict[str, np.ndarray]:
        return {name: value.numpy() for name, value in self.network.state_dict().items()}

    def export_onnx(self, folder: Path) -> None:
        write_onnx(self.network, {"relief": torch.zeros(1, 1, 8, 8)}, ["x"], folder / "semm.onnx")
