"""The 20 key expressions, random mixtures of ARKit weights, and the action units that an expression contains."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES, N_EXPRESSION, expression_array, mirrored_name
from rhytid.core.files.presets import read_preset_file
from rhytid.core.resources import resource

Float32 = npt.NDArray[np.float32]
_UNITS_PATH = resource("presets", "action_units.json")


def _both(**weights: float) -> dict[str, float]:
    """Weights by name; a name that ends in an underscore stands for its left and right variant."""
    result: dict[str, float] = {}
    for name, value in weights.items():
        for full in (f"{name[:-1]}Left", f"{name[:-1]}Right") if name.endswith("_") else (name,):
            result[full] = value
    return result


_KEYS: dict[str, dict[str, float]] = {
    "1_neutral": {},
    "2_smile": _both(mouthSmile_=0.6),
    "3_mouth_stretch": _both(jawOpen=0.7),
    "4_anger": _both(browDown_=1.0, mouthFrown_=0.3),
    "5_jaw_left": _both(jawLeft=1.0),
    "6_jaw_right": _both(jawRight=1.0),
    "7_jaw_forward": _both(jawForward=1.0),
    "8_mouth_left": _both(mouthLeft=1.0),
    "9_mouth_right": _both(mouthRight=1.0),
    "10_dimpler": _both(mouthDimple_=1.0),
    "11_chin_raiser": _both(mouthRollLower=0.6, mouthShrugUpper=1.0),
    "12_lip_puckerer": _both(mouthPucker=1.0),
    "13_lip_funneler": _both(mouthFunnel=1.0),
    "14_sadness": _both(browDown_=0.5, mouthFrown_=0.8),
    "15_lip_roll": _both(jawOpen=0.23, mouthRollUpper=0.8, mouthRollLower=0.6),
    "16_grin": _both(mouthSmile_=0.5, mouthShrugUpper=1.0, cheekSquint_=1.0),
    "17_cheek_blowing": _both(cheekPuff=1.0),
    "18_eye_closed": _both(eyeBlink_=1.0),
    "19_brow_raiser": _both(eyeLookUp_=0.8, browInnerUp=0.4, browOuterUp_=0.4),
    "20_brow_lower": _both(browDown_=1.0),
}
KEY_EXPRESSIONS: dict[str, Float32] = {name: expression_array(weights) for name, weights in _KEYS.items()}
"""ARKit weights (52,) of the 20 poses of FaceScape, named as the files of the scans."""


def key_expression_index(expression: npt.ArrayLike) -> int:
    """Number 0..19 of the key expression with these weights, -1 for any other."""
    weights = np.asarray(expression, np.float32)
    for index, key in enumerate(KEY_EXPRESSIONS.values()):
        if np.allclose(weights, key, atol=1e-3):
            return index
    return -1


def random_expression(rng: np.random.Generator) -> Float32:
    """A plausible mixture: a few movements, mostly symmetric, each at its own strength, float32 (52,)."""
    weights = np.zeros(N_EXPRESSION, np.float32)
    keys = list(KEY_EXPRESSIONS.values())
    for _ in range(int(rng.integers(0, 3))):
        weights += np.float32(rng.uniform(0.3, 1.0)) * keys[int(rng.integers(1, len(keys)))]
    for _ in range(int(rng.integers(0, 4))):
        name = ARKIT_NAMES[int(rng.integers(N_EXPRESSION))]
        value = float(rng.uniform(0.15, 1.0))
        weights[ARKIT_INDEX[name]] += value
        if not name.startswith(("jaw", "mouthLeft", "mouthRight")):
            weights[ARKIT_INDEX[mirrored_name(name)]] = weights[ARKIT_INDEX[name]] * float(
                1 if rng.random() < 0.7 else rng.uniform(0, 1)
            )
    result: Float32 = np.clip(weights, 0, 1).astype(np.float32)
    return result


@lru_cache(maxsize=1)
def _units() -> tuple[tuple[str, ...], npt.NDArray[np.float64]]:
    """Names of the action units with their sides, and their weights (U, 52)."""
    table: dict[str, Float32] = {}
    try:
        for entry in read_preset_file(_UNITS_PATH)["action_units"]:
            sides = {side: entry[word] for side, word in (("L", "left"), ("R", "right")) if word in entry}
            for side, weights in sides.items():
                table[entry["name"] + side] = expression_array(weights)
            if "weights" in entry:
                table[entry["name"]] = expression_array(entry["weights"])
            elif not entry.get("exclusive", False):
                table[entry["name"]] = expression_array({**sides["L"], **sides["R"]})
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{_UNITS_PATH}: no table of action units ({error!r}); install the program again") from error
    return tuple(table), np.stack(list(table.values())).astype(np.float64)


def action_units(expression: npt.ArrayLike) -> dict[str, float]:
    """Intensity 0..1 of every action unit in an expression (52,): its projection on the unit's weights."""
    names, matrix = _units()
    value = np.clip(matrix @ np.asarray(expression, np.float64) / (matrix * matrix).sum(1), 0, 1)
    return {name: float(x) for name, x in zip(names, value.tolist(), strict=True) if x > 1e-4}
