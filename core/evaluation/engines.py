"""The engines that are scored, and why one of them cannot be."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from rhytid.core.detail.engine import Engine, UnknownEngineError, get_engine, register_engine
from rhytid.core.learned.register import register

ENGINES = ("semm", "sd_detail", "procedural")


def register_engines(weights: Path | None = None) -> None:
    """Make all engines available, the learned ones with the program's weights or those of a folder."""
    register()
    register_engine("semm", partial(_semm, weights))
    register_engine("sd_detail", partial(_sd_detail, weights))


def engine_problem(name: str) -> str:
    """Why an engine cannot be used, "" if it can."""
    try:
        get_engine(name)
    except (UnknownEngineError, ImportError, OSError, ValueError) as error:
        return " ".join(str(error).split())
    return ""


# Imported when they are asked for, so that the procedural engine is scored where the runtime is missing.
def _semm(weights: Path | None) -> Engine:
    from rhytid.core.learned.semm_engine import SemmEngine

    return SemmEngine(weights)


def _sd_detail(weights: Path | None) -> Engine:
    from rhytid.core.learned.sd_detail import SdDetailModel
    from rhytid.core.learned.sd_detail_engine import SdDetailEngine

    return SdDetailEngine(SdDetailModel.load(weights))
