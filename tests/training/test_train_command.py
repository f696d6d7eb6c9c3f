"""`python main.py train`: from a user's folder of maps to weights, and one line for whatever is wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from record_samples import made_up_group

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.io.displacement_writing import write_displacement
from rhytid.core.learned.weights import open_model
from rhytid.core.training.folder_data import folder_groups
from rhytid.core.training.records import Records
from rhytid.gui.cli import program


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two subjects as FaceScape lays them out, and a map that lies alone."""
    folder = tmp_path_factory.mktemp("faces")
    for subject in ("12", "7"):
        (folder / subject / "displacement").mkdir(parents=True)
        for name, pose in zip(("1_neutral", "2_smile"), made_up_group(int(subject)).poses, strict=False):
            write_displacement(folder / subject / "displacement" / f"{name}.npy", pose.maps["x"] * np.float32(0.1))
    write_displacement(folder / "alone.exr", made_up_group(3).poses[0].maps["x"][::2, ::2] * np.float32(0.1))
    (folder / "subjects.json").write_text('{"12": {"sex": "f", "age": 61}, "alone": 19}', "utf-8")
    return folder


@pytest.fixture
def plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Maps without lines, for tests that look elsewhere: noise is full of lines, and these take seconds to find."""

    def maps(displacement_mm: np.ndarray) -> dict[str, np.ndarray]:
        none, far = np.zeros_like(displacement_mm), np.ones_like(displacement_mm)
        return {"x": displacement_mm, "relief": none, "df_strong": far, "df_all": far}

    monkeypatch.setattr("rhytid.core.training.folder_data.line_maps", maps)


def test_a_users_folder_becomes_records(faces: Path, tmp_path: Path) -> None:
    assert program.main(["train", "records", "--data", str(faces), "--out", str(tmp_path / "r"), "--workers", "0"]) == 0
    records = Records(tmp_path / "r")
    assert (len(records), records.n_groups) == (5, 3)
    assert records.age.tolist() == [61, 61, 30, 30, 19]
    assert records.key_expression.tolist() == [0, 1, 0, 1, 0]
    assert records.expression[1, ARKIT_INDEX["mouthSmileLeft"]] == pytest.approx(0.6)
    x = records.maps([0], ["x"])["x"][0]
    np.testing.assert_allclose(x, made_up_group(12).poses[0].maps["x"], atol=0.02)


def test_linked_subjects_are_followed_and_a_link_that_leads_back_ends(faces: Path, tmp_path: Path) -> None:
    folder = tmp_path / "faces"
    folder.mkdir()
    for subject in ("12", "7"):
        (folder / subject).symlink_to(faces / subject, target_is_directory=True)
    own = folder / "own"
    own.mkdir()
    shutil.copy(faces / "alone.exr", own / "1_neutral.exr")
    (own / "back").symlink_to(folder, target_is_directory=True)
    (own / "gone").symlink_to(tmp_path / "nowhere", target_is_directory=True)
    groups = folder_groups(folder)
    found = sorted(str(file.path.relative_to(folder)) for group in groups.values() for file in group)
    assert found == ["12/displacement/1_neutral.npy", "12/displacement/2_smile.npy", "7/displacement/1_neutral.npy",
                     "7/displacement/2_smile.npy", "own/1_neutral.exr"]  # fmt: skip
    with_file = {number for number, group in folder_groups(faces).items() if "alone" not in group[0].path.name}
    assert with_file < set(groups)  # a group keeps its number, linked or not


def test_a_folder_with_too_much_below_it_is_refused(faces: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rhytid.core.training.folder_data._MAX_FILES", 5)
    with pytest.raises(ValueError, match="more than 5 files"):
        folder_groups(faces)


@pytest.mark.usefixtures("plain_lines")
def test_subjects_that_come_later_are_added_and_the_others_stay(faces: Path, tmp_path: Path) -> None:
    folder, out = tmp_path / "faces", tmp_path / "r"
    shutil.copytree(faces, folder)
    command = ["train", "records", "--data", str(folder), "--out", str(out), "--workers", "0"]
    assert program.main(command) == 0
    before = Records(out)
    (folder / "00").mkdir()
    shutil.copy(faces / "7" / "displacement" / "2_smile.npy", folder / "00")
    assert program.main(command) == 0
    after = Records(out)
    assert (len(after), after.n_groups) == (6, 4)
    assert set(before.person.tolist()) < set(after.person.tolist())
    added = ~np.isin(after.person, before.person)
    assert after.key_expression[added].tolist() == [1]


def test_weights_of_a_users_own_expressions(faces: Path, tmp_path: Path) -> None:
    (tmp_path / "anna").mkdir()
    (tmp_path / "anna" / "wink.npy").write_bytes((faces / "7" / "displacement" / "2_smile.npy").read_bytes())
    (tmp_path / "weights.json").write_text('{"anna/wink": {"eyeBlink_L": 0.8}}', "utf-8")
    ((file,),) = folder_groups(tmp_path).values()
    assert file.expression[ARKIT_INDEX["eyeBlinkLeft"]] == pytest.approx(0.8)
    (tmp_path / "weights.json").write_text('{"anna/wink": {"eyeBlink_L": "wide"}}', "utf-8")
    with pytest.raises(ValueError, match=r"weights\.json: anna/wink: eyeBlink_L"):
        folder_groups(tmp_path)


@pytest.mark.usefixtures("plain_lines")
def test_training_on_a_users_folder_and_resuming(faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tiny_trainer import TinyTrainer

    monkeypatch.setattr("rhytid.core.training.start.make_trainer", lambda config, device: TinyTrainer())
    run, shipped = tmp_path / "run", tmp_path / "shipped"
    start = [
        "train",
        "semm",
        "--data",
        str(faces),
        "--out",
        str(run),
        "--workers",
        "0",
        "--device",
        "cpu",
        "--pairs",
        "2",
    ]
    assert program.main([*start, "--steps", "2", "--threads", "1"]) == 0
    assert program.main([*start, "--steps", "5", "--resume", "--export", str(shipped)]) == 0
    for folder in (run / "export", shipped):
        model = open_model("semm", folder)
        assert model.json["training"]["steps"] == 5
        assert model.onnx().get_inputs()[0].name == "relief"
    assert json.loads((run / "config.json").read_text("utf-8"))["steps"] == 5
    # Neither the user's paths nor names leave with the weights.
    assert str(faces) not in (shipped / "semm.json").read_text("utf-8")


WRONG = {
    "no folder": (["semm", "--data", "{tmp}/nowhere"], "no such folder"),
    "no maps": (["semm", "--data", "{tmp}"], "no displacement map"),
    "no records": (["semm", "--records", "{tmp}"], "no records"),
    "nothing to resume": (["semm", "--resume"], "no training run to resume"),
    "wrong minutes": (["semm", "--minutes", "0"], "minutes must be a positive number"),
    "wrong groups": (["records", "--groups", "0"], "--groups must be"),
    "own maps for super-resolution": (["super-resolution", "--data", "{tmp}"], "synthetic"),
    "own maps for photo-albedo": (["photo-albedo", "--data", "{tmp}"], "leave --data and --records away"),
    "records for photo-albedo": (["photo-albedo", "--records", "{tmp}"], "leave --data and --records away"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_bad_input_is_one_line(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, message = WRONG[kind]
    given = [argument.format(tmp=tmp_path) for argument in arguments]
    assert program.main(["train", *given, "--out", str(tmp_path / "run"), "--workers", "0"]) == 2
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert last.startswith("rhytid: ")
    assert message in last


def test_damaged_ages_are_one_line(faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.npy").write_bytes((faces / "7" / "displacement" / "2_smile.npy").read_bytes())
    for text in ("[", "[]", '{"a": {"age": "old"}}', '{"a": {"age": NaN}}', "[" * 100_000):
        (tmp_path / "subjects.json").write_text(text, "utf-8")
        assert program.main(["train", "records", "--data", str(tmp_path), "--out", str(tmp_path / "r")]) == 2
        assert "subjects.json" in capsys.readouterr().err


def test_a_started_run_is_not_overwritten(faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint = tmp_path / "checkpoints" / "step-00000010"
    checkpoint.mkdir(parents=True)
    for path in (tmp_path / "config.json", checkpoint / "state.json"):
        path.write_text("{}", "utf-8")
    assert program.main(["train", "semm", "--data", str(faces), "--out", str(tmp_path)]) == 2
    assert "add --resume" in capsys.readouterr().err


@pytest.mark.usefixtures("plain_lines")
@pytest.mark.parametrize("options", [[], ["--resume"]])
def test_a_run_stopped_before_its_first_checkpoint_starts_anew(
    faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    from tiny_trainer import TinyTrainer

    trainer = TinyTrainer()
    monkeypatch.setattr("rhytid.core.training.start.make_trainer", lambda config, device: trainer)
    start = ["train", "semm", "--data", str(faces), "--out", str(tmp_path / "run"), *["--workers", "0", "--steps", "2"]]
    with monkeypatch.context() as patched:
        patched.setattr("rhytid.core.training.start.open_data", lambda *given: pytest.fail("stopped"))
        with pytest.raises(pytest.fail.Exception):
            program.main(start)
    assert program.main([*start, *options]) == 0
    assert trainer.initialised == 5
