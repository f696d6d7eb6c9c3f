"""What is exported is exact, even after the same engines drew the screen on a device that computes otherwise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rhytid.core.document.state import DocumentState
from rhytid.core.face.detail_maker import DetailMaker
from rhytid.core.face.engine_choice import standard_engines
from rhytid.core.head.load import default_head
from rhytid.core.learned.runtime import PROCESSOR, RUNTIME, Device
from rhytid.core.lines.stroke import Stroke

CARD = Device("card", "Graphics card", "CardProvider")
OFF = np.float32(5e-4)  # 0.1 mm, as networks see displacement


@pytest.fixture
def card(monkeypatch) -> None:
    """A device in use whose results are a little higher than the processor's."""
    real, sessions = RUNTIME.open, {}

    def run(_device, data, outputs, inputs):
        if data not in sessions:
            sessions[data] = real(data, PROCESSOR)
        return [values + OFF for values in sessions[data].run(outputs, inputs)]

    monkeypatch.setattr(RUNTIME, "run", run)
    RUNTIME.use(CARD)
    yield
    RUNTIME.use(PROCESSOR)


def test_the_screen_leaves_no_trace_in_an_export(card):
    line = Stroke("line", np.array([[0.3, 0.3], [0.5, 0.28], [0.7, 0.3]], np.float32), np.ones(3, np.float32))
    plain = DocumentState()
    state = replace(plain, age=60.0, strokes=(line,), settings=replace(plain.settings, name="semm"))
    head, engines = default_head(), standard_engines()
    if engines.reason_against("semm"):
        pytest.skip("the weights of semm are not there")
    exact = DetailMaker(standard_engines()).maps(state, head, 256).displacement
    screen = DetailMaker(engines, on_device=True).maps(state, head, 256).displacement
    exported = DetailMaker(engines).maps(state, head, 256).displacement
    again = DetailMaker(engines, on_device=True).maps(state, head, 256).displacement
    np.testing.assert_array_equal(exported, exact)
    np.testing.assert_array_equal(again, screen)
    assert 0 < np.abs(screen - exact).max() < 1e-3
