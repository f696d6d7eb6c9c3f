"""Emotions as action units, and the intensities that coders of the face know.

The units of each emotion are those of EMFACS (Friesen and Ekman 1983; Ekman, Friesen and Hager 2002, FACS
Investigator's Guide, table 10-1, prototypes); the letters A to E are the intensity scale of FACS. Its letters have no
numbers: trace, slight, marked, severe and maximum stand here at shares of the largest movement.
"""

from __future__ import annotations

import numpy as np

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES, mirrored_name
from rhytid.core.document.action_units import action_unit_table
from rhytid.core.document.commands import Batch, SetActionUnits, SetExpressionWeights, WearExpression
from rhytid.core.document.expression import effective_expression
from rhytid.core.document.state import DocumentState
from rhytid.core.language import tr

INTENSITIES: dict[str, float] = {"A": 0.12, "B": 0.3, "C": 0.55, "D": 0.8, "E": 1.0}
EMOTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "happiness": (tr("Happiness"), ("AU6", "AU12", "AU25")),
    "sadness": (tr("Sadness"), ("AU1", "AU4", "AU15", "AU17")),
    "surprise": (tr("Surprise"), ("AU1", "AU2", "AU5", "AU26")),
    "fear": (tr("Fear"), ("AU1", "AU2", "AU4", "AU5", "AU20", "AU25")),
    "anger": (tr("Anger"), ("AU4", "AU5", "AU7", "AU24")),
    "disgust": (tr("Disgust"), ("AU9", "AU10", "AU17")),
    "contempt": (tr("Contempt"), ("AU12R", "AU14R")),
    "pain": (tr("Pain"), ("AU4", "AU6", "AU9", "AU10", "AU43", "AU25")),
    "embarrassment": (tr("Embarrassment"), ("AU12", "AU24", "AU64")),
}
_SECONDARY = 0.25  # chance that a second emotion mixes in
_GAZE = ("AU61", "AU62", "AU63", "AU64")


def show_emotion(name: str, intensity: float) -> Batch:
    """The command that shows an emotion at 0..1, and nothing else of the face.

    Raises
    ------
    KeyError
        There is no such emotion.
    """
    title, units = EMOTIONS[name]
    return _only(dict.fromkeys(units, intensity), f"{title} {letter_of(intensity)}")


def letter_of(intensity: float) -> str:
    """The letter nearest to an intensity of 0..1."""
    return min(INTENSITIES, key=lambda letter: abs(INTENSITIES[letter] - intensity))


def random_expression(rng: np.random.Generator) -> Batch:
    """An expression that a face may wear: an emotion, sometimes with another one, uneven and looking somewhere."""
    names = rng.permutation(list(EMOTIONS))
    units = {unit: float(rng.uniform(0.2, 1.0)) for unit in EMOTIONS[names[0]][1]}
    if rng.random() < _SECONDARY:
        for unit in EMOTIONS[names[1]][1]:
            units[unit] = max(units.get(unit, 0.0), float(rng.uniform(0.1, 0.4)))
    table = action_unit_table().weights
    for unit in tuple(units):
        sides = {f"{unit}L", f"{unit}R"}
        if sides <= set(table):
            whole = units.pop(unit)
            units |= {side: whole * float(rng.uniform(0.8, 1.0)) for side in sorted(sides)}
    units[_GAZE[int(rng.integers(len(_GAZE)))]] = float(rng.uniform(0.0, 0.35))
    return _only(units, "Random expression")


def weights_text(state: DocumentState) -> str:
    """The expression that shows, as the command line reads it: ``mouthSmileLeft=0.5,jawOpen=0.2``."""
    pairs = zip(ARKIT_NAMES, effective_expression(state).tolist(), strict=True)
    return ",".join(f"{name}={value:.4g}" for name, value in pairs if value > 0.0)


def mirrored(state: DocumentState) -> WearExpression:
    """The command that wears the mirror image of the expression that shows."""
    values = effective_expression(state).tolist()
    return WearExpression("the mirror", tuple(values[ARKIT_INDEX[mirrored_name(name)]] for name in ARKIT_NAMES))


def blended(state: DocumentState, other: dict[str, float], share: float) -> WearExpression:
    """The command that wears a mixture: 0 what shows, 1 `other`, weights by ARKit name."""
    own = effective_expression(state).tolist()
    pairs = zip(ARKIT_NAMES, own, strict=True)
    mixed = tuple(value + share * (other.get(name, 0.0) - value) for name, value in pairs)
    return WearExpression("the mixture", mixed)


def _only(units: dict[str, float], label: str) -> Batch:
    """These action units, every other one and every weight 0."""
    everything = dict.fromkeys(action_unit_table().weights, 0.0) | units
    return Batch((SetExpressionWeights(dict.fromkeys(ARKIT_NAMES, 0.0)), SetActionUnits(everything)), label)
