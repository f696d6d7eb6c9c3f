"""Maps on the command line: what the options say, what is told on stderr, and what comes back."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest

from rhytid.core.io.displacement_file import read_map
from rhytid.core.io.map_meaning import CROPS, NORMAL_MAPS, UNITS
from rhytid.gui.cli.program import main


def lines_of(*arguments: object) -> tuple[int, np.ndarray | None]:
    out = Path(str(arguments[0])).parent / "lines.png"
    out.unlink(missing_ok=True)
    code = main(["lines", str(arguments[0]), str(out), *map(str, arguments[1:])])
    return code, cv2.imread(str(out), cv2.IMREAD_UNCHANGED) if out.exists() else None


@pytest.fixture
def meant(skin: np.ndarray, tmp_path: Path) -> np.ndarray:
    np.save(tmp_path / "meant.npy", skin)
    code, lines = lines_of(tmp_path / "meant.npy")
    assert code == 0
    return lines


def test_metres_are_doubted_and_read_when_told(
    skin: np.ndarray, meant: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "m.npy", skin / np.float32(1000))
    assert lines_of(tmp_path / "m.npy")[0] == 0
    said = capsys.readouterr().err
    assert "m.npy" in said
    assert "--unit m" in said
    assert len(said.splitlines()) == 1
    _, found = lines_of(tmp_path / "m.npy", "--unit", "m")
    np.testing.assert_array_equal(found, meant)
    assert capsys.readouterr().err == ""


def test_flip_scale_mid_and_channel(skin: np.ndarray, meant: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "m.exr"
    upside_down = skin[::-1] / np.float32(5) + np.float32(0.25)
    OpenEXR.File({}, {"first": np.zeros_like(skin), "second": upside_down}).write(str(path))
    assert lines_of(path)[0] == 2
    code, found = lines_of(path, "--channel", "second", "--scale", 5, "--mid", 0.25, "--flip", "vertical")
    assert code == 0
    assert np.count_nonzero(found != meant) < 0.02 * np.count_nonzero(meant), "but for rounding"


def test_no_data_is_filled_when_asked(skin: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = skin.copy()
    values[:12] = -10000
    np.save(tmp_path / "m.npy", values)
    assert lines_of(tmp_path / "m.npy")[0] == 2
    assert f"{12 * len(skin)} texels hold -10000, a no-data value" in capsys.readouterr().err
    code, found = lines_of(tmp_path / "m.npy", "--no-data", "fill")
    assert code == 0
    assert not found[:4].any()


def test_a_square_is_cut(skin: np.ndarray, meant: np.ndarray, tmp_path: Path) -> None:
    np.save(tmp_path / "m.npy", np.concatenate([np.zeros_like(skin), skin], axis=1))
    for place in ("right", "0.5,0,1,1"):
        np.testing.assert_array_equal(lines_of(tmp_path / "m.npy", "--crop", place)[1], meant)


@pytest.mark.parametrize(
    "options",
    [["--scale", "nan"], ["--scale", "0"], ["--unit", "cm", "--scale", "2"], ["--crop", "1,2"], ["--no-data", "x"]],
)
def test_options_without_sense_are_one_line(
    tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "m.npy", np.zeros((64, 64), np.float32))
    try:
        code = lines_of(tmp_path / "m.npy", *options)[0]
    except SystemExit as stop:
        code = int(stop.code or 0)
    assert code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_each_doubt_is_told_once(scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in").mkdir()
    for name in "abc":
        (tmp_path / "in" / f"{name}.png").write_bytes(scan.read_bytes())
    assert main(["lines", str(tmp_path / "in"), str(tmp_path / "out")]) == 0
    told = [line for line in capsys.readouterr().err.splitlines() if "assumed" in line]
    assert len(told) == 1
    assert "FaceScape" in told[0]


def test_detail_keeps_the_encoding_and_tells_what_it_clips(
    skin: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "m.png", tmp_path / "o.png"
    low = float(skin.min())
    values = np.rint((skin - low) * 65535 / 2).astype(np.uint16)  # the deepest texel is black
    cv2.imwrite(str(path), values)
    stated = {"format": "rhytid-displacement", "file": "m.png", "scale_mm": 2.0, "mid": -low / 2}
    path.with_suffix(".json").write_text(json.dumps(stated))
    assert main(["detail", str(path), str(out)]) == 0
    np.testing.assert_array_equal(cv2.imread(str(out), cv2.IMREAD_UNCHANGED), values)
    assert capsys.readouterr().err == ""
    assert main(["detail", str(path), str(out), "--source-age", "20", "--age", "70"]) == 0
    assert "clipped" in capsys.readouterr().err
    assert read_map(out).scaling.mid == pytest.approx(-low / 2)


def test_the_choices_are_those_of_the_reader() -> None:
    from rhytid.core.cli import map_options

    assert (map_options._UNITS, map_options._NORMAL_MAPS, map_options._CROPS) == (UNITS, NORMAL_MAPS, CROPS)
