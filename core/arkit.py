"""The 52 ARKit blendshape names, in the order that every array of expression weights uses.

The order is alphabetical by region with left before right, as in Apple's
`ARFaceAnchor.BlendShapeLocation`. An array of expression weights is float32 (52,) in 0..1.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt


def _sides(*names: str) -> list[str]:
    return [f"{name}{side}" for name in names for side in ("Left", "Right")]


ARKIT_NAMES: tuple[str, ...] = (
    *_sides("browDown"), "browInnerUp", *_sides("browOuterUp"),
    "cheekPuff", *_sides("cheekSquint"),
    *_sides("eyeBlink", "eyeLookDown", "eyeLookIn", "eyeLookOut", "eyeLookUp", "eyeSquint", "eyeWide"),
    "jawForward", "jawLeft", "jawOpen", "jawRight",
    "mouthClose", *_sides("mouthDimple", "mouthFrown"), "mouthFunnel", "mouthLeft",
    *_sides("mouthLowerDown", "mouthPress"), "mouthPucker", "mouthRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper",
    *_sides("mouthSmile", "mouthStretch", "mouthUpperUp"),
    *_sides("noseSneer"), "tongueOut",
)  # fmt: skip
N_EXPRESSION = len(ARKIT_NAMES)
ARKIT_INDEX: dict[str, int] = {name: i for i, name in enumerate(ARKIT_NAMES)}

# Names whose left and right variants change places in a mirror, though they carry no side of the pair kind.
_MIRROR_EXCEPTIONS = {
    "jawLeft": "jawRight",
    "jawRight": "jawLeft",
    "mouthLeft": "mouthRight",
    "mouthRight": "mouthLeft",
}


def mirrored_name(name: str) -> str:
    """ARKit name of the mirror image of `name` (itself when the shape is symmetric)."""
    if name in _MIRROR_EXCEPTIONS:
        return _MIRROR_EXCEPTIONS[name]
    if name.endswith("Left"):
        return name[:-4] + "Right"
    if name.endswith("Right"):
        return name[:-5] + "Left"
    return name


def linked_name(name: str) -> str:
    """ARKit name that a linked left/right slider moves along with `name` (itself where there is none).

    The partner is the mirror image, except for the gaze: eyes look the same way together, so
    `eyeLookOutLeft` goes with `eyeLookInRight`. Directions such as `jawLeft` have no partner.
    """
    if name in _MIRROR_EXCEPTIONS:
        return name
    partner = mirrored_name(name)
    if "LookIn" in name:
        return partner.replace("LookIn", "LookOut")
    return partner.replace("LookOut", "LookIn")


def expression_array(weights: Mapping[str, float] | Iterable[tuple[str, float]]) -> npt.NDArray[np.float32]:
    """Weights by name as float32 (52,), unnamed ones 0, clipped to 0..1.

    Raises
    ------
    KeyError
        A name that is not one of `ARKIT_NAMES`.
    """
    array = np.zeros(N_EXPRESSION, np.float32)
    for name, value in dict(weights).items():
        array[ARKIT_INDEX[name]] = min(max(float(value), 0.0), 1.0)
    return array


# The one table of shape names: "blendShape2.mouthSmile_L", "MOUTHSMILELEFT", "head_L_mouthSmile.001" and so on.
_LONGEST_NAME = 200
_COPY = re.compile(r"\.\d{3,}$")
_PREFIX = re.compile(r"^.*[.:|/]")
_SEPARATOR = re.compile(r"[_\-. ]")
_SIDE_BEHIND = re.compile(r"[_\-. ](left|right|l|r)$", re.IGNORECASE)
_SIDE_BEFORE = re.compile(r"^(left|right|l|r)[_\-. ](.+)$", re.IGNORECASE)
_TAIL = re.compile(r"[_\-. ]?(shape|mesh|target|div\d)$", re.IGNORECASE)
# A name with another region before its end is another shape: a corrective such as "jawOpen_mouthClose".
_REGION = re.compile("brow|cheek|eye|jaw|mouth|nose|tongue")
# A word before a name that makes something else of it: Daz has `facs_cbs_` for correctives.
_OTHERWISE = re.compile("corr|cbs|fix|inv|neg|minus|not$|half|combo|delta|mask|upper|lower")
# What VRM and VRoid call shapes that ARKit has too.
_ELSEWHERE = {
    "blinkleft": "eyeBlinkLeft",
    "blinkright": "eyeBlinkRight",
    "fcleyecloseleft": "eyeBlinkLeft",
    "fcleyecloseright": "eyeBlinkRight",
    "aa": "jawOpen",
    "fclmtha": "jawOpen",
}


def _spellings(name: str) -> tuple[str, ...]:
    """The ways to write a name once case and separators are gone."""
    for side in ("Left", "Right"):
        if name.endswith(side):
            base, side = name.removesuffix(side).lower(), side.lower()
            return (base + side, base + side[0], side + base)
    return (name.lower(),)


_BY_SPELLING = {spelling: name for name in ARKIT_NAMES for spelling in _spellings(name)}
_LONGEST_FIRST = sorted(_BY_SPELLING, key=len, reverse=True)


@lru_cache(maxsize=4096)
def arkit_name(name: str) -> str | None:
    """The ARKit name that `name` means, or None.

    Case and separators do not matter; a side may be `Left`, `_L`, `_left`, `.L` or `L`, behind the name or
    before it. A copy's number such as `.001`, a node's or an object's name before a dot, a colon or a bar, and a
    word before the name (`head_jawOpen`) are dropped.
    """
    if len(name) > _LONGEST_NAME:
        return None
    whole = _COPY.sub("", name.strip())
    for candidate in (whole, _PREFIX.sub("", whole)):
        for stem in (candidate, _TAIL.sub("", candidate)):
            found = _plain_name(stem)
            if found:
                return found
    return None


@lru_cache(maxsize=4096)
def arkit_half(name: str) -> str | None:
    """The ARKit name of a shape that ARKit has whole and `name` has for one side (`browInnerUp_L`), or None."""
    if len(name) > _LONGEST_NAME:
        return None
    whole = _TAIL.sub("", _COPY.sub("", name.strip()))
    for pattern in (r"[_\-. ]?(?:left|right)$", r"(?:[_\-. ]|(?<=[a-z]))[LR]$", r"[_\-. ][lr]$"):
        half = re.sub(pattern, "", whole, flags=re.IGNORECASE if "left" in pattern else 0)
        found = arkit_name(half) if half != whole else None
        if found and found == mirrored_name(found):
            return found
    return None


def _plain_name(name: str) -> str | None:
    side = _SIDE_BEHIND.search(name)
    if side:
        name = name[: side.start()] + ("left" if side[1][0] in "lL" else "right")
    before = _SIDE_BEFORE.match(name)
    if before:
        name = before[2] + ("left" if before[1][0] in "lL" else "right")
    spelling = _SEPARATOR.sub("", name).lower()
    if spelling in _ELSEWHERE:
        return _ELSEWHERE[spelling]
    for ending in _LONGEST_FIRST:
        before_it = spelling.removesuffix(ending)
        if spelling.endswith(ending) and not _REGION.search(before_it):
            return None if _says_otherwise(name, len(before_it)) else _BY_SPELLING[ending]
    return None


def _says_otherwise(name: str, n_before: int) -> bool:
    """Whether a word among the first letters of a name changes what it means."""
    begin = 0
    for word in _SEPARATOR.split(name.lower()):
        if begin < n_before and _OTHERWISE.match(word):
            return True
        begin += len(word)
    return False


def parse_weights(values: Mapping[str, object]) -> tuple[dict[str, float], tuple[str, ...]]:
    """Expression weights out of a mapping with other programs' names, as in an expression JSON file.

    Returns
    -------
    weights : dict
        By ARKit name, clipped to 0..1.
    skipped : tuple of str
        Names that are no ARKit weights, in their order; to be told to the user, never fatal.

    Raises
    ------
    ValueError
        A weight that is not a finite number, or two names that mean the same weight.
    """
    weights: dict[str, float] = {}
    skipped: list[str] = []
    for given, value in values.items():
        name = arkit_name(given)
        if name is None:
            skipped.append(given)
            continue
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise ValueError(f"{given} must be a finite number, got {value!r}")
        if name in weights:
            raise ValueError(f"{given} gives {name} a second time")
        weights[name] = min(max(float(value), 0.0), 1.0)
    return weights, tuple(skipped)


def parse_assignments(text: str) -> dict[str, float]:
    """`"a=0.6,b=1"` of the command line as numbers by name, names as they were typed.

    Raises
    ------
    ValueError
        A part that is not name=number, a number that is not finite, or a name that is there twice.
    """
    values: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, separator, number = (piece.strip() for piece in part.partition("="))
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not name or not separator or not math.isfinite(value):
            raise ValueError(f"{part!r} must be a name and a number, as in mouthSmileLeft=0.6")
        if name in values:
            raise ValueError(f"{name} is given twice")
        values[name] = value
    return values


def parse_expression(text: str) -> dict[str, float]:
    """`"mouthSmile_L=0.6,jawOpen=1"` of the command line as weights by ARKit name.

    Raises
    ------
    ValueError
        As `parse_assignments` and `parse_weights`, and for a name that is no ARKit weight: what a person
        types should not be passed over silently.
    """
    weights, skipped = parse_weights(parse_assignments(text))
    if skipped:
        raise ValueError(f"{skipped[0]!r} is not one of the 52 ARKit expression weights")
    return weights
