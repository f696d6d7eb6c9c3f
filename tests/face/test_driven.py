"""Drivers: what they give to a face, and what of the face stays."""

from __future__ import annotations

from dataclasses import fields

import cv2
import numpy as np
import pytest
from document_samples import full_state
from portraits import astronaut, needs_models

import rhytid
from rhytid.core.arkit import ARKIT_NAMES, expression_array
from rhytid.core.document.commands import ApplyExpressionPreset, SetActionUnits
from rhytid.core.document.expression import effective_expression
from rhytid.core.document.project import save_project
from rhytid.core.document.state import DocumentState
from rhytid.core.face.driven import read_driver, worn_at
from rhytid.core.face.resolve import resolve_pose
from rhytid.core.head.load import default_head
from rhytid.core.io.motion import Motion

SMILE = SetActionUnits({"AU4": 0.4}).apply(ApplyExpressionPreset("smile").apply(DocumentState()))


def take(tmp_path, rows=((0.0, 0.25), (0.1, 0.5), (0.2, 1.0))):
    path = tmp_path / "take.csv"
    path.write_text("time,jawOpen\n" + "".join(f"{time},{weight}\n" for time, weight in rows))
    return path


def test_the_person_stays_and_only_the_expression_is_the_drivers() -> None:
    person = full_state()
    driven = worn_at(Motion.still("other", effective_expression(SMILE))).apply(person)
    np.testing.assert_array_equal(effective_expression(driven), effective_expression(SMILE))
    changed = {field.name for field in fields(person) if getattr(person, field.name) != getattr(driven, field.name)}
    assert changed == {"expression", "action_units"}


def test_shape_and_neutral_are_those_of_the_driven_person() -> None:
    person = rhytid.Face()
    person.be_random(5)
    other = rhytid.Face()
    other.be_random(6)
    other.expression = {"mouthSmileLeft": 0.8, "jawOpen": 0.3}
    before = person.pose()
    person.driven_by(other)
    after = person.pose()
    np.testing.assert_array_equal(before.rest, after.rest)
    own = resolve_pose(person.state, default_head())
    np.testing.assert_array_equal(after.vertices, own.vertices)
    assert person.expression == pytest.approx(other.expression)
    assert np.abs(after.vertices - other.pose().vertices).max() > 1


def test_a_project_drives_with_the_action_units_in_its_expression(tmp_path) -> None:
    save_project(tmp_path / "other.rhytid", SMILE)
    motion = read_driver(tmp_path / "other.rhytid", default_head())
    assert motion.is_still
    np.testing.assert_array_equal(motion.at(0), effective_expression(SMILE))


def test_a_recording_is_worn_frame_by_frame_and_the_first_one_at_once(tmp_path) -> None:
    face = rhytid.Face()
    face.action_units = {"AU12": 1.0}
    frames = face.driven_by(take(tmp_path))
    assert face.expression == {"jawOpen": 0.25}
    assert face.action_units == {}
    assert [(time, face.expression["jawOpen"]) for time in frames] == [(0.0, 0.25), (0.1, 0.5), (0.2, 1.0)]
    assert list(face.driven_by(take(tmp_path), fps=20, start_s=0.1)) == pytest.approx([0.1, 0.15, 0.2])
    assert face.expression["jawOpen"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("driver", "reason"),
    [({"smile": 1.0}, "'smile' is no ARKit name"), ({"jawOpen": "wide"}, "jawOpen must be a number"),
     ("face.obj", "drives no face"), (3, "named by text or a Path")],
)  # fmt: skip
def test_what_drives_no_face_is_refused_and_changes_nothing(driver, reason) -> None:
    face = rhytid.Face()
    before = face.state
    with pytest.raises(ValueError, match=reason):
        face.driven_by(driver)
    assert face.state is before


def test_values_that_make_no_sense_are_refused(tmp_path) -> None:
    face = rhytid.Face()
    for wrong in ({"fps": -1}, {"fps": "fast"}, {"start_s": 9.0}, {"end_s": float("nan")}):
        with pytest.raises(ValueError):  # noqa: PT011  # the messages are told apart where they are made
            face.driven_by(take(tmp_path), **wrong)


@needs_models
def test_a_photo_drives_with_the_expression_in_it(tmp_path) -> None:
    cv2.imwrite(str(tmp_path / "smiling.png"), astronaut()[..., ::-1])
    motion = read_driver(tmp_path / "smiling.png", default_head())
    weights = dict(zip(ARKIT_NAMES, motion.at(0), strict=True))
    assert min(weights["mouthSmileLeft"], weights["mouthSmileRight"]) > 0.3
    assert max(weights["mouthFrownLeft"], weights["jawOpen"], weights["browDownLeft"]) < 0.3


@needs_models
def test_a_photo_without_a_face_is_named(tmp_path) -> None:
    path = tmp_path / "wall.png"
    cv2.imwrite(str(path), np.full((400, 400, 3), 128, np.uint8))
    with pytest.raises(ValueError, match=r"wall\.png: no face was found"):
        read_driver(path, default_head())


def test_weights_by_name_are_clipped() -> None:
    face = rhytid.Face()
    face.driven_by({"jawOpen": 2.0})
    assert np.array_equal(effective_expression(face.state), expression_array({"jawOpen": 1.0}))


def test_a_recording_turns_the_head_as_well(tmp_path) -> None:
    (tmp_path / "turn.csv").write_text(
        "time,jawOpen,HeadYaw,HeadPitch,HeadRoll\n0,0,0,0,0\n1,1,0.5235988,-0.1745329,0.0872665\n2,1,3,3,3\n"
    )
    face = rhytid.Face()
    poses = [face.state.head_pose for _ in face.driven_by(tmp_path / "turn.csv", fps=2, end_s=1.0)]
    assert [round(pose.yaw_deg, 3) for pose in poses] == [0.0, 15.0, 30.0]
    assert (round(poses[-1].pitch_deg, 3), round(poses[-1].roll_deg, 3)) == (-10.0, 5.0)
    *_, _ = face.driven_by(tmp_path / "turn.csv")
    assert face.state.head_pose.yaw_deg == 90.0  # no head turns farther
    face.driven_by({"jawOpen": 1.0})
    assert face.state.head_pose.yaw_deg == 90.0  # weights say nothing of it
