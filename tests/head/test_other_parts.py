"""What else is in a head's file: found, kept as it is, moved with the head, saved and read again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_material import LASHES, small_parts
from stranger import body, face_texture, write_stranger

from rhytid.core.arkit import expression_array
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.gltf import read_gltf
from rhytid.core.head.head import Part
from rhytid.core.head.load import default_head
from rhytid.core.head.material_picture import texels
from rhytid.core.head.model import HeadModel
from rhytid.core.head.store import read_head, save_head
from rhytid.core.head.turn import turned, turned_beside
from tests.head.small_head import small_head

SHAPES = ("jawOpen", "mouthSmileLeft", "mouthSmileRight", "eyeBlinkLeft")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> HeadModel:
    path = tmp_path_factory.mktemp("stranger") / "stranger.vrm"
    return read_gltf(write_stranger(path, default_head(), names=SHAPES), default_head())


def test_body_and_lashes_stay_beside_the_head(stranger: HeadModel) -> None:
    assert "kept beside the head: Body, Lashes" in stranger.notes
    torso, lashes = stranger.other_parts
    vertices, triangles, uv = body(default_head())
    np.testing.assert_allclose(torso.vertices, vertices, atol=1e-3)
    np.testing.assert_array_equal(torso.triangles, triangles)
    np.testing.assert_allclose(torso.uv, uv, atol=1e-6)
    assert (torso.names, lashes.names) == ((), ("eyeBlinkLeft",))
    np.testing.assert_allclose(np.linalg.norm(torso.normals, axis=1), 1, atol=1e-5)
    assert torso.normals[np.argmax(torso.vertices[:, 0]), 0] > 0.5, "they point outwards"


def test_materials_are_kept_whole(stranger: HeadModel) -> None:
    names = ["N00_Face_SKIN", "N00_Scalp_SKIN", "N00_EyeIris", "N00_Teeth", "N00_MouthInner"]
    assert [one.name for one in stranger.materials] == names
    face = np.array(stranger.face_material) == 0
    assert set(stranger.parts[face].tolist()) == {Part.SKIN}
    np.testing.assert_array_equal(texels(stranger.materials[0].base_picture, 4096)[..., :3], face_texture())
    cloth, lash = (part.material for part in stranger.other_parts)
    assert len(cloth.pictures) == 2
    written = json.loads(cloth.gltf)
    assert written["normalTexture"] == {"index": 1 - cloth.picture}
    assert (lash.alpha, lash.is_two_sided, lash.color) == ("BLEND", True, (0.02, 0.01, 0.01, 0.8))


def test_parts_follow_their_shapes_and_the_neck(stranger: HeadModel) -> None:
    torso, lashes = stranger.other_parts
    assert torso.shape(expression_array({"eyeBlinkLeft": 1.0})) is torso.vertices
    moved = lashes.shape(expression_array({"eyeBlinkLeft": 0.5})) - lashes.vertices
    assert 0.5 < np.abs(moved).max() < 20
    head = default_head()
    angles = (20.0, 5.0, 0.0)
    assert turned_beside(head, torso.vertices, (0.0, 0.0, 0.0)) is torso.vertices
    low = torso.vertices[:, 1] < head.neutral[:, 1].min() - 30
    np.testing.assert_array_equal(turned_beside(head, torso.vertices, angles)[low], torso.vertices[low])
    # What lies on the skin stays there.
    skin = np.arange(0, head.n_skin, 97)
    np.testing.assert_array_equal(
        turned_beside(head, head.neutral[skin], angles), turned(head, head.neutral, *angles)[skin]
    )


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_our_format_keeps_them(tmp_path: Path, suffix: str) -> None:
    parts = small_parts()
    head = small_head()
    head = replace(head, other_parts=parts, materials=(parts[0].material,), face_material=np.zeros(65, np.int16))
    save_head(head, tmp_path / f"head{suffix}")
    again = read_head(tmp_path / f"head{suffix}")
    assert again.digest == small_head().digest, "another coat makes no other head"
    assert again.materials == head.materials
    np.testing.assert_array_equal(again.face_material, head.face_material)
    for one, other in zip(again.other_parts, parts, strict=True):
        assert (one.name, one.material, one.names) == (other.name, other.material, other.names)
        for name in ("vertices", "normals", "triangles", "uv", "offsets"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
            assert not getattr(one, name).flags.writeable


@pytest.mark.parametrize(
    "damage",
    [
        {"kept_triangles": np.full((1, 3), 99, np.int32)},
        {"kept_about": np.frombuffer(b'{"parts": []}', np.uint8)},
        {"kept_about": np.frombuffer(b"[[[", np.uint8)},
        {"kept_pictures": np.zeros(7, np.uint8)},
        {"face_material": np.full(65, 9, np.int32)},
    ],
)
def test_what_is_damaged_is_refused(tmp_path: Path, damage: dict[str, np.ndarray]) -> None:
    head = replace(small_head(), other_parts=small_parts())
    save_head(head, tmp_path / "head.npz")
    with np.load(tmp_path / "head.npz") as file:
        arrays = dict(file)
    np.savez(tmp_path / "bad.npz", **(arrays | damage))
    with pytest.raises(HeadFileError, match=r"bad\.npz.*(damaged|missing|expected)"):
        read_head(tmp_path / "bad.npz")


def test_a_head_without_them_is_written_as_before(tmp_path: Path) -> None:
    save_head(small_head(), tmp_path / "head.npz")
    with np.load(tmp_path / "head.npz") as file:
        assert not any(name.startswith("kept") for name in file)
    assert not read_head(tmp_path / "head.npz").other_parts


def test_a_picture_that_is_none_is_no_picture() -> None:
    assert texels(b"", 64) is None
    assert texels(b"\x89PNG\r\n\x1a\n" + bytes(40), 64) is None
    assert LASHES in {part.name for part in small_parts()}
