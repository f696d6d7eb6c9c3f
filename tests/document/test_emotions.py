"""Emotions by intensity, mirrored and mixed expressions."""

import numpy as np
import pytest

from rhytid.core.arkit import ARKIT_INDEX, parse_expression
from rhytid.core.document.commands import SetExpressionWeights
from rhytid.core.document.emotions import (
    EMOTIONS,
    INTENSITIES,
    blended,
    letter_of,
    mirrored,
    random_expression,
    show_emotion,
    weights_text,
)
from rhytid.core.document.expression import effective_expression
from rhytid.core.document.state import DocumentState


@pytest.fixture
def wry():
    weights = {"mouthSmileLeft": 0.8, "jawOpen": 0.3, "browInnerUp": 0.2}
    return SetExpressionWeights(weights).apply(DocumentState())


@pytest.mark.parametrize("name", EMOTIONS)
def test_an_emotion_grows_with_its_letter_and_takes_the_place_of_what_was(name, wry):
    totals = [effective_expression(show_emotion(name, share).apply(wry)).sum() for share in INTENSITIES.values()]
    assert totals == sorted(totals)
    assert totals[0] > 0
    state = show_emotion(name, 1.0).apply(wry)
    assert sum(state.expression) == 0
    assert {unit for unit, _ in state.action_units} == set(EMOTIONS[name][1])


def test_happiness_smiles_and_anger_lowers_the_brow():
    happy = effective_expression(show_emotion("happiness", 1.0).apply(DocumentState()))
    angry = effective_expression(show_emotion("anger", 1.0).apply(DocumentState()))
    assert happy[ARKIT_INDEX["mouthSmileLeft"]] > 0.5 > angry[ARKIT_INDEX["mouthSmileLeft"]]
    assert angry[ARKIT_INDEX["browDownLeft"]] > 0.5 > happy[ARKIT_INDEX["browDownLeft"]]


def test_letters_name_their_intensities():
    assert [letter_of(share) for share in INTENSITIES.values()] == list(INTENSITIES)


def test_mirrored_twice_is_what_it_was(wry):
    once = mirrored(wry).apply(wry)
    assert once.expression[ARKIT_INDEX["mouthSmileRight"]] == pytest.approx(0.8)
    assert once.expression[ARKIT_INDEX["mouthSmileLeft"]] == 0
    assert mirrored(once).apply(once).expression == pytest.approx(wry.expression)


def test_what_is_copied_is_worn_again_and_mixes_evenly(wry):
    weights = parse_expression(weights_text(wry))
    plain = DocumentState()
    assert blended(plain, weights, 1.0).apply(plain).expression == pytest.approx(wry.expression, abs=1e-3)
    half = blended(plain, weights, 0.5).apply(plain)
    assert half.expression == pytest.approx(np.array(wry.expression) / 2, abs=1e-3)
    assert blended(wry, {}, 1.0).apply(wry).expression == pytest.approx([0.0] * 52)


def test_random_expressions_differ_and_move_the_face():
    rng = np.random.default_rng(5)
    found = [effective_expression(random_expression(rng).apply(DocumentState())) for _ in range(12)]
    assert all(0.1 < weights.max() <= 1.0 for weights in found)
    assert len({weights.tobytes() for weights in found}) == 12
