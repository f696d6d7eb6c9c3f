"""A pack of a face: sampled, fitted, solved at full size, and judged on expressions that it has not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rhytid.core.detail.engine import Control
from rhytid.core.detail.engines import Engines
from rhytid.core.document.state import DocumentState
from rhytid.core.face.skin_color import skin_colors
from rhytid.core.head.head import Head
from rhytid.core.io.chart_frame import chart_frame
from rhytid.core.io.outer_relief import ring_height
from rhytid.core.maps.normal_map import normal_rows
from rhytid.core.maps.resample import resample
from rhytid.core.maps.skin_tile import border_slopes
from rhytid.core.maps.srgb import linear_from_srgb
from rhytid.core.pack.drivers import Drivers
from rhytid.core.pack.expressions import Sample, fit_samples, held_out_samples
from rhytid.core.pack.fit import Samples, fit_drivers
from rhytid.core.pack.options import PackOptions
from rhytid.core.pack.regions import region_masks
from rhytid.core.pack.residual import Residual, residual_of
from rhytid.core.pack.sampling import NEUTRAL, Look, Sampler
from rhytid.core.pack.solve import MapSolver

Float32 = npt.NDArray[np.float32]
FIT_SIDE = 512
_FIT_TEXELS = 8_000
_COARSE_SIDE = 1024
"""Colours change with folds, and heights are judged, at this size at most."""
_LEAST_SLOPE = 0.002
_LEAST_SHARE = 0.05
_SEED = 13


@dataclass(frozen=True, eq=False)
class Pack:
    """What a pack plays: ``neutral + sum of share_k * (map_k - neutral)``, of slopes and of linear colour.

    Attributes
    ----------
    drivers : Drivers
    slopes : float32 (K + 1, S, S, 2)
        x / z and y / z of normals, y up; first the neutral face, then each map on its own.
    colors : float32 (K + 1, S, S, 3) or None
        Linear skin colour likewise.
    heights : float32 (K + 1, C, C)
        Displacement in mm likewise, C at most 1024.
    residual : Residual
        What is missing over expressions that the pack was not fitted to.
    """

    drivers: Drivers
    slopes: Float32
    colors: Float32 | None
    heights: Float32
    residual: Residual


def make_pack(state: DocumentState, head: Head, engines: Engines, options: PackOptions, control: Control) -> Pack:
    """The pack of a face at its age.

    Raises
    ------
    Cancelled
    core.detail.engine.EngineFailed
    """
    samples, judged = fit_samples(), held_out_samples()
    coarse = Sampler(state, head, engines, FIT_SIDE, control.cancel)
    neutral = coarse.look(NEUTRAL)
    relief, heights = _sampled(coarse, neutral, samples, control.part(0.0, 0.3))
    drivers = fit_drivers(_fitted_to(samples, relief), options.budget, control.part(0.3, 0.5))
    del relief
    _, unseen = _sampled(coarse, neutral, judged, control.part(0.5, 0.54), slopes=False)
    residual = residual_of(drivers, samples, heights, judged, unseen)
    del heights, unseen
    control(0.55)
    slopes, colors, height = _solved(state, head, engines, options, samples, drivers, control.part(0.55, 1.0))
    return Pack(drivers, slopes, colors, height, residual)


def _sampled(
    sampler: Sampler, neutral: Look, samples: tuple[Sample, ...], control: Control, slopes: bool = True
) -> tuple[Float32, npt.NDArray[np.float16]]:
    """What samples add to the neutral face: slopes (E, n, 2) at the texels of the fit, heights (E, N) in um."""
    chosen = _texels(sampler.side)
    relief = np.zeros((len(samples), len(chosen) if slopes else 0, 2), np.float32)
    heights = np.empty((len(samples), sampler.side**2), np.float16)
    for number, sample in enumerate(samples):
        look = sampler.look(sample.weights)
        if slopes:
            relief[number] = (look.slopes - neutral.slopes).reshape(-1, 2)[chosen]
        heights[number] = (look.height - neutral.height).ravel() * 1000
        control((number + 1) / len(samples))
    return relief, heights


def _texels(side: int) -> npt.NDArray[np.intp]:
    """Those that the fit of the drivers looks at: so many tell as much as all."""
    return np.sort(np.random.default_rng(_SEED).permutation(side * side)[: 2 * _FIT_TEXELS])


def _fitted_to(samples: tuple[Sample, ...], relief: Float32) -> Samples:
    """The samples where skin moves at all."""
    chosen = _texels(FIT_SIDE)
    moves = np.flatnonzero(np.abs(relief).max(axis=(0, 2)) > _LEAST_SLOPE)[:: 2 if len(chosen) > _FIT_TEXELS else 1]
    masks = region_masks(FIT_SIDE).reshape(-1, FIT_SIDE**2)[:, chosen[moves]]
    return Samples(np.array([sample.weights for sample in samples]), relief[:, moves], masks)


def _solved(
    state: DocumentState, head: Head, engines: Engines, options: PackOptions, samples: tuple[Sample, ...],
    drivers: Drivers, control: Control,
) -> tuple[Float32, Float32 | None, Float32]:  # fmt: skip
    side = options.size
    low = min(side, _COARSE_SIDE)
    sampler = Sampler(state, head, engines, side, control.cancel)
    neutral = sampler.look(NEUTRAL)
    skin = skin_colors(sampler.state(NEUTRAL), side, engines.cache)
    before = neutral.color_factor(skin.darkening, low)
    # Expressions in which hardly any map shows tell nothing of the maps.
    activations = drivers.activations([sample.weights for sample in samples])
    telling = np.flatnonzero(activations.max(axis=(1, 2)) > _LEAST_SHARE)
    activations = activations[telling]
    relief = MapSolver(activations, side, 2)
    height = MapSolver(activations, low, 1)
    color = MapSolver(activations, low, 3) if options.colors else None
    for number, at in enumerate(telling):
        look = sampler.look(samples[at].weights)
        relief.add(activations[number], look.slopes - neutral.slopes)
        height.add(activations[number], resample(look.height - neutral.height, low)[..., None])
        if color is not None:
            color.add(activations[number], look.color_factor(skin.darkening, low) / before - 1)
        control(0.95 * (number + 1) / len(telling))
    base, worn = _neutral_slopes(sampler, head)
    slopes = np.concatenate([base[None], relief.solved()])
    del relief
    slopes[1:] += base
    heights = np.concatenate([resample(worn, low)[None], height.solved()[..., 0]])
    heights[1:] += heights[0]
    control(1.0)
    if color is None:
        return slopes, None, heights
    start = linear_from_srgb(skin.chart / np.float32(255)) * _enlarged(before, side)
    colors = np.empty((len(slopes), side, side, 3), np.float32)
    colors[0] = start
    for number, change in enumerate(color.solved(), 1):
        colors[number] = np.clip(start * (1 + _enlarged(change, side)), 0, 1)
    return slopes, colors, heights


def _enlarged(values: Float32, side: int) -> Float32:
    return values if len(values) == side else resample(values, side)


def _neutral_slopes(sampler: Sampler, head: Head) -> tuple[Float32, Float32]:
    """Slopes and displacement of the neutral face with the relief that goes on outside, as an export has them."""
    pose = sampler.pose(NEUTRAL)
    displacement = sampler.displacement(NEUTRAL)
    frame = chart_frame(head, pose.vertices)
    worn = sampler.faded(displacement)
    worn = worn + ring_height(head, frame, border_slopes(displacement), sampler.side)
    slopes = np.empty((sampler.side, sampler.side, 2), np.float32)
    for rect, normals in normal_rows(np.asarray(worn, np.float32), frame.turn):
        slopes[rect.slices] = normals[..., :2] / normals[..., 2:]
    return slopes, np.asarray(worn, np.float32)
