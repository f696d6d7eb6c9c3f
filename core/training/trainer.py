"""What the training loop asks of the trainer of a network, and where a trainer's batches come from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import torch

from rhytid.core.training.records import Records

Float32 = npt.NDArray[np.float32]
Batch = dict[str, torch.Tensor]


class Source(Protocol):
    """Data that batches are drawn from; it may grow while a run goes on."""

    @property
    def n_groups(self) -> int:
        """How much there is."""

    def refresh(self) -> int:
        """Take in what was added."""

    def batch(self, n_pairs: int, rng: np.random.Generator) -> Mapping[str, npt.NDArray[Any]]:
        """Arrays of one batch, the same for the same state of `rng` and the same data."""


class Trainer(Protocol):
    """One network in training.

    Random numbers of a step come from torch's global generator, which the loop seeds before each step, or from
    generators that are part of `state_dict`; then a resumed run is exact.
    """

    def initialise(self, records: Any) -> None:
        """Start from what can be solved for; called once in a run, not after a resume."""

    def step(self, batch: Batch) -> dict[str, float]:
        """One step of all optimisers; gives the losses by name."""

    def state_dict(self) -> dict[str, Any]:
        """All that an exact resume needs."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up what `state_dict` gave."""

    def picture(self, batch: Batch) -> npt.NDArray[Any]:
        """Fixed samples: uint8 (H, W) or (H, W, 3), or float maps (H, W) in 0.1 mm."""

    def tensors(self) -> dict[str, npt.NDArray[Any]]:
        """What is shipped as safetensors."""

    def export_onnx(self, folder: Path) -> object:
        """Write what is shipped as ONNX."""


@runtime_checkable
class Paced(Protocol):
    """A trainer whose rates depend on how much of the run is over."""

    def progress(self, fraction: float) -> None:
        """Share of the time, or of the steps, that is over, 0..1."""


@runtime_checkable
class Scored(Protocol):
    """A trainer that scores itself on data that were held back; the scores are shipped."""

    def scores(self, held: Any) -> dict[str, float]:
        """Figures by name."""


class PoseSource:
    """Batches of pairs of poses out of `Records`.

    A batch has ``x, relief, df_strong, df_all`` (B, 256, 256), ``expression`` (B, 52), ``age`` (B,),
    ``key_expression`` and ``person`` (B,) int64, and ``line_pair`` (B / 2,) bool. Poses 2i and 2i + 1 are of one
    person; of a line pair the second is the first with one line less.
    """

    def __init__(self, records: Records) -> None:
        self.records = records

    @property
    def n_groups(self) -> int:
        """Groups to draw from."""
        return self.records.n_groups

    def refresh(self) -> int:
        """Take in shards that were added."""
        return self.records.refresh()

    def batch(self, n_pairs: int, rng: np.random.Generator) -> dict[str, npt.NDArray[Any]]:
        """See the class."""
        poses = self.records.draw_pairs(n_pairs, rng)
        return {
            **self.records.maps(poses),
            "expression": self.records.expression[poses],
            "age": self.records.age[poses],
            "key_expression": self.records.key_expression[poses],
            "person": self.records.person[poses],
            "line_pair": self.records.is_line_pair(poses),
        }
