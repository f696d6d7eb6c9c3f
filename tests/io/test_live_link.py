"""What a telephone streams: packets taken apart, counted, recorded and smoothed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from live_link_packets import EYE_LOOK_IN_LEFT, HEAD_YAW, JAW_OPEN, faceless, packet

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES
from rhytid.core.io import live_link
from rhytid.core.io.live_link import LIVE_LINK_NAMES, Counts, LiveFeed, PacketError, Smoother, parse_packet

JAW = ARKIT_INDEX["jawOpen"]
GOOD = packet({JAW_OPEN: 0.5, HEAD_YAW: 0.25})
SIZE = len(GOOD)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def feed(clock: Clock) -> LiveFeed:
    return LiveFeed(clock)


def test_a_packet_is_taken_apart():
    found = parse_packet(packet({JAW_OPEN: 0.5, EYE_LOOK_IN_LEFT: 1.5, 51: -0.1, HEAD_YAW: 0.25, 54: -0.5}, 3723.5))
    assert (found.subject, found.device[:4]) == ("iPhone", "6F1B")
    assert found.time_s == pytest.approx(3723.5, abs=1e-3)
    weights = {name: value for name, value in zip(ARKIT_NAMES, found.weights.tolist(), strict=True) if value}
    assert weights == {"jawOpen": 0.5, "eyeLookInLeft": 1.0}
    assert found.turn.tolist() == [0.25, 0.0, -0.5]
    assert parse_packet(faceless()) is None


def test_the_order_is_that_of_the_app():
    assert sorted(LIVE_LINK_NAMES) == sorted(ARKIT_NAMES)
    known = {0: "eyeBlinkLeft", 13: "eyeWideRight", 15: "jawLeft", 18: "mouthClose", 22: "mouthRight",
             33: "mouthShrugLower", 40: "mouthUpperUpRight", 43: "browInnerUp", 46: "cheekPuff", 50: "noseSneerRight"}
    assert {place: LIVE_LINK_NAMES[place] for place in known} == known  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x06", b"\x05" + GOOD[1:], GOOD[:-1], GOOD + b"\0", GOOD[:100], b"\x06\xff\xff\xff\xff" + GOOD[5:],
        b"\x06\x7f\xff\xff\xff" + GOOD[5:], GOOD.replace(b"iPhone", b"\xff\xfe\xfd\xfc\xfb\xfa"),
        packet({JAW_OPEN: float("nan")}), packet({JAW_OPEN: float("inf")}), packet({JAW_OPEN: 1e9}),
        packet({HEAD_YAW: 100.0}), packet({60: float("nan")}), packet(time_s=-5.0), GOOD * 4,
        GOOD[:-248] + b"\0\0\0\0" + GOOD[-244:], faceless() + b"1234567",
    ],
)  # fmt: skip
def test_what_is_no_packet_is_refused(data):
    with pytest.raises(PacketError):
        parse_packet(data)


@given(st.binary(max_size=1100))
@example(GOOD)
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_packet_or_refused(data):
    look(data)


@given(st.lists(st.tuples(st.integers(0, SIZE - 1), st.integers(0, 255)), max_size=12), st.integers(0, SIZE))
@settings(max_examples=500, deadline=None)
def test_damaged_packets_are_packets_or_refused(changes, end):
    data = bytearray(GOOD)
    for place, value in changes:
        data[place] = value
    look(bytes(data))
    look(bytes(data[:end]))


def look(data: bytes) -> None:
    try:
        found = parse_packet(data)
    except PacketError:
        return
    if found is not None:
        assert found.weights.shape == (52,)
        assert 0 <= found.weights.min() <= found.weights.max() <= 1
        assert np.abs(found.turn).max() <= 6.3
        assert np.isfinite(found.time_s)
        assert found.subject.isprintable()


def test_the_newest_frame_of_each_source_counts(feed):
    for data in (packet({JAW_OPEN: 0.1}, 1.0), packet({JAW_OPEN: 0.3}, 1.1), packet({JAW_OPEN: 0.2}, 1.05),
                 packet({JAW_OPEN: 0.9}, 5.0, "Other"), faceless(), b"noise"):  # fmt: skip
        feed.take(data)
    assert feed.sources == ("iPhone", "Other")
    assert feed.latest("iPhone").weights[JAW] == pytest.approx(0.3)
    assert feed.latest("Other").weights[JAW] == pytest.approx(0.9)
    assert feed.latest("nobody") is None
    assert feed.counts == Counts(taken=3, faceless=1, malformed=1, late=1)


def test_an_app_that_starts_again_is_followed(feed):
    feed.take(packet({JAW_OPEN: 0.1}, 80000.0))
    feed.take(packet({JAW_OPEN: 0.6}, 3.0))
    assert feed.latest("iPhone").weights[JAW] == pytest.approx(0.6)


def test_floods_and_too_many_sources_are_dropped(feed, clock):
    for number in range(400):
        feed.take(packet(time_s=1 + number / 400))
    assert feed.counts.flooded == 400 - live_link.MOST_PACKETS_A_SECOND
    clock.now += 1.0
    for number in range(30):
        feed.take(packet(subject=f"phone {number}"))
    assert len(feed.sources) == live_link.MOST_SOURCES
    assert feed.counts.flooded == 400 - live_link.MOST_PACKETS_A_SECOND + 15


def test_a_recording_holds_every_frame_of_its_source(feed, clock):
    feed.take(packet(time_s=9.0))
    feed.record("iPhone")
    for number in range(90):
        clock.now += 0.02
        feed.take(packet({JAW_OPEN: number / 100, HEAD_YAW: 0.1}, 10 + number / 60))
        feed.take(packet({JAW_OPEN: 1.0}, 10 + number / 60, "Other"))
    clock.now += 1
    feed.take(packet(time_s=10 + live_link.MOST_RECORDED_S + 1))
    motion = feed.recorded()
    np.testing.assert_allclose(motion.times_s, np.arange(90) / 60, atol=1e-3)
    np.testing.assert_allclose(motion.weights[:, JAW], np.arange(90) / 100, atol=1e-6)
    assert motion.fps == pytest.approx(60, rel=1e-2)
    assert motion.head_rotation[5].tolist() == pytest.approx([0.1, 0, 0])
    assert feed.recorded() is None
    feed.take(packet(time_s=5000.0))


def test_smoothing_reaches_63_percent_after_its_time_and_leaves_the_gaze():
    smooth, arrived = Smoother(), 0.0
    smooth.time_s = 0.1

    def at(value: float, arrived_s: float) -> live_link.LivePacket:
        found = parse_packet(packet({JAW_OPEN: value, EYE_LOOK_IN_LEFT: value, HEAD_YAW: value}))
        return live_link.replace(found, arrived_s=arrived_s)

    smooth(at(0.0, arrived))
    for step in range(1, 11):
        weights, turn = smooth(at(1.0, 0.01 * step))
        assert weights[ARKIT_INDEX["eyeLookInLeft"]] == 1.0
    assert weights[JAW] == pytest.approx(1 - np.exp(-1), abs=1e-3)
    assert turn[0] == pytest.approx(1 - np.exp(-1), abs=1e-3)
    smooth.forget()
    assert smooth(at(0.25, 0.11))[0][JAW] == 0.25
    smooth.time_s = 0.0
    assert smooth(at(0.75, 0.12))[0][JAW] == 0.75
