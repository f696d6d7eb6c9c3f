"""What the expression shapes of other programs mean: ARKit's shapes, under whatever name.

ARKit's own names, however they are spelled, are known to `core.arkit`. Here are the words of others: Character
Creator, MetaHuman, Daz, VRoid and VRM, Ready Player Me, and action units of FACS. A shape may be one of ARKit's, a
part of one (its left half, a quarter of the lips), or two of ARKit's at once (`mouthSmile`, `AU12`), which are then cut
apart along the middle of the face. A name with another word before or behind it that changes what it means (a
corrective, another region) is no shape of ARKit's: better left aside than wrong.
"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES, arkit_half, arkit_name

_LONGEST_NAME = 200


class Source(IntEnum):
    """How surely a shape is ARKit's, the surest first: where two mean the same, the surer one is taken."""

    OWN = 0
    OWN_PART = 1
    OTHER = 2
    OTHER_PART = 3
    OWN_BOTH = 4
    OTHER_BOTH = 5
    NEAR = 6


class ShapeMeaning(NamedTuple):
    """What a shape of a file is.

    Attributes
    ----------
    names : tuple of str
        ARKit names: one, or left and right of a shape that is both.
    source : Source
    """

    names: tuple[str, ...]
    source: Source

    @property
    def is_part(self) -> bool:
        """It is added up with others of the same meaning."""
        return self.source in (Source.OWN_PART, Source.OTHER_PART)


# Names in lower case, without separators and without their side. ARKit's shapes that have sides:
_PAIRS = {
    # Character Creator
    "browdrop": "browDown", "browraiseouter": "browOuterUp", "cheekraise": "cheekSquint",
    "mouthupupper": "mouthUpperUp", "mouthdownlower": "mouthLowerDown",
    # MetaHuman
    "eyewiden": "eyeWide", "eyesquintinner": "eyeSquint", "eyecheekraise": "cheekSquint", "nosewrinkle": "noseSneer",
    "mouthupperlipraise": "mouthUpperUp", "mouthlowerlipdepress": "mouthLowerDown", "mouthcornerpull": "mouthSmile",
    "mouthcornerdepress": "mouthFrown", "mouthlipspress": "mouthPress", "browraiseout": "browOuterUp",
    # VRM, VRoid, Ready Player Me, Daz
    "blink": "eyeBlink", "eyeclose": "eyeBlink", "eyesclose": "eyeBlink", "eyeclosed": "eyeBlink",
    "eyesclosed": "eyeBlink", "fcleyeclose": "eyeBlink", "fcleyespread": "eyeWide", "fclmthsmile": "mouthSmile",
    "eyeslookup": "eyeLookUp", "eyeslookdown": "eyeLookDown", "eyesblink": "eyeBlink", "eyeswide": "eyeWide",
}  # fmt: skip
# Shapes without sides; one that has a side in the file is half of it.
_WHOLES = {
    "browraiseinner": "browInnerUp", "browraisein": "browInnerUp", "browsinnerup": "browInnerUp",
    "mouthrollinupper": "mouthRollUpper", "mouthrollinlower": "mouthRollLower",
    "mouthupperliprollin": "mouthRollUpper", "mouthlowerliprollin": "mouthRollLower",
    "jawchinraised": "mouthShrugLower", "jawchinraiseu": "mouthShrugUpper",
    "mouthcheekblow": "cheekPuff", "cheekspuff": "cheekPuff", "jawfwd": "jawForward", "jawforwards": "jawForward",
}  # fmt: skip
# Parts even without a side: an upper and a lower half, or four quarters.
_QUARTERS = {
    "mouthfunnelup": "mouthFunnel", "mouthfunneldown": "mouthFunnel",
    "mouthfunnelu": "mouthFunnel", "mouthfunneld": "mouthFunnel",
    "mouthpuckerup": "mouthPucker", "mouthpuckerdown": "mouthPucker",
    "mouthlipspurseu": "mouthPucker", "mouthlipspursed": "mouthPucker",
    "mouthlipstogetheru": "mouthClose", "mouthlipstogetherd": "mouthClose",
}  # fmt: skip
# Nearly that shape, taken where the file has no better one.
_NEAR = {"mouthopen": "jawOpen", "jawdrop": "jawOpen", "aa": "jawOpen", "fclmtha": "jawOpen"}
_GAZE = {
    ("eyellook", "Left"): "eyeLookOutLeft", ("eyellook", "Right"): "eyeLookInLeft",
    ("eyerlook", "Left"): "eyeLookInRight", ("eyerlook", "Right"): "eyeLookOutRight",
    ("eyellookup", ""): "eyeLookUpLeft", ("eyellookdown", ""): "eyeLookDownLeft",
    ("eyerlookup", ""): "eyeLookUpRight", ("eyerlookdown", ""): "eyeLookDownRight",
    ("eyelookleft", "Left"): "eyeLookOutLeft", ("eyelookright", "Left"): "eyeLookInLeft",
    ("eyelookleft", "Right"): "eyeLookInRight", ("eyelookright", "Right"): "eyeLookOutRight",
}  # fmt: skip
_OWN_PAIRS = {name.removesuffix("Left").lower(): name.removesuffix("Left") for name in ARKIT_NAMES
              if name.endswith("Left") and name not in ("jawLeft", "mouthLeft")}  # fmt: skip

# Units that are one shape of ARKit's (`resources/presets/action_units.json` has them as combinations); the jaw's drop
# is a smaller jaw's opening, taken where there is no other.
AU_PAIRS = {
    2: "browOuterUp", 4: "browDown", 5: "eyeWide", 6: "cheekSquint", 7: "eyeSquint", 9: "noseSneer",
    10: "mouthUpperUp", 12: "mouthSmile", 14: "mouthDimple", 15: "mouthFrown", 16: "mouthLowerDown",
    20: "mouthStretch", 24: "mouthPress", 43: "eyeBlink", 45: "eyeBlink",
}  # fmt: skip
AU_WHOLES = {
    1: "browInnerUp", 17: "mouthShrugLower", 18: "mouthPucker", 19: "tongueOut", 22: "mouthFunnel", 26: "jawOpen",
    27: "jawOpen", 29: "jawForward", 34: "cheekPuff",
}  # fmt: skip
AU_DIRECTIONS = {(30, "Left"): "jawLeft", (30, "Right"): "jawRight"}
_NEAR_UNITS = (26, 45)

_COPY = re.compile(r"\.\d{3,}$")
_TAIL = re.compile(r"[_\-. ]?(?:shape|mesh|target|div\d)$", re.IGNORECASE)
_PREFIX_GLUED = re.compile(r"^(?:e?CTRL|PHM)(?=[A-Z])")
_SEPARATORS = re.compile(r"[_\-. :|/]+")
_SIDE_BEHIND = re.compile(r"[_\-. ](left|right|l|r)$", re.IGNORECASE)
_SIDE_GLUED = re.compile(r"(?:(?<=[a-z0-9])(Left|Right)|(?<=[a-z0-9UD])([LR]))$")
_UNIT = re.compile(
    r"(?:^|.*[_\-. :|/])au[_\-. ]?0*([1-9]\d?)((?:[_\-. ][a-z]{2,})*?)(?:[_\-. ]?(left|right|l|r))?$", re.IGNORECASE
)
_SIDE_BEFORE = re.compile(r"^(left|right|l|r)[_\-. ](.+)$", re.IGNORECASE)
# A word before a name that makes something else of it.
_OTHERWISE = re.compile(
    "brow|cheek|eye|jaw|mouth|nose|tongue|lip|lid|corr|cbs|fix|inv|neg|minus|not$|half|combo|delta|mask|upper|lower|vis"
)


@lru_cache(maxsize=4096)
def shape_meaning(name: str) -> ShapeMeaning | None:
    """What a shape's name means, None for a shape that is none of ARKit's.

    >>> shape_meaning("CTRL_expressions_mouthCornerPullL").names
    ('mouthSmileLeft',)
    >>> shape_meaning("AU12").names
    ('mouthSmileLeft', 'mouthSmileRight')
    """
    if len(name) > _LONGEST_NAME:
        return None
    plain = _TAIL.sub("", _COPY.sub("", name.strip()))
    if found := _unit(plain) or _word(*_without_side(plain)):
        return found
    if own := arkit_name(name):
        return ShapeMeaning((own,), Source.OWN)
    half = arkit_half(name)
    return ShapeMeaning((half,), Source.OWN_PART) if half else None


def _without_side(name: str) -> tuple[str, str]:
    """A name and its side ("Left", "Right" or ""), wherever that is written."""
    for pattern in (_SIDE_BEHIND, _SIDE_GLUED):
        if found := pattern.search(name):
            letter = next(filter(None, found.groups()))[0]
            return name[: found.start()], "Left" if letter in "lL" else "Right"
    if found := _SIDE_BEFORE.match(name):
        return found[2], "Left" if found[1][0] in "lL" else "Right"
    return name, ""


def _word(base: str, side: str) -> ShapeMeaning | None:
    words = [word.lower() for word in _SEPARATORS.split(_PREFIX_GLUED.sub("", base)) if word]
    for start in range(len(words)):
        found = _meaning("".join(words[start:]), side)
        if found:
            return None if any(_OTHERWISE.match(word) for word in words[:start]) else found
    return None


def _meaning(key: str, side: str) -> ShapeMeaning | None:
    if (key, side) in _GAZE:
        return ShapeMeaning((_GAZE[key, side],), Source.OTHER)
    if key in _QUARTERS:
        return ShapeMeaning((_QUARTERS[key],), Source.OTHER_PART)
    if key in _NEAR:
        return None if side else ShapeMeaning((_NEAR[key],), Source.NEAR)
    if key in _WHOLES:
        return ShapeMeaning((_WHOLES[key],), Source.OTHER_PART if side else Source.OTHER)
    if key in _PAIRS:
        return _pair(_PAIRS[key], side)
    if key in _OWN_PAIRS and not side:
        return ShapeMeaning((_OWN_PAIRS[key] + "Left", _OWN_PAIRS[key] + "Right"), Source.OWN_BOTH)
    return None


def _unit(name: str) -> ShapeMeaning | None:
    """A single action unit: "AU12", "AU12_L", "au_12_left", "AU12_LipCornerPuller_L"; no combination of several."""
    found = _UNIT.match(name)
    before = _SIDE_BEFORE.match(name)
    if found is None or len(re.findall(r"au[_\-. ]?\d", name, re.IGNORECASE)) > 1:
        return None
    written = found[3] or (before[1] if before else "")
    side = "" if not written else "Left" if written[0] in "lL" else "Right"
    number = int(found[1])
    if any(_OTHERWISE.match(word) for word in re.findall("[a-z]+", found[0][: found.start(1)].lower())):
        return None
    if (number, side) in AU_DIRECTIONS:
        return ShapeMeaning((AU_DIRECTIONS[number, side],), Source.OTHER)
    if number in AU_WHOLES:
        near = Source.NEAR if number in _NEAR_UNITS else Source.OTHER
        return ShapeMeaning((AU_WHOLES[number],), Source.OTHER_PART if side else near)
    return _pair(AU_PAIRS[number], side, number in _NEAR_UNITS) if number in AU_PAIRS else None


def _pair(name: str, side: str, is_near: bool = False) -> ShapeMeaning:
    if side:
        assert name + side in ARKIT_INDEX
        return ShapeMeaning((name + side,), Source.NEAR if is_near else Source.OTHER)
    return ShapeMeaning((name + "Left", name + "Right"), Source.NEAR if is_near else Source.OTHER_BOTH)
