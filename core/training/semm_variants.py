"""Trains both variants of SEMM and the ablations of its table 1, one after the other, for the same time each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rhytid.core.networks.semm_config import ABLATIONS, PAPER, STRUCTURED
from rhytid.core.training.config import RunConfig
from rhytid.core.training.loop import over
from rhytid.core.training.run_folder import RunFolder
from rhytid.core.training.start import start, tell

RUNS = {
    STRUCTURED: (STRUCTURED, ""),
    **{f"{PAPER}-{ablation}" if ablation else PAPER: (PAPER, ablation) for ablation in ABLATIONS},
}
"""Variant and ablation by the name of a run's folder."""


def train_variants(config: RunConfig, channels: int, out: Path) -> bool:
    """Train `RUNS` into the folders of their names in `out`; a run that was stopped goes on, one that is over stays.

    Parameters
    ----------
    config : RunConfig
        Of each run, but for variant and ablation; `records` must be given.
    channels : int
        Width of the paper's variant.

    Returns
    -------
    bool
        Whether all runs are over; after Ctrl-C they are not.

    Raises
    ------
    ValueError
        See `start.start`.
    """
    for name, (variant, ablation) in RUNS.items():
        tell(f"{name}:")
        model = {"channels": channels} if variant == PAPER else {}
        run = replace(config, variant=variant, ablation=ablation, model=model)
        if not over(run, start(run, out / name, resume=RunFolder(out / name).started)):
            return False
    return True
