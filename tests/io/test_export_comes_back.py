"""An export that is read again: displacement as it was drawn, the displaced mesh as USD, how much relief it keeps."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from small_maps import allow_small_maps

from rhytid.core.detail.request import DetailMaps
from rhytid.core.document.state import DocumentState
from rhytid.core.face.hair import hair_by_kind
from rhytid.core.face.skin_color import skin_colors
from rhytid.core.head.head import Head
from rhytid.core.io.chart_frame import chart_frame, weighted
from rhytid.core.io.displaced_mesh import displaced_mesh
from rhytid.core.io.displacement_file import read_displacement
from rhytid.core.io.export import export
from rhytid.core.io.export_options import ExportOptions, ExportReport, planned_files
from rhytid.core.io.map_meaning import MapReading
from rhytid.core.io.own_layout_reading import read_map_on
from rhytid.core.io.relief_kept import relief_kept
from rhytid.core.io.shown_face import ShownFace
from rhytid.core.io.usd_file import read_usd
from rhytid.core.maps.array_cache import ArrayCache

MakeMaps = Callable[[int], DetailMaps]
WHAT = {"displaced_mesh", "hair", "displacement", "normal_map", "albedo"}
USD = {"what": frozenset(WHAT), "mesh_format": "usdc", "resolution": 256, "levels": 1, "unit": "cm", "up_axis": "z"}


@pytest.fixture(scope="module")
def report(head: Head, make_maps: MakeMaps, tmp_path_factory: pytest.TempPathFactory) -> ExportReport:
    pytest.importorskip("pxr", reason="needs usd-core, which has no build for every machine")
    state = DocumentState()
    color, hair = partial(skin_colors, state, cache=ArrayCache()), partial(hair_by_kind, state, head)
    with pytest.MonkeyPatch.context() as patch:
        allow_small_maps(patch)
        face = ShownFace(state, head, head.neutral, head.neutral, make_maps, color, hair)
        done = export(face, tmp_path_factory.mktemp("usd"), ExportOptions(**USD))  # type: ignore[arg-type]
        assert {path.name for path in done.folder.iterdir()} <= set(planned_files(ExportOptions(**USD)))  # type: ignore[arg-type]
    return done


def test_displacement_comes_back_as_it_was_drawn(report: ExportReport, head: Head, make_maps: MakeMaps) -> None:
    drawn = make_maps(256).displacement
    weight = weighted(np.ones_like(drawn), chart_frame(head, head.neutral))
    fades = (weight > 0.2) & (weight < 0.9)
    for suffix in (".exr", ".png"):
        path = report.path("displacement", suffix)
        read, stored = read_map_on(path, head, MapReading()).displacement, read_displacement(path)
        assert np.abs(read - drawn)[fades].mean() < 0.2 * np.abs(stored - drawn)[fades].mean(), suffix
        inner = np.s_[100:150, 100:150]
        np.testing.assert_allclose(read[inner], stored[inner], atol=1e-6)


def test_the_displaced_mesh_as_usd(report: ExportReport, head: Head, make_maps: MakeMaps) -> None:
    from pxr import Usd, UsdGeom

    assert all(check.passed for check in report.checks)
    meant = displaced_mesh(head, head.neutral, make_maps(256).displacement, 1).mesh
    assert meant.normals is not None
    np.testing.assert_allclose(read_usd(report.path("displaced_mesh")).vertices, meant.vertices, atol=1e-4)
    stage = Usd.Stage.Open(str(report.path("displaced_mesh")))
    mesh = UsdGeom.Mesh(stage.GetDefaultPrim().GetChild("mesh"))
    assert mesh.GetSubdivisionSchemeAttr().Get() == "none"
    np.testing.assert_allclose(np.array(mesh.GetNormalsAttr().Get())[:, 2], meant.normals[:, 1], atol=1e-6)
    shaders = {prim.GetName() for prim in stage.Traverse() if prim.GetTypeName() == "Shader"}
    assert "diffuseColor_picture" in shaders
    assert not shaders & {"normal_picture", "displacement_picture"}, "it has its relief already"
    assert list(read_usd(report.path("hair")).shapes)


def test_an_own_layout_has_it_as_a_package() -> None:
    with pytest.raises(ValueError, match="obj, ply, glb or usdz"):
        ExportOptions(layout="own", mesh_format="usdc")


def test_a_finer_mesh_keeps_more_and_the_card_says_how_much(
    report: ExportReport, head: Head, make_maps: MakeMaps
) -> None:
    relief = make_maps(256).displacement
    kept = [relief_kept(head, head.neutral, relief, levels) for levels in range(4)]
    assert kept == sorted(kept)
    assert kept[0] < 0.6
    assert 0.8 < kept[3] < 1.1
    stated = json.loads((report.folder / "export.json").read_text("utf-8"))["files"]
    assert {file["slopes_kept"] for file in stated if file["kind"] == "displaced_mesh"} == {round(kept[1], 3)}
    assert f"keep {100 * kept[1]:.0f} % of the slopes" in (report.folder / "README.txt").read_text("utf-8")
    assert relief_kept(head, head.neutral, np.zeros_like(relief), 1) == 1
