"""A telephone for the bench: somebody talks and turns the head, sixty packets of Live Link Face a second."""

from __future__ import annotations

import math
import socket
import struct
import threading
import time

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.io.live_link import LIVE_LINK_NAMES, N_VALUES

PACKETS_A_SECOND = 60
MARK = ARKIT_INDEX["jawOpen"]
"""Weight that is another one in each packet."""
_SUBJECT = b"bench"
_HEAD_YAW = len(LIVE_LINK_NAMES)


def talking(number: int) -> bytes:
    """The packet of a frame: all weights move, as those of a real face do, and the head turns."""
    row = [0.0] * N_VALUES
    for place, name in enumerate(LIVE_LINK_NAMES):
        swing = 0.5 - 0.5 * math.cos(0.05 * number + place)
        row[place] = swing * (0.5 if name in ("jawOpen", "mouthSmileLeft", "mouthSmileRight", "browInnerUp") else 0.06)
    row[_HEAD_YAW] = 0.3 * math.sin(0.04 * number)
    names = b"".join(struct.pack(">i", len(name)) + name for name in (_SUBJECT, _SUBJECT))
    time_of = struct.pack(">if2iB", number + 1, 0.0, PACKETS_A_SECOND, 1, N_VALUES)
    return b"\x06" + names + time_of + struct.pack(f">{N_VALUES}f", *row)


def mark_of(number: int) -> float:
    """What the weight `MARK` of a frame is once it was sent."""
    swing = 0.5 * (0.5 - 0.5 * math.cos(0.05 * number + LIVE_LINK_NAMES.index("jawOpen")))
    return float(struct.unpack(">f", struct.pack(">f", swing))[0])


class Telephone:
    """Sends frames until it is hung up.

    Parameters
    ----------
    address : (host, port)

    Attributes
    ----------
    sent_s : dict of float to float
        `time.perf_counter()` at which the frame with a mark went off.
    """

    def __init__(self, address: tuple[str, int]) -> None:
        self.sent_s: dict[float, float] = {}
        self._address = address
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._send, name="telephone", daemon=True)
        self._thread.start()

    def hang_up(self) -> None:
        self._ended.set()
        self._thread.join()

    def _send(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            started, number = time.perf_counter(), 0
            while not self._ended.wait(max(started + number / PACKETS_A_SECOND - time.perf_counter(), 0.0)):
                self.sent_s[mark_of(number)] = time.perf_counter()
                line.sendto(talking(number), self._address)
                number += 1
