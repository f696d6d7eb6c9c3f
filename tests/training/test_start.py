"""What a run was built with stays with it: config.json names it, and a resumed run is built of it again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from record_samples import made_up_group
from tiny_trainer import TinyTrainer

from rhytid.core.training.checkpoint import CheckpointError
from rhytid.core.training.config import RunConfig, read_config
from rhytid.core.training.make_records import make_records
from rhytid.core.training.start import make_trainer, start

CPU = torch.device("cpu")
NETWORKS = {
    "semm": {"refiner_channels": 8, "inner_channels": 8, "painter_channels": 8, "discriminator_channels": 8},
    "sd_detail": {"width": 16, "learning_rate": 1},
    "super_resolution": {"channels": 8},
    "photo_albedo": {"width": 24, "learning_rate": 1},
    "photo_render": {"width": 8, "detail_width": 8},
}


class SizedTrainer(TinyTrainer):
    """A trainer with a setting."""

    def __init__(self, config: RunConfig) -> None:
        super().__init__()
        self.config = {"channels": 4} | dict(config.model)
        self.network[0] = torch.nn.Conv2d(1, self.config["channels"], 3, padding=1)
        self.optimiser = torch.optim.Adam(self.network.parameters(), 2e-2)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("records")
    make_records(folder, range(10), made_up_group, workers=0)
    return folder


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Settings of the trainers that were built, which are small ones."""
    made: list[dict[str, Any]] = []

    def make(config: RunConfig, device: torch.device) -> SizedTrainer:
        made.append(dict(config.model))
        return SizedTrainer(config)

    monkeypatch.setattr("rhytid.core.training.start.make_trainer", make)
    return made


def run(out: Path, records: Path, steps: int, resume: bool = False) -> dict[str, Any]:
    """Train, and give what config.json says then."""
    start(RunConfig("semm", records=str(records), steps=steps, pairs=2, device="cpu"), out, resume)
    content: dict[str, Any] = json.loads((out / "config.json").read_text("utf-8"))
    return content


@pytest.mark.parametrize("network", NETWORKS)
def test_networks_are_built_as_the_config_says(network: str) -> None:
    trainer = make_trainer(RunConfig(network, model=NETWORKS[network], seed=3), CPU)
    config = trainer.config if isinstance(trainer.config, dict) else vars(trainer.config)
    assert {name: config[name] for name in NETWORKS[network]} == NETWORKS[network]
    assert config.get("seed", 3) == 3


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("wrong", [{"magic": 1}, {"channels": 2.5}, {"width": True}, {"refiner_channels": "many"}])
def test_what_a_network_has_not_is_told(network: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=rf"model: {next(iter(wrong))} = .* another folder"):
        make_trainer(RunConfig(network, model=wrong), CPU)


def test_the_config_says_what_was_built_and_a_resumed_run_is_built_of_it(
    tmp_path: Path, records: Path, built: list[dict[str, Any]]
) -> None:
    assert run(tmp_path / "run", records, 2)["model"] == {"channels": 4}
    assert run(tmp_path / "run", records, 3, resume=True)["model"] == {"channels": 4}
    assert built == [{}, {"channels": 4}]


def test_a_folder_that_does_not_say_it_can_be_resumed(
    tmp_path: Path, records: Path, built: list[dict[str, Any]]
) -> None:
    content = run(tmp_path / "run", records, 2)
    del content["model"]
    (tmp_path / "run" / "config.json").write_text(json.dumps(content), "utf-8")
    assert run(tmp_path / "run", records, 3, resume=True)["steps"] == 3
    assert built == [{}, {}]


def test_a_config_that_does_not_fit_the_checkpoint_is_told(
    tmp_path: Path, records: Path, built: list[dict[str, Any]]
) -> None:
    content = run(tmp_path / "run", records, 2)
    for model in ({"channels": 6}, {"channels": 2}):
        (tmp_path / "run" / "config.json").write_text(json.dumps(content | {"model": model}), "utf-8")
        with pytest.raises(CheckpointError, match=r"not of the network that config\.json describes") as told:
            run(tmp_path / "run", records, 3, resume=True)
        assert "\n" not in str(told.value)
    assert len(list((tmp_path / "run" / "checkpoints").iterdir())) == 2


def test_settings_of_a_later_version_are_told_with_the_file(tmp_path: Path, records: Path) -> None:
    folder = tmp_path / "run"
    (folder / "checkpoints" / "step-00000002").mkdir(parents=True)
    (folder / "checkpoints" / "step-00000002" / "state.json").write_text("{}", "utf-8")
    content = {"format": "rhytid-training", "network": "semm", "records": str(records), "model": {"magic": 1}}
    (folder / "config.json").write_text(json.dumps(content), "utf-8")
    with pytest.raises(ValueError, match=r"config\.json: model: magic = 1"):
        run(folder, records, 3, resume=True)


def test_a_run_folder_of_the_older_spelling_is_read(tmp_path):
    path = tmp_path / "config.json"
    path.write_text('{"format": "rhytid-training", "network": "sd-detail"}', "utf-8")
    assert read_config(path) == RunConfig("sd_detail")
