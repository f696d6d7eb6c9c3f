"""Pictures of states from a process of its own: what they show, and what happens where there is nothing to show."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.cancelled import Cancelled
from rhytid.core.detail.request import EngineSettings
from rhytid.core.document.state import Camera, DocumentState, HeadReference
from rhytid.gui.render import step_pictures
from rhytid.gui.render.step_pictures import SIDE_PX, StateDrawer

PLAIN = EngineSettings(name="procedural", generate_wrinkles=False)


class Pipe:
    """Hands states out one after the other, and keeps what comes back."""

    def __init__(self, *states: DocumentState) -> None:
        self._states = list(states)
        self.answers: list[np.ndarray | None] = []

    def recv(self) -> DocumentState:
        if not self._states:
            raise EOFError
        return self._states.pop(0)

    def send(self, answer: np.ndarray | None) -> None:
        self.answers.append(answer)


def test_each_state_is_drawn_as_the_artist_saw_it(few_rays, monkeypatch):
    monkeypatch.setattr(step_pictures, "end_with_parent", lambda: None)
    monkeypatch.setattr(step_pictures, "_yield_to_others", lambda: None)
    monkeypatch.setattr(step_pictures, "RESOLUTION", 256)
    pipe = Pipe(DocumentState(settings=PLAIN), DocumentState(settings=PLAIN, camera=Camera(yaw_deg=80.0)))
    step_pictures.serve(pipe)
    front, side = (picture.astype(int) for picture in pipe.answers)
    assert front.shape == (SIDE_PX, SIDE_PX, 3)
    for picture in (front, side):
        assert (picture[..., 0] - picture[..., 2] > 15).mean() > 0.1  # skin
    assert np.abs(front - side).mean() > 8


def test_a_process_answers_and_gives_up_when_it_is_told():
    """It starts an interpreter: some seconds."""
    with StateDrawer() as drawer:
        assert drawer.picture(DocumentState(head=HeadReference("gone.obj")), lambda: False) is None
        with pytest.raises(Cancelled):
            drawer.picture(DocumentState(settings=PLAIN), lambda: True)
        process = drawer._process
    assert not process.is_alive()
