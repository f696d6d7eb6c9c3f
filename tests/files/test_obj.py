"""The OBJ reader: what the format allows is read exactly, anything else is named with its line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rhytid.core.files.obj import ObjLimits, ObjMesh, read_obj_mesh, read_obj_vertices
from rhytid.core.files.reading import FileRefused

LIMITS = ObjLimits(1 << 20, 1000, 500, 500)
SQUARE = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n"
TEXTURED = SQUARE + "vt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\nvn 0 0 1\n"


def read(folder: Path, content: str | bytes) -> ObjMesh:
    path = folder / "mesh.obj"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_obj_mesh(path, LIMITS)


@pytest.mark.parametrize(
    "faces",
    [
        "f 1/1/1 2/2/1 3/3/1 4/4/1",
        "f -4/-4/-1 -3/-3/-1 -2/-2/-1 -1/-1/-1",
        "  f\t1/1/1 2/2/1 \\\n 3/3/1 4/4/1 # a note",
        "o head\ng skin\ns 1\nl 1 2\np 1\nmtllib C:\\models\\a head.mtl\nf 1/1/1 2/2/1 3/3/1 4/4/1\ncurv 0 1\n",
    ],
)
def test_indices_in_every_spelling(tmp_path: Path, faces: str) -> None:
    corners, face = read(tmp_path, TEXTURED + faces).quads()
    np.testing.assert_array_equal(corners[0, :, 0], [0, 1, 2, 3])
    np.testing.assert_array_equal(corners[0, :, 1], [0, 1, 2, 3])
    np.testing.assert_array_equal(corners[0, :, 2], [0, 0, 0, 0])
    np.testing.assert_array_equal(face, [0])


@pytest.mark.parametrize(
    ("faces", "uv", "normals"),
    [
        ("f 1 2 3", [-1, -1, -1], [-1, -1, -1]),
        ("f 1/ 2/ 3/", [-1, -1, -1], [-1, -1, -1]),
        ("f 1/4 2/3 3/2", [3, 2, 1], [-1, -1, -1]),
        ("f 1//1 2//1 3//1", [-1, -1, -1], [0, 0, 0]),
        ("f 1// 2// 3//", [-1, -1, -1], [-1, -1, -1]),
        ("f 1/2/ 2/3/ 3/4/", [1, 2, 3], [-1, -1, -1]),
    ],
)
def test_indices_that_are_left_out(tmp_path: Path, faces: str, uv: list[int], normals: list[int]) -> None:
    mesh = read(tmp_path, TEXTURED + faces)
    np.testing.assert_array_equal(mesh.corners[:, 0], [0, 1, 2])
    np.testing.assert_array_equal(mesh.corners[:, 1], uv)
    np.testing.assert_array_equal(mesh.corners[:, 2], normals)


def test_backward_indices_count_from_the_face_not_from_the_end(tmp_path: Path) -> None:
    mesh = read(tmp_path, "v 0 0 0\nv 1 0 0\nv 1 1 0\nf -3 -2 -1\nv 5 5 5\nv 6 6 6\nv 7 7 7\nf -1 -2 -3\n")
    np.testing.assert_array_equal(mesh.corners[:, 0], [0, 1, 2, 5, 4, 3])


@pytest.mark.parametrize(
    "content",
    [
        SQUARE.replace("\n", "\r\n").encode(),
        SQUARE.replace("\n", "\r").encode(),
        b"\xef\xbb\xbf" + SQUARE.encode(),
        SQUARE.encode("utf-16"),
        b"\xfe\xff" + SQUARE.encode("utf-16-be"),
        SQUARE.rstrip("\n").encode(),
        b"# ZBrush\n#MRGB 00ffffff\n" + SQUARE.encode(),
        SQUARE.replace("0\n", "0 0.5 0.25 1e0\n").encode(),
        SQUARE.replace("0\n", "0 1.0\n", 2).encode(),
        SQUARE.replace("v 1", "  v  +1.").replace(" 0", " -0e-3").encode(),
    ],
)
def test_text_in_every_dress(tmp_path: Path, content: bytes) -> None:
    expected = [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]
    np.testing.assert_array_equal(read(tmp_path, content).vertices, expected)
    np.testing.assert_array_equal(read_obj_vertices(tmp_path / "mesh.obj", LIMITS), expected)


def test_numbers_are_read_to_the_last_bit(tmp_path: Path) -> None:
    values = np.random.default_rng(1).normal(size=(50, 3)) * 10.0 ** np.arange(-5, 45)[:, None]
    text = "\n".join(f"v {x!r} {y!r} {z!r}" for x, y, z in values.tolist())
    np.testing.assert_array_equal(read(tmp_path, text).vertices, values)


def test_polygons_become_fans_and_quads_stay(tmp_path: Path) -> None:
    mesh = read(tmp_path, SQUARE + "v 0 2 0\nf 1 2 3 4 5\nf 1 2 3 4\nf 1 2 3")
    corners, face = mesh.quads()
    fan = [[0, 1, 2, -1], [0, 2, 3, -1], [0, 3, 4, -1]]
    np.testing.assert_array_equal(corners[..., 0], [*fan, [0, 1, 2, 3], [0, 1, 2, -1]])
    np.testing.assert_array_equal(face, [0, 0, 0, 1, 2])


def test_each_face_has_the_material_that_was_named_last(tmp_path: Path) -> None:
    faces = "f 1 2 3\n{0}f 1 2 3\nusemtl b\nusemtl c\nf 1 2 3\n{0}f 1 2 3".format("usemtl Haut ü #2\n")
    mesh = read(tmp_path, SQUARE + faces)
    names = [mesh.material_names[number] for number in mesh.material]
    assert names == ["", "Haut ü", "c", "Haut ü"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (SQUARE + "f 1 2 9", r"line 5 .* names vertex 9, which is not there \(of 4\)"),
        (SQUARE + "f 1 2 0", "line 5 .* names vertex 0"),
        (SQUARE + "f 1 2 -5", "line 5 .* names vertex -5"),
        (SQUARE + "f 1 2 99999999999999999999", "line 5 .* not there"),
        (SQUARE + "f 1/1 2/1 3/1", "line 5 .* names texture coordinate 1"),
        (SQUARE + "f 1//1 2//1 3//1", "line 5 .* names normal 1"),
        (SQUARE + "f 1 2 3\nf 1 2", "line 6 .* fewer than 3 corners"),
        (SQUARE + "f", "line 5 .* fewer than 3 corners"),
        (SQUARE + "f 1 2 x", "line 5 .* no index"),
        (SQUARE + "f 1 2 3.5", "line 5 .* no index"),
        (SQUARE + "f 1 2-3 4", "line 5 .* no index"),
        (SQUARE + "f 1 2 -", "line 5 .* no index"),
        (SQUARE + "f 1 2 --3", "line 5 .* no index"),
        (SQUARE + "f /1 /2 /3", "line 5 .* no index"),
        (TEXTURED + "f 1/1 2/2 3", "line 10 .* different ways"),
        (TEXTURED + "f 1/1/1/1 2/2/1/1 3/3/1/1", "line 10 .* different ways"),
        ("v 0 0 0\nv 1,5 0 0\n", "line 2 .* decimal comma"),
        ("v 0 0 0\nv 1 2", "line 2 .* 2 numbers, not 3"),
        ("v\nv 0 0 0\n", "line 1 .* 0 numbers"),
        ("v 0 0 0\n\nv 1 2 1d3\n", "line 3 .* no number"),
        ("v 0 0 0x10\n", "line 1 .* no number"),
        ("v 0 0 1_0\n", "line 1 .* no number"),
        ("v 0 nan 0\n", "line 1 .* not a finite number"),
        ("v 0 1e999 0\n", "line 1 .* not a finite number"),
        (b"v 0 0 0\n\0\0", "binary"),
        (b"\xff\xfev\0 ", "UTF-16"),
        ("\n" * 1001, "more than 1000 lines"),
        ("v 0 0 0\n" * 501, "more than 500 lines with v"),
        (SQUARE + "f 1 2 3\n" * 501, "more than 500 lines with f"),
    ],
)
def test_damage_is_named_with_its_line(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(FileRefused, match=message) as caught:
        read(tmp_path, content)
    assert str(tmp_path / "mesh.obj") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.obj"
    path.write_text(SQUARE * 10)
    with pytest.raises(FileRefused, match="larger than"):
        read_obj_mesh(path, ObjLimits(100, 1000, 1000, 1000))
