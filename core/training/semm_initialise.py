"""Closed-form start of the structured SEMM: local PCA, then least squares for codes and windows in turn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rhytid.core.ageing import skin_decades
from rhytid.core.networks.semm import Semm, halved
from rhytid.core.networks.semm_config import CHANNELS, CODE, GRID, STRUCTURE, STYLE, SemmConfig
from rhytid.core.networks.semm_lapped import CELLS, WINDOW, window_weights
from rhytid.core.networks.semm_style import N_ENERGIES
from rhytid.core.networks.semm_transform import Directions
from rhytid.core.training.records import Records

Float32 = npt.NDArray[np.float32]
_FIELD_WEIGHT = 0.125  # of a texel of y at 128 beside one of x (0.1 mm) at 256
_ITERATIONS = 5
_CHUNK = 32
_SMALLEST_SD = 1e-3
_RIDGE = 0.01
_CODE_RIDGE = 0.003


class Told(Protocol):
    """Hears what is being done."""

    def __call__(self, message: str) -> None: ...


class TrainingMaps:
    """A bounded part of the records in memory: x and y (half size) in half precision, and style features.

    Behind the maps of `poses` come the same ones mirrored: a wrinkle on one side is possible on the other, and
    windows fitted to twice the maps fit unknown faces better.
    """

    def __init__(self, records: Records, model: Semm, most: int) -> None:
        count = min(most, len(records))
        # Whole stretches, so that pairs of a group stay together and shards are read in order.
        stretch = max(1, len(records) // max(1, count // _CHUNK))
        starts = range(0, len(records), stretch) if count < len(records) else range(0, len(records), _CHUNK)
        length = _CHUNK if count >= len(records) else min(_CHUNK, stretch)
        chosen = np.concatenate([np.arange(start, min(start + length, len(records))) for start in starts])[:count]
        self.poses = chosen
        self.x = torch.empty(2 * len(chosen), 256, 256, dtype=torch.float16)
        self.y = torch.empty(2 * len(chosen), 128, 128, dtype=torch.float16)
        self.features = torch.empty(2 * len(chosen), model.style.mean.numel())
        done = 0
        for _, maps in records.chunks(("x", "df_strong"), _CHUNK, chosen):
            x = torch.from_numpy(maps["x"])
            y = halved(1 - torch.from_numpy(maps["df_strong"]))
            for first in (done, len(chosen) + done):
                part = slice(first, first + len(x))
                self.x[part], self.y[part] = x.half(), y.half()
                self.features[part] = model.style.features(x, y)
                x, y = x.flip(-1), y.flip(-1)
            done += len(x)

    def __len__(self) -> int:
        return len(self.x)

    def mean(self, values: Tensor) -> Tensor:
        """Mean map in single precision."""
        total = torch.zeros(values.shape[1:])
        for start in range(0, len(values), _CHUNK):
            total += values[start : start + _CHUNK].float().sum(0)
        return total / len(values)


def initialise(model: Semm, records: Records, config: SemmConfig, importance: Tensor, told: Told | None = None) -> None:
    """Fit the linear parts of `model` to `records`; a few minutes for 2400 maps on one core.

    Holds at most `config.initial_maps` maps and their mirror images (160 KB each).
    """
    tell = told or (lambda message: None)
    with torch.no_grad():
        maps = TrainingMaps(records, model, config.initial_maps)
        tell(f"{len(maps)} maps read")
        model.lapped.mean_x.copy_(maps.mean(maps.x))
        if config.sees_field:
            model.lapped.mean_y.copy_(maps.mean(maps.y))
        _fit_windows(model, maps, importance)
        tell("windows fitted")
        structure = torch.cat([part for part in _structures(model, maps)])
        for turn in range(config.linear_turns):
            _fit_synthesis(model, maps, structure)
            structure = _solve_structure(model, maps, importance)
            tell(f"turn {turn + 1} of {config.linear_turns}")
        _fit_synthesis(model, maps, structure)
        _solve_structure(model, maps, importance)
        _whiten(model, maps)
        _fit_style(model, maps.features)
        if isinstance(model.transform, Directions):
            _fit_directions(model.transform, codes(model, maps), records, maps.poses)


def _structures(model: Semm, maps: TrainingMaps) -> Iterator[Tensor]:
    for start in range(0, len(maps), _CHUNK):
        part = slice(start, start + _CHUNK)
        yield model.lapped.analyse(maps.x[part].float(), maps.y[part].float()).flatten(1)


def codes(model: Semm, maps: TrainingMaps) -> Tensor:
    """Codes (N, 576) of the maps in memory."""
    return torch.cat([torch.cat(list(_structures(model, maps))), model.style.encode(maps.features)], 1)


def _fit_windows(model: Semm, maps: TrainingMaps, importance: Tensor) -> None:
    """Principal components of each window's weighted x and y by subspace iteration."""
    lapped = model.lapped
    half = WINDOW // 2
    smooth = torch.from_numpy(window_weights())
    generator = torch.Generator().manual_seed(0)
    for cell, (row, column) in enumerate(lapped.origin.tolist()):
        place = (slice(row, row + WINDOW), slice(column, column + WINDOW))
        place_y = (slice(row // 2, row // 2 + half), slice(column // 2, column // 2 + half))
        gain = smooth[cell] * importance[place].sqrt()
        gain_y = _FIELD_WEIGHT * 2 * halved(gain[None])[0] if lapped.with_field else torch.zeros(half, half)
        x = (maps.x[:, place[0], place[1]].float() - lapped.mean_x[place]) * gain
        y = (maps.y[:, place_y[0], place_y[1]].float() - lapped.mean_y[place_y]) * gain_y
        patches = torch.cat([x.flatten(1), y.flatten(1)], 1)
        basis = torch.randn(patches.shape[1], CHANNELS, generator=generator)
        for _ in range(_ITERATIONS):
            basis = torch.linalg.qr(patches.T @ (patches @ basis))[0]
        score = patches @ basis
        order = torch.linalg.eigh(score.T @ score)[1].flip(1)
        basis = basis @ order
        scale = (patches @ basis).square().mean(0).sqrt().clamp(min=_SMALLEST_SD)
        split = WINDOW * WINDOW
        lapped.analysis_x[cell] = (basis[:split] / scale).T.reshape(CHANNELS, WINDOW, WINDOW) * gain
        lapped.analysis_y[cell] = (basis[split:] / scale).T.reshape(CHANNELS, half, half) * gain_y


def _fit_synthesis(model: Semm, maps: TrainingMaps, structure: Tensor) -> None:
    """Least squares of every texel on the numbers (N, 512) of the windows over it."""
    lapped = model.lapped
    structure = structure.reshape(-1, CHANNELS, CELLS)
    for values, mean, target, factor in (
        (maps.x, lapped.mean_x, lapped.synthesis_x, 1),
        (maps.y, lapped.mean_y, lapped.synthesis_y, 2),
    ):
        if factor == 2 and not lapped.with_field:
            continue
        origin, window = (lapped.origin // factor).tolist(), WINDOW // factor
        side, tile = values.shape[-1], 16 // factor
        target.zero_()
        for row in range(0, side, tile):
            for column in range(0, side, tile):
                cells = [
                    cell for cell, (y, x) in enumerate(origin)
                    if y < row + tile and row < y + window and x < column + tile and column < x + window
                ]  # fmt: skip
                if not cells:
                    continue
                known = structure[:, :, cells].flatten(1)
                wanted = values[:, row : row + tile, column : column + tile].float()
                wanted = (wanted - mean[row : row + tile, column : column + tile]).flatten(1)
                fit = _ridge(known, wanted).reshape(CHANNELS, len(cells), tile, tile)
                for i, cell in enumerate(cells):
                    _add_tile(target[cell], fit[:, i], (row, column), origin[cell], window)


def _add_tile(window: Tensor, fit: Tensor, place: tuple[int, int], corner: list[int], side: int) -> None:
    """Put what of a fitted tile (8, tile, tile) at `place` lies in the window (8, side, side) at `corner` there."""
    tile = fit.shape[-1]
    low = [max(p, c) for p, c in zip(place, corner, strict=True)]
    high = [min(p + tile, c + side) for p, c in zip(place, corner, strict=True)]
    inside = tuple(slice(a - c, b - c) for a, b, c in zip(low, high, corner, strict=True))
    source = tuple(slice(a - p, b - p) for a, b, p in zip(low, high, place, strict=True))
    window[:, inside[0], inside[1]] = fit[:, source[0], source[1]]


def _ridge(known: Tensor, wanted: Tensor) -> Tensor:
    """Ridge regression (N, A) -> (N, B), coefficients (A, B)."""
    gram = known.T @ known
    gram += _RIDGE * gram.diagonal().mean() * torch.eye(len(gram))
    solved: Tensor = torch.linalg.solve(gram, known.T @ wanted)
    return solved


def _fit_style(model: Semm, features: Tensor) -> None:
    """Whitened principal components of the style features and back."""
    style = model.style
    style.mean.copy_(features.mean(0))
    centred = features - style.mean
    generator = torch.Generator().manual_seed(0)
    basis = torch.randn(centred.shape[1], STYLE, generator=generator)
    for _ in range(_ITERATIONS):
        basis = torch.linalg.qr(centred.T @ (centred @ basis))[0]
    scale = (centred @ basis).square().mean(0).sqrt().clamp(min=_SMALLEST_SD)
    style.analysis.copy_((basis / scale).T)
    style.synthesis.copy_((basis * scale)[:N_ENERGIES])


def _solve_structure(model: Semm, maps: TrainingMaps, importance: Tensor) -> Tensor:
    """Make the analysis the weighted least-squares inverse of the synthesis; gives the maps' structures (N, 512)."""
    lapped = model.lapped
    weight_y = _FIELD_WEIGHT**2 * 4 * halved(importance[None])[0]
    half = WINDOW // 2
    for cell, (row, column) in enumerate(lapped.origin.tolist()):
        seen = importance[row : row + WINDOW, column : column + WINDOW]
        lapped.analysis_x[cell] = lapped.synthesis_x[cell] * seen
        seen = weight_y[row // 2 : row // 2 + half, column // 2 : column // 2 + half]
        lapped.analysis_y[cell] = lapped.synthesis_y[cell] * seen
    # Products of every window with every other: analyse what each single number synthesises.
    lapped.mix.copy_(torch.eye(STRUCTURE))
    gram = torch.empty(STRUCTURE, STRUCTURE)
    for start in range(0, STRUCTURE, _CHUNK):
        one = torch.eye(STRUCTURE)[start : start + _CHUNK].reshape(-1, CHANNELS, GRID, GRID)
        x, y = lapped.synthesise(one)
        gram[start : start + _CHUNK] = lapped.analyse(x, y).flatten(1)
    gram = (gram + gram.T) / 2
    gram += _CODE_RIDGE * gram.diagonal().mean() * torch.eye(STRUCTURE)
    lapped.mix.copy_(torch.linalg.inv(gram))
    return torch.cat(list(_structures(model, maps)))


def _whiten(model: Semm, maps: TrainingMaps) -> None:
    """Give every number of the structure, and every product before the mix, unit variance over the maps."""
    lapped = model.lapped
    scale = torch.cat(list(_structures(model, maps))).square().mean(0).sqrt().clamp(min=_SMALLEST_SD)
    mixed = lapped.mix / scale[:, None]
    cells = scale.reshape(CHANNELS, CELLS).T[:, :, None, None]
    lapped.synthesis_x.mul_(cells)
    lapped.synthesis_y.mul_(cells)
    lapped.mix.copy_(torch.eye(STRUCTURE))
    products = torch.cat(list(_structures(model, maps))).square().mean(0).sqrt().clamp(min=_SMALLEST_SD)
    cells = products.reshape(CHANNELS, CELLS).T[:, :, None, None]
    lapped.analysis_x.div_(cells)
    lapped.analysis_y.div_(cells)
    lapped.mix.copy_(mixed * products[None, :])


def _fit_directions(directions: Directions, code: Tensor, records: Records, poses: npt.NDArray[np.int64]) -> None:
    """Least squares of the change of code on the change of expression and age, over pairs of a person."""
    place = np.full(len(records), -1, np.int64)
    place[poses] = np.arange(len(poses))
    pairs = records.same_person_pairs()
    # A face with a line erased does not look as its expression and age would have it.
    pairs = place[pairs[(records.twin[pairs] < 0).all(1)]]
    pairs = pairs[(pairs >= 0).all(1)]
    if not len(pairs):
        return
    numbers = poses[pairs]
    change = torch.from_numpy(records.expression[numbers[:, 1]] - records.expression[numbers[:, 0]])
    decades = torch.from_numpy(skin_decades(records.age[numbers[:, 1]]) - skin_decades(records.age[numbers[:, 0]]))
    fit = _ridge(torch.cat([change, decades[:, None]], 1), code[pairs[:, 1]] - code[pairs[:, 0]])
    directions.expression.copy_(fit[:-1].reshape(-1, CODE))
    directions.age.copy_(fit[-1])
