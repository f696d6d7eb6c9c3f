"""What a map loses on its way from the chart into a head's own layout and back.

    python tests/bench/layout_round_trip.py

The person is the default head at 60 with its generated relief; the layout has both halves of the face as islands.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "io"), str(ROOT / "tests" / "samples")]
__import__("main")  # names the source `rhytid`

from test_layout_bake import in_own_layout  # noqa: E402

from rhytid.core.face.face import Face  # noqa: E402
from rhytid.core.head.chart import ChartRaster  # noqa: E402
from rhytid.core.io.layout_bake import OwnLayout  # noqa: E402

SIDE, OWN_SIDE = 1024, 2048


def main() -> None:
    face = Face()
    face.age = 60
    relief = face.maps(SIDE).displacement
    layout = OwnLayout(in_own_layout())
    baked = {tile: layout.to_layout(relief, tile, OWN_SIDE, 0.0) for tile in layout.tiles}
    away = np.abs(layout.from_layout(baked, SIDE, 0.0) - relief)
    on_face = ChartRaster(layout.head, SIDE).sample(layout.head.detail_weight) > 0.2
    print(f"relief {relief[on_face].min():+.3f} to {relief[on_face].max():+.3f} mm")
    worst = np.percentile(away[on_face], 99)
    median, most = np.median(away[on_face]), away[on_face].max()
    print(f"differs by {median:.6f} mm (median), {worst:.6f} mm (99 %), {most:.6f} mm (most)")


if __name__ == "__main__":
    main()
