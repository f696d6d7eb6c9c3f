"""Hair in exports: ribbons where the viewport has strands, as wide and as dark, that move with the face."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.face.face import Face
from rhytid.core.face.hair import hair_by_kind
from rhytid.core.hair.settings import Hair
from rhytid.core.hair.strands import N_POINTS
from rhytid.core.io.export_hair import _targets
from rhytid.core.io.gltf_file import METRES_PER_MM, read_glb
from rhytid.core.io.obj_file import read_obj
from rhytid.core.maps.srgb import linear_from_srgb

POSE = {"eyeBlinkLeft": 0.6, "browDownRight": 0.8, "browInnerUp": 0.5}


@pytest.fixture
def face() -> Face:
    face = Face()
    face.expression = POSE
    face.age = 62.0
    return face


def test_an_obj_has_the_ribbons_of_the_pose(face: Face, tmp_path: Path) -> None:
    report = face.export(tmp_path, what={"hair"})
    assert report.checks
    assert all(check.passed for check in report.checks)
    mesh = read_obj(report.path("hair", ".obj"))
    worn = hair_by_kind(face.state, face.head)
    assert set(worn) == {"brows", "lashes"}
    vertices = face.pose().vertices
    points = np.concatenate([one.strands.positions(vertices) for one in worn.values()])
    width = np.concatenate([one.strands.width_mm for one in worn.values()])
    pairs = mesh.vertices.reshape(len(points), N_POINTS, 2, 3)
    np.testing.assert_allclose(pairs.mean(axis=2), points, atol=2e-4)
    np.testing.assert_allclose(np.linalg.norm(pairs[:, :, 1] - pairs[:, :, 0], axis=2), width, atol=2e-4)
    assert mesh.uv is not None
    assert (mesh.uv.min(), mesh.uv.max()) == (0.0, 1.0)


def test_materials_have_the_colours_of_the_strands(face: Face, tmp_path: Path) -> None:
    report = face.export(tmp_path, what={"hair"})
    colors, name = {}, ""
    for line in report.path("hair", ".mtl").read_text("utf-8").splitlines():
        if line.startswith("newmtl "):
            name = line.split()[1]
        elif line.startswith("Kd "):
            colors[name] = linear_from_srgb([float(v) for v in line.split()[1:]])
    for kind, one in hair_by_kind(face.state, face.head).items():
        shades = np.stack([colors[f"{kind}_{k}"] for k in (1, 2, 3)])
        assert (np.diff(shades.sum(axis=1)) > 0).all()
        np.testing.assert_allclose(shades.mean(axis=0), one.colors.mean(axis=0), atol=0.02)
        assert shades[0].sum() < np.median(one.colors.sum(axis=1)) < shades[2].sum() + 0.01


def test_a_glb_moves_its_hair_as_the_face_does(face: Face, tmp_path: Path) -> None:
    report = face.export(tmp_path, what={"hair"}, mesh_format="glb")
    primitives, names = read_glb(report.path("hair", ".glb"))
    assert {"eyeBlinkLeft", "browDownRight", "browInnerUp"} <= set(names) <= set(ARKIT_INDEX)
    assert "tongueOut" not in names
    weights = [POSE.get(name, 0.0) for name in names]
    read = np.concatenate([
        one.positions + sum(w * offset for w, offset in zip(weights, one.target_offsets, strict=True))
        for one in primitives
    ])  # fmt: skip
    read = np.unique((read / METRES_PER_MM).round(2), axis=0)
    worn = hair_by_kind(face.state, face.head)
    wanted = np.concatenate([one.strands.ribbons(face.pose().vertices)[0] for one in worn.values()])
    away = np.sqrt(((wanted[::37, None] - read[None]) ** 2).sum(axis=2).min(axis=1))
    assert np.median(away) < 0.05
    assert away.max() < 0.75  # tips of lashes, which turn with the lid


def test_no_straight_way_is_nearer_to_a_lash_that_turns(face: Face) -> None:
    worn, head = hair_by_kind(face.state, face.head), face.head
    strands = worn["lashes"].strands
    at_rest = strands.ribbons(head.neutral)[0]
    blink = head.expression[ARKIT_INDEX["eyeBlinkLeft"]].astype(np.float32)
    targets = _targets({"lashes": worn["lashes"]}, head, head.neutral, at_rest)
    offsets = next(target.offsets for target in targets if target.name == "eyeBlinkLeft")
    weights = np.append(np.linspace(0.1, 1.0, 10), 2**0.5 - 1)
    ways = {w: strands.ribbons(head.neutral + np.float32(w) * blink)[0] - at_rest for w in weights}
    farthest = max(np.linalg.norm(way - w * offsets, axis=1).max() for w, way in ways.items())
    chord = max(np.linalg.norm(way - w * ways[1.0], axis=1).max() for w, way in ways.items())
    # At two weights no offsets are right: w * offsets - way and offsets - end differ by w * end - way.
    least = max((np.linalg.norm(way - w * ways[1.0], axis=1) / (1 + w)).max() for w, way in ways.items())
    assert least <= farthest < 1.06 * least
    assert farthest < 0.75 * chord


def test_a_bare_face_has_no_file(face: Face, tmp_path: Path) -> None:
    face.state = replace(face.state, hair=Hair(brows=0.0, lashes=0.0))
    report = face.export(tmp_path, what={"hair"})
    assert not [file for file in report.files if file.kind == "hair"]
