"""Commands on the second face, the mixed source and its place in the project file."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from document_samples import full_state, source

from rhytid.core.document.commands import (
    CommandError,
    ImportSource,
    KeepMix,
    RemoveSecondFace,
    RemoveSource,
    SetMix,
    SetSecondFace,
    ShowDetail,
    TakeFace,
    random_face,
)
from rhytid.core.document.history import History
from rhytid.core.document.project import ProjectError, load_project, save_project
from rhytid.core.document.state import Camera, DocumentState, Lighting, Mix
from rhytid.core.face import engine_choice, mixing
from rhytid.core.face.engine_choice import new_state, runnable


@pytest.fixture
def mixed() -> DocumentState:
    state = ImportSource(source(seed=1)).apply(DocumentState())
    return SetSecondFace(source(seed=2, size=96), Mix.WRINKLES, 1 / 3).apply(state)


@pytest.fixture
def known(monkeypatch):
    """Engines that are known to run, or why not."""

    def know(**reasons: str) -> None:
        monkeypatch.setattr(engine_choice._known, "reasons", {"procedural": "", **reasons})
        monkeypatch.setattr(engine_choice._known, "broken", {})

    return know


def test_a_second_face_needs_a_first(mixed):
    with pytest.raises(CommandError, match="import a map"):
        SetSecondFace(source()).apply(DocumentState())
    state = SetSecondFace(source(seed=2), first=source(seed=1)).apply(DocumentState())
    assert state.source.digest == source(seed=1).digest
    assert len(state.strokes) == 3
    assert state.second.detail.lines == ()
    assert RemoveSource().apply(mixed).second is None
    assert RemoveSecondFace().apply(mixed).source is mixed.source


def test_the_mixture_is_changed_within_its_limits(mixed):
    assert SetMix(share=7.0).apply(mixed).second.share == 1.0
    assert SetMix(mix=Mix.BLEND).apply(mixed).second.mix is Mix.BLEND
    assert SetMix(share=1 / 3).apply(mixed) is mixed
    with pytest.raises(CommandError):
        SetMix(share=float("nan")).apply(mixed)
    with pytest.raises(CommandError, match="no second face"):
        SetMix(share=0.1).apply(DocumentState())


def test_keeping_the_mixture_makes_it_the_source(mixed):
    kept = KeepMix(source(seed=5, n_lines=2)).apply(mixed)
    assert kept.second is None
    assert kept.strokes == kept.source.lines


def test_a_random_face_has_shape_and_skin_and_no_source(mixed):
    state = random_face(77, 5).apply(mixed)
    assert (state.settings.seed, len(state.identity), state.source, state.second) == (77, 5, None, None)
    assert random_face(77, 5).apply(mixed) == state


def test_taking_a_face_leaves_lights_and_camera(mixed):
    lit = replace(DocumentState(), lighting=Lighting(exposure=1.0), camera=Camera(yaw_deg=30.0))
    taken = TakeFace(mixed, "Swap").apply(lit)
    assert (taken.source, taken.second, taken.strokes) == (mixed.source, mixed.second, mixed.strokes)
    assert (taken.lighting, taken.camera) == (lit.lighting, lit.camera)
    assert TakeFace(taken).apply(taken) is taken


def test_layers_keep_a_strength_that_was_set():
    state = DocumentState()
    state = replace(state, settings=replace(state.settings, static_strength=1.4))
    only = ShowDetail(static=True, dynamic=False).apply(state)
    assert (only.settings.static_strength, only.settings.dynamic_strength) == (1.4, 0.0)
    both = ShowDetail().apply(only)
    assert (both.settings.static_strength, both.settings.dynamic_strength) == (1.4, 1.0)
    assert ShowDetail().apply(both) is both


def test_the_project_file_keeps_the_second_face_bit_for_bit(mixed, tmp_path: Path):
    save_project(tmp_path / "a.rhytid", mixed)
    read = load_project(tmp_path / "a.rhytid")
    assert (read.second.share, read.second.mix) == (1 / 3, Mix.WRINKLES)
    assert read.second.detail.displacement.tobytes() == mixed.second.detail.displacement.tobytes()
    save_project(tmp_path / "b.rhytid", read)
    assert (tmp_path / "a.rhytid").read_bytes() == (tmp_path / "b.rhytid").read_bytes()


def rewritten(path: Path, change) -> None:  # type: ignore[no-untyped-def]
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    document = json.loads(members["project.json"])
    change(document, members)
    members["project.json"] = json.dumps(document).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def test_projects_of_the_first_schema_still_open(tmp_path: Path):
    path = tmp_path / "old.rhytid"
    save_project(path, full_state())

    def old(document, _members):
        document["schema"] = 1
        del document["state"]["second"]

    rewritten(path, old)
    assert load_project(path).second is None
    assert [s.id for s in load_project(path).strokes] == [s.id for s in full_state().strokes]


@pytest.mark.parametrize("what", ["no map", "no description", "share", "mix", "no source"])
def test_a_damaged_second_face_is_refused(mixed, tmp_path: Path, what: str):
    path = tmp_path / "bad.rhytid"
    save_project(path, mixed)

    def damage(document, members):
        state = document["state"]
        if what == "no map":
            del members["second.npy"]
        elif what == "no description":
            state["second"] = None
        elif what == "share":
            state["second"]["share"] = 1.5
        elif what == "mix":
            state["second"]["mix"] = "stirred"
        else:
            state["source"] = None
            del members["source.npy"]

    rewritten(path, damage)
    with pytest.raises(ProjectError, match=r"bad\.rhytid"):
        load_project(path)


def test_the_history_counts_the_second_map(mixed):
    plain = History("New", RemoveSecondFace().apply(mixed))
    assert History("New", mixed).retained_bytes - plain.retained_bytes == mixed.second.detail.displacement.nbytes


def test_without_the_model_or_a_share_the_source_is_what_it_was(mixed, known):
    known(semm="no weights")
    assert mixing.mixed_source(mixed, 256) is mixed.source
    known(semm="")
    assert mixing.mixed_source(SetMix(share=0.0).apply(mixed), 256) is mixed.source


def test_the_mixed_source_keeps_pose_and_lines_of_the_first_and_is_made_once(mixed, known, monkeypatch):
    known(semm="")
    import rhytid.core.learned.latent as latent

    monkeypatch.setattr(latent, "reposed_detail", lambda face, _expression, _age: face.displacement)
    monkeypatch.setattr(latent, "transfer_detail", lambda giver, taker, share: taker.displacement + share)
    for cache in (mixing._kept, mixing._brought, mixing._sized):
        cache.cache_clear()
    found = mixing.mixed_source(mixed, 1024)
    assert found.lines is mixed.source.lines
    assert (found.expression, found.age) == (mixed.source.expression, mixed.source.age)
    assert np.allclose(found.displacement, mixed.source.displacement + 1 / 3)
    assert mixing.mixed_source(mixed, 1024) is found
    other = mixing.mixed_source(SetMix(share=0.5).apply(mixed), 1024)
    assert other.digest != found.digest
    for cache in (mixing._kept, mixing._brought, mixing._sized):
        cache.cache_clear()


def test_the_procedural_engine_stands_in_for_one_that_cannot_run(known):
    settings = replace(DocumentState().settings, name="semm", seed=5)
    known(semm="no weights")
    assert runnable(settings) == replace(settings, name="procedural")
    assert new_state().settings.name == "procedural"
    known(semm="")
    assert runnable(settings) is settings
    assert new_state().settings.name == "semm"
    assert runnable(replace(settings, name="mystery")).name == "procedural"
    engine_choice.note_broken("semm", "damaged")
    assert runnable(settings).name == "procedural"
    assert engine_choice.engine_reasons()["semm"] == "damaged"
