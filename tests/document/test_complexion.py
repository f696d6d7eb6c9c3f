"""Colours of a person in the document: commands, ranges, and projects from before there were any."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from rhytid.core.document.commands import CommandError, RandomComplexion, SetComplexion, random_face
from rhytid.core.document.limits import check_state
from rhytid.core.document.project import load_project, save_project
from rhytid.core.document.state import DocumentState
from rhytid.core.maps.complexion import Complexion, random_colors


def test_strengths_are_set_and_clamped() -> None:
    state = SetComplexion({"freckles": 1.7, "melanin": 0.5}).apply(DocumentState())
    assert state.complexion == replace(Complexion(), freckles=1.0, melanin=0.5)
    assert SetComplexion({"freckles": 1.0}).apply(state) is state
    assert SetComplexion({"dark_circles": 0.1}).label == "Set dark circles"


@pytest.mark.parametrize("values", [{"tan": 0.5}, {"melanin": float("nan")}, {"melanin": "dark"}])
def test_what_cannot_be_meant_is_refused(values: dict[str, float]) -> None:
    with pytest.raises(CommandError):
        SetComplexion(values).apply(DocumentState())


def test_a_random_face_brings_its_colours() -> None:
    state = random_face(5, 20).apply(DocumentState())
    colors = random_colors(5)
    assert state.complexion == colors.complexion == RandomComplexion(5).apply(DocumentState()).complexion
    assert (state.hair.melanin, state.hair.redness) == colors[1:]
    with pytest.raises(CommandError):
        RandomComplexion(-1).apply(state)


def test_a_strength_out_of_range_is_no_state() -> None:
    with pytest.raises(ValueError, match="freckles"):
        check_state(DocumentState(complexion=replace(Complexion(), freckles=1.2)))


def rewritten(path: Path, change: object) -> Path:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    document = json.loads(members["project.json"])
    change(document)  # type: ignore[operator]
    members["project.json"] = json.dumps(document).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_a_project_keeps_them_and_older_ones_open_with_the_usual(tmp_path: Path) -> None:
    state = RandomComplexion(9).apply(DocumentState())
    path = tmp_path / "a.rhytid"
    save_project(path, state)
    assert load_project(path).complexion == state.complexion

    def older(document: dict) -> None:
        document["schema"] = 5
        del document["state"]["complexion"]

    assert load_project(rewritten(path, older)).complexion == Complexion()
