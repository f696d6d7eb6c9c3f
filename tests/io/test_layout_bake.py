"""Maps of the chart in a head's own layout and back: seams, tiles, mirrored halves, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_material import small_parts
from stranger import own_layout

from rhytid.core.detail.request import DetailMaps
from rhytid.core.document.state import DocumentState
from rhytid.core.head.chart import ChartRaster
from rhytid.core.head.head import Head, Part, split_faces
from rhytid.core.head.load import default_head
from rhytid.core.head.material import Material
from rhytid.core.io.displacement_file import read_displacement
from rhytid.core.io.errors import MapError
from rhytid.core.io.export import export
from rhytid.core.io.export_meshes import encoded_png
from rhytid.core.io.export_options import ExportOptions
from rhytid.core.io.face_textures import face_textures
from rhytid.core.io.layout_bake import OwnLayout, is_charts
from rhytid.core.io.layout_sampling import beyond
from rhytid.core.io.own_layout_mesh import own_base_mesh, own_materials, own_primitives, own_uv
from rhytid.core.io.own_layout_outside import OwnOutside
from rhytid.core.io.planned_export import planned_for, planned_in
from rhytid.core.io.shown_face import ShownFace
from rhytid.core.maps.albedo_map import SkinColors
from rhytid.core.maps.complexion_map import usual_colors
from rhytid.core.maps.field import Field
from tests.head.small_head import small_head

SIDE = 512


def in_own_layout(mirrored: bool = False, shift: tuple[float, float] = (0.0, 0.0)) -> Head:
    """The default head, its skin in `own_layout`; `shift` moves the right half of the face in its tile."""
    head = default_head()
    uv, tile = own_layout(head, mirrored)
    uv[tile == 1] += shift
    uv[tile == 2, :, 0] += 1
    triangles = head.skin_triangles
    others = head.parts != Part.SKIN
    rest, rest_uv = split_faces(head.faces[others])[0], split_faces(head.face_uv[others])[0]
    faces = np.concatenate([triangles, rest])
    face_uv = np.concatenate([np.arange(uv.shape[0] * 3).reshape(-1, 3), rest_uv + uv.shape[0] * 3])
    as_four = [np.concatenate([one, np.full((len(one), 1), -1)], axis=1).astype(np.int32) for one in (faces, face_uv)]
    every = np.concatenate([uv.reshape(-1, 2), head.uv + np.array([3, 0])]).astype(np.float32)
    parts = np.concatenate([np.zeros(len(triangles)), np.full(len(rest), Part.MOUTH)]).astype(np.uint8)
    return replace(head, faces=as_four[0], face_uv=as_four[1], uv=every, parts=parts)


@pytest.fixture(scope="module")
def layout() -> OwnLayout:
    return OwnLayout(in_own_layout())


@pytest.fixture(scope="module")
def relief() -> np.ndarray:
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    return (0.3 * np.sin(40 * x + 3 * y) * np.cos(30 * y)).astype(np.float32)


def test_a_map_comes_back_as_it_was(layout: OwnLayout, relief: np.ndarray) -> None:
    assert not is_charts(layout.head)
    assert is_charts(default_head())
    assert layout.check() == ""
    baked = {tile: layout.to_layout(relief, tile, 2 * SIDE, 0.0) for tile in layout.tiles}
    again = layout.from_layout(baked, SIDE, 0.0)
    face = ChartRaster(layout.head, SIDE).sample(layout.head.detail_weight) > 0.2
    assert np.abs(again - relief)[face].max() < 0.01, "mm, across the seam in the middle, too"
    # Where the subject's left cheek lies in the tile, by hand.
    corner = layout.to_layout(relief, layout.tiles[0], 2 * SIDE, 0.0)
    u, v = 0.02 + 0.46 * 0.5, 0.03 + 0.94 * 0.6
    row, column = int((1 - v) * 2 * SIDE), int(u * 2 * SIDE)
    assert corner[row, column] == pytest.approx(relief[int(0.6 * SIDE), int(0.75 * SIDE)], abs=0.02)


def test_normals_turn_with_the_islands(layout: OwnLayout) -> None:
    head = layout.head
    tilted = np.zeros((64, 64, 3), np.float32)
    tilted[..., 0], tilted[..., 2] = 0.6, 0.8  # towards +u of the chart, the subject's left
    tile = layout.tiles[0]
    turned = layout.turned_normals(layout.to_layout(tilted, tile, 256, (0, 0, 1)), tile, head.neutral)
    np.testing.assert_allclose(np.linalg.norm(turned, axis=2), 1, atol=1e-4)
    # The left island runs the chart's x along u; the right one, turned by half a circle, against it.
    left, right = turned[128, 40:90, 0].mean(), turned[128, 166:216, 0].mean()
    assert left > 0.5
    assert right > 0.5, "the right half is both mirrored and counted from the other side"


def test_mirrored_halves_hold_the_mean_and_say_so(relief: np.ndarray) -> None:
    layout = OwnLayout(in_own_layout(mirrored=True))
    assert "hold the mean of both halves" in layout.check()
    (overlap,) = layout.overlaps()
    assert (overlap.tile, overlap.is_mirrored) == (1001, True)
    assert overlap.share > 0.9
    baked = layout.to_layout(relief, 1001, SIDE, 0.0)
    back = layout.from_layout({1001: baked}, SIDE, 0.0)
    mean = 0.5 * (relief + relief[:, ::-1])
    face = ChartRaster(layout.head, SIDE).sample(layout.head.detail_weight) > 0.5
    assert np.median(np.abs(back - mean)[face]) < 0.02
    islands = layout.islands(1001, 128)
    assert (islands == 2).sum() > 0.9 * (islands > 0).sum()


def flat_face(head: Head, relief: np.ndarray) -> ShownFace:
    """A face at rest with that relief and no wrinkles."""
    maps = DetailMaps(Field.of(relief), relief > 1, Field.of(np.ones_like(relief)))
    return ShownFace(
        DocumentState(), head, head.neutral, head.neutral, lambda _side: maps, lambda side: usual_colors(side)
    )


def test_an_export_of_mirrored_halves_tells_what_is_lost(tmp_path: Path) -> None:
    relief = np.zeros((1024, 1024), np.float32)
    options = ExportOptions(frozenset({"displacement"}), layout="own", resolution=1024)
    report = export(flat_face(in_own_layout(mirrored=True), relief), tmp_path, options)
    (remark,) = report.remarks
    assert "mean of both halves" in remark
    assert json.loads((tmp_path / "export.json").read_text("utf-8"))["remarks"] == [remark]
    card = (tmp_path / "README.txt").read_text("utf-8")
    assert remark in " ".join(card.split())
    assert "UDIM tiles 1001, 1002;" in card
    assert "1003" not in card
    assert {path.name for path in tmp_path.iterdir()} == {*planned_in(tmp_path, options)}


def test_parts_upon_each_other_are_refused_with_their_places() -> None:
    layout = OwnLayout(in_own_layout(shift=(-0.1, 0.0)))
    with pytest.raises(MapError, match=r"tile 1001: u 0\.\d\d to 0\.\d\d, v .*% of its skin.*Unwrap"):
        layout.check()
    (overlap,) = (one for one in layout.overlaps() if not one.is_mirrored)
    u0, _, u1, _ = overlap.places[0]
    assert 0.38 <= u0 < u1 <= 0.50, "the strip in the middle"


def test_materials_are_one_for_each_tile(layout: OwnLayout) -> None:
    materials = own_materials(layout)
    assert {one.tile for one in materials.materials} == {0, 1001, 1002}
    assert len(set(materials.names)) == len(materials.names)
    assert materials.file_of("face", "albedo")["skin"].startswith("face_albedo.100")


def test_an_export_in_the_own_layout_has_its_tiles_and_reads_back(tmp_path: Path) -> None:
    head = small_head()
    turned = head.uv[:, ::-1].copy()
    turned[:81] += (1, 0)
    head = replace(head, uv=turned, other_parts=small_parts())
    relief = (0.2 * np.sin(np.linspace(0, 30, 1024))[None, :] * np.ones((1024, 1))).astype(np.float32)
    face = flat_face(head, relief)
    what = frozenset({"displacement", "normal_map", "albedo", "base_mesh"})
    options = ExportOptions(what, base_formats=frozenset({"glb", "obj"}), layout="own", resolution=1024)
    report = export(face, tmp_path, options)
    names = {file.name for file in report.files}
    planned = {*planned_for(head, options, OwnLayout(head))}
    assert names == planned == {*planned_in(tmp_path, options), "face_cloth.png", "face_eyes.png"}
    material = (tmp_path / "face_base.mtl").read_text("utf-8")
    assert "map_Kd face_eyes.png" in material
    assert report.remarks == ()
    assert {"face_displacement.1002.exr", "face_normal.1002.png", "face_albedo.1002.png"} <= names
    assert not any(".1001." in name for name in names)
    assert report.checks
    assert all(check.passed for check in report.checks)
    baked = read_displacement(tmp_path / "face_displacement.1002.exr")
    # The layout is the chart with its axes exchanged, so that what ran along x runs along v.
    assert np.ptp(baked[:, 512]) > 0.3
    assert np.ptp(baked[512]) < 0.05


def test_the_border_runs_on_softly_over_neck_and_scalp() -> None:
    noise = np.random.default_rng(3).uniform(0, 1, (256, 256, 3)).astype(np.float32)
    along = np.linspace(0.2, 0.8, 200, dtype=np.float32)
    spread = []
    for below in (1.0, 1.03, 1.4):
        places = np.stack([along, np.full_like(along, below)], axis=1)
        at_border = np.repeat(noise[-1, (along * 256).astype(int), :1], 3, axis=1)
        spread.append(float(np.ptp(beyond(noise, places, at_border), axis=0).max()))
    assert spread[0] > 0.9
    assert spread[1] < 0.35
    assert spread[2] < 1e-5


def test_eyes_without_a_picture_wear_the_iris_and_others_keep_theirs() -> None:
    head = default_head()
    head = replace(head, uv=(head.uv / 5).astype(np.float32))
    layout = OwnLayout(head)
    grey = np.full((64, 64, 3), 128, np.uint8)
    textures = face_textures(head, SkinColors.of(grey), (0.05, 0.1, 0.4), 64)
    materials = own_materials(layout)
    mesh = own_base_mesh(layout, materials, head.neutral)
    parts = own_primitives(mesh, layout, materials, textures, None, np.zeros((2, 2, 4), np.float32), head.neutral,
                           OwnOutside(layout, head.neutral, False))  # fmt: skip
    of_eyes = [part.material.base_color_png for part in parts if part.material.name.startswith("eye")]
    assert of_eyes == [encoded_png(textures.tiles["1003"])] * 2
    uv, face_uv = own_uv(head)
    chosen = head.parts == Part.EYE_LEFT
    corners, places = head.faces[chosen], uv[face_uv[chosen]]
    ahead = np.argmax(np.where(corners >= 0, head.neutral[corners, 2], -np.inf))
    assert np.abs(places.reshape(-1, 2)[ahead] - 0.5).max() < 0.1
    assert places[corners >= 0].min() >= 0
    assert places[corners >= 0].max() <= 1

    painted = Material("all", picture=0, pictures=(encoded_png(grey),))
    own = replace(head, materials=(painted,), face_material=np.zeros(len(head.faces), np.int16))
    uv, face_uv = own_uv(own)
    kept = head.faces[chosen] >= 0
    np.testing.assert_array_equal(uv[face_uv[chosen][kept]], head.uv[head.face_uv[chosen][kept]])
