"""Teeth: shades in the guide's order, darker, yellower and worn with the years, but of one person."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.document.commands import SetComplexion
from rhytid.core.document.project_json import state_from_json, state_to_json
from rhytid.core.document.state import DocumentState
from rhytid.core.face.skin_color import skin_color_key
from rhytid.core.maps.complexion import random_colors
from rhytid.core.maps.tooth_color import USUAL_SHADE, enamel


def test_the_usual_shade_at_thirty_is_the_measure() -> None:
    assert enamel(USUAL_SHADE, 30.0) == ((1.0, 1.0, 1.0), 0.0)
    assert DocumentState().enamel.tint == pytest.approx(enamel(USUAL_SHADE, DocumentState().age).tint)


def test_dark_shades_and_years_make_teeth_darker_and_yellower() -> None:
    for teeth in (
        [enamel(shade, 30.0) for shade in np.linspace(0, 1, 6)],
        [enamel(0.4, age) for age in (20.0, 30.0, 45.0, 60.0, 80.0)],
    ):
        tints = np.array([one.tint for one in teeth])
        assert (np.diff(tints, axis=0) < 0).all()
        assert (np.diff(tints[:, 0] / tints[:, 2]) > 0).all()
    assert [enamel(0.4, age).wear for age in (16.0, 30.0, 80.0)] == [0.0, 0.0, 1.0]
    # A pale old person's teeth may be lighter than a dark young one's.
    assert enamel(0.0, 80.0).tint[1] > enamel(0.9, 20.0).tint[1]


def test_teeth_leave_the_skin_alone() -> None:
    state = DocumentState()
    other = SetComplexion({"teeth": 0.9}).apply(state)
    assert other.enamel != state.enamel
    assert skin_color_key(other) == skin_color_key(state)


def test_people_differ_in_their_teeth() -> None:
    shades = np.array([random_colors(seed).complexion.teeth for seed in range(60)])
    assert 0.25 < shades.mean() < 0.45
    assert 0.08 < shades.std() < 0.2


def test_projects_that_know_no_teeth_have_the_usual() -> None:
    document, points = state_to_json(SetComplexion({"teeth": 0.9, "lips": 0.7}).apply(DocumentState()))
    assert state_from_json(document, points, None).complexion.teeth == 0.9
    del document["complexion"]["teeth"]
    opened = state_from_json(document, points, None).complexion
    assert (opened.teeth, opened.lips) == (USUAL_SHADE, 0.7)
