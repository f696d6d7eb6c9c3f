"""Folders of a neutral mesh and its shapes, whatever they are called."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.head import Head, Part
from rhytid.core.head.load import default_head, load_head
from rhytid.core.head.obj_folder import FACESCAPE, has_shapes, read_shape_folder
from rhytid.core.head.shape_names import shape_meaning

SMILES = ("mouthSmileLeft", "mouthSmileRight")
NAMES = ("jawOpen", *SMILES)


@pytest.fixture(scope="module")
def meshes() -> dict[str, str]:
    """Skin and eyes of the default head in metres without materials, and the vertices of three shapes."""
    head = default_head()
    chosen = np.isin(head.triangle_parts, (Part.SKIN, Part.EYE_LEFT, Part.EYE_RIGHT))
    faces = head.triangles[chosen] + 1
    texts = {"neutral": vertices(head, ()) + "\n".join("f {} {} {}".format(*face) for face in faces.tolist()) + "\n"}
    return texts | {name: vertices(head, (name,)) for name in NAMES} | {"smile": vertices(head, SMILES)}


def vertices(head: Head, names: tuple[str, ...]) -> str:
    moved = head.neutral.astype(float) + sum(head.expression[ARKIT_INDEX[name]].astype(float) for name in names)
    return "\n".join("v {:.6f} {:.6f} {:.6f}".format(*row) for row in (moved / 1000).tolist()) + "\n"


def folder(path: Path, meshes: dict[str, str], **files: str) -> Path:
    path.mkdir()
    for file, mesh in files.items():
        (path / f"{file}.obj").write_text(meshes[mesh])
    return path


def test_any_folder_with_a_mesh_at_rest_is_a_head(meshes: dict[str, str], tmp_path: Path) -> None:
    names = dict(zip(("Head_AU26", "Head_AU12_L", "Mouth_Smile_R"), NAMES, strict=True))
    path = folder(tmp_path / "anna", meshes, Anna_Neutral="neutral", notes="smile", **names)
    head, own = load_head(path / "Mouth_Smile_R.obj"), default_head()
    assert head.name == "anna"
    assert "left aside, for its name is no shape of ARKit's: notes.obj" in head.notes
    assert head.n_skin == own.n_skin
    for name in NAMES:
        skin = (h.expression[ARKIT_INDEX[name], : own.n_skin].astype(float) for h in (head, own))
        np.testing.assert_allclose(*skin, atol=0.02)
    # Nothing says which piece is an eye but its roundness.
    np.testing.assert_allclose(head.eye_centers, own.eye_centers, atol=1)


def test_loose_pieces_are_left_aside_and_named(meshes: dict[str, str], tmp_path: Path) -> None:
    path = folder(tmp_path / "model", meshes, neutral="neutral", jawOpen="jawOpen")
    n_vertices = len(default_head().neutral)
    for file in path.iterdir():
        loose = "".join(f"v {x} 0.1 0.2\nv {x} 0.2 0.2\nv {x} 0.1 0.1\n" for x in (0.0, 0.05))
        if file.stem == "neutral":
            loose += "".join(f"f {n} {n + 1} {n + 2}\n" for n in (n_vertices + 1, n_vertices + 4))
        file.write_text(file.read_text() + loose)
    model = read_shape_folder(path, default_head())
    assert "left aside, loose pieces that are neither skin nor eyes: 2, with 2 faces" in model.notes
    assert model.n_skin == default_head().n_skin


@pytest.mark.parametrize("at_rest", ["scan0", "Basis", "jawForward"])
def test_the_mesh_at_rest_is_found_without_its_name(meshes: dict[str, str], tmp_path: Path, at_rest: str) -> None:
    files = {at_rest: "neutral"} | {name: name for name in NAMES}
    model = read_shape_folder(folder(tmp_path / "model", meshes, **files), default_head())
    assert set(model.measured) == set(NAMES)


def test_a_persons_folder_of_facescape(meshes: dict[str, str], tmp_path: Path) -> None:
    files = {"1_neutral": "neutral", "2_smile": "smile", "3_mouth_stretch": "jawOpen", "4_anger": "smile"}
    model = read_shape_folder(folder(tmp_path / "1", meshes, **files), default_head())
    assert set(model.measured) == set(NAMES)
    assert any("4_anger.obj" in note for note in model.notes)
    own = default_head()
    smile = ARKIT_INDEX["mouthSmileLeft"]
    on_left = own.neutral[: own.n_skin, 0] > 10
    moved = model.expression[smile, : own.n_skin].astype(float)
    wanted = own.expression[smile, : own.n_skin].astype(float)[on_left]
    assert np.linalg.norm(moved[on_left] - wanted) < 0.1 * np.linalg.norm(wanted)
    assert not moved[own.neutral[: own.n_skin, 0] < -10].any()


def test_facescapes_names_are_shapes_of_arkit() -> None:
    assert [int(name.split("_")[0]) for name in FACESCAPE] == list(range(1, 21))
    assert all(shape_meaning(name) for name in FACESCAPE.values() if name not in ("", "neutral"))


def test_folders_that_are_no_head_are_named(meshes: dict[str, str], tmp_path: Path) -> None:
    plain = folder(tmp_path / "plain", meshes, chair="neutral", table="neutral")
    assert not has_shapes(plain)
    assert load_head(plain / "chair.obj").made_shapes == ARKIT_NAMES
    with pytest.raises(HeadFileError, match="plain: no head in this folder"):
        load_head(plain)
    lost = folder(tmp_path / "lost", meshes, jawOpen="jawOpen", mouthSmile_L="mouthSmileLeft")
    with pytest.raises(HeadFileError, match=r"lost: no mesh at rest; export it .* name it neutral\.obj"):
        load_head(lost)
