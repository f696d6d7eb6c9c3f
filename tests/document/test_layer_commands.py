"""Commands on layers, generated wrinkles that are taken over, and layers in project files."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from document_samples import stroke
from hypothesis import given, settings
from hypothesis import strategies as st

from rhytid.core.detail.engines import Engines
from rhytid.core.detail.wrinkles import generated_strokes
from rhytid.core.document.commands import (
    AddLayer,
    AddStrokes,
    AdoptGeneratedStrokes,
    CommandError,
    LockSkin,
    MergeLayers,
    MoveLayers,
    MoveToLayer,
    RemoveLayers,
    RemoveStrokes,
    SetAge,
    SetBands,
    SetEngine,
    SetLayer,
    SetMask,
    SetStrokeProperties,
    SmoothSkin,
    TakeGenerated,
    duplicate_layer,
    random_face,
)
from rhytid.core.document.document import Document
from rhytid.core.document.project import ProjectError, load_project, save_project
from rhytid.core.document.state import DocumentState
from rhytid.core.face.engine_choice import generated_strokes as left_to_engine
from rhytid.core.lines.layer import MASK_SIDE, StrokeLayer

THREE = AddStrokes((stroke("a", 1), stroke("b", 2), stroke("c", 3))).apply(DocumentState())
ONE = AddLayer(StrokeLayer("one", "One"), ("a", "b")).apply(THREE)
OWN = generated_strokes(1)


def mask() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (MASK_SIDE, MASK_SIDE)).astype(np.uint8)


def test_strokes_move_into_layers_and_out() -> None:
    assert [s.layer for s in ONE.strokes] == ["one", "one", ""]
    assert [s.layer for s in MoveToLayer(("a",), "").apply(ONE).strokes] == ["", "one", ""]
    with pytest.raises(CommandError, match="no layer"):
        MoveToLayer(("a",), "two").apply(ONE)


def test_a_locked_layer_keeps_its_strokes_from_every_command() -> None:
    locked = SetLayer(("one",), locked=True).apply(ONE)
    for command in (
        RemoveStrokes(("a",)), SetStrokeProperties(("a", "c"), depth_mm=0.9), MoveToLayer(("c",), "one"),
        MoveToLayer(("a",), ""), AddStrokes((replace(stroke("d", 4), layer="one"),)), RemoveLayers(("one",)),
        SetMask("one", mask()),
    ):  # fmt: skip
        with pytest.raises(CommandError, match="locked"):
            command.apply(locked)
    assert RemoveStrokes(("c",)).apply(locked).strokes == locked.strokes[:2]
    assert SetLayer(("one",), locked=False).apply(locked) == ONE


def test_strength_is_clamped_and_names_are_checked() -> None:
    assert SetLayer(("one",), strength=9).apply(ONE).layers[0].strength == 2.0
    assert SetLayer(("one",), strength=-9).apply(ONE).layers[0].strength == -2.0
    for command in (SetLayer(("one",), strength=float("nan")), SetLayer(("one",), name="x" * 999), SetLayer(("x",))):
        with pytest.raises(CommandError):
            command.apply(ONE)


def test_layers_are_ordered_and_removed_with_their_strokes() -> None:
    two = AddLayer(StrokeLayer("two"), ("c",), 9).apply(ONE)
    assert [a.id for a in MoveLayers(("two",), 0).apply(two).layers] == ["two", "one"]
    left = RemoveLayers(("one",)).apply(two)
    assert ([a.id for a in left.layers], [s.id for s in left.strokes]) == (["two"], ["c"])


def test_merged_layers_look_as_they_did() -> None:
    two = AddLayer(StrokeLayer("two", strength=0.5, mask=mask()), ("c",), 1).apply(ONE)
    two = SetLayer(("one",), strength=-1.5).apply(two)
    merged = MergeLayers(("two", "one")).apply(two)
    assert [(a.id, a.strength, a.mask) for a in merged.layers] == [("one", 1.0, None)]
    assert {s.layer for s in merged.strokes} == {"one"}
    before, after = two.layering.shown(two.strokes), merged.layering.shown(merged.strokes)
    for a, b in zip(before, after, strict=True):
        assert np.array_equal(a.points, b.points)
        assert np.array_equal(a.pressure, b.pressure)
        assert (a.depth_mm, a.visible) == (b.depth_mm, b.visible)


def test_a_duplicate_has_strokes_of_its_own() -> None:
    copies = [replace(s, id=f"{s.id}2") for s in ONE.strokes[:2]]
    state = duplicate_layer(ONE, "one", "copy", copies).apply(ONE)
    assert [(a.id, a.name) for a in state.layers] == [("one", "One"), ("copy", "One copy")]
    assert [s.id for s in state.strokes if s.layer == "copy"] == ["a2", "b2"]


def test_taken_wrinkles_lie_in_a_layer_of_their_place_and_the_engine_leaves_them_out() -> None:
    crow = [s for s in OWN if s.layer == "site:crows-feet-l"]
    state = TakeGenerated(tuple(crow[:2])).apply(DocumentState())
    assert [(a.id, a.name) for a in state.layers] == [("site:crows-feet-l", "Crow's feet L")]
    assert {s.id for s in left_to_engine(state, Engines(), wait=True)} == {s.id for s in OWN} - set(state.taken)
    assert TakeGenerated(tuple(crow[:2])).apply(RemoveStrokes((crow[0].id,)).apply(state)).strokes == (crow[1],)
    gone = RemoveLayers(("site:crows-feet-l",)).apply(state)
    assert gone.strokes == ()
    assert not [s for s in left_to_engine(gone, Engines(), wait=True) if s.layer == "site:crows-feet-l"]


def test_another_face_takes_the_old_generated_lines_away_and_keeps_drawn_ones() -> None:
    drawn = AddLayer(StrokeLayer("mine"), ("a",)).apply(THREE)
    state = TakeGenerated(OWN[:9]).apply(drawn)
    piece = replace(OWN[0], id=f"{OWN[0].id}.1")
    state = AddStrokes((piece,)).apply(RemoveStrokes((OWN[0].id,)).apply(state))
    new = random_face(7, 10).apply(state)
    assert [s.id for s in new.strokes] == ["a", "b", "c"]
    assert ([a.id for a in new.layers], new.taken) == (["mine"], ())
    every = AdoptGeneratedStrokes(OWN).apply(drawn)
    assert len(every.strokes) == len(OWN) + 3
    again = SetEngine(seed=5).apply(every)
    assert again.settings.generate_wrinkles
    assert [s.id for s in again.strokes] == ["a", "b", "c"]


def test_a_project_keeps_layers_masks_and_what_was_taken(tmp_path: Path) -> None:
    state = TakeGenerated(OWN[:5]).apply(SetMask("one", mask()).apply(ONE))
    state = SetLayer(("one",), strength=-0.5, solo=True, locked=True).apply(state)
    path = tmp_path / "a.rhytid"
    save_project(path, state)
    assert load_project(path) == state
    save_project(tmp_path / "b.rhytid", load_project(path))
    assert (tmp_path / "b.rhytid").read_bytes() == path.read_bytes()


def detail() -> np.ndarray:
    return np.random.default_rng(1).normal(0, 0.1, (256, 256)).astype(np.float32)


def test_a_project_keeps_strengths_of_bands_and_locked_skin(tmp_path: Path) -> None:
    state = SmoothSkin(mask()).apply(SetBands(folds=1.5, pores=0.25).apply(ONE))
    state = LockSkin(mask() & 128, detail()).apply(state)
    save_project(tmp_path / "a.rhytid", state)
    opened = load_project(tmp_path / "a.rhytid")
    assert opened == state
    assert opened.lock.held.tobytes() == state.lock.held.tobytes()
    for name in ("lock.npy", "locked.npy"):
        with pytest.raises(ProjectError):
            load_project(rewritten(tmp_path / "a.rhytid", lambda _, members, name=name: members.pop(name)))


def test_a_lock_without_skin_is_none_and_bands_are_clamped() -> None:
    state = LockSkin(mask(), detail()).apply(ONE)
    assert LockSkin(np.zeros_like(mask()), detail()).apply(state).lock is None
    assert SetBands(folds=9.0).apply(ONE).bands.folds == 2.0
    assert SetBands(folds=1.0).apply(ONE) is ONE
    for command in (SetBands(pores=float("nan")), LockSkin(mask()[:9], detail()), LockSkin(mask(), detail() * np.inf)):
        with pytest.raises(CommandError):
            command.apply(ONE)


def rewritten(path: Path, change) -> Path:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    document = json.loads(members["project.json"])
    change(document, members)
    members["project.json"] = json.dumps(document).encode()
    new = path.with_name("changed.rhytid")
    with zipfile.ZipFile(new, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return new


def test_a_project_of_the_schema_before_opens_without_layers(tmp_path: Path) -> None:
    save_project(tmp_path / "a.rhytid", THREE)

    def older(document, members) -> None:
        document["schema"] = 5
        del document["layers"], document["state"]["taken"], document["state"]["bands"]
        for one in document["state"]["strokes"]:
            del one["layer"]

    assert load_project(rewritten(tmp_path / "a.rhytid", older)) == THREE


@pytest.mark.parametrize("change", [
    lambda d, m: d["layers"][0].update(strength=3.0),
    lambda d, m: d["layers"][0].update(masked=False),
    lambda d, m: d["layers"][0].update(extra=1),
    lambda d, m: d["layers"].append(d["layers"][0]),
    lambda d, m: d.update(layers=[]),
    lambda d, m: d.update(layers={"a": 1}),
    lambda d, m: m.pop("masks.npy"),
    lambda d, m: d["state"].update(taken=[""]),
])  # fmt: skip
def test_layers_that_are_wrong_are_refused(tmp_path: Path, change) -> None:
    save_project(tmp_path / "a.rhytid", SetMask("one", mask()).apply(ONE))
    with pytest.raises(ProjectError):
        load_project(rewritten(tmp_path / "a.rhytid", change))


COMMANDS = st.sampled_from([
    SetLayer(("one",), strength=0.5), SetLayer(("one",), visible=False), SetLayer(("one",), solo=True),
    SetLayer(("one",), locked=True), SetLayer(("one",), name="Other"), SetMask("one", mask()), SetMask("one", None),
    AddLayer(StrokeLayer("two"), ("c",)), MoveToLayer(("a",), "two"), MergeLayers(("one", "two")),
    RemoveLayers(("one",)), RemoveLayers(("two",)), MoveLayers(("one",), 1), TakeGenerated(OWN[:3]),
    TakeGenerated(OWN[2:6]), AdoptGeneratedStrokes(OWN[:8]), SetEngine(seed=9), RemoveStrokes((OWN[1].id,)),
    SetStrokeProperties(("a", "b"), depth_mm=0.7), SetAge(50.0), SetBands(folds=0.5), LockSkin(mask(), detail()),
    SmoothSkin(mask()),
])  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(COMMANDS, max_size=12))
def test_undo_of_anything_is_the_state_before(commands) -> None:
    document = Document(ONE)
    states = [ONE]
    for command in commands:
        try:
            document.execute(command)
        except CommandError:
            assert document.state == states[-1]
            continue
        if document.state != states[-1]:
            states.append(document.state)
    for state in reversed(states):
        assert document.state == state
        document.undo()
    for state in states[1:]:
        document.redo()
        assert document.state == state
