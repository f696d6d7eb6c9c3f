"""An export is whole, states what it is, proves itself, or leaves nothing behind."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import pytest

from rhytid.core.arkit import ARKIT_NAMES, expression_array
from rhytid.core.cancelled import Cancelled
from rhytid.core.detail.request import DetailMaps
from rhytid.core.document.state import DocumentState
from rhytid.core.face.hair import hair_by_kind
from rhytid.core.face.skin_color import skin_colors
from rhytid.core.head.head import Head
from rhytid.core.io import export_files, export_folder
from rhytid.core.io.chart_uv import is_moved_up
from rhytid.core.io.displacement_file import read_displacement
from rhytid.core.io.displacement_writing import write_displacement
from rhytid.core.io.errors import ExportError
from rhytid.core.io.export import export
from rhytid.core.io.export_meshes import write_displaced_mesh
from rhytid.core.io.export_options import WHAT, ExportOptions, ExportReport, planned_files
from rhytid.core.io.export_verify import checked, content_check, displacement_check, mesh_checks, picture_check
from rhytid.core.io.face_textures import FaceTextures
from rhytid.core.io.gltf_file import read_glb
from rhytid.core.io.map_pixels import write_png
from rhytid.core.io.mesh_file import load_mesh
from rhytid.core.io.obj_file import plain_name
from rhytid.core.io.recipe import recipe_text
from rhytid.core.io.shown_face import ShownFace, posed_state
from rhytid.core.maps.array_cache import ArrayCache

MakeMaps = Callable[[int], DetailMaps]
WEIGHTS = expression_array({"jawOpen": 0.25, "mouthSmileLeft": 0.75})
# Between this head's lips is no room for a tongue.
STATE = DocumentState(expression=tuple((WEIGHTS + expression_array({"tongueOut": 0.5})).tolist()))
GREY = FaceTextures(np.full((64, 64, 3), 128, np.uint8), {})
COLOR = partial(skin_colors, STATE, cache=ArrayCache())


def at_rest(head: Head, make_maps: MakeMaps) -> ShownFace:
    return ShownFace(STATE, head, head.neutral, head.neutral, make_maps, COLOR)


def run(head: Head, make_maps: MakeMaps, outdir: Path, **changes: object) -> ExportReport:
    options = ExportOptions(**{"resolution": 1024, "levels": 1, "padding_px": 4} | changes)  # type: ignore[arg-type]
    current, rest = head.shape((), WEIGHTS), head.shape((), WEIGHTS * 0)
    hair = partial(hair_by_kind, STATE, head)
    return export(ShownFace(STATE, head, current, rest, make_maps, COLOR, hair), outdir, options)


@pytest.fixture(scope="module")
def report(head: Head, make_maps: MakeMaps, tmp_path_factory: pytest.TempPathFactory) -> ExportReport:
    return run(head, make_maps, tmp_path_factory.mktemp("export") / "out")


def test_everything_is_there_and_nothing_else(report: ExportReport) -> None:
    assert {file.kind for file in report.files} == {*WHAT, "about"}
    assert {path.name for path in report.folder.iterdir()} == {file.name for file in report.files}
    assert [path for path in report.folder.parent.iterdir() if path != report.folder] == []
    for file in report.files:
        data = (report.folder / file.name).read_bytes()
        assert len(data) == file.n_bytes > 0
        assert hashlib.sha256(data).hexdigest() == file.sha256


def test_it_proves_itself(report: ExportReport) -> None:
    assert all(check.passed for check in report.checks)
    assert {check.what for check in report.checks} >= {"displacement", "texels", "surface", "morph targets"}
    assert {check.file for check in report.checks} == {file.name for file in report.files if file.kind != "about"}


def test_displacement_is_what_the_skin_wears(report: ExportReport, head: Head, make_maps: MakeMaps) -> None:
    read = read_displacement(report.path("displacement", ".exr"))
    full = make_maps(1024).displacement
    np.testing.assert_array_equal(read[400:600, 400:600], full[400:600, 400:600])
    # Before the tile ends only the fine relief is left that goes on outside.
    assert 0 < np.abs(read[:30]).max() < 0.1
    png = read_displacement(report.path("displacement", ".png"))
    stated = json.loads(report.path("displacement", ".json").read_text())
    assert np.abs(png - read).max() <= 0.51 * stated["scale_mm"] / 65535


def test_green_goes_up_or_down(head: Head, make_maps: MakeMaps, tmp_path: Path, report: ExportReport) -> None:
    other = run(head, make_maps, tmp_path / "dx", what={"normal_map"}, green="directx")
    a = cv2.imread(str(report.path("normal_map")))[300:700, 300:700, ::-1].astype(int)
    b = cv2.imread(str(other.path("normal_map")))[300:700, 300:700, ::-1].astype(int)
    np.testing.assert_array_equal(a[..., [0, 2]], b[..., [0, 2]])
    assert np.abs((a[..., 1] - 127.5) + (b[..., 1] - 127.5)).max() <= 1
    assert np.ptp(a[..., 1]) > 10


def test_base_mesh_stands_in_the_pose(report: ExportReport, head: Head) -> None:
    primitives, names = read_glb(report.path("base_mesh"))
    assert names == ARKIT_NAMES
    face = next(primitive for primitive in primitives if primitive.material == "face")
    posed = face.positions + np.tensordot(WEIGHTS, np.stack(face.target_offsets), axes=1)
    current = head.shape((), WEIGHTS) * 0.001
    nearest = np.array([np.linalg.norm(current - point, axis=1).min() for point in posed])
    assert nearest.max() < 1e-6
    content = report.path("base_mesh").read_bytes()
    document = json.loads(content[20 : 20 + int.from_bytes(content[12:16], "little")])
    np.testing.assert_allclose(document["meshes"][0]["weights"], WEIGHTS)
    # The eyes of this head lie in no tile of their own.
    names = [f"{part}_{kind}" for part in ("face", "head") for kind in ("albedo", "orm", "specular", "normal")]
    assert [image["name"] for image in document["images"]] == names
    assert all(material["pbrMetallicRoughness"]["metallicFactor"] == 0 for material in document["materials"])


def test_neutral_pose_and_formats(head: Head, make_maps: MakeMaps, tmp_path: Path) -> None:
    areas = {}
    for mesh_format in ("obj", "ply", "glb"):
        done = run(
            head, make_maps, tmp_path / mesh_format, what={"displaced_mesh"}, mesh_format=mesh_format, pose="neutral"
        )
        read = load_mesh(done.path("displaced_mesh", f".{mesh_format}"))
        areas[mesh_format] = np.ptp(read.vertices, axis=0)
        assert all(check.passed for check in done.checks)
    np.testing.assert_allclose(areas["obj"], areas["ply"], atol=1e-4)
    np.testing.assert_allclose(areas["obj"], areas["glb"], atol=1e-3)
    assert posed_state(STATE, "neutral").expression == (0.0,) * 52
    assert posed_state(STATE, "current") is STATE


def test_recipe_and_list_state_units_scale_and_green(report: ExportReport) -> None:
    text = (report.folder / "README.txt").read_text("utf-8")
    listing = json.loads((report.folder / "export.json").read_text("utf-8"))
    scale = next(file["scale_mm"] for file in listing["files"] if file["name"].endswith(".png") and "mid" in file)
    for word in ("Blender", "Unreal", "Unity", "Maya", "OpenGL", "1001", "mid 0.5", f"{scale:g} mm"):
        assert word in text
    assert listing["units"]["glb"] == "m"
    assert all(check["passed"] for check in listing["checks"])
    assert {file["name"] for file in listing["files"]} < {path.name for path in report.folder.iterdir()}


def changed(path: Path, text: str, other: str) -> Path:
    content = path.read_bytes()
    assert text.encode("latin-1") in content
    path.write_bytes(content.replace(text.encode("latin-1"), other.encode("latin-1"), 1))
    return path


def test_the_card_tells_of_a_layout_that_stands_one_row_up(head: Head, report: ExportReport) -> None:
    assert not is_moved_up(head)
    assert is_moved_up(replace(head, uv=head.uv * np.float32(0.5)))
    cards = [recipe_text(report, ExportOptions(), {"meshes": []}, moved) for moved in (False, True)]
    here, moved = (card.partition("TEXTURE COORDINATES")[2] for card in cards)
    assert "1002" in here
    assert "laid out anew" in " ".join(moved.split())
    assert "1011" in moved
    assert "1011" not in here


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("\nv ", "\nv 1"), ("\nv ", "\n# "), ("\nv ", "\nv x"), ("\nvt ", "\n# "), ("\nvn ", "\n# "), ("\nf ", "\n# "),
        ("\nf 1", "\nf 2"), ("/1 ", "/2 "), ("usemtl face", "usemtl head"), ("usemtl face", "usemtl gone"),
        ("\nf ", "\nf 1/1/1 1/1/1 1/1/1\nf "), ("\nf ", "\nf 1 "),
    ],
)  # fmt: skip
def test_an_obj_that_changed_fails_its_check(
    head: Head, make_maps: MakeMaps, tmp_path: Path, text: str, other: str
) -> None:
    written = write_displaced_mesh(
        tmp_path, head, head.neutral, make_maps(256).displacement, 1, ExportOptions(), GREY
    )
    assert all(check.passed for check in checked(mesh_checks, written.paths[0], written.mesh))
    path = changed(written.paths[0], text, other)
    assert not all(check.passed for check in checked(mesh_checks, path, written.mesh))


@pytest.mark.parametrize(
    ("text", "other"),
    [("\x03", "\x04"), ("vertex 1", "vertex 2"), ("vertex 1", "vertex x"), ("end_header", "x")],
)
def test_a_ply_that_changed_fails_its_check(
    head: Head, make_maps: MakeMaps, tmp_path: Path, text: str, other: str
) -> None:
    options = ExportOptions(mesh_format="ply")
    written = write_displaced_mesh(tmp_path, head, head.neutral, make_maps(256).displacement, 1, options, GREY)
    assert all(check.passed for check in checked(mesh_checks, written.paths[0], written.mesh))
    whole = written.paths[0].read_bytes()
    written.paths[0].write_bytes(whole[:-5])
    assert not all(check.passed for check in checked(mesh_checks, written.paths[0], written.mesh))
    written.paths[0].write_bytes(whole)
    at = whole.rindex(text.encode("latin-1"))
    written.paths[0].write_bytes(whole[:at] + other.encode("latin-1") + whole[at + len(text) :])
    assert not all(check.passed for check in checked(mesh_checks, written.paths[0], written.mesh))


def test_a_glb_that_changed_fails_its_check(head: Head, make_maps: MakeMaps, tmp_path: Path) -> None:
    options = ExportOptions(mesh_format="glb")
    written = write_displaced_mesh(tmp_path, head, head.neutral, make_maps(256).displacement, 1, options, GREY)
    assert all(check.passed for check in checked(mesh_checks, written.paths[0], written.mesh))
    moved = replace(written.mesh, vertices=written.mesh.vertices + np.float32(0.001))
    assert not all(check.passed for check in checked(mesh_checks, written.paths[0], moved))
    fewer = replace(written.mesh, faces=written.mesh.faces[:-1], material=written.mesh.material[:-1])
    assert not all(check.passed for check in checked(mesh_checks, written.paths[0], fewer))
    written.paths[0].write_bytes(written.paths[0].read_bytes()[:-100])
    assert not all(check.passed for check in checked(mesh_checks, written.paths[0], written.mesh))


def test_maps_that_changed_fail_their_checks(tmp_path: Path) -> None:
    relief = np.linspace(-1, 1, 64 * 64, dtype=np.float32).reshape(64, 64)
    exr = write_displacement(tmp_path / "a.exr", relief)[0]
    assert displacement_check(exr, relief, 0.0)[0].passed
    assert not displacement_check(exr, relief + np.float32(1e-6), 0.0)[0].passed
    exr.write_bytes(b"nothing")
    assert not checked(displacement_check, exr, relief, 0.0)[0].passed
    for texels in (np.zeros((64, 64), np.uint8), np.zeros((64, 64, 3), np.uint16)):
        write_png(tmp_path / "a.png", texels)
        assert picture_check(tmp_path / "a.png", texels)[0].passed
        other = texels.copy()
        other[-1, -1] = 1
        assert not picture_check(tmp_path / "a.png", other)[0].passed
    (tmp_path / "a.mtl").write_text("x")
    digest = hashlib.sha256(b"x").hexdigest()
    assert content_check(tmp_path / "a.mtl", digest)[0].passed
    (tmp_path / "a.mtl").write_text("y")
    assert not content_check(tmp_path / "a.mtl", digest)[0].passed


def test_a_file_that_does_not_read_back_stops_the_export(
    head: Head, make_maps: MakeMaps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lossy(path: Path, texels: np.ndarray, srgb: bool) -> None:
        cv2.imwrite(str(path), texels // 2)

    monkeypatch.setattr(export_files, "write_png", lossy)
    with pytest.raises(ExportError, match="did not read back"):
        run(head, make_maps, tmp_path / "out", what={"normal_map"})
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_what_was_there(
    head: Head, make_maps: MakeMaps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "face_lines.1001.png").write_bytes(b"of an earlier export")

    def full(path: Path, texels: np.ndarray, srgb: bool) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(export_files, "write_png", full)
    with pytest.raises(ExportError, match=r"the disk is full; make room") as caught:
        run(head, make_maps, tmp_path, what={"line_map"}, overwrite=True)
    assert str(tmp_path) in str(caught.value)
    assert ".rhytid-" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["face_lines.1001.png"]
    assert (tmp_path / "face_lines.1001.png").read_bytes() == b"of an earlier export"


def test_too_little_room_is_said_before_work_begins(
    head: Head, make_maps: MakeMaps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage:
        free = 1 << 20

    monkeypatch.setattr(export_folder.shutil, "disk_usage", lambda _: Usage)
    with pytest.raises(ExportError, match="only 1 MB are free"):
        run(head, make_maps, tmp_path / "out")


def test_a_folder_that_cannot_be_one(head: Head, make_maps: MakeMaps, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ExportError, match="a part of the path is a file, not a folder; choose another"):
        run(head, make_maps, tmp_path / "file")
    with pytest.raises(ExportError, match="choose another"):
        run(head, make_maps, tmp_path / "file" / "below")


NAMES = ("anna.v002", "Jürgen 佐藤.v002", "u\u0308", "-a", "a b ", "a.", "a..b", "anna.obj", "x" * 150)


def named_files(name: str, mesh_format: str) -> list[str]:
    # The OBJ names its MTL, which therefore cannot have every name.
    meshes = {"obj": [plain_name(f"{name}_displaced.mtl"), f"{name}_displaced.obj"]}
    return sorted([*meshes.get(mesh_format, [f"{name}_displaced.{mesh_format}"]), "README.txt", "export.json"])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mesh_format", ["obj", "ply", "glb"])
def test_names_are_planned_as_they_were_asked_for(name: str, mesh_format: str) -> None:
    assert sorted(planned_files(done_options(name, mesh_format))) == named_files(name, mesh_format)


@pytest.mark.parametrize(
    ("name", "mesh_format"), [*((name, "obj") for name in NAMES), *product(("Jürgen 佐藤.v002", "a."), ("ply", "glb"))]
)
def test_files_have_the_name_that_was_asked_for(
    name: str, mesh_format: str, head: Head, make_maps: MakeMaps, tmp_path: Path
) -> None:
    done = run(head, make_maps, tmp_path, what={"displaced_mesh"}, mesh_format=mesh_format, levels=0, name=name)
    assert sorted(os.listdir(tmp_path)) == named_files(name, mesh_format)
    assert done.path("displaced_mesh").is_file()


def done_options(name: str, mesh_format: str) -> ExportOptions:
    return ExportOptions(what=frozenset({"displaced_mesh"}), mesh_format=mesh_format, name=name)  # type: ignore[arg-type]


def test_every_file_is_planned(report: ExportReport) -> None:
    planned = {*planned_files(ExportOptions())}
    assert planned - {file.name for file in report.files} == {"face_albedo.1003.png"}  # this head's eyes lie elsewhere
    assert {file.name for file in report.files} <= planned


def test_what_the_artist_has_is_not_replaced(head: Head, make_maps: MakeMaps, tmp_path: Path) -> None:
    for name in ("anna.obj", "anna.mtl", "anna.glb", "anna.ply", "anna.v002.obj"):
        (tmp_path / name).write_text("the artist's")
    for _ in range(2):  # its own files are replaced
        run(head, make_maps, tmp_path, what={"displaced_mesh"}, levels=0, name="anna.v002")
    listing = tmp_path / "export.json"
    listing.write_text(listing.read_text() + " ")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ExportError, match=r"export\.json was not written by Rhytid or changed since; add --overwrite"):
        run(head, make_maps, tmp_path, what={"displaced_mesh"}, levels=0, name="anna.v002")
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    run(head, make_maps, tmp_path, what={"displaced_mesh"}, levels=0, name="anna.v002", overwrite=True)
    assert json.loads(listing.read_text("utf-8"))["files"]


def test_a_folder_in_the_way_stops_everything(head: Head, make_maps: MakeMaps, tmp_path: Path) -> None:
    (tmp_path / "face_lines.1001.png").mkdir()
    with pytest.raises(ExportError, match="a folder has this name"):
        run(head, make_maps, tmp_path, what={"line_map", "albedo"}, overwrite=True)
    assert os.listdir(tmp_path) == ["face_lines.1001.png"]


def test_cancel_leaves_nothing(head: Head, make_maps: MakeMaps, tmp_path: Path) -> None:
    shares: list[float] = []
    with pytest.raises(Cancelled):
        export(
            at_rest(head, make_maps), tmp_path / "out",
            ExportOptions(resolution=1024, levels=1), shares.append, lambda: len(shares) >= 3,
        )  # fmt: skip
    assert shares == sorted(shares)
    assert list(tmp_path.iterdir()) == []


def test_progress_ends_at_one(head: Head, make_maps: MakeMaps, tmp_path: Path) -> None:
    shares: list[float] = []
    options = ExportOptions(resolution=1024, what=frozenset({"line_map"}))
    export(at_rest(head, make_maps), tmp_path / "out", options, shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize(
    "changes",
    [
        {"what": {"everything"}}, {"what": set()}, {"mesh_format": "fbx"}, {"resolution": 1000}, {"green": "blue"},
        {"padding_px": 500}, {"name": "../face"}, {"name": ""}, {"name": "a\0b"}, {"name": ".a"}, {"name": "a\nb"},
        {"name": "con.v2"}, {"name": "a\\b"}, {"target_edge_mm": 0.0}, {"pose": "smile"},
        {"face_count": 0}, {"normal_bits": 10}, {"exr_channels": "RGBA"}, {"levels": 9},
    ],
)  # fmt: skip
def test_impossible_options_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        ExportOptions(**changes)  # type: ignore[arg-type]
