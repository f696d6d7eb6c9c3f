"""Both variants of SEMM and its ablations in runs of their own, and a whole run of the paper's variant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from record_samples import made_up_group

pytest.importorskip("onnx")

from rhytid.core.learned.semm_paper import PaperModel
from rhytid.core.training import semm_variants
from rhytid.core.training.checkpoint import CheckpointError
from rhytid.core.training.config import RunConfig
from rhytid.core.training.loop import Progress
from rhytid.core.training.make_records import make_records
from rhytid.core.training.run_folder import RunFolder
from rhytid.core.training.start import make_trainer, start
from rhytid.gui.cli import program


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("records")
    make_records(folder, range(4), made_up_group, workers=0)
    return folder


def test_a_run_of_the_paper_s_variant_is_trained_resumed_and_exported(records: Path, tmp_path: Path) -> None:
    argv = ["train", "semm", "--variant", "paper", "--channels", "2", "--records", str(records), "--device", "cpu",
            "--pairs", "1", "--threads", "1"]  # fmt: skip
    for name in ("whole", "parts"):
        run = [*argv, "--out", str(tmp_path / name)]
        if name == "parts":
            assert program.main([*run, "--steps", "1"]) == 0
            run.append("--resume")
        assert program.main([*run, "--steps", "2"]) == 0
    states = [RunFolder(tmp_path / name).read_checkpoint()["trainer"] for name in ("whole", "parts")]
    for part in ("model", "average", "discriminator"):
        assert all(torch.equal(value, states[1][part][name]) for name, value in states[0][part].items())
    config = json.loads((tmp_path / "parts" / "export" / "semm.json").read_text("utf-8"))["config"]
    assert (config["variant"], config["channels"]) == ("paper", 2)
    PaperModel.load(tmp_path / "parts" / "export")


def test_an_older_checkpoint_is_refused_with_a_remedy(records: Path, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.make()
    argv = ["train", "semm", "--resume", "--out", str(folder.path), "--device", "cpu", "--steps", "1"]
    old = {"format": "rhytid-training", "network": "semm", "variant": "paper", "records": str(records)}
    folder.config.write_text(json.dumps(old), "utf-8")
    folder.write_checkpoint(1, {"trainer": {"model/encoder.stem.weight": torch.zeros(1)}, "step": 1, "seconds": 1.0})
    assert program.main(argv) == 2
    with pytest.raises(CheckpointError, match="start it anew in another folder"):
        start(RunConfig("semm", steps=1, device="cpu"), folder.path, resume=True)


def test_settings_that_older_structured_runs_name_for_nothing_are_passed_over() -> None:
    small = {"refiner_channels": 8, "inner_channels": 8, "painter_channels": 8, "discriminator_channels": 4}
    trainer = make_trainer(RunConfig("semm", model={**small, "paper_channels": 64}), torch.device("cpu"))
    assert trainer.config.refiner_channels == 8
    with pytest.raises(ValueError, match="no setting"):
        make_trainer(RunConfig("semm", variant="paper", model={"refiner_channels": 8}), torch.device("cpu"))


def test_channels_are_the_paper_s_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["train", "semm", "--channels", "8", "--out", str(tmp_path / "run")]) == 2
    assert "--variant paper" in capsys.readouterr().err


def test_all_runs_of_table_1_follow_each_other(records: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[tuple[str, RunConfig, bool]] = []
    longest = 3

    def begin(config: RunConfig, out: Path, resume: bool) -> Progress:
        begun.append((out.name, config, resume))
        RunFolder(out).make()
        RunFolder(out).config.write_text("{}", "utf-8")
        return Progress(5 if len(begun) != longest else 4, 1.0)

    monkeypatch.setattr(semm_variants, "start", begin)
    argv = ["train", "semm-variants", "--out", str(tmp_path), "--records", str(records), "--steps", "5",
            "--channels", "4", "--minutes", "2", "--readers", "3"]  # fmt: skip
    assert program.main(argv) == 1  # the third was interrupted
    assert [name for name, _, _ in begun] == ["structured", "paper", "paper-no-feature-matching"]
    begun.clear()
    longest = 0
    assert program.main(argv) == 0
    assert [(name, config.variant, config.ablation) for name, config, _ in begun] == [
        ("structured", "structured", ""), ("paper", "paper", ""),
        ("paper-no-feature-matching", "paper", "no-feature-matching"),
        ("paper-no-distance-field", "paper", "no-distance-field"), ("paper-concatenation", "paper", "concatenation"),
    ]  # fmt: skip
    assert [resume for _, _, resume in begun] == [True, True, True, False, False]
    for _, config, _ in begun:
        assert (config.minutes, config.readers, config.records) == (2.0, 3, str(records))
        assert dict(config.model) == ({"channels": 4} if config.variant == "paper" else {})
