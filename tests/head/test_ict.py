"""ICT-FaceKit folders and files as heads."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES
from rhytid.core.files.obj import ObjLimits, read_obj_vertices
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.head import Head, Part
from rhytid.core.head.ict import NEUTRAL_OBJ, read_ict
from rhytid.core.head.load import default_head, load_head
from rhytid.core.head.model import DROPPED, HeadModel
from rhytid.core.head.part_names import part_of_material
from rhytid.core.head.quality import flipped_in_chart

MATERIAL = {Part.SKIN: "M_Face", Part.EYE_LEFT: "M_ScleraLeft", Part.EYE_RIGHT: "M_IrisRight", Part.TEETH: "M_Teeth"}


def vertex_lines(vertices: np.ndarray) -> str:
    return "\n".join("v {:.5f} {:.5f} {:.5f}".format(*v) for v in vertices.tolist())


def face_lines(head: Head) -> str:
    lines, material = [], None
    for face, part in zip(head.faces.tolist(), head.parts.tolist(), strict=True):
        if part != material:
            material = part
            lines.append(f"usemtl {MATERIAL.get(Part(part), 'M_GumsTongue')}")
        lines.append("f " + " ".join(f"{v + 1}/1" for v in face if v >= 0))
    return "\n".join(lines)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default head in the layout of FaceXModel, in cm, shifted and a little larger."""
    head = default_head()
    path = tmp_path_factory.mktemp("FaceXModel")
    to_cm = 0.104
    vertices = head.neutral * to_cm + [1, 2, 3]
    neutral = f"mtllib ../../escape.mtl\n{vertex_lines(vertices)}\nvt 0.5 0.5\n{face_lines(head)}\n"
    (path / "generic_neutral_mesh.obj").write_text(neutral)
    (path / "identity000.obj").write_text(vertex_lines(vertices + to_cm * head.identity[0].astype(float)))
    halves = {"browInnerUp_L": 0.6, "browInnerUp_R": 0.4}
    for name, share in halves.items():
        offsets = head.expression[ARKIT_INDEX["browInnerUp"]].astype(float)
        (path / f"{name}.obj").write_text(vertex_lines(vertices + to_cm * share * offsets))
    offsets = head.expression[ARKIT_INDEX["mouthSmileLeft"]].astype(float)
    (path / "mouthSmile_L.obj").write_text(vertex_lines(vertices + to_cm * offsets))
    return path


@pytest.fixture(scope="module")
def opened(folder: Path) -> Head:
    return load_head(folder)


def test_a_folder_of_obj_files_opens_in_millimetres(opened: Head) -> None:
    reference = default_head()
    assert len(opened.neutral) == len(reference.neutral)
    assert opened.n_skin == reference.n_skin
    assert opened.n_identity == 1
    np.testing.assert_allclose(opened.neutral, reference.neutral * 1.04 + [10, 20, 30], atol=1e-2)
    assert {Part.EYE_LEFT, Part.EYE_RIGHT, Part.TEETH, Part.MOUTH} <= set(opened.parts.tolist())


def test_split_shapes_are_joined_and_sides_renamed(opened: Head) -> None:
    reference = default_head()
    for name in ("browInnerUp", "mouthSmileLeft"):
        index = ARKIT_INDEX[name]
        np.testing.assert_allclose(
            opened.expression[index].astype(float), 1.04 * reference.expression[index].astype(float), atol=0.02
        )


def test_missing_shapes_are_made_from_those_of_the_default_head(opened: Head) -> None:
    reference = default_head()
    assert {"mouthSmileRight", "eyeBlinkLeft", "tongueOut"} <= set(opened.made_shapes)
    assert not {"browInnerUp", "mouthSmileLeft"} & set(opened.made_shapes)
    for name in ("mouthSmileRight", "eyeBlinkLeft", "jawOpen"):
        made, known = (head.expression[ARKIT_INDEX[name]].astype(float) for head in (opened, reference))
        assert np.linalg.norm(made - known) < 0.1 * np.linalg.norm(known)


def test_its_chart_comes_from_the_default_head(opened: Head) -> None:
    reference = default_head()
    error = 256 * np.linalg.norm(opened.chart - reference.chart, axis=1)
    face = reference.detail_weight > 0
    assert np.percentile(error[face], 99) < 1
    flipped = opened.skin_triangles[flipped_in_chart(opened.chart, opened.skin_triangles)]
    assert not (opened.detail_weight[flipped] > 0).any()
    landmarks = 256 * np.linalg.norm(opened.chart[opened.landmarks] - reference.chart[reference.landmarks], axis=1)
    assert np.median(landmarks) < 1


def small_folder(path: Path, neutral: str, **shapes: str) -> Path:
    path.mkdir()
    (path / "generic_neutral_mesh.obj").write_text(neutral)
    for name, text in shapes.items():
        (path / f"{name}.obj").write_text(text)
    return path


V4 = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n"


@pytest.mark.parametrize(
    ("neutral", "shapes", "message"),
    [
        ("", {}, "no faces"),
        (V4, {"jawOpen": V4}, "no faces"),
        (V4 + "f 1 2 3 4\n", {"jawOpen": V4}, "M_Face"),
        (V4 + "usemtl M_Face\nf 1 2 3 9\n", {"jawOpen": V4}, "line 6 .* not there"),
        (V4 + "usemtl M_Face\nf 1 2 x 4\n", {"jawOpen": V4}, "line 6 .* no index"),
        (V4.replace("0 1 0", "0 nan 0") + "usemtl M_Face\nf 1 2 3 4\n", {"jawOpen": V4}, "line 4 .* finite"),
        (V4.replace("0 1 0", "0 1") + "usemtl M_Face\nf 1 2 3 4\n", {"jawOpen": V4}, "line 4 .* 2 numbers"),
        (V4 + "usemtl M_Face\nf 1 2 3 4\n", {"jawOpen": V4}, "no human face"),
        (V4 + "usemtl M_Face\nf 1 2 3 4 1\n", {}, "no human face"),
        (V4.replace("1", "0") + "usemtl M_Face\nf 1 2 3 4\n", {}, "no human face"),
    ],
)
def test_unusable_folders_are_named(tmp_path: Path, neutral: str, shapes: dict[str, str], message: str) -> None:
    path = small_folder(tmp_path / "model", neutral, **shapes)
    with pytest.raises(HeadFileError, match=message) as error:
        load_head(path)
    assert str(path) in str(error.value)


def test_an_obj_stands_for_its_folder(tmp_path: Path) -> None:
    folder = small_folder(tmp_path / "model", "", jawOpen=V4)
    with pytest.raises(HeadFileError, match=r"generic_neutral_mesh\.obj: the mesh has no faces"):
        load_head(folder / "jawOpen.obj")
    alone = tmp_path / "alone.obj"
    alone.write_text(V4)
    with pytest.raises(HeadFileError, match="has no faces"):
        load_head(alone)


def test_an_npz_without_its_arrays_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ict_facekit_light.npz"
    np.savez(path, neutral=np.zeros((4, 3), np.float32))
    with pytest.raises(HeadFileError, match="quads is missing"):
        load_head(tmp_path)


@lru_cache(maxsize=1)
def shapes_of(folder: Path) -> dict[str, np.ndarray]:
    """Vertices of every mesh of a folder, in the file's unit."""
    limits = ObjLimits(1 << 24, 1 << 20, 1 << 18, 1 << 18)
    return {file.name: read_obj_vertices(file, limits) for file in folder.glob("*.obj")}


def rewritten(
    folder: Path, path: Path, change: Callable[[str, np.ndarray], np.ndarray], text: Callable[[str], str] = str
) -> Path:
    """The folder again, its vertices and then the text of its neutral mesh changed."""
    path.mkdir()
    for name, vertices in shapes_of(folder).items():
        changed = change(name, vertices)
        content = (folder / name).read_text()
        if changed is not vertices:
            others = "\n".join(line for line in content.splitlines() if not line.startswith("v "))
            content = f"{vertex_lines(changed)}\n{others}\n"
        (path / name).write_text(text(content) if name == NEUTRAL_OBJ else content)
    return path


def same(_name: str, vertices: np.ndarray) -> np.ndarray:
    return vertices


def backward(text: str) -> str:
    """Indices that count from the end: all vertices stand before the first face."""
    n = text.count("\nv ")
    return re.sub(r"(?<= )(\d+)/1", lambda found: f"{int(found[1]) - n - 1}/-1", text)


def test_what_other_programs_do_to_names_and_text_changes_nothing(folder: Path, opened: Head, tmp_path: Path) -> None:
    path = rewritten(folder, tmp_path / "model", same, backward)
    neutral = (path / NEUTRAL_OBJ).read_text().replace("usemtl M_", "usemtl Kopf:m_")
    neutral = re.sub(r"(usemtl .*)", r"\1.001", neutral).replace("\n", "\r\n")
    (path / NEUTRAL_OBJ).write_bytes(b"\xef\xbb\xbf" + neutral.encode())
    (path / "mouthSmile_L.obj").rename(path / "Head_MouthSmileLeft.001.OBJ")
    (path / NEUTRAL_OBJ).rename(path / "Generic_Neutral_Mesh.OBJ")
    (path / "._browInnerUp_L.obj").write_bytes(b"\0\5\x16\7")
    (path / "notes.obj").write_text("nothing")
    again = load_head(path)
    for key in ("neutral", "faces", "expression", "identity", "chart", "parts"):
        np.testing.assert_array_equal(getattr(again, key), getattr(opened, key))


MEASURED = [ARKIT_INDEX[name] for name in ("browInnerUp", "mouthSmileLeft")]


def read(path: Path) -> HeadModel:
    """What a folder holds, upright and in mm; the chart, which takes longest, comes later."""
    return read_ict(path, default_head())


TURNS = {
    "z up": ([[1, 0, 0], [0, 0, -1], [0, 1, 0]], "turned by -90 degrees about X"),
    "from behind": ([[-1, 0, 0], [0, 1, 0], [0, 0, -1]], "turned by 180 degrees about Y"),
    "upside down": ([[-1, 0, 0], [0, -1, 0], [0, 0, 1]], "turned by 180 degrees about Z"),
}


@pytest.mark.parametrize(("turn", "note"), TURNS.values(), ids=TURNS.keys())
def test_heads_that_lie_or_face_elsewhere_are_turned(
    folder: Path, opened: Head, tmp_path: Path, turn: list[list[int]], note: str
) -> None:
    again = read(rewritten(folder, tmp_path / "model", lambda _, v: v @ np.array(turn).T))
    assert note in again.notes
    np.testing.assert_allclose(again.neutral, opened.neutral, atol=2e-3)
    np.testing.assert_allclose(again.expression[MEASURED], opened.expression[MEASURED], atol=0.03)


def test_a_head_that_was_turned_has_the_chart_of_one_that_stood(folder: Path, opened: Head, tmp_path: Path) -> None:
    turn, note = TURNS["from behind"]
    again = load_head(rewritten(folder, tmp_path / "model", lambda _, v: v @ np.array(turn).T))
    assert note in again.notes
    np.testing.assert_allclose(again.chart, opened.chart, atol=1e-3)


def test_millimetres_are_seen_by_the_size(folder: Path, opened: Head, tmp_path: Path) -> None:
    again = read(rewritten(folder, tmp_path / "model", lambda _, v: 10 * v))
    assert "scaled from millimetres" in again.notes
    np.testing.assert_allclose(again.neutral, opened.neutral, atol=2e-3)
    np.testing.assert_allclose(again.expression[MEASURED], opened.expression[MEASURED], atol=0.03)


def test_a_mesh_seen_in_a_mirror_is_mirrored_back(folder: Path, opened: Head, tmp_path: Path) -> None:
    again = read(rewritten(folder, tmp_path / "model", lambda _, v: v * [1, 1, -1]))
    assert any("mirrored back" in note for note in again.notes)
    np.testing.assert_allclose(again.neutral, opened.neutral, atol=2e-3)
    smile = ARKIT_INDEX["mouthSmileLeft"]
    np.testing.assert_allclose(again.expression[smile].astype(float), opened.expression[smile].astype(float), atol=0.02)


def test_faces_that_show_their_back_are_turned_over(folder: Path, opened: Head, tmp_path: Path) -> None:
    def over(text: str) -> str:
        return re.sub(r"^f (.*)$", lambda f: "f " + " ".join(f[1].split()[::-1]), text, flags=re.MULTILINE)

    again = load_head(rewritten(folder, tmp_path / "model", same, over))
    assert any("turned over" in note for note in again.notes)
    np.testing.assert_array_equal(again.neutral, opened.neutral)
    assert flipped_in_chart(again.chart, again.skin_triangles).size < len(again.skin_triangles) / 20


def test_shapes_of_offsets_are_taken_as_such(folder: Path, opened: Head, tmp_path: Path) -> None:
    neutral = shapes_of(folder)[NEUTRAL_OBJ]
    again = read(rewritten(folder, tmp_path / "model", lambda name, v: v if name == NEUTRAL_OBJ else v - neutral))
    assert any("offsets instead of positions" in note for note in again.notes)
    np.testing.assert_allclose(again.expression[MEASURED], opened.expression[MEASURED], atol=0.03)


def shuffled(name: str, vertices: np.ndarray) -> np.ndarray:
    if name != "mouthSmile_L.obj":
        return vertices
    return vertices[np.random.default_rng(0).permutation(len(vertices))]


def shuffled_nearby(name: str, vertices: np.ndarray) -> np.ndarray:
    """Neighbours change places: no vertex moves far."""
    if name != "mouthSmile_L.obj":
        return vertices
    order = np.lexsort(np.round(vertices / 2).T)
    turned = vertices.copy()
    turned[order] = vertices[np.roll(order, 5)]
    return turned


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (shuffled, r"mouthSmile_L\.obj moves vertices by up to \d+ mm: other vertex order\?"),
        (shuffled_nearby, r"mouthSmile_L\.obj .*: other vertex order\?"),
        (lambda name, v: v if name != "mouthSmile_L.obj" else 3 * v, r"mouthSmile_L\.obj moves vertices by up to"),
        (lambda name, v: v if name != "mouthSmile_L.obj" else v[:-1], r"mouthSmile_L\.obj: \d+ vertices, .* has \d+"),
        (lambda name, v: v if name != "mouthSmile_L.obj" else v / 100, r"mouthSmile_L\.obj: .* another unit\?"),
        (lambda name, v: v if name != "mouthSmile_L.obj" else v + np.float64([0, 3, 0]), r"moves the whole head"),
        (lambda name, v: v if name != "mouthSmile_L.obj" else 0 * v + 1, r"mouthSmile_L\.obj moves the whole head"),
        (lambda name, v: v if name != "identity000.obj" else v[::-1], r"identity mode 0 moves vertices by up to"),
    ],
)
def test_shapes_that_no_face_makes_are_named(
    folder: Path, tmp_path: Path, change: Callable[[str, np.ndarray], np.ndarray], message: str
) -> None:
    with pytest.raises(HeadFileError, match=message):
        load_head(rewritten(folder, tmp_path / "model", change))


def test_shapes_that_do_nothing_or_have_no_known_name_are_told(folder: Path, tmp_path: Path) -> None:
    path = rewritten(folder, tmp_path / "model", same)
    (path / "jawOpen.obj").write_bytes((path / NEUTRAL_OBJ).read_bytes())
    (path / "mouthSmile_L.obj").rename(path / "mouthSmile_L copy.obj")
    (path / "browDown_L.obj").write_bytes((path / "browInnerUp_L.obj").read_bytes())
    notes = read(path).notes
    assert "left aside, for its name is no shape of ARKit's: mouthSmile_L copy.obj" in notes
    assert any(note.startswith("without 50 of the 52 shapes") for note in notes)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
def test_a_shape_that_is_no_file_is_named(folder: Path, tmp_path: Path) -> None:
    path = rewritten(folder, tmp_path / "model", same)
    shape = path / "mouthSmile_L.obj"
    shape.unlink()
    shape.symlink_to("nowhere.obj")
    with pytest.raises(HeadFileError, match=r"mouthSmile_L\.obj: a link to a file that is not there; .* mend it"):
        load_head(path)
    shape.unlink()
    os.mkfifo(shape)
    with pytest.raises(HeadFileError, match=r"mouthSmile_L\.obj: is a device or a pipe, not a file; choose a file"):
        load_head(path)


def test_a_shape_twice_is_named_and_none_at_all_is_a_head(folder: Path, tmp_path: Path) -> None:
    path = rewritten(folder, tmp_path / "model", same)
    (path / "MouthSmileLeft.obj").write_bytes((path / "mouthSmile_L.obj").read_bytes())
    with pytest.raises(HeadFileError, match="are both mouthSmileLeft"):
        load_head(path)
    for file in path.glob("*.obj"):
        if file.name != NEUTRAL_OBJ:
            file.unlink()
    assert load_head(path).made_shapes == ARKIT_NAMES


@pytest.mark.parametrize(
    ("material", "part"),
    [
        ("M_Face", Part.SKIN),
        ("M_Face.001", Part.SKIN),
        ("m_face", Part.SKIN),
        ("M_FaceSG", Part.SKIN),
        ("M_Face_mat.001", Part.SKIN),
        ("Char01:M_BackHead", Part.SKIN),
        ("M_IRISLEFT.002", Part.EYE_LEFT),
        ("eye_right", Part.EYE_RIGHT),
        ("M_GumsTongue", Part.MOUTH),
        ("M_EyeLashes", DROPPED),
        ("", DROPPED),
    ],
)
def test_materials_in_every_spelling(material: str, part: int) -> None:
    assert part_of_material(material) == part
