"""Recordings as MetaHuman Animator, web trackers and others write them, with weights that are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.io.errors import MotionError
from rhytid.core.io.metahuman import metahuman_parts
from rhytid.core.io.motion import Motion
from rhytid.core.io.motion_file import read_motion

HEAD = {"yaw": 0.3, "pitch": -0.1, "roll": 0.05}
# The rig's own names of the pose that each ARKit weight is in Epic's mapping.
RIG = {
    "eyeBlinkLeft": "eyeBlinkL", "eyeWideRight": "eyeWidenR", "eyeLookOutLeft": "eyeLookLeftL",
    "eyeLookInLeft": "eyeLookRightL", "eyeLookInRight": "eyeLookLeftR", "eyeLookDownRight": "eyeLookDownR",
    "browDownLeft": "browDownL", "browOuterUpRight": "browRaiseOuterR", "cheekSquintLeft": "eyeCheekRaiseL",
    "noseSneerRight": "noseWrinkleR", "mouthSmileLeft": "mouthCornerPullL", "mouthFrownRight": "mouthCornerDepressR",
    "mouthUpperUpLeft": "mouthUpperLipRaiseL", "mouthLowerDownRight": "mouthLowerLipDepressR", "jawForward": "jawFwd",
    "jawLeft": "jawLeft", "tongueOut": "tongueOut",
}  # fmt: skip


def read(folder: Path, content: object, name: str = "take.json") -> Motion:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return read_motion(path)


def weights(motion: Motion, row: int = 0) -> dict[str, float]:
    """Those that are not 0."""
    pairs = zip(ARKIT_NAMES, motion.weights[row].tolist(), strict=True)
    return {name: pytest.approx(value, abs=1e-6) for name, value in pairs if value}


@pytest.mark.parametrize(
    "content",
    [
        {"frames": [{"time": 0, "blendShapes": {"jawOpen": 0.5}}, {"time": 0.5, "blendShapes": {"jawOpen": 1}}]},
        [{"timestamp": 10, "jawOpen": 0.5}, {"timestamp": 10.5, "jawOpen": 1}],
        {"fps": 2, "names": ["mouthClose", "jawOpen"], "frames": [{"weights": [0, 0.5]}, {"weights": [0, 1]}]},
        {"exportFps": 2.0, "facsNames": ["JawOpen"], "weightMat": [[0.5], [1.0]]},
        {"fps": 2, "data": [{"faceBlendshapes": [{"categories": [{"categoryName": "jawOpen", "score": value}]}]}
                            for value in (0.5, 1.0)]},
        {"frames": [{"time": t - 0.5, "blendshapes": [{"name": "jaw_open", "value": t}]} for t in (0.5, 1)]},
        {"time": [0, 0.5], "blendShapes": {"jawOpen": [0.5, 1.0]}},
        {"time": [0, 500, 1000], "jawOpen": [0.5, 1.0, 1.0]},
        {"frames": [{"timecode": "10:00:01.5", "jawOpen": 50}, {"timecode": "10:00:02", "jawOpen": 100}]},
    ],
)  # fmt: skip
def test_the_common_shapes_of_json_say_the_same(tmp_path, content):
    motion = read(tmp_path, content)
    assert weights(motion) == {"jawOpen": 0.5}
    assert weights(motion, 1) == {"jawOpen": 1.0}
    assert motion.times_s[1] == 0.5
    assert motion.head_rotation is None


def test_json_turns_the_head_in_radians_or_in_degrees(tmp_path):
    for scale, said in ((1.0, False), (180 / np.pi, True)):
        head = {f"head{name}": scale * value for name, value in HEAD.items()}
        motion = read(tmp_path, [{"time": t, "jawOpen": 0.5, "headRotation": head} for t in (0, 1)])
        np.testing.assert_allclose(motion.head_rotation, [list(HEAD.values())] * 2, atol=1e-6)
        assert any("degrees" in remark for remark in motion.remarks) == said
        np.testing.assert_allclose(motion.turn_at(0.5), list(HEAD.values()), atol=1e-6)


def test_frames_of_json_without_weights_show_no_face_and_left_out_weights_are_0(tmp_path):
    motion = read(tmp_path, {"fps": 30, "frames": [
        {"blendShapes": {"jawOpen": 0.5, "mouthPucker": 1}}, {"blendShapes": {}}, {"blendShapes": {"jawOpen": 0.25}},
    ]})  # fmt: skip
    assert weights(motion, 1) == weights(motion, 0) == {"jawOpen": 0.5, "mouthPucker": 1.0}
    assert weights(motion, 2) == {"jawOpen": 0.25}
    assert "1 rows show no face and keep the expression before them" in motion.remarks


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "is no valid JSON"),
        ("7", "holds no frames"),
        ({"frames": []}, "holds no frames"),
        ({"frames": [3]}, "no column with the name of an ARKit shape"),
        ([3], "frame 1 is 3 where weights belong"),
        ([{"blendShapes": 3}], "frame 1 has 3 where weights belong"),
        ([[0.5]], "frame 1 is a list of weights, and no list of names"),
        ({"names": ["jawOpen"], "frames": [[0.5], [0.5, 1]]}, "frame 2 has 2 weights where 1 names are"),
        ({"jawOpen": [0.5], "time": [0, 1]}, "lists of 1 and of 2 numbers"),
        ([{"jawOpen": 0.5}, {"blendShapes": {"jawOpen": "wide"}}], "frame 2 holds 'wide' where a number belongs"),
        ([{"blendShapes": {"jawOpen": None}}], "frame 1 holds 'None' where a number belongs"),
        ([{"time": 1, "jawOpen": 0}, {"time": 0, "jawOpen": 0}], "frame 2 has an earlier time"),
        ([{"time": 1, "price": 3}], "no column with the name of an ARKit shape"),
        ([{"blendShapes": {}}], "no column with the name of an ARKit shape"),
    ],
)
def test_json_that_is_no_recording_is_refused_with_a_remedy(tmp_path, content, reason):
    with pytest.raises(ValueError, match=r"take\.json") as caught:
        read(tmp_path, content)
    assert reason in str(caught.value)
    assert "export the recording again" in str(caught.value)


def test_controls_of_a_metahuman_make_the_weights_of_their_poses(tmp_path):
    names = ["Time", *(f"CTRL_expressions_{name}" for name in RIG.values())]
    rows = [[number / 30, *np.eye(len(RIG))[number].tolist()] for number in range(len(RIG))]
    motion = read(tmp_path, "\n".join(",".join(map(str, row)) for row in (names, *rows)), "take.csv")
    for number, arkit in enumerate(RIG):
        assert weights(motion, number) == {arkit: 1.0}


def test_a_weight_is_the_mean_of_its_controls_and_what_arkit_has_not_is_named(tmp_path):
    parts = [f"CTRL_expressions_mouthFunnel{part}" for part in ("UL", "UR", "DL", "DR")]
    heading = ["time", *parts, "CTRL_expressions_mouthStickyUC", "CTRL_expressions.pupilWideL", "jawOpen"]
    motion = read(tmp_path, ",".join(heading) + "\n0,1,1,0.5,0.5,1,1,0.25\n", "take.csv")
    assert weights(motion) == {"mouthFunnel": 0.75, "jawOpen": 0.25}
    said = next(remark for remark in motion.remarks if "left aside" in remark)
    assert said.endswith("CTRL_expressions_mouthStickyUC, CTRL_expressions.pupilWideL")


def test_handles_of_the_control_board_mean_one_thing_each_way(tmp_path):
    heading = "time,CTRL_L_eye_blink.ty,CTRL_R_eye_blink,CTRL_L_eye.tx,CTRL_L_eye.ty,CTRL_C_mouth_tx,CTRL_C_jaw.ty"
    motion = read(tmp_path, f"{heading}\n0,1,-0.5,-1,-1,-0.25,0.5\n", "take.csv")
    assert weights(motion) == {
        "eyeBlinkLeft": 1.0, "eyeWideRight": 0.5, "eyeLookInLeft": 1.0, "eyeLookDownLeft": 1.0, "mouthRight": 0.25,
        "jawOpen": 0.5,
    }  # fmt: skip


def test_every_control_of_the_table_makes_a_weight_that_there_is():
    from rhytid.core.io import metahuman

    for table in (metahuman._RAW, metahuman._BOARD):
        assert {name for parts in table.values() for name, _ in parts} <= set(ARKIT_NAMES)
    made = {name for parts in metahuman._RAW.values() for name, _ in parts}
    assert set(ARKIT_NAMES) - made == set()
    assert metahuman_parts("/Face.CTRL_expressions_JAWOPEN") == (("jawOpen", 1.0),)
    assert metahuman_parts("CTRL_expressions_neckStretchL") == ()
    assert metahuman_parts("jawOpen") is None
    assert metahuman_parts("controls_jawOpen") is None


def test_the_gaze_comes_from_the_angles_of_the_eyes_where_no_shape_says_it(tmp_path):
    heading = "time,jawOpen,LeftEyeYaw,LeftEyePitch,LeftEyeRoll,RightEyeYaw,RightEyePitch,RightEyeRoll"
    motion = read(tmp_path, f"{heading}\n0,0.5,0.32,-0.225,0.01,0.28,-0.225,0\n1,0,-0.6,0.3,0,-0.6,0.3,0\n", "take.csv")
    assert weights(motion) == {
        "jawOpen": 0.5, "eyeLookOutLeft": 0.5, "eyeLookInRight": 0.5, "eyeLookUpLeft": 0.5, "eyeLookUpRight": 0.5,
    }  # fmt: skip
    assert weights(motion, 1) == {
        "eyeLookInLeft": 1.0, "eyeLookOutRight": 1.0, "eyeLookDownLeft": 0.5, "eyeLookDownRight": 0.5,
    }  # fmt: skip
    assert any("angles of the eyes" in remark for remark in motion.remarks)
    with_shapes = read(tmp_path, f"{heading},eyeLookUpLeft\n0,0,0.3,0,0,0.3,0,0,0.25\n", "take.csv")
    assert weights(with_shapes) == {"eyeLookUpLeft": 0.25}


def test_a_recording_that_never_turns_the_head_says_nothing_of_it(tmp_path):
    assert read(tmp_path, "time,jawOpen,HeadYaw,HeadPitch,HeadRoll\n0,1,0,0,0\n", "take.csv").head_rotation is None


def test_too_many_frames_are_refused(tmp_path, monkeypatch):
    from rhytid.core.io import motion_json

    monkeypatch.setattr(motion_json, "MAX_ROWS", 2)
    with pytest.raises(MotionError, match="holds 3 frames"):
        read(tmp_path, [{"jawOpen": 0}] * 3)
