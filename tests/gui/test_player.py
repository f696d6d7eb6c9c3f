"""Time that plays: frames wait for the last one, and come as soon as that is there."""

from __future__ import annotations

import pytest

from rhytid.gui.controllers.player import Player


class Reel(Player):
    """Ten seconds of which it notes the frames that were shown."""

    loop = False
    fps = 0.001  # no tick comes by itself
    span = (0.0, 10.0)

    def __init__(self) -> None:
        self.busy = False
        super().__init__(lambda: self.busy)
        self.now_s, self.shown = 0.0, []
        self.clock = lambda: self.now_s

    def show(self, time_s: float) -> None:
        self.shown.append(time_s)


@pytest.fixture
def reel(qapp) -> Reel:
    reel = Reel()
    reel.play()
    yield reel
    reel.pause()


def test_a_frame_that_was_due_while_the_last_was_computed_comes_when_that_is_there(reel: Reel) -> None:
    reel.busy = True
    reel._step()
    assert reel.shown == []
    reel.busy, reel.now_s = False, 0.7
    reel.catch_up()
    assert reel.shown == [0.7]


def test_what_is_there_in_time_brings_no_frame_before_it_is_due(reel: Reel) -> None:
    reel._step()
    reel.catch_up()
    assert reel.shown == [0.0]


def test_nothing_is_caught_up_once_it_rests(reel: Reel) -> None:
    reel.busy = True
    reel._step()
    reel.pause()
    reel.busy = False
    reel.catch_up()
    assert reel.shown == []
