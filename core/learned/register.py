"""Makes the learned engines available beside the procedural one."""

from __future__ import annotations

from rhytid.core.detail import procedural
from rhytid.core.detail.engine import Engine, engine_names, get_engine, register_engine
from rhytid.core.learned.weights import WeightsError


def register() -> None:
    """Register "semm" and "sd_detail" after "procedural"; weights are read when one is first used."""
    if procedural.NAME not in engine_names():
        procedural.register()
    for name, make in (("semm", _semm), ("sd_detail", _sd_detail)):
        if name not in engine_names():
            register_engine(name, make)


def available_engines() -> dict[str, str | None]:
    """Every engine's name with None where it is ready to use, else with the reason in words for an artist.

    Opens the weights of all engines, which takes a moment the first time.
    """
    return {name: _reason(name) for name in engine_names()}


def _reason(name: str) -> str | None:
    try:
        get_engine(name)
    except WeightsError as error:
        return str(error)
    return None


# Imported when they are first used: the editor starts without the inference runtime.
def _semm() -> Engine:
    from rhytid.core.learned.semm_engine import SemmEngine

    return SemmEngine()


def _sd_detail() -> Engine:
    from rhytid.core.learned.sd_detail_engine import SdDetailEngine

    return SdDetailEngine()
