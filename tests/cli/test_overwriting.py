"""No command replaces what it did not write, unless it is told to."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import cv2
import pytest

from rhytid.core.document.project import save_project
from rhytid.core.document.state import DocumentState
from rhytid.core.files.writing import replacing
from rhytid.gui.cli.program import main


@pytest.fixture(autouse=True)
def _own_state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RHYTID_STATE_DIR", str(tmp_path_factory.mktemp("state")))


def commands(scan: Path, folder: Path) -> dict[str, tuple[list[str], str]]:
    """Arguments of each command that writes, and the file among its outputs that stands in the way."""
    project = folder.parent / "face.rhytid"
    save_project(project, DocumentState())
    few = ["--what", "albedo", "--resolution", "1024", "--name", "anna.v002"]
    return {
        "lines": (["lines", str(scan), str(folder / "a.png")], "a.png"),
        "lines as svg": (["lines", str(scan), str(folder / "a.svg")], "a.svg"),
        "lines of a folder": (["lines", str(scan), str(folder)], "scan.png"),
        "detail": (["detail", str(scan), str(folder / "a.png")], "a.png"),
        "the JSON beside": (["detail", str(scan), str(folder / "a.png")], "a.json"),
        "export": (["export", str(project), str(folder), *few], "anna.v002_albedo.1001.png"),
        "about an export": (["export", str(project), str(folder), *few], "README.txt"),
        "bench": (
            ["bench", "--only", "line_extraction_256", "--runs", "1", "--json", str(folder / "a.json")], "a.json"
        ),
        "render": (
            ["render", str(folder / "a.png"), "--size", "64x64", "--resolution", "256", "--view", "smooth"], "a.png"
        ),
    }  # fmt: skip


@pytest.mark.usefixtures("few_rays")
@pytest.mark.parametrize(
    "command",
    [
        "lines", "lines as svg", "lines of a folder", "detail", "the JSON beside", "export", "about an export",
        "bench", "render",
    ],
)  # fmt: skip
def test_what_is_there_stays_unless_told(
    command: str, scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if command == "bench":  # how fast this machine is takes longest, and is for tests/bench
        monkeypatch.setattr("rhytid.gui.cli.bench.probe", lambda: {"convolution_ms": 1.0})
    folder = tmp_path / "out"
    folder.mkdir()
    arguments, name = commands(scan, folder)[command]
    (folder / name).write_bytes(b"the artist's")
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert f"{name} was not written by Rhytid or changed since; add --overwrite" in error
    assert error.count("\n") == 1
    assert os.listdir(folder) == [name]
    assert (folder / name).read_bytes() == b"the artist's"
    assert main([*arguments, "--overwrite"]) == 0
    assert (folder / name).read_bytes() != b"the artist's"
    assert main(arguments) == 0  # its own files by now


@pytest.mark.parametrize("how", ["the same path", "a link", "a hard link"])
def test_an_output_that_is_the_input_is_refused_unless_told(
    how: str, scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output, before = scan, scan.read_bytes()
    if how == "a link":
        output = tmp_path / "link.png"
        output.symlink_to(scan)
    elif how == "a hard link":
        output = tmp_path / "hard.png"
        os.link(scan, output)
    assert main(["detail", str(scan), str(output), "--age", "20"]) == 2
    assert "it is what is read" in capsys.readouterr().err
    assert scan.read_bytes() == before
    elsewhere = tmp_path / "elsewhere.png"
    shutil.copy(scan, tmp_path / "copy.png")
    assert main(["detail", str(tmp_path / "copy.png"), str(elsewhere), "--age", "20"]) == 0
    assert main(["detail", str(scan), str(output), "--age", "20", "--overwrite"]) == 0
    values = cv2.imread(str(scan), cv2.IMREAD_UNCHANGED)
    assert (values == cv2.imread(str(elsewhere), cv2.IMREAD_UNCHANGED)).all()  # the file names in them differ
    assert (values != cv2.imread(str(tmp_path / "copy.png"), cv2.IMREAD_UNCHANGED)).any()


def test_a_start_clears_what_a_kill_left(scan: Path, tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    folder.mkdir()
    with replacing(folder / "a.png") as temporary:
        note = Path(os.environ["RHYTID_STATE_DIR"]) / "writing" / temporary.name[len(".rhytid-") :][:16]
        content = note.read_bytes()
    left = folder / temporary.name
    left.write_bytes(b"half")
    note.write_bytes(content)
    assert main(["lines", str(scan), str(tmp_path / "lines.png")]) == 0
    assert os.listdir(folder) == ["a.png"]
    assert not note.exists()


def test_an_exr_into_a_folder_that_cannot_be_written_is_one_line(
    scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_bytes(b"1")
    output = tmp_path / "file" / "a.exr"
    assert main(["detail", str(scan), str(output)]) == 2
    reason = "a part of the path is a file, not a folder; choose another folder"
    assert capsys.readouterr().err == f"rhytid: a.exr cannot be written into {output.parent}: {reason}\n"
    assert main(["detail", str(scan), str(tmp_path / ("a" * 252 + ".exr"))]) == 2
    error = capsys.readouterr().err
    assert str(tmp_path) in error
    assert "name too long" in error
    assert error.count("\n") == 1
