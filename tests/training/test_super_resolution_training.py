"""Super-resolution learns from fine records, and scores itself against bicubic enlargement."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from rhytid.core.training.batches import Batches
from rhytid.core.training.config import RunConfig
from rhytid.core.training.data import open_data
from rhytid.core.training.distributed import Ranks
from rhytid.core.training.fine_records import FineRecords, make_fine_records
from rhytid.core.training.loop import run_training
from rhytid.core.training.record_shards import RecordsError
from rhytid.core.training.run_folder import RunFolder
from rhytid.core.training.super_resolution import SuperResolutionTrainer

CPU = Ranks(0, 1, torch.device("cpu"))


def made_up_map(seed: int) -> np.ndarray:
    """Waves with sharp valleys."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((1024, 1024)).astype(np.float32)
    slow = cv2.GaussianBlur(noise, (0, 0), 14) * 3
    return slow - 0.3 * np.exp(-np.abs(cv2.GaussianBlur(noise, (0, 0), 30) * 40)).astype(np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fine")
    make_fine_records(folder, range(2), made_up_map, workers=0)
    return folder


class InterruptedTrainer(SuperResolutionTrainer):
    """Ctrl-C is pressed during its step `stop_at`."""

    stop_at = 0

    def step(self, batch: Mapping[str, torch.Tensor]) -> dict[str, float]:
        losses = super().step(batch)
        if self.steps == self.stop_at:
            signal.raise_signal(signal.SIGINT)
        return losses


def train(
    out: Path, records: Path, steps: int, resume: bool = False, stop_at: int = 0
) -> tuple[RunFolder, SuperResolutionTrainer]:
    config = RunConfig("super_resolution", records=str(records), steps=steps, pairs=1, device="cpu", minutes=5)
    torch.manual_seed(0)
    trainer = InterruptedTrainer(8)
    trainer.stop_at = stop_at
    folder = RunFolder(out)
    folder.make()
    folder.config.write_text("{}", "utf-8")
    with open_data(config, folder.records, CPU, print) as data:
        batches = Batches(data.source, data.held, 1, 0, 0, CPU.device)
        run_training(config, folder, trainer, data.records, batches, CPU, resume, lambda message: None)
        batches.close()
    return folder, trainer


def test_batches_are_windows_of_the_maps(folder: Path) -> None:
    records = FineRecords(folder)
    batch = records.batch(2, np.random.default_rng(0))
    assert {name: values.shape for name, values in batch.items()} == {
        "low": (4, 1, 74, 74),
        "enlarged": (4, 1, 256, 256),
        "nearness": (4, 1, 296, 296),
        "high": (4, 1, 256, 256),
    }
    means = batch["high"].reshape(4, 1, 64, 4, 64, 4).mean((3, 5))
    np.testing.assert_allclose(means, batch["low"][:, :, 5:-5, 5:-5], atol=1e-3)
    assert 0 <= batch["nearness"].min() < batch["nearness"].max() <= 1
    again = records.batch(2, np.random.default_rng(0))
    assert all(np.array_equal(batch[name], again[name]) for name in batch)


def test_the_loss_falls_below_bicubic(tmp_path: Path, folder: Path) -> None:
    _, trainer = train(tmp_path / "run", folder, 50)
    scores = trainer.scores(FineRecords(folder, 0, 1))
    assert scores["psnr"] > scores["bicubic_psnr"] + 0.05


def test_resume_is_bitwise(tmp_path: Path, folder: Path) -> None:
    _, whole = train(tmp_path / "whole", folder, 4)
    train(tmp_path / "parts", folder, 4, stop_at=2)
    parts_folder, _ = train(tmp_path / "parts", folder, 4, resume=True)
    state = parts_folder.read_checkpoint()["trainer"]
    for name, value in whole.model.state_dict().items():
        assert torch.equal(value, state["model"][name])


def test_a_picture_shows_both_beside_the_truth(folder: Path) -> None:
    batch = {name: torch.from_numpy(v) for name, v in FineRecords(folder).batch(1, np.random.default_rng(1)).items()}
    picture = SuperResolutionTrainer(8).picture(batch)
    assert picture.shape == (2 * 258, 4 * 258)
    assert picture.dtype == np.uint8


def test_damaged_fine_records_are_told(tmp_path: Path, folder: Path) -> None:
    whole = next(folder.glob("*.safetensors")).read_bytes()
    for content in (b"", whole[:5000], whole[: len(whole) // 2]):
        (tmp_path / "fine-000000000.safetensors").write_bytes(content)
        with pytest.raises(RecordsError, match="fine-000000000"):
            FineRecords(tmp_path).batch(1, np.random.default_rng(0))


def test_no_fine_records(tmp_path: Path) -> None:
    config = RunConfig("super_resolution", records=str(tmp_path))
    with pytest.raises(ValueError, match="no records"), open_data(config, tmp_path, CPU, print):
        pass
