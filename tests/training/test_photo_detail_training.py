"""The network that reads relief out of photographs learns from records, resumes exactly, and ships what it learnt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from record_samples import made_up_group

from rhytid.core.learned.weights import PHOTO_DETAIL, open_model
from rhytid.core.training.make_records import make_records
from rhytid.core.training.onnx_files import halve_weights
from rhytid.core.training.photo_detail import DEFAULTS, PhotoDetailTrainer
from rhytid.core.training.photo_pictures import PictureSource
from rhytid.core.training.records import Records
from rhytid.core.training.shipping import save_model

TINY = DEFAULTS | {"width": 16}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> PictureSource:
    folder = tmp_path_factory.mktemp("records")
    make_records(folder, range(2), made_up_group, workers=0)
    return PictureSource(Records(folder))


@pytest.fixture(scope="module")
def batch(source: PictureSource) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(value) for name, value in source.batch(1, np.random.default_rng(0)).items()}


def trainer(**changed: object) -> PhotoDetailTrainer:
    torch.manual_seed(0)
    return PhotoDetailTrainer(TINY | changed)


def window(batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """A part out of a batch's middle."""
    return {name: value[..., 96:160, 96:160].contiguous() for name, value in batch.items()}


def total(losses: dict[str, float]) -> float:
    return sum(value for name, value in losses.items() if name != "correlation")


def test_batches_are_pictures_of_the_records(source: PictureSource, batch: dict[str, torch.Tensor]) -> None:
    assert {name: tuple(value.shape) for name, value in batch.items()} == {
        "features": (2, 11, 256, 256),
        "displacement": (2, 256, 256),
        "lines": (2, 256, 256),
        "weight": (2, 256, 256),
    }
    again = source.batch(1, np.random.default_rng(0))
    assert all(np.array_equal(batch[name].numpy(), again[name]) for name in batch)
    assert not np.array_equal(batch["features"].numpy(), source.batch(1, np.random.default_rng(1))["features"])
    assert 0 <= float(batch["lines"].min()) < float(batch["lines"].max()) <= 1
    # Where a line runs there is a valley.
    on_line = (batch["lines"] > 0.5) & (batch["weight"] > 0.5)
    assert float(batch["displacement"][on_line].mean()) < -0.5


def test_the_loss_falls_and_the_relief_is_found(batch: dict[str, torch.Tensor]) -> None:
    learning = trainer(learning_rate=3e-2)
    first = learning.step(window(batch))
    for _ in range(39):
        last = learning.step(window(batch))
    assert total(last) < 0.9 * total(first)
    assert last["correlation"] > 0.25


def test_a_resumed_run_is_bitwise_the_same(batch: dict[str, torch.Tensor]) -> None:
    whole, part = trainer(), trainer()
    whole.progress(0.7)
    for _ in range(2):
        whole.step(window(batch))
    part.progress(0.7)
    part.step(window(batch))
    resumed = trainer()
    resumed.load_state_dict(part.state_dict())
    resumed.step(window(batch))
    for one, other in zip(whole.model.parameters(), resumed.model.parameters(), strict=True):
        assert torch.equal(one, other)
    with pytest.raises(ValueError, match="another network"):
        trainer(width=32).load_state_dict(part.state_dict())


def test_what_is_shipped_gives_what_was_trained(tmp_path: Path, batch: dict[str, torch.Tensor]) -> None:
    learnt = trainer()
    for _ in range(3):
        learnt.step(window(batch))
    save_model(tmp_path, PHOTO_DETAIL, learnt.tensors(), learnt.config, {}, {}, learnt.export_onnx)
    opened = open_model(PHOTO_DETAIL, tmp_path)
    assert set(opened.tensors()) == set(learnt.tensors())
    session = opened.onnx()
    for features in (batch["features"][:1], batch["features"][:, :, :64, :96]):
        displacement, lines = session.run(["displacement", "lines"], {"features": features.numpy()})
        with torch.no_grad():
            made, logits = learnt.average(features)
        np.testing.assert_allclose(displacement, made.numpy(), atol=5e-3)
        np.testing.assert_allclose(lines, torch.sigmoid(logits).numpy(), atol=5e-3)
    halve_weights(tmp_path / "photo_detail.onnx")  # done already: nothing changes
    open_model(PHOTO_DETAIL, tmp_path).onnx()


def test_scores_and_picture(source: PictureSource, batch: dict[str, torch.Tensor]) -> None:
    fresh = trainer()
    scores = fresh.scores(source)
    assert set(scores) == {
        f"{dark}{name}" for dark in ("", "dark_") for name in ("correlation", "correlation_of_another", "amplitude")
    }
    assert abs(scores["correlation"]) < 0.2  # it knows nothing yet
    picture = fresh.picture(batch)
    assert picture.shape == (2 * 258, 5 * 258)
    assert picture.dtype == np.uint8
