"""ICT-FaceKit folders and files as heads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.head.head import Head, Part
from rhytid.core.head.load import default_head, load_head
from rhytid.core.head.quality import flipped_in_chart
from rhytid.core.head.store import HeadFileError

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
    assert not opened.expression[ARKIT_INDEX["mouthSmileRight"]].any()


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
        (V4 + "usemtl M_Face\nf 1 2 3 4\n", {}, "no expression shape"),
        (V4 + "f 1 2 3 4\n", {"jawOpen": V4}, "M_Face"),
        (V4 + "usemtl M_Face\nf 1 2 3 9\n", {"jawOpen": V4}, "not there"),
        (V4 + "usemtl M_Face\nf 1 2 3 4 1\n", {"jawOpen": V4}, "5 corners"),
        (V4 + "usemtl M_Face\nf 1 2 x 4\n", {"jawOpen": V4}, "damaged face"),
        (V4.replace("0 1 0", "0 nan 0") + "usemtl M_Face\nf 1 2 3 4\n", {"jawOpen": V4}, "finite"),
        (V4.replace("0 1 0", "0 1") + "usemtl M_Face\nf 1 2 3 4\n", {"jawOpen": V4}, "damaged coordinates"),
        (V4 + "usemtl M_Face\nf 1 2 3 4\n", {"jawOpen": "v 0 0 0\n"}, "jawOpen.obj: 1 vertices"),
        (V4 + "usemtl M_Face\nf 1 2 3 4\n", {"jawOpen": V4.replace("1 1 0", "1 9999 0")}, "metre"),
    ],
)
def test_unusable_folders_are_named(tmp_path: Path, neutral: str, shapes: dict[str, str], message: str) -> None:
    path = small_folder(tmp_path / "model", neutral, **shapes)
    with pytest.raises(HeadFileError, match=message) as error:
        load_head(path)
    assert str(path) in str(error.value)


def test_an_obj_stands_for_its_folder_and_not_for_a_head(tmp_path: Path) -> None:
    folder = small_folder(tmp_path / "model", "", jawOpen=V4)
    with pytest.raises(HeadFileError, match=r"generic_neutral_mesh\.obj has 0"):
        load_head(folder / "jawOpen.obj")
    alone = tmp_path / "alone.obj"
    alone.write_text(V4)
    with pytest.raises(HeadFileError, match="one mesh is no head"):
        load_head(alone)


def test_an_npz_without_its_arrays_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ict_facekit_light.npz"
    np.savez(path, neutral=np.zeros((4, 3), np.float32))
    with pytest.raises(HeadFileError, match="quads is missing"):
        load_head(tmp_path)
