"""A scan of a known face, turned, in metres and with a hole, gives back its form and its detail."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from scan_samples import write_ply
from scipy import ndimage
from scipy.spatial.transform import Rotation

from rhytid.core.detail.engine import Cancelled, Control
from rhytid.core.document.state import DocumentState
from rhytid.core.face.face import Face
from rhytid.core.files.reading import FileRefused
from rhytid.core.head.ageing import SHAPE_AGE
from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.load import default_head
from rhytid.core.io.displaced_mesh import displaced_mesh
from rhytid.core.scan import face as scan_face
from rhytid.core.scan.face import ScanFace, ScanOptions, face_of_scan, save_scan_face
from rhytid.core.scan.scan_mesh import read_scan
from rhytid.core.scan.texture import VertexColors
from rhytid.gui.cli.program import main

Float32 = npt.NDArray[np.float32]

SIDE = 512
HOLE = (0.3, 0.65, 0.06)  # chart coordinates and radius: on a cheek
SPIKE_MM = 5.0


class Scanned(NamedTuple):
    path: Path
    truth: Float32
    person: Float32
    found: ScanFace


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    head = default_head()
    rng = np.random.default_rng(3)
    person = head.shape(0.8 * rng.standard_normal(40), np.zeros(52))
    noise = ndimage.gaussian_filter(rng.standard_normal((SIDE, SIDE)), 4, mode="nearest")
    truth = (0.2 * noise / noise.std()).astype(np.float32)
    made = displaced_mesh(head, person, truth, 2, all_parts=False)
    n = len(made.mesh.vertices)
    vertices = made.mesh.vertices.copy()
    vertices[:: n // 20] += SPIKE_MM
    away = np.hypot(*(made.chart - HOLE[:2]).T)
    quads = made.mesh.faces
    quads = quads[(away[quads] > HOLE[2]).all(axis=1)]
    turned = Rotation.from_euler("xyz", (100, 20, 35), degrees=True).apply(vertices) / 1000 + (0.3, 1.2, -0.4)
    colors = np.clip(np.stack([255 * made.chart[:, 0], 255 * made.chart[:, 1], np.full(n, 90)], axis=1), 0, 255)
    path = tmp_path_factory.mktemp("scan") / "person.ply"
    write_ply(path, turned, quads, colors)
    return Scanned(path, truth, person, face_of_scan(path, head, ScanOptions(SIDE, 40.0), Control()))


def shown(head_weight: Float32) -> npt.NDArray[np.bool_]:
    """Texels of the face that the scan shows."""
    x, y = np.meshgrid(*2 * [(np.arange(SIDE) + 0.5) / SIDE])
    away = np.hypot(x - HOLE[0], y - HOLE[1])
    return np.asarray((head_weight > 0.99) & (away > HOLE[2] + 0.01))


def test_the_base_is_the_person(scanned: Scanned) -> None:
    head, base = default_head(), scanned.found.head
    face = np.flatnonzero(head.detail_weight > 0.5)
    offset = base.neutral[face] - scanned.person[face]
    away = np.linalg.norm(offset - np.median(offset, axis=0), axis=1)
    assert np.median(away) < 0.35
    assert np.quantile(away, 0.95) < 0.7
    assert np.array_equal(base.faces, head.faces)
    assert np.array_equal(base.expression, head.expression)
    assert len(base.ageing) == len(head.ageing)


def test_detail_comes_back(scanned: Scanned) -> None:
    known = shown(ChartRaster(default_head(), SIDE).sample(default_head().detail_weight))
    found, truth = scanned.found.source.displacement, scanned.truth
    assert np.corrcoef(found[known], truth[known])[0, 1] > 0.8
    # What the base has not of it is broad.
    fine_found, fine_truth = (values - ndimage.gaussian_filter(values, 6) for values in (found, truth))
    assert np.corrcoef(fine_found[known], fine_truth[known])[0, 1] > 0.93
    assert fine_found[known].std() == pytest.approx(fine_truth[known].std(), rel=0.12)


def test_holes_are_smooth_and_spikes_are_gone(scanned: Scanned) -> None:
    found = scanned.found.source.displacement
    column, row = (int(SIDE * place) for place in HOLE[:2])
    hole = found[row - 15 : row + 16, column - 15 : column + 16]
    assert np.abs(hole - ndimage.gaussian_filter(hole, 3)).max() < 0.03
    assert np.abs(found).max() < 1.5
    told = " ".join(scanned.found.remarks)
    assert all(words in told for words in ("scaled from metres", "filled smoothly", "spikes"))


def test_colors_lie_in_the_chart(scanned: Scanned) -> None:
    assert scanned.found.albedo is not None
    srgb = scanned.found.albedo.srgb
    at = SIDE // 2, int(0.7 * SIDE)
    assert srgb[at].astype(int) == pytest.approx([0.7 * 255, 0.5 * 255, 90], abs=4)


def test_it_is_a_document(scanned: Scanned, tmp_path: Path) -> None:
    save_scan_face(scanned.found, DocumentState(), tmp_path / "person.rhytid")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["person.head.npz", "person.rhytid"]
    face = Face(tmp_path / "person.rhytid")
    assert not face.remark
    assert (face.age, face.shape_age) == (40, SHAPE_AGE)
    assert face.strokes
    assert all(stroke.from_source for stroke in face.strokes)
    assert np.array_equal(face.state.source.displacement, scanned.found.source.displacement)


def test_work_can_be_ended(scanned: Scanned) -> None:
    with pytest.raises(Cancelled):
        face_of_scan(scanned.path, default_head(), ScanOptions(), Control(lambda: True))


def test_the_command_writes_project_and_head_together_or_nothing(
    scanned: Scanned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def made(_path: Path, _head: object, options: ScanOptions, control: Control) -> ScanFace:
        asked.append(options)
        control(0.5)
        return scanned.found

    monkeypatch.setattr(scan_face, "face_of_scan", made)
    command = ["scan", str(scanned.path), str(tmp_path / "anna.rhytid"), "--size", "1024", "--no-color"]

    def stopped(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:  # by Ctrl+C, when the head is written already
        patch.setattr(scan_face, "save_project", stopped)
        assert main(command) == 130
    assert list(tmp_path.iterdir()) == []
    assert main(command) == 0
    assert asked[-1] == ScanOptions(1024, with_color=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["anna.head.npz", "anna.rhytid"]
    assert "head in anna.head.npz" in capsys.readouterr().out
    assert main(command) == 0  # its own files are the program's
    (tmp_path / "anna.head.npz").write_bytes(b"of somebody else")
    assert main(command) == 2
    assert len(asked) == 3  # and the work was not begun


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.ply", b"ply\nformat ascii 1.0\nelement vertex 9999999\nproperty float x\nend_header\n", "fewer faces"),
        ("b.ply", b"ply\nformat binary_little_endian 1.0\nelement vertex 3\nproperty float x\nend_header\n", "cut"),
        ("c.ply", b"plx", "is no PLY"),
        ("d.stl", b"solid", "PLY, OBJ or GLB"),
        ("e.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "has 1 triangles"),
    ],
)
def test_what_is_no_scan_is_refused(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileRefused, match=reason) as error:
        read_scan(tmp_path / name)
    assert name in str(error.value)


def test_text_and_binary_ply_are_the_same(tmp_path: Path) -> None:
    x, y = np.meshgrid(np.arange(40.0), np.arange(40.0))
    vertices = np.stack([x, y, x * y], axis=-1).reshape(-1, 3)
    first = (np.arange(39)[:, None] * 40 + np.arange(39)).reshape(-1)
    quads = np.stack([first, first + 1, first + 41, first + 40], axis=1)
    write_ply(tmp_path / "binary.ply", vertices, quads, vertices % 256)
    binary = read_scan(tmp_path / "binary.ply")
    lines = (tmp_path / "binary.ply").read_bytes().split(b"end_header")[0].decode()
    lines = lines.replace("binary_little_endian", "ascii")
    rows = [f"{a:g} {b:g} {c:g} {a:.0f} {b:.0f} {c % 256:.0f}" for a, b, c in vertices]
    rows += ["4 " + " ".join(map(str, quad)) for quad in quads]
    (tmp_path / "text.ply").write_text(lines + "end_header\n" + "\n".join(rows) + "\n")
    text = read_scan(tmp_path / "text.ply")
    assert np.array_equal(text.vertices, binary.vertices)
    assert np.array_equal(text.triangles, binary.triangles)
    assert isinstance(text.color, VertexColors)
    assert isinstance(binary.color, VertexColors)
    assert np.array_equal(text.color.colors, binary.color.colors)
