"""Expressions on which a pack is solved, and others on which it is judged.

A pack is solved on each ARKit shape alone, on the program's own presets and emotions, and on random ones as faces wear
them. It is judged on random ones that it was not solved on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rhytid.core.arkit import ARKIT_NAMES, N_EXPRESSION, expression_array
from rhytid.core.document.action_units import action_unit_table
from rhytid.core.document.emotions import EMOTIONS, random_expression, show_emotion
from rhytid.core.document.expression import effective_expression
from rhytid.core.document.expression_presets import expression_presets
from rhytid.core.document.state import DocumentState

_FIT_SEED, _HELD_OUT_SEED = 1301, 2602
_HALF = 0.5
_GAZE_FROM = 61  # action units that turn eyes
_WITHOUT_SKIN = ("eyeLook", "tongue")
"""Beginnings of shapes that move no skin that wrinkles."""


@dataclass(frozen=True)
class Sample:
    """One expression.

    Attributes
    ----------
    name : str
    weights : tuple of 52 floats
        Effective ARKit weights, 0..1.
    """

    name: str
    weights: tuple[float, ...]


def fit_samples(n_random: int = 64) -> tuple[Sample, ...]:
    """What a pack is solved on: shapes alone at full and at half weight, presets, emotions, random expressions."""
    samples = []
    for name in ARKIT_NAMES:
        if not name.startswith(_WITHOUT_SKIN):
            samples += [_of(f"{name} {weight:g}", {name: weight}) for weight in (1.0, _HALF)]
    samples += [_of(preset.title, dict(preset.weights)) for preset in expression_presets().values()]
    for name, (title, _) in EMOTIONS.items():
        samples.append(Sample(title, _worn(show_emotion(name, 1.0).apply(DocumentState()))))
    return (*samples, *_random(n_random, _FIT_SEED))


def held_out_samples(n: int = 20) -> tuple[Sample, ...]:
    """What a pack is judged on: random expressions that are in no fit."""
    return _random(n, _HELD_OUT_SEED)


def _random(n: int, seed: int) -> tuple[Sample, ...]:
    """Half of them emotions as faces mix them, half two to five action units that have nothing to do with another."""
    rng = np.random.default_rng(seed)
    units = [unit for unit in action_unit_table().weights if _facs_number(unit) < _GAZE_FROM]
    samples = []
    for number in range(n):
        if number % 2 == 0:
            command = random_expression(rng)
            samples.append(Sample(f"emotion {number + 1}", _worn(command.apply(DocumentState()))))
            continue
        drawn = rng.choice(units, int(rng.integers(2, 6)), replace=False)
        chosen = {_facs_number(unit): unit for unit in drawn}.values()  # one side or both, not both and one
        intensities = tuple(sorted((str(unit), float(rng.uniform(0.3, 1.0))) for unit in chosen))
        name = " ".join(f"{unit} {intensity:.2f}" for unit, intensity in intensities)
        samples.append(Sample(name, _worn(DocumentState(action_units=intensities))))
    return tuple(samples)


def _facs_number(unit: str) -> int:
    """12 of "AU12L"."""
    return int(unit.strip("AULR"))


def _of(name: str, weights: dict[str, float]) -> Sample:
    return Sample(name, tuple(float(weight) for weight in expression_array(weights)))


def _worn(state: DocumentState) -> tuple[float, ...]:
    weights = tuple(float(weight) for weight in effective_expression(state))
    assert len(weights) == N_EXPRESSION
    return weights
