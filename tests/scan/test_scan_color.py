"""The colour of a scan: pictures on it in every format, parts without one, and pictures that are not there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from scan_samples import write_textured

from rhytid.core.detail.engine import Control
from rhytid.core.files.reading import FileRefused
from rhytid.core.scan.baking import baked_color
from rhytid.core.scan.drawing import sheet_of
from rhytid.core.scan.placing import Placed
from rhytid.core.scan.scan_mesh import ScanMesh, read_scan

N = 40
FORMATS = ("a.ply", "a.obj", "a.glb")


def grid(parted_at: int = 0) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """A square of N x N points, and its quads; parted along a column, whose points are there twice."""
    x, y = np.meshgrid(np.arange(N) / (N - 1), np.arange(N) / (N - 1))
    vertices = np.stack([x, y, np.sin(3 * x * y)], axis=-1).reshape(-1, 3)
    first = (np.arange(N - 1)[:, None] * N + np.arange(N - 1)).reshape(-1)
    quads = np.stack([first, first + 1, first + N + 1, first + N], axis=1)
    if parted_at:
        right = vertices[quads][:, :, 0].mean(axis=1) > vertices[parted_at, 0]
        seam = np.arange(parted_at, N * N, N)
        twin = np.arange(len(vertices))
        twin[seam] = len(vertices) + np.arange(N)
        vertices = np.concatenate([vertices, vertices[seam]])
        quads[right] = twin[quads[right]]
    return vertices, quads


def picture() -> npt.NDArray[np.uint8]:
    """Red grows to the right, green upwards."""
    x, y = np.meshgrid((np.arange(64) + 0.5) / 64, 1 - (np.arange(32) + 0.5) / 32)
    return np.rint(np.stack([255 * x, 255 * y, np.full(x.shape, 40)], axis=-1)).astype(np.uint8)


def colors_of(scan: ScanMesh) -> npt.NDArray[np.float32]:
    """In the middle of each triangle."""
    assert scan.color is not None
    weights = np.full(scan.triangles.shape, 1 / 3, np.float32)
    found, has_one = scan.color.at(np.arange(len(scan.triangles)), weights, scan.triangles)
    assert has_one.all()
    return found


@pytest.mark.parametrize("name", FORMATS)
def test_pictures_lie_where_they_belong(name: str, tmp_path: Path) -> None:
    vertices, quads = grid(parted_at=20)
    # To the right of the seam a quarter of the picture comes again: no average of both sides may come out there.
    right = np.zeros(len(vertices), bool)
    right[quads[vertices[quads][:, :, 0].mean(axis=1) > vertices[20, 0]]] = True
    uv = vertices[:, :2] + np.where(right[:, None], [-0.25, 0.0], [0.0, 0.0])
    write_textured(tmp_path / name, vertices, quads, uv, picture())
    scan = read_scan(tmp_path / name)
    assert not scan.remarks
    middle = scan.vertices[scan.triangles].mean(axis=1)
    shown = middle[:, 0] - np.where(middle[:, 0] > vertices[20, 0], 0.25, 0)
    found = colors_of(scan)
    inside = (np.abs(middle[:, :2] - 0.5) < 0.45).all(axis=1)
    assert np.abs(found[inside, 0] - 255 * shown[inside]).max() < 3
    assert np.abs(found[inside, 1] - 255 * middle[inside, 1]).max() < 3
    assert len(scan.vertices) == N * N
    assert read_scan(tmp_path / name, with_color=False).color is None


def test_a_scan_that_is_turned_inside_out_keeps_its_colour(tmp_path: Path) -> None:
    vertices, quads = grid()
    write_textured(tmp_path / "a.obj", vertices, quads, vertices[:, :2], picture())
    scan = read_scan(tmp_path / "a.obj")
    assert scan.color is not None
    weights = np.tile(np.array([[0.7, 0.2, 0.1]], np.float32), (len(scan.triangles), 1))
    number = np.arange(len(weights))
    before = scan.color.at(number, weights, scan.triangles)[0]
    after = scan.color.inside_out().at(number, weights[:, ::-1], scan.triangles[:, ::-1])[0]
    assert np.array_equal(before, after)


@pytest.mark.parametrize("resolution", [300, 1100])
def test_colour_and_relief_are_drawn_in_pieces_without_a_seam(resolution: int, tmp_path: Path) -> None:
    vertices, quads = grid()
    write_textured(tmp_path / "a.glb", vertices, quads, vertices[:, :2], picture())
    scan = read_scan(tmp_path / "a.glb")
    chart = np.ascontiguousarray(scan.vertices[:, :2])
    place = Placed(chart, np.zeros(len(chart), np.float32), np.ones(len(chart), bool))
    assert scan.color is not None
    texels = baked_color(scan.color, sheet_of(place, scan.triangles), resolution, Control())
    assert texels is not None
    inside = slice(resolution // 8, -resolution // 8)
    x = (np.arange(resolution) + 0.5) / resolution * 255
    assert np.abs(texels[inside, inside, 0] - x[inside]).max() < 3
    assert np.abs(texels[inside, inside, 1] - x[inside, None]).max() < 3


def test_materials_without_a_picture_have_their_plain_colour(tmp_path: Path) -> None:
    vertices, quads = grid()
    write_textured(tmp_path / "a.obj", vertices, quads, vertices[:, :2], picture())
    lines = (tmp_path / "a.obj").read_text().splitlines()
    lines.insert(-500, "usemtl red")
    lines.insert(-200, "usemtl nothing")
    (tmp_path / "a.obj").write_text("\n".join(lines) + "\n")
    with (tmp_path / "a.mtl").open("a") as stream:
        stream.write("newmtl red\nKd 1 0 0\n")
    scan = read_scan(tmp_path / "a.obj")
    assert scan.color is not None
    weights = np.full(scan.triangles.shape, 1 / 3, np.float32)
    found, has_one = scan.color.at(np.arange(len(weights)), weights, scan.triangles)
    assert found[-2 * 490] == pytest.approx([255, 0, 0])
    assert has_one[: -2 * 210].all()
    assert not has_one[-2 * 190 :].any()


@pytest.mark.parametrize("name", ["a.ply", "a.obj"])
def test_a_picture_that_is_not_there_is_told(name: str, tmp_path: Path) -> None:
    vertices, quads = grid()
    (tmp_path / "in").mkdir()
    write_textured(tmp_path / "in" / name, vertices, quads, vertices[:, :2], picture())
    (tmp_path / "in" / "its skin.png").rename(tmp_path / "its skin.png")
    scan = read_scan(tmp_path / "in" / name)
    assert scan.color is None
    assert "its skin.png" in scan.remarks[0]
    # Nor is it taken from elsewhere.
    data = (tmp_path / "in" / name).read_bytes().replace(b"TextureFile its", b"TextureFile ../its")
    (tmp_path / "in" / name).write_bytes(data)
    assert read_scan(tmp_path / "in" / name).color is None


def test_a_damaged_picture_costs_the_colour_only(tmp_path: Path) -> None:
    vertices, quads = grid()
    write_textured(tmp_path / "a.obj", vertices, quads, vertices[:, :2], picture())
    (tmp_path / "its skin.png").write_bytes((tmp_path / "its skin.png").read_bytes()[:100])
    scan = read_scan(tmp_path / "a.obj")
    assert scan.color is None
    assert "cannot be read" in scan.remarks[0]
    assert len(scan.triangles) == 2 * len(quads)


def test_a_cut_off_glb_is_refused(tmp_path: Path) -> None:
    vertices, quads = grid()
    write_textured(tmp_path / "a.glb", vertices, quads, vertices[:, :2], picture())
    (tmp_path / "a.glb").write_bytes((tmp_path / "a.glb").read_bytes()[:-500])
    with pytest.raises(FileRefused, match=r"a\.glb"):
        read_scan(tmp_path / "a.glb")
