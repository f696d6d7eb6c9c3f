"""Keys in the document: the face follows them, undo takes them back, and keys that set themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest
from document_samples import full_state

from rhytid.core.animation.clip import Clip
from rhytid.core.animation.edit import Side, with_keys
from rhytid.core.animation.track import Key, Tangent
from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.document.channels import auto_keyed, channel_value, posed
from rhytid.core.document.commands import (
    BendTangent,
    CommandError,
    GoToTime,
    MendTangents,
    MoveKeys,
    PasteKeys,
    RemoveKeys,
    SetActionUnits,
    SetAge,
    SetClip,
    SetExpressionWeights,
    SetHeadPose,
    SetKeys,
    SetLighting,
    SetTangents,
    TakeClip,
)
from rhytid.core.document.document import Document
from rhytid.core.document.history import History
from rhytid.core.document.limits import check_state
from rhytid.core.document.project import ProjectError, load_project, save_project
from rhytid.core.document.project_json import state_from_json, state_to_json
from rhytid.core.document.state import DocumentState, HeadPose

ALL = (("AU12", Key(0.0, 0.2)), ("AU12", Key(2.0, 0.6)), ("age", Key(0.0, 30.0)), ("age", Key(2.0, 70.0)),
       ("jawOpen", Key(0.0, 0.0)), ("jawOpen", Key(2.0, 1.0)), ("key_yaw_deg", Key(1.0, -30.0)))  # fmt: skip


def keyed() -> DocumentState:
    return DocumentState(clip=with_keys(Clip(), ALL))


def test_the_face_follows_every_kind_of_key():
    state = GoToTime(1.0).apply(replace(keyed(), shape_age=20.0))
    assert state.expression[ARKIT_INDEX["jawOpen"]] == pytest.approx(0.5)
    assert dict(state.action_units)["AU12"] == pytest.approx(0.4)
    assert state.age == pytest.approx(50.0)
    assert state.shape_age == 20.0
    assert state.lighting.key_yaw_deg == -30.0
    assert state.clip.now_s == 1.0
    assert posed(state, 1.0) is state
    shape = with_keys(Clip(), [("shape_age", Key(0.0, 60.0))])
    assert posed(DocumentState(clip=shape), 1.0).shape_age == 60.0


def test_the_head_turns_by_keys_and_by_hand_and_comes_back(tmp_path):
    document = Document()
    document.execute(SetHeadPose(yaw_deg=120.0, roll_deg=-5.0))
    assert document.state.head_pose == HeadPose(90.0, 0.0, -5.0)  # a neck does not go round
    document.execute(SetKeys(("head_yaw_deg",)))
    document.execute(GoToTime(2.0))
    document.execute(SetHeadPose(yaw_deg=-30.0))
    document.execute(SetKeys(("head_yaw_deg",)))
    document.execute(GoToTime(1.0))
    assert document.state.head_pose == HeadPose(pytest.approx(30.0), 0.0, -5.0)
    save_project(tmp_path / "a.rhytid", document.state)
    assert load_project(tmp_path / "a.rhytid").head_pose == document.state.head_pose
    older, points = state_to_json(document.state)
    del older["head_pose"]
    assert state_from_json(older, points, None).head_pose == HeadPose()
    while document.can_undo:
        document.undo()
    assert document.state.head_pose == HeadPose()


def test_a_key_takes_the_present_value_and_goes_again():
    document = Document()
    document.execute(SetExpressionWeights({"jawOpen": 0.6}))
    document.execute(GoToTime(1.5))
    document.execute(SetKeys(("jawOpen", "age")))
    assert document.labels[-1] == "Set 2 keys"
    assert document.state.clip.by_name["jawOpen"].keys == (Key(1.5, 0.6),)
    before = document.state
    document.execute(RemoveKeys((("jawOpen", 1.5),)))
    assert "jawOpen" not in document.state.clip.by_name
    assert channel_value(document.state, "jawOpen") == 0.6
    document.undo()
    assert document.state == before


def test_an_edited_curve_shows_at_once():
    state = GoToTime(2.0).apply(keyed())
    assert channel_value(MoveKeys((("jawOpen", 2.0),), 0.0, -0.25).apply(state), "jawOpen") == pytest.approx(0.75)
    held = SetTangents((("jawOpen", 0.0),), Tangent.STEP).apply(GoToTime(1.9).apply(state))
    assert channel_value(held, "jawOpen") == 0.0
    pasted = PasteKeys((("jawOpen", Key(0.0, 0.3)),)).apply(state)
    assert channel_value(pasted, "jawOpen") == pytest.approx(0.3)


def test_a_curve_bent_beyond_a_range_stops_there_on_the_face_and_is_saved_as_it_is(tmp_path):
    document = Document(keyed())
    document.execute(BendTangent(("jawOpen", 2.0), Side.ARRIVING, -8.0))
    assert document.labels[-1] == "Bend tangent"
    curve = document.state.clip.by_name["jawOpen"]
    assert float(curve.values(1.7)) > 1.2
    assert channel_value(GoToTime(1.7).apply(document.state), "jawOpen") == 1.0
    document.execute(BendTangent(("jawOpen", 0.0), Side.LEAVING, 1e9))
    assert document.state.clip.by_name["jawOpen"].keys[0].leaving == 1e6
    save_project(tmp_path / "a.rhytid", document.state)
    assert load_project(tmp_path / "a.rhytid").clip == document.state.clip
    document.execute(MendTangents((("jawOpen", 2.0),)))
    document.undo()
    document.undo()
    document.undo()
    assert document.state == keyed()


def test_keys_of_projects_that_know_no_slopes_are_read():
    document, points = state_to_json(keyed())
    for track in document["clip"]["tracks"]:
        for key in track["keys"]:
            del key["arriving"], key["leaving"]
    assert state_from_json(document, points, None).clip == keyed().clip


def test_what_cannot_be_meant_is_refused():
    for command in (SetKeys(("nobody",)), SetClip(end_s=0.0), SetClip(fps=0.0), GoToTime(float("nan")),
                    BendTangent(("jawOpen", 0.0), Side.LEAVING, float("nan")),
                    TakeClip(with_keys(Clip(), [("nobody", Key(0.0, 0.0))]))):  # fmt: skip
        with pytest.raises(CommandError):
            command.apply(keyed())
    with pytest.raises(ValueError, match="jawOpen"):
        check_state(DocumentState(clip=with_keys(Clip(), [("jawOpen", Key(0.0, 1.5))])))


def test_keys_set_themselves_where_a_value_changes_and_nowhere_else():
    document = Document(keyed())
    document.complete = auto_keyed
    document.execute(GoToTime(1.0))
    assert document.state.clip.tracks == keyed().clip.tracks
    document.execute(SetExpressionWeights({"jawOpen": 0.9, "cheekPuff": 0.3, "mouthPucker": 0.0}))
    clip = document.state.clip
    assert clip.by_name["jawOpen"].key_at(1.0) == Key(1.0, 0.9)
    assert clip.by_name["cheekPuff"].keys == (Key(1.0, 0.3),)
    assert "mouthPucker" not in clip.by_name
    document.undo()
    assert document.state.clip.tracks == keyed().clip.tracks
    document.execute(SetLighting(key_yaw_deg=10.0, key_pitch_deg=5.0))
    assert document.state.clip.by_name["key_yaw_deg"].key_at(1.0) == Key(1.0, 10.0)
    assert "key_pitch_deg" not in document.state.clip.by_name
    document.execute(SetActionUnits({"AU12": 0.0}))
    assert document.state.clip.by_name["AU12"].key_at(1.0) == Key(1.0, 0.0)


def test_a_drag_with_keys_that_set_themselves_is_one_step_with_one_key():
    document = Document()
    document.complete = auto_keyed
    drag = document.begin_gesture()
    for age in (40.0, 50.0, 60.0):
        drag.preview(SetAge(age))
    drag.commit()
    assert document.state.clip.by_name["age"].keys == (Key(0.0, 60.0),)
    assert document.labels == ("New", "Set age")


def test_a_project_keeps_its_clip(tmp_path):
    clip = replace(with_keys(Clip(), ALL), fps=23.976, start_s=0.25, end_s=1.75, loop=False, now_s=0.5)
    clip = with_keys(clip, [("jawOpen", Key(1.0 / 3.0, 0.1, Tangent.STEP))])
    state = replace(full_state(), clip=clip)
    save_project(tmp_path / "a.rhytid", state)
    assert load_project(tmp_path / "a.rhytid").clip == clip


def test_a_project_with_a_wrong_key_is_refused(tmp_path):
    import json
    import zipfile

    save_project(tmp_path / "a.rhytid", keyed())
    with zipfile.ZipFile(tmp_path / "a.rhytid") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    content = json.loads(members["project.json"])
    del content["state"]["clip"]
    members["project.json"] = json.dumps(content).encode()
    for name, tracks in (("none.rhytid", None), ("high.rhytid", [{"name": "jawOpen", "keys": [
            {"time_s": 0.0, "value": 2.0, "tangent": "auto"}]}])):  # fmt: skip
        if tracks is not None:
            content["state"]["clip"] = {"tracks": tracks, "fps": 30.0, "start_s": 0.0, "end_s": 4.0, "loop": True,
                                        "now_s": 0.0}  # fmt: skip
            members["project.json"] = json.dumps(content).encode()
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for member, data in members.items():
                archive.writestr(member, data)
    assert load_project(tmp_path / "none.rhytid").clip == Clip()  # older projects have none
    with pytest.raises(ProjectError, match=r"high\.rhytid.*jawOpen"):
        load_project(tmp_path / "high.rhytid")


def test_the_history_counts_keys_once():
    many = with_keys(Clip(), (("age", Key(float(k), 20.0)) for k in range(2000)))
    history = History("New", DocumentState())
    before = history.retained_bytes
    history.push("keys", DocumentState(clip=many))
    once = history.retained_bytes - before
    assert once > 2000 * 100
    history.push("rate", DocumentState(clip=replace(many, fps=25.0)))
    assert history.retained_bytes - before < once + 2000
