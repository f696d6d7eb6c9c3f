"""Age: neutral scans made younger and older, from 16 to 70.

The wrinkle energy of each region shall rise with the age; at the source's own age nothing may change; and
crow's feet, forehead lines and nasolabial folds shall come in the published order of onset (Lemperle et al.
2001; Hamer et al. 2017). Onset is the age at which the mean energy of a region, over the subjects, has risen by
15 % over that at 16.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from rhytid.core.evaluation.scans import ScanSet
from rhytid.core.evaluation.scores import REGIONS_PX, log_region_energy
from rhytid.core.evaluation.tasks import Context

Float64 = npt.NDArray[np.float64]

AGES = tuple(float(age) for age in range(16, 71, 6))
ONSET_ORDER = ("crows_feet", "forehead", "nasolabial")
_ONSET_RISE = 1.15


@dataclass(frozen=True, eq=False)
class Aged:
    """What came of one scan.

    Attributes
    ----------
    log_energy : float64 (ages, 13)
        Logarithm of the wrinkle energy at `AGES`; NaN for regions outside the mask.
    unchanged : bool
        At its own age the scan came back bit for bit.
    """

    log_energy: Float64
    unchanged: bool


def tasks(scans: ScanSet, engine: str) -> list[tuple[str, str]]:
    """(engine, name of a subject's neutral scan)."""
    return [(engine, scans.neutral(subject).name) for subject in scans.subjects]


def age_scan(context: Context, task: tuple[str, str]) -> Aged:
    """One scan at all ages."""
    engine, name = task
    scan = next(scan for scan in context.scans.scans if scan.name == name)
    editor = context.editor(scan, engine)
    energy = [log_region_energy(editor.edit(age=age), context.scans.mask) for age in AGES]
    unchanged = editor.edit(age=scan.age).tobytes() == scan.displacement.tobytes()
    return Aged(np.array(energy), unchanged)


def summary(results: Sequence[Aged]) -> dict[str, Any]:
    """The figures of the engine; `onset_years` is None for a region that does not rise enough."""
    names = list(REGIONS_PX)
    energy = np.mean([result.log_energy for result in results], axis=0)
    inside = np.isfinite(energy).all(axis=0)
    curves = [result.log_energy[:, region] for result in results for region in np.flatnonzero(inside)]
    rise = energy - energy[:1]
    onset = {}
    for group in ONSET_ORDER:
        members = [number for number, name in enumerate(names) if name.startswith(group) and inside[number]]
        onset[group] = onset_years(rise[:, members].mean(axis=1)) if members else None
    return {
        "spearman": float(np.mean([spearman(np.array(AGES), curve) for curve in curves])) if curves else 0.0,
        "unchanged": all(result.unchanged for result in results),
        "onset_years": onset,
        "n": len(results),
    }


def in_published_order(onset: dict[str, float | None]) -> bool:
    """Whether all regions of `ONSET_ORDER` have an onset, none before the one named before it."""
    years = [onset[name] for name in ONSET_ORDER]
    known = [year for year in years if year is not None]
    return len(known) == len(years) and known == sorted(known)


def onset_years(rise: Float64) -> float | None:
    """Age at which the log rise of an energy at `AGES` first reaches the onset, linear between ages."""
    reached = np.flatnonzero(rise >= np.log(_ONSET_RISE))
    if not len(reached):
        return None
    after = int(reached[0])
    if after == 0:
        return AGES[0]
    share = (np.log(_ONSET_RISE) - rise[after - 1]) / (rise[after] - rise[after - 1])
    return float(AGES[after - 1] + share * (AGES[after] - AGES[after - 1]))


def spearman(a: Float64, b: Float64) -> float:
    """Rank correlation with mean ranks for ties; 0 where one does not vary."""
    one, two = rankdata(a), rankdata(b)
    if one.std() == 0 or two.std() == 0:
        return 0.0
    return round(float(np.corrcoef(one, two)[0, 1]), 12)  # the same ranks give 1, not a little less
