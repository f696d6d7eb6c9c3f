"""The commands as a person calls them: files in, files out, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from rhytid.core.document.commands import ImportSource
from rhytid.core.document.project import save_project
from rhytid.core.document.state import DocumentState, HeadReference
from rhytid.core.head.load import DEFAULT_HEAD
from rhytid.core.io.displacement_file import read_displacement, source_detail
from rhytid.core.io.displacement_writing import write_displacement
from rhytid.gui.cli.program import COMMANDS, main


def test_lines_then_detail_with_the_same_picture_changes_nothing(scan: Path, tmp_path: Path) -> None:
    lines, edited = tmp_path / "lines.png", tmp_path / "edited.png"
    assert main(["lines", str(scan), str(lines)]) == 0
    picture = cv2.imread(str(lines), cv2.IMREAD_UNCHANGED)
    assert picture.shape == (256, 256)
    assert 200 < np.count_nonzero(picture) < 20_000
    assert main(["detail", str(scan), str(edited), "--lines", str(lines)]) == 0
    before, after = (cv2.imread(str(p), cv2.IMREAD_UNCHANGED) for p in (scan, edited))
    assert after.dtype == np.uint16
    np.testing.assert_array_equal(after, before)


def test_erased_line_changes_its_place_only(scan: Path, tmp_path: Path) -> None:
    lines, edited = tmp_path / "lines.png", tmp_path / "edited.png"
    main(["lines", str(scan), str(lines)])
    picture = cv2.imread(str(lines), cv2.IMREAD_UNCHANGED)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(picture, connectivity=8)
    longest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    picture[labels == longest] = 0
    cv2.imwrite(str(lines), picture)
    assert main(["detail", str(scan), str(edited), "--lines", str(lines)]) == 0
    before, after = (cv2.imread(str(p), cv2.IMREAD_UNCHANGED).astype(int) for p in (scan, edited))
    changed = before != after
    assert changed.any()
    distance = cv2.distanceTransform((labels != longest).astype(np.uint8), cv2.DIST_L2, 5)
    assert distance[changed].max() < 40


@pytest.mark.parametrize("suffix", [".npy", ".exr", ".tif"])
@pytest.mark.parametrize("target", [".npy", ".exr", ".tif", ".png"])
def test_detail_keeps_maps_of_millimetres_whole(skin: np.ndarray, suffix: str, target: str, tmp_path: Path) -> None:
    deep = np.float32(6) * skin
    assert np.abs(deep).max() > 2
    source, edited = tmp_path / f"scan{suffix}", tmp_path / f"edited{target}"
    write_displacement(source, deep, float_tiff=True)
    assert main(["detail", str(source), str(edited)]) == 0
    after = read_displacement(edited)
    if target == ".png":
        np.testing.assert_allclose(after, deep, atol=np.abs(deep).max() / 30_000)
    else:
        np.testing.assert_array_equal(after, deep)


def test_detail_ages_a_folder(scan: Path, tmp_path: Path) -> None:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    for name in ("a.png", "sub/b.png"):
        (tmp_path / "in" / name).write_bytes(scan.read_bytes())
    out = tmp_path / "out"
    assert main(["detail", str(tmp_path / "in"), str(out), "--source-age", "25", "--age", "70"]) == 0
    before = cv2.imread(str(scan), cv2.IMREAD_UNCHANGED).astype(float)
    for name in ("a.png", "sub/b.png"):
        after = cv2.imread(str(out / name), cv2.IMREAD_UNCHANGED).astype(float)
        assert np.abs(after - before).max() > 500


def test_lines_as_svg(scan: Path, tmp_path: Path) -> None:
    assert main(["lines", str(scan), str(tmp_path / "l.svg")]) == 0
    assert "<svg" in (tmp_path / "l.svg").read_text()


@pytest.mark.usefixtures("few_rays")
def test_render_shows_age_and_expression(tmp_path: Path) -> None:
    young, old = tmp_path / "young.png", tmp_path / "old.png"
    common = ["--size", "240x180", "--resolution", "256"]
    assert main(["render", str(young), "--age", "18", *common]) == 0
    assert main(["render", str(old), "--age", "70", "--expression", "browInnerUp=1,jawOpen=0.5", *common]) == 0
    a, b = (cv2.imread(str(p)).astype(int) for p in (young, old))
    assert a.shape == b.shape == (180, 240, 3)
    assert np.abs(a - b).mean() > 0.5


@pytest.mark.usefixtures("few_rays")
def test_a_map_replaces_the_one_of_the_project(scan: Path, tmp_path: Path) -> None:
    project = tmp_path / "p.rhytid"
    source = source_detail(scan, (0.0,) * 52, 30.0)
    save_project(project, ImportSource(source).apply(DocumentState()))
    common = ["--project", str(project), "--size", "120x90", "--resolution", "256"]
    once, again, other = (tmp_path / f"{name}.png" for name in ("once", "again", "other"))
    assert main(["render", str(once), *common]) == 0
    assert main(["render", str(again), *common, "--detail", str(scan)]) == 0
    assert again.read_bytes() == once.read_bytes()
    blank = tmp_path / "blank.npy"
    np.save(blank, np.zeros((256, 256), np.float32))
    assert main(["render", str(other), *common, "--detail", str(blank), "--view", "displacement"]) == 0
    assert main(["render", str(again), *common[2:], "--detail", str(blank), "--view", "displacement"]) == 0
    assert again.read_bytes() == other.read_bytes()


@pytest.mark.usefixtures("few_rays")
def test_a_picture_becomes_the_colour_of_the_skin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blue = tmp_path / "blue.png"
    cv2.imwrite(str(blue), np.full((256, 256, 3), (200, 60, 40), np.uint8))
    picture = tmp_path / "out.png"
    command = ["render", str(picture), "--size", "90x90", "--resolution", "256", "--albedo"]
    assert main([*command, str(blue)]) == 0
    middle = cv2.imread(str(picture))[35:50, 38:52].reshape(-1, 3).mean(axis=0)
    assert middle[0] > 1.5 * middle[2]
    assert main([*command, str(tmp_path / "none.png")]) == 2
    assert "none.png" in capsys.readouterr().err


def test_export_writes_what_was_asked_for(tmp_path: Path) -> None:
    project = tmp_path / "p.rhytid"
    save_project(project, DocumentState())
    out = tmp_path / "out"
    code = main(["export", str(project), str(out), "--what", "displacement,line_map", "--resolution", "1024"])
    assert code == 0
    kinds = {file["kind"] for file in json.loads((out / "export.json").read_text())["files"]}
    assert kinds - {"about"} == {"displacement", "line_map"}


def test_a_head_that_moved_or_changed_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project, out = tmp_path / "p.rhytid", tmp_path / "out"
    export = ["export", str(project), str(out), "--what", "line_map", "--resolution", "1024"]
    save_project(project, DocumentState(head=HeadReference(str(tmp_path / "gone.npz"), "other")))
    assert main(export) == 2
    assert "--head" in capsys.readouterr().err
    assert not out.exists()
    assert main([*export, "--head", str(DEFAULT_HEAD)]) == 0
    assert "changed" not in capsys.readouterr().err
    save_project(project, DocumentState(head=HeadReference(str(DEFAULT_HEAD), "other")))
    assert main(export) == 0
    assert "changed" in capsys.readouterr().err


def test_measures_of_the_person_show_in_the_picture(tmp_path: Path) -> None:
    usual, wide = tmp_path / "usual.png", tmp_path / "wide.png"
    common = ["--view", "smooth", "--size", "96x96", "--resolution", "256"]
    assert main(["render", str(usual), *common]) == 0
    assert main(["render", str(wide), *common, "--identity", "jaw_width=137"]) == 0
    before_the_ground = [(cv2.imread(str(path)).mean(axis=-1) > 70)[54:64] for path in (usual, wide)]
    assert before_the_ground[1].sum() > before_the_ground[0].sum() + 10


@pytest.mark.parametrize(
    "arguments",
    [
        ["lines", "{missing}", "{out}.png"],
        ["lines", "{text}", "{out}.png"],
        ["lines", "{folder}", "{out}"],
        ["detail", "{text}", "{out}.png"],
        ["detail", "{scan}", "{scan}"],
        ["detail", "{scan}", "{out}.png", "--lines", "{text}"],
        ["detail", "{scan}", "{out}.png", "--engine", "none-such"],
        ["render", "{out}.png", "--head", "{text}"],
        ["render", "{out}.png", "--detail", "{text}"],
        ["render", "{out}.png", "--project", "{text}"],
        ["render", "{out}.txt"],
        ["render", "{out}.png", "--identity-seed", "-1"],
        ["render", "{out}.png", "--identity", "jaw_width=300"],
        ["export", "{text}", "{out}"],
        ["export", "{missing}", "{out}"],
        ["render", "{out}.png", "--head", "{obj}"],
        ["lines", "{twins}", "{out}"],
        ["", "{missing}"],
        ["", "no-such-command"],
        ["", "--head", "{missing}"],
        ["", "--screenshot", "{out}.png"],
        ["bench", "--only", "none-such"],
        ["head-report", "--head", "{text}"],
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: list[str], scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.png").write_text("this is no picture")
    (tmp_path / "folder").mkdir()
    (tmp_path / "mesh.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\n")
    (tmp_path / "twins").mkdir()
    (tmp_path / "twins" / "a.png").write_bytes(scan.read_bytes())
    np.save(tmp_path / "twins" / "a.npy", np.zeros((256, 256), np.float32))
    names = {
        "missing": tmp_path / "missing.png", "text": tmp_path / "text.png", "folder": tmp_path / "folder",
        "out": tmp_path / "result", "scan": scan, "obj": tmp_path / "mesh.obj", "twins": tmp_path / "twins",
    }  # fmt: skip
    assert main([argument.format(**names) for argument in arguments if argument]) == 2
    message = capsys.readouterr().err.strip()
    assert message.startswith("rhytid: ")
    assert "\n" not in message
    assert "Errno" not in message
    assert not list(tmp_path.glob("result*"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["render", "o.png", "--age", "200"],
        ["render", "o.png", "--expression", "noSuchShape=1"],
        ["render", "o.png", "--expression", "jawOpen=2"],
        ["render", "o.png", "--au", "AU99=1"],
        ["render", "o.png", "--au", "AU12=-1"],
        ["render", "o.png", "--identity", "jaw=120"],
        ["render", "o.png", "--identity", "jaw_width=wide"],
        ["render", "o.png", "--yaw", "nan"],
        ["render", "o.png", "--pitch", "91"],
        ["render", "o.png", "--distance", "0"],
        ["render", "o.png", "--no-such-option"],
        ["bench", "--json", "no-such-folder/f.json"],
        ["head-report", "--json", "."],
        ["render"],
        ["render", "o.png", "--size", "0x0"],
        ["export", "p.rhytid", "o", "--resolution", "77"],
    ],
)
def test_bad_arguments_exit_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(arguments)
    assert raised.value.code == 2
    message = capsys.readouterr().err
    assert message.startswith("rhytid: ")
    assert message.count("\n") == 1


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main([*filter(None, [command]), "--help"])
    assert raised.value.code == 0
    assert "usage: rhytid" in capsys.readouterr().out
