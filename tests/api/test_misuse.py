"""Values of a wrong kind: each is refused by name, as a `ValueError`, before anything is made or written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rhytid
from rhytid.core.detail.engine import Cancelled

NAN = float("nan")
FLAT = np.zeros((64, 64), np.float32)


@pytest.fixture(scope="module")
def face() -> rhytid.Face:
    return rhytid.Face()


@pytest.mark.parametrize("path", [3, b"x.glb", None, [], ""])
def test_what_is_no_path_names_no_file(face: rhytid.Face, path: Any) -> None:
    calls: list[Callable[[Any], object]] = [face.save, face.export, rhytid.read_displacement]
    calls.append(lambda given: rhytid.write_displacement(given, FLAT))
    if path is not None:  # without a path it is the default head
        calls.append(rhytid.Face)
    for call in calls:
        with pytest.raises(ValueError, match=r"named by text or a Path|name of a file or folder is empty"):
            call(path)


def test_a_closed_file_is_no_path(tmp_path: Path) -> None:
    with (tmp_path / "map.npy").open("wb") as file:
        np.save(file, FLAT)
    with pytest.raises(ValueError, match="named by text or a Path, not by BufferedWriter"):
        rhytid.read_displacement(file)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("expression", None, "expression weights must be numbers by name"),
        ("expression", "jawOpen=1", "expression weights must be numbers by name"),
        ("expression", np.zeros(52), "expression weights must be numbers by name"),
        ("expression", {"jawOpen": "1"}, "jawOpen must be a number"),
        ("expression", {"jawOpen": NAN}, "jawOpen must be 0..1, not nan"),
        ("action_units", 12, "action units must be numbers by name"),
        ("action_units", {"AU12": None}, "AU12 must be a number"),
        ("age", None, "age must be a number"),
        ("age", "old", "age must be a number"),
        ("strokes", None, "strokes must be of kind Stroke"),
        ("strokes", [1], "strokes must be of kind Stroke, got 1"),
        ("engine", [], "an engine has a name"),
        ("state", None, "is a DocumentState, not NoneType"),
    ],
)
def test_what_is_set_on_a_face(face: rhytid.Face, name: str, value: Any, message: str) -> None:
    before = face.state
    with pytest.raises(ValueError, match=message):
        setattr(face, name, value)
    assert face.state is before


@pytest.mark.parametrize("value", [0, 63, 10**9, "256", None, 256.5, NAN, True, (256, 256)])
def test_resolutions_are_whole_numbers_in_range(face: rhytid.Face, value: Any) -> None:
    with pytest.raises(ValueError, match=r"resolution must be a whole number of 64\.\.8192"):
        face.maps(value)


@pytest.mark.parametrize("value", [-1, 1.5, "a", None, 2**40])
def test_seeds_are_whole_numbers_in_range(face: rhytid.Face, value: Any) -> None:
    with pytest.raises(ValueError, match="seed must be a whole number"):
        face.be_random(value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"wath": ["albedo"]}, "an export has no 'wath'; there are .*what"),
        ({"what": None}, "what to export must be of kind str"),
        ({"what": [1]}, "what to export must be of kind str"),
        ({"name": None}, "name of an export must be text"),
        ({"resolution": 1024.0}, "resolution must be one of"),
        ({"padding_px": 1.5}, "edge padding in texels must be a whole number"),
        ({"face_count": NAN}, "face count must be a whole number"),
        ({"face_count": 0}, "face count must be a whole number"),
        ({"target_edge_mm": float("inf")}, "target edge in mm must be finite"),
        ({"levels": 0.5}, "subdivision levels must be a whole number"),
    ],
)
def test_options_of_an_export(face: rhytid.Face, tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        face.export(tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_a_wrinkle_pack_is_made_of_its_options_and_given_up_when_told(face: rhytid.Face, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="budget"):
        face.write_wrinkle_pack(tmp_path / "out", budget=9)
    with pytest.raises(ValueError, match="a wrinkle pack has no"):
        face.write_wrinkle_pack(tmp_path / "out", bugdet=3)
    with pytest.raises(Cancelled):
        face.write_wrinkle_pack(tmp_path / "out", size=256, cancel=lambda: True)
    assert not list(tmp_path.rglob("*.png"))


def test_one_thing_to_export_needs_no_list(face: rhytid.Face, tmp_path: Path) -> None:
    report = face.export(tmp_path, what="line_map", resolution=1024)
    assert {file.kind for file in report.files} == {"line_map", "about"}


def test_python_is_told_how_to_replace_what_is_not_ours(face: rhytid.Face, tmp_path: Path) -> None:
    theirs = tmp_path / "face_lines.1001.png"
    theirs.write_bytes(b"theirs")
    with pytest.raises(OSError, match=r"add --overwrite \(overwrite=True in Python\) to replace it"):
        face.export(tmp_path, what="line_map", resolution=1024)
    assert theirs.read_bytes() == b"theirs"
    face.export(tmp_path, what="line_map", resolution=1024, overwrite=True)
    assert theirs.read_bytes() != b"theirs"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"view": "nice"}, "there is no view 'nice'; there are detailed, smooth"),
        ({"view": None}, "there is no view None"),
        ({"size": 100}, "size is its width and height"),
        ({"size": "640x480"}, "size is its width and height"),
        ({"size": (10.5, 10)}, "width and height of a picture must be a whole number"),
        ({"size": (0, 10)}, "width and height of a picture must be a whole number"),
        ({"samples": "8"}, "samples must be a whole number"),
        ({"yaw": 3}, "a camera has no 'yaw'; there are .*yaw_deg"),
        ({"yaw_deg": NAN}, "yaw_deg must be finite"),
        ({"fov_deg": 500}, "fov_deg must lie in"),
        ({"target_mm": (1, 2)}, "target_mm has three coordinates"),
    ],
)
def test_options_of_a_picture(face: rhytid.Face, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        face.picture(**{"size": (16, 16), "resolution": 64, **options})


@pytest.mark.parametrize("values", ["x.png", {}, FLAT.astype(complex), [[0], [0, 0]], np.full((64, 64), None)])
def test_what_is_no_map_of_numbers(face: rhytid.Face, tmp_path: Path, values: Any) -> None:
    path = tmp_path / "map.exr"
    for call in (face.wear, rhytid.extract_lines, lambda given: rhytid.write_displacement(path, given)):
        with pytest.raises(ValueError, match="a displacement map must be an array of"):
            call(values)
    assert not path.exists()


def test_what_is_no_line_and_no_side_of_a_picture() -> None:
    with pytest.raises(ValueError, match="lines must be of kind Stroke"):
        rhytid.draw_line_map([1], 256)  # type: ignore[list-item]
    for side in (0, "a", 10**9):
        with pytest.raises(ValueError, match="resolution must be a whole number"):
            rhytid.draw_line_map([], side)  # type: ignore[arg-type]


def test_what_is_known_of_a_map(tmp_path: Path) -> None:
    path = tmp_path / "map.npy"
    np.save(path, FLAT)
    with pytest.raises(ValueError, match="must be of kind MapReading"):
        rhytid.read_displacement(path, {"unit": "cm"})  # type: ignore[arg-type]
    wrong: dict[str, Any] = {"scale_mm": "2", "mid": [], "crop": (0.0, 1.0)}
    for name, value in wrong.items():
        with pytest.raises(ValueError, match=f"{name} must be"):
            replace(rhytid.MapReading(), **{name: value})
