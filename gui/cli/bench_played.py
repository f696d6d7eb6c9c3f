"""Times of frames that come by themselves: of a recording, of a clip, and of a telephone's face."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Protocol

from rhytid.core.arkit import ARKIT_INDEX, N_EXPRESSION
from rhytid.core.document.document import Document
from rhytid.gui.cli.bench_learned import timed
from rhytid.gui.cli.bench_live import talking
from rhytid.gui.cli.bench_times import laugh


class Stages(Protocol):
    """What draws a document without a window."""

    document: Document

    def show(self, resolution: int) -> None: ...

    def maps(self, resolution: int) -> Any: ...


def driven_frame_256(bench: Stages, runs: int) -> Iterator[float]:
    """A recording drives a face that wears an imported map: every frame has another expression."""
    from rhytid.core.detail.request import SourceDetail, displacement_digest
    from rhytid.core.document.commands import ImportSource, WearExpression

    worn_map = bench.maps(256).displacement
    source = SourceDetail(worn_map, (0.0,) * N_EXPRESSION, 60.0, "bench", (), displacement_digest(worn_map))
    bench.document.execute(ImportSource(source))
    bench.show(256)
    gesture = bench.document.begin_gesture("Drive the face")
    for k in range(runs):
        weights = [0.0] * N_EXPRESSION
        for name, speed in (("jawOpen", 0.31), ("mouthSmileLeft", 0.23), ("browInnerUp", 0.17)):
            weights[ARKIT_INDEX[name]] = 0.5 - 0.5 * math.cos(speed * (k + 1))
        worn = WearExpression("recording", tuple(weights))
        yield timed(lambda worn=worn: (gesture.preview(worn), bench.show(256)))
    gesture.cancel()
    bench.document.undo()
    bench.show(256)


def playback(bench: Stages, runs: int) -> Iterator[float]:
    """Frames of a laugh, each from the playhead to the drawn face with its preview of detail."""
    from rhytid.core.document.commands import GoToTime, TakeClip

    bench.document.execute(TakeClip(laugh()))
    gesture = bench.document.begin_gesture("Play")
    for k in range(runs):
        there = GoToTime((k + 1) / 30 % 2.0)
        yield timed(lambda there=there: (gesture.preview(there), bench.show(256)))
    gesture.cancel()
    bench.document.undo()
    bench.show(256)


def live_link_frame(bench: Stages, runs: int) -> Iterator[float]:
    """Packets of somebody who talks, each from its bytes to the drawn face with its preview of detail."""
    from rhytid.core.face.worn import worn
    from rhytid.core.io.live_link import LivePacket, parse_packet

    gesture = bench.document.begin_gesture("Live Link")

    def show(data: bytes) -> None:
        packet = parse_packet(data)
        assert isinstance(packet, LivePacket)
        gesture.preview(worn(packet.subject, packet.weights, packet.turn))
        bench.show(256)

    for k in range(runs):
        yield timed(partial(show, talking(4 * k)))
    gesture.cancel()
    bench.show(256)


STEPS: dict[str, Callable[[Stages, int], Iterator[float]]] = {
    "driven_frame_256": driven_frame_256, "playback": playback, "live_link_frame": live_link_frame,
}  # fmt: skip
GOALS_MS = {"playback": 1000 / 12}
