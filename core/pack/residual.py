"""What a pack does not show: its error against the editor in micrometres, by place, region and expression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.pack.drivers import Drivers
from rhytid.core.pack.expressions import Sample
from rhytid.core.pack.fit import Samples, solved_maps
from rhytid.core.pack.regions import REGION_NAMES, region_masks

Float32 = npt.NDArray[np.float32]
Float16 = npt.NDArray[np.float16]
N_WORST = 5
_LEAST_UM = 2.0
"""Skin that no expression moves more than so much tells nothing of a pack."""
_INSIDE = 0.5


@dataclass(frozen=True)
class RegionError:
    """Error of a region over all judged expressions, um: the mean, the 95th percentile, and the mean without a pack."""

    region: str
    mean_um: float
    p95_um: float
    without_um: float


@dataclass(frozen=True)
class ExpressionError:
    """Error of one expression, um: mean and 95th percentile over the face, and the mean without a pack."""

    name: str
    mean_um: float
    p95_um: float
    without_um: float


@dataclass(frozen=True, eq=False)
class Residual:
    """Error of a pack over expressions that it was not fitted to.

    Attributes
    ----------
    heat : float32 (S, S)
        Mean error in um by place.
    regions : tuple of RegionError
    expressions : tuple of ExpressionError
        Worst first.
    mean_um, p95_um, without_um : float
        Over face and expressions; without: of the neutral face alone.
    energy_left : float
        Squared error as a share of what the neutral face alone leaves.
    """

    heat: Float32
    regions: tuple[RegionError, ...]
    expressions: tuple[ExpressionError, ...]
    mean_um: float
    p95_um: float
    without_um: float
    energy_left: float

    @property
    def worst(self) -> tuple[ExpressionError, ...]:
        """The five expressions with the largest error."""
        return self.expressions[:N_WORST]


def residual_of(
    drivers: Drivers, samples: tuple[Sample, ...], heights: Float16, judged: tuple[Sample, ...], unseen: Float16
) -> Residual:
    """The error of a pack.

    Parameters
    ----------
    drivers : Drivers
    samples, judged : tuple of Sample
        Expressions that it was fitted to, and E' others.
    heights, unseen : float16 (E, N), (E', N)
        What they add to the neutral face in um, at all texels of a square map.
    """
    n = heights.shape[1]
    side = round(n**0.5)
    masks = region_masks(side).reshape(len(REGION_NAMES), n)
    moves = np.flatnonzero(np.abs(heights).max(axis=0) > _LEAST_UM)
    masks = masks[:, moves]
    expressions = np.array([sample.weights for sample in samples])
    shares = drivers.activations(expressions)
    relief = heights[:, moves].astype(np.float32)[..., None]
    maps = solved_maps(Samples(expressions, relief, masks), shares)[..., 0]
    del relief
    wanted = unseen[:, moves].astype(np.float32)
    played = drivers.activations([sample.weights for sample in judged])
    error = np.empty_like(wanted)
    for number, share in enumerate(played):
        local = share.astype(np.float32) @ masks
        error[number] = np.abs((local * maps).sum(axis=0) - wanted[number])
    np.abs(wanted, out=wanted)
    heat = np.zeros(n, np.float32)
    heat[moves] = error.mean(axis=0)
    return Residual(
        heat.reshape(side, side),
        tuple(_region(name, mask > _INSIDE, error, wanted) for name, mask in zip(REGION_NAMES, masks, strict=True)),
        tuple(sorted((_expression(*one) for one in zip(judged, error, wanted, strict=True)), key=_by_error)),
        float(error.mean()),
        float(np.percentile(error, 95)),
        float(wanted.mean()),
        float(np.square(error, dtype=np.float64).sum() / max(np.square(wanted, dtype=np.float64).sum(), 1e-9)),
    )


def _region(name: str, inside: npt.NDArray[np.bool_], error: Float32, wanted: Float32) -> RegionError:
    if not inside.any():
        return RegionError(name, 0.0, 0.0, 0.0)
    here = error[:, inside]
    return RegionError(name, float(here.mean()), float(np.percentile(here, 95)), float(wanted[:, inside].mean()))


def _expression(sample: Sample, error: Float32, wanted: Float32) -> ExpressionError:
    return ExpressionError(sample.name, float(error.mean()), float(np.percentile(error, 95)), float(wanted.mean()))


def _by_error(one: ExpressionError) -> float:
    return -one.mean_um
