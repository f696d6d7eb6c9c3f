"""Names of expression weights as other programs write them, and as people type them."""

from __future__ import annotations

import pytest

from rhytid.core.arkit import (
    ARKIT_NAMES,
    arkit_half,
    arkit_name,
    linked_name,
    mirrored_name,
    parse_assignments,
    parse_expression,
    parse_weights,
)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("mouthSmileLeft", "mouthSmileLeft"),
        ("MouthSmileLeft", "mouthSmileLeft"),
        ("mouthSmile_L", "mouthSmileLeft"),
        ("mouthSmile_R", "mouthSmileRight"),
        ("mouthSmile_left", "mouthSmileLeft"),
        ("mouthSmile.r", "mouthSmileRight"),
        ("mouth_smile_left", "mouthSmileLeft"),
        ("blendShape1.mouthSmile_L", "mouthSmileLeft"),
        ("blendShape2.jawOpen", "jawOpen"),
        ("Face:blendShape2.JawOpen", "jawOpen"),
        (" jawOpen ", "jawOpen"),
        ("jaw_L", "jawLeft"),
        ("JawLeft", "jawLeft"),
        ("jawOpen.001", "jawOpen"),
        ("mouthSmile_L.012", "mouthSmileLeft"),
        ("MOUTHSMILELEFT", "mouthSmileLeft"),
        ("mouthSmileL", "mouthSmileLeft"),
        ("leftMouthSmile", "mouthSmileLeft"),
        ("L_mouthSmile", "mouthSmileLeft"),
        ("Mouth_Smile_R", "mouthSmileRight"),
        ("head_eyeBlink_L", "eyeBlinkLeft"),
        ("Face.M_F00_jawOpen", "jawOpen"),
        ("Head|EyeBlinkRight", "eyeBlinkRight"),
        ("jawOpenShape", "jawOpen"),
        ("Blink_L", "eyeBlinkLeft"),
        ("Fcl_EYE_Close_R", "eyeBlinkRight"),
        ("jawOpen_mouthClose", None),
        ("jawOpen2", None),
        ("browInnerUp_L", None),
        ("mouthSmile", None),
        ("HeadYaw", None),
        ("", None),
        ("_L", None),
    ],
)
def test_tolerant_names(given: str, meant: str | None) -> None:
    assert arkit_name(given) == meant


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("browInnerUp_L", "browInnerUp"),
        ("CheekPuffRight", "cheekPuff"),
        ("head_browInnerUp_r.001", "browInnerUp"),
        ("browInnerUp", None),
        ("mouthSmile_L", None),
        ("jaw_L", None),
        ("L", None),
    ],
)
def test_halves_of_shapes_that_arkit_has_whole(given: str, meant: str | None) -> None:
    assert arkit_half(given) == meant


def test_every_name_survives_the_usual_spellings() -> None:
    for name in ARKIT_NAMES:
        short = name.replace("Left", "_L").replace("Right", "_R")
        for spelling in (name, name[0].upper() + name[1:], short, f"blendShape3.{short}"):
            assert arkit_name(spelling) == name


def test_weights_of_a_file_are_clipped_and_strangers_reported() -> None:
    weights, skipped = parse_weights(
        {"MouthSmile_L": 1.5, "HeadYaw": 0.1, "jawOpen": -1, "TongueOut": 0.5, "x": "y"}
    )
    assert weights == {"mouthSmileLeft": 1.0, "jawOpen": 0.0, "tongueOut": 0.5}
    assert skipped == ("HeadYaw", "x")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "1", None, True, [1]])
def test_weights_must_be_numbers(value: object) -> None:
    with pytest.raises(ValueError, match="jawOpen"):
        parse_weights({"jawOpen": value})


def test_two_names_for_one_weight_are_refused() -> None:
    with pytest.raises(ValueError, match="second time"):
        parse_weights({"mouthSmile_L": 0.5, "mouthSmileLeft": 0.6})


def test_command_line() -> None:
    assert parse_assignments(" a=0.6, b = 1 ,") == {"a": 0.6, "b": 1.0}
    assert parse_assignments("") == {}
    assert parse_expression("mouthSmile_L=0.6,jawOpen=1") == {"mouthSmileLeft": 0.6, "jawOpen": 1.0}


@pytest.mark.parametrize("text", ["a", "a=", "=1", "a=x", "a=nan", "a=1,a=2", "a=1=2", "a:1"])
def test_wrong_assignments(text: str) -> None:
    with pytest.raises(ValueError, match="a"):
        parse_assignments(text)


def test_typed_strangers_are_refused() -> None:
    with pytest.raises(ValueError, match="smile"):
        parse_expression("smile=1")


def test_links_and_mirrors_come_in_pairs() -> None:
    for name in ARKIT_NAMES:
        assert linked_name(linked_name(name)) == name
        assert mirrored_name(mirrored_name(name)) == name
        assert linked_name(name) in ARKIT_NAMES
    assert linked_name("browDownLeft") == "browDownRight"
    assert linked_name("eyeLookInLeft") == "eyeLookOutRight"
    assert linked_name("mouthLeft") == "mouthLeft"
