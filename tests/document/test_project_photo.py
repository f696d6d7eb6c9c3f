"""A photo in a project: everything comes back, old projects open, damage is told."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from document_samples import albedo_map, full_state, photo_layer, source

from rhytid.core.document.commands import ChoosePhoto, CommandError, RefitPhoto, RemovePhoto, TakePhoto
from rhytid.core.document.document import Document
from rhytid.core.document.project import ProjectError, load_project, save_project
from rhytid.core.document.state import DocumentState, Lighting
from rhytid.core.maps.albedo_map import AlbedoMap
from rhytid.core.photo.layer import PhotoLayer

STATE = replace(full_state(), photo=photo_layer(), albedo=albedo_map())


def same_photo(a: PhotoLayer | None, b: PhotoLayer | None) -> bool:
    assert a is not None
    assert b is not None
    assert a.light is not None
    assert b.light is not None
    assert (a.name, a.data, a.digest, a.pins, a.locks) == (b.name, b.data, b.digest, b.pins, b.locks)
    assert (a.fit.camera.focal_px, a.fit.camera.size) == (b.fit.camera.focal_px, b.fit.camera.size)
    pairs = [
        (a.fit.identity, b.fit.identity), (a.fit.expression, b.fit.expression), (a.fit.offsets, b.fit.offsets),
        (a.fit.camera.rotation, b.fit.camera.rotation), (a.fit.camera.translation, b.fit.camera.translation),
        (a.fit.camera.centre, b.fit.camera.centre), (a.light.sh9, b.light.sh9), (a.light.sh_map, b.light.sh_map),
        (a.edges, b.edges),
    ]  # fmt: skip
    return all(one is not None and two is not None and one.tobytes() == two.tobytes() for one, two in pairs)


def rewritten(path: Path, change: Callable[[dict[str, Any]], None] | None = None, **members: bytes | None) -> Path:
    """The project with its JSON changed and members replaced, or left out where None."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    document = json.loads(content["project.json"])
    if change is not None:
        change(document)
    content["project.json"] = json.dumps(document).encode()
    for name, data in members.items():
        content[name.replace("__", ".")] = data  # type: ignore[assignment]
    other = path.with_name("other.rhytid")
    with zipfile.ZipFile(other, "w") as archive:
        for name, data in content.items():
            if data is not None:
                archive.writestr(name, data)
    return other


def test_photo_and_albedo_come_back_bit_for_bit_and_give_the_same_bytes(tmp_path: Path) -> None:
    save_project(tmp_path / "a.rhytid", STATE)
    opened = load_project(tmp_path / "a.rhytid")
    assert same_photo(opened.photo, STATE.photo)
    assert opened.albedo is not None
    assert STATE.albedo is not None
    assert opened.albedo.srgb.tobytes() == STATE.albedo.srgb.tobytes()
    assert (opened.albedo.age, opened.albedo.digest) == (STATE.albedo.age, STATE.albedo.digest)
    assert opened.albedo.iris == STATE.albedo.iris
    darker = replace(STATE.albedo, iris=None, darkening=(0.5, 1.5, 2.0))
    save_project(tmp_path / "b.rhytid", replace(STATE, albedo=darker))
    without = load_project(tmp_path / "b.rhytid").albedo
    assert without is not None
    assert without.iris is None
    assert without.darkening == (0.5, 1.5, 2.0)
    older = load_project(rewritten(tmp_path / "b.rhytid", lambda d: d["albedo"].pop("darkening"))).albedo
    assert older is not None
    assert (older.darkening, older.head) == ((0.0, 0.0, 0.0), "")
    save_project(tmp_path / "b.rhytid", replace(STATE, albedo=replace(STATE.albedo, head="5ca1ab1e")))
    own = load_project(tmp_path / "b.rhytid").albedo
    assert own is not None
    assert own.head == "5ca1ab1e"
    assert not opened.albedo.srgb.flags.writeable
    save_project(tmp_path / "b.rhytid", opened)
    assert (tmp_path / "a.rhytid").read_bytes() == (tmp_path / "b.rhytid").read_bytes()


def test_a_photo_without_light_offsets_and_albedo_comes_back(tmp_path: Path) -> None:
    photo = photo_layer()
    photo = replace(photo, light=None, fit=replace(photo.fit, offsets=None))
    save_project(tmp_path / "a.rhytid", DocumentState(photo=photo))
    opened = load_project(tmp_path / "a.rhytid")
    assert opened.photo is not None
    assert (opened.photo.light, opened.photo.fit.offsets, opened.albedo) == (None, None, None)


def test_the_colour_around_the_chart_comes_back_and_is_missing_in_older_projects(tmp_path: Path) -> None:
    around = np.random.default_rng(5).integers(0, 255, (96, 96, 3), np.uint8)
    colored = AlbedoMap.of(albedo_map().srgb, 41.0, None, around)
    assert colored.digest != AlbedoMap.of(albedo_map().srgb, 41.0).digest
    save_project(tmp_path / "a.rhytid", DocumentState(albedo=colored))
    opened = load_project(tmp_path / "a.rhytid").albedo
    assert opened is not None
    assert opened.around is not None
    assert opened.around.tobytes() == around.tobytes()
    assert not opened.around.flags.writeable
    old = rewritten(tmp_path / "a.rhytid", lambda document: document.update(schema=3), albedo_around__npy=None)
    before = load_project(old).albedo
    assert before is not None
    assert before.around is None
    wrong = io.BytesIO()
    np.save(wrong, around[:40])
    with pytest.raises(ProjectError, match="square"):
        load_project(rewritten(tmp_path / "a.rhytid", albedo_around__npy=wrong.getvalue()))


def test_projects_of_the_schema_before_open_without_a_photo(tmp_path: Path) -> None:
    save_project(tmp_path / "a.rhytid", full_state())
    old = rewritten(tmp_path / "a.rhytid", lambda document: document.update(schema=2))
    assert load_project(old).photo is None


@pytest.mark.parametrize(
    ("change", "members", "told"),
    [
        (lambda d: d.pop("photo"), {}, "photo"),
        (None, {"photo__bin": None}, "photo"),
        (None, {"albedo__npy": None}, "albedo"),
        (None, {"photo__bin": b""}, "photo"),
        (lambda d: d["photo"].update(identity=[1e9]), {}, "identity"),
        (lambda d: d["photo"].update(expression=[0.5]), {}, "expression"),
        (lambda d: d["photo"]["camera"].update(rotation=[2.0] * 9), {}, "camera"),
        (lambda d: d["photo"]["camera"].update(focal_px=float("nan")), {}, "."),
        (lambda d: d["photo"]["camera"].update(size_px=[1024]), {}, "size_px"),
        (lambda d: d["photo"].update(pins=[{}]), {}, "pins"),
        (lambda d: d["photo"].update(edges_px=[1.0, 2.0]), {}, "edges_px"),
        (lambda d: d["photo"].update(unknown=1), {}, "unknown"),
        (lambda d: d["albedo"].update(age=-5), {}, "age"),
        (lambda d: d["albedo"].update(iris=[0.1, 0.2]), {}, "iris"),
        (lambda d: d["albedo"].update(iris=[0.1, 0.2, 7.0]), {}, "irises"),
        (lambda d: d["albedo"].update(darkening=[0.1, -0.2, 0.0]), {}, "darkening"),
    ],
)
def test_damage_is_told_by_name(
    change: Callable[[dict[str, Any]], None] | None, members: dict[str, bytes | None], told: str, tmp_path: Path
) -> None:
    save_project(tmp_path / "a.rhytid", STATE)
    damaged = rewritten(tmp_path / "a.rhytid", change, **members)
    with pytest.raises(ProjectError, match=told) as refused:
        load_project(damaged)
    assert str(damaged) in str(refused.value)


@pytest.mark.parametrize("name", ["photo_light__npy", "photo_offsets__npy", "albedo__npy"])
@pytest.mark.parametrize("values", [np.zeros((5, 3), np.float32), np.full((4, 4, 3), np.nan, np.float32)])
def test_arrays_of_another_kind_are_refused(name: str, values: np.ndarray, tmp_path: Path) -> None:
    save_project(tmp_path / "a.rhytid", STATE)
    stream = io.BytesIO()
    np.save(stream, values)
    if name == "photo_offsets__npy" and values.ndim == 2:
        values[0] = np.inf
        stream = io.BytesIO()
        np.save(stream, values)
    with pytest.raises(ProjectError):
        load_project(rewritten(tmp_path / "a.rhytid", **{name: stream.getvalue()}))


def test_a_photo_is_taken_in_one_step_and_given_back() -> None:
    document, photo = Document(), photo_layer()
    document.execute(TakePhoto(photo, albedo_map(), source()))
    state = document.state
    assert state.photo is photo
    assert state.albedo is not None
    assert state.source is not None
    np.testing.assert_allclose(state.identity, photo.fit.identity)
    np.testing.assert_allclose(state.expression, photo.fit.expression)
    assert state.lighting.environment == "photo"
    assert [stroke.from_source for stroke in state.strokes] == [True] * 3
    document.undo()
    assert document.state == DocumentState()
    document.redo()
    refitted = replace(photo, fit=replace(photo.fit, expression=np.zeros(52, np.float32)), pins=())
    document.execute(RefitPhoto(refitted))
    assert document.state.expression == (0.0,) * 52
    assert document.state.source is state.source
    document.execute(RemovePhoto())
    assert (document.state.photo, document.state.albedo) == (None, None)
    assert document.state.lighting.environment == DocumentState().lighting.environment
    assert document.state.identity == state.identity


def test_a_photo_that_breaks_its_contract_is_refused() -> None:
    photo = photo_layer()
    broken = replace(photo, fit=replace(photo.fit, offsets=np.full((12, 3), np.nan, np.float32)))
    with pytest.raises(CommandError, match="offset"):
        TakePhoto(broken).apply(DocumentState())


def test_the_light_of_a_photo_takes_over_once_and_leaves_the_artists_alone_after_that() -> None:
    photo = photo_layer()
    lit = TakePhoto(photo).apply(DocumentState(lighting=Lighting(key_intensity=3.0, exposure=0.5)))
    assert lit.lighting == Lighting("photo", key_intensity=0.0, exposure=0.5)
    sunset = replace(lit, lighting=Lighting("sunset"))
    again = replace(photo, fit=replace(photo.fit, error_percent=2.0))
    assert TakePhoto(again).apply(sunset).lighting == Lighting("sunset")
    assert TakePhoto(photo_layer(seed=3)).apply(sunset).lighting.environment == "photo"


def sitting() -> tuple[PhotoLayer, PhotoLayer]:
    """Two photos of one person."""
    first, second = photo_layer(), photo_layer(seed=3)
    fit = replace(second.fit, identity=first.fit.identity, offsets=first.fit.offsets)
    return first, replace(second, fit=fit, number=1, name="side.jpg", locks=first.locks)


def test_all_photos_of_a_person_come_back(tmp_path: Path) -> None:
    first, second = sitting()
    state = replace(STATE, photo=first, other_photos=(replace(second, stale=True),))
    save_project(tmp_path / "a.rhytid", state)
    opened = load_project(tmp_path / "a.rhytid")
    assert same_photo(opened.photo, first)
    (other,) = opened.other_photos
    assert same_photo(other, second)
    assert (other.number, other.stale) == (1, True)
    assert opened.photo is not None
    assert other.fit.offsets is opened.photo.fit.offsets  # one head
    save_project(tmp_path / "b.rhytid", opened)
    assert (tmp_path / "a.rhytid").read_bytes() == (tmp_path / "b.rhytid").read_bytes()


def test_a_project_with_one_photo_of_the_schema_before_opens(tmp_path: Path) -> None:
    save_project(tmp_path / "a.rhytid", STATE)

    def older(document: dict[str, Any]) -> None:
        document["schema"] = 3
        del document["other_photos"], document["photo"]["number"], document["photo"]["stale"]
        del document["photo"]["edges_px"]

    opened = load_project(rewritten(tmp_path / "a.rhytid", older))
    assert opened.photo is not None
    assert opened.photo.edges is None  # which schema 5 brought
    assert same_photo(replace(opened.photo, edges=STATE.photo.edges), STATE.photo)
    assert opened.other_photos == ()


@pytest.mark.parametrize(
    ("change", "members", "told"),
    [
        (None, {"photo_2__bin": None}, "photo_2"),
        (None, {"photo_2_light__npy": b""}, "photo_2_light"),
        (lambda d: d.update(other_photos=3), {}, "other_photos"),
        (lambda d: d["other_photos"].extend([d["other_photos"][0]] * 9), {}, "at most"),
        (lambda d: d["other_photos"][0].update(number=0), {}, "number"),
        (lambda d: d["other_photos"][0].update(number=99), {}, "number"),
        (lambda d: d["other_photos"][0].update(stale="yes"), {}, "stale"),
        (lambda d: d["other_photos"][0]["identity"].__setitem__(0, 0.123), {}, "one head"),
    ],
)
def test_damage_of_other_photos_is_told(
    change: Callable[[dict[str, Any]], None] | None, members: dict[str, bytes | None], told: str, tmp_path: Path
) -> None:
    first, second = sitting()
    save_project(tmp_path / "a.rhytid", replace(STATE, photo=first, other_photos=(second,)))
    with pytest.raises(ProjectError, match=told):
        load_project(rewritten(tmp_path / "a.rhytid", change, **members))


def test_another_photo_of_the_person_is_chosen_in_one_step_and_keeps_its_place() -> None:
    first, second = sitting()
    document = Document()
    document.execute(TakePhoto(first, albedo_map(), None, (second,)))
    before = document.state
    document.execute(ChoosePhoto(1))
    state = document.state
    assert state.photo is second
    assert state.other_photos == (first,)
    assert state.photos == (first, second)
    assert state.expression == pytest.approx(second.fit.expression.tolist())
    assert state.identity == before.identity
    document.undo()
    assert document.state is before
    document.execute(ChoosePhoto(5))
    assert document.state is before  # there is none


def test_a_new_fit_of_one_photo_moves_the_head_in_all_of_them() -> None:
    first, second = sitting()
    state = TakePhoto(first, None, None, (second,)).apply(DocumentState())
    wider = np.full_like(first.fit.identity, 0.5)
    fit = replace(first.fit, identity=wider, offsets=None)
    (other,) = RefitPhoto(replace(first, fit=fit, stale=True)).apply(state).other_photos
    np.testing.assert_array_equal(other.fit.identity, wider)
    assert other.fit.offsets is None
    assert other.fit.camera is second.fit.camera
    assert not other.stale


def test_photos_go_one_by_one_and_with_the_last_the_colour() -> None:
    first, second = sitting()
    state = TakePhoto(first, albedo_map(), None, (second,)).apply(DocumentState())
    state = RemovePhoto().apply(state)
    assert (state.photo, state.other_photos) == (second, ())
    assert state.albedo is not None
    assert RemovePhoto().apply(state).albedo is None


def test_photos_of_two_heads_are_refused() -> None:
    with pytest.raises(CommandError, match="one head"):
        TakePhoto(photo_layer(), None, None, (replace(photo_layer(seed=3), number=1),)).apply(DocumentState())
