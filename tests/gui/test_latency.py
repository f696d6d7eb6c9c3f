"""How long a hand waited: from the event that a delivery answers to, to the frame that shows it."""

from __future__ import annotations

import time

import pytest

from rhytid.core.document.state import DocumentState
from rhytid.gui.controllers.detail_scheduler import Delivery
from rhytid.gui.controllers.latency import Latencies


def delivery(refined, strokes_only, input_s):
    return Delivery(1, DocumentState(), None, None, refined, strokes_only, input_s)


@pytest.mark.parametrize(
    ("refined", "strokes_only", "step"),
    [(False, False, "slider_to_preview_256"), (True, False, "slider_to_1024"), (True, True, "stroke_to_surface_1024")],
)
def test_a_delivery_counts_once_under_its_step(refined, strokes_only, step):
    latencies = Latencies()
    latencies.delivered(delivery(refined, strokes_only, time.perf_counter() - 0.05))
    assert latencies.samples(step) == []
    latencies.painted(4.0)
    latencies.painted(None)
    (waited_ms,) = latencies.samples(step)
    assert 50.0 <= waited_ms < 5000.0
    assert latencies.samples("frame") == [4.0]


def test_what_no_hand_asked_for_counts_nowhere():
    latencies = Latencies()
    latencies.delivered(delivery(True, False, None))
    latencies.painted(None)
    assert latencies.last_latency_ms is None


def test_a_late_frame_answers_the_event_that_it_is_of():
    latencies = Latencies()
    assert latencies.answered_s("slider_to_preview_256") < 0
    for input_s in (3.0, 4.0):
        latencies.delivered(delivery(False, False, input_s))
        assert latencies.answered_s("slider_to_preview_256") < input_s, "it is not on the screen yet"
        latencies.painted(None)
        assert latencies.answered_s("slider_to_preview_256") == input_s
    assert latencies.answered_s("slider_to_1024") < 0
