"""Paint in a document: edits, history, and the project file."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from rhytid.core.document.commands import ClearPaint, CommandError, PaintSkin, RandomComplexion, SetPaintLayer
from rhytid.core.document.document import Document
from rhytid.core.document.project import ProjectError, load_project, save_project
from rhytid.core.document.state import DocumentState
from rhytid.core.maps.paint import COLOR, Paint, toward
from rhytid.core.maps.rect import Rect

CHEEK = Rect(200, 430, 330, 520)


def rouge(rect=CHEEK, paint=None):
    paint = Paint() if paint is None else paint
    share = np.full((rect.height, rect.width), 0.7, np.float32)
    return paint.with_planes(rect, toward(paint.planes(rect), share, COLOR, [200, 40, 60, 255]))


def test_a_stroke_is_a_step_and_undo_brings_back_what_was():
    document = Document()
    document.execute(PaintSkin(rouge()))
    document.execute(PaintSkin(rouge(Rect(600, 430, 700, 520), document.state.paint), "Paint redness"))
    assert document.labels[-2:] == ("Paint", "Paint redness")
    document.undo()
    assert document.state.paint == rouge()
    document.undo()
    assert document.state.paint is None
    document.redo()
    assert document.state.paint == rouge()


def test_opacity_and_visibility_stay_with_the_layer_and_clearing_ends_them():
    document = Document()
    document.execute(PaintSkin(rouge()))
    document.execute(SetPaintLayer(opacity=7.0))
    assert document.state.paint.opacity == 1.0
    document.execute(SetPaintLayer(opacity=0.4))
    document.execute(SetPaintLayer(visible=False))
    document.execute(PaintSkin(rouge(Rect(0, 0, 9, 9), document.state.paint)))
    assert (document.state.paint.opacity, document.state.paint.visible) == (0.4, False)
    document.execute(RandomComplexion(7))
    assert not document.state.paint.empty, "another complexion keeps what was painted"
    document.execute(ClearPaint())
    assert document.state.paint is None
    with pytest.raises(CommandError):
        document.execute(SetPaintLayer(opacity=float("nan")))


def test_the_history_counts_a_stroke_as_the_tiles_that_it_touched():
    document = Document()
    document.execute(PaintSkin(rouge(Rect(0, 0, 1000, 1000))))
    before = document._history.retained_bytes
    document.execute(PaintSkin(rouge(Rect(1000, 1000, 1010, 1010), document.state.paint)))
    tile = document.state.paint.tiles[-1].nbytes
    assert tile <= document._history.retained_bytes - before < 2 * tile


def test_a_project_keeps_it_bit_for_bit(tmp_path):
    state = DocumentState(paint=replace(rouge(), opacity=0.4, visible=False))
    path = tmp_path / "face.rhytid"
    save_project(path, state)
    loaded = load_project(path)
    assert loaded == state
    again = tmp_path / "again.rhytid"
    save_project(again, loaded)
    assert again.read_bytes() == path.read_bytes()
    assert path.stat().st_size < 60_000, "tiles of one rectangle, packed"
    save_project(path, DocumentState())
    assert load_project(path).paint is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda paint: paint.update(tiles=paint["tiles"][:-1]), "other tiles"),
        (lambda paint: paint.update(tiles=[0] * len(paint["tiles"])), "different ones"),
        (lambda paint: paint.update(tiles=[-1, *paint["tiles"][1:]]), "different ones"),
        (lambda paint: paint.update(opacity=3.0), "opacity of paint"),
        (lambda paint: paint.pop("visible"), "paint"),
    ],
)
def test_a_damaged_one_is_refused_with_its_name(tmp_path, change, told):
    path, broken = tmp_path / "face.rhytid", tmp_path / "broken.rhytid"
    save_project(path, DocumentState(paint=rouge()))
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "project.json":
                content = json.loads(data)
                change(content["paint"])
                data = json.dumps(content).encode()
            new.writestr(name, data)
    with pytest.raises(ProjectError, match=rf"broken\.rhytid.*{told}"):
        load_project(broken)
