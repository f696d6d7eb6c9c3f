"""What MetaHuman calls the movements of a face, and the ARKit weights that they make.

Sequences of MetaHuman Animator have a curve for each control of the rig, `CTRL_expressions_mouthCornerPullL`, or for
each handle of the control board, `CTRL_L_mouth_cornerPull`; both lists are published with the rig. Each control here
belongs to the ARKit weight whose pose it makes in Epic's mapping of ARKit to the rig; a weight is the mean of its
controls. Of the board's jaw the way to the sides is left aside: mappings that are public do not agree on its sign.
Controls of what ARKit does not have (sticky lips, pupils, lashes, neck, single folds) are left aside.
"""

from __future__ import annotations

import re

Part = tuple[str, float]
"""An ARKit name, and the sign of the control that makes it."""

_SIDES = (("L", "Left"), ("R", "Right"))
_CONTROL = re.compile(r"(?:^|[.:|/ ])ctrl_(?:expressions[_.](?P<raw>\w+)|(?P<board>[lrc]_\w+?(?:[._]t?[xy])?))$")
_AXIS = re.compile(r"[._]t?([xy])$")
# Both sides of the rig's curves, without their L or R.
_RAW_SIDED = {
    "browDown": "browDown", "browRaiseOuter": "browOuterUp", "eyeBlink": "eyeBlink", "eyeWiden": "eyeWide",
    "eyeSquintInner": "eyeSquint", "eyeCheekRaise": "cheekSquint", "eyeLookUp": "eyeLookUp",
    "eyeLookDown": "eyeLookDown", "noseWrinkle": "noseSneer", "mouthCornerPull": "mouthSmile",
    "mouthCornerDepress": "mouthFrown", "mouthDimple": "mouthDimple", "mouthStretch": "mouthStretch",
    "mouthUpperLipRaise": "mouthUpperUp", "mouthLowerLipDepress": "mouthLowerDown",
}  # fmt: skip
_RAW_WHOLE = {
    "browRaiseInL": "browInnerUp", "browRaiseInR": "browInnerUp", "mouthCheekBlowL": "cheekPuff",
    "mouthCheekBlowR": "cheekPuff", "jawOpen": "jawOpen", "jawLeft": "jawLeft", "jawRight": "jawRight",
    "jawFwd": "jawForward", "mouthLeft": "mouthLeft", "mouthRight": "mouthRight", "tongueOut": "tongueOut",
    "eyeLookLeftL": "eyeLookOutLeft", "eyeLookRightL": "eyeLookInLeft", "eyeLookLeftR": "eyeLookInRight",
    "eyeLookRightR": "eyeLookOutRight", "mouthUpperLipRollInL": "mouthRollUpper",
    "mouthUpperLipRollInR": "mouthRollUpper", "mouthLowerLipRollInL": "mouthRollLower",
    "mouthLowerLipRollInR": "mouthRollLower", "jawChinRaiseDL": "mouthShrugLower", "jawChinRaiseDR": "mouthShrugLower",
    "jawChinRaiseUL": "mouthShrugUpper", "jawChinRaiseUR": "mouthShrugUpper",
}  # fmt: skip
_RAW_QUARTERS = {"mouthFunnel": "mouthFunnel", "mouthLipsPurse": "mouthPucker", "mouthLipsTogether": "mouthClose"}
_RAW_LIPS = {"mouthPress": "mouthPress", "mouthLipsPress": "mouthPress"}
# Handles of the board move up and down by themselves; those with two meanings have one below 0.
_BOARD_SIDED = {
    "brow_down": "browDown", "brow_raiseOut": "browOuterUp", "eye_blink": "eyeBlink", "eye_squintInner": "eyeSquint",
    "eye_cheekRaise": "cheekSquint", "nose": "noseSneer", "mouth_cornerPull": "mouthSmile",
    "mouth_cornerDepress": "mouthFrown", "mouth_dimple": "mouthDimple", "mouth_stretch": "mouthStretch",
    "mouth_upperLipRaise": "mouthUpperUp", "mouth_lowerLipDepress": "mouthLowerDown", "mouth_pressU": "mouthPress",
    "mouth_pressD": "mouthPress",
}  # fmt: skip
_BOARD_WHOLE = {
    "brow_raiseIn": "browInnerUp", "mouth_suckBlow": "cheekPuff", "mouth_funnelU": "mouthFunnel",
    "mouth_funnelD": "mouthFunnel", "mouth_purseU": "mouthPucker", "mouth_purseD": "mouthPucker",
    "mouth_lipsTogetherU": "mouthClose", "mouth_lipsTogetherD": "mouthClose", "mouth_lipsRollU": "mouthRollUpper",
    "mouth_lipsRollD": "mouthRollLower", "jaw_ChinRaiseD": "mouthShrugLower", "jaw_ChinRaiseU": "mouthShrugUpper",
}  # fmt: skip


def _raw() -> dict[str, tuple[Part, ...]]:
    table = {name: ((arkit, 1.0),) for name, arkit in _RAW_WHOLE.items()}
    for short, side in _SIDES:
        table |= {f"{name}{short}": ((f"{arkit}{side}", 1.0),) for name, arkit in _RAW_SIDED.items()}
        for height in ("U", "D"):
            table |= {f"{name}{height}{short}": ((arkit, 1.0),) for name, arkit in _RAW_QUARTERS.items()}
            table |= {f"{name}{height}{short}": ((f"{arkit}{side}", 1.0),) for name, arkit in _RAW_LIPS.items()}
        table[f"mouthLipsPress{short}"] = ((f"mouthPress{side}", 1.0),)
    return {name.lower(): parts for name, parts in table.items()}


def _board() -> dict[str, tuple[Part, ...]]:
    """By handle and axis: the sideways one is named, the other is not."""
    table: dict[str, tuple[Part, ...]] = {
        "C_jaw": (("jawOpen", 1.0),),
        "C_jaw_fwdBack": (("jawForward", -1.0),),
        "C_mouth.x": (("mouthLeft", 1.0), ("mouthRight", -1.0)),
        "L_eye.x": (("eyeLookOutLeft", 1.0), ("eyeLookInLeft", -1.0)),
        "R_eye.x": (("eyeLookInRight", 1.0), ("eyeLookOutRight", -1.0)),
    }
    for short, side in _SIDES:
        table |= {f"{short}_{name}": ((f"{arkit}{side}", 1.0),) for name, arkit in _BOARD_SIDED.items()}
        table |= {f"{short}_{name}": ((arkit, 1.0),) for name, arkit in _BOARD_WHOLE.items()}
        table[f"{short}_eye_blink"] = ((f"eyeBlink{side}", 1.0), (f"eyeWide{side}", -1.0))
        table[f"{short}_eye"] = ((f"eyeLookUp{side}", 1.0), (f"eyeLookDown{side}", -1.0))
    return {name.lower(): parts for name, parts in table.items()}


_RAW, _BOARD = _raw(), _board()


def metahuman_parts(name: str) -> tuple[Part, ...] | None:
    """The ARKit weights that a control makes, each for its positive or its negative values.

    Parameters
    ----------
    name : str
        Of a curve, with a path before it and the axis behind it or without; case does not matter.

    Returns
    -------
    tuple of (str, float)
        Empty for a control that ARKit has nothing for; None for what is no control.
    """
    found = _CONTROL.search(name.strip().lower())
    if found is None:
        return None
    if found["raw"]:
        return _RAW.get(found["raw"], ())
    axis = _AXIS.search(found["board"])
    handle = _AXIS.sub("", found["board"])
    return _BOARD.get(f"{handle}.x" if axis and axis[1] == "x" else handle, ())
