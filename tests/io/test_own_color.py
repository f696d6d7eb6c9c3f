"""The pictures of a head's own file as its skin colour: tiles, seams, factors, shared texels, what has no colour."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from small_colors import SIDE, painted, ramp, with_pictures

import rhytid
from rhytid.core.detail.engine import Cancelled, Control
from rhytid.core.document.state import DocumentState
from rhytid.core.face.opening import with_own_color
from rhytid.core.files.obj import ObjLimits, read_obj_mesh
from rhytid.core.head.head import Head, Part
from rhytid.core.head.material import Material
from rhytid.core.head.obj_material import materials_of
from rhytid.core.head.store import save_head
from rhytid.core.io.export_meshes import encoded_png
from rhytid.core.io.layout_bake import OwnLayout
from rhytid.core.io.own_color import OwnColor, has_own_color, own_albedo
from rhytid.core.maps.srgb import linear_from_srgb, srgb_bytes
from tests.head.small_head import small_head, two_tiles


@pytest.fixture(scope="module")
def head() -> Head:
    return painted(two_tiles())


def test_the_picture_of_every_tile_comes_into_the_chart(head: Head) -> None:
    albedo = own_albedo(head, 41.0)
    assert albedo is not None
    assert (albedo.age, albedo.head, albedo.iris) == (41.0, head.digest, None)
    assert len(albedo.srgb) in (SIDE // 2, SIDE, 2 * SIDE)
    away = np.abs(albedo.srgb.astype(float) - ramp(len(albedo.srgb)))
    assert away.max() < 6, "no seam of the tiles, and nothing of what lies beside the islands"
    assert albedo.around is not None
    side = len(albedo.around)
    inside = albedo.around[side // 3 + 1 : 2 * side // 3 - 1, side // 3 + 1 : 2 * side // 3 - 1].astype(float)
    small = cv2.resize(ramp(), (side // 3, side // 3), interpolation=cv2.INTER_AREA)
    assert np.abs(inside.mean(axis=(0, 1)) - small.mean(axis=(0, 1))).max() < 4, "around it goes on"


def test_a_tile_gives_its_picture_back(head: Head) -> None:
    layout = OwnLayout(head)
    found, known = OwnColor(layout).in_tile(1002, SIDE)
    wanted = layout.to_layout(ramp(), 1002, SIDE, 0.0)
    assert (known == (layout.raster(1002, SIDE).triangle >= 0)).all()
    assert np.abs(found.astype(float) - wanted)[known].max() < 3


def test_halves_that_share_texels_have_the_same_colour() -> None:
    head = small_head()
    mirrored = replace(head, uv=np.stack([np.abs(head.uv[:, 0] - 0.5) * 2, head.uv[:, 1]], axis=1).astype(np.float32))
    texels = np.zeros((SIDE, SIDE, 3), np.uint8)
    texels[:] = np.linspace(10, 240, SIDE)[None, :, None]
    material = Material("half", (1.0, 1.0, 1.0, 1.0), picture=0, pictures=(encoded_png(texels),))
    albedo = own_albedo(with_pictures(mirrored, {1001: material}), 30.0)
    assert albedo is not None
    row = albedo.srgb[len(albedo.srgb) // 2, :, 0].astype(int)
    assert np.abs(row - row[::-1]).max() <= 2
    assert row[1] > 220
    assert row[len(row) // 2] < 25


def test_a_colour_beside_a_picture_and_a_factor_upon_one() -> None:
    grey = encoded_png(np.full((32, 16, 3), 200, np.uint8))
    tinted = Material("tinted", (0.5, 1.0, 0.25, 1.0), picture=0, pictures=(grey,))
    plain = Material("plain", (0.2, 0.1, 0.05, 1.0))
    albedo = own_albedo(with_pictures(two_tiles(), {1001: plain, 1002: tinted}), 30.0)
    assert albedo is not None
    upper, lower = albedo.srgb[len(albedo.srgb) // 8, 20], albedo.srgb[-len(albedo.srgb) // 8, 20]
    assert np.abs(upper.astype(int) - srgb_bytes(np.array(plain.color[:3]))).max() <= 2
    wanted = srgb_bytes(linear_from_srgb(200 / 255) * np.array(tinted.color[:3]))
    assert np.abs(lower.astype(int) - wanted).max() <= 2


def test_what_has_no_picture_has_no_colour(head: Head) -> None:
    assert own_albedo(small_head(), 30.0) is None
    plain = with_pictures(two_tiles(), {1001: Material("a"), 1002: Material("b")})
    assert not has_own_color(plain)
    torn = Material("torn", picture=0, pictures=(b"\x89PNG\r\n\x1a\nnothing behind it",))
    broken = with_pictures(two_tiles(), {1001: torn, 1002: torn})
    assert has_own_color(broken)
    assert own_albedo(broken, 30.0) is None
    little = with_pictures(two_tiles(), {1001: head.materials[0]})  # the smaller part of the face
    found = own_albedo(little, 30.0)
    assert found is None or np.isfinite(found.srgb).all()
    with pytest.raises(Cancelled):
        own_albedo(head, 30.0, Control(lambda: True))


def test_a_picture_of_an_eye_is_none_of_the_face(head: Head) -> None:
    eye = head.parts == Part.EYE_LEFT
    only = replace(head, face_material=np.where(eye, 0, 2).astype(np.int16))
    assert not has_own_color(only)


def test_materials_of_an_obj_come_with_their_pictures(tmp_path: Path) -> None:
    (tmp_path / "skin.png").write_bytes(encoded_png(np.full((4, 4, 3), 90, np.uint8)))
    (tmp_path / "odd.tga").write_bytes(b"no picture that is kept")
    (tmp_path / "head.mtl").write_text(
        "newmtl Skin\nKd 0.5 0.5 0.5\nmap_Kd -s 1 1 1 skin.png\nnewmtl Lip\nKd 1 0.5 0\nnewmtl Odd\nmap_Kd odd.tga\n"
        "newmtl Gone\nmap_Kd textures/gone.png\n"
    )
    obj = "mtllib head.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\n"
    obj += "".join(f"usemtl {name}\nf 1 2 3\n" for name in ("Skin", "Lip", "Odd", "Gone", "Unsaid"))
    path = tmp_path / "head.obj"
    path.write_text(obj)
    mesh = read_obj_mesh(path, ObjLimits(1 << 20, 1000, 100, 100))
    materials, notes = materials_of(path, mesh)
    by_name = {one.name: one for one in materials}
    assert by_name["Skin"].base_picture.startswith(b"\x89PNG")
    assert by_name["Skin"].color == (1.0, 1.0, 1.0, 1.0)
    assert by_name["Lip"].color == pytest.approx((1.0, 0.216, 0.0, 1.0), abs=0.01)
    assert not by_name["Gone"].base_picture
    assert len(materials) == len(mesh.material_names)
    assert [("odd.tga" in note, "gone.png" in note) for note in notes] == [(True, False), (False, True)]
    (tmp_path / "skin.png").unlink()
    assert materials_of(path, mesh)[0] == ()


def test_a_face_of_such_a_head_wears_its_picture_unless_another_one_was_brought_in(head: Head, tmp_path: Path) -> None:
    path = tmp_path / "anna.npz"
    save_head(head, path)
    face = rhytid.Face(path)
    albedo = own_albedo(face.head, face.age)
    assert albedo is not None
    assert face.state.albedo is not None
    assert face.state.albedo.digest == albedo.digest
    photographed = replace(face.state, albedo=replace(albedo, head=""))
    assert with_own_color(photographed, face.head) is photographed
    other = replace(face.state, albedo=replace(albedo, head="of another"))
    again = with_own_color(other, face.head).albedo
    assert again is not None
    assert (again.head, again.digest) == (face.head.digest, albedo.digest)
    assert with_own_color(DocumentState(), small_head()).albedo is None
