"""What a telephone sends while Live Link Face streams: a packet a frame by UDP.

The format is that of the app's sixth version, as receivers of it describe it; all numbers are big-endian:

    uint8      6
    text       device; text is its length in bytes as int32, and as many bytes of UTF-8
    text       subject, as it is called in the app
    int32      frame of the timecode; float32 part of it; int32 frames a second; int32 their denominator
    uint8      61
    float32    52 weights in the order of `LIVE_LINK_NAMES`; yaw, pitch and roll of the head, then of left and right eye

A packet ends behind the subject or the timecode while the telephone sees no face.
"""

from __future__ import annotations

import math
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES
from rhytid.core.files.text import shown
from rhytid.core.io.motion import Float32, Motion
from rhytid.core.read_only import read_only

PORT = 11111
MAX_PACKET_BYTES = 1024
MOST_PACKETS_A_SECOND, MOST_SOURCES, MOST_RECORDED_S = 300, 16, 600.0
_VERSION = 6
_LONGEST_NAME = 200
_MOST_FPS = 1000.0
_FULL_TURN_RAD, _MOST_WEIGHT = 2 * math.pi, 10.0
_RESTARTED_S = 2.0  # a packet that is so much older than the last one is the first of another run
_TIME = struct.Struct(">if2i")


def _sides(*names: str) -> list[str]:
    return [f"{name}{side}" for name in names for side in ("Left", "Right")]


LIVE_LINK_NAMES: tuple[str, ...] = (
    *(f"eye{part}{side}" for side in ("Left", "Right")
      for part in ("Blink", "LookDown", "LookIn", "LookOut", "LookUp", "Squint", "Wide")),
    "jawForward", "jawLeft", "jawRight", "jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft",
    "mouthRight", *_sides("mouthSmile", "mouthFrown", "mouthDimple", "mouthStretch"), "mouthRollLower",
    "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper",
    *_sides("mouthPress", "mouthLowerDown", "mouthUpperUp", "browDown"), "browInnerUp",
    *_sides("browOuterUp"), "cheekPuff", *_sides("cheekSquint", "noseSneer"), "tongueOut",
)  # fmt: skip
"""ARKit names in the order in which they are sent."""
_ORDER = [LIVE_LINK_NAMES.index(name) for name in ARKIT_NAMES]
_LOOKS = [ARKIT_INDEX[name] for name in ARKIT_NAMES if name.startswith("eyeLook")]
N_VALUES = len(LIVE_LINK_NAMES) + 9


class PacketError(ValueError):
    """Bytes that are no packet of Live Link Face."""


@dataclass(frozen=True, eq=False)
class LivePacket:
    """One frame of a face.

    Attributes
    ----------
    device, subject : str
        Who sends it.
    time_s : float
        Of its timecode, from midnight.
    weights : float32 (52,), read-only
        ARKit weights 0..1.
    turn : float32 (3,), read-only
        Yaw, pitch and roll of the head in radians, as `core.io.motion.Motion` has them.
    arrived_s : float
        On the receiver's clock; 0 until then.
    """

    device: str
    subject: str
    time_s: float
    weights: Float32
    turn: Float32
    arrived_s: float = 0.0


def parse_packet(data: bytes) -> LivePacket | None:
    """The frame in a packet; None where the telephone sees no face.

    Raises
    ------
    PacketError
        It is no such packet.
    """
    if not 1 <= len(data) <= MAX_PACKET_BYTES or data[0] != _VERSION:
        raise PacketError("is no packet of Live Link Face in its version 6")
    device, at = _text(data, 1)
    subject, at = _text(data, at)
    if len(data) in (at, at + _TIME.size):
        return None
    values_at = at + _TIME.size + 1
    if len(data) != values_at + 4 * N_VALUES or data[values_at - 1] != N_VALUES:
        raise PacketError("is cut off, or longer than it says")
    frame, part, rate, denominator = _TIME.unpack_from(data, at)
    fps = rate / denominator if denominator else 0.0
    if frame < 0 or not 0 < fps <= _MOST_FPS or not 0 <= part < 1:
        raise PacketError("has no time")
    values = np.frombuffer(data, ">f4", N_VALUES, values_at).astype(np.float32)
    weights, turn = values[: len(LIVE_LINK_NAMES)][_ORDER], values[len(LIVE_LINK_NAMES) :][:3]
    # Not a number compares with nothing.
    if not (np.abs(weights) <= _MOST_WEIGHT).all() or not (np.abs(values[-9:]) <= _FULL_TURN_RAD).all():
        raise PacketError("holds no weights and angles")
    return LivePacket(device, subject, (frame + part) / fps, read_only(np.clip(weights, 0, 1)), read_only(turn.copy()))


def _text(data: bytes, at: int) -> tuple[str, int]:
    """A text and where it ends."""
    start = at + 4
    length = int.from_bytes(data[at:start], "big", signed=True)
    if start > len(data) or not 0 <= length <= min(_LONGEST_NAME, len(data) - start):
        raise PacketError("is cut off in a name")
    try:
        return shown(data[start : start + length].decode("utf-8")), start + length
    except UnicodeDecodeError:
        raise PacketError("has a name that is no text") from None


@dataclass(frozen=True)
class Counts:
    """What came of the packets: frames taken, without a face, no packets, older than the last, over the limits."""

    taken: int = 0
    faceless: int = 0
    malformed: int = 0
    late: int = 0
    flooded: int = 0


class LiveFeed:
    """The newest frame of each source, and those that are recorded; one thread brings packets, another one looks.

    Parameters
    ----------
    clock : callable
        Seconds that pass.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._latest: dict[str, LivePacket] = {}
        self._counts = Counts()
        self._window = (-math.inf, 0)  # beginning of the present second, and packets in it
        self._recorded: list[LivePacket] | None = None
        self._recorded_source = ""

    def take(self, data: bytes) -> None:
        """Take a packet that arrived, or count why not."""
        now = self._clock()
        with self._lock:
            start, count = self._window
            self._window = (now, 1) if now - start >= 1.0 else (start, count + 1)
            if self._window[1] > MOST_PACKETS_A_SECOND:
                self._count("flooded")
                return
        try:
            packet = parse_packet(data)
        except PacketError:
            with self._lock:
                self._count("malformed")
            return
        with self._lock:
            self._count("faceless" if packet is None else self._keep(replace(packet, arrived_s=now)))

    def _keep(self, packet: LivePacket) -> str:
        source = packet.subject or packet.device
        before = self._latest.get(source)
        if before is None and len(self._latest) == MOST_SOURCES:
            return "flooded"
        if before is not None and -_RESTARTED_S < packet.time_s - before.time_s <= 0:
            return "late"
        self._latest[source] = packet
        if self._recorded is not None and source == self._recorded_source:
            first = self._recorded[0] if self._recorded else packet
            if 0 <= packet.time_s - first.time_s <= MOST_RECORDED_S:
                self._recorded.append(packet)
        return "taken"

    def _count(self, what: str) -> None:
        self._counts = replace(self._counts, **{what: getattr(self._counts, what) + 1})

    @property
    def counts(self) -> Counts:
        """What came of the packets so far."""
        return self._counts

    @property
    def sources(self) -> tuple[str, ...]:
        """Who has sent a face, in the order in which they came."""
        with self._lock:
            return tuple(self._latest)

    def latest(self, source: str) -> LivePacket | None:
        """The newest frame of a source."""
        with self._lock:
            return self._latest.get(source)

    def age_s(self, packet: LivePacket) -> float:
        """How long ago a frame arrived."""
        return self._clock() - packet.arrived_s

    def record(self, source: str) -> None:
        """Keep the frames of a source from now on, ten minutes at most."""
        with self._lock:
            self._recorded, self._recorded_source = [], source

    def recorded(self) -> Motion | None:
        """End the recording; None where fewer than two frames came."""
        with self._lock:
            packets, self._recorded = self._recorded or [], None
        return motion_of_packets(packets)


def motion_of_packets(packets: list[LivePacket]) -> Motion | None:
    """Frames as a recording; None for fewer than two of different times. What is older than its forerunner is left."""
    kept: list[LivePacket] = []
    for packet in packets:
        if not kept or packet.time_s > kept[-1].time_s:
            kept.append(packet)
    if len(kept) < 2:
        return None
    times = np.array([packet.time_s for packet in kept]) - kept[0].time_s
    turns = np.array([packet.turn for packet in kept])
    return Motion(
        kept[0].subject or kept[0].device, read_only(times), read_only(np.array([packet.weights for packet in kept])),
        float(1 / np.median(np.diff(times))), read_only(turns) if turns.any() else None,
    )  # fmt: skip


class Smoother:
    """Follows what comes by a time constant: after it 63 % of a step are reached. The gaze is not smoothed.

    Attributes
    ----------
    time_s : float
        0 follows at once.
    """

    def __init__(self) -> None:
        self.time_s = 0.0
        self._before: tuple[float, Float32, Float32] | None = None

    def forget(self) -> None:
        """Begin anew with what comes next."""
        self._before = None

    def __call__(self, packet: LivePacket) -> tuple[Float32, Float32]:
        """Weights (52,) and turn (3,) at the time of a frame."""
        weights, turn = packet.weights, packet.turn
        if self._before is not None and self.time_s > 0:
            before_s, old_weights, old_turn = self._before
            elapsed = max(packet.arrived_s - before_s, 0.0)
            share = np.float32(1 - math.exp(-elapsed / self.time_s))
            smoothed = old_weights + share * (weights - old_weights)
            smoothed[_LOOKS] = weights[_LOOKS]
            weights, turn = smoothed, old_turn + share * (turn - old_turn)
        self._before = packet.arrived_s, weights, turn
        return weights, turn
