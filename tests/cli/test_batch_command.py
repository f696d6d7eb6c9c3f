"""`batch`: what a job asks for, what is wrong with it, and runs that go on where they were."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from batch_example import write_example

from rhytid.core.document.project import save_project
from rhytid.core.document.state import DocumentState
from rhytid.gui.cli import batch
from rhytid.gui.cli.batch_plan import read_plan
from rhytid.gui.cli.batch_task import Task
from rhytid.gui.cli.program import main

BEGINNING = """\
ages = [30, 60]

[[faces]]
project = "*.rhytid"

[[renders]]
"""


def exit_code(arguments: list[str]) -> int:
    """Of the command, whether it returns it or the parser ends it."""
    try:
        return main(arguments)
    except SystemExit as end:
        return int(end.code or 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("anna", "bert"):
        save_project(tmp_path / f"{name}.rhytid", DocumentState())
    (tmp_path / "me.jpg").write_bytes(b"photo")
    (tmp_path / "you.jpg").write_bytes(b"photo")
    return tmp_path


@pytest.fixture
def job(folder: Path) -> Path:
    path = folder / "job.toml"
    path.write_text(BEGINNING)
    return path


@pytest.fixture
def made(monkeypatch) -> list[str]:
    """Outputs that were made; those of bert at 60 fail. Nothing is drawn."""
    names: list[str] = []

    def write(task: Task) -> None:
        names.append(task.name)
        if task.name.startswith("bert/60"):
            raise ValueError("no such face")
        for file in task.files:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(task.name)

    monkeypatch.setattr(batch, "_write", write)
    monkeypatch.setattr(batch, "_check_opengl", lambda: None)
    return names


def run(job: Path, *options: str) -> int:
    return exit_code(["batch", str(job), "--jobs", "1", *options])


def test_the_example_of_the_manual_is_made(tmp_path, capsys):
    assert exit_code(["batch", str(write_example(tmp_path)), "--jobs", "1"]) == 0
    files = sorted(path.relative_to(tmp_path / "smiles").as_posix() for path in (tmp_path / "smiles").rglob("*.png"))
    assert files == [
        f"seed-3/{age}-smile/{name}" for age in (30, 60) for name in ("front.png", "lines/face_lines.1001.png")
    ]
    listing = json.loads((tmp_path / "smiles/seed-3/60-smile/lines/export.json").read_text())
    assert any(file["name"] == "face_lines.1001.png" for file in listing["files"])
    assert (tmp_path / "smiles/seed-3/30-smile/front.png").read_bytes()[:4] == b"\x89PNG"
    assert exit_code(["batch", str(tmp_path / "job.toml")]) == 0
    assert "0 outputs in 0 s, 4 were there before" in capsys.readouterr().out


def test_every_face_age_and_expression_is_a_task_with_a_place_of_its_own(folder):
    job = folder / "all.toml"
    job.write_text(
        'names = "{expression}/{face}_{age}_{output}"\nages = [20, 30.5]\n'
        '[[faces]]\nphotos = ["me.jpg", "you.jpg"]\nage = 44\n'
        '[[faces]]\nname = "p"\nproject = "*.rhytid"\n'
        "[[faces]]\nseeds = [1, 2]\n"
        '[[expressions]]\npreset = "smile"\nstrength = 0.5\naction_units = { AU4 = 1 }\n'
        '[[expressions]]\nname = "oh"\nweights = { jawOpen = 0.5 }\n'
        '[[exports]]\nclient = "blender"\nwhat = ["displacement"]\n'
        '[[renders]]\nsuffix = ".jpg"\nyaw = 30\n'
    )
    output, tasks = read_plan(job)
    assert output == folder / "batch"
    assert len(tasks) == 5 * 2 * 2 * 2
    assert tasks[0].name == "smile/me_20_export"
    assert tasks[1].name == "smile/me_20_picture.jpg"
    assert tasks[-1].name == "oh/seed-2_30.5_picture.jpg"
    assert {task.face.name for task in tasks} == {"me", "p-anna", "p-bert", "seed-1", "seed-2"}
    assert tasks[0].face.photo_age == 44
    assert dict(tasks[0].look.weights)["mouthSmileLeft"] == pytest.approx(0.325)
    assert tasks[0].look.action_units == (("AU4", 0.5),)
    assert tasks[2].look.weights == (("jawOpen", 0.5),)
    assert Path(tasks[0].target) / "face_displacement.1001.exr" in tasks[0].files


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("ages = [", "is no TOML"),
        ("ages = 30", "line 1: ages: must be a list of years"),
        ("ages = [300]", "line 1: ages: age must be 16..80 years, not 300"),
        ("agse = [30]", "line 1: agse: there is no such key; did you mean ages?"),
        ('names = "{face}/{sex}"', "line 1: names: is made of {face}"),
        ('names = "../{face}"', "line 1: names: '..' is no name"),
        ('names = "/{face}"', "line 1: names: '' is no name"),
        ('names = "{face!r}"', "line 1: names: is made of {face}"),
        ('names = "{face.name}"', "line 1: names: is made of {face}"),
        ('names = "{age}"', "line 1: names: two outputs would be own.png"),
        ("faces = 3", "faces: must be tables, each under a line [[faces]]"),
        ("", "names no face"),
        ("[[faces]]\nseed = 1", "makes nothing"),
        ("[[faces]]\n\nsed = 1", "line 3: faces 1: sed: there is no such key; did you mean seed?"),
        ("[[faces]]\nseed = 1\n[[faces]]\nseed = -1", "line 4: faces 2: seed: a seed is 0..2147483647, not -1"),
        ("[[faces]]\nseed = true", "line 2: faces 1: seed: must be a whole number"),
        ('[[faces]]\nname = "x"', "line 1: faces 1: says not where the face comes from"),
        ('[[faces]]\nseed = 1\nproject = "anna.rhytid"', "a face has one origin"),
        ('[[faces]]\nproject = "gone.rhytid"', "gone.rhytid: no such file or folder"),
        ('[[faces]]\nproject = "gone*"', "no file is like gone*"),
        ('[[faces]]\nproject = "anna.rhytid"\nage = 30', "line 3: faces 1: age: is that of the person in a photo"),
        ('[[faces]]\nname = "a/b"\nseed = 1', "faces 1: name: 'a/b' cannot be part"),
        ('[[expressions]]\npreset = "smirk"', "line 2: expressions 1: preset: there is no expression 'smirk'"),
        ("[[expressions]]\nweights = { jawOpen = 0.5 }", "an expression needs a name"),
        ('[[expressions]]\nname = "a"\nweights = { jawWide = 0.5 }', "weights: 'jawWide' is no ARKit name"),
        ('[[expressions]]\nname = "a"\nweights = { jawOpen = 5 }', "weights: jawOpen must be 0..1"),
        ('[[expressions]]\nname = "a"\naction_units = { AU99 = 1 }', "'AU99' is not in the table"),
        ('[[expressions]]\nname = "a"\nstrength = 2', "strength: must be 0..1, not 2"),
        ('[[exports]]\nwhat = ["mesh"]', "exports 1: what: cannot export mesh"),
        ('[[packs]]\nlayout = "none"', "line 2: packs 1: layout: layout must be one of"),
        ('[[packs]]\noverwrite = true', "line 2: packs 1: overwrite: a table of packs has no 'overwrite'"),
        ('[[exports]]\nclient = "paint"', "exports 1: client"),
        ("[[exports]]\nresolution = 999", "line 2: exports 1: resolution: resolution must be one of"),
        ("[[exports]]\nresolutoin = 1024", "line 2: exports 1: resolutoin: a table of exports has no 'resolutoin'"),
        ('[[renders]]\nview = "pretty"', "line 2: renders 1: view: must be one of detailed"),
        ("[[renders]]\nsize = [10]", "renders 1: size: must be width and height"),
        ("[[renders]]\npitch = 200", "renders 1: pitch: must be -90..90, not 200"),
    ],
)
def test_what_is_wrong_is_told_with_line_and_key(folder, capsys, monkeypatch, lines, told):
    def never(task: Task) -> None:
        raise AssertionError(task.name)

    monkeypatch.setattr(batch, "_write", never)
    job = folder / "wrong.toml"
    whole = '\n[[faces]]\nproject = "*.rhytid"\n[[renders]]\n' if lines.startswith(("ages", "agse", "names")) else ""
    job.write_text(lines + whole)
    assert run(job) == 2
    said = capsys.readouterr().err
    assert "wrong.toml" in said
    assert told in said
    assert said.count("\n") == 1
    assert not (folder / "batch").exists()


def test_a_wrinkle_pack_is_one_for_all_expressions(folder, monkeypatch):
    from rhytid.core.pack import writing

    job = folder / "packs.toml"
    looks = '[[expressions]]\npreset = "smile"\n[[expressions]]\npreset = "grin"\n'
    job.write_text(BEGINNING.replace("[[renders]]", looks + "[[packs]]\nbudget = 2\nsize = 512"))
    _, tasks = read_plan(job)
    assert [task.name for task in tasks] == [f"{face}/{age}/all/wrinkles" for face in ("anna", "bert")
                                             for age in (30, 60)]  # fmt: skip
    asked = []

    def write_pack(state, _head, _engines, target, options):
        asked.append((state.age, options.budget, options.size))
        for file in (target / name for name in options.files()):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("map")

    monkeypatch.setattr(writing, "write_pack", write_pack)
    assert run(job) == 0
    assert asked == [(30, 2, 512), (60, 2, 512)] * 2
    assert run(job) == 0
    assert len(asked) == 4


def test_a_run_goes_on_and_makes_again_what_changed_or_failed(made, job, folder, capsys):
    assert run(job) == 1
    assert "bert/60/own/picture.png: no such face" in capsys.readouterr().err
    assert made == [f"{face}/{age}/own/picture.png" for face in ("anna", "bert") for age in (30, 60)]
    with (folder / "batch" / batch.RECORD).open("a", encoding="utf-8") as file:
        file.write('{"name": "cut o')
    (folder / "batch/bert/30/own/picture.png").unlink()
    made.clear()
    assert run(job) == 1
    assert made == ["bert/30/own/picture.png", "bert/60/own/picture.png"]
    made.clear()
    save_project(folder / "anna.rhytid", DocumentState(age=50.0))  # another face now
    batch_plan_forgets()
    assert run(job) == 1
    assert made == ["anna/30/own/picture.png", "anna/60/own/picture.png", "bert/60/own/picture.png"]
    made.clear()
    job.write_text(BEGINNING + "yaw = 20\n")
    assert run(job) == 1
    assert len(made) == 4
    made.clear()
    assert run(job, "--restart") == 1
    assert len(made) == 4


def batch_plan_forgets() -> None:
    """As a new process would."""
    from rhytid.gui.cli import batch_task

    batch_task._content_of.cache_clear()


def test_a_run_that_was_stopped_goes_on(made, job, monkeypatch):
    whole = batch._write

    def stopped(task: Task) -> None:
        if task.name.startswith("bert"):
            whole_file = Path(task.target)
            whole_file.parent.mkdir(parents=True)
            whole_file.write_text("written, and not recorded yet")
            raise KeyboardInterrupt
        whole(task)

    with monkeypatch.context() as patch:
        patch.setattr(batch, "_write", stopped)
        assert run(job) == 130
    assert len(made) == 2
    assert run(job) == 1
    assert made[2:] == ["bert/30/own/picture.png", "bert/60/own/picture.png"]


def test_a_dry_run_lists_and_makes_nothing(made, job, folder, capsys):
    assert run(job, "--dry-run") == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == str(folder / "batch/anna/30/own/picture.png")
    assert said[-1] == "4 of 4 outputs would be made"
    assert made == []
    assert not (folder / "batch").exists()
    run(job)
    capsys.readouterr()
    assert run(job, "--dry-run") == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].endswith("picture.png  (is there)")
    assert said[-1] == "1 of 4 outputs would be made"


def test_all_failing_is_exit_code_2(made, folder, capsys):
    job = folder / "one.toml"
    job.write_text(BEGINNING.replace("30, ", "").replace("*.rhytid", "bert.rhytid"))
    assert run(job) == 2
    assert "1 of 1 outputs were not done" in capsys.readouterr().err


def test_files_of_others_stay(made, job, folder, capsys):
    mine = folder / "batch/anna/30/own/picture.png"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    assert run(job) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert mine.read_bytes() == b"mine"
    assert made == []
    assert run(job, "--overwrite") == 1
    assert mine.read_bytes() != b"mine"
