"""Amounts of many strokes at once equal those of single strokes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from detail_samples import blank, line

from rhytid.core.arkit import expression_array
from rhytid.core.detail.amounts import amounts
from rhytid.core.detail.request import EngineSettings, Pose
from rhytid.core.detail.wrinkles import generated_strokes
from rhytid.core.lines.stroke import Binding, Onset


def strokes():
    one = line("one", (0.3, 0.3), (0.5, 0.3))
    smile = Binding(Onset.EXPRESSION, (("mouthSmileLeft", 0.7), ("mouthSmileRight", 0.6), ("unknown", 0.2)))
    return (
        *generated_strokes(3), one, replace(one, id="late", birth_age=41.3), replace(one, id="hidden", visible=False),
        replace(one, id="smile", binding=smile, birth_age=22.0),
        replace(one, id="unweighted", binding=Binding(Onset.ACTION_UNITS, (("AU12", 0.0),))),
    )  # fmt: skip


@pytest.mark.parametrize("age", [16, 30.0, 47.123, 70.0])
@pytest.mark.parametrize("smile", [0.0, 0.37, 1.0])
def test_amounts_are_those_of_single_strokes_bit_for_bit(age, smile):
    settings = EngineSettings(strength=0.83, static_strength=0.7, dynamic_strength=1.3)
    expression = expression_array({"mouthSmileLeft": smile, "mouthSmileRight": 0.3})
    posed = Pose(expression, {"AU12": smile, "AU1": 0.31}, age, blank(), settings)
    neutral = Pose(expression_array({}), {}, 30.0, blank(), settings)
    many = amounts(strokes(), neutral, posed)
    assert many.tobytes() == np.array([[pose.amount(one) for one in strokes()] for pose in (neutral, posed)]).tobytes()
    assert many.any()


def test_no_strokes_have_no_amounts():
    assert amounts((), Pose(expression_array({}), {}, 30.0, blank(), EngineSettings())).shape == (1, 0)
