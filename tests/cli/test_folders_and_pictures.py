"""Folders of maps as they come from other machines, and pictures of lines as they come from artists."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from rhytid.core.cli import batch
from rhytid.core.cli.batch import map_pairs
from rhytid.core.files.failures import WriteError
from rhytid.core.io.line_file import write_line_map
from rhytid.core.lines.extract import extract_lines
from rhytid.core.lines.raster import draw_line_map
from rhytid.gui.cli.program import main

Errors = pytest.CaptureFixture[str]


@pytest.fixture
def folder(scan: Path, tmp_path: Path) -> Path:
    """One map in a folder of what a Mac, Windows and other programs leave beside it."""
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "anna.v002.png").write_bytes(scan.read_bytes())
    for name in ("._anna.png", ".DS_Store", "Thumbs.db", "desktop.ini", "anna.json", "notes.txt", ".hidden.tif"):
        (folder / name).write_bytes(b"\0\5\26\7\0\2\0\0Mac OS X")
    for hidden in (".git", "__MACOSX/.x", ".Trashes"):
        (folder / hidden).mkdir(parents=True)
        (folder / hidden / "map.png").write_bytes(b"no map")
    (folder / "folder.png").mkdir()
    return folder


def told(capsys: Errors) -> list[str]:
    """Lines on stderr but for what a reader assumed of a map's scale."""
    return [line for line in capsys.readouterr().err.splitlines() if ": assumed: " not in line]


def names(out: Path) -> list[str]:
    return sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())


def test_what_is_hidden_is_skipped_silently(folder: Path, tmp_path: Path, capsys: Errors) -> None:
    assert main(["lines", str(folder), str(tmp_path / "out")]) == 0
    assert names(tmp_path / "out") == [os.path.join("sub", "anna.v002.png")]
    assert told(capsys) == []


def test_unreadable_maps_are_told_at_the_end_and_the_rest_is_done(
    folder: Path, tmp_path: Path, capsys: Errors
) -> None:
    (folder / "a.png").write_text("no map")
    (folder / "b.exr").write_bytes(b"")
    (folder / "broken.npy").symlink_to(tmp_path / "gone.npy")
    assert main(["lines", str(folder), str(tmp_path / "out")]) == 1
    assert names(tmp_path / "out") == [os.path.join("sub", "anna.v002.png")]
    lines = told(capsys)
    assert len(lines) == 4
    assert all(line.startswith("rhytid: ") for line in lines)
    for name, line in zip(("a.png", "b.exr", "broken.npy"), lines[:3], strict=True):
        assert name in line
    assert lines[3].startswith("rhytid: 3 of 4 maps were not done")


def test_a_folder_without_a_usable_map_is_exit_code_2(tmp_path: Path, capsys: Errors) -> None:
    for name in ("a.png", "b.png"):
        tmp_path.joinpath("in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_text("no map")
    assert main(["detail", str(tmp_path / "in"), str(tmp_path / "out")]) == 2
    assert "2 of 2" in capsys.readouterr().err
    assert names(tmp_path / "out") == []


def test_an_output_folder_in_the_input_folder_is_no_input(folder: Path, capsys: Errors) -> None:
    out = folder / "lines"
    for _ in range(2):
        assert main(["lines", str(folder), str(out)]) == 0
        assert names(out) == [os.path.join("sub", "anna.v002.png")]
    assert told(capsys) == []


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_names_of_any_alphabet(form: str, scan: Path, tmp_path: Path) -> None:
    name = unicodedata.normalize(form, "Jürgen 佐藤 ё.png")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(scan.read_bytes())
    pictures = tmp_path / "pictures"
    assert main(["lines", str(tmp_path / "in"), str(pictures)]) == 0
    assert names(pictures) == [name]
    other = unicodedata.normalize("NFD" if form == "NFC" else "NFC", name)
    (pictures / name).rename(pictures / other)
    assert main(["detail", str(tmp_path / "in"), str(tmp_path / "out"), "--lines", str(pictures)]) == 0
    before, after = (cv2.imread(str(p), -1) for p in (scan, tmp_path / "out" / name))
    np.testing.assert_array_equal(after, before)


def test_names_that_differ_in_case_only_are_never_written_over_each_other(
    scan: Path, tmp_path: Path, capsys: Errors, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    for name in ("Anna.png", "anna.png"):
        (tmp_path / "in" / name).write_bytes(scan.read_bytes())
    if len(list((tmp_path / "in").iterdir())) < 2:
        pytest.skip("this disk does not tell the names apart")
    assert main(["lines", str(tmp_path / "in"), str(tmp_path / "out")]) == 0
    assert names(tmp_path / "out") == ["Anna.png", "anna.png"]
    # A disk that takes both for one file, as those of Macs and Windows do.
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "anna.png").symlink_to("Anna.png")
    assert main(["lines", str(tmp_path / "in"), str(tmp_path / "disk")]) == 1
    assert "anna.png is Anna.png again; rename one" in capsys.readouterr().err


def test_a_full_disk_ends_the_batch(folder: Path, scan: Path, tmp_path: Path) -> None:
    (folder / "a.png").write_bytes(scan.read_bytes())
    tried = []

    def work(source: Path, target: Path) -> None:
        tried.append(source)
        raise WriteError(28, f"{target}: the disk is full")

    with pytest.raises(WriteError, match="disk is full"):
        batch.process(map_pairs(folder, tmp_path / "out"), work, lambda target: [target], False, [])
    assert len(tried) == 1


def test_an_interrupted_batch_leaves_whole_files_that_are_known_again(
    folder: Path, scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.png").write_bytes(scan.read_bytes())
    from rhytid.core.io import line_file

    write, calls = line_file.write_line_map, []

    def stopped(path: Path, lines: np.ndarray) -> None:
        calls.append(path)
        if len(calls) == 2:
            raise KeyboardInterrupt
        write(path, lines)

    monkeypatch.setattr(line_file, "write_line_map", stopped)
    assert main(["lines", str(folder), str(tmp_path / "out")]) == 130
    assert names(tmp_path / "out") == ["a.png"]
    assert cv2.imread(str(tmp_path / "out" / "a.png"), -1).shape == (256, 256)
    monkeypatch.undo()
    assert main(["lines", str(folder), str(tmp_path / "out")]) == 0


def test_very_many_files_are_listed_at_once(tmp_path: Path) -> None:
    for i in range(3000):
        (tmp_path / f"{i:05d}.png").touch()
        (tmp_path / f"._{i:05d}.png").touch()
    assert len(map_pairs(tmp_path, tmp_path / "out")) == 3000


def picture_of(scan: Path) -> np.ndarray:
    from rhytid.core.io.displacement_file import read_displacement

    return draw_line_map(extract_lines(read_displacement(scan)), 256)


def inverted(lines: np.ndarray, path: Path) -> None:
    Image.fromarray(np.where(lines, 0, 255).astype(np.uint8)).save(path)


def on_transparency(lines: np.ndarray, path: Path) -> None:
    values = np.full((*lines.shape, 4), 255, np.uint8)
    values[..., 3] = np.where(lines, 255, 0)
    Image.fromarray(values).save(path)


def larger(lines: np.ndarray, path: Path) -> None:
    Image.fromarray(np.kron(lines, np.ones((4, 4), bool)).astype(np.uint8) * 200).save(path)


@pytest.mark.parametrize("save", [inverted, on_transparency, larger])
def test_any_picture_of_the_same_lines_changes_nothing(save, scan: Path, tmp_path: Path, capsys: Errors) -> None:
    save(picture_of(scan), tmp_path / "lines.png")
    assert main(["detail", str(scan), str(tmp_path / "out.png"), "--lines", str(tmp_path / "lines.png")]) == 0
    before, after = (cv2.imread(str(p), -1) for p in (scan, tmp_path / "out.png"))
    np.testing.assert_array_equal(after, before)
    read_as = {inverted: "black ink on white", on_transparency: "white ink on transparent", larger: "grey ink on black"}
    (line,) = told(capsys)
    assert f"read as {read_as[save]} paper" in line


@pytest.mark.parametrize("paper", [0, 255])
def test_a_picture_without_a_line_needs_a_yes(paper: int, scan: Path, tmp_path: Path, capsys: Errors) -> None:
    Image.new("L", (256, 256), paper).save(tmp_path / "empty.png")
    command = ["detail", str(scan), str(tmp_path / "out.png"), "--lines", str(tmp_path / "empty.png")]
    assert main(command) == 2
    n_lines = len(extract_lines(cv2.imread(str(scan), -1).astype(np.float32)))
    assert n_lines
    message = capsys.readouterr().err.strip().splitlines()[-1]
    assert "no line in the picture: all " in message
    assert "--erase-all" in message
    assert not (tmp_path / "out.png").exists()
    assert main([*command, "--erase-all"]) == 0
    assert (cv2.imread(str(tmp_path / "out.png"), -1) != cv2.imread(str(scan), -1)).any()


def test_a_mirrored_picture_is_told(scan: Path, tmp_path: Path, capsys: Errors) -> None:
    lines = picture_of(scan)
    write_line_map(tmp_path / "lines.png", np.roll(lines[::-1], 9, axis=1))
    assert main(["detail", str(scan), str(tmp_path / "out.png"), "--lines", str(tmp_path / "lines.png")]) == 0
    assert "is it mirrored" in capsys.readouterr().err


def test_a_picture_of_many_blots_is_refused(scan: Path, tmp_path: Path, capsys: Errors) -> None:
    blots = np.random.default_rng(0).random((256, 256)) < 0.4
    Image.fromarray(blots.astype(np.uint8) * 255).save(tmp_path / "x.png")
    assert main(["detail", str(scan), str(tmp_path / "out.png"), "--lines", str(tmp_path / "x.png")]) == 2
    assert "would be ink" in capsys.readouterr().err
    assert not (tmp_path / "out.png").exists()


def test_archives_of_arrays_in_a_folder_are_read_and_become_npy(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    relief = np.random.default_rng(0).normal(0, 0.1, (64, 64)).astype(np.float32)
    np.savez(folder / "a.npz", displacement=relief)
    assert main(["lines", str(folder), str(tmp_path / "lines")]) == 0
    assert [file.name for file in (tmp_path / "lines").iterdir()] == ["a.png"]
    assert main(["detail", str(folder), str(tmp_path / "out")]) == 0
    np.testing.assert_array_equal(np.load(tmp_path / "out" / "a.npy"), relief)


@pytest.mark.parametrize(
    "arguments", [["lines", "{map}", ""], ["lines", "", "x.png"], ["detail", "{map}", ""], ["export", "a.rhytid", ""]]
)
def test_an_empty_name_is_not_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save(tmp_path / "map.npy", np.zeros((64, 64), np.float32))
    with pytest.raises(SystemExit) as stopped:
        main([argument.format(map="map.npy") for argument in arguments])
    assert stopped.value.code == 2
    error = capsys.readouterr().err
    assert "the name of a file or folder is empty" in error
    assert error.count("\n") == 1
    assert [file.name for file in tmp_path.iterdir()] == ["map.npy"]
