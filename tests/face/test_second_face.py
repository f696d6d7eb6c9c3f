"""Commands on the second face, the mixed source and its place in the project file."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from document_samples import full_state, source

from rhytid.core.detail.engine import EngineInfo
from rhytid.core.detail.engines import Engines
from rhytid.core.detail.procedural import ProceduralEngine
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
from rhytid.core.face import mixing
from rhytid.core.face.engine_choice import new_state, new_state_so_far


@pytest.fixture
def mixed() -> DocumentState:
    state = ImportSource(source(seed=1)).apply(DocumentState())
    return SetSecondFace(source(seed=2, size=96), Mix.WRINKLES, 1 / 3).apply(state)


def known(**reasons: str) -> Engines:
    """Engines of which "semm" mixes; those that cannot run say why."""
    engines = Engines([EngineInfo("semm", "SEMM", "", ProceduralEngine, mixes=True)])
    engines.on_broken = lambda text: None
    for name, reason in reasons.items():
        engines.note_broken(name, reason)
    return engines


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


def test_without_the_model_or_a_share_the_source_is_what_it_was(mixed):
    assert mixing.mixed_source(mixed, 256, known(semm="no weights")) is mixed.source
    assert mixing.mixed_source(mixed, 256, Engines()) is mixed.source
    assert mixing.mixed_source(SetMix(share=0.0).apply(mixed), 256, known()) is mixed.source


def test_the_mixed_source_keeps_pose_and_lines_of_the_first_and_is_made_once(mixed, monkeypatch):
    import rhytid.core.learned.latent as latent

    monkeypatch.setattr(latent, "reposed_detail", lambda _engine, face, _expression, _age: face.displacement)
    monkeypatch.setattr(latent, "transfer_detail", lambda _engine, giver, taker, share: taker.displacement + share)
    engines = known()
    found = mixing.mixed_source(mixed, 1024, engines)
    assert found.lines is mixed.source.lines
    assert (found.expression, found.age) == (mixed.source.expression, mixed.source.age)
    assert np.allclose(found.displacement, mixed.source.displacement + 1 / 3)
    assert mixing.mixed_source(mixed, 1024, engines) is found
    other = mixing.mixed_source(SetMix(share=0.5).apply(mixed), 1024, engines)
    assert other.digest != found.digest
    lines = tuple(mixed.source.lines[1:])
    edited = replace(mixed, source=replace(mixed.source, lines=lines))
    again = mixing.mixed_source(edited, 1024, engines)
    assert again.lines is lines
    assert again.displacement is found.displacement
    older = replace(mixed, source=replace(mixed.source, age=60.0))
    assert mixing.mixed_source(older, 1024, engines).digest != found.digest, "the second face is brought to this age"


def test_the_procedural_engine_stands_in_for_one_that_cannot_run():
    settings = replace(DocumentState().settings, name="semm", seed=5)
    engines = known(semm="no weights")
    assert engines.runnable(settings) == replace(settings, name="procedural")
    assert new_state(engines).settings.name == "procedural"
    engines = known()
    assert new_state_so_far(engines).settings.name == "procedural", "nobody knows yet"
    assert engines.runnable_so_far(settings) is None
    assert engines.runnable(settings) is settings
    assert new_state(engines).settings.name == new_state_so_far(engines).settings.name == "semm"
    assert engines.runnable(replace(settings, name="mystery")).name == "procedural"
    engines.note_broken("semm", "damaged")
    assert engines.runnable(settings).name == "procedural"
    assert engines.reasons()["semm"] == "damaged"
