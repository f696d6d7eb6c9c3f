"""The engines that come with weights. Nothing is loaded, not even the inference runtime, before one is made."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from rhytid.core.detail.engine import Engine, EngineInfo
from rhytid.core.language import tr
from rhytid.core.learned.weights import FACEDET3D, SD_DETAIL, SEMM
from rhytid.core.maps.array_cache import ArrayCache


def learned_engines(folder: Path | None = None) -> tuple[EngineInfo, ...]:
    """The learned engines, the best one first.

    Parameters
    ----------
    folder : Path, optional
        Of the weights; by default of those that come with the program. Where they are missing or damaged, `make`
        raises `core.learned.weights.WeightsError`.
    """
    return (
        EngineInfo(
            SEMM, "SEMM", tr("Learned: one model of wrinkles, expression and age that obeys drawn lines"),
            partial(_semm, folder), mixes=True,
        ),
        EngineInfo(
            SD_DETAIL, "SD-DeTail", tr("Learned: static detail and what expressions add to it"),
            partial(_sd_detail, folder),
        ),
        EngineInfo(
            FACEDET3D, "FaceDet3D", tr("Learned: detail for target action units; outside its mask nothing changes"),
            partial(_facedet3d, folder),
        ),
    )  # fmt: skip


def _semm(folder: Path | None, cache: ArrayCache) -> Engine:
    from rhytid.core.learned.expression_energy import ExpressionEnergy
    from rhytid.core.learned.semm import SemmModel
    from rhytid.core.learned.semm_engine import SemmEngine

    # Of other weights one wants to see what they learned.
    energy = ExpressionEnergy.load() if folder is None else None
    return SemmEngine(cache, SemmModel.load(folder), energy)


def _sd_detail(folder: Path | None, cache: ArrayCache) -> Engine:
    from rhytid.core.learned.expression_energy import ExpressionEnergy
    from rhytid.core.learned.sd_detail import SdDetailModel
    from rhytid.core.learned.sd_detail_engine import SdDetailEngine

    return SdDetailEngine(cache, SdDetailModel.load(folder), ExpressionEnergy.load(folder))


def _facedet3d(folder: Path | None, cache: ArrayCache) -> Engine:
    from rhytid.core.learned.facedet3d import FaceDet3DModel
    from rhytid.core.learned.facedet3d_engine import FaceDet3DEngine

    return FaceDet3DEngine(cache, FaceDet3DModel.load(folder), _sd_detail(folder, cache))
