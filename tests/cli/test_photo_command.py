"""`photo` with a reader that stands in for the networks: what is written, told, left and gone on with."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from document_samples import albedo_map, photo_layer, source

from rhytid.core.cli import photo_batch
from rhytid.core.cli.photo_batch import RECORD, PhotoJob, make_projects, photos_below
from rhytid.core.document.commands import TakePhoto
from rhytid.core.document.project import load_project
from rhytid.core.document.state import DocumentState
from rhytid.gui.cli.program import main


def exit_code(arguments: list[str]) -> int:
    """Of the command, whether it returns it or the parser ends it."""
    try:
        return main(arguments)
    except SystemExit as end:
        return int(end.code or 0)


@pytest.fixture
def read(monkeypatch):
    """Photos that were read; a name with `bad` in it shows no face."""
    names: list[str] = []

    def face(job: PhotoJob):
        names.append(job.photos[0].name)
        if "bad" in job.photos[0].name:
            raise ValueError("no face was found; take a photo that shows the face from the front")
        layer = photo_layer()
        found = SimpleNamespace(layer=layer, relief=SimpleNamespace(lines=source().lines))
        object.__setattr__(layer, "digest", photo_batch.file_digest(job.photos[0]))
        return TakePhoto(layer, albedo_map(), source()).apply(DocumentState(age=job.age)), found

    monkeypatch.setattr(photo_batch, "_face", face)
    return names


@pytest.fixture
def portraits(tmp_path: Path) -> Path:
    folder = tmp_path / "portraits"
    (folder / "more").mkdir(parents=True)
    for name in ("a.jpg", "b.png", "more/c.webp", "notes.txt", ".hidden.jpg"):
        (folder / name).write_bytes(name.encode())
    return folder


def test_one_photo_becomes_a_project(read, portraits, tmp_path, capsys):
    out = tmp_path / "face.rhytid"
    assert main(["photo", str(portraits / "a.jpg"), str(out), "--age", "55"]) == 0
    state = load_project(out)
    assert state.age == 55
    assert state.photo is not None
    assert json.loads(capsys.readouterr().out)["lines"] == 3


def test_a_folder_becomes_projects_and_a_record(read, portraits, tmp_path):
    out = tmp_path / "faces"
    assert main(["photo", str(portraits), str(out)]) == 0
    assert sorted(p.relative_to(out).as_posix() for p in out.rglob("*.rhytid")) == [
        "a.rhytid", "b.rhytid", "more/c.rhytid",
    ]  # fmt: skip
    lines = [json.loads(line) for line in (out / RECORD).read_text(encoding="utf-8").splitlines()]
    assert [line["error"] for line in lines] == ["", "", ""]
    assert all(line["error_percent"] > 0 for line in lines)


def test_a_run_goes_on_and_does_again_what_changed_or_failed(read, portraits, tmp_path, capsys):
    out = tmp_path / "faces"
    (portraits / "bad.jpg").write_bytes(b"sky")
    assert main(["photo", str(portraits), str(out)]) == 1
    assert "bad.jpg" in capsys.readouterr().err
    assert not (out / "bad.rhytid").exists()
    with (out / RECORD).open("a", encoding="utf-8") as file:
        file.write('{"photo": "cut o')
    (portraits / "b.png").write_bytes(b"another")
    (out / "a.rhytid").unlink()
    read.clear()
    assert main(["photo", str(portraits), str(out), "--overwrite"]) == 1
    assert sorted(read) == ["a.jpg", "b.png", "bad.jpg"]


def test_all_failing_is_exit_code_2(read, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "bad.jpg").write_bytes(b"sky")
    assert main(["photo", str(folder), str(tmp_path / "out")]) == 2


def test_what_was_not_written_by_the_program_stays(read, portraits, tmp_path, capsys):
    out = tmp_path / "faces"
    out.mkdir()
    (out / "a.rhytid").write_bytes(b"mine")
    assert main(["photo", str(portraits), str(out)]) == 2
    assert (out / "a.rhytid").read_bytes() == b"mine"
    assert "--overwrite" in capsys.readouterr().err
    assert read == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["a.jpg", "b.png", "face.obj"], "rhytid"),
        (["", "out"], ""),
        (["a.jpg", "face.rhytid", "--focal", "3"], "8..2000"),
        (["a.jpg", "face.rhytid", "--jobs", "0"], "processes"),
        (["more", "a.jpg", "out"], "folder"),
    ],
)
def test_arguments_that_make_no_sense_are_told(read, portraits, tmp_path, capsys, monkeypatch, arguments, told):
    monkeypatch.chdir(portraits)
    assert exit_code(["photo", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_an_empty_folder_and_names_that_meet_are_told(read, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    with pytest.raises(ValueError, match="no photo"):
        photos_below(folder, tmp_path / "out")
    jobs = [PhotoJob((folder / name,), tmp_path / "x.rhytid", 30.0) for name in ("x.jpg", "x.png")]
    with pytest.raises(ValueError, match="both become"):
        make_projects(jobs, tmp_path / "out", 1, None, False)


def test_a_run_that_was_killed_goes_on(read, portraits, tmp_path, monkeypatch):
    out = tmp_path / "faces"
    whole = photo_batch.make_project

    def killed(job: PhotoJob):
        if job.photos[0].name == "b.png":
            raise KeyboardInterrupt
        return whole(job)

    with monkeypatch.context() as patch:
        patch.setattr(photo_batch, "make_project", killed)
        assert main(["photo", str(portraits), str(out)]) not in (0, 1)
    assert len((out / RECORD).read_text(encoding="utf-8").splitlines()) == 1
    assert main(["photo", str(portraits), str(out)]) == 0
    assert sorted(read) == ["a.jpg", "b.png", "c.webp"]  # none of them twice
