"""Colour in the tiles beside the chart, on the default head."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rhytid.core.head.head import Head, Part
from rhytid.core.head.load import default_head
from rhytid.core.io.chart_uv import export_uv
from rhytid.core.io.displaced_mesh import materials_of
from rhytid.core.io.export_meshes import base_mesh, primitives
from rhytid.core.io.face_textures import face_textures
from rhytid.core.maps.albedo_map import SkinColors
from rhytid.core.maps.eye_color import eye_color

SIDE = 512
BLUE = (0.05, 0.12, 0.4)
GREY = np.full((64, 64, 3), 128, np.uint8)


@pytest.fixture(scope="module")
def head() -> Head:
    return default_head()


def plane() -> np.ndarray:
    """A picture of the chart's plane that tells x and y: red rises to the right, green downwards."""
    t = np.linspace(0, 255, 300)
    red, green = np.meshgrid(t, t)
    return np.stack([red, green, np.full_like(red, 77)], axis=2).astype(np.uint8)


@pytest.fixture(scope="module")
def textures(head: Head):
    return face_textures(head, SkinColors(GREY, plane()), BLUE, SIDE)


def corners(head: Head, *materials: int) -> tuple[np.ndarray, np.ndarray]:
    """Vertices of all corners of faces of a material and their texture coordinates."""
    uv, face_uv = export_uv(head)
    chosen = np.isin(materials_of(head.parts, uv, face_uv), materials)
    valid = head.faces[chosen] >= 0
    return head.faces[chosen][valid], uv[face_uv[chosen][valid]]


def texel(picture: np.ndarray, uv: np.ndarray, column: int) -> np.ndarray:
    at = np.clip(np.stack([uv[:, 0] - column, 1 - uv[:, 1]], axis=1) * len(picture), 0, len(picture) - 1).astype(int)
    return picture[at[:, 1], at[:, 0]].astype(int)


def test_scalp_ears_and_neck_have_the_colour_of_their_place_in_the_plane(head: Head, textures) -> None:
    vertex, uv = corners(head, 1)
    found = texel(textures.tiles["1002"], uv, 1)
    wanted = (head.chart[vertex] + 1) / 3 * 255
    off = np.abs(found[:, :2] - wanted).max(axis=1)
    assert np.quantile(off, 0.98) < 4
    assert off.max() < 25  # a texel of the tile spans several of the plane where the ears fold
    assert np.abs(found[:, 2] - 77).max() <= 1


def test_both_sides_of_a_seam_meet(head: Head, textures) -> None:
    """Vertices that the tile has twice, where it is cut, have one colour."""
    vertex, uv = corners(head, 1)
    found = texel(textures.tiles["1002"], uv, 1)
    order = np.lexsort((uv[:, 0], vertex))
    same = (np.diff(vertex[order]) == 0) & (np.abs(np.diff(uv[order, 0])) > 0.1)
    assert same.sum() > 20
    assert np.abs(np.diff(found[order], axis=0))[same].max() < 14


def test_eyes_wear_the_iris_of_the_albedo(head: Head, textures) -> None:
    for row, material in enumerate((2, 3)):
        vertex, uv = corners(head, material)
        direction = head.neutral[vertex] - head.eye_centers[row]
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        ahead = direction[:, 2] > 0.8
        wanted = eye_color(direction[None, ahead].astype(np.float32), BLUE)[0]
        found = texel(textures.tiles["1003"], uv[ahead], 2)
        assert np.median(np.abs(found - wanted)) < 8
        assert np.corrcoef(found[:, 2], wanted[:, 2])[0, 1] > 0.9


def test_one_tone_needs_no_picture_and_small_charts_stay(head: Head) -> None:
    plain = face_textures(head, SkinColors.of(GREY), None, 64)
    assert (plain.tiles["1002"] == 128).all()
    assert plain.face is GREY
    assert len(face_textures(head, SkinColors.of(GREY), None, 32).face) == 32


def test_a_head_of_another_layout_has_the_colour_around_the_chart_too(head: Head) -> None:
    other = replace(head, uv=(head.uv / 5).astype(np.float32))
    tiles = face_textures(other, SkinColors(GREY, plane()), None, 256).tiles
    assert set(tiles) == {"1002", "1003"}
    vertex, uv = corners(other, 1)
    off = np.abs(texel(tiles["1002"], uv, 1)[:, :2] - (head.chart[vertex] + 1) / 3 * 255).max(axis=1)
    assert np.quantile(off, 0.98) < 4


def test_eyes_of_another_layout_are_laid_out_to_wear_the_iris(head: Head) -> None:
    other = replace(head, uv=(head.uv / 5).astype(np.float32))
    picture = face_textures(other, SkinColors.of(GREY), BLUE, 256).tiles["1003"]
    for row, material in enumerate((2, 3)):
        vertex, uv = corners(other, material)
        direction = head.neutral[vertex] - head.eye_centers[row]
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        ahead = direction[:, 2] > 0.3
        wanted = eye_color(direction[None, ahead].astype(np.float32), BLUE)[0]
        found = texel(picture, uv[ahead], 2)
        assert np.median(np.abs(found - wanted)) < 8
        assert np.corrcoef(found[:, 2], wanted[:, 2])[0, 1] > 0.9


def test_meshes_carry_them(head: Head, textures) -> None:
    parts = {part.material.name: part.material for part in primitives(base_mesh(head, head.neutral), textures, None)}
    assert parts["eye_left"].base_color_png == parts["eye_right"].base_color_png
    pictures = [parts[name].base_color_png for name in ("face", "head", "eye_left")]
    assert None not in pictures
    assert len({*pictures}) == 3
    assert parts["teeth"].base_color_png is None
    assert int((head.parts == Part.EYE_LEFT).sum()) > 0
