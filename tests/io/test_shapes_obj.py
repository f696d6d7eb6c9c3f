"""Expressions as OBJ files of the base mesh's vertices."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.detail.request import DetailMaps
from rhytid.core.document.state import DocumentState
from rhytid.core.face.skin_color import skin_colors
from rhytid.core.head.head import Head
from rhytid.core.io import export_options
from rhytid.core.io.export import export
from rhytid.core.io.export_options import ExportOptions, ExportReport, options_for, planned_files
from rhytid.core.io.obj_file import read_obj
from rhytid.core.io.shown_face import ShownFace
from rhytid.core.maps.array_cache import ArrayCache

OPTIONS = options_for("maya", what={"base_mesh"}, base_formats={"obj"}, resolution=1024)


@pytest.fixture(scope="module")
def report(
    head: Head, make_maps: Callable[[int], DetailMaps], tmp_path_factory: pytest.TempPathFactory
) -> ExportReport:
    state = DocumentState()
    color_for = partial(skin_colors, state, cache=ArrayCache())
    face = ShownFace(state, head, head.neutral, head.neutral, make_maps, color_for)
    return export(face, tmp_path_factory.mktemp("shapes"), OPTIONS)


def test_each_expression_is_the_base_mesh_with_it_at_1(report: ExportReport, head: Head) -> None:
    base = read_obj(report.folder / "face_base.obj")
    told = json.loads((report.folder / "export.json").read_text("utf-8"))
    files = told["recipe"]["shapes"]["files"]
    moving = [name for name, shape in zip(ARKIT_NAMES, head.expression, strict=True) if shape.any()]
    assert list(files) == moving
    assert len(moving) > 45
    for name in ("jawOpen", "mouthSmileLeft", moving[-1]):
        read = read_obj(report.folder / files[name])
        meant_cm = 0.1 * head.expression[ARKIT_NAMES.index(name)].astype(np.float32)  # Maya's unit
        assert np.abs(read.vertices - base.vertices - meant_cm).max() < 3e-6
        assert np.array_equal(read.faces, base.faces)
        assert read.uv is not None
        assert np.array_equal(read.uv, base.uv)
        assert read.material_names == base.material_names
        assert "mtllib face_base.mtl" in (report.folder / files[name]).read_text("utf-8")
    checks = {check.file: check for check in report.checks}
    assert all("vertices differ" in checks[file].found for file in files.values())
    assert {path.name for path in report.folder.iterdir()} <= set(planned_files(OPTIONS))
    card = (report.folder / "README.txt").read_text("utf-8")
    assert f"{len(moving)} files" in card
    assert "was not run to try it" in card


def test_a_program_takes_what_can_be_written_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_options, "why_no_usd", lambda: "")
    assert options_for("maya").base_formats == {"obj", "usdc"}
    assert options_for("houdini", layout="own").base_formats == {"glb", "obj"}
    monkeypatch.setattr(export_options, "why_no_usd", lambda: "no library")
    assert options_for("maya").base_formats == {"obj"}
    assert options_for("maya").shapes_obj
    assert not options_for("maya", base_formats={"glb"}).shapes_obj
    with pytest.raises(ValueError, match="choose that format"):
        ExportOptions(shapes_obj=True)
