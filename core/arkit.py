"""The 52 ARKit blendshape names, in the order that every array of expression weights uses.

The order is alphabetical by region with left before right, as in Apple's
`ARFaceAnchor.BlendShapeLocation`. An array of expression weights is float32 (52,) in 0..1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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
_MIRROR_EXCEPTIONS = {"jawLeft": "jawRight", "jawRight": "jawLeft", "mouthLeft": "mouthRight", "mouthRight": "mouthLeft"}


def mirrored_name(name: str) -> str:
    """ARKit name of the mirror image of `name` (itself when the shape is symmetric)."""
    if name in _MIRROR_EXCEPTIONS:
        return _MIRROR_EXCEPTIONS[name]
    if name.endswith("Left"):
        return name[:-4] + "Right"
    if name.endswith("Right"):
        return name[:-5] + "Left"
    return name


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
