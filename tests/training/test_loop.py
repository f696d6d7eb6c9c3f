"""The loop: losses fall, a resumed run is the run that was never interrupted, files are what they should be."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from record_samples import made_up_group
from tiny_trainer import TinyTrainer

from rhytid.core.training.batches import Batches
from rhytid.core.training.checkpoint import CheckpointError
from rhytid.core.training.config import RunConfig, read_config, write_config
from rhytid.core.training.distributed import Ranks
from rhytid.core.training.loop import run_training
from rhytid.core.training.make_records import make_records
from rhytid.core.training.records import Records
from rhytid.core.training.run_folder import RunFolder
from rhytid.core.training.trainer import PoseSource

CPU = Ranks(0, 1, torch.device("cpu"))


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("records")
    make_records(folder, range(10), made_up_group, workers=0)
    return folder


def train(out: Path, records: Path, trainer: TinyTrainer, steps: int, resume: bool = False) -> RunFolder:
    config = RunConfig("semm", steps=steps, pairs=2, device="cpu", minutes=5)
    folder = RunFolder(out)
    folder.make()
    write_config(folder.config, config)
    source = PoseSource(Records(records))
    batches = Batches(source, source, config.pairs, config.seed, 0, CPU.device)
    try:
        run_training(config, folder, trainer, source.records, batches, CPU, resume, lambda message: None)
    finally:
        batches.close()
    return folder


def test_the_loss_falls_and_the_folder_tells(tmp_path: Path, records: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rhytid.core.training.loop.STATS_SECONDS", 0.0)
    trainer = TinyTrainer()
    folder = train(tmp_path / "run", records, trainer, 60)
    lines = [json.loads(line) for line in folder.stats.read_text("utf-8").splitlines()]
    losses = [line["loss"] for line in lines]
    assert [line["step"] for line in lines] == list(range(1, 61))
    assert np.mean(losses[-10:]) < 0.9 * np.mean(losses[:10])
    assert trainer.initialised == 35
    assert trainer.fractions == [step / 60 for step in range(60)]
    assert read_config(folder.config).steps == 60
    pictures = sorted((folder.path / "pictures").iterdir())
    assert [path.name for path in pictures] == ["step-00000000.png", "step-00000060.png"]
    assert cv2.imread(str(pictures[0]), cv2.IMREAD_UNCHANGED).shape == (256, 256)
    assert [path.name for path in sorted((folder.path / "checkpoints").iterdir())] == ["step-00000000", "step-00000060"]


def test_reader_processes_draw_the_same_batches_and_end(records: Path) -> None:
    source = PoseSource(Records(records))
    drawn = []
    for readers in (0, 1):
        batches = Batches(source, source, 2, 5, 0, CPU.device, readers)
        try:
            drawn.append([batches.get(step)["x"] for step in (0, 1, 7)])
        finally:
            batches.close()
    for one, other in zip(*drawn, strict=True):
        assert torch.equal(one, other)
    assert not torch.equal(drawn[0][0], drawn[0][1])
    assert torch.multiprocessing.active_children() == []


def state_bytes(folder: RunFolder) -> bytes:
    newest = sorted((folder.path / "checkpoints").iterdir())[-1]
    return (newest / "state.safetensors").read_bytes()


def test_a_resumed_run_is_bitwise_the_same(tmp_path: Path, records: Path) -> None:
    whole = train(tmp_path / "whole", records, TinyTrainer(), 12)
    train(tmp_path / "parts", records, TinyTrainer(), 5)
    torch.rand(100)  # whatever happened between
    again = TinyTrainer()
    torch.nn.init.ones_(again.network[0].weight)
    parts = train(tmp_path / "parts", records, again, 12, resume=True)
    assert again.initialised == 0
    assert state_bytes(parts) == state_bytes(whole)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C works as in a terminal; a shell that runs the tests in the background has switched it off."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_leaves_a_checkpoint_to_resume_from(tmp_path: Path, records: Path) -> None:
    def interrupt(step: int) -> None:
        if step == 4:
            signal.raise_signal(signal.SIGINT)

    train(tmp_path / "run", records, TinyTrainer(interrupt), 12)
    assert RunFolder(tmp_path / "run").read_checkpoint()["step"] == 4
    resumed = train(tmp_path / "run", records, TinyTrainer(), 12, resume=True)
    whole = train(tmp_path / "whole", records, TinyTrainer(), 12)
    assert state_bytes(resumed) == state_bytes(whole)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("interruptible")
def test_a_second_ctrl_c_is_obeyed_at_once(tmp_path: Path, records: Path) -> None:
    def interrupt(step: int) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "run", records, TinyTrainer(interrupt), 12)


def test_a_loss_that_is_not_finite_stops_the_run(tmp_path: Path, records: Path) -> None:
    trainer = TinyTrainer()

    def spoil(step: int) -> None:
        if step == 3:
            with torch.no_grad():
                trainer.network[0].weight.fill_(float("nan"))

    trainer.after_step = spoil
    with pytest.raises(FloatingPointError, match="step 3: loss is nan"):
        train(tmp_path / "run", records, trainer, 12)
    assert RunFolder(tmp_path / "run").read_checkpoint()["step"] == 0


def test_resumed_stats_hold_each_step_once(tmp_path: Path, records: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rhytid.core.training.loop.STATS_SECONDS", 0.0)
    folder = train(tmp_path / "run", records, TinyTrainer(), 4)
    with folder.stats.open("a", encoding="utf-8") as file:
        file.write('{"step": 5, "minutes": 0, "loss": 1}\n{"step": 6, "los')
    train(tmp_path / "run", records, TinyTrainer(), 8, resume=True)
    steps = [json.loads(line)["step"] for line in folder.stats.read_text("utf-8").splitlines()]
    assert steps == list(range(1, 9))


@pytest.mark.parametrize("damage", ["truncated", "no json", "bad json", "missing tensor"])
def test_damaged_checkpoints_are_told(tmp_path: Path, records: Path, damage: str) -> None:
    folder = train(tmp_path / "run", records, TinyTrainer(), 2)
    newest = sorted((folder.path / "checkpoints").iterdir())[-1]
    if damage == "truncated":
        data = (newest / "state.safetensors").read_bytes()
        (newest / "state.safetensors").write_bytes(data[: len(data) // 2])
    elif damage == "no json":
        (newest / "state.json").unlink()
        assert folder.read_checkpoint()["step"] == 0  # the one before is whole
        return
    elif damage == "bad json":
        (newest / "state.json").write_text("{", "utf-8")
    else:
        (newest / "state.json").write_text('{"dict": [["step", {"tensor": "nowhere"}]]}', "utf-8")
    with pytest.raises(CheckpointError, match=r"step-00000002: damaged checkpoint"):
        folder.read_checkpoint()


def test_nothing_to_resume(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="without --resume"):
        RunFolder(tmp_path).read_checkpoint()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(b"x")
    with pytest.raises(ValueError, match="not a training run"):
        RunFolder(tmp_path).make()


@pytest.mark.parametrize(
    "content",
    ["", "{}", '{"format": "rhytid-training"}', '{"format": "rhytid-training", "network": "x"}',
     '{"format": "rhytid-training", "network": "semm", "minutes": "5"}',
     '{"format": "rhytid-training", "network": "semm", "minutes": 1e999}',
     '{"format": "rhytid-training", "network": "semm", "pairs": true}',
     '{"format": "rhytid-training", "network": "semm", "other": 1}', "[" * 100_000],
)  # fmt: skip
def test_damaged_configs_are_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(content, "utf-8")
    with pytest.raises(ValueError, match=r"config\.json"):
        read_config(path)


TWO_PROCESSES = """
import sys
import weakref
from pathlib import Path
import torch
sys.path[:0] = [{root!r}, {tests!r}]
from tiny_trainer import TinyTrainer
from rhytid.core.training.batches import Batches
from rhytid.core.training.config import RunConfig
from rhytid.core.training.distributed import ranks
from rhytid.core.training.loop import run_training
from rhytid.core.training.records import Records
from rhytid.core.training.run_folder import RunFolder
from rhytid.core.training.trainer import PoseSource
out = Path({out!r})
with ranks("cpu") as group:
    of_torch = weakref.ref(torch.distributed.group.WORLD)
    config = RunConfig("semm", steps=3, pairs=2, device="cpu", minutes=5)
    trainer = TinyTrainer()
    with torch.no_grad():
        trainer.network[0].weight.add_(group.rank)
    source = PoseSource(Records(Path({records!r})))
    batches = Batches(source, source, config.pairs, config.seed, group.rank, group.device)
    folder = RunFolder(out)
    folder.path.mkdir(exist_ok=True)
    run_training(config, folder, trainer, source.records, batches, group, False, lambda message: None)
    torch.set_printoptions(precision=10)
    (out / f"rank{{group.rank}}.txt").write_text(str(trainer.network[0].weight.detach().flatten().tolist()))
    batches.close()
assert of_torch() is None, "the process group, and with it its threads, is still there"
"""


def test_processes_of_torchrun_stay_together(tmp_path: Path, records: Path) -> None:
    script = TWO_PROCESSES.format(
        root=str(Path(__file__).parents[2]),
        tests=str(Path(__file__).parent),
        out=str(tmp_path / "run"),
        records=str(records),
    )
    environment = os.environ | {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(29500 + os.getpid() % 2000),
        "WORLD_SIZE": "2",
        "OMP_NUM_THREADS": "1",
    }
    processes = [
        subprocess.Popen([sys.executable, "-c", script], env=environment | {"RANK": str(rank), "LOCAL_RANK": str(rank)})
        for rank in range(2)
    ]
    assert [process.wait(120) for process in processes] == [0, 0]
    weights = [(tmp_path / "run" / f"rank{rank}.txt").read_text() for rank in range(2)]
    assert weights[0] == weights[1]
