"""What a document wears of its hair, in commands, in the skin's colour, and in projects."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from rhytid.core.document.commands import ResetHair, SetHair
from rhytid.core.document.project import load_project, save_project
from rhytid.core.document.state import DocumentState
from rhytid.core.face.hair import painted_brows, worn_hair
from rhytid.core.face.skin_color import skin_color
from rhytid.core.hair.settings import Hair
from rhytid.core.maps.albedo_map import AlbedoMap
from rhytid.core.maps.array_cache import ArrayCache

BROUGHT = AlbedoMap.of(np.full((64, 64, 3), 120, np.uint8), 30.0)


def test_commands_set_clamp_and_reset():
    state = SetHair(brows=1.5, grey=-7.0).apply(DocumentState())
    assert state.hair == Hair(brows=1.5, grey=-1.0)
    assert SetHair(over_albedo=True).apply(state).hair.over_albedo
    assert ResetHair().apply(state).hair == Hair()


def test_a_skin_colour_that_was_brought_in_shows_no_strands_unless_asked_to():
    state = replace(DocumentState(), albedo=BROUGHT)
    assert worn_hair(DocumentState()) == Hair()
    assert worn_hair(state) is None
    assert painted_brows(state) == 1.0
    both = SetHair(over_albedo=True).apply(state)
    assert worn_hair(both) == both.hair


def test_painted_brows_are_a_soft_colour_below_strands_and_all_there_is_without():
    cache, state = ArrayCache(), DocumentState()
    brow = np.s_[round(0.19 * 256) : round(0.20 * 256), round(0.33 * 256) : round(0.37 * 256)]

    def mean(state: DocumentState, *, strands: bool) -> float:
        return float(skin_color(state, 256, cache, strands=strands)[brow].mean())

    exported, under = mean(state, strands=False), mean(state, strands=True)
    bald = mean(SetHair(brows=0.0).apply(state), strands=True)
    assert exported + 20 < under < bald - 5


def test_a_project_keeps_the_hair_and_an_older_one_has_that_of_a_new_document(tmp_path):
    state = replace(DocumentState(), hair=Hair(stubble=0.7, melanin=0.3))
    path, older = tmp_path / "new.rhytid", tmp_path / "older.rhytid"
    save_project(path, state)
    assert load_project(path).hair == state.hair
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(older, "w") as written:
        for name in archive.namelist():
            data = archive.read(name)
            if name == "project.json":
                content = json.loads(data)
                assert content["schema"] >= 6
                content["schema"] = 5
                del content["state"]["hair"]
                data = json.dumps(content).encode()
            written.writestr(name, data)
    assert load_project(older).hair == Hair()


def test_a_state_out_of_range_is_not_written(tmp_path):
    with pytest.raises(ValueError, match="melanin"):
        save_project(tmp_path / "x.rhytid", replace(DocumentState(), hair=Hair(melanin=2.0)))
