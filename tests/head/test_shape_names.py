"""Names of expression shapes in other programs: what they mean, and which only look as if they did."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.shape_names import AU_DIRECTIONS, AU_PAIRS, AU_WHOLES, Source, shape_meaning
from rhytid.core.head.shapes import arkit_shapes, cut_apart
from rhytid.core.resources import resource

# Character Creator 4's ARKit set, in its order, as its manual lists it.
CHARACTER_CREATOR_ARKIT = (
    "Brow_Inner_Up", "Brow_Down_Left", "Brow_Down_Right", "Brow_Outer_Up_Left", "Brow_Outer_Up_Right",
    "Eye_Look_Up_Left", "Eye_Look_Up_Right", "Eye_Look_Down_Left", "Eye_Look_Down_Right", "Eye_Look_Out_Left",
    "Eye_Look_In_Left", "Eye_Look_In_Right", "Eye_Look_Out_Right", "Eye_Blink_Left", "Eye_Blink_Right",
    "Eye_Squint_Left", "Eye_Squint_Right", "Eye_Wide_Left", "Eye_Wide_Right", "Cheek_Puff", "Cheek_Squint_Left",
    "Cheek_Squint_Right", "Nose_Sneer_Left", "Nose_Sneer_Right", "Jaw_Open", "Jaw_Forward", "Jaw_Left", "Jaw_Right",
    "Mouth_Funnel", "Mouth_Pucker", "Mouth_Left", "Mouth_Right", "Mouth_Roll_Upper", "Mouth_Roll_Lower",
    "Mouth_Shrug_Upper", "Mouth_Shrug_Lower", "Mouth_Close", "Mouth_Smile_Left", "Mouth_Smile_Right",
    "Mouth_Frown_Left", "Mouth_Frown_Right", "Mouth_Dimple_Left", "Mouth_Dimple_Right", "Mouth_Upper_Up_Left",
    "Mouth_Upper_Up_Right", "Mouth_Lower_Down_Left", "Mouth_Lower_Down_Right", "Mouth_Press_Left",
    "Mouth_Press_Right", "Mouth_Stretch_Left", "Mouth_Stretch_Right", "Tongue_Out",
)  # fmt: skip

MEANT = {
    # Character Creator's own set
    "Brow_Drop_L": "browDownLeft", "Brow_Raise_Outer_R": "browOuterUpRight", "Cheek_Raise_L": "cheekSquintLeft",
    "Eye_L_Look_L": "eyeLookOutLeft", "Eye_L_Look_R": "eyeLookInLeft", "Eye_R_Look_L": "eyeLookInRight",
    "Eye_R_Look_Down": "eyeLookDownRight", "Mouth_Up_Upper_R": "mouthUpperUpRight", "Jaw_L": "jawLeft",
    "Mouth_Down_Lower_L": "mouthLowerDownLeft", "Mouth_L": "mouthLeft", "Mouth_Roll_In_Upper": "mouthRollUpper",
    # MetaHuman's controls and meshes
    "CTRL_expressions_browDownL": "browDownLeft", "CTRL_expressions.eyeLookLeftL": "eyeLookOutLeft",
    "CTRL_expressions_eyeWidenR": "eyeWideRight", "CTRL_expressions_mouthCornerPullL": "mouthSmileLeft",
    "head_lod0_mesh__jaw_open": "jawOpen", "CTRL_expressions_noseWrinkleL": "noseSneerLeft",
    "CTRL_expressions_mouthUpperLipRaiseR": "mouthUpperUpRight", "CTRL_expressions_jawFwd": "jawForward",
    # Daz
    "facs_bs_MouthSmileLeft_div2": "mouthSmileLeft", "facs_ctrl_MouthSmileL": "mouthSmileLeft",
    "Genesis8_1Female__facs_jnt_JawOpen": "jawOpen",
    # VRM and VRoid
    "Face.M_F00_000_00_Fcl_EYE_Close_R": "eyeBlinkRight", "blinkLeft": "eyeBlinkLeft", "Blink_L": "eyeBlinkLeft",
    "Fcl_MTH_A": "jawOpen", "aa": "jawOpen",
    # Action units
    "AU12_L": "mouthSmileLeft", "au_12_left": "mouthSmileLeft", "blendShape1.AU12R": "mouthSmileRight",
    "L_AU12": "mouthSmileLeft", "AU12_LipCornerPuller_L": "mouthSmileLeft", "AU 04 R": "browDownRight",
    "AU27": "jawOpen", "AU26": "jawOpen", "AU30_L": "jawLeft",
}  # fmt: skip
BOTH = {
    "mouthSmile": "mouthSmile", "Eye_Blink": "eyeBlink", "Face.M_F00_000_Fcl_MTH_Smile": "mouthSmile",
    "Fcl_EYE_Close": "eyeBlink", "eyesClosed": "eyeBlink", "Blink": "eyeBlink", "eCTRLMouthSmile": "mouthSmile",
    "AU12": "mouthSmile", "au_4": "browDown", "AU12_Lip_Corner_Puller": "mouthSmile", "eyesLookUp": "eyeLookUp",
}  # fmt: skip
PARTS = {
    "browInnerUp_L": "browInnerUp", "facs_bs_BrowInnerUpLeft_div2": "browInnerUp", "AU1_R": "browInnerUp",
    "Brow_Raise_Inner_L": "browInnerUp", "head_lod0_mesh__brow_raise_inner_L": "browInnerUp",
    "Mouth_Funnel_Up_L": "mouthFunnel", "mouthFunnelDR": "mouthFunnel", "mouthLipsPurseUL": "mouthPucker",
    "Mouth_Roll_In_Upper_L": "mouthRollUpper", "CTRL_expressions_jawChinRaiseDL": "mouthShrugLower",
    "CTRL_expressions_mouthCheekBlowL": "cheekPuff",
}  # fmt: skip
FALSE_FRIENDS = (
    "jawOpen_mouthClose", "mouthSmileLeft_jawOpen", "facs_cbs_MouthSmileLeft_div2", "corrective_jawOpen",
    "jawOpen_corrective", "jawOpen2", "not_jawOpen", "neg_mouthSmile_L", "upper_eyeBlinkLeft", "eyeBlinkLeft_half",
    "Mouth_Smile_Sharp_L", "Mouth_Upper_L", "Mouth_Drop_Lower", "Fcl_ALL_Joy", "Fcl_MTH_Up", "viseme_aa", "A", "jaw",
    "AU6_AU12", "AU6+12", "AU1+2", "AU12_E", "AU30", "AU112", "TAU12", "AU99", "AU", "lid_AU12", "brow_mouthOpen",
    "HeadYaw", "Neck_Turn_L", "smile", "", "_L", "L" * 500,
)  # fmt: skip


def test_arkits_own_names_come_first_in_every_spelling() -> None:
    for name in ARKIT_NAMES:
        for spelling in (name, name.replace("Left", "_L").replace("Right", "_R"), f"Face:blendShape1.{name}.001"):
            assert shape_meaning(spelling) == ((name,), Source.OWN)


def test_character_creators_numbered_set() -> None:
    assert len(CHARACTER_CREATOR_ARKIT) == len(ARKIT_NAMES)
    found = {shape_meaning(f"A{number:02}_{name}") for number, name in enumerate(CHARACTER_CREATOR_ARKIT, 1)}
    assert found == {((name,), Source.OWN) for name in ARKIT_NAMES}


@pytest.mark.parametrize(("given", "name"), MEANT.items())
def test_words_of_other_programs(given: str, name: str) -> None:
    meaning = shape_meaning(given)
    assert meaning is not None
    assert meaning.names == (name,)
    assert not meaning.is_part


@pytest.mark.parametrize(("given", "name"), BOTH.items())
def test_shapes_that_are_left_and_right_at_once(given: str, name: str) -> None:
    meaning = shape_meaning(given)
    assert meaning is not None
    assert meaning.names == (f"{name}Left", f"{name}Right")


@pytest.mark.parametrize(("given", "name"), PARTS.items())
def test_parts_of_shapes(given: str, name: str) -> None:
    meaning = shape_meaning(given)
    assert meaning is not None
    assert meaning.names == (name,)
    assert meaning.is_part


@pytest.mark.parametrize("given", FALSE_FRIENDS)
def test_false_friends_are_left_aside(given: str) -> None:
    assert shape_meaning(given) is None


def test_units_agree_with_the_programs_table() -> None:
    entries = json.loads(resource("presets", "action_units.json").read_text())["action_units"]
    by_number = {entry["facs"]: entry for entry in entries}
    for number, name in AU_PAIRS.items():
        weights = by_number[number].get("left") or by_number[number]["weights"]
        assert weights[f"{name}Left"] == max(weights.values())
    for number, name in AU_WHOLES.items():
        weights = by_number[number]["weights"]
        assert weights[name] == max(weights.values())
    for (number, side), name in AU_DIRECTIONS.items():
        assert name in by_number[number][side.lower()]


def offsets(*values: float) -> np.ndarray:
    return np.array([[value, 0, 0] for value in values], np.float32)


def test_the_surer_of_two_shapes_is_taken_whatever_their_order() -> None:
    given = {"AU12": offsets(9, 9), "Fcl_MTH_A": offsets(7, 7), "mouthSmile_L": offsets(1, 0), "jawOpen": offsets(2, 2)}
    for order in (given, dict(reversed(given.items()))):
        found = arkit_shapes(order, 2, Path("a.glb"))
        np.testing.assert_array_equal(found.offsets[ARKIT_INDEX["mouthSmileLeft"]], offsets(1, 0))
        np.testing.assert_array_equal(found.offsets[ARKIT_INDEX["jawOpen"]], offsets(2, 2))
        assert list(found.both) == [("", "mouthSmileRight")]
    with pytest.raises(HeadFileError, match=r"a\.glb: AU12_L and Mouth_Corner_Pull_L are both mouthSmileLeft"):
        arkit_shapes({"AU12_L": offsets(1), "Mouth_Corner_Pull_L": offsets(1)}, 1, Path("a.glb"))


def test_quarters_are_added_up() -> None:
    given = {f"mouthFunnel{part}": row[None] for part, row in zip(("UL", "UR", "DL", "DR"), np.eye(4, 3), strict=True)}
    found = arkit_shapes(given, 1, Path("a.glb")).offsets
    np.testing.assert_array_equal(found[ARKIT_INDEX["mouthFunnel"]], [[1, 1, 1]])


def test_a_shape_that_is_both_is_cut_in_the_middle_of_what_moves() -> None:
    points = np.array([[x + 40.0, 0, 0] for x in (-30, -12, 0, 12, 30)])
    moved = np.ones((5, 3), np.float32)
    left, right = cut_apart(moved, points, 1)
    np.testing.assert_allclose(left[:, 0], [0, 0, 0.5, 1, 1])
    np.testing.assert_allclose(left + right, moved)
    np.testing.assert_allclose(cut_apart(moved, points, -1)[0], right)
