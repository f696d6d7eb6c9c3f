"""What wrinkle packs of several budgets do not show: `python tests/bench/wrinkle_pack_budgets.py`.

A random person of 60, maps of 256 texels, about a minute. Of each budget: mean and 95th percentile of the error in um
over 20 expressions that were not fitted, the mean of the neutral map alone, and the squared error that is left of it.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
__import__("main")  # names the source `rhytid`

from rhytid.core.detail.engine import Control  # noqa: E402
from rhytid.core.face.face import Face  # noqa: E402
from rhytid.core.pack import making  # noqa: E402
from rhytid.core.pack.expressions import fit_samples, held_out_samples  # noqa: E402
from rhytid.core.pack.fit import fit_drivers  # noqa: E402
from rhytid.core.pack.residual import residual_of  # noqa: E402
from rhytid.core.pack.sampling import NEUTRAL, Sampler  # noqa: E402

SIDE, PERSON, AGE, BUDGETS = 256, 7, 60, (1, 3, 6)


def main() -> None:
    face = Face()
    face.be_random(PERSON)
    face.age = AGE
    making.FIT_SIDE = SIDE
    sampler = Sampler(face.state, face.head, face.engines, SIDE)
    neutral, seen, judged = sampler.look(NEUTRAL), fit_samples(), held_out_samples()
    relief, heights = making._sampled(sampler, neutral, seen, Control())
    _, unseen = making._sampled(sampler, neutral, judged, Control(), slopes=False)
    fitted = making._fitted_to(seen, relief)
    for budget in BUDGETS:
        left = residual_of(fit_drivers(fitted, budget), seen, heights, judged, unseen)
        print(f"{budget} maps: {left.mean_um:.1f} um, 95 % below {left.p95_um:.1f}; neutral map alone "
              f"{left.without_um:.1f}; {left.energy_left:.0%} of the squared error left")  # fmt: skip


if __name__ == "__main__":
    main()
