"""Packets of Live Link Face, put together from the description of their format alone; as a program it sends them.

    python tests/samples/live_link_packets.py HOST PORT SECONDS [FRAMES A SECOND]
"""

from __future__ import annotations

import math
import socket
import struct
import sys
import time

SHAPES = 61
JAW_OPEN, EYE_LOOK_IN_LEFT, HEAD_YAW = 17, 2, 52


def packet(
    values: dict[int, float] | None = None, time_s: float = 1.0, subject: str = "iPhone", fps: int = 60,
    device: str = "6F1B0A54-1111-2222-3333-0123456789AB",
) -> bytes:  # fmt: skip
    """One frame, values by place; the others are 0."""
    row = [0.0] * SHAPES
    for place, value in (values or {}).items():
        row[place] = value
    frame, part = divmod(time_s * fps + 1e-6, 1.0)
    return faceless(subject, device) + struct.pack(">if2iB61f", int(frame), part, fps, 1, SHAPES, *row)


def faceless(subject: str = "iPhone", device: str = "6F1B0A54-1111-2222-3333-0123456789AB") -> bytes:
    """A frame in which the telephone sees no face."""
    names = (name.encode() for name in (device, subject))
    return b"\x06" + b"".join(struct.pack(">i", len(name)) + name for name in names)


def main() -> None:
    host, port, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    fps = int(sys.argv[4]) if len(sys.argv) > 4 else 60
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    started = time.monotonic()
    for number in range(round(seconds * fps)):
        time.sleep(max(started + number / fps - time.monotonic(), 0.0))
        t = number / fps
        wave = 0.5 - 0.5 * math.cos(2.2 * t)
        values = {JAW_OPEN: 0.4 * wave, 23: 0.8 * (1 - wave), 24: 0.8 * (1 - wave), 41: wave, 42: wave,
                  EYE_LOOK_IN_LEFT: 0.3 * wave, 10: 0.3 * wave, HEAD_YAW: 0.35 * math.sin(1.3 * t)}  # fmt: skip
        sender.sendto(packet(values, 3600 + t), (host, port))


if __name__ == "__main__":
    main()
