"""The mouse over the groove beside the nose draws one stroke; over the nose's outline and from lip to lip two."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from rhytid.core.document.commands import SetAge, SetCamera, SetEngine, SetExpressionWeights
from rhytid.gui.controllers.stroke_recorder import JUMP, PenSample, StrokeRecorder
from rhytid.gui.viewport.grooves import joined_over_grooves


def shown(driver, yaw_deg, age, **weights):
    driver.document.execute(SetEngine(generate_wrinkles=False))
    driver.document.execute(SetExpressionWeights(weights))
    driver.document.execute(SetAge(age))
    driver.document.execute(SetCamera(yaw_deg=yaw_deg, distance_mm=400.0))
    driver.settle()


def farthest(driver, way):
    """The longest jump on the chart between points of the skin that follow each other on the screen."""
    charts = [None if point is None else point.chart for point in driver.viewport.pick([QPointF(p) for p in way])]
    assert None not in charts
    return max(math.dist(a, b) for a, b in itertools.pairwise(charts))


@pytest.mark.parametrize(
    ("yaw_deg", "weights", "start", "end", "strokes"),
    [
        (-30.0, {"mouthSmileLeft": 1.0, "mouthSmileRight": 1.0}, (0.25, 0.52), (0.5, 0.52), 1),  # under the wing
        (20.0, {}, (0.33, 0.47), (0.5, 0.47), 2),  # over the outline of the nose
        (0.0, {}, (0.5, 0.6), (0.5, 0.75), 2),  # from lip to lip
    ],
)
def test_a_stroke_goes_on_over_a_groove(driver, yaw_deg, weights, start, end, strokes):
    shown(driver, yaw_deg, 60.0, **weights)
    way = driver.way(start, end, steps=160)
    assert farthest(driver, way) > JUMP
    driver.drag(way)
    assert len(driver.document.state.strokes) == strokes
    if strokes == 1:
        (stroke,) = driver.document.state.strokes
        assert math.dist(stroke.points[0], start) < 0.02
        assert math.dist(stroke.points[-1], driver_chart(driver, way[-1])) < 0.01


def driver_chart(driver, point):
    (under,) = driver.viewport.pick([QPointF(point)])
    return under.chart


@pytest.mark.parametrize(("apart_mm", "on_surface"), [(1.0, True), (8.0, False), (30.0, True)])
def test_only_a_groove_is_gone_over(apart_mm, on_surface):
    """Two walls of a groove; touching lips and an outline still count as a jump on the surface."""
    chart = [(0.40, 0.5), (0.41, 0.5), (0.47, 0.5), (0.48, 0.5), (0.60, 0.5)]
    depth = {point: np.array([0.0, 0.0, apart_mm if point[0] > 0.45 else 0.0]) for point in chart}
    samples = [PenSample(point, on_surface=True) for point in chart]
    found = joined_over_grooves(samples[1:], chart[0], depth.__getitem__)
    assert [sample.on_surface for sample in found] == [True, on_surface, True, True]
    recorder = StrokeRecorder(0.0)
    for sample in [samples[0], *found]:
        recorder.add(sample.chart, 1.0, sample.on_surface)
    recorder.finish()
    assert len(recorder.drawn()) == (2 if on_surface else 1)  # what lies too far to be hidden is one point alone
