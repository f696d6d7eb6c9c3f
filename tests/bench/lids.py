"""How well lids of the default head's people close at a blink, and how far they are within the eyeball on their way.

    python tests/bench/lids.py [--people 24] [--spread 1.0] [--first-seed 0]

Random people of random ages (20 to 85). Printed over all eyes: height between the lids' edges at blink 1 beside that of
the mean head, mm (median / most), as the modes say and as they are shown; depth of lids in the
eyeball at blinks of 0.25 to 1, mm, the same; and the same depth of exports' straight targets.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import main  # noqa: E402, F401  # names the source `rhytid`
from rhytid.core.arkit import ARKIT_INDEX, expression_array  # noqa: E402
from rhytid.core.head.ageing import part_shares  # noqa: E402
from rhytid.core.head.eye_opening import EyeOpening  # noqa: E402
from rhytid.core.head.load import default_head  # noqa: E402
from rhytid.core.head.person_lids import BLINKS, PersonLids, _socket  # noqa: E402

_HEAD = default_head()
_WEIGHTS = (0.25, 0.5, 0.75, 1.0)
_MM_PER_RADIAN = 15.5


def heights(vertices: np.ndarray, eye: int) -> np.ndarray:
    """mm between the lids' edges along the eye, overlap below 0."""
    socket = _socket(_HEAD, eye)
    centre = (socket.frame @ vertices[socket.ball])[3]
    edges = EyeOpening(_HEAD, eye).of(vertices, centre.astype(np.float32)).edges
    return _MM_PER_RADIAN * (edges[4:20, 1] - edges[4:20, 0])


def depth(vertices: np.ndarray, lids: PersonLids, eye: int) -> float:
    """mm by which a lid is farther in the ball than it may be."""
    return float((lids._room[eye] - _socket(_HEAD, eye).outside(vertices).distance).max())


def run(people: int, spread: float, first_seed: int) -> None:
    gaps, depths, seconds = [], [], []
    closed = _HEAD.neutral + _HEAD.expression[[ARKIT_INDEX[name] for name in BLINKS]].sum(axis=0)
    for seed in range(first_seed, first_seed + people):
        random = np.random.default_rng(seed)
        identity = np.clip(spread * random.normal(size=_HEAD.n_identity), -2.5, 2.5)
        shares = part_shares(random.uniform(20, 85), identity)
        rest = _HEAD.shape(identity, np.zeros(52), shares)
        lids = PersonLids(_HEAD, rest)
        for eye, name in enumerate(BLINKS):
            straight, row = lids.straight(ARKIT_INDEX[name]), []
            for weight in _WEIGHTS:
                expression = expression_array({name: weight})
                said = _HEAD.shape(identity, expression, shares)
                lids.moved(said, expression)
                started = time.perf_counter()
                shown = lids.moved(said, expression)
                seconds.append(time.perf_counter() - started)
                row.append([depth(one, lids, eye) for one in (said, shown, rest + weight * straight)])
            exported = rest + straight
            mean = heights(closed, eye)
            gaps.append([np.abs(heights(one, eye) - mean) for one in (said, shown, exported)])
            depths.append(row)
    far = np.array(gaps)
    for number, what in enumerate(("modes", "shown", "straight targets")):
        one, deep = far[:, number], np.maximum(np.array(depths)[..., number], 0)
        each = zip(_WEIGHTS, deep.T, strict=True)
        told = ", ".join(f"at {weight} {np.median(mm):.2f} / {mm.max():.2f}" for weight, mm in each)
        most = one.max(axis=1)
        print(f"{what}: edges apart {np.median(most):.2f} / {most.max():.2f}, in the ball {told}")
    print(f"{1e3 * np.median(seconds):.2f} ms a pose")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=24)
    parser.add_argument("--spread", type=float, default=1.0)
    parser.add_argument("--first-seed", type=int, default=0)
    given = parser.parse_args()
    run(given.people, given.spread, given.first_seed)
