"""A small model of the paper's variant with random weights, transforms too, for the tests of what is made of one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import torch

from rhytid.core.learned.weights import SEMM
from rhytid.core.networks.semm_config import PaperConfig
from rhytid.core.training.semm_paper import PaperSemmTrainer
from rhytid.core.training.shipping import save_model


def paper_trainer(ablation: str = "") -> PaperSemmTrainer:
    """A trainer that was not trained; its steps move codes at random."""
    trainer = PaperSemmTrainer(PaperConfig(ablation=ablation, channels=2, bf16=False))
    model = trainer.average
    model.mean.copy_(torch.tensor([0.1, 0.7]))
    model.scale.copy_(torch.tensor([0.8, 0.3]))
    if not model.concatenated:
        for part in (model.by_expression, model.by_age):
            torch.nn.init.normal_(part.layers[-1].weight)
    return trainer


def write_paper_semm(folder: Path, ablation: str = "", trainer: PaperSemmTrainer | None = None) -> Path:
    """Writes what `rhytid train semm --variant paper` exports into `folder`."""
    trainer = trainer or paper_trainer(ablation)
    save_model(folder, SEMM, trainer.tensors(), asdict(trainer.config), {}, {}, trainer.export_onnx)
    return folder
